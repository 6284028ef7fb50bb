"""Verdicts at a threshold that the page counts itself: those of an evaluation there."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from playwright._impl._driver import compute_driver_executable

import runlog
from runlog_viewer.html.scripts import STATIC
from runlog_viewer.pages import judged

LEAST = (0.25, 0.5, 0.625, 0.9)


def box(chosen: random.Random, *, is_truth: bool) -> dict[str, Any]:
    """Return a box on a coarse grid: scores and overlaps are often equal; some boxes cannot be drawn."""
    left, top = chosen.randrange(12), chosen.randrange(12)
    right, bottom = left + chosen.randint(2, 8), top + chosen.randint(2, 8)
    right = float("nan") if chosen.random() < 0.05 else right
    made: dict[str, Any] = {
        "position": {"minX": left, "maxX": right, "minY": top, "maxY": bottom},
        "domain": "pixel",
    }
    if chosen.random() < 0.9:
        made["class_id"] = chosen.randrange(3)
    if is_truth:
        kind = chosen.choice(["iscrowd", "ignore", *[""] * 8])
        return {**made, kind: True} if kind else made
    score = float("nan") if chosen.random() < 0.05 else chosen.randrange(9) / 8
    return {**made, "scores": {"p": score}}


def images(seed: int, count: int) -> list[runlog.Image]:
    chosen = random.Random(seed)
    pixels = np.zeros((20, 20), np.uint8)
    return [
        runlog.Image(
            pixels,
            boxes={
                name: {
                    "box_data": [box(chosen, is_truth=name == "truth") for _ in range(chosen.randrange(9))]
                }
                for name in ("truth", "predictions")
            },
        )
        for _ in range(count)
    ]


def judged_in_the_page(given: Sequence[Mapping[str, object]], least: Sequence[float]) -> Any:
    script = f"""import {{judge}} from '{(STATIC / "judging/judging_model.js").as_uri()}';
        const [images, least] = {json.dumps([given, least])};
        console.log(JSON.stringify(least.map((one) => images.map((image) => judge(image, one)))));"""
    command = [compute_driver_executable()[0], "--input-type=module"]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def judged_anew(record: runlog.ImageRecord, said: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """Return what a fresh evaluation says, as the page has it: boxes that are not drawn come last."""
    boxes = {layer.name: layer.boxes for layer in record.boxes}
    found: dict[str, list[Any]] = {}
    for name, other in (("truth", "predictions"), ("predictions", "truth")):
        drawn, lost = [], []
        for one, about in zip(boxes.get(name, ()), said.get(name, ()), strict=True):
            partner = about.partner if about.verdict == "true_positive" else about.confused_with
            class_ids = [
                -1 if of.class_id is None else of.class_id
                for of in (one, *(() if partner is None else (boxes[other][partner],)))
            ]
            pair = [*class_ids, None][:2]
            is_counted = about.verdict in ("true_positive", "false_positive", "missed")
            cell = (pair if name == "truth" else pair[::-1]) if is_counted else None
            where = lost if one.pixel_corners(20, 20) is None else drawn
            where.append({"verdict": about.verdict, "cell": cell})
        found[name] = drawn + lost
    return found


@pytest.mark.filterwarnings("ignore:.*(cannot be drawn|ranks is NaN):runlog.RunlogWarning")
@pytest.mark.parametrize("use_classes", [True, False])
def test_a_moved_threshold_says_of_each_box_what_a_fresh_evaluation_says(
    start: Callable[..., runlog.LocalRun], use_classes: bool
) -> None:
    with start() as run:
        run.define_evaluation("val", iou=0.4, use_classes=use_classes)
        run.log({"val": images(7, 300)}, step=0)
    with runlog.open(run.folder) as reader:
        records = reader.images()
        found = judged_in_the_page([judged.judged_boxes(record) for record in records], LEAST)
        verdicts = set()
        for least, at_least in zip(LEAST, found, strict=True):
            (fresh,) = reader.evaluate("val", iou=0.4, use_classes=use_classes, min_score=least)
            for record, here, anew in zip(records, at_least, fresh.images, strict=True):
                assert here == judged_anew(record, {} if anew is None else anew.verdicts), (
                    record.index,
                    least,
                )
                verdicts |= {one["verdict"] for one in here["predictions"]}
    assert verdicts == {"true_positive", "false_positive", "ignored", "below"}
    confused = [one for of in found[0] for one in of["predictions"] if one["verdict"] == "false_positive"]
    assert any(one["cell"][0] is not None for one in confused) == use_classes
