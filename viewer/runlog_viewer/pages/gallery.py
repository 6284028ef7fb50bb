"""Image records → the gallery of one step, as page values. Pure: no file is read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

import runlog
from runlog import palette
from runlog_viewer.pages import facts, logged_texts, numbers, site_names, wording
from runlog_viewer.pages.boxes import box_layer
from runlog_viewer.pages.masks import MaskDrawing, drawing
from runlog_viewer.pages.values import (
    Fact,
    Figure,
    FigureGroup,
    Gallery,
    KeySection,
    Layer,
    LegendEntry,
    MaskLayer,
    Shape,
)

DEFAULT_WIDTH = 280
_WIDE, _TALL = 2.5, 0.67
_WIDER, _HIGHER = 2, 1.5  # of the default width, as in the style sheet
_ALT_LENGTH, _LONG_CAPTION, _LONG_CAPTION_LINES = 200, 180, 3


def gallery(
    step: int,
    images: Sequence[runlog.ImageRecord],
    to_run_folder: str,
    missing: Collection[PurePosixPath] = (),
    scalars: Iterable[tuple[str, float]] = (),
    thumbnails: Mapping[str, str] = MappingProxyType({}),
    values: Mapping[str, Sequence[Any]] = MappingProxyType({}),
) -> Gallery:
    """Return the gallery of one step, or of the latest images of each key as of a step.

    Parameters
    ----------
    images
        Ordered by key and index; those of one key are of one step.
    to_run_folder
        The relative link from the page to the run folder, ``""`` or ending in ``/``.
    missing
        Media files that are not there.
    scalars, values
        What was logged at this step besides images: numbers by key, and the records of each of
        `runlog.ROW_KINDS` by its name.
    thumbnails
        Pixel hash → the path of a small copy, relative to the run folder.
    """
    lines = {name: line for line, name in enumerate(_names(layer for i in images for layer in i.boxes))}
    drawings = {layer.media.path: drawing(layer) for image in images for layer in image.masks}
    figures = (_figure(image, to_run_folder, lines, drawings, missing, thumbnails) for image in images)
    sections = (
        _section(key, tuple(group), to_run_folder)
        for key, group in groupby(figures, lambda figure: figure.key)
    )
    mask_names = _names(layer for image in images for layer in image.masks)
    return Gallery(
        step=step,
        numbers=numbers.facts(scalars),
        texts=logged_texts.shown(values.get("text", ()), to_run_folder),
        sections=tuple(sections),
        layers=(
            *(Layer("boxes", name, line) for name, line in lines.items()),
            *(Layer("masks", name, 0) for name in mask_names),
        ),
        legend=_legend(images),
        filters=tuple({d.filter.id: d.filter for d in drawings.values() if d.filter}.values()),
    )


def _section(key: str, figures: tuple[Figure, ...], to_run_folder: str) -> KeySection:
    step = figures[0].step
    href, all_steps = to_run_folder + site_names.step_page(step), to_run_folder + site_names.key_page(key)
    return KeySection(key, step, href, all_steps, _groups(figures))


def _groups(figures: Iterable[Figure]) -> tuple[FigureGroup, ...]:
    """Return figures with those of one grouping together, at the place of its first."""
    groups: list[tuple[int | None, list[Figure]]] = []
    of_grouping: dict[int, list[Figure]] = {}
    for figure in figures:
        if figure.grouping in of_grouping:
            of_grouping[figure.grouping].append(figure)
        elif figure.grouping is None and groups and groups[-1][0] is None:
            groups[-1][1].append(figure)
        else:
            groups.append((figure.grouping, [figure]))
            if figure.grouping is not None:
                of_grouping[figure.grouping] = groups[-1][1]
    return tuple(FigureGroup(grouping, tuple(members)) for grouping, members in groups)


def _figure(
    image: runlog.ImageRecord,
    to_run_folder: str,
    lines: Mapping[str, int],
    drawings: Mapping[PurePosixPath, MaskDrawing],
    missing: Collection[PurePosixPath],
    thumbnails: Mapping[str, str],
) -> Figure:
    width, height = image.media.width, image.media.height
    shown_width = _shown_width(width, height)
    layers = [box_layer(layer, lines[layer.name], width, height, shown_width) for layer in image.boxes]
    boxes = sum([len(listed) for _, listed in layers])
    alt = image.caption or f"{image.key}, step {image.step}, {image.index}"
    thumbnail = thumbnails.get(image.media.pixel_hash)
    return Figure(
        key=image.key,
        step=image.step,
        index=image.index,
        grouping=image.grouping,
        href=to_run_folder + site_names.media_file(image.media),
        thumbnail=None if thumbnail is None else to_run_folder + thumbnail,
        width=width,
        height=height,
        shape=_shape(width, height),
        is_small=width < DEFAULT_WIDTH,
        is_missing=image.media.path in missing,
        alt=alt if len(alt) <= _ALT_LENGTH else alt[:_ALT_LENGTH] + "…",
        caption=image.caption,
        is_long=_is_long(image.caption or ""),
        box_layers=tuple([layer for layer, _ in layers]),
        mask_layers=tuple(
            _mask_layer(layer, drawings[layer.media.path], to_run_folder) for layer in image.masks
        ),
        box_facts=tuple([Fact(layer.name, "\n".join(listed)) for layer, listed in layers if listed]),
        boxes=boxes,
        not_drawn=boxes - sum([len(layer.boxes) for layer, _ in layers]),
        facts=facts.of_image(image),
        hint=facts.of_conversion(image.conversion).hint,
    )


def _shape(width: int, height: int) -> Shape:
    if width >= _WIDE * height:
        return "wide"
    return "tall" if width <= _TALL * height else "even"


@lru_cache(maxsize=64)
def _shown_width(width: int, height: int) -> float:
    """Return how wide a picture is shown as long as nobody asks for another size."""
    shape = _shape(width, height)
    if shape == "tall":
        return _HIGHER * DEFAULT_WIDTH * width / height
    return _WIDER * DEFAULT_WIDTH if shape == "wide" else DEFAULT_WIDTH


def _is_long(caption: str) -> bool:
    return len(caption) > _LONG_CAPTION or caption.count("\n") >= _LONG_CAPTION_LINES


def _mask_layer(layer: runlog.MaskLayerRecord, drawn: MaskDrawing, to_run_folder: str) -> MaskLayer:
    href = to_run_folder + wording.link(*PurePosixPath(drawn.path).parts)
    return MaskLayer(
        layer.name, href, to_run_folder + drawn.script, drawn.filter.id if drawn.filter else None
    )


def _names(layers: Iterable[runlog.BoxLayerRecord | runlog.MaskLayerRecord]) -> list[str]:
    return sorted({layer.name for layer in layers})


def _legend(images: Sequence[runlog.ImageRecord]) -> tuple[LegendEntry, ...]:
    """Return the classes of the boxes and the drawn ones of the masks, by ascending id."""
    boxes = [
        (box.class_id, layer.class_labels)
        for image in images
        for layer in image.boxes
        for box in layer.boxes
        if box.class_id is not None
    ]
    masks = [
        (class_id, layer.class_labels)
        for image in images
        for layer in image.masks
        for class_id in layer.class_ids
        if palette.is_drawn(class_id, layer.class_labels)
    ]
    names: defaultdict[int, list[str]] = defaultdict(list)
    for class_id, name in sorted({(of, labels[of]) for of, labels in boxes + masks if of in labels}):
        names[class_id].append(name)
    box_counts, mask_counts = (Counter([class_id for class_id, _ in of]) for of in (boxes, masks))
    return tuple(
        LegendEntry(
            class_id=class_id,
            label=" / ".join(names[class_id]) or palette.class_label(class_id, {}),
            colour=palette.colour(class_id),
            boxes=box_counts[class_id],
            masks=mask_counts[class_id],
        )
        for class_id in sorted(box_counts.keys() | mask_counts.keys())
    )
