"""The user's own folder for what can be made again: nobody else's run folder brings anything into it."""

from __future__ import annotations

import os
from pathlib import Path

from runlog.errors import StorageError, shown_path

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
