"""The one way of every log into a run folder: what a reader tells of it is written, counted, listed."""

from __future__ import annotations

import hashlib
import os
import shutil
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from runlog.basics.frozen import FrozenDict
from runlog.basics.jsontext import to_json_value
from runlog.errors import InvalidTypeError, InvalidValueError, RunlogError, RunlogWarning, StorageError
from runlog.importers.sources import SourceFile
from runlog.reading.reader import open_run
from runlog.storage.kinds import IMAGE, KINDS, ROW_KINDS
from runlog.storage.layout import refuse_unreachable
from runlog.storage.metrics import Metric
from runlog.writing.local_run import LocalRun
from runlog.writing.log_data import Values, read_values
from runlog.writing.mapping import json_values
from runlog.writing.settings import Settings, read_settings

Show = Callable[[int, int], None]

NOT_LOGGABLE = "values of no kind that is logged"
_SHOWN_BYTES = 1 << 20
_HASH_DIGITS = 8
# A folder of a stranger's can be wrong in a million places.
_MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """What became of one log.

    Attributes
    ----------
    source
        The folder or file that has the log.
    folder
        The run folder; None if there is none, since nothing could be taken.
    taken
        How many scalars, images, texts and so on the run holds: of each kind of logged value.
    not_taken
        What the log has besides: kind to key to how many.
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


@dataclass(frozen=True, slots=True)
class LoggedStep:
    """What was logged at a step, by key, and when."""

    step: int
    logged_at: datetime
    values: dict[str, Any]


@dataclass(slots=True)
class Account:
    """What the reader of a log tells besides the steps, known when all of these are read.

    Attributes
    ----------
    name, project, group, notes_on_run, tags
        What the run is called; None for what the folder says.
    identity
        What tells the run from any other, where the log says; else its name, and what was logged first.
    started_at, ended_at
        When the first and the last of it was written.
    has_run
        Whether there is a run even if nothing was logged.
    state
        How it ended.
    config, summary, metrics
        As of a run; a summary value that the run has of itself is not set.
    files
        Files to keep with the run, by name.
    not_taken, notes, problems
        As of `ImportedRun`.
    """

    name: str | None = None
    project: str | None = None
    group: str | None = None
    notes_on_run: str | None = None
    tags: tuple[str, ...] = ()
    identity: object = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    has_run: bool = False
    state: Literal["finished", "failed"] = "finished"
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Metric] = field(default_factory=dict)
    files: dict[str, SourceFile] = field(default_factory=dict)
    not_taken: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Log:
    """A log that becomes a run.

    Attributes
    ----------
    source
        The folder or file that has it.
    name, group
        What its run is called, where the log itself does not say.
    read
        Yields what was logged; a step comes again where the log goes back to it. `StorageError` ends it.
    """

    source: Path
    name: str
    group: str | None
    read: Callable[[Account], Iterator[LoggedStep]]


class Meter:
    """Tells how far all files are read, from time to time."""

    def __init__(self, files: Iterable[SourceFile], show: Show | None) -> None:
        self._total = sum(file.size for file in files)
        self._done, self._shown, self._show = 0, 0, show

    def advance(self, count: int) -> None:
        """Take note of that many more bytes that are read."""
        self._done += count
        if self._show is not None and self._done - self._shown >= _SHOWN_BYTES:
            self._shown = self._done
            self._show(self._done, self._total)


def import_logs(logs: Sequence[Log], runs: str | os.PathLike[str] | None) -> tuple[ImportedRun, ...]:
    """Import every log as a run.

    Parameters
    ----------
    runs
        The runs folder; by default $RUNLOG_DIR, else ``./runs``.

    Raises
    ------
    StorageError
        If the runs folder cannot be written. A run that is half imported is removed then, as it is when the
        import is interrupted.
    """
    return tuple(_import_log(log, runs) for log in logs)


def no_run(source: Path, problem: str) -> ImportedRun:
    """Return that a file holds nothing that a run could be made of, and why."""
    account = Account(problems=[problem])
    return _imported(source, None, account, Counter())


def time_of(seconds: float) -> datetime | None:
    """Return the time of so many seconds since 1970; None if no run can have it."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds >= 0 else None
    except (ValueError, OverflowError, OSError):
        return None


class _Clock:
    """Tells the time that was last set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def _import_log(log: Log, runs: str | os.PathLike[str] | None) -> ImportedRun:
    account, read = Account(), Counter[str]()
    steps = _readable(log.read(account), account)
    first = next(steps, None)
    if first is None and not account.has_run:
        account.notes.append("nothing in it could be taken, so there is no run")
        return _imported(log.source, None, account, read)
    settings = _settings(log, account, first, runs)
    refuse_unreachable(settings.folder)
    if settings.folder.exists():
        account.problems.append(f"was imported before: remove {settings.folder} to import it again")
        return _imported(log.source, None, account, read)
    # What may surprise is said with the import as a whole, not of the line here that calls `log`.
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", RunlogWarning)
        _write(settings, steps if first is None else chain([first], steps), account, read)
    account.notes += [str(warning.message) for warning in warned]
    return _imported(log.source, settings.folder, account, read)


def _readable(steps: Iterator[LoggedStep], account: Account) -> Iterator[LoggedStep]:
    """Yield what can be read: what goes wrong on the way is about this log, and others go on."""
    try:
        yield from steps
    except StorageError as error:
        account.problems.append(str(error))


def _settings(
    log: Log, account: Account, first: LoggedStep | None, runs: str | os.PathLike[str] | None
) -> Settings:
    """Return the settings of the run; its id is always the same."""
    # A script may have set the times of values, but never that of the file.
    times = [account.started_at] if account.started_at is not None else []
    times += [first.logged_at] if first is not None else []
    started_at = min(times, default=datetime.fromtimestamp(0, UTC))
    identity = account.identity or (
        log.name,
        started_at,
        first and first.step,
        sorted(first.values if first else ()),
    )
    digest = hashlib.sha256(repr(identity).encode(errors="backslashreplace")).hexdigest()[:_HASH_DIGITS]
    settings = read_settings(
        account.project,
        id=f"{started_at:%Y%m%d-%H%M%S}-{digest}",
        dir=runs,
        name=account.name or log.name,
        group=account.group or log.group,
        notes=account.notes_on_run,
        tags=account.tags,
        config=_storable(account.config, account),
        mode="local",
        record_environment=False,
        quiet=True,
    )
    return replace(settings, created_at=started_at)


def _write(settings: Settings, steps: Iterable[LoggedStep], account: Account, read: Counter[str]) -> None:
    clock = _Clock(settings.created_at)
    run = LocalRun(replace(settings, clock=clock))
    try:
        for step in steps:
            clock.now = step.logged_at
            _log(run, step, account, read)
        clock.now = account.ended_at or clock.now
        _describe(run, account)
        run.finish(account.state)
    except BaseException:
        with suppress(RunlogError):
            run.finish("failed")
        shutil.rmtree(run.folder, ignore_errors=True)
        raise


def _describe(run: LocalRun, account: Account) -> None:
    """Put in place what is known of a run once all of its log is read."""
    config = _storable(account.config, account)
    if not _is_same(config, run.config.as_dict()):
        run.config = config
    for metric in account.metrics.values():
        run.define_metric(metric.pattern, metric.step_metric, metric.summary, metric.goal)
    changed = {
        key: value
        for key, value in _storable(account.summary, account).items()
        if not _is_same(value, run.summary.get(key))
    }
    if changed:
        run.summary.update(changed)
    for name, file in account.files.items():
        try:
            run.save_file(file.path, name)
        except RunlogError as error:
            account.problems.append(f"the file {name} is left out: {error}")


def _storable(values: Mapping[str, Any], account: Account) -> dict[str, Any]:
    """Return the values of a configuration or summary that can be stored."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        try:
            found |= json_values({key: value})
        except RunlogError:
            account.not_taken[NOT_LOGGABLE][key] = 1
    return found


def _is_same(value: object, there: object) -> bool:
    # As JSON: a NaN is not equal to itself, and of a run that is resumed it may be its name.
    return bool(to_json_value(value) == to_json_value(there))


def _log(run: LocalRun, step: LoggedStep, account: Account, read: Counter[str]) -> None:
    """Log what can be logged of a step, and count it."""
    try:
        found = read_values(step.values)
        run.log(step.values, step=step.step)
    except (InvalidTypeError, InvalidValueError):
        for key, value in step.values.items() if len(step.values) > 1 else ():
            _log(run, replace(step, values={key: value}), account, read)
        if len(step.values) == 1:
            account.not_taken[NOT_LOGGABLE].update(step.values.keys())
    else:
        read.update(_counted(found))


def _counted(values: Values) -> dict[str, int]:
    return {
        "scalars": len(values.scalars),
        "images": sum(map(len, values.galleries.values())),
        **{
            kind.table: sum(len(value) if kind.has_entries else 1 for value in of_kind.values())
            for kind, of_kind in values.rows.items()
        },
    }


def _imported(source: Path, folder: Path | None, account: Account, read: Counter[str]) -> ImportedRun:
    taken = Counter({kind.tables[0]: 0 for kind in KINDS})
    if folder is not None:
        with open_run(folder) as reader:
            taken["scalars"] = sum(len(series.steps) for series in reader.scalars())
            counts = reader.counts()
        for kind in (IMAGE, *ROW_KINDS):
            taken[kind.tables[0]] = sum(getattr(counts, kind.tables[0]).values())
        if replaced := read.total() - taken.total():
            account.notes.append(f"later values of the same key and step replaced others: {replaced:,}")
    return ImportedRun(
        source=source,
        folder=folder,
        taken=FrozenDict(taken),
        not_taken=FrozenDict({kind: FrozenDict(keys) for kind, keys in account.not_taken.items()}),
        notes=_few(account.notes),
        problems=_few(account.problems),
    )


def _few(lines: Sequence[str]) -> tuple[str, ...]:
    once = tuple(dict.fromkeys(lines))
    more = len(once) - _MOST_LINES
    return once if more <= 0 else (*once[:_MOST_LINES], f"and {more:,} more of such lines")
