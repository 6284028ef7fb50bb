"""Cells of logged tables ↔ the JSON of a row: each comes back as it was, with its type.

A number that JSON cannot hold is ``{"number": "NaN"}``; in a list of numbers, a box or its scores it is the
name alone. A picture is ``{"image": {…}}`` with all but its files, which rows of ``table_media`` have.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from runlog.basics.frozen import FrozenDict
from runlog.basics.integers import is_of_64_bits
from runlog.basics.jsontext import JSON_ENCODER, from_json, storable_text, to_json_value
from runlog.images.boxes import Box, BoxDomain, BoxForm
from runlog.images.checks import MAX_CLASS_ID
from runlog.images.identity import FieldValue, is_name
from runlog.images.image import Image
from runlog.images.layers import Layer
from runlog.images.pixels import Conversion
from runlog.storage.conversions import conversion_fields, conversion_from
from runlog.storage.fields import field_rows, field_value
from runlog.storage.file_records import MediaRecord
from runlog.storage.records import BoxLayerRecord, ImageRecord, MaskLayerRecord, TableColumn
from runlog.values.table import CELL_TYPES, MAX_COLUMNS, Number

_AS_THEY_ARE = frozenset((str, int, float, bool, type(None)))
_NUMBERS = frozenset((int, float, bool))
_NAMED = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """What the cell of a picture says of it; each layer is beside the id of its label set.

    Attributes
    ----------
    masks
        Layer name to the id of the label set, and the class ids in the mask.
    """

    caption: str | None
    grouping: int | None
    conversion: Conversion
    boxes: Mapping[str, tuple[int, tuple[Box, ...]]]
    masks: Mapping[str, tuple[int, tuple[int, ...]]]
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
            Its media file, by ``""``, and that of each of its masks, by layer.
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
            boxes=tuple(
                [BoxLayerRecord(name, boxes, *labels[set_id]) for name, (set_id, boxes) in self.boxes.items()]
            ),
            masks=tuple(
                [
                    MaskLayerRecord(name, files[name], class_ids, *labels[set_id])
                    for name, (set_id, class_ids) in self.masks.items()
                ]
            ),
            id=self.id,
            fields=self.fields,
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
    boxes = {
        storable_text(name): {"label_set": label_set_id(layer), "boxes": [_box_json(b) for b in layer.boxes]}
        for name, layer in image.boxes.items()
    }
    masks = {
        storable_text(name): {"label_set": label_set_id(mask), "class_ids": list(mask.class_ids)}
        for name, mask in image.masks.items()
    }
    about: dict[str, Any] = {
        "caption": image.caption,
        "grouping": image.grouping,
        "conversion": conversion_fields(image.conversion),
        "boxes": boxes,
        "masks": masks,
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
        return tuple([_number(number) for number in cell])
    ((kind, content),) = cell.items()
    if kind == "number":
        return _NAMED[content]
    if kind != "image":
        raise ValueError("a cell must be a number or an image, but is another object")
    return _picture(content)


def _number(value: Any) -> Number:
    if type(value) in _NUMBERS:
        number: Number = value
        return number
    return _NAMED[value]


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
        boxes=FrozenDict(
            (_layer(name), (_label_set(layer), tuple([_box(box) for box in layer["boxes"]])))
            for name, layer in _object(about["boxes"]).items()
        ),
        masks=FrozenDict(
            (_layer(name), (_label_set(mask), tuple([_class_id(one) for one in mask["class_ids"]])))
            for name, mask in _object(about["masks"]).items()
        ),
        id=_identity(about.get("id")),
        fields=FrozenDict(
            (_name(name), field_value(kind, None if number is None else _number(number), _text(text)))
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
        raise ValueError("layers and scores must be a JSON object, but are not")
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


def _class_id(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MAX_CLASS_ID:
        raise ValueError("a class id must be an integer in range, but is not")
    return value


def _box_json(box: Box) -> dict[str, Any]:
    return {
        "form": box.form,
        "domain": box.domain,
        "numbers": list(box.numbers),
        "class_id": box.class_id,
        "caption": box.caption,
        "scores": dict(box.scores),
        **({"iscrowd": 1} if box.iscrowd else {}),
        **({"ignore": 1} if box.ignore else {}),
    }


def _box(box: Any) -> Box:
    form, domain, caption, class_id = box["form"], box["domain"], box["caption"], box["class_id"]
    a, b, c, d = (float(_number(number)) for number in box["numbers"])
    if form not in get_args(BoxForm) or domain not in get_args(BoxDomain):
        raise ValueError("a box must have a form and a domain, but has others")
    if not (caption is None or type(caption) is str):
        raise ValueError("the caption of a box must be a text, but is not")
    scores = FrozenDict((name, float(_number(score))) for name, score in _object(box["scores"]).items())
    return Box(
        form,
        domain,
        (a, b, c, d),
        None if class_id is None else _class_id(class_id),
        caption,
        scores,
        _mark(box.get("iscrowd", 0)),
        _mark(box.get("ignore", 0)),
    )


def _mark(value: Any) -> bool:
    if type(value) is not int or value not in (0, 1):
        raise ValueError("what a box says of itself must be 0 or 1, but is not")
    return value == 1
