"""The copies and data scripts that masks are drawn from and read from.

A page opened from ``file://`` may show a picture but not read its pixels, unless the picture comes as text in
a script. So each mask has one, ``viewer/masks/<hash>.js``, which hands over ``{"png", "ids", "packed"}``: a
PNG as a ``data:`` URL, in which grey level n is class ``ids[n]``, or class n where ``ids`` is null; where
``packed`` is true, a pixel is of class red + 256 × green.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from PIL import Image as PILImage

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building import site_files
from runlog_viewer.html import data_scripts
from runlog_viewer.pages import masks, site_names
from runlog_viewer.pages.layers import mask_rules
from runlog_viewer.pages.masks import MaskSources


def write(
    target: Path,
    run_folder: Path,
    images: Sequence[runlog.ImageRecord],
    missing: Collection[PurePosixPath],
) -> None:
    """Write what masks are drawn from and read from, once for those of the same pixels.

    Parameters
    ----------
    target
        The folder that holds the site; ``viewer`` must be in it.
    run_folder
        The folder that holds the media.
    images
        All of some keys, at a step.
    missing
        Media files that are not there.
    """
    rules, lost = mask_rules(images), set(map(str, missing))
    sources = {masks.sources(mask, rules[image.key]) for image in images for mask in image.masks}
    distinct = {mask for mask in sources if mask.own not in lost}
    if not distinct:
        return
    site_files.make_folder(target, site_names.MASKS)
    media, site = SafeFolder(run_folder), SafeFolder(target)
    with site.inside(site_names.MASKS) as folder:
        names = {name for mask in distinct for name in (mask.drawn, mask.script)}
        there = {name for name in names if folder.is_file(name.rpartition("/")[2])}
    for mask in distinct:
        with suppress(ValueError):  # a damaged file is not drawn
            if mask.drawn not in (mask.own, *there):
                site_files.write(target, mask.drawn, encode_copy(media, mask))
            if mask.script not in there:
                value = data_scripts.to_json(pixel_ids(media, site, mask))
                site_files.write(target, mask.script, data_scripts.data_script("mask", value))


def encode_copy(media: SafeFolder, mask: MaskSources) -> bytes:
    """Return the PNG to draw for a 16-bit mask file: dense 8-bit ids, or colours past 256 distinct ids.

    Raises
    ------
    ValueError
        If the file cannot be read.
    """
    dense = np.searchsorted(np.asarray(mask.class_ids), _read(media, mask.own))
    pixels = dense.astype(np.uint8) if mask.filter else np.array(masks.colours(mask), dtype=np.uint8)[dense]
    return encode_png(pixels)


def pixel_ids(media: SafeFolder, site: SafeFolder, mask: MaskSources) -> dict[str, Any]:
    """Return what the data script of a mask hands over; what it draws must be there.

    Parameters
    ----------
    media, site
        The run folder, and the folder of its site, which holds the copy that is drawn, if there is one.

    Raises
    ------
    ValueError
        If the mask's file cannot be read.
    """
    packed = mask.filter is None
    png = _packed(media, mask) if packed else (media if mask.drawn == mask.own else site).read(mask.drawn)
    ids = mask.filter.ids if mask.filter else ()
    return {
        "png": "data:image/png;base64," + base64.b64encode(png).decode(),
        "ids": ids or None,
        "packed": packed,
    }


def _packed(media: SafeFolder, mask: MaskSources) -> bytes:
    """Return a 16-bit mask as a PNG of 8-bit channels: the low bits of an id are red, the high ones green."""
    ids = _read(media, mask.own)
    return encode_png(np.dstack([ids & 0xFF, ids >> 8, np.zeros_like(ids)]).astype(np.uint8))


def _read(media: SafeFolder, name: str) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return the ids in a mask file."""
    try:
        with media.open(name) as file, runlog.open_media(file) as opened:
            return np.asarray(opened).astype(np.int64)
    except Exception as error:  # noqa: BLE001 - Pillow's decoders raise whatever a broken file provokes
        raise ValueError(f"{media.path / name} must be a readable mask, but is not: {error}") from None


def encode_png(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    """Return label ids, or colours, as a PNG."""
    buffer = io.BytesIO()
    PILImage.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
