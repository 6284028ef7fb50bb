"""Whatever a script has for a picture → one `Picture`. No framework is imported to recognise its types."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from runlog.basics.frozen import frozen_array
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.animation import Animation
from runlog.images.picture_file import (
    STORED_FORMATS,
    UPRIGHT,
    PictureFile,
    check_size,
    is_file_like,
    read_picture,
)
from runlog.images.pixels import (
    Conversion,
    Pixels,
    dtype_name,
    grid,
    guess_mode,
    is_tensor,
    pictures,
    sheet_size,
    to_numpy,
    to_pixels,
)

# Browsers follow the EXIF orientation of the others.
_NEVER_TURNED = ("WEBP",)


LabelPixels = NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels that no caller can reach any more: an array, a PIL image or a file as it was read.

    Attributes
    ----------
    content
        uint8 of shape H×W or H×W×1…4 (uint16 of H×W for the label image of a mask), a PIL image, or a
        `PictureFile` that browsers show, whose bytes are kept. Arrays are read-only.
    conversion
        What was done to get here.
    losses
        What was lost on the way, in words fit for a warning.
    batch
        How many pictures were laid out as this one; 1 for a picture of its own.
    """

    content: Pixels | LabelPixels | PILImage.Image | PictureFile
    conversion: Conversion
    losses: tuple[str, ...] = ()
    batch: int = 1

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, upright."""
        if isinstance(self.content, np.ndarray):
            return self.content.shape[1], self.content.shape[0]
        return self.content.size if isinstance(self.content, PILImage.Image) else self.content.upright_size

    @property
    def file_format(self) -> str | None:
        """Our name of the format of a kept file; None for pixels."""
        return STORED_FORMATS[self.content.format] if isinstance(self.content, PictureFile) else None

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
        return self.content.copy() if isinstance(self.content, PILImage.Image) else self.content.upright()

    def decoded(self) -> Picture:
        """Return the picture as pixels; of a file, that is its first frame, upright."""
        if not isinstance(self.content, PictureFile):
            return self
        frames, orientation = self.content.frames, self.content.orientation
        notes, losses = self.conversion.notes, self.losses
        if orientation != UPRIGHT:
            notes = (*notes, f"turned upright (EXIF orientation {orientation})")
        if frames > 1:
            losses = (*losses, f"only the first of {frames} pictures in the file was kept")
        return replace(
            self,
            content=self.content.upright(),
            conversion=replace(self.conversion, notes=notes),
            losses=losses,
        )

    def __reduce__(self) -> tuple[Callable[..., Picture], tuple[object, ...]]:
        return _unpickled, (self.content, self.conversion, self.losses, self.batch)


def _unpickled(content: Any, conversion: Conversion, losses: tuple[str, ...], batch: int) -> Picture:
    frozen = frozen_array(content) if isinstance(content, np.ndarray) else content
    return Picture(frozen, conversion, losses, batch)


def read_source(data: Any, *, normalize: bool, max_pixels: int) -> Picture:
    """Take the pixels of anything `Image` accepts.

    Raises
    ------
    InvalidTypeError, InvalidValueError, StorageError
        If `data` is no picture, too large, or a file that cannot be read.
    """
    if isinstance(data, np.ndarray):
        return _from_array(data, normalize, max_pixels)
    if isinstance(data, PILImage.Image):
        return _from_pil(data, max_pixels)
    if isinstance(data, Animation):
        return Picture(read_picture(io.BytesIO(data.data), "an animation", max_pixels), data.conversion)
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
    """Return whether `data` is certainly a picture: a PIL image, or a matplotlib figure or part of one."""
    return isinstance(data, PILImage.Image) or _is_figure(data) or _is_in_figure(data) or _is_pyplot(data)


def _from_array(data: Any, normalize: bool, max_pixels: int) -> Picture:
    array, tensor = to_numpy(data, "an image"), is_tensor(data)
    values = pictures(array, channel_first=tensor)
    check_size(sheet_size(values.shape), "an image", max_pixels)
    is_batch = values.ndim == 4
    pixels, conversion = to_pixels(
        values,
        normalize=normalize,
        source="tensor" if tensor else "array",
        dtype=dtype_name(data, array),
        shape=array.shape,
        notes=(f"a batch of {len(values)} became one grid",) if is_batch else (),
    )
    if is_batch:
        return Picture(frozen_array(grid(pixels)), conversion, batch=len(values))
    return Picture(frozen_array(pixels), conversion)


def _from_pil(image: PILImage.Image, max_pixels: int) -> Picture:
    check_size(image.size, "a PIL image", max_pixels)
    try:
        copied = image.copy()
    except Exception as error:  # noqa: BLE001 - a lazily opened image decodes here, and may raise anything
        raise InvalidValueError(f"a PIL image must be readable, but decoding it failed: {error}") from None
    return Picture(copied, Conversion("pil", notes=(f"PIL mode {copied.mode}",)))


def _from_file(data: Any, max_pixels: int) -> Picture:
    file = read_picture(data, "an image file", max_pixels)
    notes: tuple[str, ...] = (f"{file.format}, mode {file.image.mode}",)
    if file.format not in STORED_FORMATS:
        notes = (*notes, f"stored as pixels, since no browser shows {file.format}")
    elif file.format in _NEVER_TURNED and file.orientation != UPRIGHT:
        notes = (*notes, f"stored as pixels, since no browser turns {file.format} upright")
    else:
        return Picture(file, Conversion("file", notes=notes))
    return Picture(file, Conversion("file", notes=notes)).decoded()


def _is_figure(data: object) -> bool:
    return isinstance(data, getattr(sys.modules.get("matplotlib.figure"), "Figure", ()))


def _is_pyplot(data: object) -> bool:
    return data is not None and data is sys.modules.get("matplotlib.pyplot")


def _is_in_figure(data: object) -> bool:
    """Return whether `data` is part of a figure, such as the Axes that plotting libraries return."""
    return isinstance(data, getattr(sys.modules.get("matplotlib.artist"), "Artist", ()))


def _figure(data: Any) -> Any | None:
    """Return the matplotlib figure that `data` is, is drawn in, or that pyplot currently has."""
    if _is_figure(data):
        return data
    if _is_in_figure(data):
        return _figure_of(data)
    if not _is_pyplot(data):
        return None
    if not data.get_fignums():
        raise InvalidValueError("pyplot must have a figure to be an image, but none is open")
    return data.gcf()


def _figure_of(artist: Any) -> Any:
    """Return the figure that something is drawn in; of a subfigure, the whole one."""
    figure = artist.figure
    while figure is not None and not _is_figure(figure):
        figure = figure.figure
    if figure is None:
        raise InvalidValueError(
            f"a matplotlib {type(artist).__name__} must be in a figure to be an image, but is in none"
        )
    return figure


def _from_figure(figure: Any, max_pixels: int) -> Picture:
    buffer = io.BytesIO()
    try:
        figure.savefig(buffer, format="png")
    except Exception as error:  # noqa: BLE001 - matplotlib draws only now, and raises whatever is wrong
        raise InvalidValueError(
            f"a matplotlib figure must be drawable, but drawing it failed: {error}"
        ) from None
    picture = _from_file(buffer, max_pixels)
    return replace(picture, conversion=Conversion("figure", notes=("drawn by matplotlib",)))


def _is_array_like(data: object) -> bool:
    return (
        isinstance(data, (list, tuple))
        or is_tensor(data)
        or hasattr(data, "__array__")
        or callable(getattr(data, "numpy", None))
    )
