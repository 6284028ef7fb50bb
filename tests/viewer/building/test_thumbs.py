"""Thumbnails: which pictures get one, and that it looks like the picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog_viewer.building import thumbs

Media = Callable[..., runlog.MediaRecord]

SIZE = (2000, 1000)


@pytest.fixture
def stored(tmp_path: Path, media: Media) -> Callable[..., runlog.MediaRecord]:
    """Return a function that saves a picture and returns its record; there is a folder for the site."""
    (tmp_path / "viewer").mkdir()

    def save(picture: PILImage.Image, name: str = "m.png", **options: object) -> runlog.MediaRecord:
        picture.save(tmp_path / name, **options)
        return media(name, width=picture.width, height=picture.height)

    return save


def thumbnail(folder: Path, of: runlog.MediaRecord) -> PILImage.Image:
    (path,) = thumbs.make(folder, folder, [of]).values()
    return PILImage.open(folder / path)


def halves(mode: str, left: object, right: object) -> PILImage.Image:
    """Return a picture of one colour on the left and another on the right."""
    picture = PILImage.new(mode, SIZE, left)  # type: ignore[arg-type]
    picture.paste(right, (SIZE[0] // 2, 0, *SIZE))  # type: ignore[arg-type]
    return picture


@pytest.mark.parametrize(
    ("width", "height", "is_large"),
    [(1600, 900, False), (1500, 1000, False), (1500, 1001, True), (1601, 4, True), (4, 1601, True)],
)
def test_pictures_past_a_megapixel_and_a_half_or_1600_a_side_get_one(
    stored: Callable[..., runlog.MediaRecord], tmp_path: Path, width: int, height: int, is_large: bool
) -> None:
    of = stored(PILImage.new("L", (width, height)))
    assert bool(thumbs.make(tmp_path, tmp_path, [of])) == is_large


def test_a_picture_too_large_to_read_gets_none(media: Media, tmp_path: Path) -> None:
    assert thumbs.make(tmp_path, tmp_path, [media("m.png", width=65500, height=1300)]) == {}


@pytest.mark.parametrize(
    ("picture", "left", "right"),
    [
        (halves("L", 20, 220), (20, 20, 20, 255), (220, 220, 220, 255)),
        (halves("1", 0, 1), (0, 0, 0, 255), (255, 255, 255, 255)),
        (halves("RGB", "#c81e1e", "#1e1ec8"), (200, 30, 30, 255), (30, 30, 200, 255)),
        (halves("RGB", "#c81e1e", "#1e1ec8").quantize(4), (200, 30, 30, 255), (30, 30, 200, 255)),
        (halves("RGBA", (200, 30, 30, 255), (0, 0, 0, 0)), (200, 30, 30, 255), (None, None, None, 0)),
        (PILImage.fromarray(np.full(SIZE[::-1], 200 * 256, np.uint16)), (200, 200, 200, 255), None),
    ],
    ids=["grey", "bits", "colour", "palette", "alpha", "16 bits"],
)
def test_a_thumbnail_looks_like_the_picture(
    stored: Callable[..., runlog.MediaRecord],
    tmp_path: Path,
    picture: PILImage.Image,
    left: tuple[int | None, ...],
    right: tuple[int | None, ...] | None,
) -> None:
    made = thumbnail(tmp_path, stored(picture)).convert("RGBA")
    assert made.size == (640, 320)
    for x, expected in ((80, left), (560, right or left)):
        for seen, wanted in zip(made.getpixel((x, 160)), expected, strict=True):  # type: ignore[arg-type]
            assert wanted is None or abs(seen - wanted) <= 6


def test_a_photo_taken_with_the_camera_turned_is_upright(
    stored: Callable[..., runlog.MediaRecord], tmp_path: Path
) -> None:
    exif = PILImage.Exif()
    exif[0x0112] = 6  # shown a quarter turn clockwise
    of = stored(halves("RGB", "white", "black"), "m.jpg", exif=exif.tobytes())
    made = thumbnail(tmp_path, of).convert("L")
    assert made.size == (320, 640)
    assert made.getpixel((160, 100)) > 240  # type: ignore[operator]
    assert made.getpixel((160, 540)) < 15  # type: ignore[operator]


def test_an_animation_goes_on_moving(stored: Callable[..., runlog.MediaRecord], tmp_path: Path) -> None:
    frames = [PILImage.new("L", SIZE, shade) for shade in (0, 255)]
    of = stored(frames[0], "m.gif", save_all=True, append_images=frames[1:])
    assert thumbs.make(tmp_path, tmp_path, [of]) == {}


@pytest.mark.parametrize("content", [None, b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_missing_or_damaged_gets_none(
    media: Media, tmp_path: Path, content: bytes | None
) -> None:
    (tmp_path / "viewer").mkdir()
    of = media("m.png", width=2000, height=2000)
    if content is not None:
        (tmp_path / "m.png").write_bytes(content)
    assert thumbs.make(tmp_path, tmp_path, [of]) == {}


def test_the_same_pixels_are_read_once(stored: Callable[..., runlog.MediaRecord], tmp_path: Path) -> None:
    of = stored(PILImage.new("L", SIZE))
    thumbs.make(tmp_path, tmp_path, [of, of])
    (tmp_path / PurePosixPath(of.path)).unlink()
    assert list(thumbs.make(tmp_path, tmp_path, [of])) == [of.pixel_hash]
