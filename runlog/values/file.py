"""`File`: a file to be logged under a key, or to be kept with the run, and what kind of file it is."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, get_args

from runlog.errors import InvalidTypeError, InvalidValueError, StorageError, shown
from runlog.files.paths import absolute_path
from runlog.files.safe_folder import open_plain

FileKind = Literal["video", "audio", "html", "object3d", "plotly", "file"]
FILE_KINDS: tuple[FileKind, ...] = get_args(FileKind)

_PLOTLY_SUFFIX = ".plotly.json"
_SUFFIXES: dict[FileKind, tuple[str, ...]] = {
    "plotly": (_PLOTLY_SUFFIX,),
    "video": (".mp4", ".m4v", ".webm", ".mov", ".mkv", ".avi", ".ogv", ".mpg", ".mpeg"),
    "audio": (".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac"),
    "html": (".html", ".htm", ".xhtml"),
    "object3d": (".obj", ".gltf", ".glb", ".ply", ".stl", ".babylon", ".pts.json", ".usdz"),
}


def file_kind(name: str) -> FileKind:
    """Return what kind of file it is, as its name tells: nothing of it is read."""
    lowered = name.lower()
    return next((kind for kind, suffixes in _SUFFIXES.items() if lowered.endswith(suffixes)), "file")


@dataclass(frozen=True, init=False, eq=False, slots=True)
class File:
    """A file to be logged under a key: video, audio, HTML, 3-D, a plotly figure, or any other.

    It is kept as it is, named on the page of its step with its size and path, and never shown there: what a
    browser would run stays a file. A path is read when the file is logged; until then it may still change.

    Parameters
    ----------
    data_or_path
        A path; or the content: bytes, an open binary file (read from where it stands), or a plotly figure,
        which is kept as JSON.
    name
        What the file is called, with the suffix that tells what it is; by default as the path is.

    Attributes
    ----------
    kind
        ``video``, ``audio``, ``html``, ``object3d``, ``plotly`` or ``file``, as its name tells.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If it is none of these, or content has no name.
    StorageError
        If there is no plain file at the path.
    """

    name: str
    kind: FileKind
    content: Path | bytes

    def __init__(self, data_or_path: Any, name: str | None = None) -> None:
        if name is not None and not isinstance(name, str):
            raise InvalidTypeError(f"name must be a string, but got {shown(name)}")
        content, usual = _read(data_or_path)
        called = usual if name is None else name
        if not called or "/" in called or not called.strip(". "):
            raise InvalidValueError(
                f"a file must have a name without '/', such as 'a.wav', but got {shown(called)}; pass name="
            )
        object.__setattr__(self, "content", content)
        object.__setattr__(self, "name", called)
        object.__setattr__(self, "kind", file_kind(called))

    def open(self) -> BinaryIO:
        """Open the content for reading.

        Raises
        ------
        StorageError
            If the path is no plain file any more, or cannot be read.
        """
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else open_source(self.content)

    def __repr__(self) -> str:
        return f"File({self.name!r})"


def open_source(path: Path) -> BinaryIO:
    """Open a plain file of the user's, which may be reached through links.

    Raises
    ------
    StorageError
        If there is none, or it cannot be read.
    """
    try:
        descriptor = open_plain(os.path.realpath(path), os.O_RDONLY, path)
    except OSError as error:
        raise _unreadable(path, error) from None
    return os.fdopen(descriptor, "rb")


def is_plotly_figure(value: object) -> bool:
    """Return whether a value is a plotly figure, by what it can do: plotly is not imported."""
    return callable(getattr(value, "to_plotly_json", None)) and callable(getattr(value, "to_json", None))


def _read(given: Any) -> tuple[Path | bytes, str]:
    """Return a path, or content, and what it is called without a name; `""` if it needs one."""
    if isinstance(given, (str, os.PathLike)):
        # What is relative now is so to where the script is now.
        path = absolute_path(given)
        open_source(path).close()
        return path, path.name
    if isinstance(given, (bytes, bytearray, memoryview)):
        return bytes(given), ""
    if is_plotly_figure(given):
        return str(given.to_json()).encode(), f"figure{_PLOTLY_SUFFIX}"
    if callable(getattr(given, "read", None)):
        try:
            content = given.read()
        except (OSError, ValueError) as error:
            raise InvalidValueError(f"a file must be open for reading bytes, but: {error}") from None
        if not isinstance(content, bytes):
            raise InvalidTypeError(
                f"a file must be open for reading bytes (mode 'rb'), but it gave {shown(content)}"
            )
        return content, Path(name).name if isinstance(name := getattr(given, "name", None), str) else ""
    raise InvalidTypeError(
        "a file must be a path, bytes, an open binary file or a plotly figure, "
        f"but got {type(given).__name__} {shown(given)}"
    )


def _unreadable(path: Path, error: OSError) -> StorageError:
    if isinstance(error, StorageError):
        return error
    return StorageError(f"{path} must be a file that can be read, but: {error.strerror or error}")
