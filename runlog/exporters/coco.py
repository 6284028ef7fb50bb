"""COCO JSON: ``annotations.json`` and its pictures, for the tools that train, evaluate and label.

An image is an entry of ``images`` with its own file (``images/<key>/<step>-<index>-<hash>``), and its `key`,
`step`, `index`, `caption`, `grouping`, `identity` (which picture it is) and `fields`. Sizes and boxes are of
the upright picture.

A box is an annotation: `bbox` is [left, top, width, height] in pixels as logged, also where it reaches beyond
its image. `scores` has all its scores by name (one that is no finite number by its name in words), `score`
the only one, or that of `min_score`; `iscrowd` and, where it is 1, `ignore` are as logged. Of a box that was
judged there are `verdict`, `partner` and `confused_with` (each the `index` of a box in the other layer) and
`iou`; of its image the counts are among the `fields`. A mask is one annotation for each class id in it, in
COCO's compressed run-length encoding, with `iscrowd` 0, so that training tools take it; one of another size
is stretched to its image, as the viewer draws it; class id 0 without a label is background and has none. All
carry `layer` and `class_id`.

The id of a category is the class id. Where a class id has more than one label in the export, the first label
met (by step, key, index, boxes before masks, layer) has that id, and the others follow from 65536 on, as does
the category of boxes without a class id. Each category carries its `class_id`, null for that last one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, TextIO

from numpy.typing import NDArray

from runlog import palette
from runlog.basics.jsontext import to_json_value
from runlog.errors import RunlogError, StorageError, shown
from runlog.exporters.entry import exporter
from runlog.exporters.output import PictureFolder, Tally
from runlog.exporters.rle import regions
from runlog.exporters.selection import ChosenBox, PixelBox, Progress, Selection
from runlog.images.checks import MAX_CLASS_ID
from runlog.images.image import Image
from runlog.images.masks import stretched
from runlog.images.picture_file import UPRIGHT, read_picture
from runlog.reading.reader import RunReader
from runlog.storage.layout import IMAGES, image_path
from runlog.storage.records import BoxLayerRecord, ImageRecord, LayerRecord, MaskLayerRecord

ANNOTATIONS = "annotations.json"
_PICTURES = PurePosixPath("images")
_EXIF_BYTES = 1 << 16
_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


@exporter(opens=ANNOTATIONS)
def export(reader: RunReader, selection: Selection, folder: Path, progress: Progress | None) -> Tally:
    """Write images, boxes and masks of a run as a COCO data set; see the module for what goes where."""
    selection.check_keys(reader.latest_steps())
    dataset = _Dataset(reader, selection, folder)
    with (folder / ANNOTATIONS).open("w", encoding="utf-8") as file:
        dataset.write(file, progress)
    return dataset.tally


class _Dataset:
    """One data set on its way to its file."""

    def __init__(self, reader: RunReader, selection: Selection, folder: Path) -> None:
        self.tally = Tally()
        self._reader, self._selection, self._folder = reader, selection, folder
        self._pictures = PictureFolder(reader.folder, folder)
        self._categories = _Categories()
        self._images: list[str] = []
        self._last_id = 0

    def write(self, file: TextIO, progress: Progress | None) -> None:
        """Write the JSON; annotations come first in it, since only images and categories are held."""
        run = self._reader.run()
        info = {"description": run.name, "run": run.id, "date_created": run.created_at.isoformat()}
        file.write(f'{{"info": {_json(info)},\n"licenses": [],\n')
        _write_list(file, "annotations", self._annotations(progress))
        file.write(",\n")
        _write_list(file, "images", self._images)
        file.write(",\n")
        _write_list(file, "categories", map(_json, self._categories.entries()))
        file.write("}\n")

    def _annotations(self, progress: Progress | None) -> Iterator[str]:
        for image in self._selection.images(self._reader, progress):
            file_name = _PICTURES / _name(image)
            if not self._pictures.add(image.media, file_name):
                self.tally.problems.append(f"{image.media.path} must be there, but is missing: left out")
                continue
            self._check_orientation(image, self._folder / file_name)
            self._images.append(_json(_image_entry(len(self._images) + 1, image, str(file_name))))
            for layer in self._selection.layers_of(image):
                for entry in self._entries(image, layer):
                    self._last_id += 1
                    yield _json({"id": self._last_id, "image_id": len(self._images), **entry})
        self.tally.written["images"] = len(self._images)

    def _check_orientation(self, image: ImageRecord, path: Path) -> None:
        """Count a picture kept as a file that only its EXIF turns upright: not every reader follows that."""
        if image.conversion.source != "file":
            return
        with path.open("rb") as file:
            if b"exif" not in file.read(_EXIF_BYTES).lower():
                return
        try:
            is_turned = read_picture(path, str(image.media.path)).orientation != UPRIGHT
        except RunlogError as error:
            self.tally.problems.append(f"{error}: copied as it is")
        else:
            self.tally.notes["pictures that are upright, as their boxes are, only by EXIF"] += is_turned

    def _entries(self, image: ImageRecord, layer: LayerRecord) -> Iterator[dict[str, Any]]:
        self._categories.declare(layer.class_labels, layer.class_colors)
        if layer.kind == "boxes":
            yield from self._boxes(image, layer)
        elif layer.kind == "masks":
            yield from self._mask(image, layer)
        else:
            self.tally.leave_out_layers(layer.kind)

    def _boxes(self, image: ImageRecord, layer: BoxLayerRecord) -> Iterator[dict[str, Any]]:
        for chosen, place in self._selection.placed_boxes(image, layer, self.tally):
            self.tally.written["boxes"] += 1
            label = chosen.class_label or palette.NO_CLASS_LABEL
            category = self._categories.category_id(chosen.box.class_id, label)
            yield _box_entry(chosen, place, category, self._selection.score(chosen.box))

    def _mask(self, image: ImageRecord, mask: MaskLayerRecord) -> Iterator[dict[str, Any]]:
        try:
            class_ids = self._reader.class_ids(image, mask.name)
        except StorageError as error:
            self.tally.problems.append(f"{error}: left out")
            return
        height, width = image.media.height, image.media.width
        if height * width > Image.MAX_PIXELS:
            self.tally.problems.append(
                f"mask {shown(mask.name)} of {image.media.path} must be drawn on at most "
                f"{Image.MAX_PIXELS:,} pixels (Image.MAX_PIXELS), but the row of the image says "
                f"{width}×{height}: left out"
            )
            return
        if class_ids.shape != (height, width):
            self.tally.notes["masks stretched to the size of their image"] += 1
            class_ids = stretched(class_ids, height, width)
        self.tally.written["masks"] += 1
        yield from self._regions(mask, class_ids)

    def _regions(self, mask: MaskLayerRecord, class_ids: NDArray[Any]) -> Iterator[dict[str, Any]]:
        for region in regions(class_ids):
            if palette.is_background(region.class_id, mask.class_labels):
                continue
            label = palette.class_label(region.class_id, mask.class_labels)
            yield {
                "category_id": self._categories.category_id(region.class_id, label),
                "bbox": region.box,
                "area": region.area,
                "iscrowd": 0,
                "segmentation": {"size": class_ids.shape, "counts": region.counts},
                "layer": mask.name,
                "class_id": region.class_id,
            }


class _Categories:
    """The ids of categories: a class id where its label is the first, else one past all class ids."""

    def __init__(self) -> None:
        self._ids: dict[tuple[int | None, str], int] = {}
        self._class_ids: set[int] = set()
        self._next_id = MAX_CLASS_ID + 1
        self._declared: Mapping[int, str] = {}
        self._colors: dict[int, str] = {}

    def declare(self, labels: Mapping[int, str], colors: Mapping[int, str]) -> None:
        """Give every class of a layer its category, whether or not anything is of it."""
        self._colors.update(colors)
        if labels is not self._declared:
            self._declared = labels
            for class_id, label in labels.items():
                self.category_id(class_id, label)

    def category_id(self, class_id: int | None, label: str) -> int:
        """Return the id of a category, new or known."""
        category = self._ids.get((class_id, label))
        if category is None:
            if class_id is None or class_id in self._class_ids:
                category, self._next_id = self._next_id, self._next_id + 1
            else:
                category = class_id
                self._class_ids.add(class_id)
            self._ids[class_id, label] = category
        return category

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield the categories by id."""
        for (class_id, label), category in sorted(self._ids.items(), key=lambda item: item[1]):
            entry = {"id": category, "name": label, "supercategory": "", "class_id": class_id}
            if class_id in self._colors:
                # As COCO's panoptic categories have it.
                entry["color"] = list(palette.channels(self._colors[class_id]))
            yield entry


def _name(image: ImageRecord) -> PurePosixPath:
    # Unlike its media file's, this name is the image's own: tools take a file for an image.
    media = image.media
    path = image_path(image.key, image.step, image.index, media.pixel_hash, media.format)
    return path.relative_to(IMAGES)


def _image_entry(image_id: int, image: ImageRecord, file_name: str) -> dict[str, Any]:
    entry = {
        "id": image_id,
        "file_name": file_name,
        "width": image.media.width,
        "height": image.media.height,
        "key": image.key,
        "step": image.step,
        "index": image.index,
    }
    optional: dict[str, Any] = {"caption": image.caption, "grouping": image.grouping, "identity": image.id}
    if fields := image.all_fields:
        optional["fields"] = to_json_value(fields)
    return entry | {name: value for name, value in optional.items() if value is not None}


def _box_entry(chosen: ChosenBox, place: PixelBox, category: int, score: float | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "category_id": category,
        "bbox": place,
        "area": place[2] * place[3],
        "iscrowd": int(chosen.box.iscrowd),
        "segmentation": [],
        "layer": chosen.layer,
        "index": chosen.index,
        "class_id": chosen.box.class_id,
    }
    if chosen.box.ignore:
        entry["ignore"] = 1
    if (said := chosen.verdict) is not None:
        entry["verdict"] = said.verdict
        entry |= {
            name: value
            for name in ("partner", "iou", "confused_with")
            if (value := getattr(said, name)) is not None
        }
    if chosen.box.caption is not None:
        entry["caption"] = chosen.box.caption
    if score is not None:
        entry["score"] = score
    if chosen.box.scores:
        entry["scores"] = to_json_value(chosen.box.scores)
    return entry


def _write_list(file: TextIO, name: str, entries: Iterable[str]) -> None:
    file.write(f'"{name}": [')
    separator = "\n"
    for entry in entries:
        file.write(f"{separator}{entry}")
        separator = ",\n"
    file.write("\n]")
