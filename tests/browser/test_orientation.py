"""A file with an EXIF orientation is drawn upright, whatever its format."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

RED, BLUE = (220, 20, 20), (20, 20, 220)
OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 100, "subsampling": 0},
    "PNG": {},
    "WEBP": {"lossless": True},
    "AVIF": {"quality": 100},
}


@pytest.mark.parametrize("file_format", OPTIONS)
def test_a_photo_taken_sideways_is_drawn_upright(
    start: Callable[..., runlog.LocalRun], open_page: Callable[..., Page], file_format: str
) -> None:
    PILImage.init()
    if file_format not in PILImage.SAVE:
        pytest.skip(f"this Pillow cannot write {file_format}")
    upright = np.full((60, 100, 3), BLUE, np.uint8)
    upright[:30] = RED
    exif = PILImage.Exif()
    exif[0x0112] = 6  # the top of the scene is on the right
    file = io.BytesIO()
    PILImage.fromarray(np.rot90(upright).copy()).save(file, file_format, exif=exif, **OPTIONS[file_format])

    with start(id="a") as run:
        run.log({"photo": runlog.Image(file)}, step=0)
    runlog_viewer.build(run.folder.parent)
    page = open_page(run.folder / "viewer" / "steps" / "000000000.html")
    img = page.locator("figure.image img")
    expect(img).to_be_visible()
    assert img.evaluate("img => [img.naturalWidth, img.naturalHeight]") == [100, 60]
    shot = np.asarray(PILImage.open(io.BytesIO(img.screenshot())).convert("RGB")).astype(int)
    height, width = shot.shape[:2]
    for row, colour in ((height // 4, RED), (3 * height // 4, BLUE)):
        assert np.abs(shot[row, width // 2] - colour).max() < 30
