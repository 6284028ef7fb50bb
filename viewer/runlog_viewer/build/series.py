"""The scalars of a run, kept between passes so that only new numbers are read."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

import runlog
from runlog_viewer.html import render
from runlog_viewer.pages import charts, headline
from runlog_viewer.pages.charts import Floats
from runlog_viewer.pages.values import Chart, HeadlineNumber


class Series:
    """The numbers of one key by ascending step."""

    def __init__(self) -> None:
        self._steps = array("q")
        self._values = array("d")

    def __len__(self) -> int:
        return len(self._steps)

    def merge(self, series: runlog.ScalarSeries) -> None:
        """Add numbers; one at a step that has a number already replaces it."""
        for step, value in zip(series.steps.tolist(), series.values.tolist(), strict=True):
            at = bisect_left(self._steps, step)
            if at < len(self._steps) and self._steps[at] == step:
                self._values[at] = value
            else:
                self._steps.insert(at, step)
                self._values.insert(at, value)

    def forget(self, step: int) -> bool:
        """Drop the number of a step; return whether there was one."""
        at = bisect_left(self._steps, step)
        found = at < len(self._steps) and self._steps[at] == step
        if found:
            del self._steps[at], self._values[at]
        return found

    def at(self, step: int) -> float | None:
        """Return the number of a step, if it has one."""
        at = bisect_left(self._steps, step)
        return self._values[at] if at < len(self._steps) and self._steps[at] == step else None

    def points(self) -> charts.Points:
        """Return what of the numbers is drawn; there must be some."""
        return charts.points(self._steps, self._values)

    def extremes(self) -> headline.Extremes | None:
        """Return the lowest and the highest finite number, each with the first step that has it."""
        values = np.asarray(self._values)
        if not np.isfinite(values).any():
            return None
        low = int(np.where(np.isfinite(values), values, np.inf).argmin())
        high = int(np.where(np.isfinite(values), values, -np.inf).argmax())
        return (self._values[low], self._steps[low]), (self._values[high], self._steps[high])

    def latest(self, steps: Sequence[int]) -> Floats:
        """Return the number at each step, or the latest one before it; NaN where there is none."""
        at = np.searchsorted(np.asarray(self._steps), np.asarray(steps), side="right") - 1
        return np.where(at < 0, np.nan, np.asarray(self._values)[at])

    def places(self, key: str, along: Series, kept: charts.Points) -> charts.Places | None:
        """Return where the points kept stand along another series; None if none of them does."""
        of_points = along.latest(kept.steps)
        if not np.isfinite(of_points).any():
            return None
        missing = int((~np.isfinite(along.latest(self._steps))).sum())
        of_middles = along.latest(kept.middles).tolist() if kept.middles else ()
        return charts.Places(key, tuple(of_points.tolist()), tuple(of_middles), missing)


class AllSeries:
    """The numbers of every key, and their charts, drawn again only where numbers were added."""

    def __init__(self) -> None:
        self._series: dict[str, Series] = {}
        self._metrics: tuple[runlog.Metric, ...] = ()
        self._step_metrics: dict[str, str | None] = {}
        self._points: dict[str, charts.Points] = {}
        self._places: dict[str, charts.Places | None] = {}
        self._charts: dict[str, Chart] = {}
        self._encoded: dict[str, str] = {}

    def replace(self, steps: Iterable[int], series: Iterable[runlog.ScalarSeries]) -> bool:
        """Take over all numbers of some steps: those that had others lose them.

        Parameters
        ----------
        steps
            The steps that changed. At each, a key may hold an image or a text by now.
        series
            Their numbers.

        Returns
        -------
        bool
            Whether that changed any chart.
        """
        changed = {key for step in steps for key, known in self._series.items() if known.forget(step)}
        for one in series:
            self._series.setdefault(one.key, Series()).merge(one)
            changed.add(one.key)
        for key in changed:
            if self._series[key]:
                self._points[key] = self._series[key].points()
            else:
                for known in (self._series, self._points, self._places, self._charts, self._encoded):
                    known.pop(key, None)
        self._draw({key for key in self._series if key in changed or self._step_metric(key) in changed})
        return bool(changed)

    def define(self, metrics: tuple[runlog.Metric, ...]) -> bool:
        """Take over what `define_metric` said, the oldest first; return whether that changed any chart."""
        if metrics == self._metrics:
            return False
        before = {key: self._step_metric(key) for key in self._series}
        self._metrics, self._step_metrics = metrics, {}
        changed = {key for key, step_metric in before.items() if self._step_metric(key) != step_metric}
        self._draw(changed)
        return bool(changed)

    @property
    def metrics(self) -> tuple[runlog.Metric, ...]:
        """What `define_metric` said, the oldest first."""
        return self._metrics

    def _step_metric(self, key: str) -> str | None:
        """Return what a key is drawn over; a pattern may take in the step metric itself."""
        if key not in self._step_metrics:
            found = next((metric for metric in reversed(self._metrics) if metric.matches(key)), None)
            self._step_metrics[key] = found.step_metric if found and found.step_metric != key else None
        return self._step_metrics[key]

    def _draw(self, keys: Iterable[str]) -> None:
        for key in keys:
            kept, step_metric = self._points[key], self._step_metric(key)
            along = self._series.get(step_metric or "")
            places = self._series[key].places(step_metric, along, kept) if step_metric and along else None
            self._places[key] = places
            self._charts[key] = charts.chart(key, kept, places)
            self._encoded.pop(key, None)

    def at(self, step: int) -> Iterator[tuple[str, float]]:
        """Yield the keys that have a number at a step, in order, and the numbers."""
        for key in sorted(self._series):
            value = self._series[key].at(step)
            if value is not None:
                yield key, value

    def headline(self) -> tuple[HeadlineNumber, ...]:
        """Return the numbers that say the result of the run."""
        return headline.strip(self._charts.values(), self._metrics, lambda key: self._series[key].extremes())

    def charts(self) -> Iterable[Chart]:
        """Return a chart of each key."""
        return self._charts.values()

    def encoded(self, seconds: Callable[[int], float]) -> str:
        """Return the points of each key as JSON, in the order of the charts on the page.

        Each is ``[key, count, gaps, steps, values, seconds, middles, means, along]``, as `charts.Points`
        says; seconds are when each step was logged, since the run started. ``along`` is null, or ``[step
        metric, of points, of middles, missing]``, as `charts.Places` says.

        Parameters
        ----------
        seconds
            From a step to when it was logged.
        """
        for key, kept in self._points.items():
            if key not in self._encoded:
                times = [round(seconds(step), 3) for step in kept.steps]
                places = self._places[key]
                along = places and (places.step_metric, places.of_points, places.of_middles, places.missing)
                points = (kept.count, kept.gaps, kept.steps, kept.values, times, kept.middles, kept.means)
                self._encoded[key] = render.to_json((key, *points, along))
        return f"[{','.join(self._encoded[key] for key in headline.in_sections(self._encoded))}]"
