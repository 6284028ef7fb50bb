"""What can be logged: each kind of value once, for all that writes, reads, exports and shows it.

Numbers are read as series, and images have media files: both have ways of their own. A value of any other
kind is one row of its table. Such a kind is a line in `ROW_KINDS`, beside its table in the schema and its
record: so it is told apart, stored, replaced, read, counted, exported as a table, and its keys are known to
the pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from runlog.basics.jsontext import storable_text, to_json
from runlog.images.image import Image
from runlog.storage.records import TextRecord

V = TypeVar("V")
R = TypeVar("R")


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
    """A kind whose value is one row, and is read as one record.

    Attributes
    ----------
    columns
        What its table has beside step and key. The record has fields of these names.
    read
        What a script gave → the value, or None where it is of another kind.
    to_row
        Value → the values of `columns`.
    to_record
        Key, step and the values of `columns` → record.
    """

    columns: tuple[str, ...]
    read: Callable[[Any], V | None]
    to_row: Callable[[V], tuple[Any, ...]]
    to_record: Callable[..., R]

    @property
    def table(self) -> str:
        """The table that has its rows."""
        return self.tables[0]


def is_number(value: Any) -> bool:
    """Return whether a value is a number, or an array or tensor of one; NaN and infinities are."""
    if isinstance(value, (bool, int, float)):
        return True
    # numpy, torch and JAX scalars and arrays of one element; a complex number has no order and is refused.
    if isinstance(value, (Image, str, bytes)) or not callable(getattr(value, "item", None)):
        return False
    try:
        return isinstance(value.item(), (bool, int, float))
    except (TypeError, ValueError, RuntimeError):
        return False


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)) and value and all(is_number(item) for item in value):
        return to_json(value)
    return None


IMAGE = Kind("image", "an Image", ("images", "empty_galleries"))
NUMBER = Kind("number", "a number, a bool", ("scalars",))
TEXT: RowKind[str, TextRecord] = RowKind(
    name="text",
    loggable="a string",
    tables=("texts",),
    columns=("text",),
    read=_text,
    to_row=lambda text: (storable_text(text),),
    to_record=TextRecord,
)

ROW_KINDS: tuple[RowKind[Any, Any], ...] = (TEXT,)
KINDS: tuple[Kind, ...] = (IMAGE, NUMBER, *ROW_KINDS)
