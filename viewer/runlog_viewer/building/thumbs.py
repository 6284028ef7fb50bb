"""Small copies of large pictures: a gallery of 108 photos of 2048² opens as fast as one of small pictures.

A copy is made once for the same pixels. Where none can be made (a damaged file, an animation, a picture past
`MOST_PIXELS`, which would take half a gigabyte to read), pages show the media file itself.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from PIL import Image as PILImage
from PIL import ImageOps

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building import site_files
from runlog_viewer.pages import site_names
from runlog_viewer.pages.site_names import thumbnail

SIDE = 640
MOST_PIXELS = 80_000_000
_LARGE_SIDE, _LARGE_AREA = 1600, 1_500_000
_MOST_THREADS = 4
_KNOWN_MODES = ("L", "LA", "RGB", "RGBA")


def make(target: Path, run_folder: Path, media: Iterable[runlog.MediaRecord]) -> dict[str, str]:
    """Make the thumbnails that are not there yet.

    Parameters
    ----------
    target
        The folder that holds the site; ``viewer`` must be in it.
    run_folder
        The folder that holds the media.

    Returns
    -------
    dict
        The pixel hash of each large picture that has a thumbnail by now → its path, relative to `target`.
    """
    large = {record.pixel_hash: record for record in media if _is_large(record)}
    absent = [record for record in large.values() if not SafeFolder(target).is_file(thumbnail(record))]
    if absent:
        site_files.make_folder(target, site_names.THUMBNAILS)
        with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as pool:
            made = pool.map(lambda record: _make_one(target, run_folder, record), absent)
            failed = {record.pixel_hash for record, is_made in zip(absent, made, strict=True) if not is_made}
        large = {name: record for name, record in large.items() if name not in failed}
    return {name: thumbnail(record) for name, record in large.items()}


def _is_large(media: runlog.MediaRecord) -> bool:
    area = media.width * media.height
    return (max(media.width, media.height) > _LARGE_SIDE or area > _LARGE_AREA) and area <= MOST_PIXELS


def _make_one(target: Path, run_folder: Path, media: runlog.MediaRecord) -> bool:
    try:
        with SafeFolder(run_folder).open(media.path) as file:
            encoded = make_small(file)
    except Exception:  # noqa: BLE001 - Pillow's decoders raise whatever a broken file provokes
        return False
    site_files.write(target, thumbnail(media), encoded)
    return True


def make_small(source: BinaryIO) -> bytes:
    """Return a picture file as a WebP of at most `SIDE` px a side, upright, as a browser shows it.

    Raises
    ------
    Exception
        Whatever a broken file provokes in Pillow's decoders; ValueError for an animation.
    """
    with runlog.open_media(source) as picture:
        if getattr(picture, "is_animated", False):
            raise ValueError("a thumbnail would stand still")
        profile = picture.info.get("icc_profile") if picture.mode in _KNOWN_MODES else None
        smooth = _smooth(picture)
        smooth.thumbnail((SIDE, SIDE), reducing_gap=2.0)
        upright = ImageOps.exif_transpose(smooth)
    if upright.mode.startswith("I"):  # 16 bits: browsers show the upper of the two bytes
        upright = upright.point(lambda value: value / 256).convert("L")
    buffer = io.BytesIO()
    upright.save(buffer, "WEBP", quality=82, method=0, icc_profile=profile)
    return buffer.getvalue()


def _smooth(picture: PILImage.Image) -> PILImage.Image:
    """Return a picture in a mode whose values can be averaged, its transparency as alpha."""
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("RGB") if picture.mode in ("1", "P") else picture
