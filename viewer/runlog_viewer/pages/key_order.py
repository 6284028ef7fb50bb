"""In which order the keys of a run stand on its pages: that in which they were first logged. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


K = TypeVar("K", bound=_Keyed)


class KeyOrder:
    """The order of keys; one that is not among them comes last, as it was logged since they were read.

    Parameters
    ----------
    keys
        The keys of a run, as `RunReader.keys` gives them.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._places = {key: place for place, key in enumerate(keys)}

    def place(self, key: str) -> tuple[int, str]:
        """Return what keys are sorted by."""
        return self._places.get(key, len(self._places)), key

    def of(self, records: Iterable[K]) -> tuple[K, ...]:
        """Return records in the order of their keys; those of one key stay as they are."""
        return tuple(sorted(records, key=lambda record: self.place(record.key)))
