"""The event files of one TensorBoard run → what `LocalRun.log` takes, step by step."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runlog.errors import InvalidValueError, RunlogError
from runlog.images.image import Image
from runlog.importers.events import Buckets, Event, EventReader, Number, Other, Pictures, Text
from runlog.importers.tfrecord import Damage, read_records
from runlog.storage.layout import check_key
from runlog.values.histogram import Histogram, from_buckets

NO_KEY = "values whose tag is no key"
NEGATIVE_STEP = "values at a step below 0"
NO_PICTURE = "images that do not decode"
NO_HISTOGRAM = "histograms whose buckets are none"


@dataclass(frozen=True, slots=True)
class LoggedStep:
    """What was logged at a step, by key, and when."""

    step: int
    logged_at: datetime
    values: dict[str, Any]


@dataclass(slots=True)
class Account:
    """What is noted on the way through the files; see `runlog.importers.tensorboard.ImportedRun`.

    Attributes
    ----------
    started_at
        When the first event was written.
    read
        How many scalars, texts, images and histograms were given on.
    """

    started_at: datetime | None = None
    read: Counter[str] = field(default_factory=Counter)
    not_taken: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_log(
    files: Sequence[Path], account: Account, advance: Callable[[int], object]
) -> Iterator[LoggedStep]:
    """Yield what the files log, in their order; a step comes again where they go back to it.

    Parameters
    ----------
    files
        The event files of one run.
    account
        Notes what cannot be given on.
    advance
        Called with how many more bytes are read.

    Raises
    ------
    StorageError
        If a file cannot be read.
    """
    now = datetime.now(UTC)
    step, values = 0, dict[str, Any]()
    for event in _read_events(files, account, advance):
        if event.step != step and values:
            yield LoggedStep(step, now, values)
            values = {}
        step, now = event.step, _time(event.wall_time) or now
        account.started_at = account.started_at or now
        values |= _values(event, account)
    if values:
        yield LoggedStep(step, now, values)


def _read_events(
    files: Sequence[Path], account: Account, advance: Callable[[int], object]
) -> Iterator[Event]:
    events = EventReader()
    for file in files:
        at = 0
        for found in read_records(file):
            advance(found.end - at)
            at = found.end
            if isinstance(found, Damage):
                # Every killed job leaves such a file.
                lines = account.notes if found.is_cut_off else account.problems
                lines.append(f"{file.name}: {found.what}")
                continue
            try:
                event = events.read(found.data)
            except InvalidValueError as error:
                account.problems.append(f"{file.name}: the record before byte {at:,} is no event: {error}")
            else:
                yield event


def _time(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _values(event: Event, account: Account) -> dict[str, Any]:
    """Return what can be logged of an event by key."""
    values: dict[str, Any] = {}
    for value in event.values:
        if isinstance(value, Other):
            account.not_taken[value.kind][value.tag] += 1
        elif event.step < 0:
            account.not_taken[NEGATIVE_STEP][value.tag] += 1
        elif not _is_key(value.tag):
            account.not_taken[NO_KEY][value.tag] += 1
        elif isinstance(value, Number):
            values[value.tag] = value.value
            account.read["scalars"] += 1
        elif isinstance(value, Text):
            values[value.tag] = list(value.texts) or ""
            account.read["texts"] += max(1, len(value.texts))
        elif isinstance(value, Buckets):
            if (histogram := _histogram(value, account)) is not None:
                values[value.tag] = histogram
                account.read["histograms"] += 1
        elif (images := _images(value, account)) or not value.files:
            values[value.tag] = images
            account.read["images"] += len(images)
    return values


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
