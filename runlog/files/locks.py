"""One writer at a time: a lock on a file, which ends with the process that holds it, however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sys
import time
from pathlib import Path

from runlog.errors import StorageError, shown
from runlog.files.safe_folder import open_plain

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


_PAUSE_SECONDS = 0.02
# A process and a host; what is longer was not written by a holder.
_LONGEST_HOLDER = 1000


class LockHeldError(StorageError):
    """Another process, or another holder in this one, has the lock.

    Attributes
    ----------
    holder
        Who that is, in words.
    """

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(f"{path} must be free, but {holder} holds it")
        self.holder = holder


class FileLock:
    """A lock, held from construction to `release`.

    Parameters
    ----------
    path
        The lock file, which is there for as long as the lock is held.
    patience
        For how many seconds to try.

    Raises
    ------
    LockHeldError
        If it is still held then.
    StorageError
        If what has the name of the lock file is none.
    OSError
        If the lock file cannot be made.
    """

    def __init__(self, path: Path, patience: float) -> None:
        self._path = path
        last_try = time.monotonic() + patience
        while not self._acquire():
            if time.monotonic() > last_try:
                raise LockHeldError(path, holder(path))
            time.sleep(_PAUSE_SECONDS)

    def release(self) -> None:
        """Remove the lock file and let go."""
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def forget(self) -> None:
        """In a forked child: close the copy of the lock, which would outlive the parent's."""
        os.close(self._descriptor)

    def _acquire(self) -> bool:
        self._descriptor = open_plain(self._path, os.O_RDWR | os.O_CREAT, self._path)
        try:
            if _try_lock(self._descriptor, shared=False) and self._is_ours():
                self._write_holder()
                return True
        except BaseException:
            os.close(self._descriptor)
            raise
        os.close(self._descriptor)
        return False

    def _is_ours(self) -> bool:
        status = os.fstat(self._descriptor)
        if status.st_nlink > 1:
            # Its other name, as in a backup made of links, may be that of a file which is not ours to write.
            self._path.unlink(missing_ok=True)
        # The holder before may have removed the file between our open and our lock.
        try:
            return os.path.samestat(status, self._path.lstat())
        except FileNotFoundError:
            return False

    def _write_holder(self) -> None:
        os.ftruncate(self._descriptor, 0)
        # It is only for messages: on a full disk, where room is to be made, the lock holds without.
        with contextlib.suppress(OSError):
            os.write(self._descriptor, json.dumps({"pid": os.getpid(), "host": platform.node()}).encode())


def is_held(path: Path) -> bool:
    """Return whether a process of this host holds the lock of a file now."""
    try:
        descriptor = open_plain(path, os.O_RDONLY, path)
    except OSError:
        return False
    try:
        return not _try_lock(descriptor, shared=True)
    except OSError:
        return False
    finally:
        os.close(descriptor)


def holder(path: Path) -> str:
    """Return who holds the lock of a file, for messages."""
    try:
        with os.fdopen(open_plain(path, os.O_RDONLY, path), "rb") as file:
            found = json.loads(file.read(_LONGEST_HOLDER))
        return f"process {int(found['pid'])} on {shown(str(found['host']))[1:-1]}"
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return "another process"
