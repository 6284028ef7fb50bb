"""``runlog export html``: pictures of a run, its numbers and its charts as one file that opens anywhere.

The file needs no other, no network and no scripts. It has a budget of bytes: pictures are taken in turn of
each key until it is used up, and what was cut is said in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import runlog
from runlog import palette
from runlog.exporters.key_images import MOST_OF_KEY, KeyImages, cut_layers, first_images, worst_images
from runlog.exporters.output import ExportResult, Tally, opened, path_outside
from runlog.exporters.selection import Progress, read_selection
from runlog.files.paths import absolute_path
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building import inlined
from runlog_viewer.building.missing_files import missing_files, shown_files
from runlog_viewer.building.series import AllSeries
from runlog_viewer.html import markup, render
from runlog_viewer.html.assets import report_style
from runlog_viewer.pages import facts, judged, wording
from runlog_viewer.pages.gallery import gallery
from runlog_viewer.pages.key_order import KeyOrder
from runlog_viewer.pages.layers import mask_rules
from runlog_viewer.pages.run_and_overview import Totals, run_page
from runlog_viewer.pages.value_kinds import VALUE_KINDS
from runlog_viewer.pages.values import DrawnLayer, Figure, Gallery, Judgement, ReportSection, RunPage

MAX_BYTES = 20_000_000
LEAST_BYTES = 100_000
_MOST_MISSES = 100
"""After so many pictures in a row that have no room no other is tried: thousands would take minutes."""


class _Made(NamedTuple):
    """A picture and its HTML."""

    image: runlog.ImageRecord
    html: str


def export(
    run: runlog.RunReader | str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    keys: str | Iterable[str] | None = None,
    steps: int | str | None = None,
    layers: str | Iterable[str] | None = None,
    min_score: float | str | None = None,
    worst: int | None = None,
    max_bytes: int = MAX_BYTES,
    progress: Progress | None = None,
) -> ExportResult:
    """Write a report of a run: one HTML file.

    Parameters
    ----------
    run
        A run folder, or a reader of one.
    out
        The file, ending with ``.html``, outside the run folder; one that is there is replaced.
    keys, steps, layers, min_score
        Which pictures and which of their layers and boxes; see `runlog.exporters.selection.read_selection`.
        By default the last step of each key.
    worst
        Only so many pictures of each key: those that were judged worst, by boxes missed and invented, else by
        the mean IoU of masks. The steps are then all by default.
    max_bytes
        How large the file may be, at least 100,000; 20 MB by default.
    progress
        Called with how many steps are read, and how many there are.

    Raises
    ------
    InvalidTypeError, InvalidValueError, StorageError
        If the choice stands for nothing, nothing in it was judged, or a file cannot be read or written.
    """
    path = _check(out, worst, max_bytes)
    if steps is None and worst is None:
        steps = "last"
    chosen = read_selection(keys, steps, layers, min_score)
    tally = Tally()
    with opened(run) as reader:
        path_outside(path, [reader.folder])
        chosen.check_keys(reader.counts().images)
        groups = (
            worst_images(chosen, reader, worst, progress) if worst else first_images(chosen, reader, progress)
        )
        _count_unchosen(groups, worst, tally)
        shown = [
            replace(group, images=tuple(cut_layers(image, chosen, tally) for image in group.images))
            for group in KeyOrder(reader.keys()).of(groups)
        ]
        html = _compose(reader, shown, max_bytes, tally)
    _write(path, html)
    return tally.result(path)


def _count_unchosen(groups: Iterable[KeyImages], worst: int | None, tally: Tally) -> None:
    """Count the images that are left out however small they are."""
    if count := sum(group.count - len(group.images) for group in groups):
        most = f"{min(worst, MOST_OF_KEY):,} worst" if worst else f"first {MOST_OF_KEY:,}"
        tally.left_out[f"images past the {most} of each key"] = count


def _check(out: str | os.PathLike[str], worst: int | None, max_bytes: int) -> Path:
    path = absolute_path(out)
    if path.suffix.lower() not in (".html", ".htm"):
        raise runlog.InvalidValueError(f"a report must go to a file ending with .html, but got {path}")
    if worst is not None and worst < 1:
        raise runlog.InvalidValueError(f"worst must be at least 1, but got {worst}")
    if max_bytes < LEAST_BYTES:
        raise runlog.InvalidValueError(f"max_bytes must be at least {LEAST_BYTES:,}, but got {max_bytes:,}")
    return path


def _write(path: Path, html: str) -> None:
    try:
        SafeFolder(path.parent).write(path.name, html.encode())
    except OSError as error:
        raise runlog.StorageError(f"{path} must be writable, but: {error.strerror}") from None


def _compose(reader: runlog.RunReader, keys: Sequence[KeyImages], max_bytes: int, tally: Tally) -> str:
    """Return a report with as many pictures as its budget takes."""
    page, left_out, style, media = _page(reader), _left_out(reader), report_style(), SafeFolder(reader.folder)
    rules = {name: rule for key in keys for name, rule in mask_rules(key.images).items()}
    missing = missing_files(reader.folder, shown_files(image for key in keys for image in key.images))
    tally.problems += [f"{path} must be there, but is missing" for path in missing]
    drawn = {key.key: gallery(0, key.images, "", missing, rules=rules) for key in keys}
    figures = {
        (figure.key, figure.step, figure.index): figure
        for of_key in drawn.values()
        for section in of_key.sections
        for figure in section.figures
    }
    filters = tuple({one.id: one for of_key in drawn.values() for one in of_key.filters}.values())
    said = {key.key: _judgement(key.judged) for key in keys}
    whole = [(_section(key, drawn[key.key], len(key.images), said[key.key]), ()) for key in keys]
    room = max_bytes - len(render.report(page, whole, left_out, filters, style).encode())

    def made() -> Iterator[_Made]:
        for key, image in _in_turn(keys):
            figure = _inlined(figures[image.key, image.step, image.index], image, media, rules)
            cell = drawn[key.key].sections[0].cell
            yield _Made(image, markup.report_figure(figure, cell, facts.of_fields(image)))

    taken: dict[str, list[_Made]] = {key.key: [] for key in keys}
    for one in _fitting(made(), room):
        taken[one.image.key].append(one)
    tally.written["images"] = sum(map(len, taken.values()))
    if cut := sum(len(key.images) for key in keys) - tally.written["images"]:
        tally.left_out["images past the size of the file"] = cut
    sections = []
    for key in keys:
        shown = taken[key.key]
        is_whole = len(shown) == len(key.images)
        of_key = drawn[key.key] if is_whole else gallery(0, [one.image for one in shown], "", rules=rules)
        sections.append((_section(key, of_key, len(shown), said[key.key]), [one.html for one in shown]))
    return render.report(page, sections, left_out, filters, style)


def _fitting(made: Iterable[_Made], room: int) -> Iterator[_Made]:
    """Yield the pictures that have room: after one that is too large, smaller ones may have it."""
    misses = 0
    for one in made:
        size = len(one.html.encode())
        if size <= room:
            room, misses = room - size, 0
            yield one
        elif (misses := misses + 1) == _MOST_MISSES:
            break


def _in_turn(keys: Sequence[KeyImages]) -> Iterator[tuple[KeyImages, runlog.ImageRecord]]:
    """Yield the first picture of each key, then the second of each, and so on."""
    for place in range(max((len(key.images) for key in keys), default=0)):
        yield from ((key, key.images[place]) for key in keys if place < len(key.images))


def _section(key: KeyImages, of_key: Gallery, shown: int, judgement: Judgement | None) -> ReportSection:
    cell = of_key.sections[0].cell if of_key.sections else 0
    return ReportSection(key.key, cell, shown, key.count, of_key.layers, of_key.legend, judgement)


def _judgement(images: Sequence[runlog.ImageRecord]) -> Judgement | None:
    """Return what is said of the judged images of a step, whichever of them are in the report."""
    found = judged.judgement(images)
    return found and replace(found, about=f"{found.about} of step {images[0].step}")


def _inlined(
    figure: Figure, image: runlog.ImageRecord, media: SafeFolder, rules: Mapping[str, palette.MaskRule]
) -> Figure:
    """Return a picture that links to nothing: its pixels and those of its masks are in it."""
    records = {record.name: record for record in image.masks}
    layers: list[DrawnLayer] = []
    for drawn in figure.layers:
        if drawn.layer.kind != "masks":
            layers.append(drawn)
        elif url := inlined.mask(media, records[drawn.layer.name], rules[image.key]):
            layers.append(drawn._replace(shapes=(drawn.shapes[0]._replace(href=url, ids_href=""),)))
    url = inlined.picture(media, image.media)
    return replace(
        figure,
        href="",
        thumbnail=url or "data:,",
        hint=figure.hint if url or figure.is_missing else "too large for a report",
        layers=tuple(layers),
    )


def _page(reader: runlog.RunReader) -> RunPage:
    """Return the run with its numbers and charts, and without pictures."""
    run, counts, series = reader.run(), reader.counts(), AllSeries()
    series.replace((), reader.scalars())
    series.arrange(KeyOrder(reader.keys()))
    series.define(reader.metrics())
    totals = Totals(counts.steps, sum(counts.images.values()), len(counts.images), counts.last_logged)
    return run_page(
        run, totals, gallery(0, (), ""), series, {}, headline_numbers=series.headline(), has_overview=False
    )


def _left_out(reader: runlog.RunReader) -> list[str]:
    """Return what a run has and no report shows, in words."""
    counts = reader.counts()
    return [
        wording.plural(len(keys), f"key of {kind.many}", f"keys of {kind.many}")
        for kind in VALUE_KINDS
        if (keys := kind.keys(counts))
    ]
