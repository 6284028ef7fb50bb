"""The logs of other tools → run folders: TensorBoard's event files, offline folders of W&B, trackio.

>>> from runlog.importers import tensorboard
>>> for imported in tensorboard.import_logdir("lightning_logs", dir="runs"):
...     print(imported.folder, dict(imported.taken), dict(imported.not_taken))
"""
