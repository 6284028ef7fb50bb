"""What SQLite would roll back when it opens a database: a journal that is no run's is never shown to it.

A rollback journal may end with the name of a super-journal, which ties several databases together. SQLite
deletes the file of that name once it has rolled back, whatever it is and wherever it lies. No run has one.
"""

from __future__ import annotations

import os
from pathlib import Path

from runlog.errors import StorageError
from runlog.files.safe_folder import SafeFolder

# sqlite.org/fileformat.html, 3: a name, its length (4 bytes), a checksum (4) and this, at the very end.
_MAGIC = bytes.fromhex("d9d505f920a163d7")
_NAME_END = 16


def journal_of(database: Path) -> Path:
    """Return where SQLite keeps the rollback journal of a database."""
    return database.with_name(f"{database.name}-journal")


def names_super_journal(database: Path) -> bool:
    """Return whether the rollback journal of a database ends with the name of a super-journal."""
    if not os.path.lexists(f"{database}-journal"):  # of thousands of runs, hardly one has it
        return False
    try:
        with SafeFolder(database.parent).open(journal_of(database).name) as journal:
            journal.seek(max(0, journal.seek(0, os.SEEK_END) - _NAME_END))
            end = journal.read()
    except OSError:
        return False
    # The length and checksum before it are SQLite's to believe: what has the mark is refused.
    return len(end) == _NAME_END and end.endswith(_MAGIC)


def refuse_super_journal(database: Path) -> None:
    """Refuse a database that SQLite would roll back together with others.

    Raises
    ------
    StorageError
        Saying how the journal is set aside.
    """
    if names_super_journal(database):
        raise StorageError(
            f"{journal_of(database)} must be the journal of one run, but names a super-journal, which SQLite "
            "would delete; `runlog check --repair` sets the journal aside"
        )
