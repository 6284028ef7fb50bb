"""Changing a run folder that no run writes to."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from runlog.errors import InvalidValueError, RunLockedError
from runlog.storage.layout import refuse_bag, refuse_link, refuse_other_folder
from runlog.storage.lock import RunLock, holder, is_locked
from runlog.storage.writes import Store
from runlog.upkeep.room import make_room


def refuse_live(run_folder: Path) -> None:
    """Refuse a folder that holds no run, or whose run writes now.

    Raises
    ------
    StorageError, RunLockedError
        Saying which.
    """
    refuse_other_folder(run_folder)
    if is_locked(run_folder):
        raise RunLockedError(f"the run of {run_folder} must have ended, but {holder(run_folder)} writes it")


def refuse_other_host(run_folder: Path, unfinished_on: str | None) -> None:
    """Refuse a run that was never finished, and whose writer's lock could not be seen from here.

    Raises
    ------
    InvalidValueError
        Naming the host.
    """
    if unfinished_on not in (None, socket.gethostname()):
        raise InvalidValueError(
            f"a run must have ended to be changed, but {run_folder} was written on {unfinished_on}, where it "
            "may go on; if it has ended, `runlog check --repair --ended` closes it"
        )


@contextmanager
def held(run_folder: Path) -> Iterator[None]:
    """Keep every writer out of a run folder.

    Raises
    ------
    InvalidValueError
        If the folder lies in an archive, or is a link.
    StorageError, RunLockedError
        If there is no run, it is being written, or the folder cannot be written.
    """
    refuse_bag(run_folder)
    refuse_link(run_folder)
    refuse_live(run_folder)
    lock = RunLock(run_folder)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def writing(run_folder: Path) -> Iterator[Store]:
    """Give the writing side of the database of a run folder that nobody else writes.

    What a write-ahead log or journal holds is brought into it; in the end it is one file. Where the disk is
    full, what can be made again is removed first.

    Raises
    ------
    InvalidValueError
        If the folder lies in an archive, or is a link.
    StorageError, RunLockedError
        If there is no run, it is being written, or the folder cannot be written.
    """
    with held(run_folder):
        make_room(run_folder)
        with closing(Store(run_folder, partial(datetime.now, UTC))) as store:
            yield store
