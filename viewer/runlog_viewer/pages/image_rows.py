"""Image records → the rows of the table that the page of a key has of its images. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import runlog
from runlog_viewer.pages import site_names, tables, wording
from runlog_viewer.pages.values import HeadCell, KeySection, TableCell, TableView

# A row shows its beginning; all of it stands with the picture.
_MOST_OF_A_CAPTION = 2000


def of_images(
    images: Sequence[runlog.ImageRecord], thumbnails: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield what a table says of the images of each key at each step, for the data scripts.

    Parameters
    ----------
    images
        Ordered by step, key and index.
    thumbnails
        Pixel hash → the path of a small copy; links are from the run folder.

    Yields
    ------
    dict
        ``step`` and ``key``; ``fields``: the names of all fields; ``boxes``: those of the layers of boxes;
        ``images``: of each image index, id, caption, grouping, the link to its file, that to a small copy or
        None, width, height, the values of its fields, and how many boxes each layer has; None for what it
        has not.
    """
    for (step, key), group in groupby(images, lambda image: (image.step, image.key)):
        shown = list(group)
        fields = list(dict.fromkeys(name for image in shown for name in image.all_fields))
        layers = list(dict.fromkeys(layer.name for image in shown for layer in image.boxes))
        rows = [_row(image, fields, layers, thumbnails) for image in shown]
        yield {"step": step, "key": key, "fields": fields, "boxes": layers, "images": rows}


def first_rows(groups: Iterable[Mapping[str, Any]], sections: Iterable[KeySection]) -> Iterator[TableView]:
    """Yield the beginning of the tables of keys at a step whose images have ids or fields.

    Parameters
    ----------
    groups
        As `of_images` gives them.
    sections
        The same images as figures.
    """
    figures = {section.key: section.figures for section in sections}
    links = {section.key: (section.href, section.all_steps) for section in sections}
    for group in groups:
        images, key = group["images"], group["key"]
        if group["fields"] or any(image[1] is not None for image in images):
            by_index = {figure.index: figure for figure in figures[key]}
            shown = images[: tables.FIRST_ROWS]
            names = ["image", "index", "id", *group["fields"], *(f"{name} boxes" for name in group["boxes"])]
            rows = [
                (TableCell("image", "", by_index[image[0]]), *map(_cell, _values(image))) for image in shown
            ]
            kinds = [
                next((row[at].kind for row in rows if row[at].kind != "none"), "none")
                for at in range(len(names))
            ]
            heads = [
                HeadCell(name, kind, kind in ("number", "bool"))
                for name, kind in zip(names, kinds, strict=True)
            ]
            yield TableView(
                key, group["step"], 0, len(images), tuple(heads), tuple(rows), "tall", *links[key]
            )


def _values(image: Sequence[Any]) -> list[Any]:
    return [image[0], image[1], *image[8], *image[9]]


def _cell(value: Any) -> TableCell:
    return tables.cell(int(value["digits"]) if isinstance(value, dict) else value)


def _row(
    image: runlog.ImageRecord, fields: Sequence[str], layers: Sequence[str], thumbnails: Mapping[str, str]
) -> list[Any]:
    values = image.all_fields
    counts = {layer.name: len(layer.boxes) for layer in image.boxes}
    return [
        image.index,
        image.id,
        None if image.caption is None else wording.clipped(image.caption, _MOST_OF_A_CAPTION),
        image.grouping,
        site_names.media_file(image.media),
        thumbnails.get(image.media.pixel_hash),
        image.media.width,
        image.media.height,
        [tables.exact(values.get(name)) for name in fields],
        [counts.get(name) for name in layers],
    ]
