"""Numbers by name → short facts, in the order in which people look for them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from runlog_viewer.pages import wording
from runlog_viewer.pages.values import Fact

_HELD_OUT = re.compile(r"(?i:val|valid|validation|test|testing|eval|evaluation)(?![a-z])")


def facts(numbers: Iterable[tuple[str, float]]) -> tuple[Fact, ...]:
    """Return numbers to four digits, those on held-out data before the others."""
    ordered = sorted(numbers, key=lambda item: _HELD_OUT.match(item[0]) is None)
    return tuple(Fact(key, wording.number(value, 4)) for key, value in ordered)
