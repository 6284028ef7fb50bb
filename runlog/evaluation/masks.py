"""Predicted masks beside true ones, pixel by pixel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from runlog.basics.frozen import FrozenDict
from runlog.evaluation.verdicts import MaskConfusion, Pair
from runlog.images.masks import LabelArray, stretched

# Of so many class ids counting all pairs is quicker than sorting pixels.
_MOST_COUNTED = 1 << 22


def confuse(truth: LabelArray, predictions: LabelArray, ignore_ids: Sequence[int] = ()) -> MaskConfusion:
    """Return how many pixels of each true class were taken for which class.

    Parameters
    ----------
    truth, predictions
        Class ids of shape (height, width); predictions of another size are stretched over the truth.
    ignore_ids
        Class ids of the truth at whose pixels nothing is counted.
    """
    if predictions.shape != truth.shape:
        predictions = stretched(predictions, *truth.shape)
    true_ids, ids = truth.reshape(-1), predictions.reshape(-1)
    if len(ignore_ids):
        counted = ~np.isin(true_ids, np.array(ignore_ids))
        true_ids, ids = true_ids[counted], ids[counted]
    if not true_ids.size:
        return MaskConfusion(FrozenDict())
    base = int(max(true_ids.max(), ids.max())) + 1
    pairs = true_ids.astype(np.int64) * base + ids
    if base * base <= _MOST_COUNTED:
        numbers = np.bincount(pairs)
        found = np.flatnonzero(numbers)
        counts = numbers[found]
    else:
        found, counts = np.unique(pairs, return_counts=True)
    return MaskConfusion(
        FrozenDict(
            (divmod(pair, base), count) for pair, count in zip(found.tolist(), counts.tolist(), strict=True)
        )
    )


def sum_of(confusions: Iterable[MaskConfusion]) -> MaskConfusion:
    """Return the confusion of several images together."""
    pixels: dict[Pair, int] = {}
    for confusion in confusions:
        for pair, count in confusion.pixels.items():
            pixels[pair] = pixels.get(pair, 0) + count
    return MaskConfusion(FrozenDict(sorted(pixels.items())))
