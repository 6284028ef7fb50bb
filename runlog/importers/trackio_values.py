"""What a run of trackio logged, JSON that names files of the project → what `LocalRun.log` takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.image import Image
from runlog.importers.entry import Account
from runlog.importers.foreign_values import (
    ForeignValues,
    MediaFiles,
    Typed,
    histogram,
    is_typed,
    table_rows,
)
from runlog.importers.sources import SourceFile
from runlog.storage.layout import is_inside
from runlog.values.file import File
from runlog.values.histogram import Histogram
from runlog.values.table import Table

_MEDIA = "media"
_IMAGE = "trackio.image"
# JSON has no such numbers.
_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class TrackioValues:
    """Reads the values of one run.

    Parameters
    ----------
    database
        The project's: files are named below the folder ``media`` beside it.
    account
        Notes what cannot be taken.
    """

    def __init__(self, database: SourceFile, account: Account) -> None:
        self._database, self._media = database, MediaFiles(account)
        files = ("audio", "video", "html", "object3d")
        self._values = ForeignValues(
            account,
            {
                _IMAGE: self._image,
                "trackio.histogram": self._histogram,
                "trackio.markdown": self._text,
                "trackio.table": self._table,
                **{f"trackio.{name}": self._file for name in files},
            },
        )

    def read(self, tree: Mapping[str, Any]) -> dict[str, Any]:
        """Return what can be logged of what was logged at a step, by key."""
        return self._values.read({name: _with_numbers(value) for name, value in tree.items()})

    def _source(self, value: Typed) -> SourceFile:
        path = value.get("file_path")
        if not isinstance(path, str) or not is_inside(path):
            raise InvalidValueError(f"a file must be named below {_MEDIA}/, but got {shown(path)}")
        return self._database.beside(f"{_MEDIA}/{path}")

    def _image(self, key: str, value: Typed) -> Image:
        return self._media.picture(self._source(value), value.get("caption"))

    def _file(self, key: str, value: Typed) -> File | Image:
        return self._media.file(key, self._source(value), value.get("caption"))

    def _histogram(self, key: str, value: Typed) -> Histogram:
        return histogram(value.get("values"), value.get("bins"))

    def _text(self, key: str, value: Typed) -> str:
        text = value.get("_value")
        if not isinstance(text, str):
            raise InvalidTypeError(f"a text must be a string, but got {shown(text)}")
        return text

    def _table(self, key: str, value: Typed) -> Table:
        rows = value.get("_value")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise InvalidTypeError(f"a table must be a list of rows, but got {shown(rows)}")
        columns = list(dict.fromkeys(name for row in rows for name in row))
        if not columns:
            raise InvalidValueError("a table must have a column, but has none")
        cells = [[self._cell(key, row.get(name)) for name in columns] for row in rows]
        return Table(*table_rows(columns, cells))

    def _cell(self, key: str, cell: Any) -> Any:
        return self._image(key, cell) if is_typed(cell) and cell["_type"] == _IMAGE else cell


def _with_numbers(value: Any) -> Any:
    """Return a value with the numbers that JSON has only names for; what has a type is as it is."""
    if isinstance(value, str):
        return _NUMBERS.get(value, value)
    if isinstance(value, list):
        return [_with_numbers(one) for one in value]
    if isinstance(value, dict) and not is_typed(value):
        return {name: _with_numbers(one) for name, one in value.items()}
    return value
