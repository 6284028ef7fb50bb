"""Numbers by name → short facts, in the order in which people look for them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from runlog_viewer.pages import headline, wording
from runlog_viewer.pages.values import Fact


def facts(numbers: Iterable[tuple[str, float]]) -> tuple[Fact, ...]:
    """Return numbers to four digits, those on held-out data before the others."""
    ordered = sorted(numbers, key=lambda item: not headline.is_held_out(item[0]))
    return tuple(Fact(key, wording.number(value, 4)) for key, value in ordered)
