"""What a reader asks of runs: words, and ``NAME=VALUE`` of fields, summary or configuration.

The same language as the filter of the overview; ``tests/run_filter_cases.json`` holds both to it. Terms are
parted by spaces, and all have to hold. A term is a word, which a run has somewhere in its name, id, project,
group, tags or state; or a comparison by ``< <= > >= = !=`` of ``steps``, ``images``, a value of summary or
configuration; or one by ``= != :`` (is, is not, contains) of ``name project group tag state``. Quotes keep
spaces together.
"""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_CONTAINED = frozenset({"name", "project", "group", "tag", "state"})
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SPACED_SIGN = re.compile(r"(\S)\s+(<=|>=|!=|[<>=])\s+(?=\S)")
_TERM = re.compile(r'(?:[^\s"]|"[^"]*"|")+')
_COMPARISON = re.compile(r"(.+?)(<=|>=|!=|[<>=])(.*)", re.DOTALL)
_CONTAINS = re.compile(r"([^:]+)(:)(.*)", re.DOTALL)
_QUOTED = re.compile(r'"(.*)"', re.DOTALL)
_DIGITS = 4
_MAX_DEPTH = 8

Value = str | float | int


@dataclass(frozen=True, slots=True)
class FilteredRun:
    """What a filter sees of a run.

    Attributes
    ----------
    words
        All its text that words are looked for in.
    fields
        Values by field, such as ``tag`` or ``steps``.
    values
        Values of summary and configuration, by ``summary.NAME`` and ``config.NAME``.
    """

    words: str
    fields: Mapping[str, Sequence[Value]]
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class _Term:
    word: str
    name: str = ""
    sign: str = ""
    wanted: str = ""


def matches(text: str, run: FilteredRun) -> bool:
    """Return whether a run is what a filter asks for; an empty filter asks for nothing."""
    return all(_fits(term, run) for term in _terms(text))


def flat_values(prefix: str, values: Mapping[str, Any]) -> dict[str, Value]:
    """Return the values of a summary or configuration by name; a list is one value, as JSON."""
    return {
        name: value
        if isinstance(value, (str, float)) or type(value) is int
        else json.dumps(value, ensure_ascii=False, default=str)
        for name, value in flat(prefix, values)
    }


def flat(prefix: str, values: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield the values of a summary or configuration, and their names: of what is nested, joined by ``.``."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value and depth < _MAX_DEPTH:
            yield from flat(f"{prefix}.{name}", value, depth + 1)
        else:
            yield f"{prefix}.{name}", value


def _terms(text: str) -> list[_Term]:
    # Spaces around a sign are not there.
    return [_term(found.group()) for found in _TERM.finditer(_SPACED_SIGN.sub(r"\1\2", text))]


def _term(text: str) -> _Term:
    found = _COMPARISON.fullmatch(text) or _CONTAINS.fullmatch(text)
    if found is None or (found[2] == ":" and found[1].lower() not in _CONTAINED):
        return _Term(text.lower())
    quoted = _QUOTED.fullmatch(found[3])
    return _Term(text.lower(), found[1], found[2], quoted[1] if quoted else found[3])


def _fits(term: _Term, run: FilteredRun) -> bool:
    if term.sign != "!=" and term.word in run.words.lower():
        return True
    if not term.sign:
        return False
    values = list(run.fields.get(term.name.lower(), ()))
    if term.sign != ":":
        names = (term.name, f"summary.{term.name}", f"config.{term.name}")
        values += [run.values[name] for name in names if name in run.values]
    return _is_met(values, term.sign, term.wanted)


def _is_met(values: Sequence[Value], sign: str, wanted: str) -> bool:
    """Return whether one of the values is as wanted; any is, as long as nothing stands behind the sign."""
    if sign == "!=":
        return not _is_met(values, "=", wanted)
    if not wanted:
        return bool(values)
    if sign == ":":
        return any(wanted.lower() in str(value).lower() for value in values)
    if sign == "=":
        return any(_is_equal(value, wanted) for value in values)
    limit = _number(wanted)
    return any(_COMPARISONS[sign](_number(value), limit) for value in values)


def _is_equal(value: Value, wanted: str) -> bool:
    if isinstance(value, str):
        return value.lower() == wanted.lower()
    return _shown(value).lower() == wanted.lower() or value == _number(wanted)


def _shown(value: float) -> str:
    """Return a number as the overview shows it."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return str(int(value)) if value % 1 == 0 and abs(value) < 1e15 else f"{value:.{_DIGITS}g}"


def _number(value: Value) -> float:
    """Return a number, NaN for what is none: nothing is less, or more, than that."""
    if not isinstance(value, str):
        return float(value)
    try:
        # Python's float() takes 1_000 as well, which nobody means here.
        return math.nan if "_" in value else float(value)
    except ValueError:
        return math.nan


def words_of(texts: Iterable[str | None]) -> str:
    """Return texts in the form that words are looked for in."""
    return "\n".join(text for text in texts if text)
