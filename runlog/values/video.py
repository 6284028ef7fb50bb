"""`Video`: frames, which become a picture that moves, or a video file, which is kept as it is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, ClassVar

from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.animation import MAX_FRAMES, encode_frames
from runlog.images.image import Image
from runlog.values.file import File

_DEFAULT_FPS = 4
# Files that browsers show as pictures, and play.
_ANIMATIONS = (".gif", ".webp", ".avif", ".apng")


@dataclass(frozen=True, init=False, eq=False, slots=True)
class Video:
    """A video to be logged under a key.

    Frames become an animated WebP, which is an image like any other: shown on pages, in galleries, at its
    step. Its pixels are exact (lossless) up to 4 million in all frames together, such as 300 frames of
    115×115, and of quality 85 past that. A file is kept as it is: an animated GIF or WebP as an image, any
    other, such as an MP4, as a `File`.

    Parameters
    ----------
    data_or_path
        Frames: array or tensor T×H×W (grey), T×H×W×C or T×C×H×W with C = 1, 3 or 4, of at most 300 frames.
        Where both C first and C last would do, a tensor is taken as channel first, an array as channel last.
        Values become 8 bits as those of an `Image` do, by the range of all frames. Or the path of a file.
    caption
        Text shown with the picture; of frames and animated pictures alone.
    fps
        Of frames: how many a second, at most 90; by default 4.

    Attributes
    ----------
    MAX_FRAMES
        Most frames: 300.
    image
        The picture that it is; None for a file that is kept.
    file
        The file that is kept; None for a picture.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If it is none of these, or a file is given an `fps` or a caption that nothing could show.
    StorageError
        If there is no plain file at the path.
    """

    MAX_FRAMES: ClassVar[int] = MAX_FRAMES

    image: Image | None
    file: File | None

    def __init__(self, data_or_path: Any, caption: str | None = None, fps: float | None = None) -> None:
        is_path = isinstance(data_or_path, (str, os.PathLike))
        if is_path and fps is not None:
            raise InvalidValueError(
                f"fps must be left out for a file, which has its own, but got {shown(fps)}"
            )
        image = file = None
        if not is_path:
            frames = encode_frames(data_or_path, _DEFAULT_FPS if fps is None else fps)
            image = Image(frames, caption=caption)
        elif PurePath(data_or_path).suffix.lower() in _ANIMATIONS:
            image = Image(data_or_path, caption=caption)
        elif caption is not None:
            raise InvalidValueError(
                "caption must be left out for a file that pages do not show, such as an MP4, "
                f"but got {shown(caption)}; log the text under a key of its own"
            )
        else:
            file = File(data_or_path)
        object.__setattr__(self, "image", image)
        object.__setattr__(self, "file", file)

    def __repr__(self) -> str:
        return f"Video({self.file or self.image!r})"


def picture_of(value: object) -> object:
    """Return the image that a video is; anything else, and a video that is kept as a file, as it is.

    Raises
    ------
    InvalidTypeError
        For a video that is kept as a file.
    """
    if not isinstance(value, Video):
        return value
    if value.image is None:
        raise InvalidTypeError(
            f"pictures and files must have a key each, but {value!r}, which is kept as a file, stands in a "
            "list with pictures"
        )
    return value.image
