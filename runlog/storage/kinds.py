"""What can be logged: each kind of value once, for all that writes, reads, exports and shows it.

Numbers are read as series, and images have media files: both have ways of their own. A value of any other
kind is one row of its table. Such a kind is a line in `ROW_KINDS`, beside its table in the schema, its
record, and how `log` tells it apart: so it is stored, replaced, read, counted, exported as a table, and its
keys are known to the pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from runlog.basics.jsontext import storable_text
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
    tables
        Where its rows are, by step and key. A key has rows at a step in one table of all.
    """

    name: str
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RowKind(Kind, Generic[V, R]):
    """A kind whose value is one row, and is read as one record.

    Attributes
    ----------
    columns
        What its table has beside step and key. The record has fields of these names.
    to_row
        Value → the values of `columns`.
    to_record
        Key, step and the values of `columns` → record.
    """

    columns: tuple[str, ...]
    to_row: Callable[[V], tuple[Any, ...]]
    to_record: Callable[..., R]

    @property
    def table(self) -> str:
        """The table that has its rows."""
        return self.tables[0]


IMAGE = Kind("image", ("images", "empty_galleries"))
NUMBER = Kind("number", ("scalars",))
TEXT: RowKind[str, TextRecord] = RowKind(
    "text", ("texts",), ("text",), lambda text: (storable_text(text),), TextRecord
)

ROW_KINDS: tuple[RowKind[Any, Any], ...] = (TEXT,)
KINDS: tuple[Kind, ...] = (NUMBER, IMAGE, *ROW_KINDS)
