"""The user's own folder for what can be made again: nobody else's run folder brings anything into it.

A cache may lie where others may write (`XDG_CACHE_HOME` in a folder of a group): they can put another folder
in the place of ours at any time. So what has to be ours to be believed is read and written in a folder that
is held open, and was looked at then.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from runlog.errors import StorageError, shown_path
from runlog.files.safe_folder import OpenFolder, SafeFolder

_FOR_US = 0o700
_WRITE, _ANYTHING = stat.S_IWGRP | stat.S_IWOTH, stat.S_IRWXG | stat.S_IRWXO
_NO_HOME = "a user must have a home to keep what can be made again"


def user_cache() -> Path:
    """Return runlog's folder in the user's cache; it may not be there yet.

    Raises
    ------
    StorageError
        If the user has no home, or one whose place depends on the working directory, and no other place is
        named.
    """
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if given.is_absolute():  # the standard has others ignored
        return given / "runlog"
    try:
        home = Path.home()
    except RuntimeError:
        raise StorageError(f"{_NO_HOME}, but has none; set XDG_CACHE_HOME") from None
    if not home.is_absolute():
        raise StorageError(f"{_NO_HOME} by an absolute path, but HOME is {shown_path(home)}; set it")
    return home / ".cache" / "runlog"


def make_user_cache() -> Path:
    """Make runlog's folder in the user's cache, for the user alone, where it is not there yet; return it.

    Raises
    ------
    OSError
        If there is no place for it.
    """
    cache = user_cache()
    cache.mkdir(_FOR_US, parents=True, exist_ok=True)
    return cache


@contextlib.contextmanager
def trusted_cache(name: str = "") -> Iterator[OpenFolder]:
    """Hold runlog's folder in the user's cache open, or one in it, where nobody else can put anything.

    It is made where it is not there yet. Where users have no numbers, a profile is its user's alone.

    Parameters
    ----------
    name
        The folder in it; nobody else may even look into that.

    Raises
    ------
    OSError
        If it cannot be made; or it is a link, or another user's, or others have rights there.
    """
    cache = make_user_cache()
    place = PurePosixPath(cache.name, name)
    check = partial(_refuse_others, cache)
    with SafeFolder(cache.parent).inside(place, make=True, mode=_FOR_US, check=check) as folder:
        yield folder


def is_ours_alone(status: os.stat_result, rights: int = _ANYTHING) -> bool:
    """Return whether a file or a folder is this user's, and others have none of some rights to it."""
    return not hasattr(os, "geteuid") or (status.st_uid == os.geteuid() and not status.st_mode & rights)


def _refuse_others(cache: Path, folder: int, path: Path) -> None:
    status = os.fstat(folder)
    if path == cache and is_ours_alone(status, 0) and status.st_mode & _WRITE:
        # So earlier versions made it where a umask leaves it to a group. What others put there before is
        # theirs, and not believed either.
        os.chmod(".", stat.S_IMODE(status.st_mode) & ~_WRITE, dir_fd=folder)
        status = os.fstat(folder)
    # Others may look into the outer one, as earlier versions made it: the names in it tell nothing.
    if not is_ours_alone(status, _WRITE if path == cache else _ANYTHING):
        raise StorageError(f"{shown_path(path)} must be this user's alone, but others have rights to it")
