"""The SQL that reads: rows of a run's database, each column checked by its rule → frozen records."""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from sqlite3 import Connection, Cursor
from typing import Any, Literal, TypeVar

import numpy as np

from runlog.basics.frozen import FrozenDict, frozen_array
from runlog.basics.jsontext import from_json
from runlog.storage.file_records import FileRecord, MediaRecord
from runlog.storage.image_queries import MEDIA_COLUMNS, MEDIA_RULES, media_record
from runlog.storage.kinds import FILE, IMAGE, ROW_KINDS, RowKind
from runlog.storage.metrics import Metric, ScalarTotals
from runlog.storage.records import (
    RunCounts,
    ScalarSeries,
    StepRecord,
    SystemSeries,
)
from runlog.storage.row_checks import (
    BadRowError,
    Row,
    checked,
    checked_value,
    find_bad_rows,
    time_from_text,
)

R = TypeVar("R")
View = Literal["image_log", "labelled_boxes", "judged_boxes"]

_VIEW_ORDER: dict[View, str] = {
    "image_log": 'step, key, "index"',
    "labelled_boxes": 'step, key, "index", layer, box_index',
    "judged_boxes": 'step, key, "index", layer, box_index',
}
# What steps and keys are said to have so many of, in the order of the fields of their records.
_COUNTED = (IMAGE.tables[0], *(kind.table for kind in ROW_KINDS))
_VIEW_RULES: dict[View, dict[str, str]] = {
    "image_log": {
        **{name: f"images.{name}" for name in ("step", "key", "index", "caption", "grouping")},
        **{name: f"media.{name}" for name in ("path", "format", "width", "height", "bytes")},
        **{"image_id": "images.id", "identity": "images.identity"},
    },
    "labelled_boxes": {
        **{name: f"images.{name}" for name in ("step", "key", "index", "identity")},
        **{name: f"boxes.{name}" for name in ("layer", "class_id", "caption", "scores", "iscrowd", "ignore")},
        **{"box_index": "boxes.index", "path": "media.path", "image_id": "images.id"},
    },
    "judged_boxes": {
        **{name: f"images.{name}" for name in ("step", "key", "index", "identity")},
        **{
            name: f"box_verdicts.{name}"
            for name in ("layer", "verdict", "score", "partner", "iou", "confused_with")
        },
        **{"box_index": "boxes.index", "class_id": "boxes.class_id", "other_class_id": "boxes.class_id"},
        **{"path": "media.path", "image_id": "images.id"},
    },
}
# SQLite of older systems takes at most 999 parameters.
_BATCH = 900
_LONGEST_PROBLEM = 300


def read_last(db: Connection) -> tuple[int, str]:
    """Read the revision of the run, and when it was last known to be alive: at its last call, or at first."""
    last = db.execute(
        "SELECT max(run.revision, coalesce(last.revision, 0)), max(created_at, coalesce(last.at, ''))"
        " FROM run, (SELECT max(revision) AS revision, max(logged_at) AS at FROM steps) AS last"
    )
    ((revision, heard),) = checked(last, "run.revision", "steps.logged_at")
    return revision, heard


def read_unfinished_host(db: Connection) -> str | None:
    """Read on which host a run that was never finished was written (``?``: not recorded); else None."""
    rows = db.execute("SELECT environment FROM run WHERE state = 'running'")
    hosts = [from_json(text).get("host") for (text,) in checked(rows, "run.environment")]
    return (hosts[0] if isinstance(hosts[0], str) and hosts[0] else "?") if hosts else None


def read_counts(db: Connection) -> RunCounts:
    """Read how much there is in the run."""
    # With a WHERE, SQLite counts in a way that `connections` can end; a bare count(*) it cannot.
    steps, last_logged = db.execute("SELECT count(*), max(logged_at) FROM steps WHERE step >= 0").fetchone()
    media_files, media_bytes = _sizes(db, "media", "bytes > 0")
    logged_files, logged_bytes = _sizes(db, "files", "key IS NOT NULL")
    run_files, run_bytes = _sizes(db, "files", "key IS NULL")
    return RunCounts(
        steps=steps,
        media_files=media_files + logged_files,
        media_bytes=media_bytes + logged_bytes,
        run_files=run_files,
        run_bytes=run_bytes,
        last_logged=None if last_logged is None else time_from_text(last_logged),
        **{table: _counts_by_key(db, table) for table in _COUNTED},
    )


def _sizes(db: Connection, table: str, where: str) -> tuple[int, int]:
    """Return how many rows of files there are, and their bytes together."""
    count, size = db.execute(
        f"SELECT count(*), coalesce(sum(bytes), 0) FROM {table} WHERE {where}"
    ).fetchone()
    if type(size) is not int:
        raise BadRowError(f"{table}.bytes must be integers, but a row has another value")
    return count, size


def _counts_by_key(db: Connection, table: str) -> FrozenDict[str, int]:
    # Files of the run as a whole are of no step, and have no key.
    where = "key IS NOT NULL AND step IS NOT NULL"
    rows = db.execute(f"SELECT key, count(*) FROM {table} WHERE {where} GROUP BY key ORDER BY key")
    return FrozenDict(checked(rows, f"{table}.key", ""))


def read_run_id(db: Connection) -> str:
    """Read the id of the run."""
    run_id: str = checked_value(db.execute("SELECT id FROM run"), "run.id")
    return run_id


def count_steps(db: Connection) -> int:
    """Return how many steps were logged to."""
    (count,) = db.execute("SELECT count(*) FROM steps").fetchone()
    return int(count)


def count_runs(db: Connection) -> int:
    """Return how many runs the database holds: 1 in every sound one."""
    (count,) = db.execute("SELECT count(*) FROM (SELECT 1 FROM run LIMIT 2)").fetchone()
    return int(count)


def read_keys(db: Connection) -> tuple[str, ...]:
    """Read the keys in the order in which they were first logged."""
    return tuple(key for (key,) in checked(db.execute("SELECT key FROM keys ORDER BY id"), "keys.key"))


def read_set_summary_keys(db: Connection) -> set[str]:
    """Read the keys of the summary that the script set."""
    return {key for (key,) in checked(db.execute("SELECT key FROM summary WHERE is_set"), "summary.key")}


def read_metrics(db: Connection) -> tuple[Metric, ...]:
    """Read what `define_metric` said, the oldest first; the last one that matches a key counts."""
    columns = ("pattern", "step_metric", "summary", "goal")
    rows = db.execute(f"SELECT {', '.join(columns)} FROM metrics ORDER BY id")
    return tuple(Metric(*row) for row in checked(rows, *(f"metrics.{name}" for name in columns)))


def read_totals(db: Connection) -> dict[str, ScalarTotals]:
    """Read count, sum and range of each scalar, and its value at the highest step; NaN is not counted."""
    key, value = "scalars.key", "scalars.value"
    # SQLite takes a bare column from the row of the max() beside it.
    latest = db.execute("SELECT key, value, max(step) FROM scalars GROUP BY key")
    last = {
        name: math.nan if one is None else one for name, one, _ in checked(latest, key, value, "scalars.step")
    }
    rows = db.execute(
        "SELECT key, count(value), total(value), min(value), max(value) FROM scalars GROUP BY key"
    )
    return {name: _totals(last[name], *seen) for name, *seen in checked(rows, key, "", "", value, value)}


def read_total(db: Connection, key: str) -> tuple[ScalarTotals, int] | None:
    """Read the same of one scalar, and its greatest step; None if the run holds no value of it."""
    value = "scalars.value"
    columns = "count(value), total(value), min(value), max(value), max(step)"
    rows = db.execute(f"SELECT {columns} FROM scalars WHERE key = ?", [key])
    ((count, total, low, high, step),) = checked(rows, "", "", value, value, "")
    if step is None:
        return None
    latest = db.execute("SELECT value FROM scalars WHERE step = ? AND key = ?", [step, key])
    ((last,),) = checked(latest, value)
    return _totals(math.nan if last is None else last, count, total, low, high), step


def _totals(last: float, count: int, total: float | None, low: float, high: float) -> ScalarTotals:
    if not count:
        return ScalarTotals(last)
    # SQLite has no sum of inf and -inf.
    return ScalarTotals(last, count, math.nan if total is None else total, low, high)


def read_last_steps(db: Connection) -> dict[str, int]:
    """Read the greatest step of each scalar."""
    return dict(db.execute("SELECT key, max(step) FROM scalars GROUP BY key"))


def read_revision(db: Connection) -> int:
    """Read the number that grows with every change of the run."""
    highest = db.execute(
        "SELECT max((SELECT max(revision) FROM run), coalesce((SELECT max(revision) FROM steps), 0))"
    )
    revision: int = checked_value(highest, "run.revision")
    return revision


def read_steps(db: Connection, since_revision: int) -> tuple[StepRecord, ...]:
    """Read the steps that changed after a revision, ascending."""
    # Asked once: a run without texts need not look for them at each of 100,000 steps.
    counts = ", ".join(
        f"CASE WHEN EXISTS (SELECT 1 FROM {table})"
        f" THEN (SELECT count(*) FROM {table} WHERE {table}.step = steps.step) ELSE 0 END"
        for table in _COUNTED
    )
    rows = db.execute(
        f"SELECT step, logged_at, revision, {counts} FROM steps WHERE revision > ? ORDER BY step",
        [since_revision],
    )
    sound = checked(rows, "steps.step", "steps.logged_at", "steps.revision", *[""] * len(_COUNTED))
    return tuple(
        StepRecord(step, time_from_text(logged_at), revision, *counts_there)
        for step, logged_at, revision, *counts_there in sound
    )


def read_latest_steps(db: Connection) -> dict[str, int]:
    """Read the highest step at which each key has images."""
    # Goes from key to key through the index: a GROUP BY would read an entry for every image.
    rows = db.execute(
        "WITH RECURSIVE keys (key) AS (SELECT min(key) FROM images UNION ALL"
        " SELECT (SELECT min(key) FROM images WHERE key > keys.key) FROM keys WHERE key IS NOT NULL)"
        " SELECT key, (SELECT max(step) FROM images WHERE images.key = keys.key) FROM keys"
        " WHERE key IS NOT NULL"
    )
    return dict(checked(rows, "images.key", "images.step"))


def read_steps_with_images(db: Connection) -> tuple[int, ...]:
    """Read the steps that have images, ascending."""
    return tuple(
        step
        for (step,) in checked(db.execute("SELECT DISTINCT step FROM images ORDER BY step"), "images.step")
    )


def read_scalars(
    db: Connection, since_revision: int, keys: Sequence[str] | None = None
) -> tuple[ScalarSeries, ...]:
    """Read the numbers of the steps that changed after a revision, by key; `keys` as of `of_keys`."""
    series: defaultdict[str, tuple[array[int], array[float]]] = defaultdict(lambda: (array("q"), array("d")))
    condition, parameters = of_keys(keys)
    rows = db.execute(
        "SELECT step, key, value FROM steps JOIN scalars USING (step)"
        f" WHERE revision > ? AND {condition} ORDER BY step",
        [since_revision, *parameters],
    )
    for step, key, value in checked(rows, "scalars.step", "scalars.key", "scalars.value"):
        steps, values = series[key]
        steps.append(step)
        values.append(math.nan if value is None else value)
    return tuple(
        ScalarSeries(key, frozen_array(np.array(steps)), frozen_array(np.array(values)))
        for key, (steps, values) in sorted(series.items())
    )


def read_system_numbers(db: Connection, since: str = "") -> tuple[SystemSeries, ...]:
    """Read the numbers of the machine that were measured after a time (UTC, ISO 8601), by key."""
    series: defaultdict[str, tuple[list[datetime], array[float]]] = defaultdict(lambda: ([], array("d")))
    columns = ("measured_at", "key", "value")
    rows = db.execute(
        f"SELECT {', '.join(columns)} FROM system_numbers WHERE measured_at > ? ORDER BY measured_at", [since]
    )
    for measured_at, key, value in checked(rows, *(f"system_numbers.{name}" for name in columns)):
        times, values = series[key]
        times.append(time_from_text(measured_at).astimezone(UTC).replace(tzinfo=None))
        values.append(math.nan if value is None else value)
    return tuple(
        SystemSeries(key, frozen_array(np.array(times, "datetime64[us]")), frozen_array(np.array(values)))
        for key, (times, values) in sorted(series.items())
    )


def of_keys(keys: Sequence[str] | None) -> tuple[str, list[str]]:
    """Return the condition, and its parameters, that a row is of one of some keys; None takes all.

    ``*`` and ``?`` in them stand for any characters, or any one.
    """
    if keys is None:
        return "true", []
    patterns = [key.replace("[", "[[]") for key in keys]
    tests = " OR ".join(["key = ? OR key GLOB ?"] * len(keys)) or "false"
    return f"({tests})", [part for pair in zip(keys, patterns, strict=True) for part in pair]


def read_rows(db: Connection, kind: RowKind[Any, R], steps: Sequence[int]) -> tuple[R, ...]:
    """Read the values of a kind at some steps, which ascend, by step and key."""
    rows: list[Row] = []
    for start in range(0, len(steps), _BATCH):
        batch = steps[start : start + _BATCH]
        where = f"step IN ({', '.join('?' * len(batch))})"
        found = db.execute(
            f"SELECT {_row_columns(kind)} FROM {kind.table} WHERE {where} ORDER BY {kind.order}", batch
        )
        rows += _checked_rows(found, kind)
    return tuple(kind.to_record(*row) for row in rows)


def read_all_rows(db: Connection, kind: RowKind[Any, R], keys: Sequence[str] | None = None) -> tuple[R, ...]:
    """Read the values of a kind at all steps, by step and key; `keys` as of `of_keys`."""
    condition, parameters = of_keys(keys)
    rows = db.execute(
        f"SELECT {_row_columns(kind)} FROM {kind.table} WHERE step IS NOT NULL AND {condition}"
        f" ORDER BY {kind.order}",
        parameters,
    )
    return tuple(kind.to_record(*row) for row in _checked_rows(rows, kind))


def read_latest_rows(db: Connection, kind: RowKind[Any, R]) -> tuple[R, ...]:
    """Read the value of each key at the highest step that has one of a kind, by key."""
    # The steps are found first, so that what is sorted by key is not all there is of the run.
    rows = db.execute(
        f"WITH latest AS (SELECT key, max(step) AS step FROM {kind.table}"
        " WHERE step IS NOT NULL GROUP BY key)"
        f" SELECT {_row_columns(kind)} FROM latest JOIN {kind.table} USING (step, key)"
        f" ORDER BY key, {kind.order}"
    )
    return tuple(kind.to_record(*row) for row in _checked_rows(rows, kind))


def _row_columns(kind: RowKind[Any, Any]) -> str:
    return ", ".join(("key", "step", *(f'"{name}"' for name in kind.columns)))


def _checked_rows(rows: Cursor, kind: RowKind[Any, Any]) -> Iterator[Row]:
    return checked(rows, *(f"{kind.table}.{name}" for name in ("key", "step", *kind.columns)))


def read_view(
    db: Connection, view: View, keys: Sequence[str] | None = None
) -> tuple[tuple[str, ...], list[Row]]:
    """Read a view for people: the names of its columns, and its rows in the order logged."""
    condition, parameters = of_keys(keys)
    rows = db.execute(f"SELECT * FROM {view} WHERE {condition} ORDER BY {_VIEW_ORDER[view]}", parameters)
    names = tuple(column[0] for column in rows.description)
    return names, list(checked(rows, *(_VIEW_RULES[view].get(name, "") for name in names)))


def read_media(db: Connection) -> tuple[MediaRecord, ...]:
    """Read every media file there should be, in the order they were added."""
    rows = db.execute(f"SELECT {MEDIA_COLUMNS} FROM media ORDER BY id")
    return tuple(map(media_record, checked(rows, *MEDIA_RULES)))


def read_files(db: Connection) -> tuple[FileRecord, ...]:
    """Read all files there should be besides media: those logged, by step, then those of the run."""
    rows = db.execute(f"SELECT {_row_columns(FILE)} FROM files ORDER BY step IS NULL, {FILE.order}, path")
    return tuple(FILE.to_record(*row) for row in _checked_rows(rows, FILE))


def read_run_files(db: Connection, most: int | None = None) -> tuple[FileRecord, ...]:
    """Read the files of the run as a whole, by path; no more than the first so many."""
    rows = db.execute(
        f"SELECT {_row_columns(FILE)} FROM files WHERE step IS NULL ORDER BY path LIMIT ?",
        [-1 if most is None else most],
    )
    return tuple(FILE.to_record(*row) for row in _checked_rows(rows, FILE))


def read_kept(db: Connection) -> tuple[MediaRecord | FileRecord, ...]:
    """Read all that the run folder should hold besides its database: media and files."""
    return (*read_media(db), *read_files(db))


def read_galleries(db: Connection) -> tuple[tuple[str, int, int], ...]:
    """Read the key, step and number of images of each gallery that has some, by key and step."""
    rows = db.execute("SELECT key, step, count(*) FROM images GROUP BY key, step ORDER BY key, step")
    return tuple(checked(rows, "images.key", "images.step", ""))


def read_media_uses(db: Connection) -> Iterator[tuple[PurePosixPath, int, str, int | None]]:
    """Yield path and bytes of each media or logged file with key and step of all that it is of.

    In a table, whose rows may be of several steps, it is of none.
    """
    rows = db.execute(
        "SELECT path, bytes, images.key, step FROM images JOIN media ON media.id = media_id"
        " UNION ALL SELECT path, bytes, images.key, step FROM masks JOIN images ON images.id = image_id"
        " JOIN media ON media.id = masks.media_id"
    )
    for path, size, key, step in checked(rows, "media.path", "media.bytes", "images.key", "images.step"):
        yield PurePosixPath(path), size, key, step
    rows = db.execute("SELECT path, bytes, key, step FROM files WHERE key IS NOT NULL")
    for path, size, key, step in checked(rows, "files.path", "files.bytes", "files.key", "files.step"):
        yield PurePosixPath(path), size, key, step
    rows = db.execute("SELECT path, bytes, key FROM table_media JOIN media ON media.id = media_id")
    for path, size, key in checked(rows, "media.path", "media.bytes", "media.key"):
        yield PurePosixPath(path), size, key, None


def read_newest_paths(db: Connection) -> Iterator[PurePosixPath]:
    """Yield the path of every file there should be, media added last first, while reading."""
    for (path,) in checked(db.execute("SELECT path FROM media ORDER BY id DESC"), "media.path"):
        yield PurePosixPath(path)
    for (path,) in checked(db.execute("SELECT path FROM files"), "files.path"):
        yield PurePosixPath(path)


def read_integrity_problems(db: Connection) -> tuple[str, ...]:
    """Let SQLite check the whole database, then look at each row; return a line for each thing wrong."""
    broken = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
    dangling = [
        f"row {rowid} of {table} refers to a row of {parent} that is not there"
        for table, rowid, parent, _ in db.execute("PRAGMA foreign_key_check")
    ]
    # One line of SQLite's may tell of a hundred pages.
    said = tuple(" ".join(line.split())[:_LONGEST_PROBLEM] for line in broken + dangling)
    return said or find_bad_rows(db)
