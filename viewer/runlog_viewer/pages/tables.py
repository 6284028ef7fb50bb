"""Logged tables → what pages show of them, and the rows that scripts load. Pure: no file is read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import runlog
from runlog_viewer.pages import site_names, wording
from runlog_viewer.pages.values import Figure, HeadCell, TableCell, TableView

FIRST_ROWS = 20
"""How many rows a page has without scripts."""
BLOCK_ROWS = 500
"""Rows of a data script: of pictures with boxes some 400 kB, there in 10 ms."""

# A cell shows three lines; more than its beginning would be laid out for nothing. All of it is in the data.
_START = 300
_MOST_NUMBERS = 50
# Past it JavaScript has no integer of its own.
_EXACT = 2**53
_RIGHT = frozenset(("number", "bool"))
_LONG = 40

Row = Sequence[Any]
Draw = Callable[[runlog.ImageRecord], Figure]


@dataclass(frozen=True, slots=True)
class TableRows:
    """Some rows of a table that was logged: the first of them, or those of a data script."""

    table: runlog.LoggedTable
    rows: Sequence[Row]

    @classmethod
    def first(cls, table: runlog.LoggedTable, count: int) -> TableRows:
        """Return the first rows of a table."""
        return cls(table, table.rows(0, count))

    @property
    def key(self) -> str:
        """The key of the table."""
        return self.table.key

    @property
    def step(self) -> int:
        """The step it was logged at."""
        return self.table.step

    def pictures(self) -> Iterator[runlog.ImageRecord]:
        """Yield the pictures in the rows."""
        return (cell for row in self.rows for cell in row if isinstance(cell, runlog.ImageRecord))


def shown(tables: Iterable[TableRows], to_run_folder: str, draw: Draw) -> tuple[TableView, ...]:
    """Return tables as a page shows them.

    Parameters
    ----------
    tables
        Each with its first rows.
    to_run_folder
        The relative link from the page to the run folder, ``""`` or ending in ``/``.
    draw
        How a picture is shown.
    """
    return tuple(
        TableView(
            key=one.key,
            step=one.step,
            data_id=one.table.record.data_id,
            row_count=len(one.table),
            heads=tuple(
                HeadCell(column.name, column.type, column.type in _RIGHT)
                for column in one.table.record.columns
            ),
            rows=tuple([tuple([_shown(cell, draw) for cell in row]) for row in one.rows]),
            height=_height(one),
            href=to_run_folder + site_names.step_page(one.step),
            all_steps=to_run_folder + site_names.key_page(one.key),
        )
        for one in tables
    )


def data_cell(cell: Any, draw_html: Callable[[runlog.ImageRecord], str]) -> Any:
    """Return a cell for the data scripts.

    Numbers, bools, texts, None and lists are what they are; an integer that JavaScript has not exactly has
    its digits beside it, and a picture is its markup, with its caption to be sorted and searched by.
    """
    if isinstance(cell, runlog.ImageRecord):
        return {"html": draw_html(cell), "words": cell.caption or ""}
    return list(cell) if isinstance(cell, tuple) else exact(cell)


def exact(value: Any) -> Any:
    """Return a value for the data scripts; an integer that JavaScript has not exactly with its digits."""
    if type(value) is int and abs(value) > _EXACT:
        return {"digits": str(value), "near": float(value)}
    return value


def _shown(value: Any, draw: Draw) -> TableCell:
    return TableCell("image", "", draw(value)) if isinstance(value, runlog.ImageRecord) else cell(value)


def cell(value: Any) -> TableCell:
    """Return what a page shows of a value that is no picture."""
    if value is None:
        return TableCell("none", "")
    if isinstance(value, bool):
        return TableCell("bool", "true" if value else "false")
    if isinstance(value, (int, float)):
        return TableCell("number", _number(value))
    if isinstance(value, tuple):
        more = ", …" if len(value) > _MOST_NUMBERS else ""
        return TableCell("numbers", ", ".join(map(_number, value[:_MOST_NUMBERS])) + more)
    return TableCell("text", wording.clipped(value, _START))


def _number(value: bool | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) > _EXACT:
        return str(value)
    return (
        wording.number(value, 4)
        if isinstance(value, float) and math.isfinite(value)
        else wording.number(value)
    )


def _height(table: TableRows) -> str:
    """Return how high every row is, in a word: rows that are out of sight can be counted then."""
    types = {column.type for column in table.table.record.columns}
    if any(table.pictures()) or "image" in types:
        return "tall"
    cells = (cell for row in table.rows for cell in row if isinstance(cell, (str, tuple)))
    is_long = any(len(cell) > _LONG or (isinstance(cell, str) and "\n" in cell) for cell in cells)
    return "middle" if is_long else "low"
