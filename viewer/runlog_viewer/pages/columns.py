"""Summary and configuration of a run → values the overview can show and sort as columns. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any

import runlog
from runlog_viewer.pages import wording

MAX_COLUMNS = 1000
MAX_LENGTH = 200
MAX_DEPTH = 8
_MAX_EXACT_INTEGER = 2**53

Value = str | int | float


def columns(run: runlog.RunRecord) -> tuple[tuple[str, Value], ...]:
    """Return a run's values by column: ``summary.NAME`` and ``config.NAME``.

    What is nested has its names joined by ``.``; a list is one value, as JSON. Text is cut after 200
    characters, what has a longer name or comes after 1,000 columns is left out: the run page has all of it.
    """
    found = chain(flat(run.summary, "summary."), flat(run.config, "config."))
    short = ((name, _value(value)) for name, value in found if len(name) <= MAX_LENGTH)
    return tuple(islice(short, MAX_COLUMNS))


def flat(values: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield names and values, with the names of what is nested joined by ``.``, down to eight levels."""
    for key, value in values.items():
        if isinstance(value, Mapping) and value and depth < MAX_DEPTH:
            yield from flat(value, f"{prefix}{key}.", depth + 1)
        else:
            yield f"{prefix}{key}", value


def _value(value: Any) -> Value:
    if isinstance(value, float) or (type(value) is int and abs(value) <= _MAX_EXACT_INTEGER):
        return value
    return wording.data(value)[:MAX_LENGTH]
