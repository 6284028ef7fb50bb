"""Any picture, by either encoder, decodes to its pixels: in Pillow, and by the letter of the PNG format.

A fixed sample; all 10,000 of each encoder with ``RUNLOG_TEST_PICTURES=10000``.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from runlog.images import png

COUNT = int(os.environ.get("RUNLOG_TEST_PICTURES", "300"))
PHOTO = Path(__file__).parents[3] / "sample_runs" / "photos" / "astronaut.png"
SAMPLES_OF_COLOUR_TYPE = {0: 1, 2: 3, 4: 2, 6: 4}

Shape = tuple[int, int, int]


def photo(random: np.random.Generator, shape: Shape) -> np.ndarray:
    with PILImage.open(PHOTO) as image:
        all_of_it = np.asarray(image.convert("RGBA"))
    y, x = random.integers(0, all_of_it.shape[0] - shape[0]), random.integers(0, 512 - shape[1])
    return all_of_it[y : y + shape[0], x : x + shape[1], : shape[2]]


def noise(random: np.random.Generator, shape: Shape) -> np.ndarray:
    return random.integers(0, 256, shape)


def flat(random: np.random.Generator, shape: Shape) -> np.ndarray:
    return np.broadcast_to(random.integers(0, 256, (1, 1, shape[2])), shape)


def gradient(random: np.random.Generator, shape: Shape) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]]
    steps = random.uniform(-3, 3, (2, shape[2]))
    return (y[..., None] * steps[0] + x[..., None] * steps[1] + 128) % 256


def upscaled(random: np.random.Generator, shape: Shape) -> np.ndarray:
    factor = int(random.integers(2, 9))
    small = random.integers(0, 256, (-(-shape[0] // factor), -(-shape[1] // factor), shape[2]))
    return small.repeat(factor, axis=0).repeat(factor, axis=1)[: shape[0], : shape[1]]


def drawn(random: np.random.Generator, shape: Shape) -> np.ndarray:
    picture = np.full(shape, 255)
    for _ in range(8):
        top, left = random.integers(0, shape[0]), random.integers(0, shape[1])
        part = picture[top : top + random.integers(1, 40), left : left + random.integers(1, 40)]
        part[:] = random.integers(0, 256, shape[2])
    return picture


KINDS: tuple[Callable[[np.random.Generator, Shape], np.ndarray], ...] = (
    *(photo, noise, flat, gradient, upscaled, drawn),
)


def random_picture(number: int) -> tuple[np.ndarray, bool]:
    """Return a picture of 8 or 16 bits and 1 to 4 channels, and whether it is to be taken for a mask."""
    random = np.random.default_rng(number)
    # Most are small, so that sides of 1 and odd ones are among them.
    height, width = (int(side) for side in np.exp(random.uniform(0, 5.5, 2)))
    channels = int(random.integers(1, 5))
    picture = KINDS[number % len(KINDS)](random, (height, width, channels)).astype(np.uint8)
    is_grey = channels == 1
    if is_grey:
        picture = picture[:, :, 0]
        if random.random() < 0.2:
            picture = picture.astype(np.uint16) * 257 - number % 257
    return picture, bool(is_grey and random.random() < 0.5)


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


@pytest.mark.parametrize("encoder", ["isal", "zlib"])
def test_random_pictures_decode_to_their_pixels(encoder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if encoder == "zlib":
        monkeypatch.setattr(png, "isal_zlib", None)
    elif png.isal_zlib is None:
        pytest.skip("isal is not installed: its deflate NOT TESTED")
    for number in range(COUNT):
        picture, is_mask = random_picture(number)
        data = png.encode_png(picture, is_mask=is_mask)
        assert np.array_equal(by_the_letter(data), picture), number
        with PILImage.open(io.BytesIO(data)) as image:
            assert np.array_equal(np.asarray(image), picture), number
