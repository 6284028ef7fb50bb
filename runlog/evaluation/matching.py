"""Predicted boxes matched with true ones, greedily by score, as COCO does it: all images at once.

Each prediction, the highest score first, takes the free truth of its image and class that it overlaps most;
of equal overlaps the last one, and one that counts before one that is to be ignored. A crowd is never taken:
any number of predictions may lie in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

NO_PARTNER = -1
# As in COCO: an overlap that rounding keeps just below 1 is one.
_MOST_IOU = 1 - 1e-10
# Numbers in one array of overlaps; more groups than fit are matched in turn.
_MOST_OVERLAPS = 1 << 18


@dataclass(frozen=True, slots=True, eq=False)
class BoxArrays:
    """Boxes of several images.

    Attributes
    ----------
    image
        Shape (count,): of which image each is, ascending.
    class_id
        Shape (count,).
    corners
        Shape (count, 4): left, top, right, bottom. NaN for a box that cannot be drawn: it overlaps none.
    scores
        Shape (count,): of predictions; NaN is matched last.
    iscrowd
        Shape (count,): of truths, whether it is around many.
    ignored
        Shape (count,): of truths, whether it counts neither as found nor as missed; so of each crowd.
    """

    image: Integers
    class_id: Integers
    corners: Floats
    scores: Floats
    iscrowd: Flags
    ignored: Flags

    def __len__(self) -> int:
        return len(self.image)


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """The partner of each prediction at each least overlap.

    Attributes
    ----------
    partner
        Shape (thresholds, predictions): place of the truth among all, `NO_PARTNER` for none.
    iou
        Shape (thresholds, predictions): overlap with it, NaN without one.
    """

    partner: Integers
    iou: Floats

    def on_ignored(self, truth: BoxArrays) -> Flags:
        """Return which predictions lie on a truth that is ignored; shape (thresholds, predictions)."""
        if not len(truth):
            return np.zeros(self.partner.shape, np.bool_)
        return np.asarray((self.partner != NO_PARTNER) & truth.ignored[self.partner])

    def found(self, truth: BoxArrays) -> Flags:
        """Return which predictions have a partner that counts; shape (thresholds, predictions)."""
        return np.asarray((self.partner != NO_PARTNER) & ~self.on_ignored(truth))


def match(truth: BoxArrays, predictions: BoxArrays, thresholds: Floats, *, use_classes: bool) -> Matches:
    """Match predictions with truths.

    Parameters
    ----------
    thresholds
        Shape (thresholds,): least overlaps, above 0 and at most 1.
    use_classes
        Whether a prediction may only take a truth of its class.
    """
    shape = (len(thresholds), len(predictions))
    partner = np.full(shape, NO_PARTNER, np.int64)
    iou = np.full(shape, np.nan)
    least = np.minimum(thresholds, _MOST_IOU)
    for group in _groups(truth, predictions, use_classes=use_classes):
        _match_group(group, truth, predictions, least, partner, iou)
    return Matches(partner, iou)


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Boxes of the same image and class, padded; groups with more predictions come first.

    Attributes
    ----------
    predictions
        Shape (groups, most predictions): their places by falling score, -1 past the last.
    truths
        Shape (groups, most truths): their places, those that count first, -1 past the last.
    """

    predictions: Integers
    truths: Integers


def _groups(truth: BoxArrays, predictions: BoxArrays, *, use_classes: bool) -> Iterator[_Groups]:
    count = len(predictions)
    images = np.concatenate([predictions.image, truth.image])
    classes = np.concatenate([predictions.class_id, truth.class_id])
    if not use_classes:
        classes = np.zeros_like(classes)
    distinct, class_place = np.unique(classes, return_inverse=True)
    _, group = np.unique(images * len(distinct) + class_place, return_inverse=True)
    total = int(group.max()) + 1 if len(group) else 0
    of_predictions, of_truth = group[:count], group[count:]
    numbers = np.bincount(of_predictions, minlength=total), np.bincount(of_truth, minlength=total)
    both = np.flatnonzero((numbers[0] > 0) & (numbers[1] > 0))
    both = both[np.lexsort((numbers[1][both], numbers[0][both]))[::-1]]
    # lexsort is stable, and puts NaN last: as a sort by falling score does.
    ranked = np.lexsort((-predictions.scores, of_predictions))
    listed = np.lexsort((truth.ignored, of_truth))
    starts = tuple(np.concatenate([[0], np.cumsum(of_kind)]) for of_kind in numbers)
    for part in _parts(numbers[0][both], numbers[1][both]):
        chosen = both[part]
        yield _Groups(
            _padded(ranked, starts[0][chosen], numbers[0][chosen]),
            _padded(listed, starts[1][chosen], numbers[1][chosen]),
        )


def _parts(widths: Integers, heights: Integers) -> Iterator[slice]:
    """Yield groups that fit into one array of overlaps; `widths` fall."""
    start = 0
    while start < len(widths):
        tallest = np.maximum.accumulate(heights[start:])
        volumes = widths[start] * tallest * np.arange(1, len(tallest) + 1)
        stop = start + max(1, int(np.searchsorted(volumes, _MOST_OVERLAPS, side="right")))
        yield slice(start, stop)
        start = stop


def _padded(places: Integers, starts: Integers, lengths: Integers) -> Integers:
    columns = np.arange(lengths.max())
    inside = columns < lengths[:, None]
    at = np.where(inside, starts[:, None] + columns, 0)
    return np.where(inside, places[at], -1)


def _match_group(
    groups: _Groups, truth: BoxArrays, predictions: BoxArrays, least: Floats, partner: Integers, iou: Floats
) -> None:
    """Match the predictions of some groups, and write their partners and overlaps."""
    is_there = groups.truths >= 0
    crowd = truth.iscrowd[groups.truths] & is_there
    ignored = truth.ignored[groups.truths]
    overlaps = overlap(predictions.corners[groups.predictions], truth.corners[groups.truths], crowd)
    overlaps[np.broadcast_to(~is_there[:, None], overlaps.shape)] = np.nan
    free = np.ones((len(least), *groups.truths.shape), np.bool_)
    for rank in range(groups.predictions.shape[1]):
        # Groups with more predictions come first.
        count = int(np.count_nonzero(groups.predictions[:, rank] >= 0))
        of_rank = overlaps[:count, rank]
        # NaN is no candidate.
        candidates = (of_rank >= least[:, None, None]) & (free[:, :count] | crowd[:count])
        best = _last_best(of_rank, candidates & ~ignored[:count])
        beside = _last_best(of_rank, candidates & ignored[:count])
        taken = np.where(best >= 0, best, beside)
        level, row = np.nonzero(taken >= 0)
        column = taken[level, row]
        free[level, row, column] = False
        place = groups.predictions[row, rank]
        partner[level, place] = groups.truths[row, column]
        iou[level, place] = of_rank[row, column]


def _last_best(overlaps: Floats, candidates: Flags) -> Integers:
    """Return the column of the greatest overlap among candidates, the last of equals; -1 without any.

    Parameters
    ----------
    overlaps
        Shape (groups, truths).
    candidates
        Shape (thresholds, groups, truths).
    """
    values = np.where(candidates, overlaps, -1.0)[..., ::-1]
    last = values.shape[-1] - 1 - np.argmax(values, axis=-1)
    return np.where(candidates.any(axis=-1), last, -1)


def overlap(predictions: Floats, truths: Floats, crowd: Flags) -> Floats:
    """Return the intersection over union of boxes; with a crowd, over the prediction alone.

    Parameters
    ----------
    predictions
        Shape (groups, predictions, 4).
    truths
        Shape (groups, truths, 4).
    crowd
        Shape (groups, truths).

    Returns
    -------
    numpy.ndarray
        Shape (groups, predictions, truths).
    """
    one, other = predictions[:, :, None], truths[:, None]
    # A box that cannot be drawn, or is too large for its area to be a number, gives NaN.
    with np.errstate(all="ignore"):
        width = np.minimum(one[..., 2], other[..., 2]) - np.maximum(one[..., 0], other[..., 0])
        height = np.minimum(one[..., 3], other[..., 3]) - np.maximum(one[..., 1], other[..., 1])
        shared = np.where((width > 0) & (height > 0), width * height, 0.0)
        area, other_area = _area(one), _area(other)
        union = np.where(crowd[:, None], area, area + other_area - shared)
        return np.asarray(shared / union)


def overlapping(predictions: Floats, truths: Floats, least: float) -> list[tuple[int, int, float]]:
    """Return which boxes overlap enough: the places of both, ascending, and the intersection over union.

    Parameters
    ----------
    predictions, truths
        Shape (count, 4).
    least
        Least overlap, above 0 and at most 1.
    """
    found = overlap(predictions[None], truths[None], np.zeros((1, len(truths)), np.bool_))[0]
    rows, columns = np.nonzero(found >= min(least, _MOST_IOU))
    return list(zip(rows.tolist(), columns.tolist(), found[rows, columns].tolist(), strict=True))


def _area(corners: Floats) -> Floats:
    return np.asarray((corners[..., 2] - corners[..., 0]) * (corners[..., 3] - corners[..., 1]))
