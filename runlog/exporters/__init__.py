"""Run folders → the formats of other tools; `formats` has the table of them.

>>> from runlog.exporters import coco
>>> coco.export("runs/20261122-101502-3f9c17ab", "dataset", keys="val/*", steps="last", min_score=0.5)
"""
