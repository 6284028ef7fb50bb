"""Random data sets of boxes, and what pycocotools says of them."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from runlog.evaluation.matching import BoxArrays

_SIDE = 64
# Past the greatest area that COCO counts: so it ignores a true box that is no crowd.
_IGNORED_AREA = 1e11


@dataclass(frozen=True, slots=True)
class DataSet:
    """Boxes of some images."""

    images: int
    truth: BoxArrays
    predictions: BoxArrays


def random_data_set(seed: int) -> DataSet:
    """Return a data set of a kind of its own: with ties, equal scores, crowds, or nothing to find.

    Corners are integers, and scores eighths, so that overlaps and ranks tie, and are exact in any arithmetic.
    """
    rng = np.random.default_rng(seed)
    images, classes = int(rng.integers(1, 7)), int(rng.choice([1, 2, 3, 40]))
    most_truths = int(rng.choice([0, 1, 4, 12, 30]))
    most_predictions = int(rng.choice([0, 1, 5, 20, 150]))
    crowds, ignored = float(rng.choice([0, 0.3])), float(rng.choice([0, 0.3]))
    truth = _boxes(rng, images, classes, most_truths)
    predictions = _boxes(rng, images, classes, most_predictions)
    count = len(truth)
    iscrowd = rng.random(count) < crowds
    truth = BoxArrays(
        truth.image,
        truth.class_id,
        truth.corners,
        truth.scores,
        iscrowd,
        iscrowd | (rng.random(count) < ignored),
    )
    # Most predictions lie near a truth, if there is one in their image.
    corners, class_id = predictions.corners.copy(), predictions.class_id.copy()
    for place in range(len(predictions)):
        near = np.flatnonzero(truth.image == predictions.image[place])
        if len(near) and rng.random() < 0.8:
            one = rng.choice(near)
            moved = truth.corners[one] + rng.integers(-3, 4, 4)
            if moved[2] > moved[0] and moved[3] > moved[1]:
                corners[place] = moved
            if rng.random() < 0.8:
                class_id[place] = truth.class_id[one]
    levels = int(rng.choice([2, 8, 1 << 20]))
    scores = rng.integers(0, levels + 1, len(predictions)) / levels
    none = np.zeros(len(predictions), np.bool_)
    return DataSet(images, truth, BoxArrays(predictions.image, class_id, corners, scores, none, none))


def _boxes(rng: np.random.Generator, images: int, classes: int, most: int) -> BoxArrays:
    counts = rng.integers(0, most + 1, images)
    total = int(counts.sum())
    left, top = rng.integers(0, _SIDE - 8, (2, total))
    width, height = rng.integers(1, 9, (2, total)) * rng.integers(1, 4)
    corners = np.stack([left, top, left + width, top + height], axis=1).astype(np.float64).reshape(-1, 4)
    none = np.zeros(total, np.bool_)
    return BoxArrays(
        np.repeat(np.arange(images), counts),
        rng.integers(0, classes, total),
        corners,
        np.ones(total),
        none,
        none,
    )


def coco_evaluation(data: DataSet, *, use_classes: bool) -> COCOeval:
    """Let pycocotools evaluate a data set; ids are places from 1 on, since it takes 0 for no partner."""
    truth, predictions = data.truth, data.predictions
    class_ids = np.unique(np.concatenate([truth.class_id, predictions.class_id])).tolist()
    dataset: dict[str, Any] = {
        "info": {},
        "images": [{"id": image, "width": _SIDE, "height": _SIDE} for image in range(data.images)],
        "categories": [{"id": one, "name": str(one)} for one in class_ids or [0]],
        "annotations": [
            {
                **_annotation(truth, place),
                "iscrowd": int(truth.iscrowd[place]),
                "area": _IGNORED_AREA if truth.ignored[place] else 1.0,
            }
            for place in range(len(truth))
        ],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = dataset
        coco.createIndex()
        found = COCO()
        found.dataset = {
            **dataset,
            "annotations": [
                {
                    **_annotation(predictions, p),
                    "area": 1.0,
                    "iscrowd": 0,
                    "score": float(predictions.scores[p]),
                }
                for p in range(len(predictions))
            ],
        }
        found.createIndex()
        evaluation = COCOeval(coco, found, "bbox")
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.params.maxDets = [100]
        evaluation.params.useCats = int(use_classes)
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation


def _annotation(boxes: BoxArrays, place: int) -> dict[str, Any]:
    left, top, right, bottom = boxes.corners[place].tolist()
    return {
        "id": place + 1,
        "image_id": int(boxes.image[place]),
        "category_id": int(boxes.class_id[place]),
        "bbox": [left, top, right - left, bottom - top],
    }


def coco_matches(evaluation: COCOeval, data: DataSet) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the partner of each prediction by threshold, -2 where it is not counted, and what is ignored."""
    shape = (len(evaluation.params.iouThrs), len(data.predictions))
    partner, ignored = np.full(shape, -2, np.int64), np.zeros(shape, np.bool_)
    for image in evaluation.evalImgs:
        if image is not None and len(image["dtIds"]):
            places = np.array(image["dtIds"]) - 1
            partner[:, places] = image["dtMatches"].astype(np.int64) - 1
            ignored[:, places] = image["dtIgnore"].astype(np.bool_)
    return partner, ignored


def in_order_of_classes(data: DataSet) -> DataSet:
    """Return the same boxes, by class within an image: as pycocotools lists them if classes do not count."""
    return DataSet(data.images, *(_sorted(boxes) for boxes in (data.truth, data.predictions)))


def _sorted(boxes: BoxArrays) -> BoxArrays:
    order = np.lexsort((boxes.class_id, boxes.image))
    return BoxArrays(*(getattr(boxes, name)[order] for name in BoxArrays.__dataclass_fields__))
