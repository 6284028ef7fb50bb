"""The event files of one TensorBoard run → what `LocalRun.log` takes, step by step."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from runlog.errors import InvalidValueError, RunlogError
from runlog.images.image import Image
from runlog.importers.entry import Account, LoggedStep, time_of
from runlog.importers.event_folders import RunFiles
from runlog.importers.events import (
    Buckets,
    Event,
    EventReader,
    Hyperparameters,
    Number,
    Other,
    Pictures,
    Text,
)
from runlog.importers.records import read_contents
from runlog.importers.sources import SourceFile
from runlog.importers.tfrecord import read_records
from runlog.storage.layout import check_key
from runlog.values.histogram import Histogram, from_buckets

NO_KEY = "values whose tag is no key"
NEGATIVE_STEP = "values at a step below 0"
NO_PICTURE = "images that do not decode"
NO_HISTOGRAM = "histograms whose buckets are none"


def read_log(run: RunFiles, advance: Callable[[int], object], account: Account) -> Iterator[LoggedStep]:
    """Yield what the files of a run log, in their order; a step comes again where they go back to it.

    Of the metrics of ``add_hparams`` those that the run logs itself are in its summary alone.

    Parameters
    ----------
    run
        The event files of one run.
    advance
        Called with how many more bytes are read.
    account
        Notes what cannot be given on.

    Raises
    ------
    StorageError
        If a file cannot be read.
    """
    pieces = [run.own, *run.scalars, *run.hyperparameters]
    account.config["tensorboard"] = [str(file.path) for piece in pieces for file in piece.files]
    logged: set[str] = set()
    for step in _read_files(run.own.files, advance, account):
        logged.update(step.values)
        yield step
    for piece in run.scalars:
        for step in _read_files(piece.files, advance, account):
            yield replace(step, values={f"{tag}/{piece.name}": value for tag, value in step.values.items()})
    for piece in run.hyperparameters:
        for step in _read_files(piece.files, advance, account):
            account.summary |= step.values
            if values := {tag: value for tag, value in step.values.items() if tag not in logged}:
                yield replace(step, values=values)


def _read_files(
    files: Sequence[SourceFile], advance: Callable[[int], object], account: Account
) -> Iterator[LoggedStep]:
    now = datetime.now(UTC)
    step, values = 0, dict[str, Any]()
    for event in _read_events(files, account, advance):
        logged_at = time_of(event.wall_time) or now
        account.started_at = account.started_at or logged_at
        for key, value in _values(event, account):
            if values and (event.step != step or key in values):
                yield LoggedStep(step, now, values)
                values = {}
            step, now = event.step, logged_at
            values[key] = value
            account.ended_at = max(account.ended_at or now, now)
    if values:
        yield LoggedStep(step, now, values)


def _read_events(
    files: Sequence[SourceFile], account: Account, advance: Callable[[int], object]
) -> Iterator[Event]:
    events = EventReader()
    for file in files:
        yield from read_contents(
            file.name.name, read_records(file), events.read, "no event", advance, account
        )


def _values(event: Event, account: Account) -> Iterator[tuple[str, Any]]:
    """Yield what can be logged of an event by key."""
    for value in event.values:
        if isinstance(value, Other):
            account.not_taken[value.kind][value.tag] += 1
        elif isinstance(value, Hyperparameters):
            account.config |= value.values
            account.has_run = True
        elif event.step < 0:
            account.not_taken[NEGATIVE_STEP][value.tag] += 1
        elif not _is_key(value.tag):
            account.not_taken[NO_KEY][value.tag] += 1
        elif isinstance(value, Number):
            yield value.tag, value.value
        elif isinstance(value, Text):
            yield value.tag, list(value.texts) or ""
        elif isinstance(value, Buckets):
            if (histogram := _histogram(value, account)) is not None:
                yield value.tag, histogram
        elif (images := _images(value, account)) or not value.files:
            yield value.tag, images


def _is_key(tag: str) -> bool:
    try:
        check_key(tag)
    except InvalidValueError:
        return False
    return True


def _histogram(buckets: Buckets, account: Account) -> Histogram | None:
    try:
        return from_buckets(buckets.least, buckets.greatest, buckets.limits, buckets.counts)
    except RunlogError:
        account.not_taken[NO_HISTOGRAM][buckets.tag] += 1
        return None


def _images(pictures: Pictures, account: Account) -> list[Image]:
    images = []
    for file in pictures.files:
        try:
            images.append(Image(io.BytesIO(file), caption=pictures.description or None))
        except RunlogError:
            account.not_taken[NO_PICTURE][pictures.tag] += 1
    return images
