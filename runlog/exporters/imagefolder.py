"""Hugging Face ``imagefolder``: pictures, and a line for each in ``metadata.jsonl``, for ``load_dataset``.

A line has `file_name` (the column ``image``), `text` (the caption), `key`, `step`, `index`, `identity` (which
picture it is), `grouping`, `fields` and `objects`. Of a field there are its `name`, and its `number` or
`text`; a bool is 1 or 0, and what is not finite is left out. `objects` are lists of equal length over the
boxes, of which `bbox` is [left, top, width, height] in pixels of the upright picture, also where it reaches
beyond it, `category` the class id, `category_name` its label, and `score` the only score, or that of
`min_score`; `scores` has all of them. If its image was judged, `verdict`, `partner`, `iou` and
`confused_with` are what is said of it, `partner` being the `index` of a box in the other layer. JSON has no
NaN and no infinities: such a score is null, and counted. A list that no box has a value for is null as a
whole. A mask is the label image that was logged (a pixel is a class id) in the column ``<layer>_mask``;
`masks` has the labels of its class ids.

Lines are in the order of step, key and index. Only in a very long file, those that are first to have a value
in some field lead: ``datasets`` takes the types of all fields from the first ten megabytes.

Folders are not named after keys: ``datasets`` would take ``val`` or ``train`` in a path for a
split, and leave out all the rest. ``dataset.filter`` by `key` does the same on purpose.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import Any

from runlog import palette
from runlog.exporters.entry import exporter
from runlog.exporters.output import PictureFolder, Tally
from runlog.exporters.selection import Progress, Selection
from runlog.images.identity import FieldValue
from runlog.reading.reader import RunReader
from runlog.storage.file_records import MediaRecord
from runlog.storage.records import BoxLayerRecord, ImageRecord, MaskLayerRecord

METADATA = "metadata.jsonl"
_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
# `datasets` infers types from the first ten megabytes; a character takes up to four bytes, and some lead.
_EARLY_CHARACTERS = 2_000_000
_OBJECTS = ("bbox", "category", "category_name", "layer", "index", "caption", "score", "scores")
_SAID = ("verdict", "partner", "iou", "confused_with")


@exporter()
def export(reader: RunReader, selection: Selection, folder: Path, progress: Progress | None) -> Tally:
    """Write images, boxes and masks of a run as a Hugging Face ``imagefolder``; see the module."""
    selection.check_keys(reader.latest_steps())
    entries = _Entries(reader, selection, folder)
    _write(folder, map(entries.entry, selection.images(reader, progress)))
    return entries.tally


def _write(folder: Path, entries: Iterable[dict[str, Any] | None]) -> None:
    """Write the metadata; an entry that shows the type of a field must not come too late."""
    leading, seen, written = [], set[str](), 0
    with TemporaryFile("w+", encoding="utf-8") as others:
        for entry in entries:
            if entry is None:
                continue
            line = _json(entry) + "\n"
            new = _fields(entry) - seen
            seen |= new
            if new and written > _EARLY_CHARACTERS:
                leading.append(line)
            else:
                written += others.write(line)
        others.seek(0)
        with (folder / METADATA).open("w", encoding="utf-8") as file:
            file.writelines(leading)
            shutil.copyfileobj(others, file)


def _fields(entry: dict[str, Any]) -> set[str]:
    """Return the names of the fields that have a value from which its type can be told."""
    objects = {f"objects.{name}" for name, values in entry["objects"].items() if values}
    fields = {f"fields.{name}" for field in entry["fields"] for name in field}
    return objects | fields | {name for name, value in entry.items() if value not in (None, [])}


class _Entries:
    """Makes the entry of each image, and puts its files in place."""

    def __init__(self, reader: RunReader, selection: Selection, folder: Path) -> None:
        self.tally = Tally()
        self._selection = selection
        self._pictures = PictureFolder(reader.folder, folder)
        self._step, self._count = -1, 0

    def entry(self, image: ImageRecord) -> dict[str, Any] | None:
        """Return the entry of an image; None if its media file is missing."""
        self._count = self._count + 1 if image.step == self._step else 0
        self._step = image.step
        name = f"{image.step:09d}/{self._count:04d}"
        file_name = self._add(image.media, PurePosixPath(f"images/{name}.{image.media.format}"))
        if file_name is None:
            return None
        self.tally.written["images"] += 1
        # First: `datasets` takes the columns of files in this order.
        entry: dict[str, Any] = {"file_name": file_name}
        layers = list(self._selection.layers_of(image))
        for layer in layers:
            if layer.kind not in ("boxes", "masks"):
                self.tally.leave_out_layers(layer.kind)
        masks = []
        for number, mask in enumerate(layer for layer in layers if layer.kind == "masks"):
            mask_name = self._add(mask.media, PurePosixPath(f"masks/{name}-{number}.{mask.media.format}"))
            if mask_name is not None:
                entry[f"{mask.name}_mask_file_name"] = mask_name
                masks.append(_mask_entry(mask))
        self.tally.written["masks"] += len(masks)
        return entry | {
            "text": image.caption,
            "key": image.key,
            "step": image.step,
            "index": image.index,
            "identity": image.id,
            "grouping": image.grouping,
            "fields": [_field_entry(name, value) for name, value in image.all_fields.items()],
            "objects": self._objects(image, [layer for layer in layers if layer.kind == "boxes"]),
            "masks": masks,
        }

    def _add(self, media: MediaRecord, name: PurePosixPath) -> str | None:
        if self._pictures.add(media, name):
            return str(name)
        self.tally.problems.append(f"{media.path} must be there, but is missing: left out")
        return None

    def _objects(self, image: ImageRecord, layers: Iterable[BoxLayerRecord]) -> dict[str, list[Any]]:
        is_judged = image.evaluation is not None and image.evaluation.boxes is not None
        said = _SAID if is_judged else ()
        names = (*_OBJECTS, *said)
        objects: dict[str, list[Any]] = {name: [] for name in names}
        placed = (self._selection.placed_boxes(image, layer, self.tally) for layer in layers)
        for chosen, place in chain.from_iterable(placed):
            self.tally.written["boxes"] += 1
            box = chosen.box
            values = (
                place,
                box.class_id,
                chosen.class_label,
                chosen.layer,
                chosen.index,
                box.caption,
                self._selection.score(box),
                self._scores(box.scores),
                *(getattr(chosen.verdict, name, None) for name in said),
            )
            for name, value in zip(names, values, strict=True):
                objects[name].append(value)
        # Nulls alone, or empty lists, have no type that a reader could find: pyarrow 26 fails at them.
        return {name: v for name, v in objects.items() if not v or any(one not in (None, []) for one in v)}

    def _scores(self, scores: Mapping[str, float]) -> list[dict[str, Any]]:
        for score in scores.values():
            if not math.isfinite(score):
                self.tally.notes["scores that are NaN or infinite, and null there"] += 1
        return [
            {"name": name, "value": score if math.isfinite(score) else None} for name, score in scores.items()
        ]


def _field_entry(name: str, value: FieldValue) -> dict[str, Any]:
    if isinstance(value, str):
        return {"name": name, "text": value}
    # JSON has no infinities either; the type of the column is that of floats.
    return {"name": name, "number": float(value)} if math.isfinite(value) else {"name": name}


def _mask_entry(mask: MaskLayerRecord) -> dict[str, Any]:
    labels = [palette.class_label(class_id, mask.class_labels) for class_id in mask.class_ids]
    return {"layer": mask.name, "category": mask.class_ids, "category_name": labels}
