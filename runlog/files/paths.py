"""What users give for a path → a path, or an error in words."""

from __future__ import annotations

import os
from pathlib import Path

from runlog.errors import InvalidTypeError, InvalidValueError, StorageError, shown


def given_path(path: str | os.PathLike[str]) -> Path:
    """Return a path as it was given.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If it is no path, or one that no file can have.
    """
    try:
        given = Path(path)
        if b"\0" not in os.fsencode(given):
            return given
    except UnicodeEncodeError:
        pass
    except TypeError:
        raise InvalidTypeError(f"a path must be a string or a Path, but got {shown(path)}") from None
    raise InvalidValueError(f"a path must be one that a file can have, but got {shown(path)}")


def is_folder(path: Path) -> bool:
    """Return whether a folder, or a link to one, is there; False where one may not look: a Path raises."""
    return os.path.isdir(path)  # noqa: PTH112


def is_file(path: Path) -> bool:
    """Return whether a plain file, or a link to one, is there; False where one may not look, or too long."""
    return os.path.isfile(path)  # noqa: PTH113


def is_link(path: Path) -> bool:
    """Return whether a path is a link; False where one may not look."""
    return os.path.islink(path)  # noqa: PTH114


def absolute_path(path: str | os.PathLike[str]) -> Path:
    """Return a path as an absolute one.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If it is no path, or one that no file can have.
    StorageError
        If it is a relative one, and the working directory was deleted.
    """
    try:
        return given_path(path).absolute()
    except FileNotFoundError:
        raise StorageError(
            f"the working directory must exist to find {path} in it, but was deleted; give an absolute path"
        ) from None
