"""The PNG encoder: whatever the picture, the file decodes to exactly its pixels."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PILImage

from runlog.images import png

DEFLATES = ["isal", "zlib"]


@pytest.fixture(params=DEFLATES)
def deflate(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test with ISA-L, and as it is without the extra ``fast``."""
    if request.param == "zlib":
        monkeypatch.setattr(png, "isal_zlib", None)
    elif png.isal_zlib is None:
        pytest.skip("isal is not installed: its deflate NOT TESTED")
    return str(request.param)


def decoded(data: bytes) -> np.ndarray:
    with PILImage.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        image.load()
        return np.asarray(image)


@st.composite
def pictures(draw: st.DrawFn) -> np.ndarray:
    """Draw noise, a flat colour, a gradient or stripes: each is best deflated in another way."""
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 60))
    shape = (height, width, *draw(st.sampled_from([(), (1,), (2,), (3,), (4,)])))
    depth = np.uint8 if len(shape) == 3 else draw(st.sampled_from([np.uint8, np.uint16]))
    top = np.iinfo(depth).max
    kind = draw(st.sampled_from(["noise", "flat", "gradient", "stripes"]))
    if kind == "noise":
        rng = np.random.default_rng(draw(st.integers(0, 2**32)))
        return rng.integers(0, top, shape, dtype=depth, endpoint=True)
    if kind == "flat":
        return np.full(shape, draw(st.integers(0, top)), depth)
    ramp = np.arange(np.prod(shape)).reshape(shape)
    return (ramp * draw(st.integers(1, 9)) % (top + 1) if kind == "gradient" else ramp % 2 * top).astype(
        depth
    )


@pytest.mark.parametrize("deflate", DEFLATES)
@settings(max_examples=150, deadline=None)
@given(picture=pictures(), is_mask=st.booleans())
def test_a_round_trip_is_exact(deflate: str, picture: np.ndarray, is_mask: bool) -> None:
    if deflate == "isal" and png.isal_zlib is None:
        pytest.skip("isal is not installed: its deflate NOT TESTED")
    with pytest.MonkeyPatch.context() as patch:
        if deflate == "zlib":
            patch.setattr(png, "isal_zlib", None)
        data = png.encode_png(picture, is_mask=is_mask)
    expected = picture[:, :, 0] if picture.shape[2:] == (1,) else picture
    assert np.array_equal(decoded(data), expected)


@pytest.mark.parametrize("kind", ["photo", "drawing"])
@pytest.mark.parametrize(
    "shape", [(1, 1, 3), (1, 9, 3), (9, 1, 3), (2, 2, 1), (7, 5, 4), (70, 50, 1), (64, 64, 2)]
)
def test_photos_and_drawings_of_every_shape_are_exact(
    kind: str, shape: tuple[int, ...], deflate: str
) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    if kind == "drawing":
        picture[:] = picture[:1, :1]
        picture[shape[0] // 2 :] ^= 255
    assert np.array_equal(decoded(png.encode_png(picture)).reshape(shape), picture)


@pytest.mark.parametrize(
    "picture",
    [
        np.arange(600, dtype=np.uint8).reshape(10, 20, 3)[::-1],
        np.arange(600, dtype=np.uint8).reshape(3, 10, 20).transpose(1, 2, 0),
        np.arange(600, dtype=np.uint8).reshape(10, 20, 3)[:, ::2],
        np.arange(200, dtype=">u2").reshape(10, 20),
        np.arange(200, dtype="<u2").reshape(10, 20)[:, ::-1],
        np.broadcast_to(np.uint8(7), (10, 20, 3)),
    ],
    ids=["upside down", "channel first", "every second", "big-endian", "mirrored", "broadcast"],
)
def test_the_layout_in_memory_does_not_matter(picture: np.ndarray) -> None:
    assert np.array_equal(decoded(png.encode_png(picture)), picture)


def test_the_file_is_whole_and_every_checksum_right(deflate: str) -> None:
    data = png.encode_png(np.arange(30_000, dtype=np.uint8).reshape(100, 100, 3))
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    position, kinds = 8, []
    while position < len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        kind, body = data[position + 4 : position + 8], data[position + 8 : position + 8 + length]
        (checksum,) = struct.unpack(">I", data[position + 8 + length : position + 12 + length])
        assert checksum == zlib.crc32(kind + body)
        kinds.append(kind)
        position += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]


def test_the_same_pixels_are_the_same_bytes(deflate: str) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert png.encode_png(picture) == png.encode_png(np.asfortranarray(picture))
