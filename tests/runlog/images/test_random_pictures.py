"""Any picture, by either encoder, decodes to its pixels: in Pillow, and by the letter of the PNG format.

`pngcheck` finds no fault with them; in Chromium they are looked at by tests/browser/test_random_pictures.py.
A fixed sample; all 10,000 of each encoder with ``RUNLOG_TEST_PICTURES=10000``.
"""

from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from runlog.images import png

from .random_pictures import ASKED_FOR, random_picture

COUNT = ASKED_FOR or 300
SAMPLES_OF_COLOUR_TYPE = {0: 1, 2: 3, 4: 2, 6: 4}
# So many names are no longer than a command may be.
FILES_OF_A_COMMAND = 500


def by_the_letter(data: bytes) -> np.ndarray:
    """Decode a PNG of 8 or 16 bits as the specification has it, without a library for images."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks: list[tuple[bytes, bytes]] = []
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length) == (zlib.crc32(kind + body),)
        chunks.append((kind, body))
        at += 12 + length
    assert [kind for kind, _ in chunks] == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, colour_type, *others = struct.unpack(">IIBBBBB", chunks[0][1])
    assert others == [0, 0, 0]
    samples = SAMPLES_OF_COLOUR_TYPE[colour_type]
    lines = np.frombuffer(zlib.decompress(chunks[1][1]), np.uint8).reshape(height, -1)
    filters, rows = lines[:, 0], lines[:, 1:].copy()
    for row in range(height):
        assert filters[row] in (0, 2), "a filter other than None and Up"
        if filters[row] == 2 and row:
            rows[row] += rows[row - 1]
    values = rows.view(">u2").astype(np.uint16) if depth == 16 else rows
    return values.reshape((height, width, samples) if samples > 1 else (height, width))


@pytest.fixture(params=["isal", "zlib"])
def _encoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pictures be encoded with ISA-L, and as without the extra ``fast``."""
    if request.param == "zlib":
        monkeypatch.setattr(png, "isal_zlib", None)
    elif png.isal_zlib is None:
        pytest.skip("isal is not installed: its deflate NOT TESTED")


@pytest.mark.usefixtures("_encoder")
def test_random_pictures_decode_to_their_pixels() -> None:
    for number in range(COUNT):
        picture, is_mask = random_picture(number)
        data = png.encode_png(picture, is_mask=is_mask)
        assert np.array_equal(by_the_letter(data), picture), number
        with PILImage.open(io.BytesIO(data)) as image:
            assert np.array_equal(np.asarray(image), picture), number


@pytest.mark.usefixtures("_encoder")
def test_pngcheck_finds_no_fault_with_random_pictures(tmp_path: Path) -> None:
    if shutil.which("pngcheck") is None:
        pytest.skip("pngcheck is not installed (apt install pngcheck)")
    count = ASKED_FOR or 60
    for first in range(0, count, FILES_OF_A_COMMAND):
        paths = []
        for number in range(first, min(first + FILES_OF_A_COMMAND, count)):
            picture, is_mask = random_picture(number)
            paths.append(tmp_path / f"{number}.png")
            paths[-1].write_bytes(png.encode_png(picture, is_mask=is_mask))
        command = ["pngcheck", "-q", *map(os.fspath, paths)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stdout) == (0, "")
        for path in paths:
            path.unlink()
