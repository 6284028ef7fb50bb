"""Where an archive is made: beside its target, which is as it was until the archive is whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from runlog.errors import InvalidValueError, RunlogError, StorageError
from runlog.storage.layout import BAG_DECLARATION, LOCK, refuse_unreachable
from runlog.storage.lock import RunLock, is_locked

# What several runs are called together.
GROUP = "runs"
# What is in a work folder.
ROWS, MADE, REPLACED = "rows", "made", "replaced"
_WORK_NAMES = frozenset((GROUP, ROWS, MADE, REPLACED, LOCK))


def is_zip(target: Path) -> bool:
    """Return whether an archive is to be a zip file, by its name."""
    return target.suffix.lower() == ".zip"


def check_target(target: Path, *, overwrite: bool) -> None:
    """Refuse a target that is there, but for an archive if it may be replaced.

    Raises
    ------
    InvalidValueError
        Naming what is there.
    StorageError
        If one may not look.
    """
    refuse_unreachable(target)
    if not (target.exists() or target.is_symlink()):
        return
    if not overwrite:
        raise InvalidValueError(
            f"an archive must not exist yet, but {target} does; overwrite (`--overwrite`) replaces it"
        )
    if target.is_dir() and (is_zip(target) or not (target / BAG_DECLARATION).exists()):
        raise InvalidValueError(f"only an archive is overwritten, but {target} is a folder of something else")
    if target.exists() and not target.is_dir() and not is_zip(target):
        raise InvalidValueError(f"an archive in a folder must replace a folder, but {target} is a file")


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Say of which archive it is that something could not be read or written."""
    try:
        yield
    except OSError as error:
        if isinstance(error, RunlogError):
            raise
        raise StorageError(
            f"an archive must be written whole, but {target}: {error.strerror or error}"
        ) from None


@contextmanager
def work_folder(target: Path) -> Iterator[Path]:
    """Give a folder beside the target, on its file system; it goes in the end, after a kill with the next."""
    _tidy(target.parent)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent) as work:
        # It tells the work folders of the dead from those of the living.
        lock = RunLock(Path(work))
        try:
            yield Path(work)
        finally:
            lock.release()


def _tidy(folder: Path) -> None:
    """Remove the work folders of archives that were killed; what one was to replace gets its name back."""
    for work in folder.glob(".?*.????????.tmp"):
        with suppress(OSError):
            names = {path.name for path in work.iterdir()}
            if work.is_symlink() or LOCK not in names or not names <= _WORK_NAMES or is_locked(work):
                continue
            replaced, target = work / REPLACED, folder / work.name[1 : -len(".????????.tmp")]
            if replaced.is_dir() and not target.exists():
                replaced.rename(target)
            shutil.rmtree(work)
