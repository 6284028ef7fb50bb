"""Every file and folder of a run and of a runs folder, and what may lie there in its place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from .commands import BAD, Place

ORPHAN = "media/images/val/predictions/000000009-0000-aaaaaaaa.png"
"""A media file that no row names, which a repair sets aside."""

# Names of files of which there is one for each step, image or mask stand for the first.
_OF_A_RUN = (
    "",
    *("run.db", "run.db-wal", "run.db-shm", "run.db-journal", "run.lock"),
    *("media", "media/images", "media/images/val", "media/images/val/predictions", "media/masks"),
    *("media/files", "media/files/clip", "media/files/clip/*"),
    *("files", "files/notes", "files/notes/own.html", "files/new"),
    *("media/images/val/predictions/*", "media/images/wide/*", "media/masks/val/predictions/*"),
    *("media/images/val/predictions/.*.tmp", "lost+found", "lost+found/media"),
    *("index.html", "viewer", "viewer/.lock", "viewer/.mark", "viewer/.seal", "viewer/version.js"),
    *("viewer/steps", "viewer/steps/*", "viewer/data", "viewer/data/index.js", "viewer/data/block-0000.js"),
    *("viewer/data/texts-000000004.js", "viewer/key.html", "viewer/*.css", "viewer/overlays.js"),
    *("viewer/masks", "viewer/masks/*.js", "viewer/masks/*.png", "viewer/thumbs", "viewer/thumbs/*"),
)
_OF_A_RUNS_FOLDER = ("index.html", "viewer", "viewer/data", "viewer/data/overview.js", "viewer/version.js")
NAMES = (*(f"{BAD}/{name}".rstrip("/") for name in _OF_A_RUN), *_OF_A_RUNS_FOLDER)

Make = Callable[[Path, Place], None]


def _folder(path: Path, place: Place) -> None:
    path.mkdir()
    (path / "inside").write_text("inside")


FORMS: dict[str, Make] = {
    "a link to a file": lambda path, place: path.symlink_to(place.home / "documents/letter.txt"),
    "a link to a picture": lambda path, place: path.symlink_to(place.home / "documents/photo.png"),
    "a link to a page": lambda path, place: path.symlink_to(place.home / "documents/index.html"),
    "a link to a folder": lambda path, place: path.symlink_to(place.home / "documents"),
    "a link to a run": lambda path, place: path.symlink_to(place.home / "run"),
    "a link up": lambda path, place: path.symlink_to(os.path.relpath(place.home, path.parent)),
    "a link to nothing": lambda path, place: path.symlink_to(place.home / "new"),
    "a link to itself": lambda path, place: path.symlink_to(path),
    "a link to a device": lambda path, place: path.symlink_to("/dev/zero"),
    "a FIFO": lambda path, place: os.mkfifo(path),
    "a folder": _folder,
    "a file": lambda path, place: path.write_bytes(b"<script>alert(1)</script>\n" * 9) and None,
}


def put(place: Place, name: str, form: str) -> None:
    """Make a run hostile: let something else have the name of one of its files or folders."""
    # In the home is a run as well, which a link may lead to.
    shutil.copytree(place.bad, place.home / "run", symlinks=True)
    orphan = place.bad / ORPHAN
    shutil.copyfile(next(iter(sorted(orphan.parent.glob("*.png")))), orphan)
    path = _found(place.runs, name)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    FORMS[form](path, place)


def _found(runs: Path, name: str) -> Path:
    path = runs / name
    if "*" not in path.name:
        return path
    found = sorted(path.parent.glob(path.name))
    # Nothing is there by the names that were foreseeable once.
    if not found:
        media = sorted(path.parent.glob("*.png"))[0]
        return media.with_name(f".{media.name}.tmp")
    return found[0]
