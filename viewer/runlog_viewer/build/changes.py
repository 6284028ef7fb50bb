"""What has changed in a run since its site was last brought up to date, read once.

The images and texts of steps that are rendered are read where their pages are written, block by block.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import runlog
from runlog_viewer.pages.run_and_overview import MAX_LATEST_KEYS


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
        The latest text of each key.
    """

    run: runlog.RunRecord
    steps: tuple[runlog.StepRecord, ...]
    numbers: tuple[runlog.ScalarSeries, ...]
    metrics: tuple[runlog.Metric, ...]
    latest_images: LatestImages | None
    latest_texts: Mapping[str, runlog.TextRecord]


def read_changes(
    reader: runlog.RunReader,
    run: runlog.RunRecord,
    revision: int,
    known_steps: Mapping[int, runlog.StepRecord],
    known_texts: Mapping[str, runlog.TextRecord],
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
        The latest text known of each key.

    Raises
    ------
    StorageError
        If the run cannot be read.
    """
    steps = reader.steps(since_revision=revision)
    is_first = revision < 0
    return Changes(
        run=run,
        steps=steps,
        numbers=reader.scalars(since_revision=revision),
        metrics=reader.metrics(),
        latest_images=_latest_images(reader) if is_first or _have_images(steps, known_steps) else None,
        latest_texts=_latest_texts(reader, None if is_first else known_texts, steps),
    )


def _have_images(steps: Iterable[runlog.StepRecord], known_steps: Mapping[int, runlog.StepRecord]) -> bool:
    """Return whether any of the steps has images, or had some."""
    return any(
        record.image_count or (record.step in known_steps and known_steps[record.step].image_count)
        for record in steps
    )


def _latest_images(reader: runlog.RunReader) -> LatestImages:
    steps = reader.latest_steps()
    shown = sorted(steps, key=lambda key: (-steps[key], key))[:MAX_LATEST_KEYS]
    images = reader.images(sorted({steps[key] for key in shown}))
    latest = (image for image in images if image.key in shown and image.step == steps[image.key])
    return LatestImages(tuple(sorted(latest, key=lambda image: (image.key, image.index))), len(steps))


def _latest_texts(
    reader: runlog.RunReader,
    known: Mapping[str, runlog.TextRecord] | None,
    changed: Iterable[runlog.StepRecord],
) -> Mapping[str, runlog.TextRecord]:
    """Return the latest text of each key; all are looked for only where one of the known is gone."""
    if known is not None:
        counts = {record.step: record.text_count for record in changed}
        with_texts = [step for step, count in counts.items() if count]
        texts = reader.texts(with_texts) if with_texts else ()
        places = {(text.key, text.step) for text in texts}
        if all(text.step not in counts or (text.key, text.step) in places for text in known.values()):
            newer = (t for t in texts if t.key not in known or t.step >= known[t.key].step)
            return {**known, **{text.key: text for text in newer}}
    return {text.key: text for text in reader.latest_texts()}
