"""What a column of a run's database must hold: rules, and those that columns of many tables share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from runlog.basics.jsontext import from_json
from runlog.errors import RunlogError
from runlog.images.checks import MAX_CLASS_ID


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What every value of a column must be.

    Attributes
    ----------
    must
        In words, after "must be".
    kinds
        The types that SQLite may give.
    holds
        Asked of each distinct value that is not None, if there is more to ask; False or an error refuses it.
    all_hold
        The same, asked of many values at once, where that is much quicker.
    """

    must: str
    kinds: frozenset[type]
    holds: Callable[[Any], object] | None = None
    all_hold: Callable[[list[Any]], object] | None = None

    def first_refused(self, values: Sequence[object]) -> tuple[object] | None:
        """Return the first value that the column must not hold, alone in a tuple; None if there is none."""
        if self.kinds.issuperset(map(type, values)) and self._allows_all(values):
            return None
        return next((value,) for value in values if type(value) not in self.kinds or not self._allows(value))

    def _allows_all(self, values: Sequence[Any]) -> bool:
        if self.holds is None:
            return True
        distinct = set(values)
        if self.all_hold is not None and _is_so(self.all_hold, list(distinct)):
            return True
        return all(map(self._allows, distinct))

    def _allows(self, value: object) -> bool:
        return value is None or self.holds is None or _is_so(self.holds, value)


def _is_so(holds: Callable[[Any], object], value: object) -> bool:
    try:
        return bool(holds(value))
    except (RunlogError, ValueError, TypeError, KeyError, OverflowError):
        return False


def is_class_id(value: object) -> bool:
    """Return whether a value is a class id."""
    return type(value) is int and 0 <= value <= MAX_CLASS_ID


@lru_cache(maxsize=1024)
def class_ids_from_json(text: str) -> tuple[int, ...]:
    """Return the class ids of a mask.

    Raises
    ------
    ValueError
        If the text is no JSON list of class ids.
    """
    ids = from_json(text)
    if type(ids) is not list or not all(map(is_class_id, ids)):
        raise ValueError("class_ids must be a list of class ids")
    return tuple(ids)


def choice_rule(choices: Collection[str]) -> ColumnRule:
    """Return the rule of a column of one of some texts."""
    return ColumnRule(f"one of {', '.join(choices)}", frozenset({str}), frozenset(choices).__contains__)


def integer_rule(low: int, high: int, *more: type) -> ColumnRule:
    """Return the rule of a column of integers from one to another, or of `NONE` if that is given, too."""
    return ColumnRule(
        f"an integer from {low} to {high}" + (" or NULL" if more else ""),
        frozenset({int, *more}),
        lambda value: low <= value <= high,
    )


def text_rule(must: str, holds: Callable[[str], object] | None, *more: type) -> ColumnRule:
    """Return the rule of a column of texts of which `holds` is so, or of `NONE` if that is given, too."""
    return ColumnRule(must + (" or NULL" if more else ""), frozenset({str, *more}), holds)


NONE = type(None)
"""What SQLite gives for NULL."""
ID = ColumnRule("an integer", frozenset({int}))
INDEX = integer_rule(0, 2**31 - 1)
NUMBER = ColumnRule("a number or NULL", frozenset({float, NONE}))
OPTIONAL_TEXT = text_rule("text", None, NONE)
CLASS_ID = integer_rule(0, MAX_CLASS_ID)
CLASS_IDS = text_rule("a JSON list of class ids", lambda value: class_ids_from_json(value) is not None)
