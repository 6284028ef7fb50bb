"""What a logged table has beside its row: rows of cells and their pictures. Written once, read in parts.

A table at a step is the first rows of its data. Logged again with rows added, it shares them with what it was
before, and only the new ones are written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from sqlite3 import Connection
from typing import Any
from weakref import WeakKeyDictionary

from runlog.errors import RunChangedError, shown
from runlog.images.image import Image
from runlog.images.layers import Layer
from runlog.storage.cells import StoredPicture, cells_from_json, cells_to_json, picture_cell
from runlog.storage.file_records import MediaRecord
from runlog.storage.image_queries import MEDIA_COLUMNS, MEDIA_RULES, LabelSets, media_record
from runlog.storage.layer_kinds import LAYER_KINDS
from runlog.storage.records import ImageRecord, TableColumn, TableRecord
from runlog.storage.row_checks import BadRowError, checked
from runlog.values.table import Cell, Number, Table

TableCell = None | Number | str | tuple[Number, ...] | ImageRecord
"""A cell as it is read back."""


@dataclass(frozen=True, slots=True)
class TableState:
    """A table as it is logged: its data, and the rows that are new in it.

    Attributes
    ----------
    data_id
        None for a table of which nothing is stored yet.
    first
        The number of the first new row.
    """

    table: Table
    key: str
    data_id: int | None
    first: int
    rows: tuple[tuple[Cell, ...], ...]
    columns: tuple[TableColumn, ...]

    @property
    def row_count(self) -> int:
        """How many rows the table has."""
        return self.first + len(self.rows)

    def pictures(self) -> Iterable[tuple[int, int, Image]]:
        """Yield row, column and image of each picture in a new row."""
        if any(column.type in ("image", "mixed") for column in self.columns):
            for row, cells in enumerate(self.rows, self.first):
                for column, cell in enumerate(cells):
                    if isinstance(cell, Image):
                        yield row, column, cell


@dataclass(frozen=True, slots=True)
class CellMedia:
    """The media files of the picture in a cell: its own, and those of its masks by layer, by id."""

    media_id: int
    masks: Mapping[str, int]


class TableRows:
    """Writes the rows of the tables of one run, and knows which of them are stored.

    Parameters
    ----------
    db
        The database, of which the caller has a transaction open whenever something is written.
    """

    def __init__(self, db: Connection) -> None:
        self._db = db
        # By key: what is stored of a table is in the media folder of a key.
        self._stored: WeakKeyDictionary[Table, dict[str, tuple[int, int]]] = WeakKeyDictionary()

    def state(self, key: str, table: Table) -> TableState:
        """Return a table as it is now, with the rows that are not stored under a key yet.

        Raises
        ------
        InvalidValueError
            If it has let go of some of them.
        """
        data_id, first = self._stored.get(table, {}).get(key, (None, 0))
        rows = table.rows_since(first)
        columns = tuple(map(TableColumn, table.columns, table.types))
        return TableState(table, key, data_id, first, rows, columns)

    def add(
        self,
        state: TableState,
        media: Iterable[CellMedia],
        label_set_id: Callable[[Image, Layer], int],
    ) -> TableState:
        """Write the new rows of a table, and return it with the id of its data.

        Parameters
        ----------
        media
            The files of its pictures, in their order.
        label_set_id
            Returns the id of the label set of a layer of an image.
        """
        data_id = state.data_id
        if data_id is None:
            data_id = self._db.execute("INSERT INTO table_data DEFAULT VALUES").lastrowid
            assert data_id is not None  # noqa: S101 - an INSERT into a table with rowids sets it
        rows: list[Sequence[Any]] = list(state.rows)
        files = []
        for (row, column, image), of_cell in zip(state.pictures(), media, strict=True):
            cells = list(rows[row - state.first])
            cells[column] = picture_cell(image, lambda layer, image=image: label_set_id(image, layer))  # type: ignore[misc]
            rows[row - state.first] = cells
            files.append((data_id, row, column, "", of_cell.media_id))
            files += [(data_id, row, column, layer, media_id) for layer, media_id in of_cell.masks.items()]
        self._db.executemany(
            'INSERT INTO table_rows (data_id, "row", cells) VALUES (?, ?, ?)',
            [(data_id, row, cells_to_json(cells)) for row, cells in enumerate(rows, state.first)],
        )
        self._db.executemany(
            'INSERT INTO table_media (data_id, "row", "column", layer, media_id) VALUES (?, ?, ?, ?, ?)',
            files,
        )
        return replace(state, data_id=data_id)

    def keep(self, states: Iterable[TableState], left: Mapping[int, int | None]) -> None:
        """Take over what is stored now.

        Parameters
        ----------
        states
            The tables that were logged, as `add` returned them.
        left
            Of data that `drop_unused` looked at, how many rows are left; None where it is gone.
        """
        for known in self._stored.values():
            for key, (data_id, count) in list(known.items()):
                if data_id in left:
                    most = left[data_id]
                    known[key] = (data_id, min(count, most or 0))
                    if most is None:
                        del known[key]
        for state in states:
            if state.data_id is not None:
                self._stored.setdefault(state.table, {})[state.key] = (state.data_id, state.row_count)
            state.table.let_go(state.row_count)

    def data_of(self, step: int, keys: Iterable[str]) -> set[int]:
        """Return the ids of the data of tables at a step."""
        sql = "SELECT data_id FROM tables WHERE step = ? AND key = ?"
        return {data_id for key in keys for (data_id,) in self._db.execute(sql, [step, key])}

    def all_data(self) -> set[int]:
        """Return the ids of all data that tables have, or had."""
        return {data_id for (data_id,) in self._db.execute("SELECT id FROM table_data")}

    def drop_unused(self, data_ids: Iterable[int]) -> tuple[set[int], dict[int, int | None]]:
        """Delete the rows that no table at any step has any more.

        What an incremental table of this process has let go of stays: it may be logged again.

        Returns
        -------
        set of int
            The ids of the media that they had.
        dict
            Of each data, how many rows are left; None where all of it is gone.
        """
        held = {
            data_id
            for table, known in self._stored.items()
            for data_id, _ in known.values()
            if table.is_incremental
        }
        media_ids: set[int] = set()
        left: dict[int, int | None] = {}
        for data_id in set(data_ids) - held:
            (most,) = self._db.execute(
                "SELECT max(row_count) FROM tables WHERE data_id = ?", [data_id]
            ).fetchone()
            unused, left[data_id] = [data_id, most or 0], most
            found = self._db.execute(
                'SELECT media_id FROM table_media WHERE data_id = ? AND "row" >= ?', unused
            )
            media_ids.update(media_id for (media_id,) in found)
            self._db.execute('DELETE FROM table_rows WHERE data_id = ? AND "row" >= ?', unused)
            if most is None:
                self._db.execute("DELETE FROM table_data WHERE id = ?", [data_id])
        return media_ids, left


def _refuse_replaced(db: Connection, table: TableRecord) -> None:
    is_there = "SELECT 1 FROM tables WHERE data_id = ? AND row_count >= ?"
    if db.execute(is_there, [table.data_id, table.row_count]).fetchone() is None:
        raise RunChangedError(
            f"a table must not be logged again while it is read, but {shown(table.key)} at step {table.step} "
            "was, or was removed: ask the reader for it anew"
        )


def read_table_rows(
    db: Connection, table: TableRecord, first: int, stop: int
) -> tuple[tuple[TableCell, ...], ...]:
    """Read rows of a table, from the one of a number to the one before another.

    Raises
    ------
    BadRowError
        If the table has not all of them, or a row has not a cell for each column.
    RunChangedError
        If it has them no more: its record was read before the table was logged again, or removed.
    """
    last = min(stop, table.row_count)
    if first >= last:
        return ()
    within = 'data_id = ? AND "row" >= ? AND "row" < ?'
    place = [table.data_id, first, last]
    found = db.execute(f'SELECT "row", cells FROM table_rows WHERE {within} ORDER BY "row"', place)
    # Cells are checked as they are parsed.
    rows = [(row, cells_from_json(text)) for row, text in checked(found, "table_rows.row", "texts.text")]
    if [row for row, _ in rows] != list(range(first, first + len(rows))) or first + len(rows) < last:
        _refuse_replaced(db, table)
        raise BadRowError(f"table_rows must have rows {first} to {last - 1} of a table, but has others")
    width = len(table.columns)
    if not {width}.issuperset(len(cells) for _, cells in rows):
        raise BadRowError(
            f"table_rows.cells must have {width} cells, as the table has columns, but has others"
        )
    files, labels = _files(db, within, place), LabelSets(db)
    return tuple(
        [
            tuple(
                [
                    _picture(table, row, cell, files[row, column], labels)
                    if isinstance(cell, StoredPicture)
                    else cell
                    for column, cell in enumerate(cells)
                ]
            )
            for row, cells in rows
        ]
    )


def _files(db: Connection, within: str, place: list[int]) -> Mapping[tuple[int, int], dict[str, MediaRecord]]:
    """Return the files of the pictures in cells by row and column; the picture's own is that of no layer."""
    found = db.execute(
        f'SELECT "row", "column", layer, {MEDIA_COLUMNS} FROM table_media JOIN media ON media.id = media_id'
        f" WHERE {within}",
        place,
    )
    files: defaultdict[tuple[int, int], dict[str, MediaRecord]] = defaultdict(dict)
    names = (f"table_media.{name}" for name in ("row", "column", "layer"))
    for row, column, layer, *media in checked(found, *names, *MEDIA_RULES):
        files[row, column][layer] = media_record(media)
    return files


def _picture(
    table: TableRecord, row: int, cell: StoredPicture, files: Mapping[str, MediaRecord], labels: LabelSets
) -> ImageRecord:
    needed = {name for kind in LAYER_KINDS if kind.has_media for name in cell.layers[kind.name]}
    if not files.keys() >= {""} | needed:
        raise BadRowError(f"table_media must have the files of the picture in row {row}, but has not")
    return cell.to_record(table.key, table.step, row, files, labels)
