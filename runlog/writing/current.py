"""The module-level face: `init`, and `log` and `finish` for the run that was started last."""

from __future__ import annotations

import inspect
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from functools import partial, wraps
from pathlib import Path
from typing import Any, ParamSpec

from runlog.basics.notices import notify
from runlog.basics.uninterrupted import uninterrupted
from runlog.errors import InvalidValueError, RunLockedError, StorageError, warn
from runlog.writing.disabled_run import DisabledRun
from runlog.writing.local_run import FinalState, LocalRun
from runlog.writing.settings import Settings, read_settings

P = ParamSpec("P")

_current: LocalRun | None = None


def _with_arguments_of(
    read: Callable[P, Settings],
) -> Callable[[Callable[[Settings], LocalRun]], Callable[P, LocalRun]]:
    """Let a function of settings be called with the arguments that `read` makes them of."""

    def decorate(start: Callable[[Settings], LocalRun]) -> Callable[P, LocalRun]:
        @wraps(start)
        def called(*args: P.args, **kwargs: P.kwargs) -> LocalRun:
            return start(read(*args, **kwargs))

        read.__qualname__ = start.__qualname__  # which a TypeError of a wrong argument names
        signature = inspect.signature(read).replace(return_annotation=LocalRun)
        called.__signature__ = signature  # type: ignore[attr-defined]
        summary, _, rest = (start.__doc__ or "").partition("\n")
        _, _, arguments = (read.__doc__ or "").partition("\n")
        called.__doc__ = f"{summary}\n{arguments.rstrip()}\n{rest}"
        return called

    return decorate


@_with_arguments_of(read_settings)
def init(settings: Settings) -> LocalRun:
    """Start a run, and make it the one that `log` and `finish` mean.

    Returns
    -------
    LocalRun
        Usable as a context manager: an exception marks the run failed. In a notebook the run before it, if
        still open, is finished first.

    Examples
    --------
    >>> with runlog.init("segmentation", config={"lr": 1e-3}) as run:
    ...     run.log({"loss": 0.5, "val/predictions": [runlog.Image(array, caption="a coin")]}, step=0)
    """
    if _current is not None and _in_notebook():
        _current.finish()
    run, trouble = uninterrupted(partial(_start, settings))
    if trouble is not None:
        warn(f"{trouble}; nothing of this run is stored")
    if not (settings.quiet or isinstance(run, DisabledRun)):
        folder = _short(run.folder)
        begins = f"going on with {folder} at step {run.step}" if run.step else f"logging to {folder}"
        notify(f"runlog: {begins}\n")
        run.on_finish(lambda: notify(f"runlog: see it with  runlog view {shlex.quote(folder)}\n"))
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
            _current, trouble = DisabledRun(settings, counts_lost=True), error
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


def open_run() -> LocalRun | None:
    """Return the run that `init` started last, None if there is none or it has ended: ``runlog.run``."""
    return None if _current is None or _current.is_finished else _current


def current() -> LocalRun:
    """Return the run that `init` started last.

    Raises
    ------
    InvalidValueError
        If `init` was not called.
    """
    if _current is None:
        raise InvalidValueError("a run must be started first, but there is none; call runlog.init()")
    return _current


def _short(folder: Path) -> str:
    try:
        relative = os.path.relpath(folder)
    except FileNotFoundError:
        # The working directory was deleted.
        return str(folder)
    return relative if not relative.startswith("..") else str(folder)
