"""Cells of logged tables ↔ the JSON of a row: each comes back as it was, with its type.

A number that JSON cannot hold is ``{"number": "NaN"}``; in a list of numbers, a box or its scores it is the
name alone. A picture is ``{"image": {…}}`` with all but its files, which rows of ``table_media`` have.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runlog.basics.frozen import FrozenDict
from runlog.basics.integers import is_of_64_bits
from runlog.basics.jsontext import (
    JSON_ENCODER,
    from_json,
    number_from_json_value,
    storable_text,
    to_json_value,
)
from runlog.images.identity import FieldValue, is_name
from runlog.images.image import Image
from runlog.images.layers import Layer
from runlog.images.pixels import Conversion
from runlog.storage.conversions import conversion_fields, conversion_from
from runlog.storage.fields import field_rows, field_value
from runlog.storage.file_records import MediaRecord
from runlog.storage.layer_kinds import LAYER_KINDS
from runlog.storage.records import ImageRecord, TableColumn
from runlog.values.table import CELL_TYPES, MAX_COLUMNS, Number

_AS_THEY_ARE = frozenset((str, int, float, bool, type(None)))


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """What the cell of a picture says of it; each layer is beside the id of its label set.

    Attributes
    ----------
    layers
        Of each kind, layer name to the id of the label set, and the layer's content.
    """

    caption: str | None
    grouping: int | None
    conversion: Conversion
    layers: Mapping[str, Mapping[str, tuple[int, Any]]]
    id: str | None
    fields: Mapping[str, FieldValue]

    def to_record(
        self,
        key: str,
        step: int,
        row: int,
        files: Mapping[str, MediaRecord],
        labels: Mapping[int, tuple[Mapping[int, str], Mapping[int, str]]],
    ) -> ImageRecord:
        """Return the picture in a row of a table.

        Parameters
        ----------
        files
            Its media file, by ``""``, and that of each layer that has one.
        labels
            The labels and the colours of each label set, by id.
        """
        return ImageRecord(
            key=key,
            step=step,
            index=row,
            caption=self.caption,
            grouping=self.grouping,
            media=files[""],
            conversion=self.conversion,
            **{
                kind.name: tuple(
                    kind.to_record(name, content, labels[set_id], files.get(name) if kind.has_media else None)
                    for name, (set_id, content) in self.layers[kind.name].items()
                )
                for kind in LAYER_KINDS
            },
            id=self.id,
            fields=self.fields,
            evaluation=None,
        )


StoredCell = None | Number | str | tuple[Number, ...] | StoredPicture


def cells_to_json(cells: Sequence[Any]) -> str:
    """Return the JSON of a row; in place of an `Image` it has what `picture_cell` made of it."""
    try:
        return JSON_ENCODER.encode(cells)
    except ValueError:  # a number that JSON cannot hold
        return JSON_ENCODER.encode([_encoded(cell) for cell in cells])


def picture_cell(image: Image, label_set_id: Callable[[Layer], int]) -> dict[str, Any]:
    """Return what stands for a picture in the cells of a row.

    Parameters
    ----------
    label_set_id
        Returns the id of the label set of one of its layers.
    """
    about: dict[str, Any] = {
        "caption": image.caption,
        "grouping": image.grouping,
        "conversion": conversion_fields(image.conversion),
    }
    for kind in LAYER_KINDS:
        about[kind.name] = {
            storable_text(name): {"label_set": label_set_id(layer), **kind.to_json(layer)}
            for name, layer in getattr(image, kind.name).items()
        }
    if image.id is not None:
        about["id"] = image.id
    if image.fields:
        about["fields"] = field_rows(image.fields)
    return {"image": to_json_value(about)}


def cells_from_json(text: str) -> tuple[StoredCell, ...]:
    """Return the cells of a row.

    Raises
    ------
    ValueError, TypeError, KeyError
        If the text holds anything else.
    """
    cells = from_json(text)
    if type(cells) is not list:
        raise ValueError("cells must be a JSON list, but are not")
    if _AS_THEY_ARE.issuperset(map(type, cells)):
        return tuple(cells)
    return tuple([cell if type(cell) in _AS_THEY_ARE else _decoded(cell) for cell in cells])


def columns_to_json(columns: Sequence[TableColumn]) -> str:
    """Return the JSON of the columns of a table."""
    return JSON_ENCODER.encode([[column.name, column.type] for column in columns])


def columns_from_json(text: str) -> tuple[TableColumn, ...]:
    """Return the columns of a table.

    Raises
    ------
    ValueError
        If the text holds anything else, or one of them twice.
    """
    columns = from_json(text)
    if type(columns) is not list or len(columns) > MAX_COLUMNS or not all(map(_is_column, columns)):
        raise ValueError("columns must be a JSON list of name and type, but are not")
    if len({name for name, _ in columns}) < len(columns):
        raise ValueError("columns must have names of their own, but have not")
    return tuple(TableColumn(*column) for column in columns)


def _is_column(column: Any) -> bool:
    return type(column) is list and len(column) == 2 and type(column[0]) is str and column[1] in CELL_TYPES


def _encoded(cell: Any) -> Any:
    if isinstance(cell, float) and not math.isfinite(cell):
        return {"number": to_json_value(cell)}
    return to_json_value(cell) if isinstance(cell, tuple) else cell


def _decoded(cell: Any) -> StoredCell:
    if type(cell) is list:
        return tuple([number_from_json_value(number) for number in cell])
    ((kind, content),) = cell.items()
    if kind == "number":
        return number_from_json_value(content)
    if kind != "image":
        raise ValueError("a cell must be a number or an image, but is another object")
    return _picture(content)


def _picture(about: Any) -> StoredPicture:
    caption, grouping = about["caption"], about["grouping"]
    if not (caption is None or type(caption) is str):
        raise ValueError("a caption must be a text, but is not")
    if not (grouping is None or (type(grouping) is int and is_of_64_bits(grouping))):
        raise ValueError("a grouping must be an integer, but is not")
    return StoredPicture(
        caption=caption,
        grouping=grouping,
        conversion=conversion_from(about["conversion"]),
        layers=FrozenDict(
            (
                kind.name,
                FrozenDict(
                    (_layer(name), (_label_set(layer), kind.from_json(layer)))
                    for name, layer in _object(about.get(kind.name, {})).items()
                ),
            )
            for kind in LAYER_KINDS
        ),
        id=_identity(about.get("id")),
        fields=FrozenDict(
            (
                _name(name),
                field_value(kind, None if number is None else number_from_json_value(number), _text(text)),
            )
            for name, _, kind, number, text in about.get("fields", ())
        ),
    )


def _identity(value: Any) -> str | None:
    return None if value is None else _name(value)


def _name(value: Any) -> str:
    if type(value) is not str or not is_name(value):
        raise ValueError("an id and the name of a field must be printable texts, but are not")
    return value


def _text(value: Any) -> str | None:
    if not (value is None or type(value) is str):
        raise ValueError("the text of a field must be a text, but is not")
    return value


def _object(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise ValueError("layers must be a JSON object, but are not")
    return value


def _layer(name: str) -> str:
    if not name:
        raise ValueError("a layer must have a name, but has none")
    return name


def _label_set(layer: Any) -> int:
    label_set_id = layer["label_set"]
    if type(label_set_id) is not int or label_set_id < 0 or not is_of_64_bits(label_set_id):
        raise ValueError("the id of a label set must be an integer, but is not")
    return label_set_id
