"""The module-level face: `init`, and `log` and `finish` for the run that was started last."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from runlog.errors import StorageError
from runlog.local_run import FinalState, LocalRun

_current: LocalRun | None = None


def init(
    project: str | None = None,
    *,
    name: str | None = None,
    id: str | None = None,
    dir: str | os.PathLike[str] | None = None,
    config: Any = None,
    tags: Sequence[str] = (),
    group: str | None = None,
    notes: str | None = None,
    quiet: bool = False,
) -> LocalRun:
    """Start a run in a new run folder, and make it the one that `log` and `finish` mean.

    Parameters
    ----------
    project, name, notes
        What the run is called, for people; the name is the id unless given.
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
    quiet
        Print nothing, as ``RUNLOG_SILENT=1`` does. Otherwise one line at the start (the run folder) and one
        at the end (the command that shows it) go to stderr.

    Returns
    -------
    LocalRun
        Usable as a context manager: an exception marks the run failed.

    Raises
    ------
    InvalidTypeError, InvalidValueError, StorageError
        If an argument cannot be used, or the folder cannot be made.

    Examples
    --------
    >>> with runlog.init("segmentation", config={"lr": 1e-3}) as run:
    ...     run.log({"loss": 0.5, "val/predictions": [runlog.Image(array, caption="a coin")]}, step=0)
    """
    global _current  # noqa: PLW0603 - one current run a process is what the module-level functions mean
    run = LocalRun(project, name=name, id=id, dir=dir, config=config, tags=tags, group=group, notes=notes)
    if not (quiet or os.environ.get("RUNLOG_SILENT", "") not in ("", "0", "false")):
        shown_folder = _short(run.folder)
        _say(f"runlog: logging to {shown_folder}")
        run.on_finish(lambda: _say(f"runlog: see it with  runlog view {shlex.quote(shown_folder)}"))
    _current = run
    return run


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
    StorageError
        If `init` was not called.
    """
    if _current is None:
        raise StorageError("a run must be started first, but runlog.init() was not called")
    return _current


def _short(folder: Path) -> str:
    relative = os.path.relpath(folder)
    return relative if not relative.startswith("..") else str(folder)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
