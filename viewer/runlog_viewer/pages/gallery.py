"""Image records → the gallery of one step, as page values. Pure: no file is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

import runlog
from runlog import palette
from runlog_viewer.pages import box_tags, facts, figure_sizes, judged, numbers, site_names, tables, wording
from runlog_viewer.pages.layers import KINDS, mask_rules
from runlog_viewer.pages.legend import legend
from runlog_viewer.pages.value_kinds import VALUE_KINDS
from runlog_viewer.pages.values import (
    Canvas,
    DrawnLayer,
    Figure,
    FigureGroup,
    Gallery,
    Judgement,
    KeySection,
    Layer,
    ListedLayer,
    Listing,
    MaskFilter,
)

_DRAWN_KINDS = KINDS[::-1]
_ALT_LENGTH, _LONG_CAPTION, _LONG_CAPTION_LINES = 200, 180, 3


def gallery(
    step: int,
    images: Sequence[runlog.ImageRecord],
    to_run_folder: str,
    missing: Collection[PurePosixPath] = (),
    scalars: Iterable[tuple[str, float]] = (),
    thumbnails: Mapping[str, str] = MappingProxyType({}),
    values: Mapping[str, Sequence[Any]] = MappingProxyType({}),
    rules: Mapping[str, palette.MaskRule] | None = None,
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
        What was logged at this step besides images: numbers by key, and the records of each of `VALUE_KINDS`
        by its name, opened.
    thumbnails
        Pixel hash → the path of a small copy, relative to the run folder.
    rules
        What is drawn of the masks of each key; needed where `images` are not all that a key has at its step.
    """
    cells = pictures_of(values)
    known = _layers([*images, *cells])
    rules = mask_rules(images) if rules is None else rules
    figures = [
        _figure(image, to_run_folder, known, rules[image.key], missing, thumbnails) for image in images
    ]
    draw, cell_filters = cell_drawer(cells, to_run_folder, missing, thumbnails, known)
    of_key = {key: tuple(group) for key, group in groupby(images, lambda image: image.key)}
    sections = [
        _section(key, tuple(group), to_run_folder, judged.judgement(of_key[key]))
        for key, group in groupby(figures, lambda figure: figure.key)
    ]
    here = {section.key: len(section.figures) for section in sections if section.step == step}
    filters = [filter for figure in figures for layer in figure.layers for filter in layer.filters]
    rows = {
        kind.name: kind.beside(kind.shown(values.get(kind.name, ()), to_run_folder, draw), here)
        for kind in VALUE_KINDS
    }
    return Gallery(
        step=step,
        numbers=numbers.facts(scalars),
        rows=rows,
        sections=tuple(sections),
        layers=tuple(known.values()),
        legend=legend([*images, *cells], {**mask_rules(cells), **rules}),
        filters=tuple({filter.id: filter for filter in (*filters, *cell_filters())}.values()),
    )


def pictures_of(values: Mapping[str, Iterable[Any]]) -> list[runlog.ImageRecord]:
    """Return the pictures that values show which are no images, given by kind."""
    return [
        picture for kind in VALUE_KINDS for one in values.get(kind.name, ()) for picture in kind.pictures(one)
    ]


def cell_drawer(
    pictures: Sequence[runlog.ImageRecord],
    to_run_folder: str,
    missing: Collection[PurePosixPath],
    thumbnails: Mapping[str, str],
    layers: Mapping[tuple[str, str], Layer] | None = None,
) -> tuple[tables.Draw, Callable[[], Iterable[MaskFilter]]]:
    """Return how pictures in the cells of tables are drawn, and what gives the filters of those drawn so far.

    Parameters
    ----------
    pictures
        All that are to be drawn.
    layers
        Those of the page; by default of the pictures.
    """
    known = _layers(pictures) if layers is None else layers
    rules = mask_rules(pictures)
    drawn: list[Figure] = []

    def draw(image: runlog.ImageRecord) -> Figure:
        drawn.append(_figure(image, to_run_folder, known, rules[image.key], missing, thumbnails))
        return drawn[-1]

    return draw, lambda: (filter for figure in drawn for layer in figure.layers for filter in layer.filters)


def _layers(images: Sequence[runlog.ImageRecord]) -> dict[tuple[str, str], Layer]:
    """Return the layers of images by kind and name, in the order of their switches."""
    return {
        (kind.name, name): Layer(kind.name, name, line)
        for kind in KINDS
        for line, name in enumerate(
            sorted({record.name for image in images for record in kind.records(image)})
        )
    }


def _section(
    key: str, figures: tuple[Figure, ...], to_run_folder: str, judgement: Judgement | None
) -> KeySection:
    step = figures[0].step
    href, all_steps = to_run_folder + site_names.step_page(step), to_run_folder + site_names.key_page(key)
    cell = figure_sizes.cell([(figure.width, figure.height) for figure in figures])
    return KeySection(key, step, href, all_steps, cell, _groups(figures), judgement)


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
    layers: Mapping[tuple[str, str], Layer],
    rule: palette.MaskRule,
    missing: Collection[PurePosixPath],
    thumbnails: Mapping[str, str],
) -> Figure:
    width, height = image.media.width, image.media.height
    canvas = _canvas(width, height, to_run_folder)
    drawn = box_tags.written(
        [
            kind.draw(record, layers[kind.name, record.name], canvas, rule)
            for kind in _DRAWN_KINDS
            for record in kind.records(image)
        ],
        canvas,
    )
    alt = image.caption or f"{image.key}, step {image.step}, {image.index}"
    thumbnail = thumbnails.get(image.media.pixel_hash)
    return Figure(
        key=image.key,
        step=image.step,
        index=image.index,
        id=image.id,
        grouping=image.grouping,
        href=to_run_folder + site_names.media_file(image.media),
        thumbnail=None if thumbnail is None else to_run_folder + thumbnail,
        pixels=site_names.copy_name(image.media),
        width=width,
        height=height,
        least_width=canvas.least_width,
        shape=figure_sizes.shape(width, height),
        is_small=width < figure_sizes.shown_width(width, height),
        is_missing=image.media.path in missing,
        alt=alt if len(alt) <= _ALT_LENGTH else alt[:_ALT_LENGTH] + "…",
        caption=image.caption,
        is_long=_is_long(image.caption or ""),
        layers=drawn,
        listings=_listings(drawn),
        facts=(*facts.of_image(image), *[fact for layer in drawn for fact in layer.facts]),
        hint=facts.of_conversion(image.conversion).hint,
    )


def _listings(layers: Sequence[DrawnLayer]) -> tuple[Listing, ...]:
    """Return what is listed of layers, by kind."""
    listings = []
    for kind in KINDS:
        listed = [
            ListedLayer(layer.layer.name, layer.listed, layer.not_drawn)
            for layer in layers
            if layer.layer.kind == kind.name and (layer.listed or layer.not_drawn)
        ]
        if listed:
            count = sum([len(layer.drawn) + len(layer.not_drawn) for layer in listed])
            listings.append(Listing(kind.name, wording.plural(count, kind.one, kind.name), tuple(listed)))
    return tuple(listings)


@lru_cache(maxsize=64)  # most images of a run have one size
def _canvas(width: int, height: int, to_run_folder: str) -> Canvas:
    return Canvas(width, height, figure_sizes.least_width(width, height), to_run_folder)


def _is_long(caption: str) -> bool:
    return len(caption) > _LONG_CAPTION or caption.count("\n") >= _LONG_CAPTION_LINES
