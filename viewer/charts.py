"""Scalar series → lines small enough to draw, however long the series. Pure.

Up to 240 points are drawn as they are. Longer series are cut into buckets, of which the smallest and the
largest value are kept, so that no spike is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from viewer import text
from viewer.values import Chart

MAX_POINTS = 240
WIDTH, HEIGHT, _MARGIN = 300, 100, 4
Floats = NDArray[np.float64]


def chart(key: str, steps: Sequence[int], values: Sequence[float]) -> Chart:
    """Return the chart of one series, by ascending step; NaN and infinite values are gaps."""
    at, heights = np.asarray(steps, dtype=np.float64), np.asarray(values, dtype=np.float64)
    is_finite = np.isfinite(heights)
    finite = heights[is_finite]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (float("nan"),) * 2
    kept = _kept(heights, is_finite)
    x = _scaled(at[kept], float(at[0]), float(at[-1])) * WIDTH
    y = HEIGHT - _MARGIN - _scaled(heights[kept], low, high) * (HEIGHT - 2 * _MARGIN)
    return Chart(
        key=key,
        lines=tuple(_lines(x, y)),
        first_step=str(steps[0]),
        last_step=str(steps[-1]),
        low=text.number(low, 4),
        high=text.number(high, 4),
        last=text.number(values[-1], 4),
        gaps=int(heights.size - finite.size),
    )


def _kept(heights: Floats, is_finite: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the indices of the points to draw, ascending."""
    count = heights.size
    if count <= MAX_POINTS:
        return np.arange(count)
    per_bucket = -(-count // (MAX_POINTS // 2))
    padding = -count % per_bucket
    lows = np.pad(np.where(is_finite, heights, np.inf), (0, padding), constant_values=np.inf)
    highs = np.pad(np.where(is_finite, heights, -np.inf), (0, padding), constant_values=-np.inf)
    starts = np.arange(0, count + padding, per_bucket)
    smallest = starts + lows.reshape(-1, per_bucket).argmin(axis=1)
    largest = starts + highs.reshape(-1, per_bucket).argmax(axis=1)
    return np.unique(np.concatenate((smallest, largest)))


def _scaled(values: Floats, low: float, high: float) -> Floats:
    """Return values with `low` … `high` brought to 0 … 1, and to the middle where both are the same."""
    if not high > low:
        return np.where(np.isfinite(values), 0.5, np.nan)
    with np.errstate(invalid="ignore"):  # halves, because the range of two floats may not be a float
        return (values / 2 - low / 2) / (high / 2 - low / 2)


def _lines(x: Floats, y: Floats) -> Iterator[str]:
    """Yield the ``points`` of each unbroken line; a lone point twice, which round line ends make a dot."""
    for is_line, group in groupby(range(x.size), lambda n: bool(np.isfinite(y[n]))):
        if is_line:
            points = [f"{text.coordinate(x[n])},{text.coordinate(y[n])}" for n in group]
            yield " ".join(points if len(points) > 1 else points * 2)
