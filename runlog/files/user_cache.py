"""The user's own folder for what can be made again: nobody else's run folder brings anything into it."""

from __future__ import annotations

import os
from pathlib import Path


def user_cache() -> Path:
    """Return runlog's folder in the user's cache; it may not be there yet."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "runlog"
