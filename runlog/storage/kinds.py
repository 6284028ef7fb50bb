"""What can be logged: each kind of value once, for all that writes, reads, exports and shows it.

Numbers are read as series, and images have media files: both have ways of their own. A value of any other
kind is one row of its table, or one an entry. Such a kind is a line in `ROW_KINDS`, beside its table in the
schema and its record: so it is told apart, stored, replaced, read, counted, exported as a table, and its keys
are known to the pages. What a table has beside that row, its own rows and their pictures, is written and read
in `tables`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from numpy.typing import NDArray

from runlog.basics.jsontext import numbers_to_json, storable_text
from runlog.images.checks import python_number
from runlog.images.image import Image
from runlog.images.pixels import to_numpy
from runlog.storage.file_records import FileRecord
from runlog.values.file import File, is_plotly_figure
from runlog.values.frame_index import MOST_LISTED, is_labelled
from runlog.values.histogram import Histogram, bins_from_json, bins_to_json
from runlog.values.table import as_table, is_frame
from runlog.values.video import Video

if TYPE_CHECKING:
    from runlog.storage.records import HistogramRecord, TableRecord, TextForm, TextRecord

V = TypeVar("V")
R = TypeVar("R")
_Entry = tuple[str, "TextForm"]


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A kind of logged value.

    Attributes
    ----------
    name
        ``image``, ``number``, ``text``: the word for it everywhere.
    loggable
        What a script may give for one, in words.
    tables
        Where its rows are, by step and key. A key has rows at a step in one table of all.
    """

    name: str
    loggable: str
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RowKind(Kind, Generic[V, R]):
    """A kind whose value is one row, or one row an entry, each of which is read as one record.

    Attributes
    ----------
    columns
        What its table has beside step and key. With ``index`` among them, a value may have several rows.
    read
        What a script gave → the value, or None where it is of another kind.
    to_rows
        Value, as it is stored → the values of `columns`, by row.
    to_record
        Key, step and the values of `columns` → record.
    to_value
        The records of a value → the same as a script would log it; None where it takes what lies beside them.
    fields
        What frames and exported tables have of a record beside step and key.
    """

    columns: tuple[str, ...]
    read: Callable[[Any], V | None]
    to_rows: Callable[[V], Sequence[tuple[Any, ...]]]
    to_record: Callable[..., R]
    to_value: Callable[[Sequence[R]], Any] | None
    fields: tuple[str, ...]

    @property
    def table(self) -> str:
        """The table that has its rows."""
        return self.tables[0]

    def row(self, record: R) -> tuple[Any, ...]:
        """Return step, key and `fields` of a record."""
        values = attrgetter("step", "key", *self.fields)(record)
        return tuple(str(value) if isinstance(value, PurePosixPath) else value for value in values)

    @property
    def has_entries(self) -> bool:
        """Whether a value may have several rows."""
        return "index" in self.columns

    @property
    def order(self) -> str:
        """The columns that tell its rows apart, in the order in which they are read, as SQL."""
        return 'step, key, "index"' if self.has_entries else "step, key"


def is_number(value: Any) -> bool:
    """Return whether a value is a number, or an array or tensor of one; NaN and infinities are."""
    if isinstance(value, (bool, int, float)):
        return True
    # A complex number has no order and is refused.
    return not (is_frame(value) or is_labelled(value)) and isinstance(
        python_number(value), (bool, int, float)
    )


def numbers_in_a_row(value: Any) -> NDArray[Any] | None:
    """Return the numbers of an array, tensor or series of one dimension; None of anything else.

    A series with labels is a table: they would be lost.
    """
    if isinstance(value, (str, bytes, list, tuple, Image)) or len(getattr(value, "shape", ())) != 1:
        return None
    if is_labelled(value):
        return None
    numbers = to_numpy(value, "an array of numbers")
    return numbers if numbers.dtype.kind in "biuf" else None


def _entries(value: Any) -> tuple[_Entry, ...] | None:
    """Return the texts that a value is, in order, or the one list of numbers."""
    if isinstance(value, str):
        return ((value, "text"),)
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(item, str) for item in value):
            return tuple((item, "text") for item in value)
        if value and all(is_number(item) for item in value):
            numbers: list[Any] = [python_number(item) for item in value]
            return ((numbers_to_json(numbers), "numbers"),)
    elif (array := numbers_in_a_row(value)) is not None and array.size <= MOST_LISTED:
        return ((numbers_to_json(array.tolist()), "numbers"),)
    return None


def _text_rows(entries: tuple[_Entry, ...]) -> list[tuple[int, str, TextForm]]:
    return [(index, storable_text(text), form) for index, (text, form) in enumerate(entries)]


def _text_record(key: str, step: int, index: int, text: str, form: TextForm) -> TextRecord:
    # Records are imported where rows are read: a script that logs needs none of them.
    from runlog.storage.records import TextRecord

    return TextRecord(key, step, text, index, form)


def _text_value(records: Sequence[TextRecord]) -> list[Any]:
    numbers = records[0].numbers
    return [record.text for record in records] if numbers is None else list(numbers)


def _histogram(value: Any) -> Histogram | None:
    if isinstance(value, Histogram):
        return value
    array = numbers_in_a_row(value)
    return None if array is None or array.size <= MOST_LISTED else Histogram(array)


def _histogram_rows(histogram: Histogram) -> list[tuple[str, int, int, int]]:
    beside = (histogram.nan_count, histogram.negative_infinity_count, histogram.positive_infinity_count)
    return [(bins_to_json(histogram), *beside)]


def _histogram_record(key: str, step: int, bins: str, *beside: int) -> HistogramRecord:
    from runlog.storage.records import HistogramRecord

    edges, counts = bins_from_json(bins)
    return HistogramRecord(key, step, Histogram.of_counts(edges, counts, *beside))


def file_row(file: FileRecord) -> tuple[Any, ...]:
    """Return what the row of a file has beside step and key."""
    return file.index, str(file.path), file.kind, file.sha256, file.bytes


def _files(value: Any) -> tuple[File, ...] | None:
    if not isinstance(value, (list, tuple)):
        return None if (file := _file(value)) is None else (file,)
    files = tuple(map(_file, value))
    return files if files and None not in files else None  # type: ignore[return-value]


def _file(value: Any) -> File | None:
    if isinstance(value, File):
        return value
    if isinstance(value, Video):
        return value.file
    return File(value) if is_plotly_figure(value) else None


def _table_rows(state: Any) -> list[tuple[int | None, int, str]]:
    from runlog.storage.cells import columns_to_json

    return [(state.data_id, state.row_count, columns_to_json(state.columns))]


def _table_record(key: str, step: int, data_id: int, row_count: int, columns: str) -> TableRecord:
    from runlog.storage.cells import columns_from_json
    from runlog.storage.records import TableRecord

    return TableRecord(key, step, data_id, row_count, columns_from_json(columns))


IMAGE = Kind("image", "an Image", ("images", "empty_galleries"))
NUMBER = Kind("number", "a number, a bool", ("scalars",))
TEXT: RowKind[tuple[_Entry, ...], TextRecord] = RowKind(
    name="text",
    loggable="a string",
    tables=("texts",),
    columns=("index", "text", "form"),
    read=_entries,
    to_rows=_text_rows,
    to_record=_text_record,
    to_value=_text_value,
    fields=("index", "text", "form"),
)
HISTOGRAM: RowKind[Histogram, HistogramRecord] = RowKind(
    name="histogram",
    loggable="a Histogram",
    tables=("histograms",),
    columns=("bins", "nan_count", "negative_infinity_count", "positive_infinity_count"),
    read=_histogram,
    to_rows=_histogram_rows,
    to_record=_histogram_record,
    to_value=lambda records: records[0].histogram,
    fields=("edges", "counts", "nan_count", "negative_infinity_count", "positive_infinity_count"),
)
FILE: RowKind[Any, FileRecord] = RowKind(
    name="file",
    loggable="a File, a Video",
    tables=("files",),
    columns=("index", "path", "kind", "sha256", "bytes"),
    read=_files,
    to_rows=lambda files: list(map(file_row, files)),
    to_record=lambda key, step, index, path, *rest: FileRecord(key, step, index, PurePosixPath(path), *rest),
    to_value=None,
    fields=("index", "path", "kind", "sha256", "bytes"),
)
"""What a script gives are `File`s; once they are in place, `FileRecord`s, which have the rows."""
# A Table becomes a TableState on its way into the run folder.
TABLE: RowKind[Any, TableRecord] = RowKind(
    name="table",
    loggable="a Table, a list of dicts, a data frame",
    tables=("tables",),
    columns=("data_id", "row_count", "columns"),
    read=as_table,
    to_rows=_table_rows,
    to_record=_table_record,
    to_value=None,
    fields=("data_id", "row_count", "columns"),
)

ROW_KINDS: tuple[RowKind[Any, Any], ...] = (TEXT, HISTOGRAM, FILE, TABLE)
KINDS: tuple[Kind, ...] = (IMAGE, NUMBER, *ROW_KINDS)
