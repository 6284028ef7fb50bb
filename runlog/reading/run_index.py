"""An index of the runs of a folder, in the user's cache: what each was when it was read last.

It is never authority. A run is taken from it only where nothing speaks against that: it has ended, nothing is
open beside its database, and the database is the same file (device, inode, size, both times) as when it was
read. What the index says of it passes the gate on rows as what a database says does. All else is read again.
"""

from __future__ import annotations

import json
from pathlib import Path

from runlog.basics.jsontext import from_json
from runlog.errors import RunlogError
from runlog.files.folder_notes import FolderNotes
from runlog.storage.run_rows import RunRows
from runlog.storage.run_signature import may_be_noted

INDEX = "runs"
"""The kind of notes it consists of."""


def find(index: FolderNotes, run_folder: Path, signature: str | None) -> RunRows | None:
    """Return what is known of a run whose files have this signature; None where it is to be read."""
    found = index.find(run_folder.name, signature)
    if found is None:
        return None
    try:
        run, summary, rewinds, revision, last_heard = from_json(found)
        rows = RunRows(tuple(run), list(map(tuple, summary)), list(map(tuple, rewinds)), revision, last_heard)
    except (RunlogError, ValueError, TypeError, RecursionError):
        return None
    return rows if rows.state != "running" else None


def keep(index: FolderNotes, run_folder: Path, before: str | None, rows: RunRows) -> None:
    """Take note of what a run was read as, if its files are still as they were before that."""
    if before is not None and may_be_noted(run_folder, before, rows.state):
        parts = (rows.run, rows.summary, rows.rewinds, rows.revision, rows.last_heard)
        index.keep(run_folder.name, before, json.dumps(parts))
