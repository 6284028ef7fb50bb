"""The data scripts of one chart: the top level of its pyramid, which grows, and the full parts below it.

Full parts are never written again as long as no number in them changes; what is in none is in the script of
the top level.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from runlog_viewer.html import data_scripts
from runlog_viewer.pages import pyramid, site_names
from runlog_viewer.pages.headline import Extremes
from runlog_viewer.pages.pyramid import CHUNK, FACTOR, Buckets, Floats, Ints


def parts(count: int, start: int) -> Iterator[tuple[int, int]]:
    """Yield the level and the number of each full part of a series that has anything past `start`."""
    for level in range(pyramid.top_level(count) + 1):
        size = CHUNK * FACTOR**level
        yield from ((level, number) for number in range(start // size, count // size))


@dataclass(frozen=True, slots=True)
class ChartScripts:
    """What the scripts of a chart are made from.

    Attributes
    ----------
    steps, values
        All numbers logged, by ascending step.
    level, top
        The top level, and its buckets.
    extremes
        The lowest and the highest finite number, each with its step.
    moments
        When each step was logged, in milliseconds since the run started.
    step_metric, places
        What the chart is drawn over, if not its steps, and where each number stands along it.
    """

    key: str
    steps: Ints
    values: Floats
    level: int
    top: Buckets
    extremes: Extremes | None
    moments: Mapping[int, int]
    step_metric: str | None
    places: Floats | None

    @property
    def full_before(self) -> int:
        """The first place that is in no full part of single points."""
        return len(self.steps) // CHUNK * CHUNK

    def entry(self, written: int, remade: int) -> list[Any]:
        """Return what the script of all charts says of this one, and as of which revisions its scripts are.

        Parameters
        ----------
        written, remade
            That of the top level, and the one since which full parts are as they are.
        """
        ends = self.steps[[0, -1]].tolist()
        return [
            self.key,
            site_names.chart_name(self.key),
            len(self.steps),
            int(self.top.gaps.sum()),
            written,
            remade,
            ends,
            [self.moments[step] / 1000 for step in ends],
            float(self.values[-1]),
            self.extremes,
            self._along(),
        ]

    def _along(self) -> list[Any] | None:
        if self.places is None:
            return None
        finite = self.places[np.isfinite(self.places)]
        return [self.step_metric, len(self.places) - len(finite), float(finite.min()), float(finite.max())]

    def files(self, start: int) -> Mapping[str, str]:
        """Return the scripts that hold what has changed from a place on."""
        # Of a short series, the top level has the points themselves.
        first = len(self.steps) if self.level == 0 else self.full_before
        top = self._points(0, first) if self.level == 0 else self._columns(self.top)
        head = [self.level, top, self._points(first, len(self.steps))]
        found = {site_names.chart_script(self.key): _script(head)}
        for part in parts(len(self.steps), start):
            found[site_names.chart_script(self.key, *part)] = _script([part[0], self._part(*part), None])
        return found

    def _part(self, level: int, number: int) -> list[Any]:
        size = FACTOR**level
        start, end = number * CHUNK * size, (number + 1) * CHUNK * size
        if level == 0:
            return self._points(start, end)
        return self._columns(pyramid.buckets(self.values[start:end], size, start))

    def _points(self, start: int, end: int) -> list[Any]:
        return [*self._placed(np.arange(start, end)), _floats(self.values[start:end])]

    def _columns(self, of: Buckets) -> list[Any]:
        gaps = of.gaps.tolist() if of.gaps.any() else None
        return [*self._placed(of.middles), *map(_floats, (of.means, of.lows, of.highs)), gaps]

    def _placed(self, places: Ints) -> list[Any]:
        steps = self.steps[places]
        moments = np.fromiter((self.moments[step] for step in steps.tolist()), np.int64, len(steps))
        along = None if self.places is None else _floats(self.places[places])
        return [_integers(steps), _integers(moments), along]


def _script(value: list[Any]) -> str:
    return data_scripts.data_script("chart", data_scripts.to_json(value))


def _integers(values: Ints) -> list[int]:
    """Return the first of integers and what leads from each to the next, once if that is always the same."""
    steps = np.diff(values)
    regular = len(steps) > 1 and (steps == steps[0]).all()
    return [*values[:1].tolist(), *(steps[:1] if regular else steps).tolist()]


def _floats(values: Floats) -> str:
    """Return floats of 64 bits, little-endian, in base64: exact, and half as long as in digits."""
    return b64encode(values.astype("<f8").tobytes()).decode()
