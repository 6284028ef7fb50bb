"""An index of the runs of a folder, in the user's cache: what each was when it was read last.

It is never authority. A run is taken from it only where nothing speaks against that: it has ended, nothing is
open beside its database, and the database is the same file (device, inode, size, both times) as when it was
read. What the index says of it passes the gate on rows as what a database says does. All else is read again,
and an index that is no index of ours is dropped: that costs the time it would have saved.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from runlog.basics.jsontext import from_json
from runlog.errors import RunlogError
from runlog.files.safe_folder import SafeFolder
from runlog.files.user_cache import user_cache
from runlog.storage.layout import DATABASE, DATABASE_COMPANIONS
from runlog.storage.run_rows import RunRows

_SCHEMA = "CREATE TABLE runs (folder TEXT PRIMARY KEY, signature TEXT NOT NULL, rows TEXT NOT NULL)"
# A file that was just written may be written once more within one tick of its clock.
_SETTLED_NANOSECONDS = 2 * 10**9
_BUSY_SECONDS = 0.2


class RunIndex:
    """What is known of the runs in a runs folder; used as a context manager, it is brought up to date.

    Trouble with the index is nobody's: whatever it lacks is read from the runs.

    Parameters
    ----------
    runs_folder
        Absolute.
    """

    def __init__(self, runs_folder: Path) -> None:
        self._folder = runs_folder
        name = hashlib.sha256(os.fsencode(runs_folder)).hexdigest()[:16]
        self._path = user_cache() / "runs" / f"{name}.db"
        self._known = self._load()
        self._used: set[str] = set()
        self._new: dict[str, tuple[str, str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        unseen = self._known.keys() - self._used
        gone = {name for name in unseen if not (self._folder / name / DATABASE).exists()}
        if kind is None and (self._new or gone):
            with contextlib.suppress(sqlite3.Error, OSError, UnicodeError):
                self._write(gone)

    def find(self, run_folder: Path, signature: str | None) -> RunRows | None:
        """Return what is known of a run whose files have this signature; None where it is to be read."""
        found = self._known.get(run_folder.name)
        if signature is None or found is None or found[0] != signature:
            return None
        try:
            run, summary, rewinds, revision, last_heard = from_json(found[1])
            rows = RunRows(
                tuple(run), list(map(tuple, summary)), list(map(tuple, rewinds)), revision, last_heard
            )
        except (RunlogError, ValueError, TypeError, RecursionError):
            return None
        self._used.add(run_folder.name)
        return rows if rows.state != "running" else None

    def keep(self, run_folder: Path, before: str | None, rows: RunRows) -> None:
        """Take note of what a run was read as, if its files are still as they were before that."""
        # Of a run that goes on, or was killed, the state is more than what is stored.
        if before is None or rows.state == "running" or before != signature_of(run_folder):
            return
        parts = (rows.run, rows.summary, rows.rewinds, rows.revision, rows.last_heard)
        self._new[run_folder.name] = before, json.dumps(parts)
        self._used.add(run_folder.name)

    def _load(self) -> dict[str, tuple[str, str]]:
        if not SafeFolder(self._path.parent).is_file(self._path.name):
            return {}
        try:
            with closing(self._connect("ro")) as db:
                if db.execute("SELECT sql FROM sqlite_master WHERE type != 'index'").fetchall() == [
                    (_SCHEMA,)
                ]:
                    rows = db.execute("SELECT folder, signature, rows FROM runs").fetchall()
                    if {str}.issuperset(type(value) for row in rows for value in row):
                        return {folder: (signature, text) for folder, signature, text in rows}
        except sqlite3.OperationalError:
            return {}  # busy: another process brings it up to date
        except sqlite3.Error:
            pass
        with contextlib.suppress(OSError):
            self._path.unlink()
        return {}

    def _write(self, gone: set[str]) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        SafeFolder(self._path.parent).refuse_strange(self._path.name)
        with closing(self._connect("rwc")) as db, db:
            db.execute(_SCHEMA.replace("TABLE", "TABLE IF NOT EXISTS", 1))
            db.executemany("DELETE FROM runs WHERE folder = ?", [(folder,) for folder in gone])
            rows = [(folder, *found) for folder, found in self._new.items()]
            db.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", rows)

    def _connect(self, mode: str) -> sqlite3.Connection:
        db = sqlite3.connect(f"{self._path.as_uri()}?mode={mode}", uri=True, timeout=_BUSY_SECONDS)
        db.execute("PRAGMA trusted_schema = OFF")
        # What is lost with the power is read again.
        db.execute("PRAGMA synchronous = OFF")
        return db


def signature_of(run_folder: Path) -> str | None:
    """Return what tells whether the database of a run is still the file it was; None where nothing does.

    Such is one that is open or was not closed, was written moments ago, or is no plain file.
    """
    database = os.path.join(run_folder, DATABASE)  # noqa: PTH118 - of thousands of runs, a Path each takes long
    try:
        status = os.lstat(database)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode) or any(
        os.path.lexists(os.path.join(run_folder, name))  # noqa: PTH118
        for name in DATABASE_COMPANIONS
    ):
        return None
    newest = max(status.st_mtime_ns, status.st_ctime_ns)
    if not 0 <= time.time_ns() - newest >= _SETTLED_NANOSECONDS:
        return None
    parts = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return " ".join(map(str, parts))
