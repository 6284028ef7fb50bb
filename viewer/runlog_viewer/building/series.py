"""The scalars of a run, kept between passes so that only new numbers are read, drawn and written."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

import runlog
from runlog_viewer.building import chart_scripts
from runlog_viewer.html import data_scripts
from runlog_viewer.pages import charts, headline, pyramid, run_lines, site_names
from runlog_viewer.pages.key_order import KeyOrder
from runlog_viewer.pages.pyramid import Buckets, Floats, Ints
from runlog_viewer.pages.values import Chart, HeadlineNumber, RunLine


class Stop(NamedTuple):
    """A value of a step metric, and the first and the last step that has it."""

    value: float
    first: int
    last: int


class Stops(NamedTuple):
    """The keys that have a step metric, and its values by the last step that has each."""

    keys: list[str]
    values: list[Stop]


class Series:
    """The numbers of one key by ascending step, and their buckets.

    Attributes
    ----------
    changed_from
        The first place that has changed since the series was written, None if none has.
    """

    def __init__(self) -> None:
        self._steps = array("q")
        self._values = array("d")
        self._top = pyramid.buckets((), 1)
        self._level = 0
        self._drawn = 0  # values that are in the buckets as they are
        self.changed_from: int | None = 0

    def __len__(self) -> int:
        return len(self._steps)

    def merge(self, series: runlog.ScalarSeries) -> None:
        """Add numbers; one at a step that has a number already replaces it."""
        for step, value in zip(series.steps.tolist(), series.values.tolist(), strict=True):
            at = bisect_left(self._steps, step)
            self._note(at)
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
            self._note(at)
            del self._steps[at], self._values[at]
        return found

    def _note(self, place: int) -> None:
        self._change_from(place)
        self._drawn = min(self._drawn, place)

    def _change_from(self, place: int) -> None:
        self.changed_from = place if self.changed_from is None else min(self.changed_from, place)

    def move_from(self, step: int) -> None:
        """Note that the places of what was logged at a step and later are others, along a step metric."""
        self._change_from(bisect_left(self._steps, step))

    def at(self, step: int) -> float | None:
        """Return the number of a step, if it has one."""
        at = bisect_left(self._steps, step)
        return self._values[at] if at < len(self._steps) and self._steps[at] == step else None

    def last(self) -> float:
        """Return the number of the last step."""
        return self._values[-1]

    def steps(self) -> Ints:
        """Return the steps of all numbers."""
        return np.array(self._steps)

    def values(self) -> Floats:
        """Return all numbers."""
        return np.array(self._values)

    def top(self) -> tuple[int, Buckets]:
        """Return the top level, and its buckets."""
        level = pyramid.top_level(len(self))
        at = self._drawn // pyramid.FACTOR**level if level == self._level else 0
        start = at * pyramid.FACTOR**level
        if start < len(self):
            fresh = pyramid.buckets(self._values[start:], pyramid.FACTOR**level, start)
            self._top = self._top.followed_by(fresh, at)
        elif len(self._top) > at:
            self._top = self._top.followed_by(pyramid.buckets((), 1), at)
        self._level, self._drawn = level, len(self)
        return level, self._top

    def stops(self, steps: Sequence[int]) -> list[Stop]:
        """Return its finite values as of some ascending steps, by the last step that has each."""
        if not steps:
            return []
        values, places = self.latest(steps), np.asarray(steps)
        starts = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
        ends = np.append(starts[1:], len(values)) - 1
        found: dict[float, Stop] = {}
        for value, first, last in zip(
            values[starts].tolist(), places[starts].tolist(), places[ends].tolist(), strict=True
        ):
            if math.isfinite(value):
                found[value] = Stop(value, found[value].first if value in found else first, last)
        return sorted(found.values(), key=lambda stop: stop.last)

    def extremes(self) -> headline.Extremes | None:
        """Return the lowest and the highest finite number, each with the first step that has it."""
        level, top = self.top()
        if not np.isfinite(top.means).any():
            return None
        at_low, at_high = int(np.nanargmin(top.lows)), int(np.nanargmax(top.highs))
        size = pyramid.FACTOR**level
        low, high = float(top.lows[at_low]), float(top.highs[at_high])
        first_low, first_high = (
            self._values.index(low, at_low * size),
            self._values.index(high, at_high * size),
        )
        return (low, self._steps[first_low]), (high, self._steps[first_high])

    def line(self, key: str) -> RunLine:
        """Return its line for the page of all runs."""
        return run_lines.run_line(key, self._steps, self._values)

    def latest(self, steps: Sequence[int] | Ints) -> Floats:
        """Return the number at each step, or the latest one before it; NaN where there is none."""
        at = np.searchsorted(np.asarray(self._steps), np.asarray(steps), side="right") - 1
        return np.where(at < 0, np.nan, np.asarray(self._values)[at])


class AllSeries:
    """The numbers of every key, and the charts that are asked for, drawn again only where numbers changed."""

    def __init__(self) -> None:
        self._series: dict[str, Series] = {}
        self._metrics: tuple[runlog.Metric, ...] = ()
        self._step_metrics: dict[str, str | None] = {}
        self._charts: dict[str, Chart] = {}
        self._entries: dict[str, str] = {}
        self._remade: dict[str, int] = {}
        self._lines: dict[str, RunLine] = {}

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
        since: dict[str, int] = {}  # the first step of each key that changed
        for step in steps:
            for key, known in self._series.items():
                if known.forget(step):
                    since[key] = min(step, since.get(key, step))
        for one in series:
            self._series.setdefault(one.key, Series()).merge(one)
            first = int(one.steps.min())
            since[one.key] = min(first, since.get(one.key, first))
        for key in since:
            self._lines.pop(key, None)
        for key in [key for key in since if not self._series[key]]:
            for known_by_key in (self._series, self._charts, self._entries, self._remade):
                known_by_key.pop(key, None)
        for key, one_series in self._series.items():
            if (step_metric := self._step_metric(key)) in since:
                one_series.move_from(since[step_metric])
        for key in self._series:
            if key in since or self._step_metric(key) in since:
                self._charts.pop(key, None)
        return bool(since)

    def arrange(self, order: KeyOrder) -> None:
        """Put the keys in order; in which they have come is another where some came late."""
        self._series = dict(sorted(self._series.items(), key=lambda item: order.place(item[0])))

    def define(self, metrics: tuple[runlog.Metric, ...]) -> bool:
        """Take over what `define_metric` said, the oldest first; return whether that changed any chart."""
        if metrics == self._metrics:
            return False
        before = {key: self._step_metric(key) for key in self._series}
        self._metrics, self._step_metrics = metrics, {}
        changed = [key for key, step_metric in before.items() if self._step_metric(key) != step_metric]
        for key in changed:
            self._series[key].move_from(0)
            self._charts.pop(key, None)
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

    def _along(self, key: str) -> tuple[str | None, Floats | None]:
        """Return the step metric of a key and where its numbers stand along it, if any of them does."""
        step_metric = self._step_metric(key)
        along = self._series.get(step_metric or "")
        places = along.latest(self._series[key].steps()) if along else None
        return (step_metric, places) if places is not None and np.isfinite(places).any() else (None, None)

    def stops(self, keys: Iterable[str], steps: Sequence[int]) -> dict[str, Stops]:
        """Return the step metrics of some keys, and where sliders over them stop.

        Parameters
        ----------
        keys
            Those of images, say.
        steps
            Those that have a page, ascending.

        Returns
        -------
        dict
            Those that have a finite value at any of the steps: each counts until there is another.
        """
        keys_of: dict[str, list[str]] = {}
        for key in keys:
            if (name := self._step_metric(key)) in self._series:
                keys_of.setdefault(name, []).append(key)
        found = {name: Stops(ruled, self._series[name].stops(steps)) for name, ruled in keys_of.items()}
        return {name: stops for name, stops in found.items() if stops.values}

    def at(self, step: int) -> Iterator[tuple[str, float]]:
        """Yield the keys that have a number at a step, in order, and the numbers."""
        for key, series in self._series.items():
            value = series.at(step)
            if value is not None:
                yield key, value

    def lines(self) -> tuple[RunLine, ...]:
        """Return the lines of the numbers that say the result of the run, the first first."""
        keys = headline.ranked(self._series, self._metrics)[: run_lines.MAX_LINES]
        for key in keys:
            if key not in self._lines:
                self._lines[key] = self._series[key].line(key)
        return tuple(self._lines[key] for key in keys)

    def headline(self) -> tuple[HeadlineNumber, ...]:
        """Return the numbers that say the result of the run."""
        return headline.strip(
            self._series, self._metrics, self.chart, lambda key: self._series[key].extremes()
        )

    def keys(self) -> Iterable[str]:
        """Return the keys that have numbers, in order."""
        return self._series.keys()

    def chart(self, key: str) -> Chart:
        """Return the chart of a key, which is drawn when it is first asked for after its numbers changed."""
        if key not in self._charts:
            series = self._series[key]
            step_metric, places = self._along(key)
            over = series.steps() if places is None else places
            self._charts[key] = charts.chart(key, over, series.values(), step_metric)
        return self._charts[key]

    def last(self, key: str) -> str:
        """Return the last number of a key, as pages show it."""
        return charts.number(self._series[key].last())

    def script_names(self) -> Iterator[str]:
        """Yield where the data scripts of single charts are."""
        for key, series in self._series.items():
            yield site_names.chart_script(key)
            yield from (site_names.chart_script(key, *part) for part in chart_scripts.parts(len(series), 0))

    def scripts(self, moments: Mapping[int, int], revision: int, *, is_anew: bool) -> Mapping[str, str]:
        """Return the data scripts that have changed since they were asked for, by where they are.

        Parameters
        ----------
        moments
            When each step was logged, in milliseconds since the run started.
        revision
            That of the run as it is now.
        is_anew
            Whether those of all keys are wanted.
        """
        files: dict[str, str] = {}
        for key, series in self._series.items():
            start = 0 if is_anew else series.changed_from
            if start is None:
                continue
            of_key = key, series.steps(), series.values(), *series.top(), series.extremes()
            written = chart_scripts.ChartScripts(*of_key, moments, *self._along(key))
            # What a page has of parts that are full is of use to it as long as none of them changes.
            is_kept = key in self._remade and start >= written.full_before
            self._remade[key] = self._remade[key] if is_kept else revision
            files.update(written.files(start))
            self._entries[key] = data_scripts.to_json(written.entry(revision, self._remade[key]))
            series.changed_from = None
        entries = ",".join(self._entries[key] for key in headline.in_sections(self._series))
        return {**files, site_names.CHARTS_SCRIPT: data_scripts.data_script("charts", f"[{entries}]")}
