"""Which files of a folder a server hands out: pages and scripts that we wrote, and pictures of a run."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import BinaryIO

from runlog.files.safe_folder import SafeFolder
from runlog_viewer.build.site_seal import find_seal
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
_MEDIA = ("media/images/", "media/masks/")


class SiteFiles:
    """The files to serve of the site of a run, or of several runs.

    A site is served where it has our seal. What else lies in a run folder is not served, and of media files
    pictures alone, which a browser does not run.

    Parameters
    ----------
    folder
        The folder that holds the site's first page.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, path: str) -> BinaryIO | None:
        """Open the file that the path of an address asks for; None if it is not to be served."""
        name = path.strip("/") + ("/index.html" if path.endswith("/") else "")
        first, _, rest = name.strip("/").partition("/")
        return self._open(self._folder, name.strip("/")) or self._open_of_run(first, rest)

    def _open_of_run(self, run: str, name: str) -> BinaryIO | None:
        # A run folder that is a link has its pages elsewhere.
        is_there = bool(name) and _is_plain(run) and SafeFolder(self._folder).is_folder(run)
        return self._open(self._folder / run, name) if is_there else None

    def _open(self, target: Path, name: str) -> BinaryIO | None:
        suffix = PurePosixPath(name).suffix.lower()
        is_of_site = name == site_names.INDEX_PAGE or name.startswith(f"{site_names.VIEWER}/")
        is_media = name.startswith(_MEDIA)
        if not (is_of_site and suffix in PAGE_TYPES | PICTURE_TYPES) and not (
            is_media and suffix in PICTURE_TYPES
        ):
            return None
        seal = find_seal(target)
        if seal is None:
            return None
        try:
            if is_media and seal.media is not None:
                return SafeFolder(seal.media).open(name.removeprefix("media/"))
            return SafeFolder(target).open(name)
        except (OSError, ValueError):
            return None


def _is_plain(part: str) -> bool:
    return part not in ("", ".", "..") and "\0" not in part
