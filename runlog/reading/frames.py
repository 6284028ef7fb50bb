"""Rows read back → pandas data frames; pandas is imported only here, and only when a frame is asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runlog.basics.integers import is_of_64_bits
from runlog.basics.jsontext import scores_from_json
from runlog.errors import MissingPackageError
from runlog.storage.records import ScalarSeries

if TYPE_CHECKING:
    from pandas import DataFrame


def scalar_frame(series: Sequence[ScalarSeries]) -> DataFrame:
    """Return one row a step and one column a key; NaN where a key has no number at a step."""
    pandas = pandas_module()
    columns = {one.key: pandas.Series(one.values.copy(), index=one.steps) for one in series}
    return pandas.DataFrame(columns, dtype="float64").rename_axis(index="step")


def row_frame(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> DataFrame:
    """Return one row a row; in place of ``scores`` and ``fields``, each has a column: ``scores.NAME`` ….

    A score is NaN for a row that has none of that name, and a field is missing.
    """
    pandas = pandas_module()
    frame = pandas.DataFrame(rows, columns=columns)
    parts = [frame]
    if "scores" in columns:
        scores = scores_from_json(frame.pop("scores").tolist())
        found = {f"scores.{name}": [one.get(name, math.nan) for one in scores] for name in _names(scores)}
        parts.append(pandas.DataFrame(found, index=frame.index, dtype="float64"))
    if "fields" in columns:
        fields = frame.pop("fields").tolist()
        cells = {name: [one.get(name) for one in fields] for name in _names(fields)}
        found = {f"fields.{name}": _series(pandas, of_name) for name, of_name in cells.items()}
        parts.append(pandas.DataFrame(found, index=frame.index))
    return pandas.concat(parts, axis=1)


def _names(of_rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for one in of_rows for name in one))


def table_frame(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> DataFrame:
    """Return one row a row of a table; None is NA beside integers and bools, NaN beside other numbers."""
    pandas = pandas_module()
    cells = zip(*rows, strict=True) if rows else ([] for _ in columns)
    series = {name: _series(pandas, list(of_column)) for name, of_column in zip(columns, cells, strict=True)}
    return pandas.DataFrame(series, columns=list(columns), index=pandas.RangeIndex(len(rows)))


def _series(pandas: Any, cells: list[Any]) -> Any:
    kinds = set(map(type, cells)) - {type(None)}
    if kinds == {bool}:
        dtype: str | None = "boolean" if None in cells else "bool"
    elif kinds == {int}:
        is_long = any(cell is not None and not is_of_64_bits(cell) for cell in cells)
        dtype = "object" if is_long else ("Int64" if None in cells else "int64")
    elif kinds <= {int, float} and kinds:
        dtype = "float64"
    else:
        dtype = "object"
    return pandas.Series(cells, dtype=dtype)


def pandas_module() -> Any:
    """Return pandas.

    Raises
    ------
    MissingPackageError
        If it is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise MissingPackageError(
            "pandas must be installed for data frames, but is not: pip install pandas"
        ) from None
    return pandas
