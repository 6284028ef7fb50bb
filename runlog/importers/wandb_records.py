"""The messages of an offline run of W&B → what they say of it.

Field numbers are those of its ``wandb_internal.proto``. Most values are JSON text at a path of names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from runlog.basics.jsontext import MAX_JSON_DEPTH, from_json
from runlog.errors import InvalidValueError
from runlog.importers.entry import time_of
from runlog.importers.protobuf import Message, all_binary, binary, integer, number, read_message, text


@dataclass(frozen=True, slots=True)
class Item:
    """A value at a path of names; `error` says why it has none."""

    path: tuple[str, ...]
    value: Any
    error: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What was logged at a step of the log."""

    step: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What was set and removed of ``config`` or ``summary``."""

    of: str
    items: tuple[Item, ...]
    removed: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """What ``define_metric`` said of a key, or of those that match a pattern.

    Attributes
    ----------
    rules
        Which of ``min``, ``max``, ``mean``, ``best``, ``last`` and others the summary holds.
    is_synced
        Whether the step metric is logged with every value of it.
    """

    pattern: str
    step_metric: str | None
    rules: tuple[str, ...]
    is_maximized: bool
    is_synced: bool


@dataclass(frozen=True, slots=True)
class RunDetails:
    """What the run is called, and when it began."""

    id: str
    entity: str
    project: str
    group: str
    job_type: str
    name: str
    notes: str
    tags: tuple[str, ...]
    sweep_id: str
    started_at: datetime | None
    config: Changes


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The files of a table: what its values call them, and whether others than its rows are among them."""

    client_id: str
    has_media: bool


@dataclass(frozen=True, slots=True)
class Exit:
    """How the script ended."""

    code: int


@dataclass(frozen=True, slots=True)
class Other:
    """What no run here has a place for: its kind, and what it is called, if it is called anything."""

    kind: str
    name: str = ""


Said: TypeAlias = History | Changes | MetricDefinition | RunDetails | TableFiles | Exit | Other

# Fields of a record. What is not among them says how it is to be synced, or which program wrote it; console
# output is in a file of the run as well.
_HISTORY, _SUMMARY, _CONFIG, _STATS, _ARTIFACT, _ALERT, _METRIC, _RUN, _EXIT = 2, 3, 5, 7, 8, 10, 12, 17, 18
_ENVIRONMENT, _USED_ARTIFACT = 26, 25
_ITEMS, _REMOVED = 1, 2
_KEY, _NESTED_KEY, _VALUE = 1, 2, 16
_BOOLEAN, _INTEGER, _NUMBER, _TEXT, _JSON_TEXT = 4, 5, 6, 7, 8
_SUMMARY_RULES = {1: "min", 2: "max", 3: "mean", 4: "best", 5: "last", 6: "none", 7: "copy", 8: "first"}
_MAXIMIZE = 2
_TABLES = ("run_table", "wandb-run-incremental-table")


def read_record(data: bytes) -> Iterator[Said]:
    """Yield what a record says.

    Raises
    ------
    InvalidValueError
        If it is no record.
    """
    record = read_message(data)
    for field, read in _READERS.items():
        for content in all_binary(record, field):
            if (said := read(read_message(content))) is not None:
                yield said


def _history(message: Message) -> History:
    items = _items(message, _ITEMS)
    numbers = {item.path: item.value for item in items if type(item.value) is int}
    step = numbers.get(("_step",), integer(read_message(binary(message, 2)), 1))
    return History(step, items)


def _config(message: Message) -> Changes:
    return _changes("config", message)


def _summary(message: Message) -> Changes:
    return _changes("summary", message)


def _changes(of: str, message: Message) -> Changes:
    removed = tuple(item.path for item in _items(message, _REMOVED))
    return Changes(of, _items(message, _ITEMS), removed)


def _metric(message: Message) -> MetricDefinition | None:
    # Of a key that a pattern stands for, the pattern says it all.
    if text(message, 10):
        return None
    options = read_message(binary(message, 6))
    rules = read_message(binary(message, 7))
    return MetricDefinition(
        pattern=text(message, 1) or text(message, 2),
        step_metric=text(message, 4) or None,
        rules=tuple(name for field, name in _SUMMARY_RULES.items() if integer(rules, field)),
        is_maximized=integer(message, 8) == _MAXIMIZE,
        is_synced=bool(integer(options, 1)),
    )


def _run(message: Message) -> RunDetails:
    started = read_message(binary(message, 17))
    return RunDetails(
        id=text(message, 1),
        entity=text(message, 2),
        project=text(message, 3),
        group=text(message, 6),
        job_type=text(message, 7),
        name=text(message, 8),
        notes=text(message, 9),
        tags=tuple(map(_decoded, all_binary(message, 10))),
        sweep_id=text(message, 12),
        started_at=time_of(integer(started, 1) + integer(started, 2) / 1e9) if started else None,
        config=_config(read_message(binary(message, 4))),
    )


def _artifact(message: Message) -> TableFiles | Other:
    if text(message, 4) not in _TABLES:
        return Other("artifacts", text(message, 5))
    entries = all_binary(read_message(binary(message, 12)), 4)
    return TableFiles(text(message, 15), has_media=len(entries) > 1)


_READERS: dict[int, Callable[[Message], Said | None]] = {
    _RUN: _run,
    _CONFIG: _config,
    _HISTORY: _history,
    _SUMMARY: _summary,
    _METRIC: _metric,
    _ARTIFACT: _artifact,
    _EXIT: lambda message: Exit(integer(message, 1)),
    _STATS: lambda message: Other("measurements of the machine"),
    _ALERT: lambda message: Other("alerts", text(message, 1)),
    _USED_ARTIFACT: lambda message: Other("artifacts", text(message, 5)),
    _ENVIRONMENT: lambda message: Other("records of the machine, the command and the commit"),
}


def _items(message: Message, field: int) -> tuple[Item, ...]:
    return tuple(_item(read_message(content)) for content in all_binary(message, field))


def _item(message: Message) -> Item:
    nested = tuple(map(_decoded, all_binary(message, _NESTED_KEY)))
    path = nested or (text(message, _KEY),)
    if len(path) >= MAX_JSON_DEPTH:
        return Item(path[:1], None, f"it is nested more than {MAX_JSON_DEPTH} deep")
    try:
        return Item(path, _value(message))
    except ValueError as error:
        return Item(path, None, str(error))


def _value(message: Message) -> Any:
    if _BOOLEAN in message:
        return bool(integer(message, _BOOLEAN))
    if _INTEGER in message:
        return integer(message, _INTEGER)
    if _NUMBER in message:
        return number(message, _NUMBER, "<d")
    if _TEXT in message:
        return text(message, _TEXT)
    json = text(message, _JSON_TEXT if _JSON_TEXT in message else _VALUE)
    return from_json(json, may_have_nan=True) if json else None


def _decoded(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        raise InvalidValueError("a name must be text in UTF-8, but is not") from None
