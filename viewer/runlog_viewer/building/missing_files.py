"""Which of the files that pages show or name are not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.pages import layers


def shown_files(images: Iterable[runlog.ImageRecord]) -> Iterator[PurePosixPath]:
    """Yield the media files that images are shown from."""
    for image in images:
        for media in layers.media_files(image):
            yield media.path


def missing_files(run_folder: Path, paths: Iterable[PurePosixPath]) -> tuple[PurePosixPath, ...]:
    """Return those of a run's files that are not there, in order; each folder of them is walked to once."""
    by_folder: dict[PurePosixPath, set[PurePosixPath]] = {}
    for path in paths:
        by_folder.setdefault(path.parent, set()).add(path)
    missing = (_missing(run_folder, folder, of_folder) for folder, of_folder in by_folder.items())
    return tuple(sorted(path for of_folder in missing for path in of_folder))


def _missing(run_folder: Path, folder: PurePosixPath, paths: set[PurePosixPath]) -> list[PurePosixPath]:
    try:
        with SafeFolder(run_folder).inside(folder) as opened:
            return [path for path in paths if not opened.is_file(path.name)]
    except (OSError, runlog.StorageError):  # the folder is gone, or a link
        return [*paths]
