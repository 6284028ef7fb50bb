"""Judged images as pages show them: the confusion of boxes and masks, and what scripts judge by."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import runlog
from runlog_viewer.html import render
from runlog_viewer.pages import judged
from runlog_viewer.pages.gallery import gallery

Start = Callable[..., runlog.LocalRun]


def layer(*boxes: tuple[float, int], labels: dict[int, str] | None = None, **scores: float) -> dict[str, Any]:
    """Return boxes of 4×4 px, each given by its left edge and class."""
    data = [
        {
            "position": {"minX": left, "maxX": left + 4, "minY": 0, "maxY": 4},
            "domain": "pixel",
            "class_id": class_id,
            **({"scores": scores} if scores else {}),
        }
        for left, class_id in boxes
    ]
    return {"box_data": data, "class_labels": labels or {}}


def logged(start: Start, *images: runlog.Image, **evaluation: Any) -> list[runlog.ImageRecord]:
    with start() as run:
        run.define_evaluation("val", **evaluation)
        run.log({"val": list(images)}, step=0)
    with runlog.open(run.folder) as reader:
        return reader.images()


def image(**layers: Any) -> runlog.Image:
    return runlog.Image(np.zeros((8, 200), np.uint8), **layers)


@pytest.mark.filterwarnings("ignore:.*is not evaluated:runlog.RunlogWarning")
def test_images_that_were_not_judged_have_nothing_said_of_them(start: Start) -> None:
    records = logged(start, image(boxes={"other": layer((0, 1))}))
    assert judged.judgement(records) is None
    assert "judged" not in render.gallery(gallery(0, records, "../../"))


def test_a_confusion_has_the_classes_that_are_most_and_the_others_as_one(start: Start) -> None:
    boxes = [(10 * n, n) for n in range(18)]
    truth = layer(*boxes, *((10 * n, n) for n in range(2, 18)))
    found = judged.judgement(
        logged(start, image(boxes={"truth": truth, "predictions": layer(*boxes, p=0.9)}))
    )
    assert found is not None
    (confusion,) = found.confusions
    assert [one.id for one in confusion.classes] == [*map(str, range(2, 18)), "other", "none"]
    assert confusion.classes[-2].label == "2 other classes"
    assert [row[n] for n, row in enumerate(confusion.rows)] == [1] * 16 + [2, 0]
    assert sum(map(sum, confusion.rows)) == 18 + 16
    assert [one.count for one in found.counts] == [18, 0, 16]
    assert (found.precision, found.recall, found.threshold) == ("1", "0.5294", "p ≥ 0.5")


def test_the_confusion_of_masks_is_that_of_their_pixels(start: Start) -> None:
    truth, predictions = np.zeros((2, 8, 200), np.uint8)
    truth[:, :100], predictions[:, :60], truth[0] = 1, 1, 9
    masks = {
        "truth": {"mask_data": truth, "class_labels": {1: "road"}},
        "predictions": {"mask_data": predictions},
    }
    found = judged.judgement(logged(start, image(masks=masks), image(masks=masks), ignore_ids=[9]))
    assert found is not None
    (confusion,) = found.confusions
    assert (confusion.unit, [one.label for one in confusion.classes]) == ("pixels", ["class_0", "road"])
    assert confusion.rows == ((2 * 7 * 100, 0), (2 * 7 * 40, 2 * 7 * 60))
    assert (found.counts, found.threshold, found.precision) == ((), "", "")
    assert json.loads(found.data)["images"]["1"] == {"pixels": [[0, 0, 700], [1, 0, 280], [1, 1, 420]]}


@pytest.mark.filterwarnings("ignore:.*cannot be drawn:runlog.RunlogWarning")
def test_boxes_are_listed_as_the_page_has_them_those_that_are_not_drawn_last(start: Start) -> None:
    boxes = {
        "truth": layer((float("nan"), 1), (20, 2), (40, 3)),
        "predictions": layer((float("nan"), 1), (41, 4), (20, 2), s=0.75),
    }
    (record,) = logged(start, image(boxes=boxes))
    assert judged.judged_boxes(record) == {
        "truth": [[2, 0], [3, 0], [1, 0]],
        "predictions": [[4, 0.75, None], [2, 0.75, 0], [1, 0.75, None]],
        "overlaps": [[0, 1, 0.6]],
    }


def test_names_of_classes_stay_texts(start: Start) -> None:
    hostile = "<script>alert(1)</script>\\'"
    boxes = {"truth": layer((0, 1), labels={1: hostile}), "predictions": layer((0, 1), **{hostile: 0.9})}
    html = render.gallery(gallery(0, logged(start, image(id=hostile, boxes=boxes)), "../../"))
    assert html.count('data-cell="1 1"') == 1
    assert "<script" not in html
    assert hostile not in html
