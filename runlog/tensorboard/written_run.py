"""`WrittenRun`: the run that a writer writes to, gone on with where it has ended."""

from __future__ import annotations

import os
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import runlog
from runlog.errors import InvalidValueError, RunLockedError, warn
from runlog.storage.layout import has_database, printable_key
from runlog.writing.disabled_run import DisabledRun
from runlog.writing.local_run import FinalState, LocalRun
from runlog.writing.settings import apart_by_rank


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the writers of one run share.

    Attributes
    ----------
    prefixes
        What stands before the keys of each log_dir.
    last_steps
        The step at which each key was added last.
    """

    prefixes: dict[str, str] = field(default_factory=dict)
    last_steps: dict[str, int] = field(default_factory=dict)


_shared: weakref.WeakKeyDictionary[LocalRun, _Shared] = weakref.WeakKeyDictionary()
_started_here: weakref.WeakSet[LocalRun] = weakref.WeakSet()
# Those of the parent of a forked child, which that alone writes.
_inherited: weakref.WeakSet[LocalRun] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    _inherited.update(_started_here)
    if (run := runlog.run) is not None:
        _inherited.add(run)
    _started_here.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


class WrittenRun:
    """The run that the script started last; without one, that of a folder.

    Parameters
    ----------
    log_dir
        The folder, if the writer has one.
    comment, purge_step
        As `SummaryWriter` has them.
    writes
        Whether anything is written.

    Attributes
    ----------
    run
        The run, which may have ended.
    """

    run: LocalRun

    def __init__(self, log_dir: Path | None, comment: str, purge_step: int | None, *, writes: bool) -> None:
        self._log_dir = log_dir
        self._options: dict[str, Any] = {"on_error": "warn"} | ({} if writes else {"mode": "disabled"})
        self._take(log_dir, comment, purge_step, {})
        self._prefix = _prefix(self.run, log_dir)

    def open(self) -> LocalRun:
        """Return the run to write to: one that has ended is gone on with, as writers of TensorBoard do."""
        ended = self.run
        if not ended.is_finished or isinstance(ended, DisabledRun):
            return ended
        self._take(ended.folder, "", None, {"quiet": True})
        if self.run.folder == ended.folder:
            _shared_of(self.run).prefixes.setdefault(str(self._log_dir), self._prefix)
        else:
            self._prefix = _prefix(self.run, self._log_dir or ended.folder)
        return self.run

    def _take(
        self, folder: Path | None, comment: str, purge_step: int | None, options: Mapping[str, Any]
    ) -> None:
        going_on = _going_on(folder)
        self._owns = going_on is None
        if going_on is None:
            self.run = _started(folder, comment, purge_step, {**self._options, **options})
            return
        self.run = going_on
        if purge_step is not None:
            warn("purge_step= removes nothing of a run that is going on; runlog.init(resume_step=…) does")

    def log(self, data: Mapping[str, Any], step: int | None) -> None:
        """Log values by tag: at a step; without one, where none is replaced, and the run does not move on."""
        run = self.open()
        values = {f"{self._prefix}{_key(tag)}": value for tag, value in data.items()}
        last = _shared_of(run).last_steps
        if step is None:
            step = max([run.step, *(last[key] + 1 for key in values if last.get(key, -1) >= run.step)])
        run.log(values, step=step, commit=False)
        last.update(dict.fromkeys(values, step))

    def flush(self) -> None:
        """Bring all to the disk."""
        if not self.run.is_finished:
            self.run.flush()

    def close(self, state: FinalState) -> None:
        """End the run if it was started for this writer; else bring all to the disk."""
        if self._owns:
            self.run.finish(state)
        else:
            self.flush()


def _key(tag: str) -> str:
    # Names of classes, for one, may have come with the ends of their lines.
    return tag if not isinstance(tag, str) or tag.isprintable() else printable_key(tag)


def _going_on(log_dir: Path | None) -> LocalRun | None:
    """Return the run of the script; of those that writers started, that of the folder."""
    current = runlog.run
    if current is None or current in _inherited:
        return None
    if current not in _started_here or log_dir is None:
        return current
    folder, runs = log_dir.resolve(), [run for run in _started_here if not run.is_finished]
    return next((run for run in runs if run.folder.resolve() == folder), None)


def _shared_of(run: LocalRun) -> _Shared:
    return _shared.setdefault(run, _Shared())


def _prefix(run: LocalRun, log_dir: Path | None) -> str:
    """Return what stands before the keys of a writer: nothing for the first, and those of no other folder."""
    known = _shared_of(run).prefixes
    if not known or log_dir is None or log_dir == run.folder:
        return known.setdefault(str(log_dir), "")
    names = log_dir.parts[1:]
    apart = ("/".join((*names[-count:], "")) for count in range(1, len(names) + 1))
    return known.setdefault(str(log_dir), next((one for one in apart if one not in known.values()), ""))


def _started(
    log_dir: Path | None, comment: str, purge_step: int | None, options: Mapping[str, Any]
) -> LocalRun:
    run = (
        runlog.init(name=comment.strip("_- ") or None, **options)
        if log_dir is None
        else _in_folder(log_dir, purge_step, options)
    )
    _started_here.add(run)
    return run


def _in_folder(log_dir: Path, purge_step: int | None, options: Mapping[str, Any]) -> LocalRun:
    name = log_dir.name
    if not name:
        raise InvalidValueError(f"log_dir must name a folder, but got {str(log_dir)!r}")
    keeps = None
    if purge_step is not None and has_database(log_dir):
        if purge_step < 1:
            warn(f"purge_step=0 would leave nothing of {log_dir}, and removes nothing; take another log_dir")
        else:
            keeps = purge_step - 1
    try:
        # The folder may be there with other files in it, or another process make it now.
        return runlog.init(dir=log_dir.parent, id=name, resume="allow", resume_step=keeps, **options)
    except RunLockedError as error:
        by_rank, _ = apart_by_rank(name, None)
        own = by_rank if by_rank != name else f"{name}-{os.getpid()}"
        warn(f"{error}; SummaryWriter writes to {own} beside it")
        return runlog.init(dir=log_dir.parent, id=own, group=name, resume="allow", **options)
