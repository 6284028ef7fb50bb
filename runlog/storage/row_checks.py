"""The gate on rows: what a column of a run's database must hold, asked whenever a row becomes a record.

A run folder may come from anybody: SQLite holds any value in any column, whatever its ``CHECK`` says, and
what is read decides which files are opened, shown and removed. Each column has one rule here. Values are
looked at a column at a time, so that the gate costs a fraction of what reading the rows costs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from sqlite3 import Connection, Cursor
from typing import Any, get_args

from runlog.basics.jsontext import from_json, scores_from_json
from runlog.errors import RunlogError, shown
from runlog.images.boxes import BoxDomain, BoxForm, Verdict
from runlog.images.checks import MAX_CLASS_ID
from runlog.images.identity import MAX_NAME, is_name
from runlog.images.picture_file import MAX_DIMENSION, STORED_FORMATS
from runlog.storage.cells import cells_from_json, columns_from_json
from runlog.storage.conversions import conversion_from_json
from runlog.storage.fields import FieldType
from runlog.storage.layout import (
    MAX_STEP,
    check_key,
    check_run_id,
    is_logged_file_path,
    is_run_file_path,
    is_stored_media_path,
)
from runlog.storage.metrics import Goal, SummaryRule
from runlog.storage.records import TextForm
from runlog.values.file import FILE_KINDS
from runlog.values.histogram import bins_from_json

Row = tuple[Any, ...]

_BATCH = 2000
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_MAX_INTEGER = 2**63 - 1


class BadRowError(ValueError):
    """A row that breaks the rule of a column; said with its file by `connections.read_errors`."""


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


def checked(rows: Cursor, *columns: str) -> Iterator[Row]:
    """Yield the rows of a query once their columns hold what they must.

    Parameters
    ----------
    rows
        What the query gives, in rows.
    columns
        For each of its columns ``table.column``, whose rule holds; ``""`` for what SQLite computed.

    Raises
    ------
    BadRowError
        Naming the column, its rule and the value.
    """
    while batch := rows.fetchmany(_BATCH):
        check_rows(batch, *columns)
        yield from batch


def check_rows(rows: Sequence[Row], *columns: str) -> None:
    """Refuse rows of which a column holds what it must not, as `checked` does.

    Raises
    ------
    BadRowError
        Naming the column, its rule and the value.
    """
    for name, values in zip(columns, zip(*rows, strict=True), strict=False):
        rule = RULES[name] if name else None
        if rule is not None and (refused := rule.first_refused(values)):
            raise BadRowError(_line(name, rule, refused[0]))
    if _is_torn(rows, columns):
        raise BadRowError(_TORN)


def _is_torn(rows: Sequence[Row], columns: Sequence[str]) -> bool:
    """Return whether a row has some, but not all, of what must be there together."""
    if not _TOGETHER.issubset(columns):
        return False
    places = [columns.index(name) for name in _TOGETHER]
    return any(len({row[place] is None for place in places}) > 1 for row in rows)


def checked_value(rows: Cursor, column: str) -> Any:
    """Return the one value of the one row of a query, once it is what `column` may hold."""
    ((value,),) = checked(rows, column)
    return value


def find_bad_rows(db: Connection) -> tuple[str, ...]:
    """Look at every row of every table; return a line for each column in which one breaks its rule."""
    found = []
    for table in _tables(db):
        names = [name for _, name, *_ in db.execute(f'PRAGMA table_info("{table}")')]
        ruled = ((place, f"{table}.{name}") for place, name in enumerate(names))
        rules = {place: (name, RULES[name]) for place, name in ruled if name in RULES}
        quoted = ", ".join(f'"{name}"' for name in names)
        rows = db.execute(f'SELECT {quoted} FROM "{table}"')  # noqa: S608 - names of our own schema
        while rules and (batch := rows.fetchmany(_BATCH)):
            columns = list(zip(*batch, strict=True))
            for place, (name, rule) in list(rules.items()):
                if refused := rule.first_refused(columns[place]):
                    found.append(_line(name, rule, refused[0]))
                    del rules[place]
            if _TORN not in found and _is_torn(batch, [f"{table}.{name}" for name in names]):
                found.append(_TORN)
    return tuple(found)


def refuse_bad_rows(db: Connection) -> None:
    """Refuse a database in which a row breaks the rule of its column.

    Raises
    ------
    BadRowError
        Saying the first.
    """
    if bad := find_bad_rows(db):
        raise BadRowError(bad[0])


def _tables(db: Connection) -> list[str]:
    known = {name.partition(".")[0] for name in RULES}
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows if name in known]


def _line(name: str, rule: ColumnRule, value: object) -> str:
    # A repr of millions of characters would be made only to be cut.
    beginning = value[:200] if isinstance(value, (str, bytes)) else value
    return f"{name} must be {rule.must}, but a row has {shown(beginning)}"


# What a value must be


@lru_cache(maxsize=1024)
def class_ids_from_json(text: str) -> tuple[int, ...]:
    """Return the class ids of a mask.

    Raises
    ------
    ValueError
        If the text is no JSON list of class ids.
    """
    ids = from_json(text)
    if type(ids) is not list or not all(type(one) is int and 0 <= one <= MAX_CLASS_ID for one in ids):
        raise ValueError("class_ids must be a list of class ids")
    return tuple(ids)


def confusion_from_json(text: str) -> dict[tuple[int, int], int]:
    """Return true and predicted class id to the number of pixels that were so taken.

    Raises
    ------
    ValueError, TypeError
        If the text is no JSON list of them.
    """
    pixels = {}
    for true_id, predicted_id, count in from_json(text):
        if not {int}.issuperset(map(type, (true_id, predicted_id, count))):
            raise ValueError("a confusion must have integers, but has others")
        if not (0 <= true_id <= MAX_CLASS_ID and 0 <= predicted_id <= MAX_CLASS_ID and 0 < count < 2**63):
            raise ValueError("a confusion must have class ids and numbers of pixels, but has others")
        pixels[true_id, predicted_id] = count
    return pixels


def time_from_text(text: str) -> datetime:
    """Return a time of a run, which has an offset from UTC.

    Raises
    ------
    ValueError
        If the text is no such time.
    """
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"a time must have an offset from UTC, but got {shown(text)}")
    return time


def _is_object(text: str) -> bool:
    return type(from_json(text)) is dict


def _is_list_of_strings(text: str) -> bool:
    value = from_json(text)
    return type(value) is list and all(type(one) is str for one in value)


def _is_json(text: str) -> bool:
    from_json(text)
    return True


def _one_of(choices: Collection[str]) -> ColumnRule:
    return ColumnRule(f"one of {', '.join(choices)}", frozenset({str}), frozenset(choices).__contains__)


def _integer(low: int, high: int, *more: type) -> ColumnRule:
    return ColumnRule(
        f"an integer from {low} to {high}" + (" or NULL" if more else ""),
        frozenset({int, *more}),
        lambda value: low <= value <= high,
    )


def _text(must: str, holds: Callable[[str], object] | None, *more: type) -> ColumnRule:
    return ColumnRule(must + (" or NULL" if more else ""), frozenset({str, *more}), holds)


_NONE = type(None)
_ID = ColumnRule("an integer", frozenset({int}))
_KEY = _text("a key of 1 to 1000 characters that can be printed", check_key)
_STEP = _integer(0, MAX_STEP)
_INDEX = _integer(0, 2**31 - 1)
_REVISION = _integer(0, 2**62)  # the next ones must be integers of SQLite, too
_SIZE = _integer(1, MAX_DIMENSION)
_DIGEST = _text("64 hex digits", _HEX_DIGEST.fullmatch)
_TIME = _text("a time with its offset from UTC (ISO 8601)", time_from_text)
_NAME = _text("text", None)
_OPTIONAL = _text("text", None, _NONE)
_NUMBER = ColumnRule("a number or NULL", frozenset({float, _NONE}))
_FILE_PATH = _text(
    "the place of a file of the run, or of one that was logged",
    lambda path: is_run_file_path(path) or is_logged_file_path(path),
)
_PRINTABLE = f"text of 1 to {MAX_NAME:,} characters that can be printed"
_LAYER = _text("the name of a layer, which is not empty", len)
_CLASS_ID = _integer(0, MAX_CLASS_ID)
_CLASS_IDS = _text("a JSON list of class ids", lambda text: class_ids_from_json(text) is not None)
_SHARE = ColumnRule("a number from 0 to 1 or NULL", frozenset({float, _NONE}), lambda share: 0 <= share <= 1)

# What a logged file has, and a file of the run as a whole has not.
_TOGETHER = frozenset({"files.step", "files.key", "files.index"})
_TORN = "files.step, files.key and files.index must be there together, but a row has some of them"
RULES: Mapping[str, ColumnRule] = {
    "run.id": _text("the id of a run, which names a folder on every file system", check_run_id),
    "run.name": _NAME,
    "run.project": _OPTIONAL,
    "run.group": _OPTIONAL,
    "run.tags": _text("a JSON list of strings", _is_list_of_strings),
    "run.notes": _OPTIONAL,
    "run.config": _text("a JSON object", _is_object),
    "run.environment": _text("a JSON object", _is_object),
    "run.state": _one_of(("running", "finished", "failed")),
    "run.created_at": _TIME,
    "run.finished_at": _text(_TIME.must, _TIME.holds, _NONE),
    "run.revision": _REVISION,
    "steps.step": _STEP,
    "steps.logged_at": _TIME,
    "steps.revision": _REVISION,
    "scalars.step": _STEP,
    "scalars.key": _KEY,
    "scalars.value": _NUMBER,
    "texts.step": _STEP,
    "texts.key": _KEY,
    "texts.index": _INDEX,
    "texts.text": _NAME,
    "texts.form": _one_of(get_args(TextForm)),
    "histograms.step": _STEP,
    "histograms.key": _KEY,
    "histograms.bins": _text("a JSON object of the edges and counts of a histogram", bins_from_json),
    **dict.fromkeys(
        (f"histograms.{name}_count" for name in ("nan", "negative_infinity", "positive_infinity")),
        _integer(0, _MAX_INTEGER),
    ),
    "media.id": _ID,
    "media.path": _text("the place of a file in the media folder", is_stored_media_path),
    "media.kind": _one_of(("image", "mask")),
    "media.key": _KEY,
    "media.pixel_hash": _DIGEST,
    "media.sha256": _DIGEST,
    "media.format": _one_of(sorted(set(STORED_FORMATS.values()))),
    "media.width": _SIZE,
    "media.height": _SIZE,
    "media.bytes": _integer(1, _MAX_INTEGER),
    "images.id": _ID,
    "images.step": _STEP,
    "images.key": _KEY,
    "images.index": _INDEX,
    "images.caption": _OPTIONAL,
    "images.grouping": ColumnRule("an integer or NULL", frozenset({int, _NONE})),
    "images.media_id": _ID,
    "images.conversion": _text("a JSON object that tells what was done to the pixels", conversion_from_json),
    "images.identity": _text(_PRINTABLE, is_name, _NONE),
    "image_fields.image_id": _ID,
    "image_fields.name": _text(_PRINTABLE, is_name),
    "image_fields.index": _INDEX,
    "image_fields.type": _one_of(get_args(FieldType)),
    "image_fields.number": ColumnRule("a number or NULL", frozenset({int, float, _NONE})),
    "image_fields.text": _OPTIONAL,
    "empty_galleries.step": _STEP,
    "empty_galleries.key": _KEY,
    "files.step": _integer(0, MAX_STEP, _NONE),
    "files.key": _text(_KEY.must, check_key, _NONE),
    "files.index": _integer(0, 2**31 - 1, _NONE),
    "files.path": _FILE_PATH,
    "files.kind": _one_of(FILE_KINDS),
    "files.sha256": _DIGEST,
    "files.bytes": _integer(0, _MAX_INTEGER),
    "label_sets.id": _ID,
    "label_sets.sha256": _DIGEST,
    "class_labels.label_set_id": _ID,
    "class_labels.class_id": _CLASS_ID,
    "class_labels.label": _NAME,
    "class_colors.label_set_id": _ID,
    "class_colors.class_id": _CLASS_ID,
    "class_colors.color": _text("a colour such as #1a2b3c", _COLOUR.fullmatch),
    "run_classes.id": _ID,
    "run_classes.label_set_id": _ID,
    "rewinds.id": _ID,
    "rewinds.rewound_at": _TIME,
    "rewinds.step": _STEP,
    "rewinds.last_step": _STEP,
    "rewinds.steps": _integer(1, _MAX_INTEGER),
    "rewinds.images": _integer(0, _MAX_INTEGER),
    "rewinds.revision": _REVISION,
    "box_layers.image_id": _ID,
    "box_layers.layer": _LAYER,
    "box_layers.label_set_id": _ID,
    "boxes.image_id": _ID,
    "boxes.layer": _LAYER,
    "boxes.index": _INDEX,
    "boxes.form": _one_of(get_args(BoxForm)),
    "boxes.domain": _one_of(get_args(BoxDomain)),
    **dict.fromkeys(("boxes.a", "boxes.b", "boxes.c", "boxes.d"), _NUMBER),
    "boxes.class_id": _integer(0, MAX_CLASS_ID, _NONE),
    "boxes.caption": _OPTIONAL,
    "boxes.scores": ColumnRule(
        "a JSON object of numbers", frozenset({str}), lambda text: scores_from_json([text]), scores_from_json
    ),
    **dict.fromkeys(("boxes.iscrowd", "boxes.ignore"), _integer(0, 1)),
    "masks.image_id": _ID,
    "masks.layer": _LAYER,
    "masks.label_set_id": _ID,
    "masks.media_id": _ID,
    "masks.class_ids": _CLASS_IDS,
    "evaluations.id": _ID,
    "evaluations.pattern": _KEY,
    "evaluations.truth": _LAYER,
    "evaluations.predictions": _LAYER,
    "evaluations.iou": ColumnRule(
        "a number above 0 and at most 1", frozenset({float}), lambda iou: 0 < iou <= 1
    ),
    "evaluations.score": _OPTIONAL,
    "evaluations.min_score": ColumnRule("a number", frozenset({float})),
    **dict.fromkeys(("evaluations.use_classes", "evaluations.by_class"), _integer(0, 1)),
    "evaluations.ignore_ids": _CLASS_IDS,
    "judged_images.image_id": _ID,
    "judged_images.evaluation_id": _ID,
    "judged_images.score": _OPTIONAL,
    **dict.fromkeys(
        (f"judged_images.{name}" for name in ("tp", "fp", "fn")), _integer(0, _MAX_INTEGER, _NONE)
    ),
    **dict.fromkeys(("judged_images.mean_iou", "judged_images.pixel_accuracy"), _SHARE),
    "judged_images.confusion": _text(
        "a JSON list of class ids and pixels", lambda text: confusion_from_json(text) is not None, _NONE
    ),
    "judged_scalars.step": _STEP,
    **dict.fromkeys(("judged_scalars.scalar_key", "judged_scalars.image_key"), _KEY),
    "box_verdicts.image_id": _ID,
    "box_verdicts.layer": _LAYER,
    "box_verdicts.index": _INDEX,
    "box_verdicts.verdict": _one_of(get_args(Verdict)),
    "box_verdicts.partner": _integer(0, 2**31 - 1, _NONE),
    "box_verdicts.iou": _SHARE,
    "box_verdicts.score": _NUMBER,
    "box_verdicts.confused_with": _integer(0, 2**31 - 1, _NONE),
    "table_data.id": _ID,
    "tables.step": _STEP,
    "tables.key": _KEY,
    "tables.data_id": _ID,
    "tables.row_count": _INDEX,
    "tables.columns": _text(
        "a JSON list of the name and type of each column",
        lambda text: columns_from_json(text) is not None,
    ),
    "table_rows.data_id": _ID,
    "table_rows.row": _INDEX,
    "table_rows.cells": _text("a JSON list of cells", lambda text: cells_from_json(text) is not None),
    "table_media.data_id": _ID,
    "table_media.row": _INDEX,
    "table_media.column": _INDEX,
    "table_media.layer": _NAME,
    "table_media.media_id": _ID,
    "summary.key": _NAME,
    "summary.value": _text("JSON", _is_json),
    "summary.is_set": _integer(0, 1),
    "system_numbers.measured_at": _TIME,
    "system_numbers.key": _KEY,
    "system_numbers.value": _NUMBER,
    "keys.id": _ID,
    "keys.key": _KEY,
    "metrics.id": _ID,
    "metrics.pattern": _KEY,
    "metrics.step_metric": _text(_KEY.must, check_key, _NONE),
    "metrics.summary": _one_of(get_args(SummaryRule)),
    "metrics.goal": _one_of(get_args(Goal)),
    "sqlite_sequence.name": _one_of(("table_data",)),
    "sqlite_sequence.seq": _integer(0, _MAX_INTEGER),
    "_sqlite_migrations.id": _ID,
    "_sqlite_migrations.migration_set": _NAME,
    "_sqlite_migrations.name": _NAME,
    "_sqlite_migrations.applied_at": _NAME,
}
