"""Which images of each key an export takes: the first, or those that were judged worst; and what of each."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from dataclasses import dataclass, replace

from runlog.errors import InvalidValueError
from runlog.exporters.output import Tally
from runlog.exporters.selection import Progress, Selection
from runlog.reading.reader import RunReader
from runlog.storage.records import BoxLayerRecord, ImageRecord

MOST_OF_KEY = 1000
"""How many images of a key are taken at most."""


@dataclass(frozen=True, slots=True)
class KeyImages:
    """The images of a key that are taken, and of how many they are.

    `judged` are all images of the last of the chosen steps at which any was judged.
    """

    key: str
    images: tuple[ImageRecord, ...]
    count: int
    judged: tuple[ImageRecord, ...]


class _LastJudged:
    """Of each key the images of the last step at which any was judged; they come by step."""

    def __init__(self) -> None:
        self._images: dict[str, list[ImageRecord]] = {}
        self._at_step: dict[str, list[ImageRecord]] = {}

    def add(self, image: ImageRecord) -> None:
        at_step = self._at_step.setdefault(image.key, [])
        if at_step and at_step[0].step != image.step:
            at_step = self._at_step[image.key] = []
        at_step.append(image)
        if image.evaluation is not None:
            self._images[image.key] = at_step

    def of(self, key: str) -> tuple[ImageRecord, ...]:
        return tuple(self._images.get(key, ()))


def first_images(chosen: Selection, reader: RunReader, progress: Progress | None) -> list[KeyImages]:
    """Return the first images of each key, in the order they were logged."""
    found: dict[str, list[ImageRecord]] = {}
    counts: Counter[str] = Counter()
    judged = _LastJudged()
    for image in chosen.images(reader, progress):
        judged.add(image)
        counts[image.key] += 1
        if counts[image.key] <= MOST_OF_KEY:
            found.setdefault(image.key, []).append(image)
    return [KeyImages(key, tuple(images), counts[key], judged.of(key)) for key, images in found.items()]


def worst_images(
    chosen: Selection, reader: RunReader, worst: int, progress: Progress | None
) -> list[KeyImages]:
    """Return so many of the worst images of each key, the worst first; of equal ones the latest.

    Raises
    ------
    InvalidValueError
        If none of those that were chosen was judged.
    """
    found: dict[str, list[tuple[float, int, int]]] = {}
    kept: dict[tuple[str, int, int], ImageRecord] = {}
    counts: Counter[str] = Counter()
    judged = _LastJudged()
    for image in chosen.images(reader, progress):
        judged.add(image)
        if (how_bad := _how_bad(image)) is None:
            continue
        counts[image.key] += 1
        of_key = found.setdefault(image.key, [])
        entry = (how_bad, image.step, -image.index)
        kept[image.key, image.step, image.index] = image
        dropped = None
        if len(of_key) < min(worst, MOST_OF_KEY):
            heapq.heappush(of_key, entry)
        else:
            dropped = heapq.heappushpop(of_key, entry)
        if dropped:
            del kept[image.key, dropped[1], -dropped[2]]
    if not found:
        raise InvalidValueError(
            "worst must be asked of pictures that were judged, but none of these was: "
            "see run.define_evaluation, or runlog evaluate"
        )
    return [
        KeyImages(
            key,
            tuple(kept[key, step, -place] for _, step, place in sorted(of_key, reverse=True)),
            counts[key],
            judged.of(key),
        )
        for key, of_key in found.items()
    ]


def _how_bad(image: ImageRecord) -> float | None:
    """Return how many boxes were missed and invented, else how far masks are apart; None if not judged."""
    judged = {} if image.evaluation is None else image.evaluation.fields
    if "fp" in judged:
        return judged["fp"] + judged["fn"]
    mean_iou = judged.get("mean_iou", math.nan)
    return None if math.isnan(mean_iou) else 1 - mean_iou


def cut_layers(image: ImageRecord, chosen: Selection, tally: Tally) -> ImageRecord:
    """Return an image with only those layers and boxes that were asked for."""
    layers = chosen.layers_of(image)
    return image.with_layers(_cut(one, chosen, tally) if one.kind == "boxes" else one for one in layers)


def _cut(layer: BoxLayerRecord, chosen: Selection, tally: Tally) -> BoxLayerRecord:
    boxes = tuple(one.box for one in chosen.boxes(layer, tally))
    # Partners are told by their places, which are others where boxes are left out.
    return layer if len(boxes) == len(layer.boxes) else replace(layer, boxes=boxes, verdicts=())
