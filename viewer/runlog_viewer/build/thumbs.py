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

from PIL import Image as PILImage
from PIL import ImageOps

import runlog
from runlog_viewer.build import site_files
from runlog_viewer.pages import site_names

SIDE = 640
MOST_PIXELS = 80_000_000
_LARGE_SIDE, _LARGE_AREA = 1600, 1_500_000
_MOST_THREADS = 4
_KNOWN_MODES = ("L", "LA", "RGB", "RGBA")


def make(target: Path, media: Iterable[runlog.MediaRecord]) -> dict[str, str]:
    """Make the thumbnails that are not there yet.

    Parameters
    ----------
    target
        The folder that holds the site, and the media or a link to them; ``viewer`` must be in it.

    Returns
    -------
    dict
        The pixel hash of each large picture that has a thumbnail by now → its path, relative to `target`.
    """
    large = {of.pixel_hash: of for of in media if _is_large(of)}
    absent = [of for of in large.values() if not (target / path(of)).exists()]
    if absent:
        (target / path(absent[0])).parent.mkdir(exist_ok=True)
        with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as pool:
            made = pool.map(lambda of: _make_one(target, of), absent)
            failed = {of.pixel_hash for of, is_made in zip(absent, made, strict=True) if not is_made}
        large = {name: of for name, of in large.items() if name not in failed}
    return {name: path(of) for name, of in large.items()}


def path(of: runlog.MediaRecord) -> str:
    """Return where the thumbnail of a media file is, relative to the run folder."""
    return f"viewer/thumbs/{site_names.copy_name(of)}.webp"


def _is_large(of: runlog.MediaRecord) -> bool:
    area = of.width * of.height
    return (max(of.width, of.height) > _LARGE_SIDE or area > _LARGE_AREA) and area <= MOST_PIXELS


def _make_one(target: Path, of: runlog.MediaRecord) -> bool:
    try:
        encoded = _encoded(target / of.path)
    except Exception:  # noqa: BLE001 - Pillow's decoders raise whatever a broken file provokes
        return False
    site_files.write(target / path(of), encoded)
    return True


def _encoded(source: Path) -> bytes:
    """Return a picture file made small, upright, as a browser shows it."""
    with PILImage.open(source) as picture:
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
