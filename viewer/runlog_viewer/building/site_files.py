"""Files of a site: replaced whole, written only when they changed, by one builder at a time.

No function here makes the folder of a site: a run that is removed meanwhile must not come back.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import runlog
from runlog.files.locks import FileLock, LockHeldError
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building.site_seal import LOCK
from runlog_viewer.pages import site_names

# Another builder's pass over a live run takes a moment; who builds a long run for the first time, minutes.
_PATIENCE_SECONDS = 10.0


def write(target: Path, name: str, content: str | bytes) -> bool:
    """Make `content` the content of a file of a site, in one move, and return whether that changed it.

    Raises
    ------
    OSError
        If it cannot be written, or its folder is gone.
    """
    return SafeFolder(target).renew(name, content.encode() if isinstance(content, str) else content)


def write_all(target: Path, contents: Mapping[str, str]) -> int:
    """Write files in their order, each given by its path in a folder; return how many pages changed."""
    changed = [name for name, content in contents.items() if write(target, name, content)]
    return sum(name.endswith(".html") for name in changed)


def fill_up(target: Path, assets: Mapping[str, bytes], folder: str = site_names.VIEWER) -> None:
    """Write those style sheets and scripts, given by name, that a folder of a site does not have."""
    for name, content in assets.items():
        if not SafeFolder(target).is_file(f"{folder}/{name}"):
            write(target, f"{folder}/{name}", content)


def make_folder(target: Path, name: str) -> None:
    """Make a folder of the site in a folder that is there."""
    SafeFolder(target).make_folder(name)


def is_run_folder(folder: Path) -> bool:
    """Return whether a folder is meant as that of a run; one of runs may hold a run that is called run.db."""
    files = SafeFolder(folder)
    return files.status("run.db") is not None and not files.is_folder("run.db")


def is_free(runs_folder: Path, assets: Collection[str]) -> bool:
    """Return whether a runs folder, which may hold other things too, has none where its site would be.

    Parameters
    ----------
    assets
        The names of the site's style sheets and scripts.
    """
    files = SafeFolder(runs_folder)
    viewer = files.status(site_names.VIEWER)
    if files.is_folder(site_names.INDEX_PAGE):
        return False
    if viewer is None or stat.S_ISLNK(viewer.st_mode) or files.is_file(site_names.VERSION_SCRIPT):
        return True
    if not stat.S_ISDIR(viewer.st_mode):
        return False
    with os.scandir(runs_folder / site_names.VIEWER) as entries:
        # A builder may have been killed before it was done.
        return all(entry.name in {*assets, "data"} or entry.name.startswith(".") for entry in entries)


def is_free_for_run(target: Path) -> bool:
    """Return whether a folder that is to hold the site of a run, and no run, holds nothing else."""
    if target.is_symlink():
        return False
    try:
        with os.scandir(target) as entries:
            return all(entry.name in (site_names.INDEX_PAGE, site_names.VIEWER, "media") for entry in entries)
    except FileNotFoundError:
        return True
    except NotADirectoryError:
        return False


def make_viewer(target: Path) -> None:
    """Make the folder that holds all of a site but its first page; a link or file in its place goes."""
    files = SafeFolder(target)
    if not files.is_folder(site_names.VIEWER):
        files.remove_all(site_names.VIEWER)
        files.make_folder(site_names.VIEWER)


def clear(target: Path) -> None:
    """Remove all of a site that somebody else may have made, but for the lock that this builder holds."""
    files = SafeFolder(target)
    with os.scandir(target / site_names.VIEWER) as entries:
        names = [entry.name for entry in entries if f"{site_names.VIEWER}/{entry.name}" != LOCK]
    for name in names:
        files.remove_all(f"{site_names.VIEWER}/{name}")


def link(path: Path, to: Path) -> None:
    """Make `path` a symbolic link to a folder."""
    if path.is_symlink() and path.readlink() == to:
        return
    path.unlink(missing_ok=True)
    path.symlink_to(to, target_is_directory=True)


def can_write(folder: Path) -> bool:
    """Return whether files can be made in a folder, found out by making one."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def signature(*paths: Path) -> tuple[tuple[int, int, int] | None, ...]:
    """Return what changes when one of the files is written, replaced, made or removed."""
    return tuple(map(_signature, paths))


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


@contextmanager
def lock(target: Path) -> Iterator[None]:
    """Keep other builders from writing to the site in a folder.

    Raises
    ------
    StorageError
        If another builder is still at it after some time.
    """
    try:
        held = FileLock(target / LOCK, _PATIENCE_SECONDS)
    except LockHeldError as error:
        raise runlog.StorageError(
            f"one process at a time may write a site, but {error.holder} is writing that of {target}; "
            "build again when it is done"
        ) from None
    try:
        yield
    finally:
        held.release()
