"""The scalars of a run, kept between passes so that only new numbers are read."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

import runlog
from viewer import charts
from viewer.values import Chart


class Series:
    """The numbers of one key by ascending step."""

    def __init__(self) -> None:
        self._steps = array("q")
        self._values = array("d")

    def merge(self, series: runlog.ScalarSeries) -> None:
        """Add numbers; one at a step that has a number already replaces it."""
        for step, value in zip(series.steps, series.values, strict=True):
            at = bisect_left(self._steps, step)
            if at < len(self._steps) and self._steps[at] == step:
                self._values[at] = value
            else:
                self._steps.insert(at, step)
                self._values.insert(at, value)

    def at(self, step: int) -> float | None:
        """Return the number of a step, if it has one."""
        at = bisect_left(self._steps, step)
        return self._values[at] if at < len(self._steps) and self._steps[at] == step else None

    def chart(self, key: str) -> Chart:
        """Return the numbers as a chart."""
        return charts.chart(key, self._steps, self._values)


class AllSeries:
    """The numbers of every key, and their charts, drawn again only where numbers were added."""

    def __init__(self) -> None:
        self._series: dict[str, Series] = {}
        self._charts: dict[str, Chart] = {}

    def merge(self, series: Iterable[runlog.ScalarSeries]) -> None:
        """Add numbers of any keys."""
        for one in series:
            known = self._series.setdefault(one.key, Series())
            known.merge(one)
            self._charts[one.key] = known.chart(one.key)

    def at(self, step: int) -> Iterator[tuple[str, float]]:
        """Yield the keys that have a number at a step, in order, and the numbers."""
        for key in sorted(self._series):
            value = self._series[key].at(step)
            if value is not None:
                yield key, value

    def charts(self) -> Iterable[Chart]:
        """Return a chart of each key."""
        return self._charts.values()
