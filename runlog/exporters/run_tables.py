"""A run → the rows of the tables that a data set of many runs has, all of one moment."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from runlog.basics.jsontext import plain_to_json, scores_from_json, to_json
from runlog.storage import image_queries, queries
from runlog.storage.connections import open_for_reading, read_errors, transaction
from runlog.storage.fields import field_rows
from runlog.storage.kinds import TABLE, TEXT
from runlog.storage.layer_kinds import LAYER_KINDS
from runlog.storage.layout import DATABASE
from runlog.storage.records import ImageRecord, RunRecord
from runlog.storage.row_checks import checked
from runlog.storage.tables import TableCell, read_table_rows

Row = tuple[Any, ...]
_PLACE = {"step": "integer", "key": "text", "index": "integer"}
_FILE = {"path": "text", "format": "text", "width": "integer", "height": "integer", "bytes": "integer"}


@dataclass(frozen=True, slots=True)
class TableOfRuns:
    """A table of a data set: its columns, and how its rows are read of a run.

    Attributes
    ----------
    columns
        Name to type: ``text``, ``integer``, ``number``, ``flag``, ``time``, ``texts``, ``integers``, or
        ``scores``: a mapping of names to numbers. Before them each row has the name of its run folder.
    read
        The database of a run → its rows.
    """

    name: str
    columns: Mapping[str, str]
    read: Callable[[Connection], Iterable[Row]]


def read_tables(folder: Path) -> Iterator[tuple[TableOfRuns, list[Row]]]:
    """Yield the rows of each table but ``runs``, as the run is at one moment, also while it is written.

    Raises
    ------
    StorageError
        If the run cannot be read.
    """
    with ExitStack() as cleanup, read_errors(folder / DATABASE):
        db = open_for_reading(folder, cleanup)
        with transaction(db):
            for table in TABLES:
                yield table, list(table.read(db))


def read_left_out(folder: Path) -> Mapping[str, int]:
    """Return the kinds of layers that have no table here, and how many of each a run has.

    Raises
    ------
    StorageError
        If the run cannot be read.
    """
    kinds = [kind for kind in LAYER_KINDS if kind.name not in {table.name for table in TABLES}]
    if not kinds:
        return {}
    with ExitStack() as cleanup, read_errors(folder / DATABASE):
        db = open_for_reading(folder, cleanup)
        count = "SELECT count(*) FROM {} WHERE layer <> ''"
        return {kind.name: db.execute(count.format(kind.table)).fetchone()[0] for kind in kinds}


def read_score_names(folder: Path) -> set[str]:
    """Return the names of the scores of all boxes of a run.

    Raises
    ------
    StorageError
        If the run cannot be read.
    """
    with ExitStack() as cleanup, read_errors(folder / DATABASE):
        db = open_for_reading(folder, cleanup)
        rows = db.execute("SELECT DISTINCT scores.key FROM boxes, json_each(boxes.scores) AS scores")
        return {str(name) for (name,) in rows}


def run_row(run: RunRecord) -> Row:
    """Return the row of a run in the table ``runs``."""
    details = (run.id, run.name, run.project, run.group, list(run.tags), run.notes, run.state)
    texts = map(plain_to_json, (run.config, run.summary, run.environment))
    return (*details, run.created_at, run.finished_at, run.revision, *texts, str(run.folder))


RUN_COLUMNS = {
    **{"id": "text", "name": "text", "project": "text", "group": "text", "tags": "texts", "notes": "text"},
    **{"state": "text", "created_at": "time", "finished_at": "time", "revision": "integer"},
    **{"config": "text", "summary": "text", "environment": "text", "folder": "text"},
}


def _steps(db: Connection) -> Iterator[Row]:
    return ((one.step, one.logged_at, one.revision) for one in queries.read_steps(db, -1))


def _numbers(db: Connection) -> Iterator[Row]:
    for series in queries.read_scalars(db, -1):
        for step, value in zip(series.steps.tolist(), series.values.tolist(), strict=True):
            yield step, series.key, value


def _texts(db: Connection) -> Iterator[Row]:
    return map(TEXT.row, queries.read_all_rows(db, TEXT))


def _of_view(view: queries.View, columns: Sequence[str]) -> Callable[[Connection], Iterator[Row]]:
    def read(db: Connection) -> Iterator[Row]:
        names, rows = queries.read_view(db, view)
        places = [names.index(name) for name in columns]
        return (tuple(row[place] for place in places) for row in rows)

    return read


def _boxes(db: Connection) -> Iterator[Row]:
    columns = [name for name in _BOXES if name not in _JUDGED]
    rows = list(_of_view("labelled_boxes", (*columns, "image_id"))(db))
    every = scores_from_json([row[-2] for row in rows])
    verdicts, nothing_said = _verdicts(db), (None,) * len(_JUDGED)
    layer, index = columns.index("layer"), columns.index("box_index")
    for row, scores in zip(rows, every, strict=True):
        judged = verdicts.get((row[-1], row[layer], row[index]), nothing_said)
        yield (*row[:-2], *judged, scores)


def _verdicts(db: Connection) -> dict[Row, Row]:
    """Return what is said of each box that was judged, by its image, layer and place in that."""
    columns = ("image_id", "layer", "index", *_JUDGED)
    rows = db.execute(
        'SELECT image_id, layer, "index", verdict, partner, iou, confused_with FROM box_verdicts'
    )
    return {row[:3]: row[3:] for row in checked(rows, *(f"box_verdicts.{name}" for name in columns))}


def _masks(db: Connection) -> Iterator[Row]:
    for image in _images_with(("masks",), db):
        for mask in image.masks:
            media = mask.media
            file = (str(media.path), media.format, media.width, media.height, media.bytes)
            yield image.step, image.key, image.index, mask.name, list(mask.class_ids), *file


def _fields(db: Connection) -> Iterator[Row]:
    for image in _images_with(("image_fields", "judged_images"), db):
        for name, place, kind, number, text in field_rows(image.all_fields):
            # NaN has no number in a row.
            value = math.nan if kind == "real" and number is None else number
            yield (
                image.step,
                image.key,
                image.index,
                image.id,
                place,
                name,
                kind,
                value if value is None else float(value),
                text,
            )


def _images_with(tables: Iterable[str], db: Connection) -> Iterable[ImageRecord]:
    """Return all images, if there is a row in any of these tables."""
    exists = "SELECT EXISTS (SELECT 1 FROM {})"
    is_used = any(db.execute(exists.format(table)).fetchone()[0] for table in tables)
    return image_queries.read_images(db, queries.read_steps_with_images(db)) if is_used else ()


def _cells(db: Connection) -> Iterator[Row]:
    records = sorted(queries.read_all_rows(db, TABLE), key=lambda one: (one.row_count, one.step))
    for record in {one.data_id: one for one in records}.values():
        for number, row in enumerate(read_table_rows(db, record, 0, record.row_count)):
            for column, cell in zip(record.columns, row, strict=True):
                yield record.step, record.key, number, column.name, *_cell(cell)


def _cell(cell: TableCell) -> tuple[str, float | None, str | None]:
    """Return type, number and text of a cell."""
    if cell is None:
        return "empty", None, None
    if isinstance(cell, str):
        return "text", None, cell
    if isinstance(cell, ImageRecord):
        return "image", None, str(cell.media.path)
    if isinstance(cell, tuple):
        return "numbers", None, to_json(cell)
    return ("bool" if isinstance(cell, bool) else "number"), float(cell), None


_IMAGES = {
    **_PLACE,
    **{"identity": "text", "caption": "text", "grouping": "integer"},
    **_FILE,
    **{"box_count": "integer", "mask_count": "integer", "conversion_rule": "text"},
}
_JUDGED = {"verdict": "text", "partner": "integer", "iou": "number", "confused_with": "integer"}
_BOXES = {
    **_PLACE,
    **{"identity": "text", "layer": "text", "box_index": "integer"},
    **{"class_id": "integer", "class_label": "text"},
    **dict.fromkeys(("left", "top", "right", "bottom"), "number"),
    **{"caption": "text", "iscrowd": "flag", "ignore": "flag"},
    **_JUDGED,
    "scores": "scores",
}
TABLES = (
    TableOfRuns("steps", {"step": "integer", "logged_at": "time", "revision": "integer"}, _steps),
    TableOfRuns("numbers", {"step": "integer", "key": "text", "value": "number"}, _numbers),
    TableOfRuns("texts", {**_PLACE, "text": "text", "form": "text"}, _texts),
    TableOfRuns("images", _IMAGES, _of_view("image_log", list(_IMAGES))),
    TableOfRuns("boxes", _BOXES, _boxes),
    TableOfRuns("masks", {**_PLACE, "layer": "text", "class_ids": "integers", **_FILE}, _masks),
    TableOfRuns(
        "fields",
        {
            **_PLACE,
            **{"identity": "text", "field_index": "integer", "name": "text", "type": "text"},
            **{"number": "number", "text": "text"},
        },
        _fields,
    ),
    TableOfRuns(
        "tables",
        {
            **{"step": "integer", "key": "text", "row": "integer", "column": "text", "type": "text"},
            **{"number": "number", "text": "text"},
        },
        _cells,
    ),
)
