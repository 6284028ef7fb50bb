"""Numbers by name → short facts, in the order in which people look for them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from runlog_viewer.pages import headline, wording
from runlog_viewer.pages.values import Fact


def facts(numbers: Iterable[tuple[str, float]]) -> tuple[Fact, ...]:
    """Return numbers to four digits: those on held-out data, the others, then parts of any of them."""
    given = dict(numbers)
    ordered = sorted(given, key=lambda key: (headline.is_part(key, given), not headline.is_held_out(key)))
    return tuple(Fact(key, wording.number(given[key], 4)) for key in ordered)
