"""`Table`: rows in a list that scripts read and change; logged, they are a table of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import runlog
from runlog.basics.jsontext import to_json
from runlog.errors import InvalidTypeError, InvalidValueError, RunlogError, shown
from runlog.images.image import Image
from runlog.images.sources import is_picture_like
from runlog.values.file import File
from runlog.values.histogram import Histogram
from runlog.values.table import is_frame
from runlog.wandb.video import Video

_USUAL_COLUMNS = ("Input", "Output", "Expected")


class Table:
    """Rows of cells in named columns.

    Parameters
    ----------
    columns
        Names of the columns; by default those of `dataframe`, else ``Input``, ``Output``, ``Expected``.
    data, rows
        Rows, each a list of cells; an array of two dimensions; or a data frame.
    dataframe
        A pandas or polars frame; its index is left out, as in wandb.
    dtype, optional, allow_mixed_types
        Accepted: a column takes cells of any kinds.
    log_mode
        What is logged again writes the rows that were added; with ``MUTABLE``, all of them.

    Attributes
    ----------
    columns
        Names of the columns.
    data
        The rows, each a list of cells, to be read and changed.
    """

    MAX_ROWS = 10000
    MAX_ARTIFACT_ROWS = 200000

    def __init__(
        self,
        columns: Sequence[Any] | None = None,
        data: Any = None,
        rows: Any = None,
        dataframe: Any = None,
        dtype: Any = None,
        optional: Any = True,
        allow_mixed_types: bool = False,
        log_mode: str | None = "IMMUTABLE",
    ) -> None:
        source = dataframe if dataframe is not None else data if data is not None else rows
        if is_frame(source):
            columns = list(source.columns) if columns is None else columns
            source = list(runlog.Table(columns, dataframe=source).rows_since(0))
        self.columns: list[Any] = list(_USUAL_COLUMNS if columns is None else columns)
        self.data: list[list[Any]] = []
        self.log_mode = log_mode
        self._stored: runlog.Table | None = None
        for row in () if source is None else source:
            self.add_data(*_cells(row))

    def add_data(self, *data: Any) -> None:
        """Add a row at the end, a cell for each column.

        Raises
        ------
        InvalidValueError
            If there are more or fewer.
        """
        if len(data) != len(self.columns):
            raise InvalidValueError(
                f"a row must have {len(self.columns)} cells, one for each of {shown(self.columns)}, "
                f"but has {len(data)}"
            )
        self.data.append(list(data))

    def add_row(self, *row: Any) -> None:
        """Add a row at the end, as cells or as one list of them."""
        self.add_data(*(row[0] if len(row) == 1 and isinstance(row[0], (list, tuple)) else row))

    def add_column(self, name: str, data: Sequence[Any], optional: bool = False) -> None:
        """Add a column at the end, a cell for each row."""
        cells = _cells(data)
        if self.data and len(cells) != len(self.data):
            raise InvalidValueError(
                f"a column must have {len(self.data)} cells, one for each row, but {shown(name)} has "
                f"{len(cells)}"
            )
        if not self.data and len(self.columns) == 0:
            self.data = [[] for _ in cells]
        self.columns.append(name)
        for row, cell in zip(self.data, cells, strict=True):
            row.append(cell)
        self._stored = None

    def add_computed_columns(self, fn: Callable[[int, dict[str, Any]], Mapping[str, Any]]) -> None:
        """Add the columns that a function of index and row (a dict) returns."""
        computed = [fn(index, dict(zip(self.columns, row, strict=True))) for index, row in self.iterrows()]
        for name in dict.fromkeys(name for row in computed for name in row):
            self.add_column(name, [row.get(name) for row in computed])

    def get_column(self, name: str, convert_to: str | None = None) -> Any:
        """Return the cells of a column, as a list or, with ``convert_to="numpy"``, as an array."""
        if name not in self.columns:
            raise InvalidValueError(f"a column must be one of {shown(self.columns)}, but got {shown(name)}")
        cells = [row[self.columns.index(name)] for row in self.data]
        if convert_to == "numpy":
            import numpy as np

            return np.array(cells)
        return cells

    def get_index(self) -> list[int]:
        """Return the numbers of the rows."""
        return list(range(len(self.data)))

    def get_dataframe(self) -> Any:
        """Return the table as a frame of pandas, which must be there."""
        import pandas as pd

        return pd.DataFrame(self.data, columns=self.columns)

    def iterrows(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield the number of each row, and its cells."""
        yield from enumerate(self.data)

    def cast(self, col_name: str, dtype: Any, optional: bool = False) -> None:
        """Do nothing: a column takes cells of any kinds."""

    set_pk = set_fk = cast

    def as_stored(self) -> runlog.Table:
        """Return the table as it is logged; called again, the same one with what was added.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If a row that is new is none.
        """
        stored = self._stored
        if stored is None or self.log_mode == "MUTABLE" or len(stored) > len(self.data):
            stored = runlog.Table(map(str, self.columns))
        for row in self.data[len(stored) :]:
            stored.add_row(*map(_cell, row))
        self._stored = stored
        return stored


def _cells(given: Any) -> list[Any]:
    if isinstance(given, Mapping):
        return list(given.values())
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise InvalidTypeError(f"a row or column must be a list of cells, but got {shown(given)}")
    return list(given)


def _cell(value: Any) -> Any:
    """Return a cell that a table of a run can hold; of what it cannot, the text."""
    if isinstance(value, Image) or value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Video):
        value = value.parts[0]
    if isinstance(value, runlog.Video):
        return value.image or repr(value)
    if is_picture_like(value):
        return Image(value)
    if isinstance(value, (File, Histogram)):
        return repr(value)
    if isinstance(value, Mapping) or (isinstance(value, (list, tuple, set)) and not _are_numbers(value)):
        return to_json(value)
    if len(getattr(value, "shape", ())) > 1:
        return to_json(value)
    try:
        return next(iter(runlog.Table(["cell"], [[value]]).rows_since(0)))[0]
    except RunlogError:
        return str(value)


def _are_numbers(values: Iterable[Any]) -> bool:
    return all(isinstance(value, (bool, int, float)) for value in values)
