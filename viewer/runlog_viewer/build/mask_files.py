"""The copies and data scripts that masks are drawn from and read from.

A page opened from ``file://`` may show a picture but not read its pixels, unless the picture comes as text in
a script. So each mask has one, ``viewer/masks/<hash>.js``, which hands over ``{"png", "ids", "packed"}``: a
PNG as a ``data:`` URL, in which grey level n is class ``ids[n]``, or class n where ``ids`` is null; where
``packed`` is true, a pixel is of class red + 256 × green.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PILImage

import runlog
from runlog_viewer.build import site_files
from runlog_viewer.html import render
from runlog_viewer.pages import masks, site_names
from runlog_viewer.pages.masks import MaskSources


def write(target: Path, records: Iterable[runlog.MaskLayerRecord]) -> None:
    """Write what masks are drawn from and read from, once for those of the same pixels.

    Parameters
    ----------
    target
        The folder that holds the site, and the media or a link to them; ``viewer`` must be in it.
    """
    distinct = set(map(masks.sources, records))
    if distinct:
        (target / site_names.MASKS).mkdir(exist_ok=True)
    for mask in distinct:
        own, drawn, script = (target / path for path in (mask.own, mask.drawn, mask.script))
        if not own.exists():
            continue
        with suppress(ValueError):  # a damaged file is not drawn
            if not drawn.exists():
                site_files.write(drawn, encode_copy(own, mask))
            if not script.exists():
                value = render.to_json(pixel_ids(target, mask))
                site_files.write(script, render.data_script("mask", value))


def encode_copy(source: Path, mask: MaskSources) -> bytes:
    """Return the PNG to draw for a 16-bit mask file: dense 8-bit ids, or colours past 256 distinct ids.

    Raises
    ------
    ValueError
        If the file cannot be read.
    """
    dense = np.searchsorted(np.asarray(mask.class_ids), _read(source))
    pixels = dense.astype(np.uint8) if mask.filter else np.array(masks.colours(mask), dtype=np.uint8)[dense]
    return _png(pixels)


def pixel_ids(folder: Path, mask: MaskSources) -> dict[str, Any]:
    """Return what the data script of a mask hands over; what it draws must be there.

    Parameters
    ----------
    folder
        What the paths of `mask` are relative to.

    Raises
    ------
    ValueError
        If the mask's file cannot be read.
    """
    packed = mask.filter is None
    png = _packed(folder / mask.own) if packed else (folder / mask.drawn).read_bytes()
    ids = mask.filter.ids if mask.filter else ()
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
