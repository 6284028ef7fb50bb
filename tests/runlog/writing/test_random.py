"""Random input, valid and broken in every place: each is logged exactly or refused by a `RunlogError`.

``RUNLOG_RANDOM_INPUTS`` sets how many inputs are made (20000 is a long run), ``RUNLOG_RANDOM_SEED`` the
seed of the first. A failure names the seed of the input that caused it.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import math
import os
import random
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog import Image

COUNT = int(os.environ.get("RUNLOG_RANDOM_INPUTS", "600"))
FIRST_SEED = int(os.environ.get("RUNLOG_RANDOM_SEED", "0"))
A_RUN = 500

DTYPES = (
    *("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "g"),
    *(">i2", ">u4", ">f4", ">f8"),
)
NO_NUMBERS = ("c8", "O", "U3", "S3", "M8[s]", "m8[s]", "u1,f4", "V4")
PIL_MODES = (
    *(
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
    ),
    *("I;16", "I;16B"),
)
FILE_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "TGA", "ICO")


def junk(rng: random.Random) -> Any:
    """Return something that nobody should pass."""
    return rng.choice(
        [
            *(
                None,
                True,
                -1,
                0,
                65536,
                2**70,
                1.5,
                math.nan,
                -math.inf,
                1j,
                "",
                "x",
                "pixel",
                "\ud800",
                "a\0b",
            ),
            *(b"", b"bytes", [], [1], (), {}, {"a": 1}, {1}, object(), len, int, range(3), Ellipsis),
            *(np.zeros(2), np.array(3), np.array("x"), np.float32(0.5), np.int64(7), np.zeros((2, 2, 2))),
        ]
    )


def some_values(rng: random.Random, count: int) -> list[float]:
    low, high = rng.choice([(0, 1), (-1, 1), (0, 255), (-10, 300), (-1e9, 1e9), (0, 0), (1, 1)])
    values = [rng.uniform(low, high) for _ in range(count)]
    if rng.random() < 0.2 and values:
        values[rng.randrange(count)] = rng.choice([math.nan, math.inf, -math.inf])
    return values


def an_array(rng: random.Random) -> np.ndarray:
    dims = rng.choice([0, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5])
    shape = tuple(rng.choice([1, 2, 3, 4, 5, 7]) for _ in range(dims))
    if dims >= 3 and rng.random() < 0.8:
        shape = (*shape[:-1], rng.choice([1, 2, 3, 4]))
    if rng.random() < 0.05:
        shape = (0, *shape[1:])
    values = np.array(some_values(rng, math.prod(shape))).reshape(shape)
    dtype = np.dtype(rng.choice(DTYPES if rng.random() < 0.9 else NO_NUMBERS))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if dtype.kind in "mM":
            array = values.astype("i8", copy=True).astype(dtype)
        elif dtype.kind == "V":
            array = np.zeros(shape, dtype)
        else:
            array = values.astype(dtype)
    if array.ndim >= 2:
        array = rng.choice(
            [array, array[::-1], array[:, ::2], array.swapaxes(0, 1), np.asfortranarray(array)]
        )
    if rng.random() < 0.05:
        return np.ma.masked_array(array, mask=rng.random() < 0.5)
    return array


def a_tensor(rng: random.Random) -> Any:
    torch = sys.modules.get("torch")
    array = an_array(rng)
    if torch is None or array.dtype.kind not in "?buif" or array.dtype.itemsize > 8 or np.ma.isMA(array):
        return array
    tensor = torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("="), order="C"))
    if tensor.is_floating_point() and rng.random() < 0.5:
        tensor = tensor.to(rng.choice([torch.bfloat16, torch.float16, torch.float32]))
        return tensor.requires_grad_() if rng.random() < 0.5 else tensor
    return tensor


def a_pil_image(rng: random.Random) -> PILImage.Image:
    size = rng.choice([(1, 1), (3, 2), (5, 7), (6, 5), (7, 5), (0, 3)])
    image = PILImage.new(rng.choice(PIL_MODES), size)
    if image.mode in ("L", "RGB", "P") and rng.random() < 0.3:
        image.info["transparency"] = rng.choice([0, 1, b"\0\x80", (1, 2, 3), "x", None])
    if rng.random() < 0.2:
        image.info["icc_profile"] = b"profile"
    if rng.random() < 0.1:
        image.close()
    return image


def a_file(rng: random.Random) -> Any:
    pixels = np.frombuffer(rng.randbytes(6 * 5 * 3), np.uint8).reshape(6, 5, 3)
    buffer = io.BytesIO()
    exif = PILImage.Exif()
    exif[0x0112] = rng.randrange(0, 10)
    name = rng.choice(FILE_FORMATS)
    options: dict[str, Any] = {"exif": exif} if name in ("PNG", "JPEG", "WEBP") else {}
    if name in ("GIF", "TIFF", "PNG") and rng.random() < 0.3:
        options |= {"save_all": True, "append_images": [PILImage.fromarray(pixels[::-1].copy())]}
    PILImage.fromarray(pixels).save(buffer, name, **options)
    data = bytearray(buffer.getvalue())
    for _ in range(rng.choice([0, 0, 0, 0, 0, 1, 3, 20])):
        data[rng.randrange(len(data))] = rng.randrange(256)
    if rng.random() < 0.2:
        del data[rng.randrange(len(data)) :]
    file = io.BytesIO(bytes(data))
    file.seek(rng.choice([0, 0, 5, len(data)]))
    return file


def data_of_an_image(rng: random.Random) -> Any:
    make: Callable[[random.Random], Any] = rng.choice(
        [
            an_array,
            an_array,
            an_array,
            a_tensor,
            a_pil_image,
            a_file,
            a_file,
            lambda r: an_array(r).tolist(),
        ]
    )
    if rng.random() < 0.05:
        return rng.choice([junk(rng), "nothing.png", "/", "", "a\0", Path("nothing.png"), "/dev/null"])
    return make(rng)


def broken_somewhere(rng: random.Random, value: Any) -> Any:
    """Return a structure with junk in one random place, or with a part missing or added."""
    if isinstance(value, dict) and value and rng.random() < 0.8:
        changed, name = dict(value), rng.choice(list(value))
        how = rng.random()
        if how < 0.1:
            del changed[name]
        elif how < 0.2:
            changed[rng.choice(["extra", 1, None, "\ud800"])] = junk(rng)
        else:
            changed[name] = broken_somewhere(rng, value[name])
        return changed
    if isinstance(value, list) and value and rng.random() < 0.8:
        index = rng.randrange(len(value))
        return [*value[:index], broken_somewhere(rng, value[index]), *value[index + 1 :]]
    return junk(rng)


def labels(rng: random.Random) -> dict[int, str]:
    return {
        rng.choice([0, 1, 255, 256, 65535]): rng.choice(["cat", "<b>", "", "\ud800", "字"]) for _ in range(2)
    }


def boxes(rng: random.Random) -> Any:
    def number() -> Any:
        value = some_values(rng, 1)[0]
        return rng.choice([value, np.float32(value), np.array(value)])

    def box() -> dict[str, Any]:
        corners = {name: number() for name in ("minX", "maxX", "minY", "maxY")}
        middle = {"middle": [number(), number()], "width": number(), "height": number()}
        return {
            "position": rng.choice([corners, middle]),
            "domain": rng.choice([None, "pixel"]),
            "class_id": rng.choice([None, 0, 1, np.int64(65535)]),
            "box_caption": rng.choice([None, "a", 3, "\ud800"]),
            "scores": rng.choice([None, {"p": number()}, {"<": 1, "\ud800": 2}]),
        }

    return {
        name: {"box_data": [box() for _ in range(rng.randrange(4))], "class_labels": labels(rng)}
        for name in rng.sample(["p", "truth", "../x", "字", "A b", "a_b"], rng.randrange(1, 3))
    }


def masks(rng: random.Random) -> Any:
    def mask() -> Any:
        shape = rng.choice([(6, 5), (1, 1), (3, 2)])
        ids = np.array([rng.choice([0, 1, 255, 256, 65535]) for _ in range(math.prod(shape))]).reshape(shape)
        return rng.choice([ids, ids.astype(np.uint8), ids > 0, ids.tolist(), ids, ids.astype("u2"), ids - 1])

    def entry() -> dict[str, Any]:
        source = {"path": a_file(rng)} if rng.random() < 0.1 else {"mask_data": mask()}
        return {**source, "class_labels": labels(rng)}

    return {name: entry() for name in rng.sample(["m", "truth", "a/b", "CON"], rng.randrange(1, 3))}


ARGUMENTS: dict[str, Callable[[random.Random], Any]] = {
    "mode": lambda rng: rng.choice([*PIL_MODES, "XX", ""]),
    "caption": lambda rng: rng.choice(["a", "<b>", 7, "\ud800", "x" * 5000, "a\0b"]),
    "grouping": lambda rng: rng.choice([0, -5, 2**63 - 1, 2**63, np.int8(3)]),
    "classes": lambda rng: [{"id": i, "name": name} for i, name in labels(rng).items()],
    "boxes": boxes,
    "masks": masks,
    "file_type": lambda rng: rng.choice(["png", "jpg", "jpeg", "bmp", "webp", "gif"]),
    "normalize": lambda rng: rng.choice([True, False]),
}


def arguments(rng: random.Random) -> dict[str, Any]:
    chosen = rng.sample(sorted(ARGUMENTS), rng.choice([0, 1, 1, 2, 2, 3, 8]))
    given = {name: ARGUMENTS[name](rng) for name in chosen}
    if given and rng.random() < 0.3:
        name = rng.choice(sorted(given))
        given[name] = broken_somewhere(rng, given[name])
    return given


def a_key(rng: random.Random) -> Any:
    if rng.random() < 0.05:
        return rng.choice(["", None, 3, b"key", ("a", "b"), math.nan])
    bad = "\n\0\ud800" if rng.random() < 0.05 else ""
    return "".join(rng.choice("abAB/.. _~-é字\u200b#?%\\:*" + bad) for _ in range(rng.randrange(1, 12)))


def check_stored(run: runlog.LocalRun, logged: dict[int, Image]) -> None:
    """Check that what was logged, and nothing else, is in the folder, to the pixel."""
    with runlog.open(run.folder) as reader:
        records = {r.step: r for r in reader.images([step.step for step in reader.steps()])}
        media = {run.folder / m.path for m in reader.media()}
    assert set(records) == set(logged)
    for step, image in logged.items():
        record = records[step]
        assert (record.media.width, record.media.height) == (image.width, image.height)
        assert record.conversion == image.conversion
        assert {b.name: b.boxes for b in record.boxes} == {n: b.boxes for n, b in image.boxes.items()}
        again = Image(run.folder / record.media.path)
        if image.format != "jpg":
            assert np.array_equal(
                np.asarray(again.image.convert("RGBA")), np.asarray(image.image.convert("RGBA"))
            )
        for mask in record.masks:
            with PILImage.open(run.folder / mask.media.path) as stored:
                assert np.array_equal(np.asarray(stored), image.masks[mask.name].mask_data)
    assert {path for path in (run.folder / "media").rglob("*") if path.is_file()} == media


def log_one(run: runlog.LocalRun, seed: int, step: int) -> Image | None:
    """Make the input of a seed and log it; return the image, or None where it was refused."""
    rng = random.Random(seed)
    try:
        image = Image(data_of_an_image(rng), **arguments(rng))
        run.log({a_key(rng): image}, step=step)
    except runlog.RunlogError:
        return None
    html = image._repr_html_() if rng.random() < 0.1 else repr(image)
    html.encode()
    return image


@pytest.mark.filterwarnings("ignore::runlog.RunlogWarning")
def test_random_input_is_logged_exactly_or_refused_by_one_kind_of_error(
    start: Callable[..., runlog.LocalRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    if importlib.util.find_spec("torch") is not None:
        importlib.import_module("torch")
    for limited in (Image, runlog.ImageMask):
        monkeypatch.setattr(limited, "MAX_PIXELS", 1_000_000)
    counts = {"logged": 0, "refused": 0}
    for first in range(0, COUNT, A_RUN):
        logged: dict[int, Image] = {}
        with start() as run:
            for step in range(min(A_RUN, COUNT - first)):
                seed = FIRST_SEED + first + step
                try:
                    image = log_one(run, seed, step)
                except Exception as error:
                    raise AssertionError(f"input {seed} raised {type(error).__name__}") from error
                if image is not None:
                    logged[step] = image
        check_stored(run, logged)
        counts["logged"] += len(logged)
        counts["refused"] += min(A_RUN, COUNT - first) - len(logged)
    sys.stdout.write(f"{counts}\n")
    assert min(counts.values()) > COUNT / 10
