"""Rows read back → pandas data frames; pandas is imported only here, and only when a frame is asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runlog.basics.jsontext import scores_from_json
from runlog.errors import MissingPackageError
from runlog.images.identity import FieldValue
from runlog.storage.records import ScalarSeries

if TYPE_CHECKING:
    from pandas import DataFrame


def scalar_frame(series: Sequence[ScalarSeries]) -> DataFrame:
    """Return one row a step and one column a key; NaN where a key has no number at a step."""
    pandas = _pandas()
    columns = {one.key: pandas.Series(one.values.copy(), index=one.steps) for one in series}
    return pandas.DataFrame(columns, dtype="float64").rename_axis(index="step")


def row_frame(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> DataFrame:
    """Return one row a row; in place of a column ``scores``, each score has a column ``scores.NAME``.

    It is NaN for a row that has no such score.
    """
    pandas = _pandas()
    frame = pandas.DataFrame(rows, columns=columns)
    if "scores" not in columns:
        return frame
    scores = scores_from_json(frame.pop("scores").tolist())
    names = dict.fromkeys(name for one in scores for name in one)
    found = {f"scores.{name}": [one.get(name, math.nan) for one in scores] for name in names}
    return pandas.concat([frame, pandas.DataFrame(found, index=frame.index, dtype="float64")], axis=1)


def with_fields(frame: DataFrame, fields: Mapping[int, Mapping[str, FieldValue]]) -> DataFrame:
    """Return a frame of images with a column ``fields.NAME`` for each field; missing where one has none.

    Parameters
    ----------
    frame
        A row an image, with its ``image_id``.
    fields
        Of images that have some, by the id of the image.
    """
    pandas = _pandas()
    of_rows = [fields.get(image_id, {}) for image_id in frame["image_id"].tolist()]
    names = dict.fromkeys(name for one in of_rows for name in one)
    found = {f"fields.{name}": _series(pandas, [one.get(name) for one in of_rows]) for name in names}
    return pandas.concat([frame, pandas.DataFrame(found, index=frame.index)], axis=1)


def table_frame(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> DataFrame:
    """Return one row a row of a table; None is NA beside integers and bools, NaN beside other numbers."""
    pandas = _pandas()
    cells = zip(*rows, strict=True) if rows else ([] for _ in columns)
    series = {name: _series(pandas, list(of_column)) for name, of_column in zip(columns, cells, strict=True)}
    return pandas.DataFrame(series, columns=list(columns), index=pandas.RangeIndex(len(rows)))


def _series(pandas: Any, cells: list[Any]) -> Any:
    kinds = set(map(type, cells)) - {type(None)}
    if kinds == {bool}:
        dtype: str | None = "boolean" if None in cells else "bool"
    elif kinds == {int}:
        is_long = any(cell is not None and not -(2**63) <= cell < 2**63 for cell in cells)
        dtype = "object" if is_long else ("Int64" if None in cells else "int64")
    elif kinds <= {int, float} and kinds:
        dtype = "float64"
    else:
        dtype = "object"
    return pandas.Series(cells, dtype=dtype)


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise MissingPackageError(
            "pandas must be installed for data frames, but is not: pip install pandas"
        ) from None
    return pandas
