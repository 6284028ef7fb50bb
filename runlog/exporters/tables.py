r"""CSV tables ``NAME.csv``: images, fields, boxes, masks, scalars, texts, histograms, tables and steps.

Each is UTF-8 with a header, commas and ``\n``. Texts are always in double quotes, numbers never, and a field
without a value is empty: so None, ``""`` and the number NaN (``nan``) differ, as do ``inf`` and ``-inf``.
Edges and counts of a histogram are JSON lists.
Numbers have every digit that it takes to restore them.

A field of an image is a row of its own; a bool is ``True`` or ``False``. What is said of an image that was
judged is among its fields, and of a box in columns ``evaluation.<name>``, as in the table ``box_verdicts``.

A box has its corners in pixels, empty where it cannot be drawn, the numbers as logged (`form`, `domain`, and
`a` to `d` as in ``run.db``), and a column ``scores.<name>`` for each score. A mask has a row for each class
id in it. Pictures stay in the run folder: `path` is relative to it. A step that is in any table has a row
that says when it was last logged to, in UTC as ISO 8601.

Each logged table is a file of its own, ``table-N.csv``, with its columns; one that was logged again as it
grew is one file, of which `row_count` in ``tables.csv`` says how much it was by then. A list of numbers is
written as JSON, a picture as its path.

Texts are written as they were logged. A caption that begins with ``=``, ``+``, ``-`` or ``@`` is a formula to
a spreadsheet that opens the file by a double click; import the columns as text there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from runlog import palette
from runlog.basics.jsontext import numbers_to_json, to_json
from runlog.errors import StorageError
from runlog.exporters.entry import exporter
from runlog.exporters.output import Tally
from runlog.exporters.selection import ChosenBox, Progress, Selection
from runlog.reading.reader import RunReader
from runlog.storage.kinds import ROW_KINDS, TABLE, RowKind
from runlog.storage.records import ImageRecord, MaskLayerRecord, TableRecord
from runlog.storage.tables import TableCell

Field = str | float | NDArray[Any] | None

_PLACE = ("step", "key", "index")
_SAID = ("verdict", "partner", "iou", "score", "confused_with")
_COLUMNS = {
    "images": (*_PLACE, "caption", "grouping", "path", "format", "width", "height", "bytes", "identity"),
    "fields": (*_PLACE, "identity", "name", "value"),
    "boxes": (
        *(*_PLACE, "layer", "box_index", "class_id", "class_label", "caption"),
        *("left", "top", "right", "bottom", "form", "domain", "a", "b", "c", "d", "iscrowd", "ignore"),
        *(f"evaluation.{name}" for name in _SAID),
    ),
    "masks": (*_PLACE, "layer", "class_id", "class_label", "path", "width", "height"),
    "scalars": ("step", "key", "value"),
    **{kind.table: ("step", "key", *kind.fields) for kind in ROW_KINDS},
    "tables": ("step", "key", "row_count", "columns", "file"),
    "steps": ("step", "logged_at"),
}


@exporter()
def export(reader: RunReader, selection: Selection, folder: Path, progress: Progress | None) -> Tally:
    """Write what was logged as CSV tables; see the module for their columns."""
    counts = reader.counts()
    keys = {*counts.images, *(one.key for one in reader.scalars())}
    selection.check_keys(keys.union(*(getattr(counts, kind.table) for kind in ROW_KINDS)))
    tally, scores = Tally(), _score_names(reader, selection)
    with ExitStack() as files:
        tables = {}
        for name, columns in _COLUMNS.items():
            file = files.enter_context((folder / f"{name}.csv").open("w", encoding="utf-8", newline=""))
            tables[name] = _Table(file, (*columns, *(f"scores.{one}" for one in scores if name == "boxes")))
        for image in selection.images(reader, progress):
            tables["images"].add([_image_row(image)])
            tables["fields"].add(_field_rows(image))
            for layer in selection.layers_of(image):
                if layer.kind == "boxes":
                    boxes = selection.boxes(layer, tally)
                    tables["boxes"].add(_box_row(image, chosen, scores) for chosen in boxes)
                elif layer.kind == "masks":
                    tables["masks"].add(_mask_rows(image, layer))
                else:
                    tally.leave_out_layers(layer.kind)
        tables["scalars"].add(_scalar_rows(reader, selection))
        for kind in ROW_KINDS:
            # A table that is logged again has no rows any more by the next moment.
            with reader.one_moment(may_wait=False):
                records = _chosen(reader, selection, kind)
                tables[kind.table].add(map(_table_row if kind is TABLE else kind.row, records))
                if kind is TABLE:
                    _write_rows(reader, records, folder)
        steps = set[Field]().union(*(table.steps for table in tables.values()))
        tables["steps"].add(_step_rows(reader, steps))
    tally.written.update({name: table.rows for name, table in tables.items()})
    return tally


class _Table:
    """One file: a header, and rows of as many fields, the first of which is the step."""

    def __init__(self, file: TextIO, columns: Iterable[str]) -> None:
        self.rows = 0
        self.steps: set[Field] = set()
        self._write: Callable[[str], object] = file.write
        self._write(",".join(map(_field, columns)) + "\n")

    def add(self, rows: Iterable[Sequence[Field]]) -> None:
        """Write rows."""
        for row in rows:
            self._write(",".join(map(_field, row)) + "\n")
            self.rows += 1
            self.steps.add(row[0])


def _field(value: Field) -> str:
    if value is None:
        return ""
    if isinstance(value, np.ndarray):
        value = numbers_to_json(value.tolist())
    return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else repr(value)


def _score_names(reader: RunReader, selection: Selection) -> tuple[str, ...]:
    """Return the names of the scores of all boxes that are exported: the header needs them first."""
    unused = Tally()
    layers = (layer for image in selection.images(reader) for layer in selection.layers_of(image))
    chosen = (one for layer in layers if layer.kind == "boxes" for one in selection.boxes(layer, unused))
    return tuple(sorted({name for one in chosen for name in one.box.scores}))


def _place(image: ImageRecord) -> tuple[Field, ...]:
    return image.step, image.key, image.index


def _image_row(image: ImageRecord) -> tuple[Field, ...]:
    media = image.media
    file = (str(media.path), media.format, media.width, media.height, media.bytes)
    return (*_place(image), image.caption, image.grouping, *file, image.id)


def _field_rows(image: ImageRecord) -> Iterator[tuple[Field, ...]]:
    for name, value in image.all_fields.items():
        yield *_place(image), image.id, name, value


def _box_row(image: ImageRecord, chosen: ChosenBox, scores: tuple[str, ...]) -> tuple[Field, ...]:
    box = chosen.box
    if new := set(box.scores).difference(scores):
        raise StorageError(f"the run must not change while it is exported, but a score came in: {min(new)!r}")
    return (
        *_place(image),
        *(chosen.layer, chosen.index, box.class_id, chosen.class_label, box.caption),
        *(box.pixel_corners(image.media.width, image.media.height) or (None,) * 4),
        *(box.form, box.domain, *box.numbers, int(box.iscrowd), int(box.ignore)),
        *(getattr(chosen.verdict, name, None) for name in _SAID),
        *(box.scores.get(name) for name in scores),
    )


def _mask_rows(image: ImageRecord, mask: MaskLayerRecord) -> Iterator[tuple[Field, ...]]:
    media = mask.media
    for class_id in mask.class_ids:
        label = palette.class_label(class_id, mask.class_labels)
        yield *_place(image), mask.name, class_id, label, str(media.path), media.width, media.height


def _scalar_rows(reader: RunReader, selection: Selection) -> Iterator[tuple[Field, ...]]:
    for series in reader.scalars():
        if selection.includes_key(series.key):
            steps, values = series.steps.tolist(), series.values.tolist()
            for place in selection.steps.chosen_places(steps):
                yield steps[place], series.key, values[place]


def _chosen(reader: RunReader, selection: Selection, kind: RowKind[Any, Any]) -> list[Any]:
    """Return the values of a kind that are exported, by step and key."""
    records = [record for record in reader.values(kind) if selection.includes_key(record.key)]
    latest = {record.key: record.step for record in records}
    return [
        record
        for record in records
        if (
            latest[record.key] == record.step
            if selection.steps.last_of_key
            else record.step in selection.steps
        )
    ]


def _table_row(table: TableRecord) -> tuple[Field, ...]:
    columns = to_json([[column.name, column.type] for column in table.columns])
    return table.step, table.key, table.row_count, columns, _file_of(table)


def _file_of(table: TableRecord) -> str:
    return f"table-{table.data_id}.csv"


def _write_rows(reader: RunReader, tables: Iterable[TableRecord], folder: Path) -> None:
    """Write the rows of tables, once of those that are the same but for how many they are."""
    longest = {table.data_id: table for table in sorted(tables, key=lambda table: table.row_count)}
    for table in longest.values():
        with (folder / _file_of(table)).open("w", encoding="utf-8", newline="") as file:
            write = file.write
            write(",".join(_field(column.name) for column in table.columns) + "\n")
            for row in reader.read_table(table):
                write(",".join(_field(_cell(cell)) for cell in row) + "\n")


def _cell(cell: TableCell) -> Field:
    if isinstance(cell, tuple):
        return to_json(cell)
    return str(cell.media.path) if isinstance(cell, ImageRecord) else cell


def _step_rows(reader: RunReader, steps: Set[Field]) -> Iterator[tuple[Field, ...]]:
    for record in reader.steps():
        if record.step in steps:
            yield record.step, record.logged_at.isoformat().replace("+00:00", "Z")
