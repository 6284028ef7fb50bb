"""Make a run folder of every kind of value that the present version knows, once for each of the schema.

``python tests/frozen_runs/make_frozen_run.py FOLDER``. A folder that is committed here is never made again.
"""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import numpy as np

import runlog

HOST = '{"host": "a-host", "process": 1}'


def main(folder: Path) -> None:
    """Make the run, called by the name of its folder."""
    options = {"id": folder.name, "dir": folder.parent, "record_environment": False, "quiet": True}
    with runlog.init(**options) as run:
        run.log({"loss": 9.0}, step=7)
    with runlog.init(
        "frozen", name="of its time", tags=["kept"], notes="opens forever", config={"rate": 0.1},
        group="versions", resume="must", resume_step=0, **options,
    ) as run:  # fmt: skip
        run.define_metric("loss", summary="min")
        run.define_evaluation("val/*", ignore_ids=[2])
        run.define_classes({1: {"name": "coin", "color": "#1b9e77"}})
        for step in range(3):
            run.log(values(step), step=step)
        run.summary["note"] = "set by the script"
        run._store.add_system_numbers({"process.memory_gb": 0.5, "gpu.0.power_watts": float("nan")})
    with closing(sqlite3.connect(folder / "run.db", isolation_level=None)) as db:
        db.execute("UPDATE run SET environment = ?", [HOST])
        db.execute("VACUUM")


def values(step: int) -> dict[str, object]:
    """Return what is logged at a step."""
    grey = np.arange(96, dtype=np.uint8).reshape(8, 12) + step
    box = {"position": {"minX": 0.1, "maxX": 0.6, "minY": 0.2, "maxY": 0.7}, "class_id": 1}
    image = runlog.Image(
        grey,
        caption=f"picture {step}",
        grouping=step,
        boxes={
            "predictions": {"box_data": [{**box, "scores": {"confidence": 0.5}}]},
            "truth": {"box_data": [box, {**box, "iscrowd": 1}, {**box, "ignore": 1}]},
        },
        masks={
            "truth": {"mask_data": (grey % 3).astype(np.uint8)},
            "predictions": {"mask_data": (grey % 2).astype(np.uint8)},
        },
        id="val/0123",
        fields={"truth": 8, "p": step / 3, "nan": float("nan"), "right": step > 0, "word": "eight"},
    )
    return {
        "loss": 1 / (step + 1),
        "nan": float("nan"),
        "note": f"step {step}",
        "numbers": [step, 2.5, float("nan")],
        "answers": ["yes", f"no, {step}"],
        "weights": runlog.Histogram(np.linspace(-1, 1, 40) * step, num_bins=8),
        "rows": runlog.Table(["picture", "word", "number"], [[image, "a word", step / 3]]),
        "clip": runlog.File(b"moving", name="clip.mp4"),
        "val/pictures": [image],
        "val/none": [],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
