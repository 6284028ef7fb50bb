"""Numbers of the machine → charts over time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from runlog_viewer.pages import charts
from runlog_viewer.pages.pyramid import Floats
from runlog_viewer.pages.values import Chart

MAX_CHARTS = 48
_MINUTE, _HOURS_FROM = np.timedelta64(1, "m"), 180


class SystemSeries(Protocol):
    """Numbers of the machine under one key, by ascending time, as of `RunReader.system_numbers`."""

    @property
    def key(self) -> str:
        """What it is, and in which unit."""

    @property
    def times(self) -> NDArray[np.datetime64]:
        """UTC."""

    @property
    def values(self) -> Floats:
        """One for each time."""


def system_charts(series: Sequence[SystemSeries], started: datetime) -> tuple[Chart, ...]:
    """Return a chart of each key, over the minutes or hours since the run started; the first keys of many."""
    start = np.datetime64(started.astimezone(UTC).replace(tzinfo=None), "us")
    minutes = [(one.times - start) / _MINUTE for one in series[:MAX_CHARTS]]
    in_hours = any(one[-1] > _HOURS_FROM for one in minutes)
    return tuple(
        charts.chart(one.key, at / 60 if in_hours else at, one.values, "hours" if in_hours else "minutes")
        for one, at in zip(series, minutes, strict=False)
    )
