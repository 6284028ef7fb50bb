"""The runs of the ranks of one launch → one run: an experiment of many processes, seen as one.

Each process writes a run of its own, ``ID-r0``, ``ID-r1`` …, since nothing is shared between hosts. The
joined run is called ``ID`` and lies beside them. Under a key it has what is of all ranks, and under
``KEY/rank-N`` what is of rank N alone, the first rank included. So at each step there are

- of every number the mean over the ranks that have one there (``KEY``), or each by itself (``KEY/rank-N``);
- the images of all ranks in one gallery (``KEY``), by rank, each with a field ``rank``;
- texts, tables, histograms, files and the like, of which there is no mean, each by itself (``KEY/rank-N``).

Configuration and what the script set in the summary are those of the first rank. The runs of the ranks stay
as they are; numbers of the machine and verdicts on boxes are theirs alone. Joined again, only steps that any
rank has logged to since are read and written anew; where a rank went back to an earlier step, or the numbers
are to be joined in another way, all of it is.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path
from statistics import fmean
from typing import Any, Literal, get_args

import numpy as np

from runlog.errors import InvalidValueError, RunlogError, one_of
from runlog.files.paths import absolute_path
from runlog.files.safe_folder import SafeFolder
from runlog.images.image import Image
from runlog.reading.reader import RunReader, overlays
from runlog.storage.file_records import FileRecord
from runlog.storage.kinds import FILE, ROW_KINDS, TABLE, RowKind
from runlog.storage.layout import find_runs, has_database
from runlog.storage.records import ImageRecord, ScalarSeries, TableRecord
from runlog.upkeep.removing import remove
from runlog.values.file import File
from runlog.values.table import Table
from runlog.writing.local_run import LocalRun
from runlog.writing.settings import Settings, read_settings

Numbers = Literal["mean", "each"]
Show = Callable[[int, int], None]

_RANK = re.compile(r"(.+)-r(\d{1,6})")
_NOTE = "ranks"
# How keys are called; a run that was joined when they were called otherwise is joined anew.
_NAMES = "of all, or of one"
_STEPS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class JoinedRun:
    """A run that was joined of the runs of ranks.

    Attributes
    ----------
    folder
        Its run folder; None if it could not be made.
    ranks, running
        How many ranks it has, and how many of them are still running.
    steps
        How many steps were written.
    problems
        One line for each rank that could not be read, or what kept the run from being joined.
    """

    folder: Path | None
    ranks: int
    running: int
    steps: int
    problems: tuple[str, ...]


def join(
    runs: str | os.PathLike[str], *, numbers: Numbers = "mean", progress: Show | None = None
) -> tuple[JoinedRun, ...]:
    """Join the ranks of every launch in a runs folder; see the module for what goes where.

    Parameters
    ----------
    runs
        The runs folder.
    numbers
        ``mean`` of the ranks, or ``each`` by itself.
    progress
        Called with how many steps of a launch are joined, and how many there are to join.

    Raises
    ------
    InvalidValueError
        If there are no ranks in it, or `numbers` is neither.
    StorageError
        If the runs folder cannot be listed.
    """
    one_of("numbers", numbers, get_args(Numbers))
    launches = _launches(absolute_path(runs))
    if not launches:
        raise InvalidValueError(
            f"{runs} must hold the runs of ranks, two or more that are called ID-r0, ID-r1 …, but has none"
        )
    return tuple(_join(folder, ranks, numbers, progress) for folder, ranks in launches.items())


def _launches(runs_folder: Path) -> dict[Path, dict[int, Path]]:
    """Return, by the folder of the run that they become, the run folders of ranks."""
    found: dict[Path, dict[int, Path]] = {}
    for folder in find_runs(runs_folder):
        if (match := _RANK.fullmatch(folder.name)) is not None:
            found.setdefault(runs_folder / match[1], {})[int(match[2])] = folder
    return {folder: dict(sorted(ranks.items())) for folder, ranks in found.items() if len(ranks) > 1}


def _join(folder: Path, ranks: Mapping[int, Path], numbers: Numbers, progress: Show | None) -> JoinedRun:
    problems: list[str] = []
    with ExitStack() as stack:
        readers: dict[int, RunReader] = {}
        for rank, run_folder in ranks.items():
            try:
                readers[rank] = stack.enter_context(RunReader(run_folder))
            except RunlogError as error:
                problems.append(f"{run_folder.name} is left out: {error}")
        try:
            launch = _Launch(folder, readers, numbers)
            steps = launch.write(progress or (lambda done, total: None))
        except RunlogError as error:
            return JoinedRun(None, len(readers), 0, 0, (*problems, f"{folder.name}: {error}"))
    return JoinedRun(folder, len(readers), launch.running, steps, tuple(problems))


class _Launch:
    """The ranks of one launch, on their way into one run."""

    def __init__(self, folder: Path, readers: Mapping[int, RunReader], numbers: Numbers) -> None:
        if not readers:
            raise InvalidValueError("a rank must be readable, but none is")
        self._folder, self._readers, self._numbers = folder, readers, numbers
        # Read first: what a rank logs from here on is new the next time.
        self._runs = {rank: reader.run() for rank, reader in readers.items()}
        self._first = min(self._runs)
        self.running = sum(run.state == "running" for run in self._runs.values())
        self._now = min(run.created_at for run in self._runs.values())
        self._steps = {rank: reader.steps() for rank, reader in readers.items()}
        self._series = {rank: reader.scalars() for rank, reader in readers.items()}
        self._times: dict[int, datetime] = {}
        for step in chain.from_iterable(self._steps.values()):
            self._times[step.step] = max(step.logged_at, self._times.get(step.step, step.logged_at))

    def write(self, progress: Show) -> int:
        """Write what is new, and return how many steps that are."""
        known = self._known()
        steps = sorted(self._changed(known))
        if known == self._note():
            return 0
        run = LocalRun(self._settings())
        try:
            if not known:
                self._describe(run)
            for first in range(0, len(steps), _STEPS_AT_ONCE):
                some = steps[first : first + _STEPS_AT_ONCE]
                for step, values in self._values(some):
                    run.log(values, step=step)
                progress(first + len(some), len(steps))
            self._end(run)
        except BaseException:
            run.finish("failed")
            raise
        return len(steps)

    def _known(self) -> Mapping[str, Any]:
        """Return what a run that was joined before says of its ranks; one that is of no use is removed."""
        if not has_database(self._folder):
            return {}
        with RunReader(self._folder) as reader:
            note = reader.run().environment.get(_NOTE)
        if not isinstance(note, dict):
            raise InvalidValueError(f"the run of all ranks must be theirs, but {self._folder} is another run")
        before, now = note.get("revisions"), self._note()["revisions"]
        is_of_use = (
            isinstance(before, dict)
            and all(type(revision) is int for revision in before.values())
            and before.keys() <= now.keys()
            and note.get("numbers") == self._numbers
            and note.get("names") == _NAMES
            and note.get("state") != "joining"
            and not any(
                rewind.revision > before.get(str(rank), -1)
                for rank, run in self._runs.items()
                for rewind in run.rewinds
            )
        )
        if is_of_use:
            return note
        remove(self._folder)
        return {}

    def _note(self) -> dict[str, Any]:
        """Return what the joined run is to say of its ranks."""
        return {
            "numbers": self._numbers,
            "names": _NAMES,
            "revisions": {str(rank): run.revision for rank, run in self._runs.items()},
            "states": {str(rank): run.state for rank, run in self._runs.items()},
            "hosts": {str(rank): run.environment.get("host") for rank, run in self._runs.items()},
        }

    def _changed(self, known: Mapping[str, Any]) -> set[int]:
        """Return the steps that any rank has logged to since."""
        revisions = known.get("revisions", {})
        return {
            step.step
            for rank, steps in self._steps.items()
            for step in steps
            if step.revision > revisions.get(str(rank), -1)
        }

    def _settings(self) -> Settings:
        first = self._runs[self._first]
        settings = read_settings(
            first.project,
            id=self._folder.name,
            dir=self._folder.parent,
            name=self._folder.name,
            group=first.group or self._folder.name,
            tags=first.tags,
            notes=first.notes,
            config=first.config,
            resume="allow",
            mode="local",
            record_environment=False,
            quiet=True,
        )
        return replace(settings, created_at=self._now, clock=lambda: self._now)

    def _describe(self, run: LocalRun) -> None:
        self._remember(run, {"numbers": self._numbers, "state": "joining"})
        for metric in self._readers[self._first].metrics() if self._numbers == "mean" else ():
            run.define_metric(metric.pattern, metric.step_metric, metric.summary, metric.goal)

    def _remember(self, run: LocalRun, note: Mapping[str, Any]) -> None:
        environment = {**self._runs[self._first].environment, _NOTE: note}
        run._write(partial(run._store.update_run, environment=environment))

    def _end(self, run: LocalRun) -> None:
        """Say how the ranks ended: as failed, where one of them did; and what is known of them."""
        extra = {
            key: value
            for key, value in self._runs[self._first].summary.items()
            if key not in run.summary and _of_one(key, self._first) not in run.summary
        }
        if extra:
            run.summary.update(extra)
        self._remember(run, self._note())
        ended = [one.finished_at for one in self._runs.values() if one.finished_at is not None]
        self._now = max([self._now, *ended])
        has_failed = any(one.state in ("failed", "crashed") for one in self._runs.values())
        run.finish("failed" if has_failed else "finished")

    def _values(self, steps: Sequence[int]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield some steps with what all ranks together have there."""
        values: dict[int, dict[str, Any]] = {step: {} for step in steps}
        numbers: dict[int, dict[str, dict[int, float]]] = {step: {} for step in steps}
        for rank, reader in self._readers.items():
            self._add_galleries(rank, reader, steps, values)
            for step, key, value in _rows(reader, steps):
                values[step][_of_one(key, rank)] = value
            for step, key, number in _numbers(self._series[rank], steps):
                numbers[step].setdefault(key, {})[rank] = number
        for step in steps:
            self._now = self._times[step]
            yield step, {**values[step], **self._joined(numbers[step])}

    def _joined(self, numbers: Mapping[str, Mapping[int, float]]) -> dict[str, float]:
        if self._numbers == "mean":
            return {key: _mean(of_ranks.values()) for key, of_ranks in numbers.items()}
        return {
            _of_one(key, rank): number
            for key, of_ranks in numbers.items()
            for rank, number in of_ranks.items()
        }

    def _add_galleries(
        self, rank: int, reader: RunReader, steps: Sequence[int], values: Mapping[int, dict[str, Any]]
    ) -> None:
        taken = {
            (step, key, image.id)
            for step, of_step in values.items()
            for key, images in of_step.items()
            if isinstance(images, list)
            for image in images
            if isinstance(image, Image) and image.id is not None
        }
        for record in reader.images(steps):
            identity = record.id
            if (record.step, record.key, identity) in taken:
                # Two ranks called pictures the same: which one is meant stays to be told.
                identity = f"{identity} (rank {rank})"
            gallery = values[record.step].setdefault(record.key, [])
            gallery.append(_image(reader, record, rank, identity))


def _of_one(key: str, rank: int) -> str:
    """Return the key of what is of one rank alone."""
    return f"{key}/rank-{rank}"


def _image(reader: RunReader, record: ImageRecord, rank: int, identity: str | None) -> Image:
    """Return an image with its file as it is, and its rank."""
    with SafeFolder(reader.folder).open(record.media.path) as file:
        return Image(
            file,
            caption=record.caption,
            grouping=record.grouping,
            id=identity,
            fields={"rank": rank, **record.fields},
            **overlays(reader, record),
        )


def _numbers(every: Iterable[ScalarSeries], steps: Sequence[int]) -> Iterator[tuple[int, str, float]]:
    """Yield the numbers at some steps, which ascend."""
    for series in every:
        _, places, _ = np.intersect1d(series.steps, steps, assume_unique=True, return_indices=True)
        for place in places.tolist():
            yield int(series.steps[place]), series.key, float(series.values[place])


def _rows(reader: RunReader, steps: Sequence[int]) -> Iterator[tuple[int, str, Any]]:
    """Yield what else a rank has at some steps, as a script would log it."""
    for kind in ROW_KINDS:
        to_value = kind.to_value or partial(_FROM_BESIDE[kind], reader)
        for (step, key), records in groupby(reader.values(kind, steps), attrgetter("step", "key")):
            yield step, key, to_value(list(records))


def _files(reader: RunReader, records: Sequence[FileRecord]) -> list[File]:
    folder = SafeFolder(reader.folder)
    return [File(folder.read(record.path), name=_file_name(record)) for record in records]


def _table(reader: RunReader, records: Sequence[TableRecord]) -> Table:
    table = reader.read_table(records[0])
    rows = [[reader.image(cell) if isinstance(cell, ImageRecord) else cell for cell in row] for row in table]
    return Table(list(table.columns), rows)


_FROM_BESIDE: Mapping[RowKind[Any, Any], Callable[[RunReader, Any], Any]] = {FILE: _files, TABLE: _table}
"""How a value of a kind that has more than its rows is read as a script would log it."""


def _file_name(record: FileRecord) -> str:
    """Return what a file was called when it was logged, as far as its path tells."""
    return str(record.path.name).split("-", 3)[-1]


def _mean(numbers: Iterable[float]) -> float:
    several = list(numbers)
    # fmean raises for infinities of both signs, of which the mean is no number.
    return fmean(several) if all(map(math.isfinite, several)) else sum(several) / len(several)
