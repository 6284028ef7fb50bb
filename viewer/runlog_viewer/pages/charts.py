"""Scalar series → lines and bands small enough to draw, however long the series. Pure.

Up to 240 points are drawn as they are. Of longer series, all points that stand in one of 120 columns are
drawn as their mean, on the line, and from their lowest to their highest, in the band behind it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from runlog_viewer.pages import pyramid, ticks, wording
from runlog_viewer.pages.pyramid import Floats, Ints
from runlog_viewer.pages.ticks import Ticks
from runlog_viewer.pages.values import Chart, Tick

MAX_POINTS = 240
WIDTH, HEIGHT, _MARGIN = 300, 100, 4
COLUMNS = 120
_Y_TICKS, _X_TICKS = 6, 6
_SHORT, _NEAR_END = 6, 85  # signs of a label, and percent: longer ones would be cut there
_MOST_EXACT = 2**53


def chart(
    key: str,
    places: Sequence[float] | Floats | Ints,
    values: Sequence[float] | Floats,
    over: str | None = None,
) -> Chart:
    """Return the chart of one series; NaN and infinite values are gaps.

    Parameters
    ----------
    places
        Its steps, ascending; or where it stands along its step metric, in any order, with NaN where that has
        no value.
    values
        At least one.
    over
        The key of the step metric.
    """
    at, heights = np.asarray(places, dtype=np.float64), np.asarray(values, dtype=np.float64)
    gaps, last, count = int((~np.isfinite(heights)).sum()), float(heights[-1]), len(at)
    if over is not None:
        at, heights = _along(at, heights)
    starts = _starts(at)
    shown = pyramid.cut(heights, starts)
    low, high = _range(shown)
    x = _scaled(at[starts] / 2 + at[np.append(starts[1:], len(at)) - 1] / 2, at[0], at[-1]) * WIDTH
    y, bottom, top = (_down(_scaled(of, low, high)) for of in (shown.means, shown.lows, shown.highs))
    is_drawn = np.isfinite(y)
    is_lone = is_drawn & ~np.append(is_drawn[1:], False) & ~np.append(False, is_drawn[:-1])
    y_ticks = ticks.ticks(low, high, _Y_TICKS)
    x_ticks = _x_ticks(at, at[0], at[-1], _X_TICKS)
    return Chart(
        key=key,
        band=_band(x, bottom, top),
        line=_line(x, y, ~is_lone),
        dots="".join(f"M{place}h0" for place in _places(x[is_lone], y[is_lone])),
        breaks="".join(f"M{one},{HEIGHT}v-6" for one in _coordinates(x[shown.gaps > 0])),
        x_ticks=placed(x_ticks, _scaled(_numbers(x_ticks), at[0], at[-1]) * 100),
        y_ticks=placed(y_ticks, _down(_scaled(_numbers(y_ticks), low, high)) / HEIGHT * 100),
        x_offset=x_ticks.offset,
        y_offset=y_ticks.offset,
        over=over,
        start=_written(at[0], over),
        end=_written(at[-1], over),
        low=wording.number(low, 4),
        high=wording.number(high, 4),
        last=number(last),
        gaps=gaps,
        missing=count - len(at),
    )


def number(value: float) -> str:
    """Return a number of a series, as pages show it beside its chart."""
    return wording.number(value, 4)


def _along(at: Floats, heights: Floats) -> tuple[Floats, Floats]:
    """Return the points that have a place, ascending; those of one place stay in their order."""
    has_place = np.isfinite(at)
    at, heights = at[has_place], heights[has_place]
    order = np.argsort(at, kind="stable")
    return at[order], heights[order]


def _starts(at: Floats) -> Ints:
    """Return where each column begins among ascending places."""
    if len(at) <= MAX_POINTS:
        return np.arange(len(at))
    column = np.minimum(np.floor(_scaled(at, at[0], at[-1]) * COLUMNS), COLUMNS - 1)
    return np.flatnonzero(np.append(True, np.diff(column) > 0))


def _range(shown: pyramid.Buckets) -> tuple[float, float]:
    lows, highs = shown.lows[np.isfinite(shown.lows)], shown.highs[np.isfinite(shown.highs)]
    return (float(lows.min()), float(highs.max())) if lows.size else (float("nan"), float("nan"))


def _x_ticks(at: Floats, first: float, last: float, most: int) -> Ticks:
    """Return the ticks of places, which are often whole numbers as steps are; fewer where labels are long."""
    # Past 2**53 every float is a whole number, whatever it stands for.
    if max(abs(first), abs(last)) <= _MOST_EXACT and (at == np.floor(at)).all():
        found = ticks.step_ticks(int(first), int(last), most)
    else:
        found = ticks.ticks(first, last, most)
    is_short = all(len(label) <= _SHORT for _, label in found.marks)
    return found if is_short or most < _X_TICKS else _x_ticks(at, first, last, most // 2)


def _written(place: float, over: str | None) -> str:
    return str(int(place)) if over is None else wording.number(place)


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
        Tick(written, label, bool(len(label) > _SHORT and at > _NEAR_END))
        for (_, label), at, written in zip(found.marks, places, _coordinates(places), strict=True)
    )


def _band(x: Floats, bottom: Floats, top: Floats) -> str:
    """Return an SVG path around what lies between bottom and top, in pieces where there is none."""
    is_drawn = np.isfinite(top)
    is_wide = is_drawn & (bottom > top)
    if not is_wide.any():
        return ""
    above, below = _places(x, top), _places(x, bottom)
    ends = np.flatnonzero(np.diff(is_drawn, prepend=False, append=False)).reshape(-1, 2).tolist()
    edges = (above[a:b] + below[a:b][::-1] for a, b in ends if is_wide[a:b].any())
    return "".join(f"M{'L'.join(edge)}Z" for edge in edges)


def _line(x: Floats, y: Floats, is_part: NDArray[np.bool_]) -> str:
    """Return an SVG path that breaks where there is no height."""
    is_drawn = np.isfinite(y)
    follows = np.append(False, is_drawn[:-1])
    at = is_drawn & is_part
    places = zip(follows[at].tolist(), _places(x[at], y[at]), strict=True)
    return "".join(f"{'L' if is_next else 'M'}{place}" for is_next, place in places)


def _places(x: Floats, y: Floats) -> list[str]:
    """Return points, each as a path has it."""
    return [f"{a},{b}" for a, b in zip(_coordinates(x), _coordinates(y), strict=True)]


def _coordinates(values: Floats) -> list[str]:
    """Return coordinates to a tenth of a unit, which is less than a pixel."""
    return [f"{value:.1f}".removesuffix(".0") for value in values.tolist()]
