"""Which run goes on: the one that ``init`` started last."""

from __future__ import annotations

import atexit
import os

from runlog.errors import InvalidValueError
from runlog.wandb.wandb_run import Run

_runs: list[Run] = []
if hasattr(os, "register_at_fork"):
    # A forked child has runs of its own; those of its parent are written by that alone.
    os.register_at_fork(after_in_child=_runs.clear)


def open_run() -> Run | None:
    """Return the run that was started last, None without one, and after its end."""
    _runs[:] = [run for run in _runs if not run.is_finished]
    return _runs[-1] if _runs else None


def current() -> Run:
    """Return the run that was started last.

    Raises
    ------
    InvalidValueError
        If there is none.
    """
    if (run := open_run()) is None:
        raise InvalidValueError(
            "a run must be started first, but in this process there is none; call wandb.init()"
        )
    return run


def hold(run: Run) -> None:
    """Make a run the one that goes on."""
    _runs.append(run)


def finish_all(exit_code: int | None = None) -> None:
    """End every run that goes on."""
    while (run := open_run()) is not None:
        run.finish(exit_code)


@atexit.register
def _save_last_state() -> None:
    # The runs themselves end as runs do: as failed where an exception ends the script.
    for run in _runs:
        run.save_live_files()
