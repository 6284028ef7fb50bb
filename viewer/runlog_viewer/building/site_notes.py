"""Which sites of runs are up to date, by notes in the user's cache: another process need not read those runs.

A note is believed only where the database of the run is the file it was, and where the site is, file by file,
what our builder left there: no copy, archive or script can set the times that the system keeps (``ctime``).
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import runlog
from runlog.files.folder_notes import FolderNotes
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building.shown_run import ShownRun, decoded, encoded
from runlog_viewer.building.site_seal import LOCK, signed, site_entries
from runlog_viewer.pages import site_names


class SiteNotes:
    """Notes on the sites of runs.

    Parameters
    ----------
    notes
        Where they are kept, by the name of the folder of a site.
    """

    def __init__(self, notes: FolderNotes) -> None:
        self._notes = notes

    def find(self, run_folder: Path, target: Path, generator: str) -> ShownRun | None:
        """Return the run whose site in `target` is up to date; None where that is not known."""
        database = runlog.run_signature(run_folder)
        if database is None or not self._notes.has(target.name):
            return None
        with suppress(OSError):
            found = self._notes.find(target.name, _signature(database, run_folder, target, generator))
            return None if found is None else decoded(found)
        return None

    def keep(self, run_folder: Path, target: Path, generator: str, before: str | None, run: ShownRun) -> None:
        """Note that the site of a run is up to date, if the run is as it was before that."""
        if before is not None and runlog.may_be_noted(run_folder, before, run.card.state):
            with suppress(OSError):
                signature = _signature(before, run_folder, target, generator)
                self._notes.keep(target.name, signature, encoded(run))


def notes_of(folder: Path) -> FolderNotes:
    """Return the notes on the sites that are in a folder."""
    return FolderNotes("built", folder)


def _signature(database: str, run_folder: Path, target: Path, generator: str) -> str:
    """Return what nobody else can make, and what changes with the run, its site or the viewer."""
    files = SafeFolder(target)
    viewer = files.status(site_names.VIEWER)
    if viewer is None:
        raise FileNotFoundError(target)
    site = sorted(
        (name, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        for name, status in site_entries(files)
        if name != LOCK
    )
    parts = (database, generator, viewer.st_ino, site, [] if target == run_folder else _media(files))
    return signed(ascii(parts))


def _media(files: SafeFolder) -> list[object]:
    """Return what is there of files of the run, or of a link to them, in a site that is not in its run."""
    status = files.status("media")
    # Each file has more names elsewhere, and with each of them the system's time changes.
    names = sorted(str(path) for folder in ("media", "files") for path in files.files(folder))
    return [status and (status.st_ino, status.st_mtime_ns), *names]
