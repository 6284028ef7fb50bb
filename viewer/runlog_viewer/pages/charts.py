"""Scalar series → lines small enough to draw, however long the series. Pure.

Up to 240 points are kept as they are. Longer series are cut into buckets, of which the smallest and the
largest value are kept, so that no spike is lost, and one that is not finite, so that no gap is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runlog_viewer.pages import ticks, wording
from runlog_viewer.pages.ticks import Ticks
from runlog_viewer.pages.values import Chart, Tick

MAX_POINTS = 240
WIDTH, HEIGHT, _MARGIN = 300, 100, 4
_Y_TICKS, _X_TICKS = 6, 6
_SHORT, _NEAR_END = 6, 85  # signs of a label, and percent: longer ones would be cut there
_MOST_EXACT = 2**53
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Points:
    """What is kept of a series.

    Attributes
    ----------
    count, gaps
        How many values were logged, and how many of them are NaN or infinite.
    steps, values
        The points kept, by ascending step.
    middles, means
        Of each bucket the step in its middle and the mean of its finite values; empty where all points are
        kept.
    """

    count: int
    gaps: int
    steps: tuple[int, ...]
    values: tuple[float, ...]
    middles: tuple[int, ...] = ()
    means: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """Where points stand along the step metric of their series, which is another scalar.

    Attributes
    ----------
    step_metric
        Its key.
    of_points, of_middles
        Its latest value at or before the step of each point kept, and of each bucket's middle; NaN where it
        has none.
    missing
        How many of all values have no place, such as those logged before the first of the step metric.
    """

    step_metric: str
    of_points: tuple[float, ...]
    of_middles: tuple[float, ...]
    missing: int


def points(steps: Sequence[int], values: Sequence[float]) -> Points:
    """Return what is kept of a series, given by ascending step, of at least one value."""
    heights = np.asarray(values, dtype=np.float64)
    is_finite = np.isfinite(heights)
    count, gaps = heights.size, int(heights.size - is_finite.sum())
    if count <= MAX_POINTS:
        return Points(count, gaps, tuple(steps), tuple(values))
    per_bucket = -(-count // (MAX_POINTS // 2))
    starts = np.arange(0, count, per_bucket)
    kept = _kept(heights, is_finite, per_bucket)
    sums = np.add.reduceat(np.where(is_finite, heights / per_bucket, 0), starts)
    sizes = np.add.reduceat(is_finite, starts, dtype=np.float64) / per_bucket
    filled = np.flatnonzero(sizes)
    middles = np.minimum(starts + per_bucket // 2, count - 1)
    return Points(
        count,
        gaps,
        tuple(steps[n] for n in kept),
        tuple(values[n] for n in kept),
        tuple(steps[n] for n in middles[filled]),
        tuple(float(mean) for mean in sums[filled] / sizes[filled]),
    )


def chart(key: str, kept: Points, places: Places | None = None) -> Chart:
    """Return the chart of one series; NaN and infinite values are gaps.

    It is drawn over its steps, or over its step metric where that has a value at one of them.
    """
    at, heights = np.asarray(kept.steps, dtype=np.float64), np.asarray(kept.values, dtype=np.float64)
    first: float = kept.steps[0]
    last: float = kept.steps[-1]
    if places is not None:
        at, heights = _along(np.asarray(places.of_points), heights)
        first, last = float(at[0]), float(at[-1])
    is_finite = np.isfinite(heights)
    finite = heights[is_finite]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (float("nan"),) * 2
    x = _scaled(at, first, last) * WIDTH
    y = _down(_scaled(heights, low, high))
    is_lone = is_finite & ~np.append(is_finite[1:], False) & ~np.append(False, is_finite[:-1])
    y_ticks = ticks.ticks(low, high, _Y_TICKS)
    x_ticks = _x_ticks(at, first, last, _X_TICKS)
    return Chart(
        key=key,
        line=_line(x, y, ~is_lone),
        dots="".join(f"M{_coordinate(x[n])},{_coordinate(y[n])}h0" for n in np.flatnonzero(is_lone)),
        breaks="".join(f"M{_coordinate(one)},{HEIGHT}v-6" for one in x[~is_finite]),
        x_ticks=placed(x_ticks, _scaled(_numbers(x_ticks), first, last) * 100),
        y_ticks=placed(y_ticks, _down(_scaled(_numbers(y_ticks), low, high)) / HEIGHT * 100),
        x_offset=x_ticks.offset,
        y_offset=y_ticks.offset,
        over=places.step_metric if places else None,
        start=_written(first),
        end=_written(last),
        low=wording.number(low, 4),
        high=wording.number(high, 4),
        last=wording.number(kept.values[-1], 4),
        gaps=kept.gaps,
        missing=places.missing if places else 0,
    )


def _along(at: Floats, heights: Floats) -> tuple[Floats, Floats]:
    """Return the points that have a place, ascending; those of one place stay in their order."""
    has_place = np.isfinite(at)
    at, heights = at[has_place], heights[has_place]
    order = np.argsort(at, kind="stable")
    return at[order], heights[order]


def _x_ticks(at: Floats, first: float, last: float, most: int) -> Ticks:
    """Return the ticks of places, which are often whole numbers as steps are; fewer where labels are long."""
    # Past 2**53 every float is a whole number, whatever it stands for.
    if max(abs(first), abs(last)) <= _MOST_EXACT and (at == np.floor(at)).all():
        found = ticks.step_ticks(int(first), int(last), most)
    else:
        found = ticks.ticks(first, last, most)
    is_short = all(len(label) <= _SHORT for _, label in found.marks)
    return found if is_short or most < _X_TICKS else _x_ticks(at, first, last, most // 2)


def _written(place: float) -> str:
    return str(place) if isinstance(place, int) else wording.number(place)


def _kept(heights: Floats, is_finite: NDArray[np.bool_], per_bucket: int) -> NDArray[np.intp]:
    """Return the indices of the points to keep, ascending: the ends, and up to three of each bucket."""
    padding = -heights.size % per_bucket
    lows = np.pad(np.where(is_finite, heights, np.inf), (0, padding), constant_values=np.inf)
    highs = np.pad(np.where(is_finite, heights, -np.inf), (0, padding), constant_values=-np.inf)
    gaps = np.pad(~is_finite, (0, padding))
    starts = np.arange(0, heights.size + padding, per_bucket)
    of_buckets = [
        starts + lows.reshape(-1, per_bucket).argmin(axis=1),
        starts + highs.reshape(-1, per_bucket).argmax(axis=1),
        (starts + gaps.reshape(-1, per_bucket).argmax(axis=1))[gaps.reshape(-1, per_bucket).any(axis=1)],
    ]
    return np.unique(np.concatenate((*of_buckets, [0, heights.size - 1])))


def _scaled(values: Floats, low: float, high: float) -> Floats:
    """Return values with `low` … `high` brought to 0 … 1, and to the middle where both are the same."""
    if not high > low:
        return np.where(np.isfinite(values), 0.5, np.nan)
    with np.errstate(invalid="ignore"):  # halves, because the range of two floats may not be a float
        return (values / 2 - low / 2) / (high / 2 - low / 2)


def _down(parts: Floats) -> Floats:
    """Return 0 … 1 as heights from the top of the chart."""
    return HEIGHT - _MARGIN - parts * (HEIGHT - 2 * _MARGIN)


def _numbers(found: Ticks) -> Floats:
    return np.asarray([value for value, _ in found.marks], dtype=np.float64)


def placed(found: Ticks, places: Floats) -> tuple[Tick, ...]:
    """Return ticks at their places along an axis, in percent."""
    return tuple(
        Tick(_coordinate(at), label, len(label) > _SHORT and at > _NEAR_END)
        for (_, label), at in zip(found.marks, places, strict=True)
    )


def _line(x: Floats, y: Floats, is_part: NDArray[np.bool_]) -> str:
    """Return an SVG path that breaks where there is no height."""
    is_drawn = np.isfinite(y)
    return "".join(
        f"{'L' if n and is_drawn[n - 1] else 'M'}{_coordinate(x[n])},{_coordinate(y[n])}"
        for n in np.flatnonzero(is_drawn & is_part)
    )


def _coordinate(value: float) -> str:
    """Return a coordinate to a tenth of a unit, which is less than a pixel."""
    return f"{value:.1f}".removesuffix(".0")
