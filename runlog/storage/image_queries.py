"""The SQL that reads images: their rows, and those of fields, layers and classes → frozen records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from sqlite3 import Connection
from typing import Any

from runlog.basics.frozen import FrozenDict
from runlog.images.identity import FieldValue
from runlog.storage.conversions import conversion_from_json
from runlog.storage.fields import field_value
from runlog.storage.file_records import MediaRecord
from runlog.storage.judgements import Verdicts, check_verdicts, read_judgements
from runlog.storage.layer_kinds import LAYER_KINDS
from runlog.storage.layer_rows import LayerRows
from runlog.storage.records import BoxLayerRecord, ImageRecord, all_fields
from runlog.storage.row_checks import checked

MEDIA_COLUMNS = "path, pixel_hash, sha256, format, width, height, bytes"
MEDIA_RULES = tuple(f"media.{name}" for name in MEDIA_COLUMNS.split(", "))
_NO_FIELDS: FrozenDict[str, FieldValue] = FrozenDict()
# SQLite of older systems takes at most 999 parameters.
_BATCH = 900


def read_images(db: Connection, steps: Sequence[int]) -> tuple[ImageRecord, ...]:
    """Read the images of some steps, by step, key and index."""
    batches = (steps[start : start + _BATCH] for start in range(0, len(steps), _BATCH))
    images = [image for batch in batches for image in _read_images(db, batch)]
    return tuple(sorted(images, key=lambda image: (image.step, image.key, image.index)))


def _read_images(db: Connection, steps: Sequence[int]) -> Iterable[ImageRecord]:
    at_steps = f"step IN ({', '.join('?' * len(steps))})"
    of_images = f"image_id IN (SELECT id FROM images WHERE {at_steps})"
    judged = read_judgements(db, of_images, steps)
    labels = LabelSets(db)
    layers = {kind.name: _read_layers(db, kind, of_images, steps, labels) for kind in LAYER_KINDS}
    boxes = layers["boxes"]
    for image_id, (_, said) in judged.items():
        if image_id in boxes:
            boxes[image_id] = _with_verdicts(boxes[image_id], said)
    fields = read_fields(db, of_images, steps)
    rows = db.execute(
        f'SELECT images.id, images.key, step, "index", caption, "grouping", conversion, identity,'
        f" {MEDIA_COLUMNS}"
        f" FROM images JOIN media ON media.id = media_id WHERE {at_steps}",
        steps,
    )
    columns = ("id", "key", "step", "index", "caption", "grouping", "conversion", "identity")
    sound = checked(rows, *(f"images.{name}" for name in columns), *MEDIA_RULES)
    for image_id, key, step, index, caption, grouping, conversion, identity, *media in sound:
        yield ImageRecord(
            key=key,
            step=step,
            index=index,
            caption=caption,
            grouping=grouping,
            media=media_record(media),
            conversion=conversion_from_json(conversion),
            **{kind: tuple(found.get(image_id, ())) for kind, found in layers.items()},
            id=identity,
            fields=fields.get(image_id, _NO_FIELDS),
            evaluation=judged[image_id][0] if image_id in judged else None,
        )


def read_all_fields(db: Connection) -> dict[int, Mapping[str, FieldValue]]:
    """Return the fields of every image that has some, those of its evaluation among them, by its id."""
    fields: dict[int, Mapping[str, FieldValue]] = dict(read_fields(db))
    for image_id, (said, _) in read_judgements(db).items():
        fields[image_id] = all_fields(fields.get(image_id, _NO_FIELDS), said)
    return fields


def read_fields(
    db: Connection, of_images: str = "TRUE", values: Sequence[int] = ()
) -> dict[int, FrozenDict[str, FieldValue]]:
    """Return the fields of images that have some, by the id of the image."""
    fields: defaultdict[int, dict[str, FieldValue]] = defaultdict(dict)
    columns = ("image_id", "name", "type", "number", "text")
    rows = db.execute(
        f'SELECT {", ".join(columns)} FROM image_fields WHERE {of_images} ORDER BY image_id, "index"', values
    )
    for image_id, name, *value in checked(rows, *(f"image_fields.{name}" for name in columns)):
        fields[image_id][name] = field_value(*value)
    return {image_id: FrozenDict(of_image) for image_id, of_image in fields.items()}


def _read_layers(
    db: Connection, kind: LayerRows[Any, Any, Any], of_images: str, steps: Sequence[int], labels: LabelSets
) -> dict[int, list[Any]]:
    """Return the layers of a kind on some images, by the id of the image and in the order of their names."""
    things = _read_items(db, kind, of_images, steps)
    columns = ("image_id", "layer", "label_set_id", *kind.columns)
    names, media = ", ".join(f'"{name}"' for name in columns), MEDIA_RULES if kind.has_media else ()
    rows = db.execute(
        f"SELECT {names}, {MEDIA_COLUMNS} FROM {kind.table} JOIN media ON media.id = media_id"
        f" WHERE {of_images} ORDER BY image_id, layer"
        if media
        else f"SELECT {names} FROM {kind.table} WHERE {of_images} ORDER BY image_id, layer",
        steps,
    )
    layers: defaultdict[int, list[Any]] = defaultdict(list)
    for row in checked(rows, *(f"{kind.table}.{name}" for name in columns), *media):
        image_id, layer, label_set_id, *values = row[: len(columns)]
        content = kind.to_content(tuple(values), things.get((image_id, layer), ()))
        file = media_record(row[len(columns) :]) if media else None
        layers[image_id].append(kind.to_record(layer, content, labels[label_set_id], file))
    return layers


def _read_items(
    db: Connection, kind: LayerRows[Any, Any, Any], of_images: str, steps: Sequence[int]
) -> Mapping[tuple[int, str], Sequence[Any]]:
    """Return the things on the layers of a kind, by the id of the image and the name of the layer."""
    things: defaultdict[tuple[int, str], list[Any]] = defaultdict(list)
    if kind.item_table is None:
        return things
    columns = ("image_id", "layer", *kind.item_columns)
    names = ", ".join(f'"{name}"' for name in columns)
    found = db.execute(
        f'SELECT {names} FROM {kind.item_table} WHERE {of_images} ORDER BY image_id, layer, "index"', steps
    )
    rules = ("texts.text" if name in kind.parsed else f"{kind.item_table}.{name}" for name in columns)
    rows = list(checked(found, *rules))
    for row, thing in zip(rows, kind.to_items(rows), strict=True):
        things[row[0], row[1]].append(thing)
    return things


def _with_verdicts(layers: Sequence[BoxLayerRecord], said: Verdicts) -> list[BoxLayerRecord]:
    """Return the boxes of an image with what is said of them."""
    counts = {layer.name: len(layer.boxes) for layer in layers}
    judged = []
    for layer in layers:
        verdicts = said.get(layer.name, ())
        if layer.name in said:
            others = sum(counts.get(name, 0) for name in said if name != layer.name)
            check_verdicts(verdicts, len(layer.boxes), others)
        judged.append(replace(layer, verdicts=verdicts))
    return judged


def read_run_classes(db: Connection) -> tuple[FrozenDict[int, str], FrozenDict[int, str]]:
    """Return the labels and colours of classes that a script defined for the run; empty without any."""
    rows = db.execute("SELECT label_set_id FROM run_classes LIMIT 1")
    for (label_set_id,) in checked(rows, "run_classes.label_set_id"):
        return LabelSets(db)[label_set_id]
    return FrozenDict(), FrozenDict()


class LabelSets(dict[int, tuple[FrozenDict[int, str], FrozenDict[int, str]]]):
    """The labels and the chosen colours of the classes of each label set, read when first asked for."""

    def __init__(self, db: Connection) -> None:
        super().__init__()
        self._db = db

    def __missing__(self, label_set_id: int) -> tuple[FrozenDict[int, str], FrozenDict[int, str]]:
        self[label_set_id] = (
            self._read("class_labels", "label", label_set_id),
            self._read("class_colors", "color", label_set_id),
        )
        return self[label_set_id]

    def _read(self, table: str, column: str, label_set_id: int) -> FrozenDict[int, str]:
        rows = self._db.execute(
            f"SELECT class_id, {column} FROM {table} WHERE label_set_id = ? ORDER BY class_id", [label_set_id]
        )
        return FrozenDict(checked(rows, f"{table}.class_id", f"{table}.{column}"))


def media_record(row: Sequence[Any]) -> MediaRecord:
    """Return a media file, given the values of `MEDIA_COLUMNS`."""
    return MediaRecord(PurePosixPath(row[0]), *row[1:])
