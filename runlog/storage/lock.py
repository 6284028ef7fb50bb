"""One writer a run folder."""

from __future__ import annotations

from pathlib import Path

from runlog.errors import RunLockedError, StorageError
from runlog.files.locks import FileLock, LockHeldError, is_held
from runlog.files.locks import holder as holder_of
from runlog.storage.layout import LOCK

# A reader that looks whether the lock is free holds it for an instant; a writer tries for longer than that.
_PATIENCE_SECONDS = 0.2


class RunLock(FileLock):
    """The lock of a run folder's writer, held from construction to `release`.

    Raises
    ------
    RunLockedError
        If another process, or another run of this process, holds it.
    StorageError
        If the lock file cannot be made.
    """

    def __init__(self, run_folder: Path) -> None:
        try:
            super().__init__(run_folder / LOCK, _PATIENCE_SECONDS)
        except LockHeldError as held:
            raise RunLockedError(
                f"one process may write to {run_folder}, but {held.holder} does; "
                "for several processes give each its own run and all of them one group="
            ) from None
        except OSError as error:
            if isinstance(error, StorageError):
                raise
            raise StorageError(
                f"a run folder must be writable, but {run_folder / LOCK}: {error.strerror}"
            ) from None


def is_locked(run_folder: Path) -> bool:
    """Return whether a process of this host writes to the run folder now."""
    return is_held(run_folder / LOCK)


def holder(run_folder: Path) -> str:
    """Return who writes to the run folder, for messages."""
    return holder_of(run_folder / LOCK)
