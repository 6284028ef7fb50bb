"""Values as the logs of other tools have them, JSON and files beside it → what `LocalRun.log` takes.

These files were made by anybody: each is read below the folder of the log, through no link, up to a size;
pictures as formats that runs store, JSON up to a depth, tables up to a number of rows.
"""

from __future__ import annotations

import io
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from runlog.basics.jsontext import from_json, to_json
from runlog.errors import InvalidTypeError, InvalidValueError, RunlogError, shown
from runlog.images.image import Image
from runlog.images.picture_file import open_media
from runlog.importers.entry import Account
from runlog.importers.sources import SourceFile
from runlog.storage.layout import check_key
from runlog.values.file import File, file_kind
from runlog.values.histogram import Histogram

Typed = Mapping[str, Any]
"""An object in JSON whose ``_type`` says what it is."""

NO_KEY = "values whose name is no key"
_CAPTIONS = "captions of files"
# What browsers show as a picture that moves.
_ANIMATIONS = (".gif", ".webp")
_MOST_BYTES = 64 << 20
_MOST_FILE_BYTES = 1 << 30
# A file of holes says that it is as large as it likes.
_BLOCK_BYTES, _MOST_GROWTH = 512, 200
_MOST_ROWS = 1_000_000
# Tools give each value a file of its own; in one list, the same picture may stand several times.
_MOST_VALUES_OF_A_FILE = 1000


class ForeignValues:
    """Reads the values of one log.

    Parameters
    ----------
    account
        Notes what cannot be read.
    typed
        What reads an object of each ``_type``, given its key. It returns None for what it has noted itself.
    """

    def __init__(self, account: Account, typed: Mapping[str, Callable[[str, Typed], Any]]) -> None:
        self._account, self._typed = account, typed

    def read(self, tree: Mapping[str, Any]) -> dict[str, Any]:
        """Return what can be logged of a step, by key; names within names are joined by ``.``."""
        values: dict[str, Any] = {}
        for key, value in flattened(tree):
            try:
                check_key(key)
            except RunlogError:
                self._account.not_taken[NO_KEY][key] += 1
                continue
            try:
                read = self._value(key, value)
            except RunlogError as error:
                self.refuse(key, _kind_of(value), error)
            else:
                if read is not None:
                    values[key] = read
        return values

    def refuse(self, key: str, kind: str, error: object) -> None:
        """Take note of a value that cannot be taken, and why."""
        self._account.not_taken[kind][key] += 1
        self._account.problems.append(f"{shown(key)}: {error}")

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, Mapping):
            read = self._typed.get(value["_type"])
            if read is None:
                self._account.not_taken[_kind_of(value)][key] += 1
                return None
            return read(key, value)
        if isinstance(value, list) and value and all(map(is_typed, value)):
            found = [self._value(key, one) for one in value]
            return [one for one in found if one is not None] or None
        return value


class MediaFiles:
    """The files that the values of one log name, below the folder that has them."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._named: Counter[SourceFile] = Counter()

    def names(self, source: SourceFile) -> bool:
        """Return whether a value named a file."""
        return source in self._named

    def picture(self, source: SourceFile, caption: object = None, **more: Any) -> Image:
        """Return the picture in a file, whose bytes are kept; `more` as of `Image`."""
        data = self.content(source)
        try:
            # Of the formats that Pillow reads, only those that runs store.
            open_media(io.BytesIO(data)).close()
        except OSError:
            raise InvalidValueError(
                f"{source.name} must be a PNG, JPEG, GIF, BMP, WebP or AVIF, but is not"
            ) from None
        return Image(io.BytesIO(data), caption=caption if isinstance(caption, str) else None, **more)

    def file(self, key: str, source: SourceFile, caption: object) -> File | Image:
        """Return a file that is kept as it is, or the picture that moves that it is."""
        if source.name.suffix.lower() in _ANIMATIONS:
            return self.picture(source, caption)
        if caption:
            self._account.not_taken[_CAPTIONS][key] += 1
        self._check(source)
        check_kept(source)
        return _KeptFile(source)

    def json(self, source: SourceFile) -> Any:
        """Return what a file of JSON holds."""
        try:
            return from_json(self.content(source).decode(), may_have_nan=True)
        except ValueError as error:
            raise InvalidValueError(f"{source.name} must be JSON, but: {error}") from None

    def content(self, source: SourceFile) -> bytes:
        """Return what is in a file."""
        self._check(source)
        return source.read(_MOST_BYTES)

    def _check(self, source: SourceFile) -> None:
        self._named[source] += 1
        if self._named[source] > _MOST_VALUES_OF_A_FILE:
            raise InvalidValueError(
                f"{source.name} must be named by at most {_MOST_VALUES_OF_A_FILE:,} values, but is by more"
            )


def check_kept(source: SourceFile, most_bytes: int = _MOST_FILE_BYTES) -> None:
    """Check a file that is to be kept as it is: that it is a plain one, and how large.

    Raises
    ------
    InvalidValueError
        If it is not, or is larger, or is said to be so much larger than what is on the disk.
    """
    status = source.folder.status(source.name)
    if status is None or not stat.S_ISREG(status.st_mode):
        raise InvalidValueError(f"{source.name} must be a plain file, but is none, or a link")
    on_disk = getattr(status, "st_blocks", status.st_size) * _BLOCK_BYTES
    if status.st_size > min(most_bytes, max(on_disk, _BLOCK_BYTES) * _MOST_GROWTH):
        raise InvalidValueError(
            f"{source.name} must have at most {most_bytes:,} bytes, most of them on the disk, "
            f"but has {status.st_size:,}, of which {on_disk:,} are"
        )


class _KeptFile(File):
    """A file of a log, which is opened below the folder of the log whenever it is read."""

    __slots__ = ("_source",)
    _source: SourceFile

    def __init__(self, source: SourceFile) -> None:
        for name, value in (
            ("_source", source),
            ("content", source.path),
            ("name", source.name.name),
            ("kind", file_kind(source.name.name)),
        ):
            object.__setattr__(self, name, value)

    def open(self) -> BinaryIO:
        return self._source.open()


def flattened(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values in a tree of objects, by key and in their order; an object with a type is a value."""
    for name in sorted(tree):
        value = tree[name]
        if isinstance(value, Mapping) and not is_typed(value):
            yield from flattened(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def is_typed(value: object) -> bool:
    """Return whether a value is an object whose type is said."""
    return isinstance(value, Mapping) and isinstance(value.get("_type"), str)


def histogram(counts: Any, edges: Any) -> Histogram:
    """Return the histogram of counts and edges in JSON."""
    for name, numbers in (("counts", counts), ("edges", edges)):
        if not isinstance(numbers, list) or not all(type(number) in (int, float) for number in numbers):
            raise InvalidTypeError(
                f"{name} of a histogram must be a list of numbers, but got {shown(numbers)}"
            )
    return Histogram(np_histogram=([*map(float, counts)] if float in map(type, counts) else counts, edges))


def table_rows(columns: Any, rows: Any) -> tuple[list[str], list[list[Any]]]:
    """Return the columns and rows of a table in JSON; a cell that holds others is its JSON text."""
    if not isinstance(columns, list) or not isinstance(rows, list) or len(rows) > _MOST_ROWS:
        raise InvalidValueError(
            f"a table must have lists of columns and of at most {_MOST_ROWS:,} rows, but got {shown(columns)}"
        )
    names = [name if isinstance(name, str) else to_json(name) for name in columns]
    return names, [list(_cells(row)) for row in rows]


def _cells(row: Any) -> Iterator[Any]:
    if not isinstance(row, list):
        raise InvalidTypeError(f"a row of a table must be a list of cells, but got {shown(row)}")
    return map(_cell, row)


def _cell(cell: Any) -> Any:
    if isinstance(cell, dict) or (
        isinstance(cell, list) and not all(type(one) in (bool, int, float) for one in cell)
    ):
        return to_json(cell)
    return cell


def _kind_of(value: object) -> str:
    return (
        f"values of the type {shown(value['_type'])}"
        if isinstance(value, Mapping)
        else "values that are broken"
    )
