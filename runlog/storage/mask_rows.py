"""Layers of masks ↔ their rows, each with a media file, and what cells of tables say of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runlog.images.masks import ImageMask, MaskDict
from runlog.storage.column_rules import CLASS_IDS, class_ids_from_json, is_class_id
from runlog.storage.layer_rows import Classes, ClassIds, LayerRows

if TYPE_CHECKING:
    from runlog.storage.file_records import MediaRecord
    from runlog.storage.records import MaskLayerRecord


def _record(
    name: str, class_ids: tuple[int, ...], classes: Classes, media: MediaRecord | None
) -> MaskLayerRecord:
    from runlog.storage.records import MaskLayerRecord

    assert media is not None  # noqa: S101 - the kind has media
    return MaskLayerRecord(name, media, class_ids, *classes)


def _class_ids_in_cell(about: Mapping[str, Any]) -> tuple[int, ...]:
    class_ids = tuple(about["class_ids"])
    if not all(map(is_class_id, class_ids)):
        raise ValueError("a class id must be an integer in range, but is not")
    return class_ids


def _argument(layer: MaskLayerRecord, class_ids: ClassIds) -> MaskDict:
    return {
        "mask_data": class_ids(layer.name),
        "class_labels": layer.class_labels,
        "class_colors": layer.class_colors,
    }


MASKS: LayerRows[ImageMask, tuple[int, ...], MaskLayerRecord] = LayerRows(
    name="masks",
    table="masks",
    columns={"class_ids": CLASS_IDS},
    to_row=lambda mask: (json.dumps(mask.class_ids),),
    to_content=lambda row, items: class_ids_from_json(row[0]),
    to_json=lambda mask: {"class_ids": list(mask.class_ids)},
    from_json=_class_ids_in_cell,
    to_record=_record,
    to_argument=_argument,
    has_media=True,
)
