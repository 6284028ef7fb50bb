"""All runs → the columns of their table: numbers that they share and configuration that differs. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from runlog_viewer.pages import wording
from runlog_viewer.pages.columns import Value
from runlog_viewer.pages.headline import Aim
from runlog_viewer.pages.values import Cell, Column, RunCard

MAX_NUMBERS, MAX_CONFIG = 5, 5
_LONGEST = 40  # characters of a value that is worth a column


def columns(cards: Sequence[RunCard]) -> tuple[Column, ...]:
    """Return the columns that tell these runs apart, as long as the reader asks for no others.

    Each run has a few headline numbers: the columns are those that most runs have, and among equals those
    that come first in some run. Of the configuration they are what differs, of what at least half of the runs
    have.
    """
    wanted = aims(cards)
    numbers = (Column(name, True, wanted.get(name)) for name in _shared_numbers(cards))
    return (*numbers, *(Column(name, is_number, None) for name, is_number in _differing(cards)))


def aims(cards: Iterable[RunCard]) -> dict[str, Aim]:
    """Return by column whether its least or its most is best, where all runs agree."""
    found: dict[str, set[Aim]] = {}
    for card in cards:
        for name, aim in card.aims:
            found.setdefault(name, set()).add(aim)
    return {name: next(iter(of)) for name, of in found.items() if len(of) == 1}


def rows(cards: Sequence[RunCard], shown: Sequence[Column]) -> tuple[tuple[Cell, ...], ...]:
    """Return the cells of each run, with the best of each column marked if there is more than one value."""
    values = [dict(card.columns) for card in cards]
    best = {column.name: _best(column, values) for column in shown}
    return tuple(
        tuple(_cell(column, of_run.get(column.name), best[column.name]) for column in shown)
        for of_run in values
    )


def _shared_numbers(cards: Iterable[RunCard]) -> list[str]:
    places: dict[str, list[int]] = {}
    for card in cards:
        for place, name in enumerate(card.headline):
            places.setdefault(name, []).append(place)
    ordered = sorted(places, key=lambda name: (-len(places[name]), min(places[name]), name))
    return ordered[:MAX_NUMBERS]


def _differing(cards: Sequence[RunCard]) -> list[tuple[str, bool]]:
    """Return what differs in the configuration, in the order of the scripts, and whether it is a number."""
    found: dict[str, list[Value]] = {}
    for card in cards:
        for name, value in card.columns:
            if name.startswith("config."):
                found.setdefault(name, []).append(value)
    named = (
        (name, all(isinstance(value, int | float) for value in values))
        for name, values in found.items()
        if 2 * len(values) >= len(cards)
        and (len(Counter(map(str, values))) > 1 or 1 < len(values) < len(cards))
        and all(len(str(value)) <= _LONGEST for value in values)
    )
    # What is another one in every run, such as a seed, says least.
    return sorted(named, key=lambda item: _is_seed(item[0]))[:MAX_CONFIG]


def _is_seed(name: str) -> bool:
    return name.rpartition(".")[2].lower() in ("seed", "random_seed", "rank")


def _best(column: Column, values: Iterable[Mapping[str, Value]]) -> float | None:
    found = [of_run.get(column.name) for of_run in values]
    numbers = {value for value in found if isinstance(value, int | float) and math.isfinite(value)}
    if column.aim is None or len(numbers) < 2:
        return None
    return min(numbers) if column.aim == "min" else max(numbers)


def _cell(column: Column, value: Value | None, best: float | None) -> Cell:
    is_number = isinstance(value, int | float)
    text = "" if value is None else wording.number(value, 4) if isinstance(value, int | float) else value
    return Cell(column.name, text, is_number, best is not None and value == best)
