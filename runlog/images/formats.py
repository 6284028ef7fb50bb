"""What each file format can hold: fit a picture to it, hash it, and make the bytes of its file."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image as PILImage

from runlog.basics.frozen import frozen_array
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.picture_file import PictureFile
from runlog.images.pixels import to_pixels
from runlog.images.png import encode_png
from runlog.images.sources import Picture

_FILE_TYPES = {"png": "png", "jpg": "jpg", "jpeg": "jpg", "bmp": "bmp", "webp": "webp"}
_HELD_MODES = {
    "png": ("1", "P", "I;16", "I;16B", "I;16L", "I;16N", "L", "LA", "RGB", "RGBA"),
    "jpg": ("L", "RGB"),
    "bmp": ("1", "P", "L", "RGB"),
    "webp": ("RGB", "RGBA"),
}
_MAX_SIDE = {"webp": 16383}
_ALPHA_MODES = ("LA", "PA", "La", "RGBA", "RGBa")
_OPAQUE = 255
_COLOUR_SPACES = ("CMYK", "YCbCr", "LAB", "HSV")
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "jpg": {"format": "JPEG", "quality": 95},
    "bmp": {"format": "BMP"},
    # exact: else the colour of what is fully transparent is lost.
    "webp": {"format": "WEBP", "lossless": True, "exact": True},
    "png": {"format": "PNG"},
}


def file_format(file_type: str) -> str:
    """Return our name of a `file_type` argument: ``png``, ``jpg``, ``bmp`` or ``webp``.

    Raises
    ------
    InvalidValueError
        For any other.
    """
    name = _FILE_TYPES.get(file_type.lower() if isinstance(file_type, str) else "")
    if name is None:
        raise InvalidValueError(
            f"file_type must be one of {', '.join(_FILE_TYPES)}, but got {shown(file_type)}"
        )
    return name


def convert_mode(picture: Picture, mode: str, *, normalize: bool = True) -> Picture:
    """Return the picture converted to a PIL mode.

    Values of more than 8 bits come to 8 bits by the normalization table, as those of arrays do: Pillow's own
    conversion cuts them off, so that a picture within [0, 1] is black.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If Pillow knows no such mode, or no such conversion.
    """
    if not isinstance(mode, str):
        raise InvalidTypeError(f"mode must be a PIL mode such as 'RGB', but got {shown(mode)}")
    if picture.mode == mode:
        return picture
    picture = picture.decoded()
    if _is_deep(picture.mode) and not _is_deep(mode):
        # First, so that an unknown mode is refused for what it is.
        _converted(PILImage.new("L", (1, 1)), mode)
        picture = _eight_bits(picture, normalize=normalize)
        if picture.mode == mode:
            return picture
    return _noted(picture, _converted(picture.to_pil(), mode), f"mode {picture.mode} converted to {mode}")


def _is_deep(mode: str) -> bool:
    """Return whether the values of a PIL mode have more than 8 bits."""
    return mode in ("F", "I") or mode.startswith("I;16")


def fit(picture: Picture, name: str, *, normalize: bool = True) -> Picture:
    """Return the picture in a mode that the format `name` holds; what is lost is noted in `losses`.

    Values of more than 8 bits that it cannot hold come to 8 bits by the normalization table.

    Raises
    ------
    InvalidValueError
        If the picture is too large for the format.
    """
    if name == "png" and isinstance(picture.content, np.ndarray):
        return picture
    limit = _MAX_SIDE.get(name)
    if limit is not None and max(picture.size) > limit:
        raise InvalidValueError(
            f"a picture stored as {name} must be at most {limit} px a side, "
            f"but is {picture.size[0]}×{picture.size[1]}; use file_type='png'"
        )
    if picture.file_format == name:
        return _measured(picture)
    picture = picture.decoded()
    if isinstance(picture.content, PILImage.Image):
        picture = _only_pixels(picture, picture.content)
    return _measured(picture) if picture.mode in _HELD_MODES[name] else _fitted(picture, name, normalize)


def _measured(picture: Picture) -> Picture:
    """Note the range of a picture whose 16 bits are kept: a screen shows the upper 8 of them."""
    content = picture.content
    image = content.image if isinstance(content, PictureFile) else content
    if not isinstance(image, PILImage.Image) or not _is_deep(image.mode):
        return picture
    values = np.asarray(image)
    low, high = int(values.min()), int(values.max())
    conversion = replace(picture.conversion, dtype=values.dtype.name, minimum=low, maximum=high)
    return replace(picture, conversion=conversion)


def pixel_hash(picture: Picture, name: str) -> str:
    """Return the hex digest that equal pictures share: over size, mode, format and pixels.

    A kept file counts with its bytes, since they, not its pixels, are what is stored.
    """
    digest = hashlib.sha256(f"{name} {picture.mode} {picture.size}".encode())
    content = picture.content
    if isinstance(content, np.ndarray):
        digest.update(np.ascontiguousarray(content).data)
    elif isinstance(content, PILImage.Image):
        digest.update(content.tobytes())
        digest.update(bytes(content.getpalette() or ()))
    else:
        digest.update(content.data)
    return digest.hexdigest()


def encode(picture: Picture, name: str, *, is_mask: bool = False) -> bytes:
    """Return the bytes of the file: the picture or mask, fitted before, in the format `name`."""
    content = picture.content
    if isinstance(content, PictureFile):
        return content.data
    if name == "png" and picture.mode not in ("1", "P"):
        return encode_png(np.asarray(content), is_mask=is_mask)
    buffer = io.BytesIO()
    try:
        picture.to_pil().save(buffer, **_SAVE_OPTIONS[name])
    except Exception as error:  # noqa: BLE001 - Pillow's encoders raise many things
        raise InvalidValueError(
            f"a picture must be one that {name} can hold, but encoding "
            f"{picture.size[0]}×{picture.size[1]} {picture.mode} failed: {error}"
        ) from None
    return buffer.getvalue()


def _only_pixels(picture: Picture, image: PILImage.Image) -> Picture:
    """Keep the pixels of a PIL image, with a transparent colour as alpha, and nothing else that it carries.

    What is stored then follows from what `pixel_hash` sees.
    """
    if "icc_profile" in image.info:
        picture = _noted(picture, image, "its colour profile is not kept")
    if image.mode in ("1", "L", "P", "RGB") and image.has_transparency_data:
        return _noted(
            picture, _converted(image, "RGBA"), f"mode {image.mode} with transparency stored as RGBA"
        )
    if image.mode == "P" and _is_past_palette(image):
        return _noted(picture, _converted(image, "RGB"), "mode P with indices past its palette stored as RGB")
    if image.info:
        image = image.copy()
        image.info = {}
    return replace(picture, content=image)


def _is_past_palette(image: PILImage.Image) -> bool:
    # Encoders write as many bits an index as the palette needs.
    return int(np.asarray(image).max()) >= len(image.getpalette() or ()) // 3


def _fitted(picture: Picture, name: str, normalize: bool) -> Picture:
    mode, held = picture.mode, _HELD_MODES[name]
    if _is_deep(mode):
        return fit(_eight_bits(picture, normalize=normalize), name)
    image = picture.to_pil()
    if mode in ("La", "RGBa"):
        image = _converted(image, mode.upper())
    is_opaque = mode not in _ALPHA_MODES or _is_opaque(image)
    if "RGBA" in held and mode in _ALPHA_MODES:
        target = "RGBA"
    elif "L" in held and mode in ("1", "L", "LA", "La"):
        target = "L"
    else:
        target = "RGB"
    converted = _noted(picture, _converted(image, target), f"mode {mode} stored as {target}")
    if mode not in _COLOUR_SPACES and (target == "RGBA" or is_opaque):
        return converted
    loss = f"{name} cannot hold mode {mode}, so the picture was converted to {target}"
    return replace(converted, losses=(*picture.losses, loss))


def _is_opaque(image: PILImage.Image) -> bool:
    return image.getchannel("A").getextrema() == (_OPAQUE, _OPAQUE)


def _converted(image: PILImage.Image, mode: str) -> PILImage.Image:
    try:
        converted = image.convert(mode)
    except Exception as error:  # noqa: BLE001 - Pillow raises many things for what it cannot convert
        reason = str(error)
    else:
        # Pillow takes an empty mode for the mode that an image has.
        if converted.mode == mode:
            return converted
        reason = "no such mode"
    raise InvalidValueError(
        f"mode must be a PIL mode that {image.mode} converts to, but got {shown(mode)}: {reason}"
    )


def _eight_bits(picture: Picture, *, normalize: bool) -> Picture:
    pixels, conversion = to_pixels(np.asarray(picture.to_pil()), normalize=normalize)
    old = picture.conversion
    note = f"PIL mode {picture.mode} reduced to 8 bits by rule {conversion.rule}"
    loss = f"a PIL image of mode {picture.mode} was reduced to 8 bits (rule {conversion.rule}, as for arrays)"
    return replace(
        picture,
        content=frozen_array(pixels),
        conversion=replace(conversion, source=old.source, notes=(*old.notes, note)),
        losses=(*picture.losses, loss),
    )


def _noted(picture: Picture, image: PILImage.Image, note: str) -> Picture:
    notes = (*picture.conversion.notes, note)
    return replace(picture, content=image, conversion=replace(picture.conversion, notes=notes))
