"""The kinds of layers that lie over images, in one table: what pages ask of a kind, they ask here.

What a kind looks like is in ``html/overlays.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import runlog
from runlog import palette
from runlog_viewer.pages import boxes, masks
from runlog_viewer.pages.values import Canvas, DrawnLayer, Layer

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class LayerKind(Generic[Record]):
    """A kind of layers.

    Attributes
    ----------
    name, one
        Its words: ``boxes``, and ``box``.
    records
        The layers of the kind that were logged with an image; each has a name and class labels.
    draw
        How one of them is drawn, and said in words.
    classes
        The class of each thing in one of them, and whether it is off at first; of those without a class none.
    media
        The media files of one of them.
    """

    name: str
    one: str
    records: Callable[[runlog.ImageRecord], Sequence[Record]]
    draw: Callable[[Record, Layer, Canvas, palette.MaskRule], DrawnLayer]
    classes: Callable[[Record, palette.MaskRule], Sequence[tuple[int, bool]]]
    media: Callable[[Record], Sequence[runlog.MediaRecord]]


# In the order of their switches. They are drawn from the last to the first: lines lie on areas.
KINDS: tuple[LayerKind[Any], ...] = (
    LayerKind(
        name="boxes",
        one="box",
        records=lambda image: image.boxes,
        draw=lambda layer, switch, canvas, rule: boxes.draw(layer, switch, canvas),
        classes=lambda layer, rule: boxes.classes(layer),
        media=lambda layer: (),
    ),
    LayerKind(
        name="masks",
        one="mask",
        records=lambda image: image.masks,
        draw=masks.draw,
        classes=masks.classes,
        media=lambda layer: (layer.media,),
    ),
)


def mask_rules(images: Sequence[runlog.ImageRecord]) -> dict[str, palette.MaskRule]:
    """Return what is drawn of the masks of each key; of one key the images are all of one step."""
    masks_of: dict[str, list[runlog.MaskLayerRecord]] = {image.key: [] for image in images}
    for image in images:
        masks_of[image.key] += image.masks
    return {
        key: palette.mask_rule((mask.name, mask.class_ids, mask.class_labels) for mask in found)
        for key, found in masks_of.items()
    }


def media_files(image: runlog.ImageRecord) -> Iterator[runlog.MediaRecord]:
    """Yield the media files that an image is shown from: its own, and those of its layers."""
    yield image.media
    for kind in KINDS:
        for record in kind.records(image):
            yield from kind.media(record)
