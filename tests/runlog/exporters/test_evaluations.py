"""What is said of images and boxes that were judged goes along with them, into every format."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runlog
from runlog.exporters import coco, imagefolder, tables

Start = Callable[..., runlog.LocalRun]


def box(left: float, right: float, *score: float) -> dict[str, Any]:
    position = {"minX": left, "maxX": right, "minY": 0, "maxY": 10}
    return {"position": position, "domain": "pixel", "class_id": 1, "scores": dict(zip("p", score))}  # noqa: B905


@pytest.fixture
def folder(start: Start) -> Path:
    """Return a run with one image that was judged, and one that was not."""
    grey = np.full((20, 40), 99, np.uint8)
    boxes = {
        "truth": {"box_data": [box(0, 10), box(30, 40)]},
        "predictions": {"box_data": [box(20, 25, 0.9), box(0, 8, 0.6)]},
    }
    with start() as run:
        run.define_evaluation("val")
        run.log({"val": runlog.Image(grey, boxes=boxes), "other": runlog.Image(grey, boxes=boxes)}, step=0)
    return run.folder


def test_csv_has_verdicts_beside_boxes_and_counts_among_fields(folder: Path, tmp_path: Path) -> None:
    tables.export(folder, tmp_path / "out")
    found = {}
    for name in ("boxes", "fields"):
        with (tmp_path / "out" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            found[name] = list(csv.DictReader(file))
    said = [
        tuple(row[f"evaluation.{name}"] for name in ("verdict", "partner", "iou", "score"))
        for row in found["boxes"]
    ]
    assert said == [("",) * 4] * 4 + [
        ("false_positive", "", "", "0.9"),
        ("true_positive", "0", "0.8", "0.6"),
        ("true_positive", "1", "0.8", "0.6"),
        ("missed", "", "", ""),
    ]
    assert {row["name"]: row["value"] for row in found["fields"]} == {
        **{"tp": "1", "fp": "1", "fn": "1"},
        **{"precision": "0.5", "recall": "0.5"},
    }
    assert {row["key"] for row in found["fields"]} == {"val"}


def test_coco_has_verdicts_and_counts(folder: Path, tmp_path: Path) -> None:
    coco.export(folder, tmp_path / "out", keys="val")
    found = json.loads((tmp_path / "out" / "annotations.json").read_text())
    names = ("layer", "index", "verdict", "partner", "iou")
    assert [tuple(one.get(name) for name in names) for one in found["annotations"]] == [
        ("predictions", 0, "false_positive", None, None),
        ("predictions", 1, "true_positive", 0, 0.8),
        ("truth", 0, "true_positive", 1, 0.8),
        ("truth", 1, "missed", None, None),
    ]
    (image,) = found["images"]
    assert image["fields"] == {"tp": 1, "fp": 1, "fn": 1, "precision": 0.5, "recall": 0.5}


def test_imagefolder_has_verdicts_and_counts(folder: Path, tmp_path: Path) -> None:
    imagefolder.export(folder, tmp_path / "out")
    lines = (tmp_path / "out" / "metadata.jsonl").read_text().splitlines()
    other, judged = (json.loads(line) for line in lines)
    assert judged["objects"]["verdict"] == ["false_positive", "true_positive", "true_positive", "missed"]
    assert judged["objects"]["partner"] == [None, 0, 1, None]
    assert judged["objects"]["iou"] == [None, 0.8, 0.8, None]
    assert {"name": "fp", "number": 1.0} in judged["fields"]
    assert "verdict" not in other["objects"]
    assert other["fields"] == []
