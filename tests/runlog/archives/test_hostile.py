"""Hostile input: each is stored right or refused in our own words, and the steps around it are intact."""

from __future__ import annotations

import io
import math
import struct
import unicodedata
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog import Image

Start = Callable[..., runlog.LocalRun]
GREY = np.arange(30, dtype=np.uint8).reshape(5, 6) * 8
CORNERS = {"minX": 0.1, "maxX": 0.5, "minY": 0.2, "maxY": 0.9}


def saved(name: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    PILImage.fromarray(np.tile(GREY, (20, 20))).save(buffer, name)
    return buffer.getvalue()


def claiming(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that claims a size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pieces = (
        b"\x89PNG\r\n\x1a\n",
        chunk(b"IHDR", header),
        chunk(b"IDAT", zlib.compress(b"\0")),
        chunk(b"IEND", b""),
    )
    return b"".join(pieces)


def boxed(position: Any = CORNERS, **fields: Any) -> Image:
    return Image(GREY, boxes={"p": {"box_data": [{"position": position, **fields}]}})


def masked(data: Any, **fields: Any) -> Image:
    return Image(GREY, masks={"m": {"mask_data": data, **fields}})


# Keys. Each is logged beside a plain one; what is stored must be found under it again.

KEYS_STORED = {
    "parent folder": "../up",
    "only parents": "../../..",
    "absolute": "/etc/passwd",
    "trailing slash": "a/",
    "double slash": "a//b",
    "only a slash": "/",
    "a dot": ".",
    "dots inside": "a/../b",
    "drive letter": "C:\\temp\\x",
    "backslash": "a\\b",
    "300 characters": "k" * 300,
    "300 wide characters": "字" * 300,
    "1000 parts": "a/" * 499 + "a",
    "trailing dot": "name.",
    "trailing space": "name ",
    "leading space": " name",
    "Windows device": "con",
    "Windows device in capitals": "NUL",
    "Windows device with an extension": "aux.txt",
    "Windows device as a folder": "prn/x",
    "characters Windows refuses": 'a<b>c:"d|e?f*g',
    "hidden": ".hidden",
    "percent escapes": "%2e%2e%2fup",
    "hash and question mark": "a#b?c=d",
    "markup": "<script>alert(1)</script>",
    "quotes": "'; DROP TABLE images; --",
    "emoji": "🐈‍⬛",
    "right to left": "\u202eabc",
    "zero width": "a\u200bb",
    "names of ours": "run.db",
    "a media file's name": "000000003-0000-1a2b3c4d.png",
    "temporary": ".abc.tmp",
}

KEYS_REFUSED: dict[str, Any] = {
    "empty": "",
    "only spaces": "   ",
    "NUL": "a\0b",
    "newline": "a\nb",
    "lone surrogate": "a\ud800",
    "too long": "k" * 1001,
    "number": 3,
    "None": None,
    "bytes": b"key",
    "tuple": ("a", "b"),
}

# Keys that somebody may take for one another: both are kept, apart.
KEYS_ALIKE = {
    "slash and underscore": ("a/b", "a_b"),
    "slash and dot": ("a/b", "a.b"),
    "capitals": ("Loss", "loss"),
    "composed and decomposed": ("é", unicodedata.normalize("NFD", "é")),
    "latin and cyrillic": ("a", "а"),
    "with and without a space": ("a", "a "),
    "full width": ("A", "Ａ"),
    "sharp s": ("strasse", "straße"),
    "key and folder": ("a", "a/b"),
    "zero width": ("ab", "a\u200bb"),
}

# Values. STORED: what the record must show. REFUSED: a piece of the message.

Check = Callable[[runlog.ImageRecord, np.ndarray], bool]

CAPTIONS: dict[str, tuple[Any, str | None]] = {
    "None": (None, None),
    "empty": ("", ""),
    "markup": ("</svg><script>alert(1)</script>", "</svg><script>alert(1)</script>"),
    "1 MB": ("x" * 1_000_000, "x" * 1_000_000),
    "lone surrogate": ("a\ud800b", "a\\ud800b"),
    "NUL": ("a\0b", "a\0b"),
    "newlines": ("a\r\nb\n", "a\r\nb\n"),
    "right to left": ("\u202eabc", "\u202eabc"),
    "integer": (7, "7"),
    "float": (0.25, "0.25"),
    "numpy number": (np.float32(0.5), "0.5"),
    "NaN": (math.nan, "nan"),
    "quotes": ("'; DROP TABLE images; --", "'; DROP TABLE images; --"),
}

STORED: dict[str, tuple[Callable[[], Any], Check]] = {
    "floats within [0, 1]": (lambda: Image(np.eye(2)), lambda r, p: p.tolist() == [[255, 0], [0, 255]]),
    "uint16": (lambda: Image(np.array([[256, 7]], np.uint16)), lambda r, p: p.tolist() == [[255, 7]]),
    "int64 far out": (
        lambda: Image(np.array([[-(2**63), 2**63 - 1]])),
        lambda r, p: p.tolist() == [[0, 255]],
    ),
    "NaN": (lambda: Image(np.array([[math.nan, 1.0]])), lambda r, p: p.tolist() == [[0, 255]]),
    "all NaN": (lambda: Image(np.full((2, 2), math.nan)), lambda r, p: not p.any()),
    "infinities": (
        lambda: Image(np.array([[math.inf, -math.inf]])),
        lambda r, p: p.tolist() == [[255, 0]] and r.conversion.non_finite == 2,
    ),
    "one pixel": (lambda: Image(np.array([[9]])), lambda r, p: p.tolist() == [[9]]),
    "one row of RGB": (lambda: Image(np.full((1, 3, 3), 9)), lambda r, p: p.shape == (1, 3, 3)),
    "65500 px": (lambda: Image(np.zeros((1, 65500), bool)), lambda r, p: p.shape == (1, 65500)),
    "a batch": (lambda: Image(np.full((9, 2, 2, 3), 9)), lambda r, p: p.shape == (10, 34, 3)),
    "file past its start": (lambda: at_the_end(saved()), lambda r, p: p.shape == (100, 120)),
    "garbage after the picture": (
        lambda: Image(io.BytesIO(saved() + b"x" * 99)),
        lambda r, p: p.shape == (100, 120),
    ),
    "CMYK": (lambda: Image(PILImage.new("CMYK", (3, 2))), lambda r, p: p.shape == (2, 3, 3)),
    "RGBA as JPEG": (
        lambda: Image(np.zeros((2, 3, 4), np.uint8), file_type="jpg"),
        lambda r, p: r.media.format == "jpg" and p.shape == (2, 3, 3),
    ),
    "NaN box": (
        lambda: boxed({**CORNERS, "minX": math.nan}),
        lambda r, p: math.isnan(r.boxes[0].boxes[0].numbers[0]),
    ),
    "infinite box": (
        lambda: boxed({"middle": [math.inf, 0], "width": -math.inf, "height": 1}),
        lambda r, p: r.boxes[0].boxes[0].numbers == (math.inf, 0, -math.inf, 1),
    ),
    "inverted box": (
        lambda: boxed({**CORNERS, "minX": 5}),
        lambda r, p: r.boxes[0].boxes[0].numbers[0] == 5,
    ),
    "box far outside": (
        lambda: boxed(dict.fromkeys(CORNERS, 1e308)),
        lambda r, p: r.boxes[0].boxes[0].numbers == (1e308,) * 4,
    ),
    "NaN score": (
        lambda: boxed(scores={"p": math.nan, "q": math.inf}),
        lambda r, p: (
            math.isnan(r.boxes[0].boxes[0].scores["p"]) and r.boxes[0].boxes[0].scores["q"] == math.inf
        ),
    ),
    "markup everywhere": (
        lambda: Image(
            GREY,
            boxes={
                "<b>": {"box_data": [{"position": CORNERS, "box_caption": "<i>"}], "class_labels": {1: "<u>"}}
            },
        ),
        lambda r, p: (
            (r.boxes[0].name, r.boxes[0].boxes[0].caption, r.boxes[0].class_labels)
            == ("<b>", "<i>", {1: "<u>"})
        ),
    ),
    "layer name that is no file name": (
        lambda: Image(GREY, masks={"../../x?*": {"mask_data": GREY}}),
        lambda r, p: r.masks[0].name == "../../x?*" and len(r.masks[0].media.path.parts) == 4,
    ),
    "layers that look alike": (
        lambda: Image(GREY, masks={n: {"mask_data": GREY + i} for i, n in enumerate(("a b", "a_b", "A b"))}),
        lambda r, p: len({m.media.path for m in r.masks}) == len(r.masks) == 3,
    ),
    "label with a lone surrogate": (
        lambda: Image(GREY, boxes={"p": {"box_data": [], "class_labels": {1: "\ud800"}}}),
        lambda r, p: r.boxes[0].class_labels == {1: "\\ud800"},
    ),
    "mask of another size": (lambda: masked([[1, 2]]), lambda r, p: r.masks[0].media.width == 2),
    "class id 65535": (lambda: masked([[0, 65535]]), lambda r, p: r.masks[0].class_ids == (0, 65535)),
    "no boxes in a layer": (
        lambda: Image(GREY, boxes={"p": {"box_data": []}}),
        lambda r, p: r.boxes[0].name == "p" and r.boxes[0].boxes == (),
    ),
    "10,000 boxes": (
        lambda: Image(GREY, boxes={"p": {"box_data": [{"position": CORNERS}] * 10_000}}),
        lambda r, p: len(r.boxes[0].boxes) == 10_000,
    ),
}


def at_the_end(data: bytes) -> Image:
    file = io.BytesIO(data)
    file.seek(0, io.SEEK_END)
    return Image(file)


class Liar:
    """Claims to be an array, and raises."""

    shape, dtype = (2, 2), "float32"

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise KeyError("no array")


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "missing file": (lambda: Image("nowhere/at/all.png"), "No such file"),
    "folder": (lambda: Image("/"), "regular file"),
    "device": (lambda: Image("/dev/zero"), "regular file"),
    "empty file": (lambda: Image(io.BytesIO()), "no format that is read"),
    "corrupt file": (lambda: Image(io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"\xff" * 99)), "picture"),
    "truncated PNG": (lambda: Image(io.BytesIO(saved()[:-60])), "whole, readable picture"),
    "truncated JPEG": (lambda: Image(io.BytesIO(saved("JPEG")[:-60])), "whole, readable picture"),
    "text file": (lambda: Image(io.StringIO("x")), "binary mode"),
    "decompression bomb": (lambda: Image(io.BytesIO(claiming(65_000, 65_000))), "at most 500,000,000 pixels"),
    "65501 px": (lambda: Image(np.zeros((65501, 1), np.uint8)), "at most 65500 px a side"),
    "65501 px in a file": (lambda: Image(io.BytesIO(claiming(65_501, 1))), "at most 65500 px a side"),
    "a million million pixels": (lambda: Image(np.broadcast_to(1.0, (10**6, 10**6))), "at most 65500 px"),
    "zero size": (lambda: Image(np.zeros((0, 5))), "at least one pixel"),
    "zero size PIL": (lambda: Image(PILImage.new("L", (0, 0))), "at least one pixel"),
    "0-d": (lambda: Image(np.array(1.0)), "H×W"),
    "1-d": (lambda: Image(np.zeros(9)), "H×W"),
    "object dtype": (lambda: Image(np.array([[object()]])), "booleans, integers or floats"),
    "complex dtype": (lambda: Image(np.zeros((2, 2), complex)), "booleans, integers or floats"),
    "string dtype": (lambda: Image(np.array([["a"]])), "booleans, integers or floats"),
    "channel first": (lambda: Image(np.zeros((3, 32, 32))), "transpose(1, 2, 0)"),
    "5 channels": (lambda: Image(np.zeros((9, 9, 5))), "1 to 4 channels"),
    "an object that lies": (lambda: Image(Liar()), "must be an array"),
    "None": (lambda: Image(None), "an image must be"),
    "an array as it is": (lambda: GREY, "if it is a picture, wrap it in Image"),
    "a list with None": (lambda: [Image(GREY), None], "must be"),
    "a nested list": (lambda: [[Image(GREY)]], "must be"),
    "an unknown mode": (lambda: Image(GREY, mode="XYZ"), "mode must be"),
    "an unknown file type": (lambda: Image(GREY, file_type="exe"), "file_type must be"),
    "caption of bytes": (lambda: Image(GREY, caption=b"x"), "caption must be"),
    "caption that is a list": (lambda: Image(GREY, caption=["x"]), "caption must be"),
    "grouping past 64 bits": (lambda: Image(GREY, grouping=2**64), "grouping must be"),
    "no position": (lambda: Image(GREY, boxes={"p": {"box_data": [{}]}}), "must have 'position'"),
    "half a position": (lambda: boxed({"minX": 0}), "minX, maxX, minY and maxY"),
    "position of text": (lambda: boxed({**CORNERS, "minX": "0"}), "must be a number"),
    "position of None": (lambda: boxed(None), "must be a dict"),
    "unknown domain": (lambda: boxed(domain="percent"), "must be None or 'pixel'"),
    "class id that is a float": (lambda: boxed(class_id=1.5), "must be an integer"),
    "class id that is text": (lambda: boxed(class_id="cat"), "must be an integer"),
    "class id past 65535": (lambda: boxed(class_id=10**30), "from 0 to 65535"),
    "score that is text": (lambda: boxed(scores={"p": "high"}), "must be a number"),
    "scores that are a list": (lambda: boxed(scores=[0.5]), "must be a dict"),
    "box that is a list": (lambda: Image(GREY, boxes={"p": {"box_data": [[0, 0, 1, 1]]}}), "must be a dict"),
    "layer that is a list": (lambda: Image(GREY, boxes={"p": [{"position": CORNERS}]}), "must be a dict"),
    "labels that are no strings": (lambda: masked(GREY, class_labels={1: 2}), "must be a string"),
    "labels with ids of text": (lambda: masked(GREY, class_labels={"1": "a"}), "must be an integer"),
    "mask of floats": (lambda: masked(GREY / 3), "must hold whole class ids"),
    "mask of three axes": (lambda: masked(np.stack([GREY, GREY], -1)), "2-D array of integers"),
    "mask below 0": (lambda: masked([[-1]]), "from 0 to 65535"),
    "mask past 65535": (lambda: masked([[65536]]), "from 0 to 65535"),
    "mask without pixels": (lambda: masked(np.zeros((0, 0), int)), "at least one pixel"),
    "mask file missing": (lambda: Image(GREY, masks={"m": {"path": "nowhere.png"}}), "readable file"),
    "mask file that is a photo": (
        lambda: Image(GREY, masks={"m": {"path": io.BytesIO(rgb_file())}}),
        "grey or palette image",
    ),
    "layer without a name": (lambda: Image(GREY, boxes={"": {"box_data": []}}), "non-empty string"),
    "layer with NUL": (lambda: Image(GREY, masks={"a\0": {"mask_data": GREY}}), "control characters"),
    "classes twice": (lambda: Image(GREY, classes=[{"id": 1, "name": "a"}] * 2), "must be unique"),
}


def rgb_file() -> bytes:
    buffer = io.BytesIO()
    PILImage.new("RGB", (3, 3)).save(buffer, "PNG")
    return buffer.getvalue()


def test_there_are_enough_of_them() -> None:
    inputs = (KEYS_STORED, KEYS_REFUSED, KEYS_ALIKE, CAPTIONS, STORED, REFUSED)
    assert sum(map(len, inputs)) >= 60


def log_between(run: runlog.LocalRun, data: Any, *, step: Any = 1) -> runlog.RunlogError | None:
    """Log a good step, hostile data and another good step; return the error, if the data was refused."""
    refused = None
    run.log({"good": Image(GREY, caption="before"), "loss": 1}, step=0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", runlog.RunlogWarning)
            run.log(data() if callable(data) else data, step=step)
    except runlog.RunlogError as error:
        refused = error
    run.log({"good": Image(GREY, caption="after"), "loss": 2}, step=2)
    run.finish()
    return refused


def check_around(run: runlog.LocalRun, *, middle: bool) -> None:
    """Check that the good steps are whole, and that no file lies outside ``media`` or under a stray name."""
    with runlog.open(run.folder) as reader:
        assert [s.step for s in reader.steps()] == ([0, 1, 2] if middle else [0, 2])
        good = [i for i in reader.images([0, 2]) if i.key == "good"]
        assert [i.caption for i in good] == ["before", "after"]
        for image in good:
            assert np.array_equal(pixels_of(run, image.media.path), GREY)
        assert [(s.key, s.values.tolist()) for s in reader.scalars()] == [("loss", [1.0, 2.0])]
        expected = {run.folder / media.path for media in reader.media()}
    files = {path for path in run.folder.rglob("*") if path.is_file()}
    assert {path for path in files if path.is_relative_to(run.folder / "media")} == expected
    assert {path.name for path in files - expected} <= {"run.db", "run.lock"}
    assert {path.name for path in run.folder.parent.parent.iterdir()} <= {"runs", "cache"}


def pixels_of(run: runlog.LocalRun, path: Any) -> np.ndarray:
    with PILImage.open(run.folder / path) as stored:
        return np.asarray(stored)


@pytest.mark.parametrize("key", KEYS_STORED.values(), ids=list(KEYS_STORED))
def test_a_hostile_key_is_stored_inside_the_run_folder(key: str, start: Start) -> None:
    run = start()
    image = Image(GREY[::-1], masks={"m": {"mask_data": GREY}})
    assert log_between(run, {key: [image]}) is None
    check_around(run, middle=True)
    with runlog.open(run.folder) as reader:
        (record,) = reader.images([1])
    assert record.key == key
    assert np.array_equal(pixels_of(run, record.media.path), GREY[::-1])
    assert np.array_equal(pixels_of(run, record.masks[0].media.path), GREY)


@pytest.mark.parametrize("key", KEYS_REFUSED.values(), ids=list(KEYS_REFUSED))
def test_a_key_that_is_none_is_refused_and_loses_nothing(key: Any, start: Start) -> None:
    run = start()
    error = log_between(run, {"other": 1, key: Image(GREY)})
    assert error is not None
    assert "a key must" in str(error)
    check_around(run, middle=False)


@pytest.mark.parametrize("keys", KEYS_ALIKE.values(), ids=list(KEYS_ALIKE))
def test_keys_that_look_alike_stay_apart(keys: tuple[str, str], start: Start) -> None:
    run = start()
    assert log_between(run, {key: Image(GREY + index) for index, key in enumerate(keys)}) is None
    check_around(run, middle=True)
    with runlog.open(run.folder) as reader:
        records = {record.key: record for record in reader.images([1])}
    assert set(records) == set(keys)
    paths = [str(records[key].media.path) for key in keys]
    assert len({unicodedata.normalize("NFC", path).casefold() for path in paths}) == 2
    for index, key in enumerate(keys):
        assert np.array_equal(pixels_of(run, records[key].media.path), GREY + index)


@pytest.mark.parametrize(("caption", "stored"), CAPTIONS.values(), ids=list(CAPTIONS))
def test_a_hostile_caption_is_stored_right(caption: Any, stored: str | None, start: Start) -> None:
    run = start()
    assert log_between(run, {"k": Image(GREY, caption=caption)}) is None
    check_around(run, middle=True)
    with runlog.open(run.folder) as reader:
        assert [record.caption for record in reader.images([1])] == [stored]


@pytest.mark.parametrize(("make", "check"), STORED.values(), ids=list(STORED))
def test_a_hostile_value_is_stored_right(make: Callable[[], Any], check: Check, start: Start) -> None:
    run = start()
    assert log_between(run, lambda: {"k": make()}) is None
    check_around(run, middle=True)
    with runlog.open(run.folder) as reader:
        (record,) = reader.images([1])
    assert check(record, pixels_of(run, record.media.path))


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=list(REFUSED))
def test_a_hostile_value_is_refused_in_our_own_words(
    make: Callable[[], Any], message: str, start: Start
) -> None:
    run = start()
    error = log_between(run, lambda: {"other": Image(GREY), "k": make()})
    assert error is not None
    assert message in str(error)
    assert isinstance(error, (ValueError, TypeError, OSError))
    assert "\n" not in str(error)
    assert error.__cause__ is None
    check_around(run, middle=False)


@pytest.mark.parametrize("step", [-1, 2**63, 1.0, "x", "", True, [1], math.nan])
def test_a_step_that_is_none_is_refused(step: Any, start: Start) -> None:
    run = start()
    error = log_between(run, {"k": Image(GREY)}, step=step)
    assert error is not None
    assert "step must be" in str(error)
    check_around(run, middle=False)


@pytest.mark.parametrize("data", [None, [], "k", 3, [("k", 1)], Image(GREY)], ids=repr)
def test_what_is_no_dict_is_refused(data: Any, start: Start) -> None:
    run = start()
    error = log_between(run, lambda: data)
    assert error is not None
    assert "must get a dict" in str(error)
    check_around(run, middle=False)


def test_a_file_that_vanishes_while_a_list_is_made_loses_no_step(tmp_path: Path, start: Start) -> None:
    path = tmp_path / "runs-photo.png"
    path.write_bytes(saved())
    run = start()

    def pictures() -> Any:
        first = Image(path)
        path.unlink()
        return {"k": [first, Image(path)]}

    error = log_between(run, pictures)
    assert error is not None
    assert "No such file" in str(error)
    check_around(run, middle=False)
