"""Numbers by name → short facts, in the order in which people look for them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runlog_viewer.pages import headline, wording
from runlog_viewer.pages.values import Fact

MOST = 200
"""Numbers of a list that a page holds: 2,000 classes have some 6,000 at a step, of half a megabyte."""


def facts(numbers: Iterable[tuple[str, float]]) -> tuple[Fact, ...]:
    """Return numbers to four digits: those on held-out data, the others, then those of one of many things."""
    given = dict(numbers)
    of_one = headline.of_one_of_many(given)
    ordered = sorted(given, key=lambda key: (key in of_one, not headline.is_held_out(key)))
    return tuple(Fact(key, wording.number(given[key], 4)) for key in ordered)


def shown(numbers: Sequence[Fact]) -> Sequence[Fact]:
    """Return the numbers of a list that a page holds: all of few, of many those of no single class first."""
    if len(numbers) <= MOST:
        return numbers
    of_one = headline.of_one_of_many(fact.name for fact in numbers)
    return sorted(numbers, key=lambda fact: fact.name in of_one)[:MOST]
