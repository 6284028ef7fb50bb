"""Picture files: read whole and from their start, or refused with one clear line."""

from __future__ import annotations

import gzip
import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog import Image
from runlog.images.picture_file import MAX_DIMENSION, check_size, read_picture

# What an upright picture must be turned to before a file with this orientation shows it upright.
TURNED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: np.rot90,
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, -1),
}


def saved(pixels: np.ndarray, file_format: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    PILImage.fromarray(np.ascontiguousarray(pixels)).save(buffer, file_format, **options)
    return buffer.getvalue()


def with_orientation(pixels: np.ndarray, orientation: int, file_format: str, **options: Any) -> bytes:
    exif = PILImage.Exif()
    exif[0x0112] = orientation
    return saved(TURNED[orientation](pixels), file_format, exif=exif, **options)


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_path_a_string_and_an_open_file_give_the_same(photo: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(saved(photo))
    with path.open("rb") as file:
        images = [Image(path), Image(str(path)), Image(file), Image(io.BytesIO(path.read_bytes()))]
    for image in images:
        assert np.array_equal(np.asarray(image.image), photo)
        assert image == images[0]


@pytest.mark.parametrize("position", [0, 5, None], ids=["start", "middle", "end"])
def test_an_open_file_is_read_from_its_start_and_left_where_it_stood(
    photo: np.ndarray, position: int | None
) -> None:
    data = saved(photo)
    file = io.BytesIO(data)
    file.seek(len(data) if position is None else position)
    before = file.tell()
    assert np.array_equal(np.asarray(Image(file).image), photo)
    assert file.tell() == before
    assert not file.closed


def test_a_stream_that_cannot_seek_is_read_as_it_comes(photo: np.ndarray) -> None:
    read_end, write_end = os.pipe()
    with os.fdopen(write_end, "wb") as sender:
        sender.write(saved(photo))
    with os.fdopen(read_end, "rb") as receiver:
        assert np.array_equal(np.asarray(Image(receiver).image), photo)


def test_anything_with_read_is_an_open_file(photo: np.ndarray) -> None:
    file = gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(saved(photo))))
    assert np.array_equal(np.asarray(Image(file).image), photo)


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_exif_orientation_is_followed(photo: np.ndarray, orientation: int, file_format: str) -> None:
    options = {"quality": 100, "subsampling": 0} if file_format == "JPEG" else {}
    options |= {"lossless": True} if file_format == "WEBP" else {}
    data = with_orientation(photo, orientation, file_format, **options)
    image = Image(io.BytesIO(data))
    height, width = photo.shape[:2]
    assert (image.width, image.height) == image.image.size == (width, height)
    difference = np.abs(np.asarray(image.image).astype(int) - photo)
    assert difference.max() == 0 if file_format != "JPEG" else difference.mean() < 3
    is_kept = orientation == 1 or file_format != "WEBP"
    assert image.format == ({"JPEG": "jpg"}.get(file_format, file_format.lower()) if is_kept else "png")
    if is_kept:
        assert image.picture.content.data == data
    else:
        assert "stored as pixels, since no browser turns WEBP upright" in image.conversion.notes


def test_a_file_converted_to_another_format_is_stored_upright(photo: np.ndarray) -> None:
    image = Image(io.BytesIO(with_orientation(photo, 6, "PNG")), file_type="bmp")
    assert np.array_equal(np.asarray(image.image), photo)
    assert "turned upright (EXIF orientation 6)" in image.conversion.notes


@pytest.mark.parametrize("orientation", [0, 9, 1000])
def test_an_orientation_that_is_none_is_ignored(photo: np.ndarray, orientation: int) -> None:
    exif = PILImage.Exif()
    exif[0x0112] = orientation
    assert Image(io.BytesIO(saved(photo, exif=exif))).image.size == (24, 16)


def test_broken_exif_says_nothing_about_the_pixels(photo: np.ndarray) -> None:
    data = saved(photo, exif=b"Exif\0\0MM\0*\xff\xff\xff\xffgarbage")
    assert np.array_equal(np.asarray(Image(io.BytesIO(data)).image), photo)


def test_an_orientation_in_xmp_is_ignored_as_browsers_do(photo: np.ndarray) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/></x:xmpmeta>'
    image = Image(io.BytesIO(saved(photo, "JPEG", xmp=xmp)))
    assert (image.width, image.height) == image.image.size == (24, 16)


def broken_files() -> dict[str, tuple[Callable[[Path], Any], str]]:
    whole = saved(np.arange(30_000, dtype=np.uint8).reshape(100, 100, 3))
    jpeg = saved(np.arange(30_000, dtype=np.uint8).reshape(100, 100, 3), "JPEG")

    def written(data: bytes) -> Callable[[Path], Path]:
        def write(folder: Path) -> Path:
            (folder / "file").write_bytes(data)
            return folder / "file"

        return write

    def pipe(folder: Path) -> Path:
        os.mkfifo(folder / "pipe")
        return folder / "pipe"

    def closed(folder: Path) -> io.BytesIO:
        file = io.BytesIO(whole)
        file.close()
        return file

    return {
        "missing": (lambda folder: folder / "nothing.png", "No such file"),
        "empty name": (lambda folder: "", "folder or a device"),
        "NUL in the name": (lambda folder: "a\0b.png", "null"),
        "a folder": (lambda folder: folder, "folder or a device"),
        "a device": (lambda folder: "/dev/zero", "folder or a device"),
        "a pipe": (pipe, "folder or a device"),
        "an empty file": (written(b""), r"\(0 bytes\) has no format"),
        "text": (written(b"hello"), "no format that is read"),
        "SVG": (written(b"<svg/>"), "no format that is read"),
        "truncated PNG": (written(whole[: len(whole) // 2]), "whole, readable picture"),
        "PNG without its end": (written(whole[:60]), "whole, readable picture"),
        "truncated JPEG": (written(jpeg[: len(jpeg) // 2]), "whole, readable picture"),
        "garbled PNG": (written(whole[:50] + b"\xff" * 400 + whole[450:]), "whole, readable picture"),
        "a closed file": (closed, "closed"),
        "a file open for writing": (lambda folder: io.BufferedWriter(io.BytesIO()), "readable open file"),
        "too wide": (written(png_header(MAX_DIMENSION + 1, 1)), "at most 65500 px a side"),
        "too high": (written(png_header(1, MAX_DIMENSION + 1)), "at most 65500 px a side"),
        "a decompression bomb": (written(png_header(60_000, 60_000)), "at most 500,000,000 pixels"),
    }


@pytest.mark.parametrize("name", broken_files())
def test_a_broken_file_is_refused_in_one_clear_line(name: str, tmp_path: Path) -> None:
    make, message = broken_files()[name]
    with pytest.raises(runlog.RunlogError, match=message) as caught:
        Image(make(tmp_path))
    assert isinstance(caught.value, (OSError, ValueError))
    assert "\n" not in str(caught.value)
    assert "0x" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("file", [io.StringIO("text"), io.TextIOWrapper(io.BytesIO(b"\xff\xfe"))])
def test_a_file_in_text_mode_is_refused(file: Any) -> None:
    with pytest.raises(runlog.InvalidTypeError, match="binary mode"):
        Image(file)


def test_a_file_object_that_raises_anything_is_refused_in_our_words() -> None:
    class Broken:
        def read(self) -> bytes:
            raise KeyError("lost")

    with pytest.raises(runlog.StorageError, match="readable open file"):
        Image(Broken())


def test_pillows_own_limit_is_left_as_the_caller_set_it(
    photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PILImage, "MAX_IMAGE_PIXELS", 10)
    assert np.array_equal(np.asarray(Image(io.BytesIO(saved(photo))).image), photo)
    assert PILImage.MAX_IMAGE_PIXELS == 10


def test_the_limit_on_pixels_can_be_set(photo: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_PIXELS", 24 * 16 - 1)
    for picture in (photo, PILImage.fromarray(photo), io.BytesIO(saved(photo))):
        with pytest.raises(runlog.InvalidValueError, match=r"Image\.MAX_PIXELS sets the limit"):
            Image(picture)
    monkeypatch.setattr(Image, "MAX_PIXELS", 24 * 16)
    assert Image(photo).width == 24


@pytest.mark.parametrize("shape", [(1, 65501), (65501, 1, 3)])
def test_one_pixel_too_many_a_side_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(runlog.InvalidValueError, match="at most 65500 px a side"):
        Image(np.zeros(shape, np.uint8))


def test_the_longest_side_is_allowed() -> None:
    assert Image(np.zeros((1, Image.MAX_DIMENSION), np.uint8)).width == 65500


def test_a_size_is_refused_before_anything_is_computed() -> None:
    for huge in (np.broadcast_to(np.float32(0), (60_000, 60_000)), np.broadcast_to(False, (10**9, 10**9))):
        with pytest.raises(runlog.InvalidValueError, match="at most"):
            Image(huge)
    with pytest.raises(runlog.InvalidValueError, match="at most 65500 px a side"):
        Image(np.broadcast_to(np.uint8(0), (10**6, 20, 20, 3)))


def test_check_size_names_what_sets_the_limit() -> None:
    with pytest.raises(runlog.InvalidValueError, match=r"a thing must .* is 3×3; LIMIT sets the limit"):
        check_size((3, 3), "a thing", 8, "LIMIT")


def test_frames_are_counted(photo: np.ndarray) -> None:
    frames = [PILImage.fromarray(photo), PILImage.fromarray(255 - photo)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    assert read_picture(buffer, "a file").frames == 2
    assert read_picture(io.BytesIO(saved(photo)), "a file").frames == 1
