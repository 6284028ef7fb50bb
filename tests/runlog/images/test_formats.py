"""File formats: each mode in each format is stored right, or refused or warned about in our words."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog import Image
from runlog.images import formats

FORMATS = ("png", "jpg", "bmp", "webp")
MODES = (
    "1",
    "L",
    "P",
    "RGB",
    "RGBA",
    "CMYK",
    "YCbCr",
    "LAB",
    "HSV",
    "I",
    "F",
    "LA",
    "PA",
    "RGBX",
    "RGBa",
    "La",
)
DEEP = ("I;16", "I;16L", "I;16B", "I;16N")


def encoded(image: Image) -> PILImage.Image:
    """Return what the stored file decodes to."""
    decoded = PILImage.open(io.BytesIO(formats.encode(image.picture, image.format)))
    decoded.load()
    return decoded


def picture(mode: str) -> PILImage.Image:
    """Return a picture in any mode; alpha, where there is any, is really used."""
    values = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5
    rgb = PILImage.fromarray(values)
    if mode in DEEP:
        return PILImage.frombytes(mode, (4, 4), (np.arange(16, dtype=np.uint16) * 4000).tobytes())
    if mode in ("LA", "RGBA", "PA", "La", "RGBa"):
        rgba = rgb.convert("P" if mode == "PA" else "RGBA")
        rgba.putalpha(PILImage.fromarray(values[..., 0]))
        return {"La": rgba.convert("LA")}.get(mode, rgba).convert(mode)
    if mode == "LAB":
        return PILImage.frombytes("LAB", (4, 4), values.tobytes())
    return rgb.convert(mode)


@pytest.mark.parametrize("file_type", FORMATS)
@pytest.mark.parametrize("mode", MODES + DEEP)
def test_every_mode_in_every_format(mode: str, file_type: str) -> None:
    given = picture(mode)
    before = given.tobytes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = Image(given, file_type=file_type)
    stored = encoded(image)
    assert (stored.format, stored.size) == ({"jpg": "JPEG"}.get(file_type, file_type.upper()), given.size)
    if file_type != "jpg":
        assert np.array_equal(np.asarray(stored.convert("RGBA")), np.asarray(image.image.convert("RGBA")))
    assert given.tobytes() == before


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I;16B"])
def test_png_holds_these_modes_exactly(mode: str) -> None:
    image = Image(picture(mode))
    assert image.picture.mode == mode
    assert not image.warnings
    expected = picture(mode)
    assert np.array_equal(np.asarray(encoded(image)), np.asarray(expected))
    assert encoded(image).getpalette() == expected.getpalette() or mode != "P"


LOSSES = [
    ("RGBA", "jpg", "RGB"),
    ("RGBA", "bmp", "RGB"),
    ("LA", "jpg", "L"),
    ("La", "jpg", "L"),
    ("PA", "bmp", "RGB"),
    ("RGBa", "jpg", "RGB"),
    ("CMYK", "png", "RGB"),
    ("CMYK", "jpg", "RGB"),
    ("YCbCr", "png", "RGB"),
    ("LAB", "webp", "RGB"),
    ("HSV", "bmp", "RGB"),
]


@pytest.mark.parametrize(("mode", "file_type", "target"), LOSSES)
def test_a_mode_that_the_format_cannot_hold_is_converted_with_a_warning(
    mode: str, file_type: str, target: str
) -> None:
    image = Image(picture(mode), file_type=file_type)
    assert image.picture.mode == target
    assert image.warnings["mode"] == (
        f"{file_type} cannot hold mode {mode}, so the picture was converted to {target}"
    )
    assert f"mode {mode} stored as {target}" in image.conversion.notes


@pytest.mark.parametrize(
    ("mode", "file_type"), [("F", "png"), ("I", "png"), ("I;16", "jpg"), ("I;16B", "webp")]
)
def test_more_than_8_bits_are_reduced_by_the_table_with_a_warning(mode: str, file_type: str) -> None:
    given = picture(mode)
    image = Image(given, file_type=file_type)
    assert image.warnings["mode"].startswith(f"a PIL image of mode {mode} was reduced to 8 bits")
    assert np.array_equal(np.asarray(image.image.convert("L")), Image.to_uint8(np.asarray(given)))
    assert image.conversion.source == "pil"


def test_a_float_picture_within_0_and_1_is_not_black() -> None:
    image = Image(PILImage.fromarray(np.array([[0, 0.5, 1]], np.float32)))
    assert np.asarray(image.image).tolist() == [[0, 127, 255]]


@pytest.mark.parametrize(
    ("mode", "file_type"), [("LA", "webp"), ("La", "png"), ("PA", "png"), ("RGBa", "png")]
)
def test_alpha_is_kept_without_a_warning_where_the_format_has_it(mode: str, file_type: str) -> None:
    image = Image(picture(mode), file_type=file_type)
    assert not image.warnings
    assert np.array_equal(
        np.asarray(image.image.convert("RGBA"))[..., 3], np.asarray(picture("RGBA"))[..., 3]
    )


def test_alpha_that_hides_nothing_is_dropped_without_a_warning() -> None:
    assert not Image(np.full((4, 4, 4), 255, np.uint8), file_type="jpg").warnings
    assert "mode" in Image(np.full((4, 4, 4), 254, np.uint8), file_type="jpg").warnings


def test_a_palette_picture_with_a_transparent_colour_keeps_it_as_alpha() -> None:
    given = picture("P")
    given.info["transparency"] = given.getpixel((0, 0))
    image = Image(given)
    alpha = np.asarray(image.image)[..., 3]
    assert (image.picture.mode, alpha[0, 0], alpha[3, 3]) == ("RGBA", 0, 255)


def test_palettes_that_differ_only_in_alpha_are_different_pictures() -> None:
    pictures = []
    for alpha in (10, 200):
        given = PILImage.frombytes("P", (2, 1), bytes([0, 1]))
        given.putpalette([255, 0, 0, alpha, 0, 255, 0, 255], "RGBA")
        pictures.append(Image(given))
    one, other = pictures
    assert np.asarray(one.image).tolist() == [[[255, 0, 0, 10], [0, 255, 0, 255]]]
    assert np.asarray(other.image).tolist() == [[[255, 0, 0, 200], [0, 255, 0, 255]]]
    assert one != other
    assert formats.pixel_hash(one.picture, "png") != formats.pixel_hash(other.picture, "png")


def test_a_grey_picture_with_a_transparent_grey_keeps_it_as_alpha() -> None:
    given = PILImage.fromarray(np.array([[3, 4]], np.uint8))
    given.info["transparency"] = 3
    assert np.asarray(Image(given).image).tolist() == [[[3, 3, 3, 0], [4, 4, 4, 255]]]


@pytest.mark.parametrize("file_type", ["png", "bmp"])
def test_an_index_past_the_end_of_the_palette_looks_as_before(file_type: str) -> None:
    given = PILImage.frombytes("P", (4, 1), bytes([0, 1, 9, 255]))
    given.putpalette([1, 2, 3, 4, 5, 6])
    image = Image(given, file_type=file_type)
    assert np.array_equal(np.asarray(encoded(image)), np.asarray(given.convert("RGB")))


def test_what_a_picture_carries_besides_pixels_changes_nothing(photo: np.ndarray) -> None:
    plain, laden = PILImage.fromarray(photo), PILImage.fromarray(photo)
    laden.info.update(icc_profile=b"profile", dpi=(300, 300), comment="hello", exif=b"Exif\0\0")
    for file_type in FORMATS:
        one, other = (Image(given, file_type=file_type) for given in (plain, laden))
        assert formats.encode(one.picture, file_type) == formats.encode(other.picture, file_type)
        assert one == other
    assert "its colour profile is not kept" in Image(laden).conversion.notes
    assert laden.info["comment"] == "hello"


@pytest.mark.parametrize(
    ("file_type", "name"),
    [
        (None, "png"),
        ("png", "png"),
        ("PNG", "png"),
        ("jpg", "jpg"),
        ("jpeg", "jpg"),
        ("bmp", "bmp"),
        ("webp", "webp"),
    ],
)
def test_file_type_names_the_format(photo: np.ndarray, file_type: str | None, name: str) -> None:
    image = Image(photo, file_type=file_type)
    assert image.format == name
    stored = np.asarray(encoded(image)).astype(int)
    assert np.abs(stored - photo).max() == 0 or name == "jpg"


@pytest.mark.parametrize("file_type", ["gif", "tiff", "", ".png", 7, b"png", ["png"]])
def test_any_other_file_type_is_refused(photo: np.ndarray, file_type: Any) -> None:
    with pytest.raises(runlog.InvalidValueError, match="file_type must be one of png, jpg, jpeg, bmp, webp"):
        Image(photo, file_type=file_type)


def test_jpeg_has_quality_95(photo: np.ndarray) -> None:
    buffer = io.BytesIO()
    PILImage.fromarray(photo).save(buffer, "JPEG", quality=95)
    image = Image(photo, file_type="jpg")
    assert formats.encode(image.picture, "jpg") == buffer.getvalue()


def test_a_side_that_webp_cannot_hold_is_refused() -> None:
    with pytest.raises(runlog.InvalidValueError, match="stored as webp must be at most 16383 px"):
        Image(np.zeros((1, 16384), np.uint8), file_type="webp")
    assert Image(np.zeros((1, 16383), np.uint8), file_type="webp").width == 16383


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "LA", "I", "F"])
@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 3), (4, 5, 4)])
def test_mode_converts_as_pillow_does(mode: str, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape) * 3
    image = Image(array, mode=mode)
    flat = array[..., 0] if shape[2:] == (1,) else array
    expected = PILImage.fromarray(flat).convert(mode)
    if mode in ("CMYK", "YCbCr", "HSV"):
        assert image.warnings["mode"].startswith(f"png cannot hold mode {mode}")
        expected = expected.convert("RGB")
    elif mode in ("I", "F"):
        expected = expected.convert("L")
    assert np.array_equal(np.asarray(image.image.convert("RGB")), np.asarray(expected.convert("RGB")))


@pytest.mark.parametrize("mode", ["", "XX", "rgb", "RGB ", "BGR;15", "La", 3, b"RGB", ["RGB"]])
def test_a_mode_that_is_none_is_refused(photo: np.ndarray, mode: Any) -> None:
    with pytest.raises(runlog.RunlogError, match="mode must be a PIL mode"):
        Image(photo[..., 0], mode=mode)


def saved(photo: np.ndarray, name: str, **options: Any) -> io.BytesIO:
    buffer = io.BytesIO()
    PILImage.fromarray(photo).save(buffer, name, **options)
    return buffer


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [("PNG", "png"), ("JPEG", "jpg"), ("GIF", "gif"), ("WEBP", "webp"), ("BMP", "bmp"), ("AVIF", "avif")],
)
def test_a_file_that_browsers_show_keeps_its_bytes(photo: np.ndarray, name: str, kept_as: str) -> None:
    if name not in PILImage.SAVE and not PILImage.init() and name not in PILImage.SAVE:
        pytest.skip(f"this Pillow cannot write {name}")
    file = saved(photo, name)
    image = Image(file)
    assert image.format == kept_as
    assert formats.encode(image.picture, image.format) == file.getvalue()
    assert Image(file, mode=image.picture.mode).format == kept_as
    assert image.conversion.rule == "as_is"


@pytest.mark.parametrize("name", ["TIFF", "PPM", "TGA", "ICO", "PCX"])
def test_a_file_that_no_browser_shows_is_stored_as_png(photo: np.ndarray, name: str) -> None:
    image = Image(saved(photo, name))
    assert image.format == "png"
    assert f"stored as pixels, since no browser shows {name}" in image.conversion.notes
    if name != "ICO":  # which scales
        assert np.array_equal(np.asarray(encoded(image)), photo)


def test_a_file_is_decoded_where_mode_or_file_type_asks_for_it(photo: np.ndarray) -> None:
    file = saved(photo, "PNG")
    assert Image(file, mode="L").format == "png"
    assert encoded(Image(file, mode="L")).mode == "L"
    assert encoded(Image(file, file_type="bmp")).format == "BMP"
    assert Image(saved(photo, "GIF"), mode="RGB").format == "png"
    assert Image(saved(photo, "JPEG"), file_type="jpeg").picture.file_format == "jpg"


def animation(photo: np.ndarray, name: str) -> io.BytesIO:
    frames = [PILImage.fromarray(np.roll(photo, shift, axis=1)) for shift in range(3)]
    return saved(photo, name, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(("name", "kept_as"), [("GIF", "gif"), ("PNG", "png"), ("WEBP", "webp")])
def test_an_animation_is_kept_as_it_is(photo: np.ndarray, name: str, kept_as: str) -> None:
    file = animation(photo, name)
    image = Image(file)
    assert image.format == kept_as
    assert not image.warnings
    assert encoded(image).n_frames == 3
    assert formats.encode(image.picture, image.format) == file.getvalue()


@pytest.mark.parametrize("name", ["GIF", "PNG", "TIFF"])
def test_what_is_lost_of_an_animation_is_said(photo: np.ndarray, name: str) -> None:
    image = Image(animation(photo, name), file_type="bmp")
    assert image.warnings["mode"].startswith("only the first of 3 pictures in the file was kept")


def test_a_cmyk_jpeg_is_kept_since_browsers_show_it() -> None:
    buffer = io.BytesIO()
    picture("CMYK").save(buffer, "JPEG")
    image = Image(buffer)
    assert (image.format, image.picture.mode, dict(image.warnings)) == ("jpg", "CMYK", {})


def test_sixteen_bits_of_a_file_survive(photo: np.ndarray) -> None:
    deep = (photo[..., 0].astype(np.uint16) * 257)[:, ::-1]
    image = Image(saved(np.ascontiguousarray(deep), "TIFF"))
    assert np.array_equal(np.asarray(encoded(image)), deep)
    assert not image.warnings


def test_the_pixel_hash_is_over_size_mode_format_and_pixels() -> None:
    row = np.zeros((1, 6), np.uint8)
    hashes = {
        formats.pixel_hash(image.picture, image.format)
        for image in (
            Image(row),
            Image(row.reshape(2, 3)),
            Image(row.reshape(3, 2)),
            Image(row.reshape(1, 2, 3)),
            Image(row, file_type="bmp"),
            Image(row, mode="1"),
            Image(row + 9),
        )
    }
    assert len(hashes) == 7
    same = {
        formats.pixel_hash(image.picture, image.format)
        for image in (Image(row), Image(row[:, ::-1]), Image(row[..., None]), Image(PILImage.fromarray(row)))
    }
    assert len(same) == 1


# One road to 8 bits: values of more than 8 bits are reduced by the normalization table, whoever asks for it


def deep(mode: str, *values: float) -> PILImage.Image:
    dtype = {"F": np.float32, "I": np.int32, "I;16": np.uint16}[mode]
    return PILImage.fromarray(np.array([values], dtype))


@pytest.mark.parametrize("target", ["L", "RGB", "RGBA", "1"])
@pytest.mark.parametrize(
    ("image", "row", "rule"),
    [
        (deep("F", 0, 0.5, 1), [0, 127, 255], "unit"),
        (deep("F", -1, 0, 1), [0, 127, 255], "signed_unit"),
        (deep("F", 0, 100.9, 300), [0, 100, 255], "clip"),
        (deep("I", 0, 1, 1), [0, 255, 255], "unit"),
        (deep("I", -5, 7, 70_000), [0, 7, 255], "clip"),
        (deep("I;16", 0, 9, 65535), [0, 9, 255], "clip"),
    ],
)
def test_a_mode_for_values_of_more_than_8_bits_goes_by_the_table(
    image: PILImage.Image, row: list[int], rule: str, target: str
) -> None:
    made = Image(image, mode=target)
    grey = PILImage.fromarray(np.array([row], np.uint8))
    assert made.picture.mode == target
    assert made.conversion.rule == rule
    assert np.array_equal(np.asarray(made.image), np.asarray(grey.convert(target)))
    assert f"PIL mode {image.mode} reduced to 8 bits by rule {rule}" in made.conversion.notes
    assert made.warnings["mode"].startswith(f"a PIL image of mode {image.mode} was reduced to 8 bits")


@pytest.mark.parametrize("options", [{}, {"mode": "L"}, {"mode": "RGB"}, {"file_type": "jpg"}])
def test_normalize_false_only_clips_floats_of_pil_too(options: dict[str, str]) -> None:
    made = Image(deep("F", 0, 1, 1, 1), normalize=False, **options)
    assert made.conversion.rule == "none"
    assert int(np.asarray(made.image.convert("L")).max()) <= 2


def test_an_unknown_mode_is_refused_for_what_it_is() -> None:
    with pytest.raises(runlog.InvalidValueError, match="mode must be a PIL mode"):
        Image(deep("F", 0, 1), mode="QQ")


def test_modes_of_more_than_8_bits_are_reduced_once(tmp_path: Path) -> None:
    assert Image(deep("I;16", 0, 65535)).picture.mode == "I;16"
    made = Image(Image(deep("I;16", 0, 65535)), mode="L")
    assert np.asarray(made.image).tolist() == [[0, 255]]
    deep("I;16", 0, 300).save(tmp_path / "deep.png")
    assert np.asarray(Image(tmp_path / "deep.png", mode="L").image).tolist() == [[0, 255]]


# What the eye misses


def ramp(low: float, high: float, dtype: str = "float32") -> np.ndarray:
    return np.linspace(low, high, 100).reshape(10, 10).astype(dtype)


@pytest.mark.parametrize(
    ("values", "topics"),
    [
        (ramp(0, 3e-3), ["nearly black"]),
        (ramp(0, 3e-3, "float64"), ["nearly black"]),
        (ramp(0, 0.06, "float16"), ["nearly black"]),
        (ramp(-1, -0.9), ["nearly black"]),
        (ramp(0, 1.001), ["nearly black"]),
        (ramp(0.5, 0.53), ["few grey levels"]),
        (ramp(0.99, 1), ["few grey levels"]),
        (ramp(-0.02, 0.02), ["few grey levels"]),
        (ramp(100, 109.5), ["few grey levels"]),
        (ramp(0, 1), []),
        (ramp(0, 0.2), []),
        (ramp(0, 255), []),
        (np.zeros((4, 4), np.float32), []),  # one value: nothing was lost
        (np.full((4, 4), 0.5), []),
        (ramp(0, 9, "uint8"), []),
        (ramp(0, 9, "int64"), []),  # stored as they are
        (np.eye(4, dtype=bool), []),
    ],
)
def test_a_reduced_picture_that_the_eye_cannot_read_says_so(values: np.ndarray, topics: list[str]) -> None:
    assert list(Image(values).warnings) == topics


@pytest.mark.parametrize(
    ("low", "high", "topics"),
    [
        (0, 4095, ["nearly black"]),
        (0, 300, ["nearly black"]),
        (30_000, 33_000, ["few grey levels"]),
        (0, 65535, []),
        (7, 7, []),
    ],
)
@pytest.mark.parametrize("how", ["PIL", "file"])
def test_a_kept_16_bit_picture_in_a_small_part_of_its_range_says_so(
    low: int, high: int, topics: list[str], how: str, tmp_path: Path
) -> None:
    image = deep("I;16", low, high)
    image.save(tmp_path / "deep.png")
    made = Image(image if how == "PIL" else tmp_path / "deep.png")
    assert made.picture.mode == "I;16"
    assert (made.conversion.minimum, made.conversion.maximum, made.conversion.rule) == (low, high, "as_is")
    assert list(made.warnings) == topics
    if topics:
        assert f"uint16 picture, range [{low}, {high}]" in made.warnings[topics[0]]


def test_a_picture_without_a_finite_value_says_so() -> None:
    message = Image(np.full((2, 2), np.nan)).warnings["not finite"]
    assert message.endswith("float64 array of shape (2, 2), no finite value")
