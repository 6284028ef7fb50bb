"""The folder of a run that begins: made, found, or removed again where the run could not begin."""

from __future__ import annotations

import contextlib
from pathlib import Path

from runlog.errors import InvalidValueError, StorageError
from runlog.files.paths import is_folder
from runlog.storage.layout import DATABASE, DATABASE_COMPANIONS, has_database, refuse_bag, refuse_link
from runlog.writing.settings import Settings


def claim(settings: Settings) -> bool:
    """Make the run folder, or find the one to resume; return whether it was made.

    An exclusive mkdir is what makes an id unique.
    """
    folder, resume = settings.folder, settings.resume
    refuse_bag(folder.parent)
    refuse_link(folder)
    exists = has_database(folder)
    if resume == "must" and not exists:
        raise InvalidValueError(f"id must be that of a run to resume, but {folder} holds none")
    if resume != "never" and exists:
        return False
    if resume == "never" and is_folder(folder):
        raise InvalidValueError(
            f"id must be new in its runs folder, but {folder} exists; "
            "pass another id, or resume='allow' to go on with that run"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.mkdir()
        except FileExistsError:
            if resume == "never" or not folder.is_dir():
                raise
            return False
    except OSError as error:
        raise StorageError(f"a run folder must be made, but {folder}: {error.strerror}") from None
    return True


def remove_new_folder(folder: Path) -> None:
    """Remove the folder of a run that could not begin; what anybody else put there keeps it."""
    with contextlib.suppress(OSError):
        for name in (DATABASE, *DATABASE_COMPANIONS):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()
