"""Which files of a folder a server hands out: pages and scripts that we wrote, and pictures of a run.

Files that a run keeps as they are go out as well, to be saved: whoever sends them lets no browser open them.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building.site_seal import find_seal
from runlog_viewer.pages import site_names

PAGE_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
PICTURE_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".avif": "image/avif",
}
_KEPT = ("media/files/", "files/")


class Served(NamedTuple):
    """A file to hand out, open; `is_kept` says that it is one for saving, which no browser may open."""

    file: BinaryIO
    is_kept: bool


class ServedFiles:
    """The files to serve of the site of a run, or of several runs.

    A site is served where it has our seal. What else lies in a run folder is not served, and of media files
    pictures alone, by the names that runs give them, which a browser does not run.

    Parameters
    ----------
    folder
        The folder that holds the site's first page.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, path: str) -> Served | None:
        """Open the file that the path of an address asks for; None if it is not to be served."""
        name = path.strip("/") + ("/index.html" if path.endswith("/") else "")
        first, _, rest = name.strip("/").partition("/")
        return self._open(self._folder, name.strip("/")) or self._open_of_run(first, rest)

    def _open_of_run(self, run: str, name: str) -> Served | None:
        # A run folder that is a link has its pages elsewhere.
        is_there = bool(name) and _is_plain(run) and SafeFolder(self._folder).is_folder(run)
        return self._open(self._folder / run, name) if is_there else None

    def _open(self, target: Path, name: str) -> Served | None:
        suffix = PurePosixPath(name).suffix.lower()
        is_of_site = name == site_names.INDEX_PAGE or name.startswith(f"{site_names.VIEWER}/")
        is_media, is_kept = runlog.is_stored_media_path(name), name.startswith(_KEPT)
        is_shown = is_of_site and suffix in PAGE_TYPES | PICTURE_TYPES
        if not (is_shown or is_kept or (is_media and suffix in PICTURE_TYPES)):
            return None
        seal = find_seal(target)
        if seal is None:
            return None
        try:
            of_run = SafeFolder(target if seal.media is None else seal.media.parent)
            if is_kept and not of_run.is_file("run.db"):
                return None
            return Served((SafeFolder(target) if is_shown else of_run).open(name), is_kept)
        except (OSError, ValueError):
            return None


def _is_plain(part: str) -> bool:
    return part not in ("", ".", "..") and "\0" not in part
