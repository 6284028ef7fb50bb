"""`Table`: rows of numbers, words and pictures to be logged under one key; every cell checked as it comes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from os import PathLike, fspath
from typing import Any, Literal, get_args

import numpy as np

from runlog.basics.jsontext import MAX_DIGITS
from runlog.errors import InvalidTypeError, InvalidValueError, RunlogError, shown
from runlog.images.checks import check_list, plain_text, python_number
from runlog.images.image import Image
from runlog.images.pixels import AnyArray, to_numpy
from runlog.images.sources import is_picture_like
from runlog.values.frame_index import index_columns, is_labelled

Number = bool | int | float
Cell = None | Number | str | tuple[Number, ...] | Image
CellType = Literal["empty", "bool", "number", "text", "numbers", "image", "mixed"]
"""What the cells of a column are, None aside; ``empty`` where there is nothing else."""

MAX_COLUMNS = 1000
CELL_TYPES: tuple[CellType, ...] = get_args(CellType)
_LARGEST = 10**MAX_DIGITS
_TYPES: Mapping[type, CellType] = {
    **{type(None): "empty", bool: "bool", int: "number", float: "number"},
    **{str: "text", tuple: "numbers"},
}
_AS_THEY_ARE = frozenset((type(None), bool, float, Image))
# What pandas and numpy have for a value that is not there; none is imported for that.
_MISSING = frozenset(("NAType", "NaTType", "MaskedConstant"))


class Table:
    """Rows of cells in named columns, to be logged under a key.

    A cell is a number, a bool, a string, None, an `Image` with whatever is drawn over it, or a list of
    numbers. What a script has of these in numpy or a tensor is taken as such, a time or a path as its text.
    Rows are added at the end and never change.

    Logged again, a table is a new state of it, and only the rows added since are written.

    Parameters
    ----------
    columns
        Names of the columns, each once; by default those of `dataframe`, or of `data` if it is dicts.
    data
        Rows: each a list of as many cells as there are columns, or a dict of column to cell, in which a
        column that is missing is None. Or a 2-D array of numbers or strings.
    dataframe
        A pandas or polars frame in place of `data`; with `columns`, only these of it. An index that says more
        than the number of each row is its first columns, by the names of its levels or as ``index``.
    incremental
        A table that grows while a script runs: it belongs to the key and run it is first logged to, and lets
        go of the rows that are stored, so that their pictures need no memory.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If a name or cell is none of these; the message names row and column.

    Examples
    --------
    >>> table = runlog.Table(["picture", "truth", "score"])
    >>> table.add_row(runlog.Image(pixels), "cat", 0.93)
    >>> run.log({"val/mistakes": table}, step=3)
    """

    def __init__(
        self,
        columns: Iterable[str | int] | None = None,
        data: Any = None,
        dataframe: Any = None,
        *,
        incremental: bool = False,
    ) -> None:
        if data is not None and dataframe is not None:
            raise InvalidValueError("a table must get data or dataframe, but got both")
        if dataframe is not None and not is_frame(dataframe):
            raise InvalidTypeError(
                f"dataframe must be a pandas or polars frame, but got {type(dataframe).__name__}"
            )
        source = data if dataframe is None else dataframe
        names, rows = (None, iter(())) if source is None else _content(source)
        if columns is None and names is None:
            raise InvalidValueError("a table must have columns, or data that names them, but got neither")
        self._columns = _names(names if columns is None else columns)
        self._places = {name: place for place, name in enumerate(self._columns)}
        self._is_incremental = bool(incremental)
        self._types: list[CellType] = ["empty"] * len(self._columns)
        self._first, self._rows = 0, list[tuple[Cell, ...]]()
        self._warnings: dict[str, str] = {}
        if dataframe is not None and columns is not None:
            rows = _only(self._columns, names or (), rows)
        for row in rows:
            self.append(row)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self._columns

    @property
    def is_incremental(self) -> bool:
        """Whether the table lets go of rows that are stored."""
        return self._is_incremental

    @property
    def types(self) -> tuple[CellType, ...]:
        """What the cells of each column are."""
        return tuple(self._types)

    @property
    def warnings(self) -> Mapping[str, str]:
        """Topic to message: what may surprise about a picture in it, the first of each topic."""
        return self._warnings

    def add_row(self, *cells: Any) -> None:
        """Add a row at the end, a cell for each column.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If there are more or fewer, or one is no cell; nothing is added then.
        """
        self._add(cells)

    add_data = add_row

    def append(self, row: Sequence[Any] | Mapping[Any, Any]) -> None:
        """Add a row at the end: a list of a cell for each column, or a dict of column to cell.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            As from `add_row`, and for a dict with a column that the table does not have.
        """
        if isinstance(row, Mapping):
            named = {_name(name): cell for name, cell in row.items()}
            if unknown := [name for name in named if name not in self._places]:
                raise InvalidValueError(
                    f"row {len(self)} must have none but the columns {shown(list(self._columns))}, "
                    f"but has {shown(unknown[0])}"
                )
            self._add([named.get(name) for name in self._columns])
        else:
            self._add(check_list(row, f"row {len(self)}", "cells"))

    def rows_since(self, first: int) -> tuple[tuple[Cell, ...], ...]:
        """Return the rows from the one of that number on.

        Raises
        ------
        InvalidValueError
            If the table has let go of some of them.
        """
        if first < self._first:
            raise InvalidValueError(
                "an incremental table must be logged to one key of one run, but its first rows are stored "
                "under another; make a table for each"
            )
        return tuple(self._rows[first - self._first :])

    def let_go(self, count: int) -> None:
        """Forget the first rows of an incremental table, which are stored; of any other, nothing."""
        if self._is_incremental and count > self._first:
            del self._rows[: count - self._first]
            self._first = count

    def __copy__(self) -> Table:
        # Rows that are added to a copy are none of the table that it was made of.
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        copied._types, copied._rows, copied._warnings = self._types[:], self._rows[:], dict(self._warnings)
        return copied

    def __len__(self) -> int:
        return self._first + len(self._rows)

    def __repr__(self) -> str:
        return f"Table({shown(list(self._columns))}, {len(self)} rows)"

    def _add(self, cells: Sequence[Any]) -> None:
        if len(cells) != len(self._columns):
            raise InvalidValueError(
                f"row {len(self)} must have {len(self._columns)} cells, one for each of "
                f"{shown(list(self._columns))}, but has {len(cells)}"
            )
        row = tuple(
            [
                cell if type(cell) in _AS_THEY_ARE else _cell(cell, len(self), name)
                for cell, name in zip(cells, self._columns, strict=True)
            ]
        )
        for place, cell in enumerate(row):
            if cell is not None and (found := _type_of(cell)) != self._types[place]:
                self._types[place] = found if self._types[place] == "empty" else "mixed"
            if isinstance(cell, Image):
                for topic, message in cell.warnings.items():
                    where = f"row {len(self)}, column {shown(self._columns[place])}"
                    self._warnings.setdefault(topic, f"{where}: {message}")
        self._rows.append(row)


def _type_of(cell: Cell) -> CellType:
    # A script may have an Image of a class of its own.
    return "image" if isinstance(cell, Image) else _TYPES[type(cell)]


def as_table(value: Any) -> Table | None:
    """Return the table that a logged value is: a `Table`, dicts, a frame, a labelled series; else None."""
    if isinstance(value, Table):
        return value
    if _is_list_of_dicts(value) or is_frame(value) or is_labelled(value):
        return Table(data=value)
    return None


def is_frame(value: Any) -> bool:
    """Return whether a value is a pandas or polars data frame, by its shape; neither is imported."""
    shape = getattr(value, "shape", None)
    return (
        isinstance(shape, tuple)
        and len(shape) == 2
        and hasattr(value, "columns")
        and (hasattr(value, "itertuples") or hasattr(value, "iter_rows"))
    )


def _is_list_of_dicts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _content(data: Any) -> tuple[Iterable[Any] | None, Iterator[Any]]:
    """Return the names of the columns, if data has some, and its rows."""
    if is_frame(data):
        return (
            _pandas_content(data) if hasattr(data, "itertuples") else (list(data.columns), data.iter_rows())
        )
    if is_labelled(data):
        return _pandas_content(data.to_frame("value" if data.name is None else data.name))
    if isinstance(data, np.ndarray) and data.ndim > 2:
        raise InvalidValueError(f"data must have rows and columns, but got an array of shape {data.shape}")
    if isinstance(data, np.ndarray) and data.ndim == 2:
        return None, iter(_items(data))
    rows = check_list(data, "data", "rows")
    if _is_list_of_dicts(rows):
        return list(dict.fromkeys(name for row in rows for name in row)), iter(rows)
    return None, iter(rows)


def _pandas_content(frame: Any) -> tuple[list[Any], Iterator[Sequence[Any]]]:
    levels = index_columns(frame)
    return [*levels, *frame.columns], _pandas_rows(frame, levels)


def _pandas_rows(frame: Any, levels: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    """Yield the rows of a pandas frame; a NaN beside what is no number is a value that is missing."""
    dtypes = [*(level.dtype for level in levels.values()), *frame.dtypes]
    others = [place for place, dtype in enumerate(dtypes) if dtype.kind not in "iuf"]
    labels = zip(*levels.values(), strict=True) if levels else repeat(())
    rows = zip(labels, frame.itertuples(index=False, name=None), strict=False)
    for number, (of_row, row) in enumerate(rows):
        cells = [*(_label(one, number, name) for one, name in zip(of_row, levels, strict=True)), *row]
        for place in others:
            if isinstance(cells[place], float) and math.isnan(cells[place]):
                cells[place] = None
        yield cells


def _label(value: Any, row: int, level: str) -> Cell:
    """Return what an index says of a row: of what is no cell, such as an interval, the text."""
    try:
        return _cell(value, row, level)
    except RunlogError:
        return plain_text(str(value))


def _only(columns: Sequence[str], names: Iterable[Any], rows: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    """Yield of each row of a frame the cells of some columns."""
    there = _names(names)
    if unknown := [name for name in columns if name not in there]:
        raise InvalidValueError(
            f"columns must be of the frame, {shown(list(there))}, but got {shown(unknown[0])}"
        )
    places = [there.index(name) for name in columns]
    for row in rows:
        yield [row[place] for place in places]


def _names(columns: object) -> tuple[str, ...]:
    names = tuple(_name(name) for name in check_list(columns, "columns", "names"))
    if len(names) > MAX_COLUMNS:
        raise InvalidValueError(f"a table must have at most {MAX_COLUMNS:,} columns, but got {len(names):,}")
    if len(set(names)) < len(names):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise InvalidValueError(f"columns must have names of their own, but {shown(twice)} stands twice")
    return names


def _name(name: object) -> str:
    if isinstance(name, str):
        return plain_text(name)
    number = python_number(name)
    # As the columns of a frame are called that was made of an array.
    if not (isinstance(number, int) and -_LARGEST < number < _LARGEST):
        raise InvalidTypeError(
            f"the name of a column must be a string or an integer of at most {MAX_DIGITS} digits, "
            f"but got {shown(name)}"
        )
    return str(number)


def _cell(value: Any, row: int, column: str) -> Cell:
    """Return a cell as it is kept: of plain Python types, which nobody else can change."""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, (Image, type(None))):
        return value
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return None if np.isnat(value) else str(value)
    if type(value).__name__ in _MISSING:
        return None
    number = python_number(value)
    if isinstance(number, (bool, int, float)):
        return _number(number, row, column)
    if (text := _text(value)) is not None:
        return plain_text(text)
    return _numbers(value, row, column)


def _number(value: Number, row: int, column: str) -> Number:
    if type(value) is bool or type(value) is float:
        return value
    if isinstance(value, float):
        return float(value)
    if not -_LARGEST < value < _LARGEST:
        raise InvalidValueError(
            f"row {row}, column {shown(column)}: an integer must have at most {MAX_DIGITS} digits, "
            f"but got {shown(value)}"
        )
    return int(value)


def _text(value: Any) -> str | None:
    """Return the text of a time or a path."""
    isoformat: Callable[[], object] | None = getattr(value, "isoformat", None)
    if callable(isoformat):
        return str(isoformat())
    path = fspath(value) if isinstance(value, PathLike) else None
    return path if isinstance(path, str) else None


def _items(array: AnyArray) -> list[Any]:
    """Return what an array holds; times stay what they are."""
    items: list[Any] = list(array) if array.dtype.kind in "mM" else array.tolist()
    return items


def _numbers(value: Any, row: int, column: str) -> tuple[Number, ...]:
    where = f"row {row}, column {shown(column)}"
    shape = getattr(value, "shape", None)
    if is_picture_like(value) or (isinstance(shape, tuple) and len(shape) > 1):
        raise InvalidTypeError(
            f"{where} must be a cell, but got {type(value).__name__}; wrap a picture in Image(…)"
        )
    if isinstance(shape, tuple) and len(shape) == 1 and not isinstance(value, memoryview):
        items = _items(to_numpy(value, where))
    else:
        try:
            items = check_list(value, where, "numbers")
        except InvalidTypeError:
            items = [None]
    numbers = [python_number(item) for item in items]
    if not all(isinstance(number, (bool, int, float)) for number in numbers):
        raise InvalidTypeError(
            f"{where} must be a number, a bool, a string, None, an Image or a list of numbers, "
            f"but got {type(value).__name__} {shown(value)}"
        )
    return tuple([_number(number, row, column) for number in numbers])  # type: ignore[arg-type]
