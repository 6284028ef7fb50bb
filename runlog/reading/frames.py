"""Rows read back → pandas data frames; pandas is imported only here, and only when a frame is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from runlog.basics.jsontext import scores_from_json
from runlog.errors import MissingPackageError
from runlog.storage.records import ScalarSeries

if TYPE_CHECKING:
    from pandas import DataFrame


def scalar_frame(series: Sequence[ScalarSeries]) -> DataFrame:
    """Return one row a step and one column a key; NaN where a key has no number at a step."""
    pandas = _pandas()
    columns = {one.key: pandas.Series(one.values.copy(), index=one.steps) for one in series}
    return pandas.DataFrame(columns, dtype="float64").rename_axis(index="step")


def row_frame(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> DataFrame:
    """Return one row a row; a column ``scores`` holds dicts of score name to number."""
    frame = _pandas().DataFrame(rows, columns=columns)
    if "scores" in columns:
        frame["scores"] = list(map(dict, scores_from_json(frame["scores"].tolist())))
    return frame


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise MissingPackageError(
            "pandas must be installed for data frames, but is not: pip install pandas"
        ) from None
    return pandas
