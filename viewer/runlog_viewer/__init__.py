"""The viewer of runlog: run folders → a folder of static files that any browser opens.

``build`` writes the site once, ``watch`` keeps it up to date, `Server` shows it over the loopback interface.
A page opened from ``file://`` and one served are the same file, and both follow a live run.

docs/site-format.md says what others may rely on: files, data scripts, addresses and elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runlog_viewer.serve import Server
    from runlog_viewer.site import BuildResult, build
    from runlog_viewer.watching import watch

# Imported when first asked for: a process that only writes pages starts without what serves them.
_LATER = {
    "BuildResult": "runlog_viewer.site",
    "Server": "runlog_viewer.serve",
    "build": "runlog_viewer.site",
    "watch": "runlog_viewer.watching",
}

__all__ = ["BuildResult", "Server", "build", "watch"]


def __getattr__(name: str) -> object:
    if name in _LATER:
        from importlib import import_module

        return globals().setdefault(name, getattr(import_module(_LATER[name]), name))
    raise AttributeError(f"module 'runlog_viewer' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
