"""Reading picture files: bytes and a decoded image, or one clear error."""

from __future__ import annotations

import io
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image as PILImage

from runlog.errors import InvalidTypeError, InvalidValueError, StorageError, shown

MAX_DIMENSION = 65500
MAX_PIXELS = 500_000_000

_ORIENTATION_TAG = 0x0112
_TURNED_ORIENTATIONS = (5, 6, 7, 8)
_pillow_limit = threading.Lock()


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture file as it was read.

    Attributes
    ----------
    data
        The bytes of the file.
    format
        Pillow's name of the format, such as ``PNG`` or ``JPEG``.
    image
        The decoded picture (of an animation: its first frame), not turned upright.
    orientation
        EXIF orientation, 1 to 8.
    """

    data: bytes
    format: str
    image: PILImage.Image
    orientation: int

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height once the EXIF orientation is followed, as a browser does."""
        width, height = self.image.size
        return (height, width) if self.orientation in _TURNED_ORIENTATIONS else (width, height)


def is_file_like(value: object) -> bool:
    """Return whether `value` can be read as a picture file: a path or an open file."""
    return isinstance(value, (str, os.PathLike)) or callable(getattr(value, "read", None))


def read_picture(value: object, where: str, max_pixels: int = MAX_PIXELS) -> PictureFile:
    """Read and fully decode a picture file.

    Parameters
    ----------
    value
        A path, or an open binary file (read from its start; its position is left as it was).
    where
        What the file is, for messages.
    max_pixels
        Most pixels a picture may have.

    Raises
    ------
    StorageError
        If the file is missing, unreadable, truncated or no picture.
    InvalidTypeError, InvalidValueError
        If `value` is no file, or the picture is too large.
    """
    data, name = _read_bytes(value, where)
    try:
        # Pillow's own limit is lower than ours; ours is checked before anything is decoded.
        with _pillow_limit:
            limit, PILImage.MAX_IMAGE_PIXELS = PILImage.MAX_IMAGE_PIXELS, None
            try:
                image = PILImage.open(io.BytesIO(data))
            finally:
                PILImage.MAX_IMAGE_PIXELS = limit
        check_size(image.size, f"{where} {name}", max_pixels)
        image.load()
        orientation = image.getexif().get(_ORIENTATION_TAG, 1)
    except (InvalidValueError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - Pillow's decoders raise whatever a broken file provokes
        raise StorageError(f"{where} must be a whole, readable picture, but {name} is not: {error}") from None
    return PictureFile(data, image.format or "", image, orientation if orientation in range(1, 9) else 1)


def open_picture(value: object, where: str) -> PILImage.Image:
    """Read a picture file and return its decoded image; see `read_picture`."""
    return read_picture(value, where).image


def check_size(size: tuple[int, int], where: str, max_pixels: int = MAX_PIXELS) -> None:
    """Refuse a picture without pixels, with a side over `MAX_DIMENSION`, or with more than `max_pixels`."""
    width, height = size
    if width < 1 or height < 1:
        raise InvalidValueError(f"{where} must have at least one pixel, but is {width}×{height}")
    if max(size) > MAX_DIMENSION:
        raise InvalidValueError(f"{where} must be at most {MAX_DIMENSION} px a side, but is {width}×{height}")
    if width * height > max_pixels:
        raise InvalidValueError(
            f"{where} must have at most {max_pixels:,} pixels, but is {width}×{height}; "
            "Image.MAX_PIXELS sets the limit"
        )


def _read_bytes(value: Any, where: str) -> tuple[bytes, str]:
    if isinstance(value, (str, os.PathLike)):
        try:
            return Path(value).read_bytes(), shown(str(value))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise StorageError(
                f"{where} must be a readable file, but {shown(str(value))}: {reason}"
            ) from None
    if not callable(getattr(value, "read", None)):
        raise InvalidTypeError(f"{where} must be a path or an open binary file, but got {shown(value)}")
    name = shown(str(getattr(value, "name", "the open file")))
    try:
        data = _read_from_start(value)
    except (OSError, ValueError) as error:
        raise StorageError(f"{where} must be a readable open file, but {name}: {error}") from None
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise InvalidTypeError(f"{where} must be a file opened in binary mode, but {name} gives text")
    return bytes(data), name


def _read_from_start(file: Any) -> Any:
    # A buffer that was just written to stands at its end.
    if not callable(getattr(file, "seekable", None)) or not file.seekable():
        return file.read()
    position = file.tell()
    try:
        file.seek(0)
        return file.read()
    finally:
        file.seek(position)
