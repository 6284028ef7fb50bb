"""Room for the journal of a run's database, on the full disks that upkeep is called to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path, PurePosixPath

from runlog.files.safe_folder import SafeFolder, is_temporary
from runlog.storage.connections import needed_bytes, open_any_schema, read_errors, refuse_full_disk
from runlog.storage.layout import DATABASE, FILES, INDEX_PAGE, MEDIA, VIEWER
from runlog.storage.migrations import pending

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
    free = shutil.disk_usage(run_folder).free
    needed = needed_bytes(run_folder, is_older=True)
    if free < needed and not _is_older(run_folder):
        needed = needed_bytes(run_folder, is_older=False)
    if free >= needed:
        return
    files = SafeFolder(run_folder)
    names = list(_made_again(files))
    statuses = filter(None, map(files.status, names))
    refuse_full_disk(run_folder, needed, sum(status.st_blocks * _BLOCK for status in statuses))
    for name in names:
        with suppress(OSError):
            files.remove(name)


def _is_older(run_folder: Path) -> bool:
    path = run_folder / DATABASE
    with ExitStack() as cleanup, read_errors(path):
        return bool(pending(open_any_schema(run_folder, cleanup), str(path)))


def _made_again(files: SafeFolder) -> Iterator[PurePosixPath]:
    """Yield half-written files, and the files of the site but its first page: so it is built again."""
    yield from (path for path in files.files(MEDIA) if path.match(".*.tmp"))
    # There, a script may have such files of its own.
    yield from (path for path in files.files(FILES) if is_temporary(path.name))
    if files.is_file(INDEX_PAGE):
        yield from files.files(VIEWER)
