"""What has changed in a run since its site was last brought up to date, read once.

What steps that are rendered have is read where their pages are written, block by block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

import runlog
from runlog_viewer.pages.key_order import KeyOrder
from runlog_viewer.pages.run_and_overview import MAX_FILES, MAX_LATEST_KEYS, RunFiles
from runlog_viewer.pages.system import SystemSeries

CONSOLE_BYTES = 16_000
"""How much of its end the page of a run shows of what the script printed."""


@dataclass(frozen=True, slots=True)
class LatestImages:
    """The images of each key at its latest step, in the order of keys: of many keys, those logged last.

    Attributes
    ----------
    keys
        How many keys have images.
    """

    images: tuple[runlog.ImageRecord, ...] = ()
    keys: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new in a run.

    Attributes
    ----------
    run
        The run as it is now.
    keys
        The order of its keys.
    steps, numbers
        The steps that were logged to, and all their numbers.
    system
        The numbers of the machine that are new.
    console
        The end of what the script printed.
    metrics
        All that `define_metric` said, the oldest first.
    latest_images
        None where they are as they were.
    files
        The files of the run as a whole.
    """

    run: runlog.RunRecord
    keys: KeyOrder
    steps: tuple[runlog.StepRecord, ...]
    numbers: tuple[runlog.ScalarSeries, ...]
    system: tuple[SystemSeries, ...]
    console: str
    metrics: tuple[runlog.Metric, ...]
    latest_images: LatestImages | None
    files: RunFiles


def read_changes(
    reader: runlog.RunReader,
    run: runlog.RunRecord,
    revision: int,
    known_steps: Mapping[int, runlog.StepRecord],
    measured_until: datetime | None,
) -> Changes:
    """Return what changed after a revision.

    Parameters
    ----------
    run
        The run as it was read before.
    revision
        What is known is as of this one; -1 where nothing is.
    known_steps
        The steps known.
    measured_until
        The numbers of the machine are known up to this time.

    Raises
    ------
    StorageError
        If the run cannot be read.
    """
    steps = reader.steps(since_revision=revision)
    keys = KeyOrder(reader.keys())
    return Changes(
        run=run,
        keys=keys,
        steps=steps,
        numbers=tuple(_of_steps(reader.scalars(since_revision=revision), steps)),
        system=reader.system_numbers(measured_until),
        console=reader.console(CONSOLE_BYTES),
        metrics=reader.metrics(),
        latest_images=_latest_images(reader, keys)
        if revision < 0 or _have_images(steps, known_steps)
        else None,
        files=_files(reader),
    )


def _of_steps(
    numbers: Iterable[runlog.ScalarSeries], steps: Sequence[runlog.StepRecord]
) -> Iterator[runlog.ScalarSeries]:
    """Yield what numbers are of some steps: those logged to since these were read come with the next pass."""
    there = np.array([record.step for record in steps], np.int64)
    for one in numbers:
        kept = np.isin(one.steps, there, assume_unique=True)
        if kept.all():
            yield one
        elif kept.any():
            yield runlog.ScalarSeries(one.key, one.steps[kept], one.values[kept])


def _have_images(steps: Iterable[runlog.StepRecord], known_steps: Mapping[int, runlog.StepRecord]) -> bool:
    """Return whether any of the steps has images, or had some."""
    return any(
        record.image_count or (record.step in known_steps and known_steps[record.step].image_count)
        for record in steps
    )


def _latest_images(reader: runlog.RunReader, keys: KeyOrder) -> LatestImages:
    steps = reader.latest_steps()
    shown = sorted(steps, key=lambda key: (-steps[key], key))[:MAX_LATEST_KEYS]
    images = reader.images(sorted({steps[key] for key in shown}))
    latest = (image for image in images if image.key in shown and image.step == steps[image.key])
    return LatestImages(keys.of(latest), len(steps))


def _files(reader: runlog.RunReader) -> RunFiles:
    first = reader.run_files(MAX_FILES)
    # To count all there is takes longer with each step.
    return RunFiles(first, reader.counts().run_files if len(first) == MAX_FILES else len(first))
