"""Average precision and recall as COCO counts them: at 101 recalls, of 100 predictions an image and class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runlog.evaluation.matching import BoxArrays, Flags, Floats, Integers, Matches

COCO_IOUS: Floats = np.linspace(0.5, 0.95, 10)
"""The least overlaps over which COCO's average precision is a mean."""
_RECALLS: Floats = np.linspace(0.0, 1.0, 101)
_MOST_PREDICTIONS = 100


@dataclass(frozen=True, slots=True, eq=False)
class AveragePrecision:
    """Average precision and recall of each class at each least overlap.

    Attributes
    ----------
    class_ids
        Shape (classes,): ascending, those of which there is a truth that counts.
    precision, recall
        Shape (thresholds, classes): average precision, and the greatest recall; 0 to 1.
    """

    class_ids: Integers
    precision: Floats
    recall: Floats


def average_precision(
    truth: BoxArrays, predictions: BoxArrays, matches: Matches, *, use_classes: bool
) -> AveragePrecision:
    """Return average precision and recall of what `match` found, with the same `use_classes`.

    A prediction whose score is NaN passes no least score, and does not count.
    """
    true_ids, ids = truth.class_id, predictions.class_id
    if not use_classes:
        true_ids, ids = np.zeros_like(true_ids), np.zeros_like(ids)
    class_ids, positives = np.unique(true_ids[~truth.ignored], return_counts=True)
    counted = _first_of_each(predictions, ids)
    found, on_ignored = matches.found(truth), matches.on_ignored(truth)
    ranked = counted[np.argsort(-predictions.scores[counted], kind="stable")]
    shape = (len(matches.partner), len(class_ids))
    precision, recall = np.zeros(shape), np.zeros(shape)
    for column, (class_id, count) in enumerate(zip(class_ids, positives, strict=True)):
        own = ranked[ids[ranked] == class_id]
        right = found[:, own]
        wrong = ~right & ~on_ignored[:, own]
        precision[:, column], recall[:, column] = _of_class(right, wrong, int(count))
    return AveragePrecision(class_ids, precision, recall)


def _first_of_each(predictions: BoxArrays, class_ids: Integers) -> Integers:
    """Return the places of the predictions that count: of each image and class those that score most.

    COCO ranks NaN below all, where it can still be right: an AP of 1 without one usable score.
    """
    ranked = np.lexsort((-predictions.scores, class_ids, predictions.image))
    images, classes = predictions.image[ranked], class_ids[ranked]
    begins = np.ones(len(ranked), np.bool_)
    begins[1:] = (images[1:] != images[:-1]) | (classes[1:] != classes[:-1])
    first = np.maximum.accumulate(np.where(begins, np.arange(len(ranked)), 0))
    counted = ranked[np.arange(len(ranked)) - first < _MOST_PREDICTIONS]
    return np.sort(counted[~np.isnan(predictions.scores[counted])])


def _of_class(right: Flags, wrong: Flags, positives: int) -> tuple[Floats, Floats]:
    """Return average precision and recall at each least overlap.

    Parameters
    ----------
    right, wrong
        Shape (thresholds, predictions), by falling score.
    positives
        How many truths count.
    """
    if not right.shape[1]:
        return np.zeros(len(right)), np.zeros(len(right))
    tp = np.cumsum(right, axis=1, dtype=np.float64)
    fp = np.cumsum(wrong, axis=1, dtype=np.float64)
    # Of what is ignored alone there is none right.
    recall, precision = tp / positives, tp / np.maximum(tp + fp, 1)
    # The greatest precision at this recall or any greater one.
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    sampled = [
        np.append(one, 0.0)[np.searchsorted(of_level, _RECALLS, side="left")].mean()
        for one, of_level in zip(envelope, recall, strict=True)
    ]
    return np.array(sampled), recall[:, -1]
