"""A runs folder of many runs, made fast: real run folders, copied from one that was logged.

``python tests/bench/many_runs.py FOLDER COUNT``. Each run has 200 steps of three numbers, four galleries of
four pictures with true and predicted boxes, a configuration and a summary of its own.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import numpy as np

import runlog

STEPS, GALLERIES, PICTURES, BOXES = 200, 4, 4, 6
CLASSES = {0: "car", 1: "person", 2: "bicycle"}


def main(folder: Path, count: int) -> None:
    """Make the runs."""
    model = _model(folder.parent / f"{folder.name}-model")
    folder.mkdir(parents=True)
    for number in range(count):
        _copy(model, folder / f"run-{number:05d}", random.Random(number))
    shutil.rmtree(model.parent)


def _model(folder: Path) -> Path:
    chance = random.Random(0)
    picture = np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8)
    with runlog.init(id="model", dir=folder, quiet=True, config={"model": {"depth": 18}}) as run:
        for step in range(STEPS):
            run.log({"loss": 1 / (step + 1), "val/iou": step / STEPS, "lr": 0.1}, step=step)
        for step in range(0, STEPS, STEPS // GALLERIES):
            images = [
                runlog.Image(picture, caption=f"picture {n}", boxes=_layers(chance)) for n in range(PICTURES)
            ]
            run.log({"val/pictures": images}, step=step)
    return run.folder


def _layers(chance: random.Random) -> dict[str, object]:
    truth, found = [], []
    for _ in range(BOXES):
        left, top = chance.random() * 0.5, chance.random() * 0.5
        place = {"minX": left, "maxX": left + 0.3, "minY": top, "maxY": top + 0.3}
        class_id = chance.randrange(len(CLASSES))
        truth.append({"position": place, "class_id": class_id})
        iou = chance.random()
        scores = {"confidence": chance.random(), "iou": iou}
        found.append({"position": place, "class_id": class_id, "scores": scores})
    return {
        "truth": {"box_data": truth, "class_labels": CLASSES},
        "predictions": {"box_data": found, "class_labels": CLASSES},
    }


def _copy(model: Path, folder: Path, chance: random.Random) -> None:
    """Copy a run under another id, with other numbers; its pictures are hard links."""
    folder.mkdir()
    shutil.copytree(model / "media", folder / "media", copy_function=os.link)
    shutil.copyfile(model / "run.db", folder / "run.db")
    factor, lr = chance.random(), 10 ** chance.uniform(-5, -1)
    config = {"lr": lr, "batch": chance.choice([16, 32, 64]), "model": {"depth": chance.choice([18, 50])}}
    with closing(sqlite3.connect(folder / "run.db", isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        details = [folder.name, f"name of {folder.name}", json.dumps(config), json.dumps(["synthetic"])]
        db.execute("UPDATE run SET id = ?, name = ?, config = ?, tags = ?", details)
        db.execute("UPDATE scalars SET value = value * ? WHERE key = 'loss'", [factor])
        db.execute("UPDATE summary SET value = ? WHERE key = 'loss'", [json.dumps(factor / STEPS)])
        db.execute("COMMIT")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), int(sys.argv[2]))
