"""The numbers of the machine, kept between passes so that only those are read that are new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from runlog_viewer.pages.pyramid import Floats
from runlog_viewer.pages.system import SystemSeries


@dataclass(frozen=True, slots=True)
class _Joined:
    """Numbers of the machine that were read one after another."""

    key: str
    times: NDArray[np.datetime64]
    values: Floats


class SystemNumbers:
    """The numbers of each key so far."""

    def __init__(self) -> None:
        self._series: dict[str, SystemSeries] = {}

    def add(self, new: Iterable[SystemSeries]) -> None:
        """Take over what is new."""
        for one in new:
            known = self._series.get(one.key)
            self._series[one.key] = (
                one
                if known is None
                else _Joined(
                    one.key,
                    np.concatenate([known.times, one.times]),
                    np.concatenate([known.values, one.values]),
                )
            )

    def until(self) -> datetime | None:
        """Return when the last one was measured."""
        last = max((series.times[-1] for series in self._series.values()), default=None)
        return None if last is None else last.astype("datetime64[us]").item().replace(tzinfo=UTC)

    def series(self) -> tuple[SystemSeries, ...]:
        """Return the numbers by key."""
        return tuple(self._series[key] for key in sorted(self._series))
