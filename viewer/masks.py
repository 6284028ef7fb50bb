"""How a mask is drawn: its label image recoloured by an SVG filter, exact to the pixel.

A filter is four tables of 256 values, one entry an id: red, green, blue and alpha. Filters see 8 bits, so a
16-bit mask is drawn from an 8-bit copy with dense ids (its 256 or fewer distinct ids, renumbered), and past
256 distinct ids from a coloured picture. The 16-bit file stays the record.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image as PILImage

import runlog
from viewer import palette

TABLE_SIZE = 256
_LARGEST_8_BIT_ID = 255


@dataclass(frozen=True, slots=True)
class MaskFilter:
    """One SVG filter: `id`, and the table values of each channel as SVG writes them."""

    id: str
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
    copy_of
        The file to copy from, relative to the run folder; None where the mask's own file is drawn.
    class_ids
        The ids in the mask, ascending.
    zero_is_drawn
        Whether class 0 has a colour: it is transparent unless it has a label.
    """

    path: str
    filter: MaskFilter | None
    copy_of: str | None
    class_ids: tuple[int, ...]
    zero_is_drawn: bool


def drawing(mask: runlog.MaskLayerRecord) -> MaskDrawing:
    """Return how to draw a mask."""
    ids, zero_is_drawn, own = mask.class_ids, 0 in mask.class_labels, str(mask.media.path)
    if not ids or ids[-1] <= _LARGEST_8_BIT_ID:
        return MaskDrawing(own, _filter(tuple(range(TABLE_SIZE)), zero_is_drawn), None, ids, zero_is_drawn)
    name = mask.media.pixel_hash[:24]
    if len(ids) <= TABLE_SIZE:
        copy = f"viewer/masks/{name}.png"
        return MaskDrawing(copy, _filter(ids, zero_is_drawn), own, ids, zero_is_drawn)
    copy = f"viewer/masks/{name}-{'all' if zero_is_drawn else 'but0'}.png"
    return MaskDrawing(copy, None, own, ids, zero_is_drawn)


def encode_copy(source: Path, of: MaskDrawing) -> bytes:
    """Return the PNG to draw for a 16-bit mask file: dense 8-bit ids, or colours past 256 distinct ids."""
    with PILImage.open(source) as opened:
        ids = np.asarray(opened).astype(np.int64)
    dense = np.searchsorted(np.asarray(of.class_ids), ids)
    pixels = dense.astype(np.uint8) if of.filter else _colours(of)[dense]
    buffer = io.BytesIO()
    PILImage.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _colours(of: MaskDrawing) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Return one row of red, green, blue, alpha for each id."""
    rows = [(*palette.channels(palette.colour(i)), 255 * (i != 0 or of.zero_is_drawn)) for i in of.class_ids]
    return np.array(rows, dtype=np.uint8)


@lru_cache(maxsize=256)
def _filter(ids: tuple[int, ...], zero_is_drawn: bool) -> MaskFilter:
    """Return the filter whose table entry n is the colour of ``ids[n]``."""
    colours = [palette.channels(palette.colour(i)) for i in ids] + [(0, 0, 0)] * (TABLE_SIZE - len(ids))
    red, green, blue = (" ".join(map(_table_value, channel)) for channel in zip(*colours, strict=True))
    alpha = " ".join("1" if n < len(ids) and (ids[n] or zero_is_drawn) else "0" for n in range(TABLE_SIZE))
    digest = hashlib.sha256("|".join((red, green, blue, alpha)).encode()).hexdigest()
    return MaskFilter(f"mask-{digest[:12]}", red, green, blue, alpha)


@lru_cache(maxsize=TABLE_SIZE)
def _table_value(channel: int) -> str:
    """Return a channel of 0 … 255 as a table value that comes out as that channel, rounded or truncated."""
    if channel in (0, 255):  # a bare "1." would silently kill the whole channel in Chromium
        return str(channel // 255)
    return f"{(channel + 0.25) / 255:.4f}"
