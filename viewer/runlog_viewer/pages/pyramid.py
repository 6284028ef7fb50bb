"""Scalar series → buckets of 8, 64, 512 … points. Pure.

A chart of any length is drawn from about as many buckets as it has pixels, and a part of it from finer ones,
down to single points. Level 0 has the points themselves, and each bucket of a level is of 8 of the one below;
only the last may be of fewer. ``static/data/pyramid.js`` goes down in it where a chart has room for more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count as counted

import numpy as np
from numpy.typing import NDArray

FACTOR = 8
CHUNK = 1024
"""Buckets in one file of a level. The top level has as many, or fewer."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Buckets:
    """Neighbouring buckets of a series.

    Attributes
    ----------
    middles
        The place in the series of the point in the middle of each, from 0.
    means, lows, highs
        Of the finite values of each; NaN where it has none.
    gaps
        How many values of each are NaN or infinite.
    """

    middles: Ints
    means: Floats
    lows: Floats
    highs: Floats
    gaps: Ints

    def __len__(self) -> int:
        return len(self.middles)

    def followed_by(self, others: Buckets, at: int) -> Buckets:
        """Return the first `at` of these buckets, and then others."""
        pairs = (
            (getattr(self, name)[:at], getattr(others, name))
            for name in ("middles", "means", "lows", "highs", "gaps")
        )
        return Buckets(*map(np.concatenate, pairs))


def top_level(count: int) -> int:
    """Return the lowest level of which one file holds all buckets of a series."""
    return next(level for level in counted() if -(-count // FACTOR**level) <= CHUNK)


def buckets(values: Sequence[float] | Floats, size: int, start: int = 0) -> Buckets:
    """Return the buckets of `size` points each, of a series that begins at place `start` of a longer one."""
    return cut(values, np.arange(0, len(values), size), start)


def cut(values: Sequence[float] | Floats, starts: Ints, start: int = 0) -> Buckets:
    """Return the buckets that begin at ascending places, the first of which is 0."""
    heights = np.asarray(values, dtype=np.float64)
    is_finite = np.isfinite(heights)
    ends = np.append(starts, heights.size)[1:]
    finite = np.add.reduceat(is_finite, starts, dtype=np.int64)
    # Of parts of values, since the sum of two floats may not be one.
    largest = np.repeat(np.maximum(finite, 1), ends - starts)
    means = np.add.reduceat(np.where(is_finite, heights, 0) / largest, starts)
    lows = np.minimum.reduceat(np.where(is_finite, heights, np.inf), starts)
    highs = np.maximum.reduceat(np.where(is_finite, heights, -np.inf), starts)
    is_empty = finite == 0
    for of_values in (means, lows, highs):
        of_values[is_empty] = np.nan
    means = np.clip(means, lows, highs)  # of equal values, the mean is that value
    return Buckets((starts + ends) // 2 + start, means, lows, highs, ends - starts - finite)
