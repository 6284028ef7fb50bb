"""Reading picture files: bytes and a decoded image, or one clear error."""

from __future__ import annotations

import io
import os
import stat
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from PIL import Image as PILImage
from PIL import UnidentifiedImageError

from runlog.errors import InvalidTypeError, InvalidValueError, StorageError, shown, shown_path

# Formats that browsers show, by Pillow's name, with ours: the media folder of a run holds no others. MPO is a
# JPEG with more pictures behind it, and opened as one.
STORED_FORMATS = {
    "PNG": "png",
    "JPEG": "jpg",
    "MPO": "jpg",
    "GIF": "gif",
    "BMP": "bmp",
    "WEBP": "webp",
    "AVIF": "avif",
}
# What a picture of the user's may be besides. Pillow takes a file for what its first bytes say, whatever its
# name, and would start Ghostscript for an EPS: so it is told each format that it may try.
_OTHER_FORMATS = (
    *("TIFF", "PPM", "DIB", "ICO", "ICNS", "JPEG2000", "QOI", "SGI", "PCX", "PSD", "DDS", "FITS"),
    *("XBM", "XPM", "SUN", "TGA"),
)
_STORED = tuple(name for name in STORED_FORMATS if name != "MPO")

MAX_DIMENSION = 65500
MAX_PIXELS = 500_000_000

UPRIGHT = 1
_ORIENTATION_TAG = 0x0112
# What a browser does for each EXIF orientation (exif.org, tag 0x0112).
_TURNS = {
    2: PILImage.Transpose.FLIP_LEFT_RIGHT,
    3: PILImage.Transpose.ROTATE_180,
    4: PILImage.Transpose.FLIP_TOP_BOTTOM,
    5: PILImage.Transpose.TRANSPOSE,
    6: PILImage.Transpose.ROTATE_270,
    7: PILImage.Transpose.TRANSVERSE,
    8: PILImage.Transpose.ROTATE_90,
}
_SWAPPING_SIDES = (5, 6, 7, 8)
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
    frames
        How many pictures the file holds.
    """

    data: bytes
    format: str
    image: PILImage.Image
    orientation: int
    frames: int

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height once the EXIF orientation is followed, as a browser does."""
        width, height = self.image.size
        return (height, width) if self.orientation in _SWAPPING_SIDES else (width, height)

    def upright(self) -> PILImage.Image:
        """Return a copy of the decoded picture, turned as a browser turns it."""
        turn = _TURNS.get(self.orientation)
        return self.image.copy() if turn is None else self.image.transpose(turn)


def is_file_like(value: object) -> bool:
    """Return whether `value` can be read as a picture file: a path or an open file."""
    return isinstance(value, (str, os.PathLike)) or callable(getattr(value, "read", None))


def open_media(source: str | os.PathLike[str] | IO[bytes]) -> PILImage.Image:
    """Open a media file of a run with Pillow, which decodes it later and tries only what runs store.

    Raises
    ------
    OSError
        If it cannot be read, or has no format that runs store.
    """
    return _open_as(source, _STORED)


def read_picture(
    value: object, where: str, max_pixels: int = MAX_PIXELS, *, is_media: bool = False
) -> PictureFile:
    """Read and fully decode a picture file.

    Parameters
    ----------
    value
        A path, or an open binary file (read from its start; its position is left as it was).
    where
        What the file is, for messages.
    max_pixels
        Most pixels a picture may have.
    is_media
        Whether it is a media file of a run: of a format that runs store.

    Raises
    ------
    StorageError
        If the file is missing, unreadable, truncated or no picture.
    InvalidTypeError, InvalidValueError
        If `value` is no file, or the picture is too large.
    """
    data, name = _read_bytes(value, where)
    try:
        image = _opened(data, _STORED if is_media else (*_STORED, *_OTHER_FORMATS))
        check_size(image.size, f"{where} {name}", max_pixels)
        # Counted first: counting moves the file on and drops what was decoded.
        frames = getattr(image, "n_frames", 1)
        image.load()
    except (InvalidValueError, MemoryError):
        raise
    except UnidentifiedImageError:
        raise StorageError(
            f"{where} must be a picture, but {name} ({len(data):,} bytes) has no format that is read"
        ) from None
    except Exception as error:  # noqa: BLE001 - Pillow's decoders raise whatever a broken file provokes
        raise StorageError(f"{where} must be a whole, readable picture, but {name} is not: {error}") from None
    return PictureFile(data, image.format or "", image, _orientation(image), frames)


def _opened(data: bytes, formats: Sequence[str]) -> PILImage.Image:
    # Pillow's own limit is lower than ours; ours is checked before anything is decoded.
    with _pillow_limit:
        limit, PILImage.MAX_IMAGE_PIXELS = PILImage.MAX_IMAGE_PIXELS, None
        try:
            return _open_as(io.BytesIO(data), formats)
        finally:
            PILImage.MAX_IMAGE_PIXELS = limit


def _open_as(source: Any, formats: Sequence[str]) -> PILImage.Image:
    # Pillow answers a format that it does not know with a KeyError; of these, only AVIF is not in every one.
    known = [name for name in formats if name != "AVIF" or name in PILImage.OPEN or _has_avif()]
    return PILImage.open(source, formats=known)


@cache
def _has_avif() -> bool:
    return find_spec("PIL.AvifImagePlugin") is not None


def _orientation(image: PILImage.Image) -> int:
    """Read the EXIF orientation, and no other: browsers ignore the one in XMP that Pillow follows."""
    exif = PILImage.Exif()
    try:
        exif.load(image.info.get("exif") or b"")
        value = exif.get(_ORIENTATION_TAG)
        return int(value) if value in _TURNS else UPRIGHT
    except Exception:  # noqa: BLE001 - broken EXIF, as common as it is, says nothing about the pixels
        return UPRIGHT


def check_size(
    size: tuple[int, int], where: str, max_pixels: int = MAX_PIXELS, limit: str = "Image.MAX_PIXELS"
) -> None:
    """Refuse a picture without pixels, with a side over `MAX_DIMENSION`, or with more than `max_pixels`.

    Parameters
    ----------
    size
        Width and height.
    where
        What it is the size of, for messages.
    max_pixels, limit
        Most pixels it may have, and the name of what sets that.

    Raises
    ------
    InvalidValueError
        Naming the size.
    """
    width, height = size
    if width < 1 or height < 1:
        raise InvalidValueError(f"{where} must have at least one pixel, but is {width}×{height}")
    if max(size) > MAX_DIMENSION:
        raise InvalidValueError(f"{where} must be at most {MAX_DIMENSION} px a side, but is {width}×{height}")
    if width * height > max_pixels:
        raise InvalidValueError(
            f"{where} must have at most {max_pixels:,} pixels, but is {width}×{height}; "
            f"{limit} sets the limit"
        )


def _read_bytes(value: Any, where: str) -> tuple[bytes, str]:
    if isinstance(value, (str, os.PathLike)):
        return _read_path(value, where)
    if not callable(getattr(value, "read", None)):
        raise InvalidTypeError(f"{where} must be a path or an open binary file, but got {shown(value)}")
    name = shown_path(getattr(value, "name", "the open file"))
    if isinstance(value, io.TextIOBase):
        raise InvalidTypeError(f"{where} must be a file opened in binary mode, but {name} gives text")
    try:
        data = _read_from_start(value)
    except Exception as error:  # noqa: BLE001 - foreign file objects raise what they like
        raise StorageError(f"{where} must be a readable open file, but {name}: {error}") from None
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise InvalidTypeError(
            f"{where} must be a file opened in binary mode, but {name} gives {type(data).__name__}"
        )
    return bytes(data), name


def _read_path(value: str | os.PathLike[str], where: str) -> tuple[bytes, str]:
    name = shown_path(value)
    try:
        path = Path(value)
        # A device or a pipe may never end.
        data = path.read_bytes() if stat.S_ISREG(path.stat().st_mode) else None
    except (OSError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StorageError(f"{where} must be a readable file, but {name}: {reason}") from None
    if data is None:
        raise StorageError(f"{where} must be a regular file, but {name} is a folder or a device")
    return data, name


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
