"""A site elsewhere: which folder may hold it, and its media files, as hard links where that is possible."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import runlog
from runlog_viewer.build.step_writer import Progress

_FILES_BETWEEN_PROGRESS = 200


def prepare(output: Path, source: Path) -> None:
    """Make the folder of a site, or make sure that it may be one.

    Raises
    ------
    StorageError
        If it lies in the folder it is made from, or around it, or holds something else than a site, or cannot
        be made.
    """
    inner, outer = output.resolve(), source.resolve()
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise runlog.StorageError(f"the output must be a folder apart from {source}, but got {output}")
    try:
        output.mkdir(parents=True, exist_ok=True)
        wrong = _what_is_wrong(output)
        if not wrong:
            (output / "viewer").mkdir(exist_ok=True)
    except FileExistsError:
        wrong = "is none"
    except OSError as error:
        wrong = f"cannot be written: {error.strerror}"
    if wrong:
        raise runlog.StorageError(
            f"the output must be a folder that is new or holds a site, but {output} {wrong}"
        )


def _what_is_wrong(output: Path) -> str:
    """Return why files must not be written to a folder, or nothing."""
    if (output / "run.db").exists() or runlog.find_runs(output):
        return "holds runs of its own"
    is_known = (output / "viewer").is_dir() or not any(output.iterdir())
    return "" if is_known else "holds something else"


def update_media(media: Iterable[runlog.MediaRecord], folder: Path, target: Path, progress: Progress) -> None:
    """Give a site the media files of its run, and take away those of before that are no longer in it.

    Parameters
    ----------
    media
        All there should be; one that is missing from the run is left out.
    folder
        The run folder.
    target
        The folder of the run's site.
    progress
        Called with the numbers of files added and to add.
    """
    wanted = {record.path for record in media}
    present = set(_files(target))
    for path in present - wanted:
        (target / path).unlink()
    absent = sorted(wanted - present)
    for done, path in enumerate(absent, 1):
        _link_or_copy(folder / path, target / path)
        if done % _FILES_BETWEEN_PROGRESS == 0 or done == len(absent):
            progress(done, len(absent))


def _files(target: Path) -> Iterator[PurePosixPath]:
    for folder, _, names in os.walk(target / "media"):
        place = PurePosixPath(Path(folder).relative_to(target).as_posix())
        yield from (place / name for name in names)


def _link_or_copy(source: Path, to: Path) -> None:
    if not source.exists():
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, to)
    except OSError:  # another file system, or one without hard links
        partial = to.with_name(f".{to.name}.tmp")
        try:
            shutil.copyfile(source, partial)
            partial.replace(to)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
