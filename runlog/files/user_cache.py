"""The user's own folder for what can be made again: nobody else's run folder brings anything into it."""

from __future__ import annotations

import os
from pathlib import Path

from runlog.errors import StorageError


def user_cache() -> Path:
    """Return runlog's folder in the user's cache; it may not be there yet.

    Raises
    ------
    StorageError
        If the user has no home, and no other place is named.
    """
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if given.is_absolute():  # the standard has others ignored
        return given / "runlog"
    try:
        return Path.home() / ".cache" / "runlog"
    except RuntimeError:
        raise StorageError(
            "a user must have a home to keep what can be made again, but has none; set XDG_CACHE_HOME"
        ) from None
