"""The files of a run besides its media: those that a script saved, wrote itself or logged, as they are.

What is in the folder ``files`` belongs to the script, which may change it at any time: its rows say what was
there when they were last brought up to date. A file that was logged is in ``media/files``, and never changes.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from runlog.basics.uninterrupted import give_up_check
from runlog.errors import InvalidValueError, StorageError, shown
from runlog.files.safe_folder import Copied, SafeFolder, hashed
from runlog.storage.file_records import FileRecord
from runlog.storage.layout import (
    FILES,
    folded_name,
    is_run_file_path,
    logged_file_path,
    run_file_path,
    slugged_name,
)
from runlog.storage.media_folder import sync_files
from runlog.storage.writes import Store
from runlog.values.file import File, file_kind

MAX_FILES = 100_000
"""Files of a run as a whole that get a row; those past them, by name, get none."""
# A file that changed so shortly before it was read may have changed after, within the same tick of its clock:
# that of FAT has two seconds.
_TICK_NANOSECONDS = 2_000_000_000

_MOST_TOLD = 3

_Signature = tuple[int, int, int, int]


class RunFiles:
    """Writes the files of one run, and knows which there are.

    Parameters
    ----------
    run_folder
        The run folder.
    store
        Has their rows.
    """

    def __init__(self, run_folder: Path, store: Store) -> None:
        self._folder, self._files, self._store = run_folder, SafeFolder(run_folder), store
        # A process before may not have come to sync what it wrote.
        rows = store.files()
        self._unsynced = {record.path for record in rows}
        self._rows = {str(record.path): record for record in rows if record.key is None}
        self._by_folded = {folded_name(path): path for path in self._rows}
        # By path, what a file was like when this process read or wrote it; None if it has to be read again.
        self._seen: dict[str, _Signature | None] = {}
        self._told: set[str] = set()
        self._new: list[PurePosixPath] = []

    # Files of the run as a whole

    def place_of(self, name: str) -> PurePosixPath:
        """Return where a file of a name goes: apart from those that some file system takes for the same.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If it is no name of a file.
        """
        path = run_file_path(name)
        for parent in reversed(path.relative_to(FILES).parents[:-1]):
            if self._files.is_file(FILES / parent):
                raise InvalidValueError(
                    f"a file must not lie in another one, but {shown(name)} would lie in {FILES / parent}"
                )
        if self._files.is_folder(path):
            raise InvalidValueError(f"a file must have another name than a folder, but {path} is a folder")
        is_taken = self._by_folded.get(folded_name(str(path)), str(path)) != str(path)
        return path.with_name(slugged_name(path.name)) if is_taken else path

    def save(self, source: BinaryIO, name: str) -> PurePosixPath:
        """Copy an open file into the folder of files, in place of what has its name; return where it is.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If it is no name of a file.
        StorageError
            If it cannot be written.
        """
        path = self.place_of(name)
        with _storage_errors(self._folder, path):
            if self._is_itself(source, path):
                sha256, size = hashed(source, give_up_check())
                copied = Copied(path, sha256, size, is_new=False)
            else:
                copied = self._files.take(source, lambda _: path, give_up_check())
        status = self._files.status(path)
        try:
            self._put([_record(copied)], [])
        except BaseException:
            if copied.is_new:
                with contextlib.suppress(OSError):
                    self._files.remove(path)
            raise
        if status is not None:
            self._seen[str(path)] = _signature(status)
        return path

    def update(self) -> str | None:
        """Bring the rows of the run's files up to date; return in words what gets none, once.

        A file is read again where its size, time or place on the disk has changed since. The row of a file
        that is gone goes, if this process has known the file: else somebody has lost it, and its row stays.

        Raises
        ------
        StorageError
            If the rows cannot be written.
        """
        check, begun = give_up_check(), time.time_ns()
        found, complaints = find_run_files(self._folder, self._rows)
        changed: list[FileRecord] = []
        seen: dict[str, _Signature | None] = {}
        for path, status in found.items():
            if self._seen.get(path) == _signature(status):
                continue
            check()
            try:
                record, now = self._read(path, check)
            except OSError as error:
                complaints.append(f"{path} cannot be read ({error.strerror or error})")
                continue
            if record != self._rows.get(path):
                changed.append(record)
            is_settled = now == _signature(status) and status.st_mtime_ns < begun - _TICK_NANOSECONDS
            seen[path] = now if is_settled else None
        gone = [
            path for path in self._rows if path in self._seen and path not in found and self._is_gone(path)
        ]
        if changed or gone:
            self._put(changed, gone)
        self._seen.update(seen)
        return self._in_words(complaints)

    def take_note(self, paths: Collection[PurePosixPath]) -> None:
        """Write the rows of some files of the run as they are now.

        Raises
        ------
        OSError, StorageError
            If they cannot be read, or the rows cannot be written.
        """
        check = give_up_check()
        if paths:
            self._put([self._read(str(path), check)[0] for path in paths], [])

    def _read(self, path: str, check: Callable[[], None]) -> tuple[FileRecord, _Signature]:
        with self._files.open(path) as file:
            sha256, size = hashed(file, check)
            now = _signature(os.fstat(file.fileno()))
        return _record(Copied(PurePosixPath(path), sha256, size, is_new=False)), now

    def _put(self, records: list[FileRecord], gone: list[str]) -> None:
        self._store.change_files(records, map(PurePosixPath, gone))
        for record in records:
            self._rows[str(record.path)] = record
            self._by_folded[folded_name(str(record.path))] = str(record.path)
            self._unsynced.add(record.path)
        for path in gone:
            del self._rows[path], self._seen[path]
            self._by_folded.pop(folded_name(path), None)

    def _is_gone(self, path: str) -> bool:
        try:
            (self._folder / path).lstat()
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return False

    def _in_words(self, complaints: list[str]) -> str | None:
        new = [complaint for complaint in complaints if complaint not in self._told]
        self._told.update(new)
        if not new:
            return None
        more = f"; and {len(new) - _MOST_TOLD:,} more" if len(new) > _MOST_TOLD else ""
        return (
            f"what lies in {self._folder / FILES} must be plain files to be kept with the run, but "
            f"{'; '.join(new[:_MOST_TOLD])}{more}: archives leave it out"
        )

    def _is_itself(self, source: BinaryIO, path: PurePosixPath) -> bool:
        """Return whether an open file is the one that it would replace."""
        status = self._files.status(path)
        try:
            return status is not None and os.path.samestat(status, os.fstat(source.fileno()))
        except OSError:
            return False

    # Files that are logged

    def add_logged(self, files: Mapping[str, Sequence[File]], step: int) -> dict[str, tuple[FileRecord, ...]]:
        """Put files that are logged at a step in place, by key and in order.

        Raises
        ------
        StorageError
            If one cannot be read or written.
        """
        check = give_up_check()
        return {
            key: tuple(self._add(file, key, step, index, check) for index, file in enumerate(several))
            for key, several in files.items()
        }

    def _add(self, file: File, key: str, step: int, index: int, check: Callable[[], None]) -> FileRecord:
        check()

        def name_of(sha256: str) -> PurePosixPath:
            return logged_file_path(key, step, index, sha256, file.name)

        with file.open() as source, _storage_errors(self._folder, name_of("")):
            copied = self._files.take(source, name_of, check)
        if copied.is_new:
            self._new.append(copied.name)
        return _record(copied, key, step, index)

    def settle(self) -> None:
        """Keep what was added since the last call: its rows are written."""
        self._unsynced.update(self._new)
        self._new.clear()

    def discard(self) -> None:
        """Remove what was added since `settle`: its rows were not written."""
        for path in self._new:
            with contextlib.suppress(OSError):
                self._files.remove(path)
        self._new.clear()

    def sync(self) -> None:
        """Bring the files that have rows, and their folders, to the disk, where they are not there yet."""
        sync_files(self._folder, self._unsynced)
        self._unsynced.clear()


def find_run_files(run_folder: Path, known: Container[str]) -> tuple[dict[str, os.stat_result], list[str]]:
    """Return the files of a run as a whole that get a row, by path, and what is to be said of what gets none.

    Parameters
    ----------
    known
        The paths that have a row: they come first.
    """
    found: dict[str, os.stat_result] = {}
    complaints = []
    by_folded: dict[str, str] = {}
    there = SafeFolder(run_folder).walk(str(FILES))
    for path, status in sorted(there, key=lambda one: (one[0] not in known, one[0])):
        if not stat.S_ISREG(status.st_mode):
            complaints.append(f"{shown(path)} is a link or no plain file")
        elif not is_run_file_path(path):
            complaints.append(f"{shown(path)} has a name that other systems cannot have")
        elif (other := by_folded.setdefault(folded_name(path), path)) != path:
            complaints.append(
                f"{shown(path)} differs from {shown(other)} by capitals or the form of letters alone"
            )
        elif len(found) < MAX_FILES:
            found[path] = status
    if len(by_folded) > MAX_FILES:
        complaints.append(f"there are {len(by_folded):,} files, and only {MAX_FILES:,} get a row")
    return found, complaints


def _record(
    copied: Copied, key: str | None = None, step: int | None = None, index: int | None = None
) -> FileRecord:
    kind = file_kind(copied.name.name)
    return FileRecord(key, step, index, copied.name, kind, copied.sha256, copied.bytes)


def _signature(status: os.stat_result) -> _Signature:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


@contextlib.contextmanager
def _storage_errors(run_folder: Path, path: PurePosixPath) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(
            f"the folder {run_folder} must be writable, but {path}: {error.strerror or error}"
        ) from None
