"""Image records → the rows of the table that the page of a key has of its images. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    for group in _groups(images):
        rows = [_row(image, group, thumbnails) for image in group.images]
        yield {
            "step": group.step,
            "key": group.key,
            "fields": group.fields,
            "boxes": group.layers,
            "images": rows,
        }


def first_rows(images: Iterable[runlog.ImageRecord], sections: Iterable[KeySection]) -> Iterator[TableView]:
    """Yield the beginning of the tables of keys at a step whose images have ids or fields.

    Parameters
    ----------
    images
        Ordered by key and index.
    sections
        The same images as figures.
    """
    sections_by_key = {section.key: section for section in sections}
    for group in _groups(images):
        if group.fields or any(image.id is not None for image in group.images):
            yield _table(group, sections_by_key[group.key])


@dataclass(frozen=True, slots=True)
class _Group:
    """The images of a key at a step, all fields that any of them has, and the names of layers of boxes."""

    step: int
    key: str
    images: Sequence[runlog.ImageRecord]
    fields: Sequence[str]
    layers: Sequence[str]

    def values(self, image: runlog.ImageRecord) -> list[Any]:
        """Return the values of the fields of an image; None for one it has not."""
        return list(map(image.all_fields.get, self.fields))

    def counts(self, image: runlog.ImageRecord) -> list[int | None]:
        """Return how many boxes each layer of an image has; None for one it has not."""
        counts = {layer.name: len(layer.boxes) for layer in image.boxes}
        return list(map(counts.get, self.layers))


def _groups(images: Iterable[runlog.ImageRecord]) -> Iterator[_Group]:
    for (step, key), group in groupby(images, lambda image: (image.step, image.key)):
        shown = list(group)
        fields = dict.fromkeys(name for image in shown for name in image.all_fields)
        layers = dict.fromkeys(layer.name for image in shown for layer in image.boxes)
        yield _Group(step, key, shown, list(fields), list(layers))


def _table(group: _Group, section: KeySection) -> TableView:
    figures = {figure.index: figure for figure in section.figures}
    rows = tuple(
        (
            TableCell("image", "", figures[image.index]),
            *map(tables.cell, (image.index, image.id, *group.values(image), *group.counts(image))),
        )
        for image in group.images[: tables.FIRST_ROWS]
    )
    names = ["image", "index", "id", *group.fields, *(f"{name} boxes" for name in group.layers)]
    kinds = [
        next((cell.kind for cell in column if cell.kind != "none"), "none")
        for column in zip(*rows, strict=True)
    ]
    heads = tuple(
        HeadCell(name, kind, kind in ("number", "bool")) for name, kind in zip(names, kinds, strict=True)
    )
    links = section.href, section.all_steps
    return TableView(group.key, group.step, 0, len(group.images), heads, rows, "tall", *links)


def _row(image: runlog.ImageRecord, group: _Group, thumbnails: Mapping[str, str]) -> list[Any]:
    return [
        image.index,
        image.id,
        None if image.caption is None else wording.clipped(image.caption, _MOST_OF_A_CAPTION),
        image.grouping,
        site_names.media_file(image.media),
        thumbnails.get(image.media.pixel_hash),
        image.media.width,
        image.media.height,
        list(map(tables.exact, group.values(image))),
        group.counts(image),
    ]
