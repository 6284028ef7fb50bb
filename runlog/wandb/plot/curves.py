"""The numbers of ROC curves, precision-recall curves and confusion matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runlog.errors import InvalidValueError, shown
from runlog.images.pixels import to_numpy

_MOST_POINTS = 1000

Curve = tuple[str, NDArray[np.float64], NDArray[np.float64]]


def roc_curves(y_true: Any, y_probas: Any, labels: Any, classes: Any) -> list[Curve]:
    """Return of each class its name, false positive rates and true positive rates, from (0, 0) to (1, 1)."""
    curves = []
    for name, truths, scores in _classes(y_true, y_probas, labels, classes):
        hits, misses = _ranked(truths, scores)
        positives, negatives = max(int(truths.sum()), 1), max(int((~truths).sum()), 1)
        rates = np.append(0, misses) / negatives, np.append(0, hits) / positives
        curves.append((name, *_thinned(*rates)))
    return curves


def pr_curves(y_true: Any, y_probas: Any, labels: Any, classes: Any, points: int) -> list[Curve]:
    """Return of each class its name, recalls from 0 to 1 and the greatest precision at each or past it."""
    curves = []
    recalls = np.linspace(0, 1, points)
    for name, truths, scores in _classes(y_true, y_probas, labels, classes):
        hits, misses = _ranked(truths, scores)
        precision = hits / np.maximum(hits + misses, 1)
        recall = hits / max(int(truths.sum()), 1)
        best = np.maximum.accumulate(precision[::-1])[::-1]
        places = np.searchsorted(recall, recalls, side="left").clip(max=len(recall) - 1)
        curves.append((name, recalls, np.where(recalls <= recall[-1], best[places], 0.0)))
    return curves


def confusion(
    y_true: Any, preds: Any, probs: Any, class_names: Sequence[str] | None
) -> tuple[list[str], NDArray[np.int64]]:
    """Return the names of the classes, and how often each (row) was taken for each (column)."""
    truths = _listed(y_true, "y_true")
    guesses = (
        np.argmax(to_numpy(probs, "probs"), axis=1).tolist() if preds is None else _listed(preds, "preds")
    )
    if len(truths) != len(guesses):
        raise InvalidValueError(
            f"y_true and the predictions must be equally many, but are {len(truths)} and {len(guesses)}"
        )
    if all(type(value) is int for value in (*truths, *guesses)):
        least = 0 if class_names is not None else min((*truths, *guesses), default=0)
        count = max((*truths, *guesses), default=-1) + 1
        values: list[Any] = list(range(least, max(count, len(class_names or ()))))
        names = [
            str(class_names[value]) if class_names and value < len(class_names) else f"Class_{value}"
            for value in values
        ]
    else:
        values = sorted({*truths, *guesses}, key=str)
        names = list(map(str, class_names or values))
        values = list(class_names) if class_names and set(values) <= set(class_names) else values
    places = {value: place for place, value in enumerate(values)}
    if unknown := [value for value in (*truths, *guesses) if value not in places]:
        raise InvalidValueError(f"a class must be one of {names}, but got {shown(unknown[0])}")
    counts = np.zeros((len(values), len(values)), np.int64)
    np.add.at(counts, ([places[one] for one in truths], [places[one] for one in guesses]), 1)
    return names, counts


def _classes(
    y_true: Any, y_probas: Any, labels: Any, classes: Any
) -> Iterator[tuple[str, NDArray[np.bool_], NDArray[np.float64]]]:
    """Yield of each class its name, which samples are of it, and how probable each is."""
    if y_true is None or y_probas is None:
        raise InvalidValueError("y_true and y_probas must be given, but one is None")
    truths, scores = np.asarray(_listed(y_true, "y_true")), np.asarray(to_numpy(y_probas, "y_probas"))
    if scores.ndim == 1:
        scores = np.stack([1 - scores, scores], axis=1)
    if scores.ndim != 2 or len(scores) != len(truths) or not len(truths):
        raise InvalidValueError(
            f"y_probas must be samples × classes, as many as y_true, but have shape {scores.shape} for "
            f"{len(truths)}"
        )
    known = sorted(set(truths.tolist()), key=lambda value: (isinstance(value, str), value))
    if all(isinstance(value, int) for value in known) and max(known) < scores.shape[1]:
        known = list(range(scores.shape[1]))
    if len(known) > scores.shape[1]:
        raise InvalidValueError(
            f"y_probas must have a column for each class, but has {scores.shape[1]} for {len(known)}"
        )
    for place, value in enumerate(known):
        if (classes is None or value in classes) and (truths == value).any():
            name = str(labels[place]) if labels is not None and place < len(labels) else str(value)
            yield name, truths == value, scores[:, place].astype(np.float64)


def _ranked(
    truths: NDArray[np.bool_], scores: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many hits and misses there are down to each score, from the greatest one."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    return np.cumsum(truths[order])[ends], np.cumsum(~truths[order])[ends]


def _thinned(
    xs: NDArray[np.float64], ys: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if len(xs) <= _MOST_POINTS:
        return xs, ys
    places = np.linspace(0, len(xs) - 1, _MOST_POINTS).astype(int)
    return xs[places], ys[places]


def _listed(values: Any, name: str) -> list[Any]:
    if isinstance(values, (list, tuple)):
        return [value.item() if callable(getattr(value, "item", None)) else value for value in values]
    array: list[Any] = np.ravel(to_numpy(values, name)).tolist()
    return array
