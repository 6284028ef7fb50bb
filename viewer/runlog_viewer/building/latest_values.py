"""The values of each key at its latest step, kept between passes so that only what is new is read again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

import runlog
from runlog_viewer.pages.key_order import KeyOrder
from runlog_viewer.pages.value_kinds import ValueKind

# Of what is read part by part: the page of a run has a beginning.
_FIRST_ROWS = 5


class LatestValues:
    """The latest values of one kind.

    Parameters
    ----------
    kind
        The kind.
    """

    def __init__(self, kind: ValueKind) -> None:
        self._kind = kind
        self._records: dict[str, tuple[Any, ...]] | None = None
        self._opened: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {}

    def update(self, reader: runlog.RunReader, changed: Iterable[runlog.StepRecord]) -> None:
        """Take over what steps have that were logged to; all keys are read where what was known is gone."""
        counts = {record.step: self._kind.count(record) for record in changed}
        known = self._records
        if known is not None:
            with_values = [step for step, count in counts.items() if count]
            found = _entries(reader.values(self._kind.kind, with_values) if with_values else ())
            places = {(key, entries[0].step) for key, entries in found}
            if all(e[0].step not in counts or (key, e[0].step) in places for key, e in known.items()):
                newer = ((key, e) for key, e in found if key not in known or e[0].step >= known[key][0].step)
                known.update(newer)
                return
        self._records = dict(_entries(reader.latest_values(self._kind.kind)))

    @property
    def records(self) -> dict[str, tuple[Any, ...]]:
        """The records of each key."""
        return self._records or {}

    def words(self) -> Iterator[tuple[str, list[str]]]:
        """Yield keys, and by what words the search finds each besides its name."""
        for key, records in self.records.items():
            if words := [word for record in records for word in self._kind.words(record)]:
                yield key, words

    def shown(self, reader: runlog.RunReader, order: KeyOrder) -> tuple[Any, ...]:
        """Return what the page of a run shows, by key and entry: of many keys, those logged last."""
        try:
            return self._opened_values(reader, order)
        except runlog.RunChangedError:  # a table was logged again since its record was read
            with reader.one_moment():
                self._records = dict(_entries(reader.latest_values(self._kind.kind)))
                return self._opened_values(reader, order)

    def _opened_values(self, reader: runlog.RunReader, order: KeyOrder) -> tuple[Any, ...]:
        last = sorted(self.records.items(), key=lambda item: (-item[1][0].step, item[0]))
        shown = sorted((key for key, _ in last[: self._kind.most_latest]), key=order.place)
        before, self._opened = self._opened, {}
        for key in shown:
            records = self.records[key]
            opened = before[key][1] if key in before and before[key][0] == records else None
            self._opened[key] = (
                records,
                opened or tuple(self._kind.opened(reader, record, _FIRST_ROWS) for record in records),
            )
        return tuple(value for key in shown for value in self._opened[key][1])


def _entries(records: Iterable[Any]) -> list[tuple[str, tuple[Any, ...]]]:
    """Return the entries of each key and step together, in the order of the records."""
    return [(key, tuple(group)) for (key, _), group in groupby(records, attrgetter("key", "step"))]
