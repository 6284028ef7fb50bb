"""TensorBoard event files → run folders, without TensorFlow.

A folder with event files becomes a run (several files in it, as after a restart, become one), a folder of
such folders a group of runs. Tags become keys; numbers become scalars, texts texts, pictures images whose
bytes are kept, with the description of their tag as caption. Steps have the time at which they were logged. A
value that is logged again under the same tag and step replaces the one before. A text of several parts is
one with as many entries, and the buckets of histograms are their bins (past 512, neighbours become one).

The run's id follows from what was logged first, and when: so a log is not imported twice by accident.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from runlog.basics.frozen import FrozenDict
from runlog.errors import InvalidValueError, RunlogError, RunlogWarning
from runlog.files.paths import absolute_path
from runlog.importers.event_log import Account, LoggedStep, read_log
from runlog.reading.reader import open_run
from runlog.writing.local_run import LocalRun
from runlog.writing.settings import Settings, read_settings

Show = Callable[[int, int], None]

_IN_NAME = "tfevents"
_SHOWN_BYTES = 1 << 20
_HASH_DIGITS = 8


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """What became of the event files of one folder.

    Attributes
    ----------
    source
        The folder, or the one event file that was asked for.
    folder
        The run folder; None if there is none, since nothing could be taken.
    taken
        How many scalars, texts, images and histograms the run holds.
    not_taken
        What the event files have besides: kind to tag to how many.
    notes
        What may surprise, a line each: a file that ends in the middle of a record, values that were replaced.
    problems
        What is wrong, a line each: damaged records, a log that was imported before.
    """

    source: Path
    folder: Path | None
    taken: Mapping[str, int]
    not_taken: Mapping[str, Mapping[str, int]]
    notes: tuple[str, ...]
    problems: tuple[str, ...]


def import_logdir(
    path: str | os.PathLike[str],
    dir: str | os.PathLike[str] | None = None,
    progress: Show | None = None,
) -> tuple[ImportedRun, ...]:
    """Import every log in a folder as a run.

    Parameters
    ----------
    path
        A log folder, a folder of them at any depth, or an event file.
    dir
        The runs folder; by default $RUNLOG_DIR, else ``./runs``.
    progress
        Called with how many bytes are read, and how many there are.

    Raises
    ------
    InvalidValueError
        If there are no event files.
    StorageError
        If a file cannot be read, or the runs folder not be written. A run that is half imported is removed
        then, as it is when the import is interrupted.
    """
    root = absolute_path(path)
    logs = _find_logs(root)
    if not logs:
        raise InvalidValueError(f"{root} must be or hold event files (*{_IN_NAME}*), but there are none")
    meter = _Meter([file for files in logs.values() for file in files], progress)
    group = root.name if len(logs) > 1 else None
    return tuple(
        _import_log(source, files, _Target(_name(root, source), group, dir), meter)
        for source, files in logs.items()
    )


def _find_logs(root: Path) -> dict[Path, list[Path]]:
    """Return the event files of each folder, in the order of their names, which begin with a time."""
    if root.is_file():
        return {root: [root]}
    found: defaultdict[Path, list[Path]] = defaultdict(list)
    for file in sorted(root.rglob(f"*{_IN_NAME}*")):
        if file.is_file():
            found[file.parent].append(file)
    return dict(sorted(found.items()))


def _name(root: Path, source: Path) -> str:
    return root.name if source == root else source.relative_to(root).as_posix()


class _Meter:
    """Tells how far all files are read, from time to time."""

    def __init__(self, files: Sequence[Path], show: Show | None) -> None:
        self._total = sum(map(_size, files))
        self._done, self._shown, self._show = 0, 0, show

    def advance(self, count: int) -> None:
        self._done += count
        if self._show is not None and self._done - self._shown >= _SHOWN_BYTES:
            self._shown = self._done
            self._show(self._done, self._total)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        # Whoever reads it will say why.
        return 0


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a log goes: the name and group of its run, and the runs folder."""

    name: str
    group: str | None
    runs: str | os.PathLike[str] | None

    def settings(self, first: LoggedStep, started_at: datetime, files: Sequence[Path]) -> Settings:
        """Return the settings of the run; its id is always the same."""
        identity = repr((self.name, started_at, first.step, sorted(first.values)))
        digest = hashlib.sha256(identity.encode()).hexdigest()[:_HASH_DIGITS]
        settings = read_settings(
            id=f"{started_at:%Y%m%d-%H%M%S}-{digest}",
            dir=self.runs,
            name=self.name,
            group=self.group,
            config={"tensorboard": [str(file) for file in files]},
            mode="local",
            record_environment=False,
            quiet=True,
        )
        return replace(settings, created_at=started_at)


class _Clock:
    """Tells the time that was last set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def _import_log(source: Path, files: Sequence[Path], target: _Target, meter: _Meter) -> ImportedRun:
    account = Account()
    steps = read_log(files, account, meter.advance)
    first = next(steps, None)
    if first is None:
        account.notes.append("nothing in it could be taken, so there is no run")
        return _imported(source, None, account)
    # A script may have set the times of values, but never that of the file.
    started_at = min(account.started_at or first.logged_at, first.logged_at)
    settings = target.settings(first, started_at, files)
    if settings.folder.exists():
        account.problems.append(f"was imported before: remove {settings.folder} to import it again")
        return _imported(source, None, account)
    # What may surprise is said with the import as a whole, not of the line here that calls `log`.
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", RunlogWarning)
        _write(settings, chain([first], steps))
    account.notes += [str(warning.message) for warning in warned]
    return _imported(source, settings.folder, account)


def _write(settings: Settings, steps: Iterable[LoggedStep]) -> None:
    clock = _Clock(settings.created_at)
    run = LocalRun(replace(settings, clock=clock))
    try:
        for step in steps:
            clock.now = step.logged_at
            run.log(step.values, step=step.step)
        run.finish()
    except BaseException:
        with suppress(RunlogError):
            run.finish("failed")
        shutil.rmtree(run.folder, ignore_errors=True)
        raise


def _imported(source: Path, folder: Path | None, account: Account) -> ImportedRun:
    taken = Counter(scalars=0, texts=0, images=0, histograms=0)
    if folder is not None:
        with open_run(folder) as reader:
            taken["scalars"] = sum(len(series.steps) for series in reader.scalars())
            taken["texts"] = len(reader.texts())
            taken["images"] = sum(step.image_count for step in reader.steps())
            taken["histograms"] = sum(step.histogram_count for step in reader.steps())
        if replaced := account.read.total() - taken.total():
            account.notes.append(f"later values of the same tag and step replaced others: {replaced:,}")
    return ImportedRun(
        source=source,
        folder=folder,
        taken=FrozenDict(taken),
        not_taken=FrozenDict({kind: FrozenDict(tags) for kind, tags in account.not_taken.items()}),
        notes=tuple(account.notes),
        problems=tuple(account.problems),
    )
