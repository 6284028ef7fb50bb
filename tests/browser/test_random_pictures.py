"""Chromium shows what the encoders of PNG files make of any picture as it is, its alpha included.

A fixed sample; all 10,000 of each encoder with ``RUNLOG_TEST_PICTURES=10000``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from runlog.images import png

from ..runlog.images.random_pictures import ASKED_FOR, random_picture

COUNT = ASKED_FOR or 60
PICTURES_OF_A_CALL = 200
DECODE = """async (files) => {
  const pixels = [];
  for (const file of files) {
    const data = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
    const decoder = new ImageDecoder({ data, type: "image/png", colorSpaceConversion: "none" });
    const { image } = await decoder.decode();
    const bytes = new Uint8Array(image.allocationSize({ format: "RGBA" }));
    await image.copyTo(bytes, { format: "RGBA" });
    image.close();
    decoder.close();
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) {
      text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    }
    pixels.push(btoa(text));
  }
  return pixels;
}"""


def as_rgba(picture: np.ndarray) -> np.ndarray:
    """Return what a screen shows of a picture: H×W×4; of 16 bits, the upper 8."""
    if picture.dtype == np.uint16:
        picture = (picture >> 8).astype(np.uint8)
    if picture.ndim == 2:
        picture = picture[:, :, None]
    colours = picture[:, :, :-1] if picture.shape[2] in (2, 4) else picture
    alpha = picture[:, :, -1:] if picture.shape[2] in (2, 4) else np.full_like(picture[:, :, :1], 255)
    return np.dstack([colours if colours.shape[2] == 3 else colours.repeat(3, axis=2), alpha])


@pytest.mark.parametrize("encoder", ["isal", "zlib"])
def test_random_pictures_are_shown_as_they_are(
    encoder: str, runs: Path, open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    if encoder == "zlib":
        monkeypatch.setattr(png, "isal_zlib", None)
    elif png.isal_zlib is None:
        pytest.skip("isal is not installed: its deflate NOT TESTED")
    runs.mkdir()
    (runs / "blank.html").write_text("<!doctype html><title>blank</title>")
    page = open_page(runs / "blank.html")
    for first in range(0, COUNT, PICTURES_OF_A_CALL):
        pictures = [random_picture(number) for number in range(first, min(first + PICTURES_OF_A_CALL, COUNT))]
        files = [png.encode_png(picture, is_mask=is_mask) for picture, is_mask in pictures]
        shown = page.evaluate(DECODE, [base64.b64encode(file).decode() for file in files])
        for number, (picture, _), text in zip(range(first, COUNT), pictures, shown, strict=False):
            expected = as_rgba(picture)
            got = np.frombuffer(base64.b64decode(text), np.uint8).reshape(expected.shape)
            assert np.array_equal(got[:, :, 3], expected[:, :, 3]), number
            # It rounds colours to what they add to the screen, and 16 bits to 8.
            is_rounded = (expected[:, :, 3:] < 255) | (picture.dtype == np.uint16)
            off_by = np.abs(got.astype(int) - expected) * (expected[:, :, 3:] / 255)
            assert np.all(off_by <= is_rounded), number
