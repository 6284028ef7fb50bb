"""Notes on what is in a folder, in the user's cache: each says what a thing was when its files were so.

They are never authority. A note is of use only as long as its signature fits, which says how the files it is
about were. What is no note of ours is dropped, and all that is lost then is time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from runlog.errors import StorageError
from runlog.files.safe_folder import SafeFolder
from runlog.files.user_cache import trusted_cache, user_cache

_SCHEMA = "CREATE TABLE notes (name TEXT PRIMARY KEY, signature TEXT NOT NULL, text TEXT NOT NULL)"
_BUSY_SECONDS = 0.2


class FolderNotes:
    """Notes on what is in a folder, by name; used as a context manager, new ones are kept at its end.

    They are read when the first one is asked for. Trouble with them is nobody's: what they lack is found out
    anew.

    Parameters
    ----------
    kind
        What they are about: each kind has a folder of its own in the cache.
    folder
        Absolute.
    """

    def __init__(self, kind: str, folder: Path) -> None:
        self._folder = folder
        self._path: Path | None = None
        with contextlib.suppress(StorageError):  # a user without a home has no notes
            name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
            self._path = user_cache() / kind / f"{name}.db"
        self._known: dict[str, tuple[str, str]] | None = None
        self._used: set[str] = set()
        self._new: dict[str, tuple[str, str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        unseen = (self._known or {}).keys() - self._used - self._new.keys()
        gone = {name for name in unseen if not (self._folder / name).exists()}
        if kind is None and self._path and (self._new or gone):
            with contextlib.suppress(sqlite3.Error, OSError, UnicodeError):
                self._write(self._path, gone)

    def has(self, name: str) -> bool:
        """Return whether anything is noted of this name."""
        if self._known is None:
            self._known = _load(self._path) if self._path else {}
        self._used.add(name)
        return name in self._known

    def find(self, name: str, signature: str | None) -> str | None:
        """Return what was noted of what has this signature now; None where nothing was."""
        found = self._known[name] if self.has(name) and self._known else None
        return None if signature is None or found is None or found[0] != signature else found[1]

    def keep(self, name: str, signature: str, text: str) -> None:
        """Note what has this signature."""
        self._new[name] = signature, text

    def _write(self, path: Path, gone: set[str]) -> None:
        with trusted_cache(path.parent.name):
            SafeFolder(path.parent).refuse_strange(path.name)
        with closing(_connect(path, "rwc")) as db, db:
            db.execute(_SCHEMA.replace("TABLE", "TABLE IF NOT EXISTS", 1))
            db.executemany("DELETE FROM notes WHERE name = ?", [(name,) for name in gone])
            rows = [(name, *found) for name, found in self._new.items()]
            db.executemany("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", rows)


def _load(path: Path) -> dict[str, tuple[str, str]]:
    if not SafeFolder(path.parent).is_file(path.name):
        return {}
    try:
        # SQLite opens by path alone; the folder is looked at before.
        with trusted_cache(path.parent.name):
            pass
    except OSError:
        return {}  # others may write there, or there is no place for it
    try:
        with closing(_connect(path, "ro")) as db:
            if db.execute("SELECT sql FROM sqlite_master WHERE type != 'index'").fetchall() == [(_SCHEMA,)]:
                rows = db.execute("SELECT name, signature, text FROM notes").fetchall()
                if {str}.issuperset(type(value) for row in rows for value in row):
                    return {name: (signature, text) for name, signature, text in rows}
    except sqlite3.OperationalError:
        return {}  # busy: another process brings it up to date
    except sqlite3.Error:
        pass
    with contextlib.suppress(OSError):
        path.unlink()
    return {}


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=_BUSY_SECONDS)
    db.execute("PRAGMA trusted_schema = OFF")
    # What is lost with the power is found out anew.
    db.execute("PRAGMA synchronous = OFF")
    return db
