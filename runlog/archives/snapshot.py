"""A consistent copy of a run folder's content, also while its run writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from runlog.errors import StorageError
from runlog.files.safe_folder import OpenFolder, SafeFolder
from runlog.storage import queries
from runlog.storage.connections import open_for_reading, read_errors, transaction
from runlog.storage.file_records import FileRecord, MediaRecord
from runlog.storage.layout import DATABASE, check_run_id, is_kept_path
from runlog.storage.lock import is_locked
from runlog.storage.row_checks import refuse_bad_rows

# A file can be replaced while its row is read; one that is still missing after so many looks is gone.
_LOOKS = 20
# So many folders of media may be open at once, each twice.
_MOST_FOLDERS = 32


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A run as it was at one moment, in a folder of its own.

    Attributes
    ----------
    folder
        Holds ``run.db`` and the files its rows name; the folder's name is the run id.
    source
        The run folder it was taken of.
    revision
        That of the run.
    kept
        What the rows say of each file, media and others, by path.
    missing
        The files that are named by a row, but were not in the run folder.
    is_live
        Whether the run was being written.
    """

    folder: Path
    source: Path
    revision: int
    kept: Mapping[PurePosixPath, MediaRecord | FileRecord]
    missing: frozenset[PurePosixPath]
    is_live: bool


def take_snapshot(run_folder: Path, parent: Path, *, may_link: bool) -> Snapshot:
    """Copy what a run folder holds at one moment to a folder in `parent`.

    The same rows give the same bytes of ``run.db``. Media files are never changed once they have their name,
    but one that is replaced goes: so most are taken first, and the rest within the transaction that the rows
    are read in, the newest first.

    Parameters
    ----------
    may_link
        Take media files as hard links where the file system has them: the snapshot is of passing use.

    Raises
    ------
    StorageError
        If there is no run, it cannot be read, or `parent` cannot be written or holds a run of that id.
    """
    with _opened(run_folder, parent) as (db, folder):
        holder = _Holder(run_folder, folder, may_link=may_link and not run_folder.is_symlink())
        is_live = is_locked(run_folder)
        missing = _settle(db, holder, folder / DATABASE)
    snapshot = _snapshot(folder, run_folder, missing, is_live=is_live)
    holder.release(snapshot.kept)
    return snapshot


def take_rows(run_folder: Path, parent: Path) -> Snapshot:
    """Copy what ``run.db`` holds at one moment to a folder in `parent`, and no files.

    Raises
    ------
    StorageError
        As `take_snapshot` does.
    """
    with _opened(run_folder, parent) as (db, folder):
        is_live = is_locked(run_folder)
        with transaction(db):
            _copy_rows(db, folder / DATABASE)
    return _snapshot(folder, run_folder, frozenset(), is_live=is_live)


@contextmanager
def _opened(run_folder: Path, parent: Path) -> Iterator[tuple[sqlite3.Connection, Path]]:
    """Open the database of a run, and make the folder of its snapshot."""
    with ExitStack() as cleanup:
        db = open_for_reading(run_folder, cleanup)
        with read_errors(run_folder / DATABASE):
            # All of them: an archive is kept, and read where nobody can ask whom it came from.
            refuse_bad_rows(db)
            folder = parent / check_run_id(queries.read_run_id(db))
            if folder.exists():
                raise StorageError(
                    f"an archive must hold a run once, but {run_folder} is {folder.name} again"
                )
            folder.mkdir(parents=True)
            yield db, folder


def _snapshot(folder: Path, source: Path, missing: frozenset[PurePosixPath], *, is_live: bool) -> Snapshot:
    with ExitStack() as cleanup:
        db = open_for_reading(folder, cleanup)
        kept = {record.path: record for record in queries.read_kept(db)}
        return Snapshot(folder, source, queries.read_revision(db), kept, missing, is_live)


class _Holder:
    """Takes media files into a snapshot."""

    def __init__(self, source: Path, target: Path, *, may_link: bool) -> None:
        self._source, self._target = SafeFolder(source), SafeFolder(target)
        self._held: set[PurePosixPath] = set()
        self._may_link = may_link

    def hold(self, paths: Iterable[PurePosixPath]) -> frozenset[PurePosixPath]:
        """Take the files not held yet; return those that are not there."""
        missing = set()
        with ExitStack() as opened:
            folders: dict[PurePosixPath, tuple[OpenFolder, OpenFolder] | None] = {}
            for path in paths:
                if path in self._held:
                    continue
                if not is_kept_path(path):
                    missing.add(path)
                    continue
                if len(folders) >= _MOST_FOLDERS and path.parent not in folders:
                    opened.close()
                    folders.clear()
                if path.parent not in folders:
                    folders[path.parent] = self._opened(path.parent, opened)
                if not self._take(path, folders[path.parent]):
                    missing.add(path)
        return frozenset(missing)

    def release(self, named: Iterable[PurePosixPath]) -> None:
        """Drop the files that no row of the snapshot names."""
        for path in self._held.difference(named):
            self._target.remove(path)

    def _opened(self, folder: PurePosixPath, opened: ExitStack) -> tuple[OpenFolder, OpenFolder] | None:
        """Open a folder of the run and of the snapshot; None if the run has none."""
        try:
            source = opened.enter_context(self._source.inside(folder))
        except OSError:
            return None
        return source, opened.enter_context(self._target.inside(folder, make=True))

    def _take(self, path: PurePosixPath, folders: tuple[OpenFolder, OpenFolder] | None) -> bool:
        """Take a file, if it is there."""
        if folders is None:
            return False
        source, target = folders
        try:
            target.bring(path.name, source, may_link=self._may_link)
        except OSError as error:
            if not source.is_file(path.name):
                return False
            raise StorageError(
                f"{self._source.path / path} must be copied to {self._target.path / path}, but: "
                f"{error.strerror or error}"
            ) from None
        self._held.add(path)
        return True


def _settle(db: sqlite3.Connection, holder: _Holder, target: Path) -> frozenset[PurePosixPath]:
    """Copy the rows of a moment at which all files that they name are held; return those that are gone."""
    revision = queries.read_revision(db)
    holder.hold(queries.read_newest_paths(db))
    for looks_left in reversed(range(_LOOKS)):
        with transaction(db):
            missing = holder.hold(queries.read_newest_paths(db))
            before, revision = revision, queries.read_revision(db)
            # Gone for good, if the run has not written since the last look.
            if not missing or before == revision or looks_left == 0:
                _copy_rows(db, target)
                break
    return missing


def _copy_rows(db: sqlite3.Connection, target: Path) -> None:
    """Write the database as the transaction sees it, in the one form that its content has."""
    raw = target.with_name(f".{target.name}.tmp")
    try:
        with closing(sqlite3.connect(raw, isolation_level=None)) as copy:
            db.backup(copy)
            copy.execute("PRAGMA journal_mode = OFF")
            copy.execute("PRAGMA synchronous = OFF")
            # It counts changes of the schema, vacuums included; nothing else tells a copy of a copy apart.
            copy.execute("PRAGMA schema_version = 1")
            copy.execute("VACUUM INTO ?", [str(target)])
    except sqlite3.Error as error:
        raise StorageError(f"the rows of a run must be copied to {target}, but: {error}") from None
    raw.unlink()
