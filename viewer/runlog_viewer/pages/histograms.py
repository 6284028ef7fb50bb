"""Histograms → the bars of one, and the heat map of a key over the steps. Pure.

Edges may change from step to step: only for a heat map are counts brought to common rows, each bin spread
evenly over those that it covers. A heat map has as many columns as a screen needs, not as there are steps.
"""

from __future__ import annotations

import base64
import io
import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import runlog
from runlog_viewer.pages import charts, site_names, ticks, wording
from runlog_viewer.pages.ticks import Ticks
from runlog_viewer.pages.values import Bars, Fact, HeatMap

MAX_COLUMNS = 256
"""How many steps of a key a heat map shows, at most."""
ROWS = 48
_WIDTH, _HEIGHT, _TOP = 300, 100, 2
_X_TICKS, _Y_TICKS = 6, 6
# So much of the numbers of a step, and of the steps, may lie beyond the rows on either side: few values far
# away would leave a heat map empty but for a line. The bars of a step have them all.
_TAIL, _STEPS = 0.005, 0.02
_FAR = 1e12  # of the range of the rows: bins that reach further have nothing in them to see
_COLOUR, _LEVELS = (54, 124, 246), 16
Floats = NDArray[np.float64]


class HistogramRecord(Protocol):
    """What `runlog.RunReader.histograms` gives."""

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def step(self) -> int: ...  # noqa: D102
    @property
    def histogram(self) -> runlog.Histogram: ...  # noqa: D102


def shown(records: Iterable[HistogramRecord], to_run_folder: str) -> tuple[Bars, ...]:
    """Return histograms as a page shows them; `to_run_folder` links to there: ``""`` or ending in ``/``."""
    return tuple(bars(record, to_run_folder) for record in records)


def bars(record: HistogramRecord, to_run_folder: str) -> Bars:
    """Return one histogram as bars, whose areas are the counts."""
    histogram = record.histogram
    edges, counts = histogram.edges, histogram.counts
    low, high = (edges[0].item(), edges[-1].item()) if len(edges) else (float("nan"),) * 2
    held = counts.sum().item()
    total = f"{held:,}" if isinstance(held, int) else wording.number(held, 4)
    return Bars(
        key=record.key,
        step=record.step,
        outline=_outline(_density(edges, counts), _scaled(edges, low, high)) if len(counts) else "",
        bins=_bins(edges, counts),
        low=wording.number(low, 4),
        high=wording.number(high, 4),
        peak=wording.number(counts.max().item(), 4) if len(counts) else "0",
        about=f"{total} in {wording.plural(len(counts), 'bin')}" if len(counts) else "no finite number",
        beside=tuple(
            Fact(name, f"{count:,}")
            for name, count in (
                ("NaN", histogram.nan_count),
                ("-inf", histogram.negative_infinity_count),
                ("inf", histogram.positive_infinity_count),
            )
            if count
        ),
        href=to_run_folder + site_names.step_page(record.step),
        all_steps=to_run_folder + site_names.key_page(record.key),
    )


def kept_steps(steps: Sequence[int]) -> tuple[int, ...]:
    """Return which of ascending steps a heat map shows: all, or every so many and the last.

    As steps are added most of those that were kept stay: what is known of them need not be read again.
    """
    every = 1
    while len(steps) > every * (MAX_COLUMNS - 1):
        every *= 2
    kept = tuple(steps[::every])
    return kept if not kept or kept[-1] == steps[-1] else (*kept, steps[-1])


def heat_map(records: Sequence[HistogramRecord], count: int) -> HeatMap:
    """Return the heat map of one key.

    Parameters
    ----------
    records
        At least one, by ascending step: those of the steps that are kept.
    count
        How many steps have one in all.
    """
    steps = [record.step for record in records]
    start, end = float(steps[0]), float(steps[-1] + _gap(steps))
    low, high = _range(records)
    drawn = np.array([_column(record.histogram, low, high) for record in records])
    of_column = _places(steps, start, end)
    y_ticks = ticks.ticks(low, high, _Y_TICKS)
    x_ticks = ticks.step_ticks(steps[0], steps[-1], _X_TICKS)
    gaps = [record.step for record in records if _has_gaps(record.histogram)]
    return HeatMap(
        key=records[0].key,
        cells=_cells(drawn[of_column].T[::-1]),
        breaks="".join(
            f"M{_coordinate((step - start) / (end - start) * _WIDTH)},{_HEIGHT}v-6" for step in gaps
        ),
        x_ticks=charts.placed(x_ticks, 100 * _scaled(_values(x_ticks), start, end)),
        y_ticks=charts.placed(y_ticks, 100 * (1 - _scaled(_values(y_ticks), low, high))),
        x_offset=x_ticks.offset,
        y_offset=y_ticks.offset,
        steps=tuple(steps),
        count=count,
        start=start,
        end=end,
        low=wording.number(low, 4),
        high=wording.number(high, 4),
        gaps=len(gaps),
        last=bars(records[-1], ""),
    )


def _gap(steps: Sequence[int]) -> int:
    """Return how wide the last column is, in steps: as the one before it."""
    return max(1, steps[-1] - steps[-2]) if len(steps) > 1 else 1


def _has_gaps(histogram: runlog.Histogram) -> bool:
    return bool(histogram.nan_count or histogram.negative_infinity_count or histogram.positive_infinity_count)


def _range(records: Iterable[HistogramRecord]) -> tuple[float, float]:
    """Return the range of the rows: of most steps most numbers."""
    lows, highs = [], []
    for record in records:
        edges, counts = record.histogram.edges, record.histogram.counts
        if not len(counts) or not (total := counts.sum()):
            continue
        up_to = np.cumsum(counts / total)
        lows.append(edges[np.searchsorted(up_to, _TAIL)])
        highs.append(edges[np.searchsorted(up_to, 1 - _TAIL) + 1])
    if not lows:
        return 0.0, 1.0
    low = float(np.quantile(lows, _STEPS, method="lower"))
    high = float(np.quantile(highs, 1 - _STEPS, method="higher"))
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _column(histogram: runlog.Histogram, low: float, high: float) -> Floats:
    """Return how dense the numbers of a step are in each row, the lowest first: 1 at its densest."""
    edges, counts = histogram.edges, histogram.counts
    if not len(counts) or not (total := counts.sum()):
        return np.zeros(ROWS)
    below = np.concatenate(([0.0], np.cumsum(counts / total)))
    with np.errstate(over="ignore"):
        places = np.clip(_scaled(edges, low, high), -_FAR, _FAR)
    rows = np.diff(np.interp(np.linspace(0, 1, ROWS + 1), places, below))
    most = rows.max()
    return rows / most if most > 0 else rows


def _places(steps: Sequence[int], start: float, end: float) -> list[int]:
    """Return for each column of cells which of the steps it shows: the last one at or before its middle."""
    if len(steps) == 1:
        return [0]
    is_even = len({after - before for before, after in pairwise(steps)}) == 1
    if is_even:
        return list(range(len(steps)))
    columns = 2 * MAX_COLUMNS
    middles = (start + (end - start) * (place + 0.5) / columns for place in range(columns))
    return [max(0, bisect_right(steps, middle) - 1) for middle in middles]


def _cells(drawn: Floats) -> str:
    """Return densities as a picture of one colour that is the more opaque, the denser it is: a data URL."""
    levels = np.ceil(np.sqrt(drawn) * (_LEVELS - 1)).astype(np.uint8)
    picture = Image.fromarray(levels, "P")
    picture.putpalette(_COLOUR * _LEVELS)
    alphas = bytes(round(255 * level / (_LEVELS - 1)) for level in range(_LEVELS))
    file = io.BytesIO()
    picture.save(file, "PNG", transparency=alphas, bits=4, optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _bins(edges: Floats, counts: NDArray[np.int64] | Floats) -> str:
    """Return what a script reads off the bars, as JSON: edges to six digits, two for bins of equal width."""
    widths = np.diff(edges / 2)
    kept = edges[[0, -1]] if len(edges) and np.allclose(widths, widths[0], rtol=1e-6, atol=0) else edges
    return json.dumps(
        {"edges": [float(f"{one:.6g}") for one in kept], "counts": counts.tolist()}, separators=(",", ":")
    )


def _density(edges: Floats, counts: NDArray[np.int64] | Floats) -> Floats:
    """Return how high each bar is, from 0 to 1."""
    most = counts.max()
    if not most > 0:
        return np.zeros(len(counts))
    widths = np.diff(edges / 2)
    heights = counts / most / np.maximum(widths / widths.max(), 1 / _FAR)
    scaled: Floats = heights / heights.max()
    return scaled


def _outline(heights: Floats, places: Floats) -> str:
    """Return the outline of bars as an SVG path; neighbours of one height are one bar."""
    down = [_coordinate(_HEIGHT - one * (_HEIGHT - _TOP)) for one in heights.tolist()]
    across = [_coordinate(one * _WIDTH) for one in places.tolist()]
    path, before = f"M0,{_HEIGHT}", str(_HEIGHT)
    for n, height in enumerate(down):
        if height != before:
            path += f"{f'H{across[n]}' if n else ''}V{height}"
            before = height
    return f"{path}H{_WIDTH}V{_HEIGHT}Z"


def _scaled(values: Sequence[float] | Floats, low: float, high: float) -> Floats:
    """Return values with `low` … `high` brought to 0 … 1; halves, since the range of two may be no float."""
    return (np.asarray(values, dtype=np.float64) / 2 - low / 2) / (high / 2 - low / 2)


def _values(found: Ticks) -> list[float]:
    return [value for value, _ in found.marks]


def _coordinate(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
