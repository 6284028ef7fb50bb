"""Removing run folders for good."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack, suppress
from pathlib import Path

from runlog.errors import InvalidValueError, RunLockedError, RunlogError, StorageError
from runlog.files.paths import absolute_path, is_link
from runlog.storage import queries
from runlog.storage.connections import open_for_reading, read_errors
from runlog.storage.layout import DATABASE, find_removed, is_removed, new_removed_folder, refuse_bag
from runlog.upkeep.exclusive import refuse_live, refuse_other_host


def remove(run_folder: str | os.PathLike[str]) -> None:
    """Remove the folder of a run that has ended, with all that is in it. There is no way back.

    A run folder that cannot be read, as after a disk fault, is removed as well. What is left of one that
    could not be removed whole is no run any more, and goes with the next removal in its runs folder.

    Parameters
    ----------
    run_folder
        The folder itself, no link to it.

    Raises
    ------
    InvalidValueError
        If the folder is a link, lies in an archive, or the run may still be written on another host.
    RunLockedError
        If the run is being written.
    StorageError
        If the folder holds no run, or cannot be removed.
    """
    folder = absolute_path(run_folder)
    if is_link(folder):
        raise InvalidValueError(
            f"a run folder must be no link to be removed, but {folder} leads to {folder.resolve()}; "
            "remove the link, or the folder itself"
        )
    refuse_bag(folder)
    if is_removed(folder):
        clear(folder)
        return
    refuse_live(folder)
    _refuse_elsewhere(folder)
    # Under its final name a folder is whole, or gone: what is interrupted now is no run any more.
    doomed = new_removed_folder(folder)
    try:
        folder.rename(doomed)
    except OSError as error:
        raise StorageError(f"{folder} must be removed, but: {error.strerror or error}") from None
    clear(doomed)
    for left in find_removed(folder.parent):
        # This run is gone; that another one is not, `check` says.
        with suppress(StorageError):
            clear(left)


def clear(removed: Path) -> None:
    """Remove what is left of a run folder that was, or is being, removed.

    Raises
    ------
    StorageError
        Naming it, if it cannot be removed.
    """
    try:
        while os.path.lexists(removed):
            # Another process may be clearing it, too.
            with suppress(FileNotFoundError):
                shutil.rmtree(removed)
    except OSError as error:
        raise StorageError(
            f"a run must be removed whole, but: {error.strerror or error}; what is left of it is no run any "
            f"more, and is in {removed}, until the next `runlog rm` or `runlog check --repair` of "
            f"{removed.parent} can remove it"
        ) from None


def _refuse_elsewhere(folder: Path) -> None:
    try:
        with ExitStack() as cleanup, read_errors(folder / DATABASE):
            refuse_other_host(folder, queries.read_unfinished_host(open_for_reading(folder, cleanup)))
    except (InvalidValueError, RunLockedError):
        raise
    except RunlogError:
        # It cannot be read, so nothing can be lost that anybody could still have.
        return
