"""One pass of the ranks of a launch: what is new in them, on its way into the run of all."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

from runlog.errors import InvalidValueError, RunlogError, RunlogWarning, StorageError, shown
from runlog.images.image import Image
from runlog.importers.rank_values import mean, numbers_at, of_one, read_picture, read_rows
from runlog.reading.reader import RunReader
from runlog.storage.layout import MAX_KEY_LENGTH
from runlog.storage.records import RunRecord, ScalarSeries, StepRecord
from runlog.writing.local_run import LocalRun
from runlog.writing.settings import Settings, read_settings

Numbers = Literal["mean", "each"]
Show = Callable[[int, int], None]

NOTE = "ranks"
"""What the environment of the run of all calls that which it says of its ranks."""
_STEPS_AT_ONCE = 64


class RankError(StorageError):
    """A rank cannot be read."""

    def __init__(self, rank: int, reason: str) -> None:
        super().__init__(reason)
        self.rank = rank


@contextmanager
def reading_rank(rank: int) -> Iterator[None]:
    """Say of which rank it is that something cannot be read."""
    try:
        yield
    except (RunlogError, OSError) as error:
        raise RankError(rank, str(error)) from None


class Joining:
    """One pass: what is new in the ranks, on its way into the run of all."""

    def __init__(
        self,
        folder: Path,
        name: str,
        numbers: Numbers,
        readers: Mapping[int, RunReader],
        runs: Mapping[int, RunRecord],
        steps: Mapping[int, Mapping[int, StepRecord]],
        problems: list[str],
    ) -> None:
        self._folder, self._name, self._numbers = folder, name, numbers
        self._readers, self._runs, self._steps = readers, runs, steps
        self._problems = problems
        self._with_losses: set[int] = set()
        self._first = min(runs)
        self._now = min(run.created_at for run in runs.values())

    def write(
        self,
        steps: Sequence[int],
        note: Mapping[str, Any],
        progress: Show,
        *,
        is_new: bool,
        back_to: int | None,
    ) -> None:
        """Write what all ranks have at some steps, which ascend, and then the note; `back_to` goes first."""
        # What may surprise of a value was said where the rank logged it.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RunlogWarning)
            run = LocalRun(replace(self._settings(), resume_step=back_to))
            try:
                self._log(run, steps, progress, is_new=is_new)
                self._end(run, note)
            except BaseException:
                run.finish("failed")
                raise

    def _log(self, run: LocalRun, steps: Sequence[int], progress: Show, *, is_new: bool) -> None:
        if is_new:
            self._describe(run)
        series = {rank: self._read_series(rank, steps) for rank in self._readers}
        for first in range(0, len(steps), _STEPS_AT_ONCE):
            some = steps[first : first + _STEPS_AT_ONCE]
            for step, values in self._values(some, series):
                self._now = self._time_of(step)
                run.log(values, step=step)
            progress(first + len(some), len(steps))

    def _read_series(self, rank: int, steps: Iterable[int]) -> tuple[ScalarSeries, ...]:
        of_rank = self._steps[rank]
        revisions = [of_rank[step].revision for step in steps if step in of_rank]
        if not revisions:
            return ()
        with reading_rank(rank):
            return self._readers[rank].scalars(since_revision=min(revisions) - 1)

    def _time_of(self, step: int) -> datetime:
        return max(of_rank[step].logged_at for of_rank in self._steps.values() if step in of_rank)

    def _settings(self) -> Settings:
        first = self._runs[self._first]
        settings = read_settings(
            first.project,
            id=self._folder.name,
            dir=self._folder.parent,
            name=self._name,
            group=first.group or self._name,
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
        environment = {**self._runs[self._first].environment, NOTE: note}
        run._write(partial(run._store.update_run, environment=environment))

    def _end(self, run: LocalRun, note: Mapping[str, Any]) -> None:
        """Say how the ranks ended: as failed, where one of them did; and what is known of them."""
        extra = {
            key: value
            for key, value in self._runs[self._first].summary.items()
            if key not in run.summary and of_one(key, self._first) not in run.summary
        }
        if extra:
            run.summary.update(extra)
        self._remember(run, note)
        ended = [one.finished_at for one in self._runs.values() if one.finished_at is not None]
        self._now = max([self._now, *ended])
        has_failed = any(one.state in ("failed", "crashed") for one in self._runs.values())
        run.finish("failed" if has_failed else "finished")

    def _values(
        self, steps: Sequence[int], series: Mapping[int, Iterable[ScalarSeries]]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield some steps with what all ranks together have there."""
        values: dict[int, dict[str, Any]] = {step: {} for step in steps}
        numbers: dict[int, dict[str, dict[int, float]]] = {step: {} for step in steps}
        for rank, reader in self._readers.items():
            with reading_rank(rank):
                self._add_galleries(rank, reader, steps, values)
            for step, key, number in numbers_at(series[rank], steps):
                numbers[step].setdefault(key, {})[rank] = number
        for step in steps:
            for key, of_ranks in numbers[step].items():
                if self._numbers == "mean" and key not in values[step]:
                    values[step][key] = mean(of_ranks.values())
                else:  # of each, or another rank has pictures there
                    for rank, number in of_ranks.items():
                        self._add_of_one(values[step], key, rank, number)
        for rank, reader in self._readers.items():
            with reading_rank(rank), reader.one_moment(may_wait=False):
                for step, key, value in read_rows(reader, steps):
                    self._add_of_one(values[step], key, rank, value)
        yield from values.items()

    def _add_of_one(self, values: dict[str, Any], key: str, rank: int, value: object) -> None:
        name = of_one(key, rank)
        if name in values:
            self._lose(rank, f"{shown(key)}, since there is another value at {shown(name)}")
        elif len(name) > MAX_KEY_LENGTH:
            self._lose(
                rank, f"{shown(key)}, of which the key would be longer than {MAX_KEY_LENGTH} characters"
            )
        else:
            values[name] = value

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
            if identity is not None:
                while (record.step, record.key, identity) in taken:
                    # Two ranks called pictures the same: which one is meant stays to be told.
                    identity = f"{identity} (rank {rank})"
                taken.add((record.step, record.key, identity))
            try:
                picture = read_picture(reader, record, rank, identity)
            except (OSError, InvalidValueError) as error:  # such as of an id that became too long
                self._lose(rank, f"a picture: {error}")
                continue
            values[record.step].setdefault(record.key, []).append(picture)

    def _lose(self, rank: int, what: str) -> None:
        if rank not in self._with_losses:
            self._with_losses.add(rank)
            self._problems.append(f"{self._runs[rank].folder.name}: values are left out, such as {what}")
