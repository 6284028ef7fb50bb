"""Whether the database of a run is still what it was when it was read, and what was read may be noted."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

from runlog.storage.layout import DATABASE, DATABASE_COMPANIONS

# A file that was just written may be written once more within one tick of its clock.
_SETTLED_NANOSECONDS = 2 * 10**9


def run_signature(run_folder: Path) -> str | None:
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


def may_be_noted(run_folder: Path, before: str, state: str) -> bool:
    """Return whether what was read of a run holds as long as its signature is what it was before that.

    Parameters
    ----------
    before
        The signature before the run was read.
    state
        That of the run, as it was read.
    """
    # Of a run that goes on, or was killed, the state is more than what is stored.
    return state in ("finished", "failed") and before == run_signature(run_folder)
