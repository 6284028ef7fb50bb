"""A site elsewhere: which folder may hold it, and its media files, as hard links where that is possible."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building import site_files
from runlog_viewer.building.step_writer import Progress
from runlog_viewer.pages import site_names

_FILES_BETWEEN_PROGRESS = 200
_MEDIA = "media"


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
            SafeFolder(output).make_folder(site_names.VIEWER)
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
    if site_files.is_run_folder(output) or runlog.find_runs(output):
        return "holds runs of its own"
    is_known = SafeFolder(output).is_folder(site_names.VIEWER) or not any(output.iterdir())
    return "" if is_known else "holds something else"


def update_media(paths: Iterable[PurePosixPath], folder: Path, target: Path, progress: Progress) -> None:
    """Give a site the media files of its run, and take away those of before that are no longer in it.

    Parameters
    ----------
    paths
        All there should be; one that is missing from the run is left out.
    folder
        The run folder.
    target
        The folder of the run's site.
    progress
        Called with the numbers of files added and to add.
    """
    wanted = set(paths)
    present = set(SafeFolder(target).files(_MEDIA))
    for path in present - wanted:
        SafeFolder(target).remove(path)
    absent = sorted(wanted - present)
    for done, path in enumerate(absent, 1):
        _bring(folder, target, path)
        if done % _FILES_BETWEEN_PROGRESS == 0 or done == len(absent):
            progress(done, len(absent))


def remove_media(target: Path) -> None:
    """Remove the media files of a site that somebody else may have put there."""
    SafeFolder(target).remove_all(_MEDIA)


def _bring(folder: Path, target: Path, path: PurePosixPath) -> None:
    source, site = SafeFolder(folder), SafeFolder(target)
    if source.is_file(path):
        site.make_folder(path.parent)
        # Where a link leads to there may be files that are to have no further name.
        is_linked = folder.is_symlink() or folder.parent.is_symlink()
        site.bring(path, source, path, may_link=not is_linked)
