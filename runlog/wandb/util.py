"""Helpers that scripts take from ``wandb.util``."""

from __future__ import annotations

import secrets
import string
from importlib import import_module
from types import ModuleType

from runlog.errors import MissingPackageError

_LETTERS = string.ascii_lowercase + string.digits


def generate_id(length: int = 8) -> str:
    """Return a run id of small letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def get_module(name: str, required: str | bool | None = None, lazy: bool = True) -> ModuleType | None:
    """Import a module; return None if it is not there and not required.

    Raises
    ------
    MissingPackageError
        If it is required, and not there.
    """
    try:
        return import_module(name)
    except ImportError:
        if required:
            raise MissingPackageError(
                required if isinstance(required, str) else f"{name} must be installed, but is not"
            ) from None
        return None


def make_artifact_name_safe(name: str) -> str:
    """Return a name of letters, digits, ``_``, ``-`` and ``.``."""
    safe = "".join(character if character.isalnum() or character in "_-." else "_" for character in name)
    return safe if len(safe) <= 128 else f"{safe[:63]}..{safe[-63:]}"
