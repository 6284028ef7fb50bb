"""Opening the database of a run folder: for its one writer, and for readers that change nothing."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Literal

from runlog.errors import RunlogError, StorageError, shown
from runlog.files.safe_folder import SafeFolder
from runlog.storage.journals import journal_of, refuse_super_journal
from runlog.storage.layout import DATABASE, DATABASE_COMPANIONS, refuse_other_folder
from runlog.storage.migrations import applied_migrations, is_older, make_readable, migrate

_BUSY_SECONDS = 10.0
# A checkpoint syncs, which blocks that log() for milliseconds: with SQLite's 1,000, one call in a hundred.
_CHECKPOINT_PAGES = 4000
# Offset 18 of a SQLite file: 2 where it is in WAL mode (sqlite.org/fileformat.html, 1.3).
_WRITE_VERSION_OFFSET = 18
_WAL_VERSION = 2
# Where the index of a WAL, which is shared memory, is known to work. All else is taken for a network, whose
# other hosts do not see it: what clusters mount has too many names to list (nfs4, wekafs, fuse.rclone …).
_LOCAL_FILE_SYSTEMS = frozenset((
    *("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "bcachefs", "f2fs", "jfs", "reiserfs", "nilfs2", "ufs"),
    *("tmpfs", "ramfs", "devtmpfs", "rootfs", "overlay", "aufs", "ecryptfs"),
    *("apfs", "hfs", "hfsplus", "vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk", "udf"),
))  # fmt: skip
# No text, name or JSON of a run is longer: what is would fill the memory of whoever reads it.
MAX_VALUE_BYTES = 64 << 20
# The index of a WAL, and the pages of a transaction that changes little.
_NEEDED_BYTES = (32 << 10) + (64 << 10)
# In steps of SQLite's virtual machine, of which a row takes some ten and has ten bytes or more.
_WORK_STEP = 1_000_000
_WORK_PER_BYTE = 30
_LEAST_WORK = 5
_LONGEST_MESSAGE = 400


def open_for_writing(run_folder: Path, *, is_new: bool = False) -> sqlite3.Connection:
    """Open, or create, the database of a run whose lock the caller holds; WAL mode, schema up to date.

    One that is there already is changed only once all that it holds is known to be a run's: from then on, its
    writer need not doubt its rows.

    Parameters
    ----------
    is_new
        Whether the caller has just made it: what it holds is known then.

    Raises
    ------
    StorageError
        If it cannot be opened, holds anything else, or a newer version of runlog wrote it.
    """
    path = run_folder / DATABASE
    _refuse_strange_files(run_folder)
    refuse_super_journal(path)
    connection = None
    try:
        connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        _guard(connection, path)
        with read_errors(path):
            # To know what a sound one holds takes as long as making one.
            applied = () if is_new else applied_migrations(connection, str(path))
            was_older = bool(applied) and is_older(applied)
            if applied:
                from runlog.storage.row_checks import refuse_bad_rows

                refuse_bad_rows(connection)
            if applied or is_new:
                refuse_full_disk(run_folder, needed_bytes(run_folder, is_older=was_older))
        connection.set_progress_handler(None, 0)
        # A WAL's index is shared memory, which other hosts of a network file system do not see.
        journal_mode = "TRUNCATE" if is_on_network(run_folder) else "WAL"
        connection.execute(f"PRAGMA journal_mode = {journal_mode}")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        if not is_new:
            migrate(connection, str(path))
        if was_older:
            # What it took of a disk that is nearly full is free again for what the run is opened for.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise StorageError(f"a run folder must hold a writable database, but {path}: {error}") from None
        raise
    return connection


def needed_bytes(run_folder: Path, *, is_older: bool) -> int:
    """Return how many bytes must be free for the database of a run to be opened for writing.

    Bringing an older one up to date may make each table anew, first in the journal and then in the file.
    """
    return _NEEDED_BYTES + (2 * (run_folder / DATABASE).stat().st_size if is_older else 0)


def refuse_full_disk(run_folder: Path, needed: int, reclaimable: int = 0) -> None:
    """Refuse to open a database for writing where its journal does not fit beside it.

    Parameters
    ----------
    needed
        As `needed_bytes` says.
    reclaimable
        Bytes that the caller can free.

    Raises
    ------
    StorageError
        Saying how many bytes are needed.
    """
    import shutil

    disk = shutil.disk_usage(run_folder)
    # A file system that does not tell its size says 0.
    if disk.total and disk.free + reclaimable < needed:
        raise StorageError(
            f"the disk must have {needed:,} bytes free for the journal of {run_folder / DATABASE}, "
            f"but has {disk.free:,}; nothing was changed: free some, by removing other files"
        )


def _guard(connection: sqlite3.Connection, path: Path) -> None:
    """Let nothing that a database holds run, compute without end, or fill the memory."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    # What the schema says is not trusted before it is compared; SQLite before 3.31 ignores the first.
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    renew_patience(connection, path)


def renew_patience(connection: sqlite3.Connection, path: Path) -> None:
    """Let a connection work as much from here on as a sound database of its size can ask for.

    Pages that refer to one another in a circle, or a thousand times to the same, have no end.
    """
    size = _size(path) + _size(f"{path}-wal")
    left = [_LEAST_WORK + _WORK_PER_BYTE * size // _WORK_STEP]

    def is_too_much() -> bool:
        left[0] -= 1
        return left[0] < 0

    connection.set_progress_handler(is_too_much, _WORK_STEP)


def _size(path: str | os.PathLike[str]) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - of thousands of runs, a Path each takes long
    except FileNotFoundError:
        return 0


def is_on_network(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> bool:
    """Return whether a folder lies on a file system of any other kind than those known to be local.

    Parameters
    ----------
    folder
        The folder.
    mounts
        The system's table of mounts (proc(5)). Where there is none, ``mount`` is asked, as on macOS; where
        that is not there either, as on Windows, the answer is False.
    """
    try:
        rows = [line.split(" ") for line in mounts.read_text(errors="surrogateescape").splitlines()]
        kind_of = {_unescaped(row[1]): row[2] for row in rows if len(row) > 2}
    except OSError:
        kind_of = _told_by_mount()
    absolute = folder.resolve()
    nearest = next((str(path) for path in (absolute, *absolute.parents) if str(path) in kind_of), None)
    return nearest is not None and kind_of[nearest] not in _LOCAL_FILE_SYSTEMS


def _told_by_mount(command: str = "/sbin/mount") -> dict[str, str]:
    """Return the kind of each mount as a BSD's ``mount`` says it: ``/dev/disk3 on /a b (apfs, local, …)``."""
    import subprocess

    try:
        told = subprocess.run([command], capture_output=True, timeout=5, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return {}
    lines = os.fsdecode(told.stdout).splitlines()
    found = (re.fullmatch(r".*? on (/.*) \(([a-z0-9]+)(, .*)?\)", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


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
    read_as_of_now(connection, run_folder)
    return connection


def open_copy(folder: SafeFolder, name: str, what: str, cleanup: ExitStack) -> sqlite3.Connection:
    """Open a copy of a database that no run has, which anybody may have made; its folder stays as it is.

    Texts that are no UTF-8 are read with escapes. `what` it must be is said in messages.

    Raises
    ------
    StorageError
        If it is no database, or cannot be read or copied.
    """
    import shutil
    import tempfile

    path = folder.path / name
    copy = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="runlog-"))) / path.name
    with read_errors(path, what):
        # With its journal, or what a killed writer had half done would be read.
        for suffix in ("", "-wal", "-journal"):
            if suffix and folder.status(f"{name}{suffix}") is None:
                continue
            with folder.open(f"{name}{suffix}") as source, open(f"{copy}{suffix}", "xb") as target:  # noqa: PTH123
                shutil.copyfileobj(source, target)
        refuse_super_journal(copy)
        connection = cleanup.enter_context(closing(sqlite3.connect(copy)))
        _guard(connection, copy)
        connection.text_factory = lambda text: text.decode(errors="backslashreplace")
        connection.execute("SELECT count(*) FROM sqlite_master")
        connection.execute("PRAGMA query_only = ON")
    return connection


def read_as_of_now(connection: sqlite3.Connection, run_folder: Path) -> None:
    """Let a database that `open_any_schema` opened be read as one that this version wrote.

    Raises
    ------
    StorageError
        If there is no run in it, or a newer version of runlog wrote it.
    """
    with read_errors(run_folder / DATABASE):
        make_readable(connection, str(run_folder / DATABASE))
        # It is ours: and SQLite before 3.41 takes json_extract for unsafe in a view.
        connection.execute("PRAGMA trusted_schema = ON")


def open_any_schema(run_folder: Path, cleanup: ExitStack) -> sqlite3.Connection:
    """Open the database of a run for reading, as `open_for_reading` does, whichever version wrote it."""
    path = run_folder / DATABASE
    _refuse_strange_files(run_folder)
    refuse_other_folder(run_folder)
    refuse_super_journal(path)
    with read_errors(path):
        connection = _connect_in_place(path) or _connect_to_copy(path, cleanup)
        cleanup.enter_context(closing(connection))
        connection.execute("PRAGMA query_only = ON")
    return connection


def _refuse_strange_files(run_folder: Path) -> None:
    # SQLite follows links, and makes and removes the files beside its own.
    SafeFolder(run_folder).refuse_strange(DATABASE, *DATABASE_COMPANIONS)


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
def read_errors(path: Path, what: str = "database of runlog") -> Iterator[None]:
    """Turn SQLite's errors, and what unreadable rows provoke, into one clear line."""
    try:
        yield
    except (sqlite3.Error, OSError, KeyError, TypeError, ValueError, MemoryError) as error:
        if isinstance(error, RunlogError):
            raise
        raise StorageError(f"{path} must be a readable {what}, but: {_in_words(error)}") from None


def _in_words(error: Exception) -> str:
    if isinstance(error, sqlite3.OperationalError) and str(error) == "interrupted":
        return "reading it would take more work than a database of its size can need"
    if isinstance(error, MemoryError):
        return "reading it takes more memory than there is"
    # SQLite's own words may quote a value that is no UTF-8, whole and as it is.
    text = " ".join(str(error).split())
    return text if text.isprintable() and len(text) <= _LONGEST_MESSAGE else shown(text, _LONGEST_MESSAGE)


def _connect_in_place(path: Path) -> sqlite3.Connection | None:
    if os.path.exists(f"{path}-wal"):  # noqa: PTH110
        return _connect(path, "mode=ro")
    # Without a WAL nobody writes; a database left in WAL mode would want its side files made.
    return _connect(path, "mode=ro&immutable=1" if _is_wal_mode(path) else "mode=ro")


def _connect_to_copy(path: Path, cleanup: ExitStack) -> sqlite3.Connection:
    """Read a WAL database whose folder is read-only: it wants an index file beside it."""
    import shutil
    import tempfile

    folder = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="runlog-"))
    # With its journal, or what a killed writer had half done would be read.
    for part in (path, _wal_of(path), journal_of(path)):
        if part.exists():
            shutil.copyfile(part, Path(folder) / part.name)
    connection = sqlite3.connect(Path(folder) / path.name, check_same_thread=False)
    try:
        _guard(connection, path)
        connection.execute("SELECT count(*) FROM sqlite_master")
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path, options: str) -> sqlite3.Connection | None:
    uri = f"{path.absolute().as_uri()}?{options}"
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, check_same_thread=False)
    except sqlite3.OperationalError:
        return None
    try:
        _guard(connection, path)
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.DatabaseError as error:
        connection.close()
        if isinstance(error, sqlite3.OperationalError):
            return None
        raise
    return connection


def _wal_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _is_wal_mode(path: Path) -> bool:
    with path.open("rb") as file:
        header = file.read(_WRITE_VERSION_OFFSET + 1)
    return len(header) > _WRITE_VERSION_OFFSET and header[_WRITE_VERSION_OFFSET] == _WAL_VERSION
