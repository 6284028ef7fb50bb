"""The module-level face: `init`, and `log` and `finish` for the run that was started last."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from runlog.basics.uninterrupted import uninterrupted
from runlog.errors import InvalidValueError, RunLockedError, StorageError, warn
from runlog.writing.disabled_run import DisabledRun
from runlog.writing.local_run import FinalState, LocalRun
from runlog.writing.settings import Mode, OnError, Resume, Settings, read_settings

_current: LocalRun | None = None


def init(
    project: str | None = None,
    *,
    name: str | None = None,
    id: str | None = None,
    dir: str | os.PathLike[str] | None = None,
    config: Any = None,
    tags: Sequence[str] | None = None,
    group: str | None = None,
    notes: str | None = None,
    resume: Resume = "never",
    mode: Mode | None = None,
    on_error: OnError = "raise",
    encode_threads: int | None = None,
    record_environment: bool = True,
    quiet: bool = False,
) -> LocalRun:
    """Start a run, and make it the one that `log` and `finish` mean.

    Parameters
    ----------
    project, name, notes
        What the run is called, for people; a run without a name gets one that reads well.
    id
        Name of the run folder; by default the UTC time and 8 hex digits.
    dir
        The runs folder; by default ``$RUNLOG_DIR``, else ``./runs``.
    config
        Mapping or `argparse.Namespace` of values that JSON can hold; ``run.config`` changes it later.
    tags
        Strings to find the run by.
    group
        Name shared by runs that belong together, such as the processes of one job.
    resume
        What an `id` means whose run is there: ``never`` an error, ``allow`` go on with it (else start it),
        ``must`` go on with it (else an error). A resumed run goes on at the step after its last.
    mode
        ``local``; or ``disabled``: the same interface, and nothing is written.
    on_error
        What happens when the disk is full, read-only or gone: ``raise`` an error; or ``warn`` once, count
        what is lost, and let the training go on.
    encode_threads
        Threads that encode the images of one call; by default the cores this process may use. Data loaders
        may want some of them.
    record_environment
        Record platform, command line, git commit and package versions, from a thread.
    quiet
        Print nothing, as ``RUNLOG_SILENT=1`` does. Otherwise one line at the start (the run folder) and one
        at the end (the command that shows it) go to stderr.

    Returns
    -------
    LocalRun
        Usable as a context manager: an exception marks the run failed. In a notebook the run before it, if
        still open, is finished first.

    Raises
    ------
    InvalidTypeError, InvalidValueError, StorageError
        If an argument cannot be used, or the folder cannot be made.

    Notes
    -----
    Environment variables stand in for arguments that are not given; see `runlog.writing.settings`.

    Examples
    --------
    >>> with runlog.init("segmentation", config={"lr": 1e-3}) as run:
    ...     run.log({"loss": 0.5, "val/predictions": [runlog.Image(array, caption="a coin")]}, step=0)
    """
    settings = read_settings(
        project=project,
        name=name,
        id=id,
        dir=dir,
        config=config,
        tags=tags,
        group=group,
        notes=notes,
        resume=resume,
        mode=mode,
        on_error=on_error,
        encode_threads=encode_threads,
        record_environment=record_environment,
        quiet=quiet,
    )
    if _current is not None and _in_notebook():
        _current.finish()
    run, trouble = uninterrupted(partial(_start, settings))
    if trouble is not None:
        warn(f"{trouble}; nothing of this run is stored")
    if not (settings.quiet or isinstance(run, DisabledRun)):
        folder = _short(run.folder)
        _say(
            f"runlog: going on with {folder} at step {run.step}"
            if run.step
            else f"runlog: logging to {folder}"
        )
        run.on_finish(lambda: _say(f"runlog: see it with  runlog view {shlex.quote(folder)}"))
    return run


def _start(settings: Settings) -> tuple[LocalRun, StorageError | None]:
    """Start a run and make it the current one; return what made it a disabled one, too."""
    global _current  # noqa: PLW0603 - one current run a process is what the module-level functions mean
    trouble = None
    if settings.mode == "disabled":
        _current = DisabledRun(settings)
    else:
        try:
            _current = LocalRun(settings)
        except StorageError as error:
            if settings.on_error == "raise" or isinstance(error, RunLockedError):
                raise
            _current, trouble = DisabledRun(settings), error
    return _current, trouble


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def log(data: Mapping[str, Any], step: int | str | None = None, commit: bool | None = None) -> None:
    """Log to the current run; see `LocalRun.log`."""
    current().log(data, step=step, commit=commit)


def finish(state: FinalState = "finished") -> None:
    """End the current run, if there is one; see `LocalRun.finish`."""
    if _current is not None:
        _current.finish(state)


def current() -> LocalRun:
    """Return the run that `init` started last.

    Raises
    ------
    InvalidValueError
        If `init` was not called.
    """
    if _current is None:
        raise InvalidValueError("a run must be started first, but runlog.init() was not called")
    return _current


def _short(folder: Path) -> str:
    relative = os.path.relpath(folder)
    return relative if not relative.startswith("..") else str(folder)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
