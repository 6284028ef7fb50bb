"""How a kind of layer is stored: which tables it has, what their columns hold, and the way there and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from runlog.basics.frozen import FrozenDict
from runlog.storage.column_rules import ColumnRule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from runlog.storage.file_records import MediaRecord

L = TypeVar("L")
C = TypeVar("C")
R = TypeVar("R")
Row = tuple[Any, ...]
ClassIds = Callable[[str], "NDArray[Any]"]
Classes = tuple[Mapping[int, str], Mapping[int, str]]


@dataclass(frozen=True, eq=False)
class LayerRows(Generic[L, C, R]):
    """How the layers of a kind are stored.

    Between its row and what a script gave lies its content: all that a layer has beside its name, its classes
    and its media file.

    Attributes
    ----------
    name
        Its word everywhere, and the argument of `Image` that takes it: ``boxes``.
    table
        Has a row a layer: ``image_id``, ``layer``, ``label_set_id``, ``media_id`` if the kind has media, then
        `columns`.
    columns
        What the kind has beside those, with their rules.
    has_media
        Whether each layer has a media file.
    item_table
        Has a row for each thing on a layer: ``image_id``, ``layer``, ``index``, then `item_columns`. None
        where there are no such things.
    item_columns
        What a thing has beside those, with their rules. The last ones, named in `parsed`, are held to their
        rules by `to_items`, which parses them all at once.
    to_row, to_item_rows
        Layer → the values of `columns`; those of `item_columns`, by thing.
    to_items
        Rows of ``image_id``, ``layer`` and `item_columns` → things.
    to_content
        The values of `columns`, and the things → content.
    to_json, from_json
        Layer → what a cell of a table says of it; that → content. What is not so is a ValueError, TypeError
        or KeyError.
    to_record
        Name, content, classes and media file → record.
    to_argument
        Record, and what reads the class ids of a mask layer → a layer as `Image` takes it.
    """

    name: str
    table: str
    columns: Mapping[str, ColumnRule]
    to_row: Callable[[L], Row]
    to_content: Callable[[Row, Sequence[Any]], C]
    to_json: Callable[[L], dict[str, Any]]
    from_json: Callable[[Mapping[str, Any]], C]
    to_record: Callable[[str, C, Classes, MediaRecord | None], R]
    to_argument: Callable[[R, ClassIds], Any]
    has_media: bool = False
    item_table: str | None = None
    item_columns: Mapping[str, ColumnRule] = field(default_factory=FrozenDict)
    parsed: frozenset[str] = frozenset()
    to_item_rows: Callable[[L], Iterable[Row]] = lambda layer: ()
    to_items: Callable[[Sequence[Row]], Sequence[Any]] = lambda rows: ()

    @cached_property
    def insert(self) -> str:
        """The statement that writes a layer."""
        media = ("media_id",) if self.has_media else ()
        return _insert(self.table, ("image_id", "layer", "label_set_id", *media, *self.columns))

    @cached_property
    def insert_item(self) -> str:
        """The statement that writes a thing on a layer."""
        return _insert(str(self.item_table), ("image_id", "layer", "index", *self.item_columns))


def _insert(table: str, columns: Sequence[str]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"
