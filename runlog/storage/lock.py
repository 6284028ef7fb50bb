"""One writer a run folder: a file lock that ends with the process that holds it, however it ends."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from pathlib import Path

from runlog.errors import RunLockedError, StorageError
from runlog.storage.layout import LOCK

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        # Windows has no shared lock of this kind: a reader that looks holds it alone for an instant.
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


# A reader that looks whether the lock is free holds it for an instant; a writer tries for longer than that.
_ATTEMPTS = 10
_PAUSE_SECONDS = 0.02


class RunLock:
    """The lock of a run folder's writer, held from construction to `release`.

    Raises
    ------
    RunLockedError
        If another process, or another run of this process, holds it.
    StorageError
        If the lock file cannot be made.
    """

    def __init__(self, run_folder: Path) -> None:
        self._path = run_folder / LOCK
        for _ in range(_ATTEMPTS):
            self._descriptor = self._open()
            if _try_lock(self._descriptor, shared=False) and self._is_current():
                self._write_holder()
                return
            os.close(self._descriptor)
            time.sleep(_PAUSE_SECONDS)
        raise RunLockedError(
            f"one process may write to {run_folder}, but {holder(run_folder)} does; "
            "for several processes give each its own run and all of them one group="
        )

    def release(self) -> None:
        """Remove the lock file and let go."""
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def forget(self) -> None:
        """In a forked child: close the copy of the lock, which would outlive the parent's."""
        os.close(self._descriptor)

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        except OSError as error:
            raise StorageError(f"a run folder must be writable, but {self._path}: {error.strerror}") from None

    def _is_current(self) -> bool:
        # The holder before may have removed the file between our open and our lock.
        try:
            return os.path.samestat(os.fstat(self._descriptor), self._path.stat())
        except FileNotFoundError:
            return False

    def _write_holder(self) -> None:
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, json.dumps({"pid": os.getpid(), "host": platform.node()}).encode())


def is_locked(run_folder: Path) -> bool:
    """Return whether a process of this host writes to the run folder now."""
    try:
        descriptor = os.open(run_folder / LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _try_lock(descriptor, shared=True)
    finally:
        os.close(descriptor)


def holder(run_folder: Path) -> str:
    """Return who writes to the run folder, for messages."""
    try:
        found = json.loads((run_folder / LOCK).read_text())
        return f"process {found['pid']} on {found['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
