"""The ways a picture becomes a PNG: which is taken; all are exact, small and valid for other readers."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image as PILImage
from PIL import ImageDraw

from runlog.images import png

PHOTOS = Path(__file__).parents[3] / "sample_runs" / "photos"
WITHOUT_ISAL = [False, True]


@pytest.fixture(params=WITHOUT_ISAL, ids=["isal", "zlib"])
def _deflate(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param:
        monkeypatch.setattr(png, "isal_zlib", None)
    elif png.isal_zlib is None:
        pytest.skip("isal is not installed: its deflate NOT TESTED")


def read(name: str, mode: str) -> np.ndarray:
    return np.asarray(PILImage.open(PHOTOS / name).convert(mode))


def text() -> np.ndarray:
    image = PILImage.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(image)
    for top in range(4, 240, 14):
        draw.text((4, top), "epoch 12 ends with loss=0.345 and acc 97.1%", fill="black")
    return np.asarray(image)


def flat() -> np.ndarray:
    image = PILImage.new("RGB", (256, 256), "navy")
    draw = ImageDraw.Draw(image)
    for place in range(20, 220, 40):
        draw.ellipse([place, place, place + 60, place + 40], fill=(place, 255 - place, 90))
    return np.asarray(image)


def upscaled(factor: int) -> np.ndarray:
    small = read("astronaut.png", "RGB")[::4, ::4]
    return small.repeat(factor, axis=0).repeat(factor, axis=1)


def ramp() -> np.ndarray:
    y, x = np.mgrid[:256, :256]
    return np.stack([x, y, x], axis=2).astype(np.uint8)


def glow() -> np.ndarray:
    """Return colours that fade smoothly, with no two rows alike."""
    y, x = np.mgrid[:256, :256]
    distance = np.hypot(x - 100, y - 120)
    return np.stack([255 - distance, distance, distance / 2], axis=2).clip(0, 255).astype(np.uint8)


def waves() -> np.ndarray:
    y, x = np.mgrid[:256, :256]
    waves = np.sin((x + y) / 20), np.cos((x - 2 * y) / 30), np.sin((x + y) / 40)
    return (127 + 120 * np.stack(waves, axis=2)).astype(np.uint8)


def regions(count: int) -> np.ndarray:
    """Return a mask of `count` regions whose borders run in every direction."""
    y, x = np.ogrid[:512, :512]
    nearest, region = np.full((512, 512), 1 << 20), np.zeros((512, 512), np.uint8)
    for number, (a, b) in enumerate(np.random.default_rng(0).integers(0, 512, (count, 2))):
        distance = (y - a) ** 2 + (x - b) ** 2
        is_nearer = distance < nearest
        nearest[is_nearer], region[is_nearer] = distance[is_nearer], number
    return region


def noise(channels: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (256, 256, channels), dtype=np.uint8)


DRAWN = {
    "text": text(),
    "flat": flat(),
    "mask": read("coins_truth.png", "L"),
    "16-bit mask": read("coins_truth.png", "L").astype(np.uint16) * 300,
    "upscaled 2": upscaled(2),
    "upscaled 3": upscaled(3),
    "ramp": ramp(),
}
MANY_REGIONS = regions(200)
SMOOTH = {"glow": glow(), "waves": waves()}
MASKS = {
    "coins": read("coins_truth.png", "L"),
    "flat": flat()[:, :, 2],
    "few regions": regions(8),
    "many regions": MANY_REGIONS,
    "one class": np.full((300, 300), 7, np.uint8),
    "noise": noise(1)[:, :, 0] % 4,
    "16 bit": MANY_REGIONS.astype(np.uint16) * 300,
}
CONTINUOUS = {
    "photo": read("astronaut.png", "RGB"),
    "part of a photo": read("astronaut.png", "RGB")[100:228, 100:228],
    "grey photo": read("coins.png", "L"),
    "photo with alpha": read("astronaut.png", "RGBA"),
    "noise": noise(3),
    "grey noise": noise(1)[:, :, 0],
}


def changes(picture: np.ndarray) -> tuple[np.ndarray, int]:
    """Return how rows change from the ones above, and the bytes of a pixel."""
    rows = np.ascontiguousarray(picture, dtype=picture.dtype.newbyteorder(">")).view(np.uint8)
    rows = rows.reshape(picture.shape[0], -1)
    return png._minus_upper(rows)[8::16, 1:], rows.shape[1] // picture.shape[1]


def pillow_size(picture: np.ndarray) -> int:
    buffer = io.BytesIO()
    PILImage.fromarray(picture).save(buffer, format="PNG")
    return buffer.tell()


@pytest.mark.parametrize("name", DRAWN)
def test_what_was_drawn_or_upscaled_gets_the_deflate_that_looks_for_repetitions(name: str) -> None:
    assert png._is_drawn(*changes(DRAWN[name]))


@pytest.mark.parametrize("name", CONTINUOUS)
def test_photos_and_noise_get_the_fast_deflate(name: str) -> None:
    assert not png._is_drawn(*changes(CONTINUOUS[name]))
    assert not png._is_smooth(*changes(CONTINUOUS[name]))


@pytest.mark.parametrize("name", SMOOTH)
def test_gradients_are_smooth_but_not_drawn(name: str) -> None:
    assert png._is_smooth(*changes(SMOOTH[name]))
    assert not png._is_drawn(*changes(SMOOTH[name]))


@pytest.mark.usefixtures("_deflate")
@pytest.mark.parametrize("name", SMOOTH)
def test_gradients_are_not_much_larger_than_pillows(name: str) -> None:
    assert len(png.encode_png(SMOOTH[name])) <= 1.3 * pillow_size(SMOOTH[name])


@pytest.mark.usefixtures("_deflate")
@pytest.mark.parametrize("name", MASKS)
def test_a_mask_is_about_as_small_as_pillows_and_decodes_to_its_class_ids(name: str) -> None:
    data = png.encode_png(MASKS[name], is_mask=True)
    assert len(data) <= 1.3 * pillow_size(MASKS[name])
    with PILImage.open(io.BytesIO(data)) as image:
        assert np.array_equal(np.asarray(image), MASKS[name])


# Of a ramp nothing is left but a few hundred bytes, whoever writes it.
@pytest.mark.usefixtures("_deflate")
@pytest.mark.parametrize("name", [*CONTINUOUS, *(name for name in DRAWN if name != "ramp")])
def test_a_file_is_about_as_small_as_pillows(name: str) -> None:
    picture = {**CONTINUOUS, **DRAWN}[name]
    ratio = len(png.encode_png(picture)) / pillow_size(picture)
    assert ratio <= (1.12 if "photo" in name else 1.3)


@pytest.mark.usefixtures("_deflate")
@pytest.mark.parametrize("name", [*CONTINUOUS, *DRAWN, *SMOOTH])
def test_the_file_decodes_to_the_pixels(name: str) -> None:
    picture = {**CONTINUOUS, **DRAWN, **SMOOTH}[name]
    with PILImage.open(io.BytesIO(png.encode_png(picture))) as image:
        assert np.array_equal(np.asarray(image), picture)


@pytest.mark.parametrize("without_isal", WITHOUT_ISAL, ids=["isal", "zlib"])
@settings(max_examples=100, deadline=None)
@given(
    picture=hnp.arrays(
        np.uint8,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=70).flatmap(
            lambda sides: st.sampled_from([sides, *((*sides, channels) for channels in (2, 3, 4))])
        ),
        elements=st.integers(0, 255) | st.sampled_from([0, 255]),
    ),
    repeats=st.integers(1, 3),
)
def test_any_pixels_survive_either_way(without_isal: bool, picture: np.ndarray, repeats: int) -> None:
    # Repeated pixels go one way, others the other.
    picture = picture.repeat(repeats, axis=0).repeat(repeats, axis=1)
    with pytest.MonkeyPatch.context() as patch:
        if without_isal:
            patch.setattr(png, "isal_zlib", None)
        data = png.encode_png(picture)
    with PILImage.open(io.BytesIO(data)) as image:
        assert np.array_equal(np.asarray(image), picture)


@pytest.mark.usefixtures("_deflate")
def test_an_independent_reader_finds_no_fault(tmp_path: Path) -> None:
    if shutil.which("pngcheck") is None:
        pytest.skip(
            "pngcheck is not installed (apt install pngcheck), so no second reader has seen the files"
        )
    pictures = {**CONTINUOUS, **DRAWN, **SMOOTH, "one pixel": noise(4)[:1, :1], "one row": noise(2)[:1]}
    for name, picture in pictures.items():
        (tmp_path / f"{name}.png").write_bytes(png.encode_png(picture))
    for name, mask in MASKS.items():
        (tmp_path / f"mask {name}.png").write_bytes(png.encode_png(mask, is_mask=True))
    paths = sorted(tmp_path.iterdir())
    command = ["pngcheck", "-v", *map(os.fspath, paths)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    assert f"No errors were detected in {len(paths)} of the {len(paths)} " in result.stdout
