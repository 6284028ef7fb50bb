"""`LoggedTable`: a table read back, a part of its rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, overload

from runlog.storage.records import ImageRecord, TableRecord
from runlog.storage.tables import TableCell

if TYPE_CHECKING:
    from pandas import DataFrame

TableRow = tuple[TableCell, ...]

_BATCH = 2000
_SHOWN_ROWS, _LONGEST = 20, 200


class LoggedTable:
    """A table as it was logged at a step. Its rows are read when they are asked for, and never change.

    While its run goes on, they may go, when it logs another table in the place of this one; inside
    ``with reader.one_moment():`` they stay.

    A cell is as it was logged: a number, a bool, a string, None, a tuple of numbers, or the `ImageRecord` of
    a picture, whose `index` is its row; the reader's `image`, `open_image` and `pixels` take it.

    Parameters
    ----------
    record
        The table.
    read
        Returns its rows from one number to before another, while the reader is open.

    Examples
    --------
    >>> table = reader.table("val/mistakes")
    >>> table.columns, len(table), table[:3]
    >>> wrong = [row for row in table.records() if row["score"] < 0.5]
    """

    def __init__(self, record: TableRecord, read: Callable[[int, int], tuple[TableRow, ...]]) -> None:
        self.record = record
        self._read = read

    @property
    def key(self) -> str:
        """The key it was logged under."""
        return self.record.key

    @property
    def step(self) -> int:
        """The step it was logged at."""
        return self.record.step

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.record.columns)

    @property
    def types(self) -> dict[str, str]:
        """What the cells of each column are; see `runlog.TableColumn`."""
        return {column.name: column.type for column in self.record.columns}

    def rows(self, first: int = 0, stop: int | None = None) -> tuple[TableRow, ...]:
        """Return the rows from one to the one before another, as a slice does; all of them by default.

        Raises
        ------
        StorageError
            If they cannot be read; `RunChangedError` if the table was logged again since, and they are gone.
        """
        return self[first:stop]

    def records(self) -> Iterator[dict[str, TableCell]]:
        """Yield each row as a dict of column to cell."""
        return (dict(zip(self.columns, row, strict=True)) for row in self)

    def frame(self) -> DataFrame:
        """Return the table as a pandas data frame, where pandas is installed.

        None is NA beside integers and bools, and NaN beside other numbers; a picture is its `ImageRecord`.

        Raises
        ------
        MissingPackageError
            If pandas is not installed; it is an `ImportError`.
        """
        from runlog.reading.frames import table_frame

        return table_frame(self.columns, self.rows())

    @overload
    def __getitem__(self, place: int) -> TableRow: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[TableRow, ...]: ...
    def __getitem__(self, place: int | slice) -> TableRow | tuple[TableRow, ...]:
        places = range(len(self))[place]
        if isinstance(places, int):
            return self._read(places, places + 1)[0]
        if not places:
            return ()
        first = min(places)
        rows = self._read(first, max(places) + 1)
        return tuple(rows[at - first] for at in places)

    def __iter__(self) -> Iterator[TableRow]:
        for first in range(0, len(self), _BATCH):
            yield from self._read(first, first + _BATCH)

    def __len__(self) -> int:
        return self.record.row_count

    def __repr__(self) -> str:
        return f"LoggedTable({self.key!r}, step {self.step}, {len(self)} rows, {list(self.columns)})"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the first rows."""
        from runlog.images.html import escaped

        head = "".join(f"<th>{escaped(name)}</th>" for name in self.columns)
        body = "".join(
            f"<tr>{''.join(f'<td>{escaped(_shown(cell))}</td>' for cell in row)}</tr>"
            for row in self.rows(0, _SHOWN_ROWS)
        )
        more = len(self) - _SHOWN_ROWS
        rest = f"<p>and {more:,} more rows</p>" if more > 0 else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


def _shown(cell: Any) -> str:
    if isinstance(cell, ImageRecord):
        return cell.caption or str(cell.media.path)
    text = "" if cell is None else str(cell)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
