"""Opening the database of a run folder: for its one writer, and for readers that change nothing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Literal

from runlog.errors import RunlogError, StorageError
from runlog.storage.layout import DATABASE
from runlog.storage.schema import check_readable, migrate, refuse_newer

_BUSY_SECONDS = 10.0
# A checkpoint syncs, which blocks that log() for milliseconds: with SQLite's 1,000, one call in a hundred.
_CHECKPOINT_PAGES = 4000
# Offset 18 of a SQLite file: 2 where it is in WAL mode (sqlite.org/fileformat.html, 1.3).
_WRITE_VERSION_OFFSET = 18
_WAL_VERSION = 2
_NETWORK_FILE_SYSTEMS = (
    "nfs", "cifs", "smb", "9p", "afs", "ceph", "lustre", "gpfs", "beegfs", "glusterfs", "orangefs",
    "fuse.sshfs", "fuse.ceph", "fuse.glusterfs", "fuse.s3fs",
)  # fmt: skip


def open_for_writing(run_folder: Path) -> sqlite3.Connection:
    """Open, or create, the database of a run whose lock the caller holds; WAL mode, schema up to date.

    Raises
    ------
    StorageError
        If it cannot be opened, or a newer version of runlog wrote it.
    """
    path = run_folder / DATABASE
    try:
        connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        refuse_newer(connection, str(path))
        # A WAL's index is shared memory, which other hosts of a network file system do not see.
        journal_mode = "TRUNCATE" if is_on_network(run_folder) else "WAL"
        connection.execute(f"PRAGMA journal_mode = {journal_mode}")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        migrate(connection)
    except sqlite3.Error as error:
        raise StorageError(f"a run folder must hold a writable database, but {path}: {error}") from None
    return connection


def is_on_network(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> bool:
    """Return whether a folder lies on a network file system.

    Parameters
    ----------
    folder
        The folder.
    mounts
        The system's table of mounts (proc(5)); where there is none, as on macOS, the answer is False.
    """
    try:
        rows = [line.split(" ") for line in mounts.read_text(errors="surrogateescape").splitlines()]
    except OSError:
        return False
    kind_of = {_unescaped(row[1]): row[2] for row in rows if len(row) > 2}
    absolute = folder.resolve()
    nearest = next((str(path) for path in (absolute, *absolute.parents) if str(path) in kind_of), None)
    return nearest is not None and kind_of[nearest].startswith(_NETWORK_FILE_SYSTEMS)


def _unescaped(path: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        path = path.replace(code, character)
    return path


def sync_rows(connection: sqlite3.Connection, mode: Literal["PASSIVE", "TRUNCATE"] = "PASSIVE") -> None:
    """Bring all that was committed to the disk, power loss included: a checkpoint syncs the WAL first."""
    _, frames, copied = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    if copied < frames:
        # A reader that stays at an older state holds the checkpoint up, and the sync with it.
        path = connection.execute("PRAGMA database_list").fetchone()[2]
        descriptor = os.open(f"{path}-wal", os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def close_after_writing(connection: sqlite3.Connection) -> None:
    """Make one self-contained file: empty the WAL, and leave WAL mode if no reader is in it."""
    with closing(connection):
        # A reader that stays in the WAL is no reason to hold up the end of a run.
        connection.execute("PRAGMA busy_timeout = 500")
        sync_rows(connection, "TRUNCATE")
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError:
            # A reader holds it: the folder stays in WAL mode, which every reader of ours opens.
            return


def open_for_reading(run_folder: Path, cleanup: ExitStack) -> sqlite3.Connection:
    """Open the database of a run for reading; the folder may be live, read-only or a copy.

    Parameters
    ----------
    run_folder
        The folder that holds ``run.db``.
    cleanup
        What must be done when reading ends is left on this stack.

    Raises
    ------
    StorageError
        If there is none, it is corrupt, or another version of runlog wrote it.
    """
    connection = open_any_schema(run_folder, cleanup)
    with read_errors(run_folder / DATABASE):
        check_readable(connection, str(run_folder / DATABASE))
    return connection


def open_any_schema(run_folder: Path, cleanup: ExitStack) -> sqlite3.Connection:
    """Open the database of a run for reading, as `open_for_reading` does, whichever version wrote it."""
    path = run_folder / DATABASE
    if not path.is_file():
        raise StorageError(f"a run folder must hold {DATABASE}, but {run_folder} does not")
    with read_errors(path):
        connection = _connect_in_place(path) or _connect_to_copy(path, cleanup)
    cleanup.enter_context(closing(connection))
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all of what is inside or, after any exception, none of it."""
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def read_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors, and what unreadable rows provoke, into one clear line."""
    try:
        yield
    except (sqlite3.Error, OSError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, RunlogError):
            raise
        raise StorageError(f"{path} must be a readable database of runlog, but: {error}") from None


def _connect_in_place(path: Path) -> sqlite3.Connection | None:
    if path.with_name(path.name + "-wal").exists():
        return _connect(path, "mode=ro")
    # Without a WAL nobody writes; a database left in WAL mode would want its side files made.
    return _connect(path, "mode=ro&immutable=1" if _is_wal_mode(path) else "mode=ro")


def _connect_to_copy(path: Path, cleanup: ExitStack) -> sqlite3.Connection:
    """Read a WAL database whose folder is read-only: it wants an index file beside it."""
    import shutil
    import tempfile

    folder = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="runlog-"))
    for name in (path.name, path.name + "-wal"):
        if path.with_name(name).exists():
            shutil.copyfile(path.with_name(name), Path(folder) / name)
    connection = sqlite3.connect(Path(folder) / path.name, check_same_thread=False)
    connection.execute("SELECT count(*) FROM sqlite_master")
    return connection


def _connect(path: Path, options: str) -> sqlite3.Connection | None:
    uri = f"{path.absolute().as_uri()}?{options}"
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, check_same_thread=False)
    except sqlite3.OperationalError:
        return None
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.DatabaseError as error:
        connection.close()
        if isinstance(error, sqlite3.OperationalError):
            return None
        raise
    return connection


def _is_wal_mode(path: Path) -> bool:
    with path.open("rb") as file:
        header = file.read(_WRITE_VERSION_OFFSET + 1)
    return len(header) > _WRITE_VERSION_OFFSET and header[_WRITE_VERSION_OFFSET] == _WAL_VERSION
