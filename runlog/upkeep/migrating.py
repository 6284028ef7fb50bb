"""A run folder of an older runlog → the schema of this one."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

from runlog.files.paths import absolute_path
from runlog.storage.connections import close_after_writing, open_any_schema, open_for_writing, read_errors
from runlog.storage.layout import DATABASE
from runlog.storage.migrations import pending
from runlog.upkeep.exclusive import held


def migrate(run_folder: str | os.PathLike[str]) -> tuple[str, ...]:
    """Bring the database of a run folder to the schema of this version.

    Returns
    -------
    tuple of str
        The migrations that were applied, the oldest first; none if it was up to date.

    Raises
    ------
    InvalidValueError
        If the folder lies in an archive.
    RunLockedError
        If the run is being written.
    StorageError
        If there is no run, a newer version of runlog wrote it, or it cannot be written.
    """
    folder = absolute_path(run_folder)
    with held(folder):
        names = pending_migrations(folder)
        if names:
            close_after_writing(open_for_writing(folder))
    return names


def pending_migrations(run_folder: Path) -> tuple[str, ...]:
    """Return the migrations that a run folder has not seen yet, the oldest first."""
    path = run_folder / DATABASE
    with ExitStack() as cleanup, read_errors(path):
        return pending(open_any_schema(run_folder, cleanup), str(path))
