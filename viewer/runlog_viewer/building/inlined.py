"""Pictures and masks as text in a page: ``data:`` URLs, for a file that opens without any other.

What is large is made small as a thumbnail is: a report is there to be looked at; the run keeps every pixel.
"""

from __future__ import annotations

import base64
import io
import stat
from contextlib import suppress

import numpy as np
from PIL import Image as PILImage

import runlog
from runlog import palette
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building import mask_files, thumbs
from runlog_viewer.building.served_files import PICTURE_TYPES
from runlog_viewer.pages import masks

_SMALL_BYTES = 256 * 1024
_MOST_BYTES = 4_000_000


def picture(media: SafeFolder, record: runlog.MediaRecord) -> str | None:
    """Return a picture as a ``data:`` URL, or None if its file is missing, or too large to be in a page.

    One of at most 256 kB and 640 px a side is taken as it is, and so is one of at most 4 MB that cannot be
    made small, such as an animation.
    """
    status = media.status(record.path)
    if status is None or not stat.S_ISREG(status.st_mode):
        return None
    is_small = status.st_size <= _SMALL_BYTES and max(record.width, record.height) <= thumbs.SIDE
    if not is_small and record.width * record.height <= thumbs.MOST_PIXELS:
        with (
            suppress(Exception),
            media.open(record.path) as file,
        ):  # what a broken one provokes
            return _url("image/webp", thumbs.make_small(file))
    if status.st_size > _MOST_BYTES:
        return None
    return _url(PICTURE_TYPES[record.path.suffix.lower()], media.read(record.path))


def mask(media: SafeFolder, record: runlog.MaskLayerRecord, rule: palette.MaskRule) -> str | None:
    """Return what a mask is drawn from as a ``data:`` URL, or None if its file is missing or broken."""
    sources = masks.sources(record, rule)
    if not media.is_file(sources.own):
        return None
    is_copy = sources.drawn != sources.own
    try:
        png = mask_files.encode_copy(media, sources) if is_copy else media.read(sources.own)
        return _url("image/png", _smaller(png))
    except Exception:  # noqa: BLE001 - Pillow's decoders raise whatever a broken file provokes
        return None


def _smaller(png: bytes) -> bytes:
    """Return a label image of at most 640 px a side; each of its pixels is one of those it had."""
    with runlog.open_media(io.BytesIO(png)) as opened:
        if max(opened.size) <= thumbs.SIDE:
            return png
        opened.thumbnail((thumbs.SIDE, thumbs.SIDE), PILImage.Resampling.NEAREST)
        return mask_files.encode_png(np.asarray(opened))


def _url(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
