"""Whatever a script has for a picture → one `Picture`. No framework is imported to recognise its types."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import ImageOps

from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.files import PictureFile, check_size, is_file_like, read_picture
from runlog.pixels import (
    AnyArray,
    Conversion,
    Pixels,
    channels_last,
    grid,
    guess_mode,
    is_tensor,
    to_numpy,
    to_pixels,
    without_leading_ones,
)

# Formats that browsers show, by Pillow's name; MPO is a JPEG with more pictures behind it.
_BROWSER_FORMATS = {
    "PNG": "png",
    "JPEG": "jpg",
    "MPO": "jpg",
    "GIF": "gif",
    "WEBP": "webp",
    "BMP": "bmp",
    "AVIF": "avif",
}


LabelPixels = NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels that no caller can reach any more: an array, a PIL image or a file as it was read.

    Attributes
    ----------
    content
        uint8 of shape H×W or H×W×1…4 (uint16 of H×W for the label image of a mask), a PIL image, or a
        `PictureFile` whose bytes are kept.
    conversion
        What was done to get here.
    losses
        What was lost on the way, in words fit for a warning.
    """

    content: Pixels | LabelPixels | PILImage.Image | PictureFile
    conversion: Conversion
    losses: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, upright."""
        if isinstance(self.content, np.ndarray):
            return self.content.shape[1], self.content.shape[0]
        return self.content.size if isinstance(self.content, PILImage.Image) else self.content.upright_size

    @property
    def file_format(self) -> str | None:
        """Our name of the format of a kept file that browsers show; None for pixels and other files."""
        return _BROWSER_FORMATS.get(self.content.format) if isinstance(self.content, PictureFile) else None

    @property
    def mode(self) -> str:
        """PIL mode of the pixels."""
        if isinstance(self.content, np.ndarray):
            return guess_mode(self.content)
        return (self.content if isinstance(self.content, PILImage.Image) else self.content.image).mode

    def to_pil(self) -> PILImage.Image:
        """Return the pixels as a PIL image of their own, upright."""
        if isinstance(self.content, np.ndarray):
            pixels = self.content[:, :, 0] if self.content.shape[2:] == (1,) else self.content
            return PILImage.fromarray(pixels)
        if isinstance(self.content, PILImage.Image):
            return self.content.copy()
        return ImageOps.exif_transpose(self.content.image)


def read_source(data: Any, *, normalize: bool, max_pixels: int) -> Picture:
    """Take the pixels of anything `Image` accepts.

    Raises
    ------
    InvalidTypeError, InvalidValueError, StorageError
        If `data` is no picture, too large, or a file that cannot be read.
    """
    if isinstance(data, PILImage.Image):
        return _from_pil(data, max_pixels)
    if is_file_like(data):
        return _from_file(data, max_pixels)
    if (figure := _figure(data)) is not None:
        return _from_figure(figure, max_pixels)
    if not _is_array_like(data):
        raise InvalidTypeError(
            "an image must be a numpy array, a tensor, a PIL image, a path, an open file, "
            f"a matplotlib figure or an Image, but got {type(data).__name__} {shown(data)}"
        )
    return _from_array(data, normalize, max_pixels)


def is_picture_like(data: object) -> bool:
    """Return whether `data` is certainly a picture: a PIL image or a matplotlib figure."""
    return isinstance(data, PILImage.Image) or _figure(data) is not None


def _from_array(data: Any, normalize: bool, max_pixels: int) -> Picture:
    array, tensor = to_numpy(data, "an image"), is_tensor(data)
    shape = array.shape
    array = without_leading_ones(channels_last(array) if tensor else array)
    is_batch = array.ndim == 4
    _check_shape(array[0] if is_batch and len(array) else array, shape, tensor)
    pixels, conversion = to_pixels(array, normalize=normalize)
    notes: tuple[str, ...] = ()
    if is_batch:
        pixels, notes = grid(pixels), (f"a batch of {len(array)} became one grid",)
    check_size((pixels.shape[1], pixels.shape[0]), "an image", max_pixels)
    pixels.flags.writeable = False
    return Picture(
        pixels, replace(conversion, source="tensor" if tensor else "array", shape=shape, notes=notes)
    )


def _check_shape(picture: AnyArray, shape: tuple[int, ...], tensor: bool) -> None:
    try:
        guess_mode(picture)
    except InvalidValueError as error:
        if tensor:
            hint = "a tensor must be H×W, C×H×W or N×C×H×W with 1 to 4 channels"
        elif len(shape) == 3 and shape[0] in (1, 3, 4):
            hint = "if it is channel first, pass array.transpose(1, 2, 0)"
        else:
            raise
        raise InvalidValueError(f"{error} (an input of shape {shape}; {hint})") from None


def _from_pil(image: PILImage.Image, max_pixels: int) -> Picture:
    check_size(image.size, "a PIL image", max_pixels)
    try:
        image = image.copy()
    except Exception as error:  # noqa: BLE001 - a lazily opened image decodes here, and may raise anything
        raise InvalidValueError(f"a PIL image must be readable, but decoding it failed: {error}") from None
    return Picture(image, Conversion("pil", notes=(f"PIL mode {image.mode}",)))


def _from_file(data: Any, max_pixels: int) -> Picture:
    file = read_picture(data, "an image file", max_pixels)
    conversion = Conversion("file", notes=(f"{file.format}, mode {file.image.mode}",))
    picture = Picture(file, conversion)
    if picture.file_format is None:
        note = f"stored as PNG, since no browser shows {file.format}"
        return Picture(picture.to_pil(), replace(conversion, notes=(*conversion.notes, note)))
    return picture


def _figure(data: object) -> Any | None:
    """Return the matplotlib figure that `data` is, or that pyplot currently has."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and data is pyplot:
        return pyplot.gcf()
    figures = sys.modules.get("matplotlib.figure")
    return data if figures is not None and isinstance(data, figures.Figure) else None


def _from_figure(figure: Any, max_pixels: int) -> Picture:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    picture = _from_file(buffer, max_pixels)
    return replace(picture, conversion=Conversion("figure", notes=("drawn by matplotlib",)))


def _is_array_like(data: object) -> bool:
    return (
        isinstance(data, (np.ndarray, list, tuple))
        or is_tensor(data)
        or hasattr(data, "__array__")
        or callable(getattr(data, "numpy", None))
    )
