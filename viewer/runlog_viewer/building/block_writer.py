"""A block of steps → their gallery pages and the data scripts of the block.

What is to be written comes as a job and what was written goes as a result, both frozen and picklable: a block
can be written by any process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import Any

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building import mask_files, site_files, thumbs
from runlog_viewer.building.blocks import KeySet
from runlog_viewer.building.missing_files import missing_files, shown_files
from runlog_viewer.html import data_scripts, render
from runlog_viewer.pages import image_rows, logged_texts, scores, searched, site_names, wording
from runlog_viewer.pages.gallery import gallery, pictures_of
from runlog_viewer.pages.key_order import K, KeyOrder
from runlog_viewer.pages.tables import FIRST_ROWS
from runlog_viewer.pages.value_kinds import VALUE_KINDS, ValueKind
from runlog_viewer.pages.values import Gallery, MaskFilter, StepPage, Text

Images = tuple[runlog.ImageRecord, ...]
Records = tuple[Any, ...]

_FROM_STEP_PAGE = "../../"


@dataclass(frozen=True, slots=True)
class Entry:
    """One step in the data scripts of its block.

    Attributes
    ----------
    encoded
        Revision, gallery (packed) and time, as JSON.
    captions
        What is searched of the captions and texts, as JSON lists separated by commas.
    rows
        What tables say of its images, as JSON separated by commas.
    filters
        The filters that the gallery needs.
    """

    encoded: str
    captions: str
    rows: str
    filters: tuple[MaskFilter, ...]


@dataclass(frozen=True, slots=True)
class StepJob:
    """One step to render: for its page, or only for the data script of its block.

    Attributes
    ----------
    previous, following
        The steps before and after it, if there are.
    numbers
        What was logged at it besides images, by key.
    has_page
        Whether its page is to be written, too.
    """

    record: runlog.StepRecord
    previous: int | None
    following: int | None
    numbers: tuple[tuple[str, float], ...]
    has_page: bool


@dataclass(frozen=True, slots=True)
class WrittenBlock:
    """A block as it was written last.

    Attributes
    ----------
    sample
        What its galleries are packed beside: that of its first step.
    entries
        Its steps.
    """

    number: int
    sample: bytes
    entries: Mapping[int, Entry]

    def has_sample_of(self, steps: Sequence[int]) -> bool:
        """Return whether all of a block of these steps would be packed beside the same."""
        return bool(steps) and next(iter(self.entries), None) == steps[0]


@dataclass(frozen=True, slots=True)
class BlockJob:
    """What is to be written of a block.

    Attributes
    ----------
    members
        All steps of the block, ascending.
    steps
        Those to render.
    known
        The entries of all others.
    sample
        What these are packed beside; None where there are none.
    """

    number: int
    members: tuple[int, ...]
    steps: tuple[StepJob, ...]
    known: Mapping[int, Entry]
    sample: bytes | None


@dataclass(frozen=True, slots=True)
class BlockResult:
    """What was found of the rendered steps of a block.

    Attributes
    ----------
    number
        The number of the block.
    keys, missing
        Of each step, the keys of its images and other values, and the media files that are not there.
    scores
        The range of each score of the boxes.
    pages_written
        How many pages changed.
    """

    number: int
    keys: Mapping[int, KeySet]
    missing: Mapping[int, tuple[PurePosixPath, ...]]
    scores: Mapping[str, scores.Range]
    pages_written: int


class BlockWriter:
    """Writes blocks of the steps of one run.

    Parameters
    ----------
    reader
        The run, open.
    target
        The folder that holds the site, and the media or a link to them.
    frame
        What the pages of its steps share, as `render.step_frame` gave it.
    """

    def __init__(self, reader: runlog.RunReader, target: Path, frame: tuple[str, ...]) -> None:
        self._reader = reader
        self._target = target
        self._frame = frame
        self._sample: bytes | None = None
        self.last: WrittenBlock | None = None
        """The block that was written last."""

    def write(self, job: BlockJob) -> BlockResult:
        """Write the pages of a job, and the data scripts of its block.

        Raises
        ------
        StorageError
            If the run cannot be read.
        OSError
            If the site cannot be written.
        """
        steps = [step_job.record.step for step_job in job.steps]
        images = self._by_step(self._reader.images(steps))
        values = {kind.name: self._by_step(self._values(kind, job.steps)) for kind in VALUE_KINDS}
        files = {step: _files(images.get(step, ()), values, step) for step in steps}
        gone = set(missing_files(self._reader.folder, chain.from_iterable(files.values())))
        missing = {step: tuple(sorted(of_step & gone)) for step, of_step in files.items()}
        entries, ranges = dict(job.known), dict[str, scores.Range]()
        written = 0
        self._sample = job.sample
        for step_job in job.steps:
            step = step_job.record.step
            shown = images.get(step, ())
            at_step = {name: found.get(step, ()) for name, found in values.items()}
            scores.widen(ranges, (*shown, *pictures_of(at_step)))
            entries[step], changed = self._write_step(step_job, shown, at_step, missing[step])
            written += changed
        self.last = WrittenBlock(
            job.number, self._sample or b"", {step: entries[step] for step in job.members}
        )
        self._write_scripts(self.last)
        by_kind = (images, *(values[kind.name] for kind in runlog.ROW_KINDS))
        keys = {step: tuple(_keys(found.get(step, ())) for found in by_kind) for step in steps}
        return BlockResult(job.number, keys, missing, ranges, written)

    @cached_property
    def _order(self) -> KeyOrder:
        return KeyOrder(self._reader.keys())

    def _by_step(self, records: Iterable[K]) -> dict[int, tuple[K, ...]]:
        """Return records, given by step, in the order of their keys."""
        return {step: self._order.of(group) for step, group in groupby(records, attrgetter("step"))}

    def _values(self, kind: ValueKind, jobs: Iterable[StepJob]) -> list[Any]:
        """Read the values of a kind where there are any; of tables, their first rows."""
        steps = [job.record.step for job in jobs if kind.count(job.record)]
        if not steps:
            return []
        with self._reader.one_moment():
            records = self._reader.values(kind.kind, steps)
            return [kind.opened(self._reader, record, FIRST_ROWS) for record in records]

    def _write_step(
        self, job: StepJob, images: Images, values: Mapping[str, Records], missing: Collection[PurePosixPath]
    ) -> tuple[Entry, bool]:
        """Render one step and write its page, if it is to have one; return whether that changed it, too."""
        record = job.record
        pictures = (*images, *pictures_of(values))
        thumbnails = thumbs.make(self._target, self._reader.folder, (image.media for image in pictures))
        value = gallery(record.step, images, _FROM_STEP_PAGE, missing, job.numbers, thumbnails, values)
        html = render.gallery(value)
        if self._sample is None:
            self._sample = data_scripts.sample_of(html)
        logged = wording.moment(record.logged_at)
        entry = Entry(
            data_scripts.to_json([record.revision, data_scripts.packed(html, self._sample), logged]),
            _searched(images, thumbnails, value),
            data_scripts.to_json(list(image_rows.of_images(images, thumbnails)))[1:-1],
            value.filters,
        )
        if not job.has_page:
            return entry, False
        mask_files.write(self._target, self._reader.folder, images, missing)
        if record.text_count and self._write_whole_texts(record.step, value.rows["text"]):
            html = render.gallery(value, whole_texts=True)
        tables = tuple(image_rows.first_rows(images, value.sections))
        place = record.step, record.revision, job.previous, job.following
        html = render.step_page(self._frame, StepPage(*place, logged, value, tables), html)
        return entry, site_files.write(self._target, site_names.step_page(record.step), html)

    def _write_whole_texts(self, step: int, texts: Iterable[Text]) -> bool:
        """Write the very long texts of a step, which its block has not; return whether there are any."""
        name = site_names.texts_script(step)
        whole = logged_texts.whole(texts)
        if whole:
            site_files.write(
                self._target, name, data_scripts.data_script(f"texts-{step}", data_scripts.to_json(whole))
            )
        else:
            SafeFolder(self._target).remove(name)
        return bool(whole)

    def _write_scripts(self, block: WrittenBlock) -> None:
        """Write the data scripts of a block, out of its entries."""
        number, entries = block.number, block.entries
        filters = {filter.id: filter for entry in entries.values() for filter in entry.filters}
        steps = ",".join(f'"{step}":{entry.encoded}' for step, entry in entries.items())
        markup = data_scripts.to_json(render.mask_filters(tuple(filters.values())))
        sample = data_scripts.to_json(data_scripts.packed_sample(block.sample))
        value = f'{{"filters":{markup},"sample":{sample},"steps":{{{steps}}}}}'
        script = data_scripts.data_script(f"block-{number}", value)
        site_files.write(self._target, site_names.block_script(number), script)
        captions = ",".join(entry.captions for entry in entries.values() if entry.captions)
        script = data_scripts.packed_script(f"captions-{number}", f"[{captions}]")
        site_files.write(self._target, site_names.captions_script(number), script)
        rows = ",".join(entry.rows for entry in entries.values() if entry.rows)
        script = data_scripts.packed_script(f"images-{number}", f"[{rows}]")
        site_files.write(self._target, site_names.images_script(number), script)


def _files(images: Images, values: Mapping[str, Mapping[int, Records]], step: int) -> set[PurePosixPath]:
    """Return the files that a step shows or names."""
    at_step = {name: found.get(step, ()) for name, found in values.items()}
    named = (path for kind in VALUE_KINDS for one in at_step[kind.name] for path in kind.files(one))
    return {*shown_files((*images, *pictures_of(at_step))), *named}


def _searched(images: Images, thumbnails: Mapping[str, str], value: Gallery) -> str:
    found = [one for kind in VALUE_KINDS for one in kind.searched(value.rows[kind.name])]
    return data_scripts.to_json([*found, *searched.of_images(images, thumbnails)])[1:-1]


def _keys(records: Records) -> tuple[str, ...]:
    return tuple(dict.fromkeys(record.key for record in records))
