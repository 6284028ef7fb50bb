"""A file with an EXIF orientation is drawn upright, whatever its format."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image as PILImage
from playwright.sync_api import Page

import runlog
import runlog_viewer

RED, BLUE = (220, 20, 20), (20, 20, 220)
OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 100, "subsampling": 0},
    "PNG": {},
    "WEBP": {"lossless": True},
    "AVIF": {"quality": 100},
}


def test_a_photo_taken_sideways_is_drawn_upright(
    start: Callable[..., runlog.LocalRun], open_page: Callable[..., Page]
) -> None:
    PILImage.init()
    upright = np.full((60, 100, 3), BLUE, np.uint8)
    upright[:30] = RED
    formats = sorted(OPTIONS.keys() & PILImage.SAVE.keys())  # a Pillow may be built without AVIF
    assert len(formats) >= 3
    with start(id="a") as run:
        for file_format in formats:
            exif = PILImage.Exif()
            exif[0x0112] = 6  # the top of the scene is on the right
            file = io.BytesIO()
            sideways = PILImage.fromarray(np.rot90(upright).copy())
            sideways.save(file, file_format, exif=exif, **OPTIONS[file_format])
            run.log({file_format: runlog.Image(file)}, step=0)
    runlog_viewer.build(run.folder.parent)
    page = open_page(run.folder / "viewer" / "steps" / "000000000.html")
    for file_format in formats:
        img = page.locator(f"figure.image[data-key={file_format}] img")
        img.scroll_into_view_if_needed()
        size = img.evaluate(
            "async (img) => { await img.decode(); return [img.naturalWidth, img.naturalHeight]; }"
        )
        assert size == [100, 60], file_format
        shot = np.asarray(PILImage.open(io.BytesIO(img.screenshot())).convert("RGB")).astype(int)
        height, width = shot.shape[:2]
        for row, colour in ((height // 4, RED), (3 * height // 4, BLUE)):
            assert np.abs(shot[row, width // 2] - colour).max() < 30, file_format
