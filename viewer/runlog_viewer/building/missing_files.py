"""Which of the files that pages show or name are not there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.pages import layers


def missing_files(
    run_folder: Path, images: Iterable[runlog.ImageRecord], named: Iterable[PurePosixPath] = ()
) -> tuple[PurePosixPath, ...]:
    """Return those of the media files that images are shown from, and of other files, that are not there."""
    files = SafeFolder(run_folder)
    shown = {media.path for image in images for media in layers.media_files(image)}
    return tuple(sorted(path for path in shown.union(named) if not files.is_file(path)))
