"""Layers of boxes ↔ their rows, one a layer and one a box, and what cells of tables say of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from runlog.basics.frozen import FrozenDict
from runlog.basics.jsontext import number_from_json_value, scores_from_json, scores_to_json, storable_text
from runlog.images.boxes import BoundingBoxes2D, Box, BoxDomain, BoxForm, box_layer_dict
from runlog.images.checks import MAX_CLASS_ID
from runlog.storage.column_rules import (
    NONE,
    NUMBER,
    OPTIONAL_TEXT,
    ColumnRule,
    choice_rule,
    integer_rule,
    is_class_id,
)
from runlog.storage.layer_rows import Classes, LayerRows, Row

if TYPE_CHECKING:
    from runlog.storage.file_records import MediaRecord
    from runlog.storage.records import BoxLayerRecord

_MARK = integer_rule(0, 1)
_SCORES = ColumnRule(
    "a JSON object of numbers", frozenset({str}), lambda text: scores_from_json([text]), scores_from_json
)


def _item_rows(layer: BoundingBoxes2D) -> Iterator[Row]:
    for box in layer.boxes:
        yield (
            box.form,
            box.domain,
            *(None if math.isnan(number) else number for number in box.numbers),
            box.class_id,
            None if box.caption is None else storable_text(box.caption),
            box.iscrowd,
            box.ignore,
            scores_to_json(box.scores),
        )


def _boxes(rows: Sequence[Row]) -> list[Box]:
    boxes = []
    every_scores = scores_from_json([row[-1] for row in rows])
    for row, scores in zip(rows, every_scores, strict=True):
        _, _, form, domain, a, b, c, d, class_id, caption, iscrowd, ignore, _ = row
        numbers = (a, b, c, d)
        if None in numbers:
            numbers = (_number(a), _number(b), _number(c), _number(d))
        boxes.append(Box(form, domain, numbers, class_id, caption, scores, iscrowd == 1, ignore == 1))
    return boxes


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _record(name: str, boxes: tuple[Box, ...], classes: Classes, media: MediaRecord | None) -> BoxLayerRecord:
    # Records are imported where rows are read: a script that logs needs none of them.
    from runlog.storage.records import BoxLayerRecord

    return BoxLayerRecord(name, boxes, *classes)


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


def _box(box: Mapping[str, Any]) -> Box:
    form, domain, caption, class_id = box["form"], box["domain"], box["caption"], box["class_id"]
    a, b, c, d = (float(number_from_json_value(number)) for number in box["numbers"])
    if form not in get_args(BoxForm) or domain not in get_args(BoxDomain):
        raise ValueError("a box must have a form and a domain, but has others")
    if not (caption is None or type(caption) is str):
        raise ValueError("the caption of a box must be a text, but is not")
    if not (class_id is None or is_class_id(class_id)):
        raise ValueError("the class id of a box must be an integer in range, but is not")
    scores = box["scores"]
    if type(scores) is not dict:
        raise ValueError("scores must be a JSON object, but are not")
    return Box(
        form,
        domain,
        (a, b, c, d),
        class_id,
        caption,
        FrozenDict((name, float(number_from_json_value(score))) for name, score in scores.items()),
        _mark(box.get("iscrowd", 0)),
        _mark(box.get("ignore", 0)),
    )


def _mark(value: Any) -> bool:
    if type(value) is not int or value not in (0, 1):
        raise ValueError("what a box says of itself must be 0 or 1, but is not")
    return value == 1


BOXES: LayerRows[BoundingBoxes2D, tuple[Box, ...], BoxLayerRecord] = LayerRows(
    name="boxes",
    table="box_layers",
    columns={},
    to_row=lambda layer: (),
    to_content=lambda row, boxes: tuple(boxes),
    to_json=lambda layer: {"boxes": [_box_json(box) for box in layer.boxes]},
    from_json=lambda about: tuple([_box(box) for box in about["boxes"]]),
    to_record=_record,
    to_argument=lambda layer, class_ids: box_layer_dict(layer),
    item_table="boxes",
    item_columns={
        "form": choice_rule(get_args(BoxForm)),
        "domain": choice_rule(get_args(BoxDomain)),
        **dict.fromkeys(("a", "b", "c", "d"), NUMBER),
        "class_id": integer_rule(0, MAX_CLASS_ID, NONE),
        "caption": OPTIONAL_TEXT,
        "iscrowd": _MARK,
        "ignore": _MARK,
        "scores": _SCORES,
    },
    parsed=frozenset({"scores"}),
    to_item_rows=_item_rows,
    to_items=_boxes,
)
