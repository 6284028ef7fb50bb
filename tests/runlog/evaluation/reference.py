"""Matching as COCO's own loops have it, one box after the other: slow, and easy to follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runlog.evaluation.matching import BoxArrays


def overlap(prediction: NDArray[np.float64], truth: NDArray[np.float64], *, crowd: bool) -> float:
    """Return the intersection over union of two boxes; of a crowd, over the prediction alone."""
    width = min(prediction[2], truth[2]) - max(prediction[0], truth[0])
    height = min(prediction[3], truth[3]) - max(prediction[1], truth[1])
    if width <= 0 or height <= 0:
        return 0.0
    area, other = ((box[2] - box[0]) * (box[3] - box[1]) for box in (prediction, truth))
    return float(width * height / (area if crowd else area + other - width * height))


def partners(truth: BoxArrays, predictions: BoxArrays, threshold: float, *, use_classes: bool) -> list[int]:
    """Return the place of the truth that each prediction takes, -1 for none."""
    found = [-1] * len(predictions)
    taken: set[int] = set()
    scores = [-np.inf if np.isnan(score) else score for score in predictions.scores]
    for place in sorted(range(len(predictions)), key=lambda one: -scores[one]):
        best, best_overlap = -1, min(threshold, 1 - 1e-10)
        candidates = [
            one
            for one in range(len(truth))
            if truth.image[one] == predictions.image[place]
            and (not use_classes or truth.class_id[one] == predictions.class_id[place])
        ]
        for one in sorted(candidates, key=lambda one: truth.ignored[one]):
            if one in taken and not truth.iscrowd[one]:
                continue
            if best >= 0 and not truth.ignored[best] and truth.ignored[one]:
                break
            iou = overlap(predictions.corners[place], truth.corners[one], crowd=bool(truth.iscrowd[one]))
            if iou >= best_overlap:
                best, best_overlap = one, iou
        found[place] = best
        taken.add(best)
    return found


def average_precision(right: list[bool], wrong: list[bool], positives: int) -> float:
    """Return the mean of the greatest precisions at 101 recalls, of predictions by falling score."""
    points, tp, fp = [], 0, 0
    for is_right, is_wrong in zip(right, wrong, strict=True):
        tp, fp = tp + is_right, fp + is_wrong
        points.append((tp / positives, tp / (tp + fp) if tp + fp else 0.0))
    at = [
        max((p for recall, p in points if recall >= level), default=0.0) for level in np.linspace(0, 1, 101)
    ]
    return float(np.mean(at))
