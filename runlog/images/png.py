"""8- and 16-bit pixels to PNG bytes, many times as fast as Pillow's default and about as small.

Every pixel is predicted by its upper neighbour: of PNG's filters the cheapest, and for photos within a few
per cent of the best. What is left of photos, noise and the like goes through the fastest deflate there is:
ISA-L where the extra ``fast`` is installed, else zlib looking for runs only. For charts, text, upscaled
pictures and smooth gradients deflate looks for repetitions: that is what makes them small, and it is quick
where there are many. Masks are runs of one class id as they stand, without a filter.
"""

from __future__ import annotations

import struct
import zlib
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    from isal import isal_zlib
    from isal.isal_zlib import crc32
except ImportError:  # the extra ``fast`` is not installed
    isal_zlib = None  # type: ignore[assignment]
    from zlib import crc32

Rows = NDArray[np.uint8]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_NONE, _UP = 0, 2
_SAMPLED_ROWS = 16
# Up to two fifths in photos with flat parts, two thirds and more in drawings, text and upscaled pictures.
_DRAWN_SHARE = 0.5
# Up to two thirds in photos, nearly all in gradients.
_SMOOTH_SHARE = 0.9
# Photos shrink to no less than a fourth; gradients, which ISA-L leaves too large, to a tenth.
_SMOOTH_SHRINKS = 6
# Of ISA-L's levels the one that leaves gradients a twentieth smaller than the first, in twice its time.
_SMOOTH_LEVEL = 3
# Made this small by ISA-L, a mask is small enough: zlib would save some KB, for ten times the time.
_MASK_SHRINKS = 32
# Of zlib's levels the fastest that is never a quarter larger than the next ones.
_REPETITION_LEVEL = 5


def encode_png(pixels: NDArray[Any], *, is_mask: bool = False) -> bytes:
    """Return the PNG file of a picture.

    Parameters
    ----------
    pixels
        uint8 of shape (height, width) or (height, width, 1 to 4 channels: L, LA, RGB, RGBA), or uint16 of
        shape (height, width).
    is_mask
        Whether the pixels are class ids: makes it faster, but not another picture.

    Returns
    -------
    bytes
        A PNG that decodes to exactly these pixels.
    """
    height, width = pixels.shape[:2]
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    depth = pixels.dtype.itemsize * 8
    rows = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder(">")).view(np.uint8)
    rows = rows.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, depth, _COLOUR_TYPES[channels], 0, 0, 0)
    if is_mask and depth == 8:
        body = _deflate_mask(_unfiltered(rows).data)
    else:
        body = _deflate(_minus_upper(rows), rows.shape[1] // width)
    return b"".join((_SIGNATURE, *_chunk(b"IHDR", header), *_chunk(b"IDAT", body), *_END))


def _chunk(kind: bytes, data: bytes) -> tuple[bytes, ...]:
    return struct.pack(">I", len(data)), kind, data, struct.pack(">I", crc32(data, crc32(kind)))


_END = _chunk(b"IEND", b"")


def _minus_upper(rows: Rows) -> Rows:
    """Apply PNG's filter Up; each filtered row is led by the number of its filter."""
    filtered = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    return filtered


def _unfiltered(rows: Rows) -> Rows:
    plain = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    plain[:, 0] = _NONE
    plain[:, 1:] = rows
    return plain


def _deflate_mask(data: memoryview) -> bytes:
    if isal_zlib is not None:
        fast: bytes = isal_zlib.compress(data, 1)
        if len(fast) * _MASK_SHRINKS < data.nbytes:
            return fast
    return _deflate_runs(data)


def _deflate(filtered: Rows, bytes_per_pixel: int) -> bytes:
    between = max(1, len(filtered) // _SAMPLED_ROWS)
    sampled = filtered[between // 2 :: between, 1:]
    if not _is_drawn(sampled, bytes_per_pixel):
        if isal_zlib is not None:
            level = _SMOOTH_LEVEL if _is_smooth(sampled, bytes_per_pixel) else 1
            fast: bytes = isal_zlib.compress(filtered.data, level)
            if len(fast) * _SMOOTH_SHRINKS > filtered.size:
                return fast
        elif not _is_smooth(sampled, bytes_per_pixel):
            return _deflate_runs(filtered.data)
    return zlib.compress(filtered.data, _REPETITION_LEVEL)


def _is_drawn(changes: Rows, bytes_per_pixel: int) -> bool:
    """Return whether many pixels of some rows changed from the one above just as their left neighbour did.

    Where a row or a column repeats they do, and where colours are flat or run evenly.
    """
    same = changes[:, bytes_per_pixel:] == changes[:, :-bytes_per_pixel]
    same_pixels = reduce(np.bitwise_and, (same[:, byte::bytes_per_pixel] for byte in range(bytes_per_pixel)))
    return bool(np.count_nonzero(same_pixels) > _DRAWN_SHARE * same_pixels.size)


def _is_smooth(changes: Rows, bytes_per_pixel: int) -> bool:
    """Return whether nearly all values of some rows changed as their left neighbour did, give or take one."""
    near = changes[:, bytes_per_pixel:] - changes[:, :-bytes_per_pixel] + np.uint8(1) <= 2
    return bool(np.count_nonzero(near) > _SMOOTH_SHARE * near.size)


def _deflate_runs(data: memoryview) -> bytes:
    deflate = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    return deflate.compress(data) + deflate.flush()
