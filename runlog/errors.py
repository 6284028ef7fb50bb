"""Every error and warning of runlog: one base class, in our own words.

Each error is also the builtin a caller would expect (`ValueError`, `TypeError`, `OSError`), so that
existing ``except`` clauses work. A message says what must hold, what was got, and where.
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Collection
from typing import Any

# What may stand before the end of what shows, and shows less once it is hidden.
_LONGEST_SECRETS = 4000


class RunlogError(Exception):
    """Base class of every error that runlog raises on purpose."""


class InvalidValueError(RunlogError, ValueError):
    """An argument has the right type but a value that cannot be logged."""


class InvalidTypeError(RunlogError, TypeError):
    """An argument has a type that cannot be logged."""


class StorageError(RunlogError, OSError):
    """A run folder cannot be read or written (missing, full, read-only, corrupt, vanished)."""


class RunLockedError(StorageError):
    """Another process is writing to this run folder."""


class RunChangedError(StorageError):
    """What was to be read is gone: the run went on, and logged it again. Ask its reader for it anew."""


class MissingPackageError(RunlogError, ModuleNotFoundError):
    """What was asked for needs a package that is not installed."""


class UnsupportedError(RunlogError, NotImplementedError):
    """What a script of another logger asks for does not exist here; the message says what does."""


class UnknownNameError(RunlogError, AttributeError):
    """A script asks for a name that a mapping, a run or a module does not have."""


class RunlogWarning(UserWarning):
    """Something was logged in a way that may surprise; the run goes on."""


def shown(value: object, limit: int = 80) -> str:
    """Return a `repr` of at most `limit` characters, on one line and without keys, for a message."""
    from runlog.secrets.texts import without_secrets_shown

    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a foreign repr must not hide what is wrong
        text = f"<{type(value).__name__}>"
    if "\n" in text:
        text = " ".join(text.split())
    # Before it is cut to what shows: the beginning of a key is no text that is known.
    text = without_secrets_shown(text[: limit + _LONGEST_SECRETS])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def shown_path(path: object) -> str:
    """Return a path as `shown` does, but whole: its end is what tells it from others."""
    return shown(str(path), limit=1000)


def one_of(name: str, value: object, choices: Collection[str]) -> Any:
    """Return the value of an argument that is one of a few words.

    Raises
    ------
    InvalidValueError
        If it is none of them.
    """
    # Asked first: an array compared with a word is no bool.
    if not isinstance(value, str) or value not in choices:
        raise InvalidValueError(f"{name} must be one of {', '.join(choices)}, but got {shown(value)}")
    return value


def warn(message: str) -> None:
    """Warn the caller of runlog, whatever the depth of the call inside it.

    A filter may make an error of it; that stderr cannot be written is none.
    """
    frame, depth = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "runlog":
        frame, depth = frame.f_back, depth + 1
    # Python lets a closed stderr raise.
    with contextlib.suppress(OSError, ValueError):
        warnings.warn(RunlogWarning(message), stacklevel=depth)
