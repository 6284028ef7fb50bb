"""How a mask is drawn: its label image recoloured by an SVG filter, exact to the pixel; and how it is read.

A filter is four tables of 256 values, one entry an id: red, green, blue and alpha. Filters see 8 bits, so a
16-bit mask is drawn from an 8-bit copy with dense ids (its 256 or fewer distinct ids, renumbered), and past
256 distinct ids from a coloured picture. The 16-bit file stays the record.

WebKit filters the parts of a drawing in linear light of 8 bits, in which the lowest ids are one; only
pictures of HTML come out exact. There a script makes masks such pictures (``static/filters.js``).

A page opened from ``file://`` may show a picture but not read its pixels, unless the picture comes as text in
a script. So each mask has one, ``viewer/masks/<hash>.js``, which hands over ``{"png", "ids", "packed"}``: a
PNG as a ``data:`` URL, in which grey level n is class ``ids[n]``, or class n where ``ids`` is null; where
``packed`` is true, a pixel is of class red + 256 × green.
"""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PILImage

import runlog
from runlog import palette
from runlog_viewer.pages import site_names

TABLE_SIZE = 256
_LARGEST_8_BIT_ID = 255


@dataclass(frozen=True, slots=True)
class MaskFilter:
    """One SVG filter: `id`, and the table values of each channel as SVG writes them.

    `ids` are the class ids by table entry, or empty where entry n is class n.
    """

    id: str
    ids: tuple[int, ...]
    red: str
    green: str
    blue: str
    alpha: str


@dataclass(frozen=True, slots=True)
class MaskDrawing:
    """What is drawn for one mask.

    Attributes
    ----------
    path
        Relative to the run folder: the mask's own file, or the copy under ``viewer/masks/``.
    filter
        The filter that recolours it; None for a copy that is coloured already.
    own
        The mask's own file, relative to the run folder.
    script
        The data script that holds the ids of the pixels, relative to the run folder.
    class_ids
        The ids in the mask, ascending.
    zero_is_drawn
        Whether class 0 has a colour: it is transparent unless it has a label.
    """

    path: str
    filter: MaskFilter | None
    own: str
    script: str
    class_ids: tuple[int, ...]
    zero_is_drawn: bool


def drawing(mask: runlog.MaskLayerRecord) -> MaskDrawing:
    """Return how to draw a mask."""
    ids, own = mask.class_ids, str(mask.media.path)
    zero_is_drawn = palette.is_drawn(0, mask.class_labels)
    script = site_names.mask_script(mask.media)
    if not ids or ids[-1] <= _LARGEST_8_BIT_ID:
        return MaskDrawing(own, _filter((), zero_is_drawn), own, script, ids, zero_is_drawn)
    if len(ids) <= TABLE_SIZE:
        copy = site_names.mask_copy(mask.media)
        return MaskDrawing(copy, _filter(ids, zero_is_drawn), own, script, ids, zero_is_drawn)
    copy = site_names.mask_copy(mask.media, "-all" if zero_is_drawn else "-but0")
    return MaskDrawing(copy, None, own, script, ids, zero_is_drawn)


def encode_copy(source: Path, of: MaskDrawing) -> bytes:
    """Return the PNG to draw for a 16-bit mask file: dense 8-bit ids, or colours past 256 distinct ids.

    Raises
    ------
    ValueError
        If the file cannot be read.
    """
    dense = np.searchsorted(np.asarray(of.class_ids), _read(source))
    pixels = dense.astype(np.uint8) if of.filter else _colours(of)[dense]
    return _png(pixels)


def pixel_ids(folder: Path, of: MaskDrawing) -> dict[str, Any]:
    """Return what the data script of a mask hands over; what it draws must be there.

    Parameters
    ----------
    folder
        What the paths of `of` are relative to.

    Raises
    ------
    ValueError
        If the mask's file cannot be read.
    """
    packed = of.filter is None
    png = _packed(folder / of.own) if packed else (folder / of.path).read_bytes()
    ids = of.filter.ids if of.filter else ()
    return {
        "png": "data:image/png;base64," + base64.b64encode(png).decode(),
        "ids": ids or None,
        "packed": packed,
    }


def _packed(source: Path) -> bytes:
    """Return a 16-bit mask as a PNG of 8-bit channels: the low bits of an id are red, the high ones green."""
    ids = _read(source)
    return _png(np.dstack([ids & 0xFF, ids >> 8, np.zeros_like(ids)]).astype(np.uint8))


def _read(source: Path) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return the ids in a mask file."""
    try:
        with runlog.open_media(source) as opened:
            return np.asarray(opened).astype(np.int64)
    except Exception as error:  # noqa: BLE001 - Pillow's decoders raise whatever a broken file provokes
        raise ValueError(f"{source} must be a readable mask, but is not: {error}") from None


def _png(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    buffer = io.BytesIO()
    PILImage.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _colours(of: MaskDrawing) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Return one row of red, green, blue, alpha for each id."""
    rows = [(*palette.channels(palette.colour(i)), 255 * (i != 0 or of.zero_is_drawn)) for i in of.class_ids]
    return np.array(rows, dtype=np.uint8)


@lru_cache(maxsize=256)
def _filter(ids: tuple[int, ...], zero_is_drawn: bool) -> MaskFilter:
    """Return the filter whose table entry n is the colour of ``ids[n]``; without ids, of class n."""
    of = ids or tuple(range(TABLE_SIZE))
    colours = [palette.channels(palette.colour(i)) for i in of] + [(0, 0, 0)] * (TABLE_SIZE - len(of))
    red, green, blue = (" ".join(map(_table_value, channel)) for channel in zip(*colours, strict=True))
    alpha = " ".join("1" if n < len(of) and (of[n] or zero_is_drawn) else "0" for n in range(TABLE_SIZE))
    digest = hashlib.sha256(repr((ids, red, green, blue, alpha)).encode()).hexdigest()
    return MaskFilter(f"mask-{digest[:12]}", ids, red, green, blue, alpha)


@lru_cache(maxsize=TABLE_SIZE)
def _table_value(channel: int) -> str:
    """Return a channel of 0 … 255 as a table value that comes out as that channel, rounded or truncated."""
    if channel in (0, 255):  # a bare "1." would silently kill the whole channel in Chromium
        return str(channel // 255)
    return f"{(channel + 0.25) / 255:.4f}"
