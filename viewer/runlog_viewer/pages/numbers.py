"""Numbers by name → short facts, in the order in which people look for them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runlog_viewer.pages import headline, wording
from runlog_viewer.pages.values import Fact

MOST = 200
"""Numbers of a list that a page holds: 2,000 classes have some 6,000 at a step, of half a megabyte."""


def facts(numbers: Iterable[tuple[str, float]]) -> tuple[Fact, ...]:
    """Return numbers to four digits: those on held-out data, the others, then parts of any of them."""
    given = dict(numbers)
    ordered = sorted(given, key=lambda key: (headline.is_part(key, given), not headline.is_held_out(key)))
    return tuple(Fact(key, wording.number(given[key], 4)) for key in ordered)


def shown(numbers: Sequence[Fact]) -> Sequence[Fact]:
    """Return the numbers of a list that a page holds: all of few, of many those of no single class first."""
    if len(numbers) <= MOST:
        return numbers
    names = {fact.name for fact in numbers}
    return sorted(numbers, key=lambda fact: headline.is_part(fact.name, names))[:MOST]
