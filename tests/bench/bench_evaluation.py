"""How long 500 images of 30 true and 30 predicted boxes take to be judged, beside pycocotools.

In each round every way works once, in turns, in processor time of this process; what counts is the ratios of
the medians.

pycocotools  COCOeval evaluates and accumulates, its areas and numbers of predictions left as they are but for
             "all" and 100; the index is made before
evaluate     runlog: boxes to arrays, matching, a verdict for each box, all numbers
log()        what it adds to the call that logs the images: with an evaluation, less without
command      `runlog evaluate`: reading the rows, evaluating, writing verdicts and numbers

Target: log() and command within the time of pycocotools.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

import runlog
from runlog.evaluation.definition import Evaluation
from runlog.evaluation.gallery import ImageLayers, evaluate_gallery
from runlog.upkeep.evaluating import evaluate

_IMAGES, _BOXES, _SIDE = 500, 30, 640


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each way works (default: 3)")
    parser.add_argument("--classes", type=int, default=10, help="how many classes there are (default: 10)")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    images = _images(options.classes)
    seconds: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        for name, took in _round(images).items():
            seconds.setdefault(name, []).append(took)
    theirs = statistics.median(seconds["pycocotools"])
    for name, took in seconds.items():
        median = statistics.median(took)
        sys.stdout.write(f"{name:12}{median:8.2f} s  {median / theirs:6.3f} of pycocotools\n")


def _images(classes: int) -> list[runlog.Image]:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (8, 8), np.uint8)
    images = []
    for _ in range(_IMAGES):
        corners = rng.random((_BOXES, 2)) * 0.7
        truth = np.concatenate([corners, corners + 0.05 + rng.random((_BOXES, 2)) * 0.25], axis=1)
        class_ids = rng.integers(0, classes, _BOXES)
        moved = truth + rng.normal(0, 0.01, truth.shape)
        layers = {
            "truth": _layer(truth, class_ids, None),
            "predictions": _layer(moved, class_ids, rng.random(_BOXES)),
        }
        images.append(runlog.Image(picture, boxes=layers))
    return images


def _layer(corners: Any, class_ids: Any, scores: Any) -> dict[str, Any]:
    data = []
    for place, (left, top, right, bottom) in enumerate(corners.tolist()):
        box = {
            "position": {"minX": left, "maxX": right, "minY": top, "maxY": bottom},
            "class_id": int(class_ids[place]),
        }
        data.append(box if scores is None else {**box, "scores": {"confidence": float(scores[place])}})
    return {"box_data": data}


def _round(images: list[runlog.Image]) -> dict[str, float]:
    layers = [
        ImageLayers(_SIDE, _SIDE, one.boxes["truth"].boxes, one.boxes["predictions"].boxes, None)
        for one in images
    ]
    truth, found = _as_coco(layers)
    with tempfile.TemporaryDirectory() as place:
        plain, _ = _logged(images, Path(place) / "plain", judged=False)
        told, _ = _logged(images, Path(place) / "told", judged=True)
        _, folder = _logged(images, Path(place) / "after", judged=False)
        return {
            "pycocotools": _timed(lambda: _coco(truth, found)),
            "evaluate": _timed(lambda: evaluate_gallery("val", 0, layers, Evaluation("val"))),
            "log()": told - plain,
            "command": _timed(lambda: evaluate(folder, [Evaluation("val")])),
        }


def _timed(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def _logged(images: list[runlog.Image], runs: Path, *, judged: bool) -> tuple[float, Path]:
    with runlog.init(dir=runs, quiet=True, record_environment=False) as run:
        if judged:
            run.define_evaluation("val")
            # The first call imports what judges.
            run.log({"val": images[:1]}, step=0)
        took = _timed(lambda: run.log({"val": images}, step=1))
    return took, run.folder


def _as_coco(layers: list[ImageLayers]) -> tuple[COCO, COCO]:
    made = []
    for name in ("truth", "predictions"):
        annotations = []
        for image, one in enumerate(layers):
            for box in getattr(one, name):
                left, top, right, bottom = box.pixel_corners(_SIDE, _SIDE)
                width, height = right - left, bottom - top
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": image,
                        "category_id": box.class_id,
                        "bbox": [left, top, width, height],
                        "area": width * height,
                        "iscrowd": 0,
                        "score": box.scores.get("confidence", 1.0),
                    }
                )
        class_ids = sorted({one["category_id"] for one in annotations})
        with contextlib.redirect_stdout(io.StringIO()):
            coco = COCO()
            coco.dataset = {
                "images": [{"id": image} for image in range(len(layers))],
                "categories": [{"id": one, "name": str(one)} for one in class_ids],
                "annotations": annotations,
            }
            coco.createIndex()
        made.append(coco)
    return made[0], made[1]


def _coco(truth: COCO, found: COCO) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(truth, found, "bbox")
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.params.maxDets = [100]
        evaluation.evaluate()
        evaluation.accumulate()


if __name__ == "__main__":
    main()
