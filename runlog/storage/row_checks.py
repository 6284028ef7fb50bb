"""The gate on rows: what a column of a run's database must hold, asked whenever a row becomes a record.

A run folder may come from anybody: SQLite holds any value in any column, whatever its ``CHECK`` says, and
what is read decides which files are opened, shown and removed. Each column has one rule here. Values are
looked at a column at a time, so that the gate costs a fraction of what reading the rows costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from sqlite3 import Connection, Cursor
from typing import Any, get_args

from runlog.basics.jsontext import from_json
from runlog.errors import shown
from runlog.images.boxes import Verdict
from runlog.images.identity import MAX_NAME, is_name
from runlog.images.picture_file import MAX_DIMENSION, STORED_FORMATS
from runlog.storage.cells import cells_from_json, columns_from_json
from runlog.storage.column_rules import (
    CLASS_ID,
    CLASS_IDS,
    ID,
    INDEX,
    NONE,
    NUMBER,
    OPTIONAL_TEXT,
    ColumnRule,
    choice_rule,
    integer_rule,
    is_class_id,
    text_rule,
)
from runlog.storage.conversions import conversion_from_json
from runlog.storage.fields import FieldType
from runlog.storage.layer_kinds import LAYER_KINDS
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


def confusion_from_json(text: str) -> dict[tuple[int, int], int]:
    """Return true and predicted class id to the number of pixels that were so taken.

    Raises
    ------
    ValueError, TypeError
        If the text is no JSON list of them.
    """
    pixels = {}
    for true_id, predicted_id, count in from_json(text):
        if not (is_class_id(true_id) and is_class_id(predicted_id)) or type(count) is not int:
            raise ValueError("a confusion must have class ids and integers, but has others")
        if not 0 < count < 2**63:
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


_KEY = text_rule("a key of 1 to 1000 characters that can be printed", check_key)
_STEP = integer_rule(0, MAX_STEP)
_REVISION = integer_rule(0, 2**62)  # the next ones must be integers of SQLite, too
_SIZE = integer_rule(1, MAX_DIMENSION)
_DIGEST = text_rule("64 hex digits", _HEX_DIGEST.fullmatch)
_TIME = text_rule("a time with its offset from UTC (ISO 8601)", time_from_text)
_NAME = text_rule("text", None)
_FILE_PATH = text_rule(
    "the place of a file of the run, or of one that was logged",
    lambda path: is_run_file_path(path) or is_logged_file_path(path),
)
_PRINTABLE = f"text of 1 to {MAX_NAME:,} characters that can be printed"
_LAYER = text_rule("the name of a layer, which is not empty", len)


def _layer_rules() -> Iterator[tuple[str, ColumnRule]]:
    """Yield the rules of the tables of each kind of layer."""
    for kind in LAYER_KINDS:
        own = {"label_set_id": ID, **({"media_id": ID} if kind.has_media else {}), **kind.columns}
        tables = {kind.table: own}
        if kind.item_table is not None:
            tables[kind.item_table] = {"index": INDEX, **kind.item_columns}
        for table, columns in tables.items():
            for name, rule in {"image_id": ID, "layer": _LAYER, **columns}.items():
                yield f"{table}.{name}", rule


_SHARE = ColumnRule("a number from 0 to 1 or NULL", frozenset({float, NONE}), lambda share: 0 <= share <= 1)

# What a logged file has, and a file of the run as a whole has not.
_TOGETHER = frozenset({"files.step", "files.key", "files.index"})
_TORN = "files.step, files.key and files.index must be there together, but a row has some of them"
RULES: Mapping[str, ColumnRule] = {
    "run.id": text_rule("the id of a run, which names a folder on every file system", check_run_id),
    "run.name": _NAME,
    "run.project": OPTIONAL_TEXT,
    "run.group": OPTIONAL_TEXT,
    "run.tags": text_rule("a JSON list of strings", _is_list_of_strings),
    "run.notes": OPTIONAL_TEXT,
    "run.config": text_rule("a JSON object", _is_object),
    "run.environment": text_rule("a JSON object", _is_object),
    "run.state": choice_rule(("running", "finished", "failed")),
    "run.created_at": _TIME,
    "run.finished_at": text_rule(_TIME.must, _TIME.holds, NONE),
    "run.revision": _REVISION,
    "steps.step": _STEP,
    "steps.logged_at": _TIME,
    "steps.revision": _REVISION,
    "scalars.step": _STEP,
    "scalars.key": _KEY,
    "scalars.value": NUMBER,
    "texts.step": _STEP,
    "texts.key": _KEY,
    "texts.index": INDEX,
    "texts.text": _NAME,
    "texts.form": choice_rule(get_args(TextForm)),
    "histograms.step": _STEP,
    "histograms.key": _KEY,
    "histograms.bins": text_rule("a JSON object of the edges and counts of a histogram", bins_from_json),
    **dict.fromkeys(
        (f"histograms.{name}_count" for name in ("nan", "negative_infinity", "positive_infinity")),
        integer_rule(0, _MAX_INTEGER),
    ),
    "media.id": ID,
    "media.path": text_rule("the place of a file in the media folder", is_stored_media_path),
    "media.kind": choice_rule(("image", "mask")),
    "media.key": _KEY,
    "media.pixel_hash": _DIGEST,
    "media.sha256": _DIGEST,
    "media.format": choice_rule(sorted(set(STORED_FORMATS.values()))),
    "media.width": _SIZE,
    "media.height": _SIZE,
    "media.bytes": integer_rule(1, _MAX_INTEGER),
    "images.id": ID,
    "images.step": _STEP,
    "images.key": _KEY,
    "images.index": INDEX,
    "images.caption": OPTIONAL_TEXT,
    "images.grouping": ColumnRule("an integer or NULL", frozenset({int, NONE})),
    "images.media_id": ID,
    "images.conversion": text_rule(
        "a JSON object that tells what was done to the pixels", conversion_from_json
    ),
    "images.identity": text_rule(_PRINTABLE, is_name, NONE),
    "image_fields.image_id": ID,
    "image_fields.name": text_rule(_PRINTABLE, is_name),
    "image_fields.index": INDEX,
    "image_fields.type": choice_rule(get_args(FieldType)),
    "image_fields.number": ColumnRule("a number or NULL", frozenset({int, float, NONE})),
    "image_fields.text": OPTIONAL_TEXT,
    "empty_galleries.step": _STEP,
    "empty_galleries.key": _KEY,
    "files.step": integer_rule(0, MAX_STEP, NONE),
    "files.key": text_rule(_KEY.must, check_key, NONE),
    "files.index": integer_rule(0, 2**31 - 1, NONE),
    "files.path": _FILE_PATH,
    "files.kind": choice_rule(FILE_KINDS),
    "files.sha256": _DIGEST,
    "files.bytes": integer_rule(0, _MAX_INTEGER),
    "label_sets.id": ID,
    "label_sets.sha256": _DIGEST,
    "class_labels.label_set_id": ID,
    "class_labels.class_id": CLASS_ID,
    "class_labels.label": _NAME,
    "class_colors.label_set_id": ID,
    "class_colors.class_id": CLASS_ID,
    "class_colors.color": text_rule("a colour such as #1a2b3c", _COLOUR.fullmatch),
    "run_classes.id": ID,
    "run_classes.label_set_id": ID,
    "rewinds.id": ID,
    "rewinds.rewound_at": _TIME,
    "rewinds.step": _STEP,
    "rewinds.last_step": _STEP,
    "rewinds.steps": integer_rule(1, _MAX_INTEGER),
    "rewinds.images": integer_rule(0, _MAX_INTEGER),
    "rewinds.revision": _REVISION,
    **dict(_layer_rules()),
    "evaluations.id": ID,
    "evaluations.pattern": _KEY,
    "evaluations.truth": _LAYER,
    "evaluations.predictions": _LAYER,
    "evaluations.iou": ColumnRule(
        "a number above 0 and at most 1", frozenset({float}), lambda iou: 0 < iou <= 1
    ),
    "evaluations.score": OPTIONAL_TEXT,
    "evaluations.min_score": ColumnRule("a number", frozenset({float})),
    **dict.fromkeys(("evaluations.use_classes", "evaluations.by_class"), integer_rule(0, 1)),
    "evaluations.ignore_ids": CLASS_IDS,
    "judged_images.image_id": ID,
    "judged_images.evaluation_id": ID,
    "judged_images.score": OPTIONAL_TEXT,
    **dict.fromkeys(
        (f"judged_images.{name}" for name in ("tp", "fp", "fn")), integer_rule(0, _MAX_INTEGER, NONE)
    ),
    **dict.fromkeys(("judged_images.mean_iou", "judged_images.pixel_accuracy"), _SHARE),
    "judged_images.confusion": text_rule(
        "a JSON list of class ids and pixels", lambda text: confusion_from_json(text) is not None, NONE
    ),
    "judged_scalars.step": _STEP,
    **dict.fromkeys(("judged_scalars.scalar_key", "judged_scalars.image_key"), _KEY),
    "box_verdicts.image_id": ID,
    "box_verdicts.layer": _LAYER,
    "box_verdicts.index": INDEX,
    "box_verdicts.verdict": choice_rule(get_args(Verdict)),
    "box_verdicts.partner": integer_rule(0, 2**31 - 1, NONE),
    "box_verdicts.iou": _SHARE,
    "box_verdicts.score": NUMBER,
    "box_verdicts.confused_with": integer_rule(0, 2**31 - 1, NONE),
    "table_data.id": ID,
    "tables.step": _STEP,
    "tables.key": _KEY,
    "tables.data_id": ID,
    "tables.row_count": INDEX,
    "tables.columns": text_rule(
        "a JSON list of the name and type of each column",
        lambda text: columns_from_json(text) is not None,
    ),
    "table_rows.data_id": ID,
    "table_rows.row": INDEX,
    "table_rows.cells": text_rule("a JSON list of cells", lambda text: cells_from_json(text) is not None),
    "table_media.data_id": ID,
    "table_media.row": INDEX,
    "table_media.column": INDEX,
    "table_media.layer": _NAME,
    "table_media.media_id": ID,
    "summary.key": _NAME,
    "summary.value": text_rule("JSON", _is_json),
    "summary.is_set": integer_rule(0, 1),
    "system_numbers.measured_at": _TIME,
    "system_numbers.key": _KEY,
    "system_numbers.value": NUMBER,
    "keys.id": ID,
    "keys.key": _KEY,
    "metrics.id": ID,
    "metrics.pattern": _KEY,
    "metrics.step_metric": text_rule(_KEY.must, check_key, NONE),
    "metrics.summary": choice_rule(get_args(SummaryRule)),
    "metrics.goal": choice_rule(get_args(Goal)),
    "sqlite_sequence.name": choice_rule(("table_data",)),
    "sqlite_sequence.seq": integer_rule(0, _MAX_INTEGER),
    "_sqlite_migrations.id": ID,
    "_sqlite_migrations.migration_set": _NAME,
    "_sqlite_migrations.name": _NAME,
    "_sqlite_migrations.applied_at": _NAME,
}
