"""Frames → one picture that moves: an animated WebP, which pages show as they show any picture."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image as PILImage

from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.pixels import (
    AnyArray,
    Conversion,
    Pixels,
    dtype_name,
    is_tensor,
    to_numpy,
    to_pixels,
)

MAX_FRAMES = 300
# Browsers show frames that are shorter than 11 ms ten times as long.
MAX_FPS = 90
MAX_SIDE = 16383
# Up to so many pixels in all frames no value changes: past them a lossless file takes seconds and megabytes.
MAX_LOSSLESS_PIXELS = 4_000_000
_QUALITY = 85
_CHANNELS = (1, 3, 4)
_ACCEPTED = "frames must be T×H×W (grey), T×H×W×C or T×C×H×W, with C = 1 (grey), 3 (RGB) or 4 (RGBA)"


@dataclass(frozen=True, slots=True)
class Animation:
    """Frames as an animated WebP.

    Attributes
    ----------
    data
        The bytes of the file.
    conversion
        What was done to the values of the frames, all of them together.
    """

    data: bytes
    conversion: Conversion


def encode_frames(frames: Any, fps: float) -> Animation:
    """Return frames as an animation that is repeated without end.

    Parameters
    ----------
    frames
        Array or tensor of shape T×H×W (grey), T×H×W×C or T×C×H×W, C = 1, 3 or 4; a leading axis of 1 before
        these is dropped. Where both C first and C last would do, a tensor is taken as channel first, and an
        array as channel last. Values become 8 bits as those of an `Image` do, by the range of all frames.
    fps
        Frames a second, more than 0 and at most 90; a frame is shown for a whole number of milliseconds.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If they are anything else, there are none or more than 300, or a side has more than 16383 pixels.
    """
    milliseconds = round(1000 / _check_fps(fps))
    array, tensor = to_numpy(frames, "frames"), is_tensor(frames)
    values = _channel_last(array, prefer_first=tensor)
    pixels, conversion = to_pixels(
        values,
        source="tensor" if tensor else "array",
        dtype=dtype_name(frames, array),
        shape=array.shape,
    )
    is_lossless = math.prod(values.shape[:3]) <= MAX_LOSSLESS_PIXELS
    how = "lossless" if is_lossless else f"quality {_QUALITY}"
    note = f"{len(values)} frames at {fps:g} a second as an animated WebP, {how}"
    return Animation(
        _encoded(pixels, milliseconds, is_lossless=is_lossless),
        replace(conversion, notes=(*conversion.notes, note)),
    )


def _check_fps(fps: object) -> float:
    try:
        number = float(fps)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise InvalidTypeError(f"fps must be a number, but got {shown(fps)}") from None
    if not 0 < number <= MAX_FPS or 1000 / number > 2**24 - 1:
        raise InvalidValueError(f"fps must be more than 0 and at most {MAX_FPS}, but got {shown(fps)}")
    return number


def _channel_last(array: AnyArray, *, prefer_first: bool) -> AnyArray:
    """Return frames as T×H×W×C."""
    values = array[0] if array.ndim == 5 and array.shape[0] == 1 else array
    if values.ndim == 3:
        values = values[..., np.newaxis]
    elif values.ndim == 5:
        raise InvalidValueError(
            f"{_ACCEPTED}, but got shape {array.shape}; of several videos, log a list: "
            "[Video(frames) for frames in batch]"
        )
    elif values.ndim != 4:
        raise InvalidValueError(f"{_ACCEPTED}, but got shape {array.shape}")
    else:
        is_first, is_last = values.shape[1] in _CHANNELS, values.shape[3] in _CHANNELS
        if not (is_first or is_last):
            raise InvalidValueError(f"{_ACCEPTED}, but got shape {array.shape}")
        if is_first and (prefer_first or not is_last):
            values = np.moveaxis(values, 1, 3)
    _check_shape(values.shape)
    return values


def _check_shape(shape: tuple[int, ...]) -> None:
    count, height, width = shape[:3]
    if not 1 <= count <= MAX_FRAMES:
        every = math.ceil(count / MAX_FRAMES)
        fix = f"; take one of every {every}, frames[::{every}], or "
        raise InvalidValueError(
            f"a video must have 1 to {MAX_FRAMES} frames, but got {count:,}"
            + (f"{fix}write a video file and log Video(path)" if count else "")
        )
    if not (0 < height <= MAX_SIDE and 0 < width <= MAX_SIDE):
        raise InvalidValueError(f"a frame must have 1 to {MAX_SIDE} pixels a side, but got {width}×{height}")


def _encoded(pixels: Pixels, milliseconds: int, *, is_lossless: bool) -> bytes:
    first, *others = (_picture(frame) for frame in pixels)
    quality = {"lossless": True, "quality": 50, "exact": True} if is_lossless else {"quality": _QUALITY}
    buffer = io.BytesIO()
    try:
        first.save(
            buffer,
            "WEBP",
            save_all=True,
            append_images=others,
            duration=milliseconds,
            loop=0,
            method=0,
            **quality,
        )
    except Exception as error:  # noqa: BLE001 - Pillow's encoders raise many things
        raise InvalidValueError(f"frames must be ones that WebP can hold, but: {error}") from None
    return buffer.getvalue()


def _picture(frame: Pixels) -> PILImage.Image:
    return PILImage.fromarray(frame[:, :, 0] if frame.shape[2] == 1 else frame)
