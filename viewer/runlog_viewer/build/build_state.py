"""What is known of a run's site: kept between passes, and in the index script between processes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import runlog
from runlog_viewer.build.block_writer import BlockResult, Entry, block_file, captions_file
from runlog_viewer.build.blocks import StepBlocks
from runlog_viewer.build.series import AllSeries
from runlog_viewer.html import render
from runlog_viewer.pages import wording
from runlog_viewer.pages.run_and_overview import Totals
from runlog_viewer.pages.scores import Range

# Not the revision of any step: one that must be rendered again.
_STALE = -1


@dataclass(slots=True)
class RunMemory:
    """What was read of a run, and written to its site, as of `revision`.

    Attributes
    ----------
    entries, entries_of
        The steps of the block written last, and its number: most often the next step goes there too.
    encoded, links
        The JSON of each block, and its links, all or only those of its ends, where they are up to date.
    missing
        Media files that were not there when a step was rendered.
    scores
        The range of each score of the boxes. A step that is written again may leave its extremes behind: a
        slider that is a little long does no harm, and to read the whole run again would.
    latest, keys
        The latest images of each key, by key and index, of many keys those logged last; and how many there
        are.
    """

    generator: str
    blocks: StepBlocks = field(default_factory=StepBlocks)
    revision: int = -1
    state: str = ""
    steps: dict[int, runlog.StepRecord] = field(default_factory=dict)
    images: int = 0
    last_logged: datetime | None = None
    series: AllSeries = field(default_factory=AllSeries)
    texts: dict[str, runlog.TextRecord] = field(default_factory=dict)
    missing: dict[int, tuple[PurePosixPath, ...]] = field(default_factory=dict)
    scores: dict[str, Range] = field(default_factory=dict)
    latest: tuple[runlog.ImageRecord, ...] = ()
    keys: int = 0
    entries: dict[int, Entry] = field(default_factory=dict)
    entries_of: int | None = None
    encoded: dict[int, str] = field(default_factory=dict)
    links: dict[tuple[int, bool], str] = field(default_factory=dict)

    def totals(self) -> Totals:
        """Return the numbers of steps, images and keys."""
        return Totals(len(self.steps), self.images, self.keys, self.last_logged)

    def latest_step(self) -> int:
        """Return the highest step of the latest images, of which there must be some."""
        return max(image.step for image in self.latest)

    def keep_steps(self, steps: Iterable[runlog.StepRecord]) -> None:
        """Note how many images steps have, and when they were logged."""
        for record in steps:
            known = self.steps.get(record.step)
            self.images += record.image_count - (known.image_count if known else 0)
            self.steps[record.step] = record
            self.last_logged = max(self.last_logged or record.logged_at, record.logged_at)

    def keep_newest(self, texts: Iterable[runlog.TextRecord]) -> None:
        """Note texts: of each key, the one at the highest step."""
        for record in texts:
            known = self.texts.get(record.key)
            if known is None or record.step >= known.step:
                self.texts[record.key] = record

    def stale(self, steps: Iterable[runlog.StepRecord]) -> list[runlog.StepRecord]:
        """Return the steps whose page is not as of their revision."""
        return [
            record
            for record in steps
            if self.blocks.revision(record.step) != (record.revision if has_page(record) else None)
        ]

    def note(self, record: runlog.StepRecord) -> int:
        """Note that a step is about to be written, and return the number of its block."""
        if has_page(record):
            number = self.blocks.put(record.step, record.revision)
        else:
            number = self.blocks.remove(record.step)
            self.missing.pop(record.step, None)
        self.encoded.pop(number, None)
        for only_ends in (False, True):
            self.links.pop((number, only_ends), None)
        return number

    def take(self, result: BlockResult) -> None:
        """Note what was found of the steps of a block."""
        for step, keys in result.keys.items():
            self.blocks.put_keys(step, keys)
        for step, paths in result.missing.items():
            self.missing.pop(step, None)
            if paths:
                self.missing[step] = paths
        for name, (low, high) in result.scores.items():
            known_low, known_high = self.scores.get(name, (low, high))
            self.scores[name] = min(low, known_low), max(high, known_high)

    def index_script(self, run_id: str) -> str:
        """Return the index script."""
        for number in self.blocks.numbers():
            if number not in self.encoded:
                self.encoded[number] = render.to_json(self.blocks.encoded(number))
        head = {
            "run": run_id,
            "generator": self.generator,
            "revision": self.revision,
            "missing": sorted(self.missing),
            "key_sets": self.blocks.key_sets(),
            "scores": [(name, *ends) for name, ends in self.scores.items()],
        }
        blocks = ",".join(self.encoded[number] for number in self.blocks.numbers())
        return render.data_script("index", f'{render.to_json(head)[:-1]},"blocks":[{blocks}]}}')


def recall(viewer_folder: Path, run: runlog.RunRecord, generator: str) -> RunMemory | None:
    """Return what the index script in a ``viewer`` folder remembers, or None where it is of no use.

    That is so if it is of another run or another version of the viewer, or a file it speaks of is gone.
    """
    try:
        index = render.read_data_script((viewer_folder / "data" / "index.js").read_text("utf-8"))
        fits = (index["run"], index["generator"]) == (run.id, generator) and index["revision"] <= run.revision
        blocks = StepBlocks(index["blocks"], index["key_sets"])
        missing = [int(step) for step in index["missing"]]
        scores = {str(name): (float(low), float(high)) for name, low, high in index["scores"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not fits or not _expected(blocks) <= _names(viewer_folder):
        return None
    for step in missing:
        blocks.put(step, _STALE)
    return RunMemory(generator, blocks, scores=scores)


def has_page(record: runlog.StepRecord) -> bool:
    """Return whether a step has something to show on a page of its own: numbers alone are in the charts."""
    return not record.has_only_numbers


def _expected(blocks: StepBlocks) -> set[str]:
    files = {name(number) for number in blocks.numbers() for name in (block_file, captions_file)}
    return files.union(map(wording.step_file, blocks.all_steps()), render.DRAWN_PAGES, ("version.js",))


def _names(viewer_folder: Path) -> set[str]:
    folders: tuple[Any, ...] = (viewer_folder, viewer_folder / "steps", viewer_folder / "data")
    return {file.name for folder in folders if folder.is_dir() for file in folder.iterdir()}
