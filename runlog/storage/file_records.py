"""The files of a run folder, as frozen values: what writes them needs no other records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from runlog.values.file import FileKind


@dataclass(frozen=True, slots=True)
class MediaRecord:
    """One media file of a run folder.

    Attributes
    ----------
    path
        Relative to the run folder, with ``/``.
    format
        ``png``, ``jpg``, ``gif``, ``webp``, ``bmp`` or ``avif``.
    width, height
        Pixels, upright (after an EXIF orientation).
    bytes
        Size of the file.
    """

    path: PurePosixPath
    pixel_hash: str
    sha256: str
    format: str
    width: int
    height: int
    bytes: int


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file that is kept as it is.

    Attributes
    ----------
    key, step, index
        Where it was logged, and its place in the list; all None for a file of the run as a whole.
    path
        Relative to the run folder, with ``/``.
    kind
        ``video``, ``audio``, ``html``, ``object3d``, ``plotly`` or ``file``, as its name tells.
    bytes
        Size of the file.
    """

    key: str | None
    step: int | None
    index: int | None
    path: PurePosixPath
    kind: FileKind
    sha256: str
    bytes: int
