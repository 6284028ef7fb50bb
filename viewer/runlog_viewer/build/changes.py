"""What has changed in a run since its site was last brought up to date, read once.

The images and texts of steps that are rendered are read where their pages are written, block by block.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

import runlog
from runlog_viewer.pages.run_and_overview import MAX_FILES, MAX_LATEST_KEYS, RunFiles

LatestTexts = Mapping[str, tuple[runlog.TextRecord, ...]]
"""The entries of each key of texts at its latest step, in order."""


@dataclass(frozen=True, slots=True)
class LatestImages:
    """The images of each key at its latest step, by key and index: of many keys, those logged last.

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
    steps, numbers
        The steps that were logged to, and all their numbers.
    metrics
        All that `define_metric` said, the oldest first.
    latest_images
        None where they are as they were.
    latest_texts
        The latest entries of each key of texts.
    files
        What the page of the run names.
    """

    run: runlog.RunRecord
    steps: tuple[runlog.StepRecord, ...]
    numbers: tuple[runlog.ScalarSeries, ...]
    metrics: tuple[runlog.Metric, ...]
    latest_images: LatestImages | None
    latest_texts: LatestTexts
    files: RunFiles


def read_changes(
    reader: runlog.RunReader,
    run: runlog.RunRecord,
    revision: int,
    known_steps: Mapping[int, runlog.StepRecord],
    known_texts: LatestTexts,
    known_files: RunFiles,
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
    known_texts
        The latest entries known of each key of texts.
    known_files
        The files known.

    Raises
    ------
    StorageError
        If the run cannot be read.
    """
    steps = reader.steps(since_revision=revision)

    def may_differ(count: str) -> bool:
        """Return whether any step that changed has values of a kind, named by their count, or had some."""
        found = ((record, known_steps.get(record.step)) for record in steps)
        return revision < 0 or any(getattr(one, count) for both in found for one in both if one)

    return Changes(
        run=run,
        steps=steps,
        numbers=reader.scalars(since_revision=revision),
        metrics=reader.metrics(),
        latest_images=_latest_images(reader) if may_differ("image_count") else None,
        latest_texts=(
            _latest_texts(reader, None if revision < 0 else known_texts, steps)
            if may_differ("text_count")
            else known_texts
        ),
        files=_files_of_run(reader, _logged_files(reader) if may_differ("file_count") else known_files),
    )


def _latest_images(reader: runlog.RunReader) -> LatestImages:
    steps = reader.latest_steps()
    shown = sorted(steps, key=lambda key: (-steps[key], key))[:MAX_LATEST_KEYS]
    images = reader.images(sorted({steps[key] for key in shown}))
    latest = (image for image in images if image.key in shown and image.step == steps[image.key])
    return LatestImages(tuple(sorted(latest, key=lambda image: (image.key, image.index))), len(steps))


def _logged_files(reader: runlog.RunReader) -> RunFiles:
    """Return the files that were logged, without those of the run as a whole."""
    logged = reader.latest_values(runlog.FILE)
    last = sorted(logged, key=attrgetter("step"), reverse=True)[:MAX_FILES]
    named = sorted(last, key=attrgetter("key", "index"))
    return RunFiles(tuple(named), len(logged))


def _files_of_run(reader: runlog.RunReader, logged: RunFiles) -> RunFiles:
    """Return files that were logged with those of the run as a whole, which no step tells of."""
    first = reader.run_files(MAX_FILES)
    # To count all there is takes longer with each step.
    count = reader.counts().run_files if len(first) == MAX_FILES else len(first)
    return replace(logged, of_run=first, of_run_count=count)


def _latest_texts(
    reader: runlog.RunReader,
    known: LatestTexts | None,
    changed: Iterable[runlog.StepRecord],
) -> LatestTexts:
    """Return the latest entries of each key; all are looked for only where one of the known is gone."""
    if known is not None:
        counts = {record.step: record.text_count for record in changed}
        with_texts = [step for step, count in counts.items() if count]
        found = _entries(reader.texts(with_texts) if with_texts else ())
        places = {(key, entries[0].step) for key, entries in found}
        if all(e[0].step not in counts or (key, e[0].step) in places for key, e in known.items()):
            newer = ((key, e) for key, e in found if key not in known or e[0].step >= known[key][0].step)
            return {**known, **dict(newer)}
    return dict(_entries(reader.latest_texts()))


def _entries(texts: Iterable[runlog.TextRecord]) -> list[tuple[str, tuple[runlog.TextRecord, ...]]]:
    """Return the entries of each key and step together, in the order of the texts."""
    return [(key, tuple(group)) for (key, _), group in groupby(texts, attrgetter("key", "step"))]
