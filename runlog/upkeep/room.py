"""Room for the journal of a run's database, on the full disks that upkeep is called to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from runlog.storage.connections import NEEDED_BYTES, refuse_full_disk
from runlog.storage.layout import MEDIA

_PAGE, _SITE = "index.html", "viewer"
# What a file takes of the disk is counted in these (stat(2)).
_BLOCK = 512


def make_room(run_folder: Path) -> None:
    """Where the disk is full, free what can be made again: half-written files, thumbnails and pages.

    The caller holds the lock.

    Raises
    ------
    StorageError
        If even that would not be enough; nothing was removed then.
    """
    if shutil.disk_usage(run_folder).free >= NEEDED_BYTES:
        return
    files = list(_made_again(run_folder))
    refuse_full_disk(run_folder, sum(path.lstat().st_blocks * _BLOCK for path in files))
    for path in files:
        with suppress(OSError):
            path.unlink()


def _made_again(run_folder: Path) -> Iterator[Path]:
    """Yield half-written media files, and the files of the site but its first page: so it is built again."""
    yield from (path for path in _files(run_folder / MEDIA) if path.match(".*.tmp"))
    if (run_folder / _PAGE).is_file():
        yield from _files(run_folder / _SITE)


def _files(folder: Path) -> Iterator[Path]:
    # What is behind a link is somebody else's.
    if not folder.is_symlink():
        for place, _, names in os.walk(folder):
            yield from (Path(place, name) for name in names)
