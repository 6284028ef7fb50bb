"""`Image`: a value that shows what it holds, cannot change, and writes nothing until it is logged."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import inspect
import io
import math
import pickle
import sqlite3
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog import BoundingBoxes2D, Classes, Image, ImageMask

Start = Callable[..., runlog.LocalRun]
CORNERS = {"minX": 0.1, "maxX": 0.5, "minY": 0.2, "maxY": 0.9}
BOXES = {
    "prediction": {
        "box_data": [
            {
                "position": CORNERS,
                "class_id": 1,
                "box_caption": "a cat",
                "scores": {"confidence": 0.75, "iou": 0.5},
            },
            {"position": {"middle": [10, 5], "width": 4, "height": 3}, "domain": "pixel", "class_id": 2},
        ],
        "class_labels": {1: "cat", 2: "dog"},
    },
    "truth": {"box_data": [{"position": CORNERS}], "class_labels": {1: "Katze"}},
}


def mask(value: int = 1) -> dict[str, Any]:
    return {"mask_data": np.full((16, 24), value), "class_labels": {value: f"number {value}"}}


@pytest.fixture
def full(photo: np.ndarray) -> Image:
    return Image(
        photo,
        caption="two cats",
        grouping=4,
        classes=[{"id": 9, "name": "sky"}],
        boxes=BOXES,
        masks={"prediction": mask(1), "truth": mask(300)},
        file_type="bmp",
    )


# What it shows


def test_its_parameters_are_those_of_the_reference_and_others_go_by_name_alone() -> None:
    parameters = inspect.signature(Image).parameters
    own = {name for name, one in parameters.items() if one.kind is inspect.Parameter.KEYWORD_ONLY}
    assert own == {"id", "fields"}
    assert [name for name in parameters if name not in own] == [
        "data_or_path",
        "mode",
        "caption",
        "grouping",
        "classes",
        "boxes",
        "masks",
        "file_type",
        "normalize",
    ]
    assert [p.default for p in parameters.values()] == [
        inspect.Parameter.empty,
        *[None] * 7,
        True,
        None,
        None,
    ]


def test_all_of_it_is_readable(full: Image, photo: np.ndarray) -> None:
    assert np.array_equal(np.asarray(full.image), photo)
    assert (full.width, full.height, full.format) == (24, 16, "bmp")
    assert (full.caption, full.grouping) == ("two cats", 4)
    assert full.classes == Classes([{"id": 9, "name": "sky"}])
    assert {name: type(layer) for name, layer in full.boxes.items()} == {
        "prediction": BoundingBoxes2D,
        "truth": BoundingBoxes2D,
    }
    assert {name: type(layer) for name, layer in full.masks.items()} == {
        "prediction": ImageMask,
        "truth": ImageMask,
    }
    assert (full.conversion.source, full.conversion.dtype, full.conversion.shape) == (
        "array",
        "uint8",
        (16, 24, 3),
    )


def test_without_arguments_there_is_nothing_but_the_picture(photo: np.ndarray) -> None:
    image = Image(photo)
    assert (image.caption, image.grouping, image.classes, image.format) == (None, None, None, "png")
    assert (dict(image.boxes), dict(image.masks), dict(image.warnings)) == ({}, {}, {})


def test_the_limits_are_those_of_the_reference() -> None:
    assert (Image.MAX_DIMENSION, Image.MAX_ITEMS, Image.MAX_PIXELS) == (65500, 108, 500_000_000)


def test_the_picture_handed_out_is_the_callers_own(full: Image, photo: np.ndarray) -> None:
    full.image.paste((1, 2, 3), (0, 0, 24, 16))
    assert np.array_equal(np.asarray(full.image), photo)


def test_its_repr_is_short(full: Image, photo: np.ndarray) -> None:
    assert repr(full) == (
        "Image(24×16 RGB bmp, caption='two cats', "
        "boxes=['prediction', 'truth'], masks=['prediction', 'truth'])"
    )
    assert repr(Image(photo)) == "Image(24×16 RGB png)"
    boxes = {f"layer {i}": {"box_data": []} for i in range(100)}
    assert len(repr(Image(photo, caption="x" * 10_000, boxes=boxes))) < 250


@pytest.mark.parametrize(
    ("caption", "stored"),
    [
        (None, None),
        ("", ""),
        ("日本語 <b>", "日本語 <b>"),
        (7, "7"),
        (0.5, "0.5"),
        (np.int64(3), "3"),
        (np.float32(2), "2.0"),
    ],
)
def test_a_caption_is_a_string_a_number_or_none(photo: np.ndarray, caption: Any, stored: str | None) -> None:
    assert Image(photo, caption=caption).caption == stored


def test_a_label_tensor_is_a_caption(photo: np.ndarray) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: captions of tensors NOT TESTED")
    assert Image(photo, caption=torch.tensor(3)).caption == "3"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"caption": b"bytes"}, "caption must be a string or None, but got b'bytes'"),
        ({"caption": ["a"]}, "caption must be a string or None"),
        ({"caption": 1j}, "caption must be a string or None"),
        ({"grouping": 1.0}, "grouping must be an integer or None, but got 1.0"),
        ({"grouping": "1"}, "grouping must be an integer or None"),
        ({"grouping": 2**63}, "grouping must be from"),
        ({"grouping": -(10**100)}, "grouping must be from"),
        ({"grouping": np.zeros(2)}, "grouping must be an integer"),
        ({"normalize": 1}, "normalize must be True or False, but got 1"),
        ({"normalize": None}, "normalize must be True or False"),
        ({"normalize": np.zeros(2)}, "normalize must be True or False"),
        ({"classes": {1: "cat"}}, "classes must be a list"),
        ({"boxes": []}, "boxes must be a dict"),
        ({"masks": np.zeros((2, 2))}, "masks must be a dict"),
    ],
)
def test_an_argument_of_another_kind_is_refused(
    photo: np.ndarray, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(runlog.RunlogError) as caught:
        Image(photo, **arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("grouping", [0, -1, 2**63 - 1, -(2**63), np.uint8(3), True])
def test_a_grouping_is_any_integer_that_the_store_holds(
    photo: np.ndarray, grouping: Any, start: Start
) -> None:
    with start() as run:
        run.log({"k": Image(photo, grouping=grouping)}, step=0)
    with runlog.open(run.folder) as reader:
        assert reader.images([0])[0].grouping == int(grouping)


# Frozen, a value


def test_nothing_of_it_can_be_set(full: Image) -> None:
    for name in (*(field.name for field in dataclasses.fields(full)), "width", "image", "anything"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(full, name, 1)
    for mapping in (full.boxes, full.masks, full.warnings, full.boxes["truth"].class_labels):
        with pytest.raises(TypeError):
            mapping["x"] = 1  # type: ignore[index]
    for array in (full.picture.content, full.masks["truth"].mask_data):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


def test_changing_the_source_changes_nothing(photo: np.ndarray, tmp_path: Path) -> None:
    array, pil = photo.copy(), PILImage.fromarray(photo)
    path, file = tmp_path / "photo.png", io.BytesIO()
    pil.save(path)
    pil.save(file, "PNG")
    images = [Image(array), Image(pil), Image(path), Image(file)]
    array[:] = 0
    pil.paste(0, (0, 0, 24, 16))
    path.write_bytes(b"gone")
    file.seek(0)
    file.truncate()
    for image in images:
        assert np.array_equal(np.asarray(image.image), photo)


def test_construction_writes_nothing(full: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Image(full, caption="again")
    assert list(tmp_path.iterdir()) == []


def test_images_of_the_same_content_are_equal(photo: np.ndarray, full: Image) -> None:
    assert (
        Image(photo) == Image(photo.copy()) == Image(PILImage.fromarray(photo)) == Image(photo.astype(float))
    )
    assert Image(full) == full
    assert hash(Image(full)) == hash(full)
    assert len({Image(photo), Image(photo)}) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "L"},
        {"caption": "other"},
        {"grouping": 5},
        {"classes": []},
        {"boxes": {"truth": BOXES["truth"]}},
        {"masks": {"prediction": mask(2), "truth": mask(300)}},
        {"file_type": "png"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_images_that_differ_anywhere_are_not_equal(full: Image, change: dict[str, Any]) -> None:
    assert Image(full, **change) != full
    assert full != "an image"


def test_one_pixel_makes_a_difference(photo: np.ndarray) -> None:
    other = photo.copy()
    other[3, 4, 1] ^= 1
    assert Image(other) != Image(photo)


def sources(photo: np.ndarray) -> dict[str, Any]:
    def file(name: str, mode: str = "RGB") -> io.BytesIO:
        buffer = io.BytesIO()
        PILImage.fromarray(photo).convert(mode).save(buffer, name)
        return buffer

    return {
        "array": photo,
        "grey": photo[..., 0],
        "PIL": PILImage.fromarray(photo),
        "palette": PILImage.fromarray(photo).quantize(5),
        "I;16": PILImage.fromarray(photo[..., 0].astype(np.uint16) * 99),
        "PNG": file("PNG"),
        "JPEG": file("JPEG"),
        "GIF": file("GIF"),
        "TIFF": file("TIFF"),
        "batch": np.stack([photo] * 3),
    }


@pytest.mark.parametrize("source", list(sources(np.zeros((2, 2, 3), np.uint8))))
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda i: pickle.loads(pickle.dumps(i))])
def test_an_image_survives_copying_and_pickling(
    photo: np.ndarray, source: str, again: Callable[[Any], Any]
) -> None:
    image = Image(
        sources(photo)[source],
        caption="c",
        boxes=None if source == "batch" else BOXES,
        masks=None if source == "batch" else {"m": mask()},
        classes=[{"id": 1, "name": "a"}],
    )
    copied = again(image)
    assert copied == image
    assert copied.conversion == image.conversion
    assert np.array_equal(np.asarray(copied.image), np.asarray(image.image))
    assert copied.warnings == image.warnings
    with pytest.raises(dataclasses.FrozenInstanceError):
        copied.caption = "other"
    if isinstance(copied.picture.content, np.ndarray):
        with pytest.raises(ValueError, match="read-only"):
            copied.picture.content[0, 0] = 1


# all_boxes, all_masks, all_captions


def test_all_boxes_gives_them_as_they_were_given(photo: np.ndarray, start: Start) -> None:
    with start() as run:
        images = [Image(photo), Image(photo, boxes=BOXES)]
        for step in (0, "7"):
            assert Image.all_boxes(images, run, "k", step) == [None, BOXES]
        assert Image.all_boxes(images[:1], run, "k", 0) is False
        assert Image.all_boxes([], run, "k", 0) is False
        assert not (run.folder / "media").exists()
    with runlog.open(run.folder) as reader:
        assert reader.steps() == ()


def test_what_all_boxes_gives_makes_the_same_boxes_again(photo: np.ndarray, start: Start) -> None:
    image = Image(photo, boxes=BOXES)
    with start() as run:
        given = Image.all_boxes([image], run, "k", 0)
    assert given
    assert Image(photo, boxes=given[0]) == image


def test_what_all_boxes_gives_is_the_callers_own(photo: np.ndarray, start: Start) -> None:
    image = Image(photo, boxes=BOXES)
    with start() as run:
        given: Any = Image.all_boxes([image], run, "k", 0)
        given[0]["truth"]["box_data"].clear()
        given[0]["truth"]["class_labels"][1] = "changed"
        assert Image.all_boxes([image], run, "k", 0) == [BOXES]


def test_all_masks_says_where_they_are_stored(photo: np.ndarray, start: Start) -> None:
    with start() as run:
        images = [Image(photo, masks={"a": mask(1), "b": mask(300)}), Image(photo)]
        found: Any = Image.all_masks(images, run, "val/k", "12")
        assert found[1] is None
        assert set(found[0]) == {"a", "b"}
        for name, value in (("a", 1), ("b", 300)):
            entry = found[0][name]
            assert set(entry) == {"path", "sha256", "size", "class_labels"}
            data = (run.folder / entry["path"]).read_bytes()
            assert (hashlib.sha256(data).hexdigest(), len(data)) == (entry["sha256"], entry["size"])
            assert entry["path"].startswith("media/masks/val/k/000000012-0000-")
            assert entry["class_labels"] == {value: f"number {value}"}
            assert (np.asarray(PILImage.open(io.BytesIO(data))) == value).all()


def test_all_masks_never_writes_a_row(photo: np.ndarray, start: Start) -> None:
    images = [Image(photo, masks={"a": mask()})]
    with start() as run:
        assert Image.all_masks([Image(photo)], run, "k", 0) is False
        first = Image.all_masks(images, run, "k", 0)
        run.log({"k": images}, step=0)
        assert Image.all_masks(images, run, "k", 0) == first
    with runlog.open(run.folder) as reader:
        assert [step.step for step in reader.steps()] == [0]
        (record,) = reader.images([0])
        assert str(record.masks[0].media.path) == first[0]["a"]["path"]


@pytest.mark.parametrize(("key", "step"), [("", 0), ("k", -1), ("k", "x"), ("k", 1.5), (3, 0)])
def test_all_masks_refuses_a_key_or_step_that_is_none(
    photo: np.ndarray, start: Start, key: Any, step: Any
) -> None:
    with start() as run, pytest.raises(runlog.RunlogError, match="must"):
        Image.all_masks([Image(photo, masks={"a": mask()})], run, key, step)


def test_all_captions_takes_anything_with_a_caption(photo: np.ndarray) -> None:
    assert Image.all_captions([Image(photo, caption="a"), Image(photo)]) == ["a", None]
    assert Image.all_captions([Image(photo), Image(photo)]) is False
    assert Image.all_captions([]) is False
    assert Image.all_captions([SimpleNamespace(caption="x"), Image(photo)]) == ["x", None]
    assert Image.all_captions([Image(photo, caption="")]) == [""]


def test_anything_but_images_is_refused_by_index(photo: np.ndarray, start: Start) -> None:
    with start() as run:
        for method in (Image.all_boxes, Image.all_masks):
            with pytest.raises(runlog.InvalidTypeError, match=r"images\[1\] must be an Image"):
                method([Image(photo), photo], run, "k", 0)  # type: ignore[list-item]
    with pytest.raises(runlog.InvalidTypeError, match=r"images\[0\] must have a caption"):
        Image.all_captions([3])


# What is stored, and what is warned about


def test_the_conversion_is_stored_and_read_back(photo: np.ndarray, start: Start) -> None:
    batch = np.array([[[[math.nan]]], [[[300.0]]]])
    images = [Image(photo), Image(batch, file_type="jpg"), Image(PILImage.fromarray(photo).convert("CMYK"))]
    with pytest.warns(runlog.RunlogWarning), start() as run:
        run.log({"k": images}, step=0)
    with runlog.open(run.folder) as reader:
        assert [record.conversion for record in reader.images([0])] == [image.conversion for image in images]
    with sqlite3.connect(run.folder / "run.db") as db:
        rules = db.execute("SELECT conversion_rule FROM image_log").fetchall()
    db.close()
    assert rules == [("clip",), ("clip",), ("as_is",)]


BAD_BOX = {"position": {**CORNERS, "maxX": math.nan}}
SURPRISES = {
    "scaled integers": lambda: Image(np.array([[0, 1]])),
    "clipped": lambda: Image(np.array([[0, 256]])),
    "nearly black": lambda: Image(np.array([[0, 1.0001]])),
    "not finite": lambda: Image(np.array([[0, math.nan]])),
    "mode": lambda: Image(np.full((2, 2, 4), 9, np.uint8), file_type="jpg"),
    "mask size": lambda: Image(np.full((2, 2), 9, np.uint8), masks={"m": {"mask_data": [[1, 2, 3]]}}),
    "boxes": lambda: Image(np.full((2, 2), 9, np.uint8), boxes={"p": {"box_data": [BAD_BOX]}}),
}


@pytest.mark.parametrize("topic", SURPRISES)
def test_what_may_surprise_is_warned_about_once_per_key(topic: str, start: Start) -> None:
    image = SURPRISES[topic]()
    assert list(image.warnings) == [topic]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with start() as run:
            run.log({"a": image})
            run.log({"a": [image, image]})
            run.log({"b": [image]})
    messages = [str(warning.message) for warning in caught]
    assert [message.split(":")[0] for message in messages] == ["'a'[0]", "'b'[0]"]
    assert all(image.warnings[topic] in message for message in messages)
    assert {warning.category for warning in caught} == {runlog.RunlogWarning}
    assert {warning.filename for warning in caught} == {__file__}


def test_bad_boxes_are_counted_over_all_layers_and_the_first_is_named(photo: np.ndarray) -> None:
    good, inverted = {"position": CORNERS}, {"position": {**CORNERS, "maxY": -1}}
    boxes = {"a": {"box_data": [good, BAD_BOX]}, "b": {"box_data": [inverted, good]}}
    message = Image(photo, boxes=boxes).warnings["boxes"]
    assert message.startswith("2 of 4 boxes cannot be drawn (NaN, infinite, inverted or empty)")
    assert "number 1 of layer 'a', minX 0.1, maxX nan, minY 0.2, maxY 0.9; they are kept" in message


def test_a_mask_of_another_size_says_so(photo: np.ndarray) -> None:
    image = Image(photo, masks={"ok": mask(), "small": {"mask_data": [[1, 2]]}})
    assert image.warnings["mask size"] == "mask 'small' is 2×1, but the image 24×16: drawn stretched"


def test_of_an_image_in_memory_nothing_is_warned_about() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for make in SURPRISES.values():
            make()


# The examples of the reference


def test_the_examples_of_the_reference(start: Start) -> None:
    pixels = np.random.default_rng(0).integers(low=0, high=256, size=(100, 100, 3))
    pil = PILImage.fromarray(pixels.astype(np.uint8))
    with start() as run:
        images = [Image(given, caption=f"random field {i}") for i, given in enumerate((pixels, pil))]
        run.log({"examples": [*images, Image(pixels, caption="random field 2", file_type="jpg")]})
    with runlog.open(run.folder) as reader:
        records = reader.images([0])
    assert [(r.caption, r.media.format) for r in records] == [
        ("random field 0", "png"),
        ("random field 1", "png"),
        ("random field 2", "jpg"),
    ]
    for record in records[:2]:
        assert np.array_equal(np.asarray(PILImage.open(run.folder / record.media.path)), pixels)


def test_the_torch_examples_of_the_reference() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: the reference's examples NOT TESTED")
    unit = torch.rand(3, 64, 64)
    signed = torch.rand(3, 64, 64) * 2 - 1
    array = unit.permute(1, 2, 0).numpy()
    expected = (array * 255).astype("uint8")
    assert np.array_equal(np.asarray(Image(unit).image), expected)
    assert np.array_equal(
        np.asarray(Image(signed).image),
        (255 * 0.5 * (signed.permute(1, 2, 0).numpy() + 1)).astype(np.uint8),
    )
    assert np.array_equal(np.asarray(Image(PILImage.fromarray(expected)).image), expected)
    raw = Image(unit, normalize=False)
    assert (np.asarray(raw.image) == array.clip(0, 255).astype(np.uint8)).all()
    assert raw.conversion.rule == "none"


def boxed(domain: str | None, *corners: float) -> runlog.Image:
    position = dict(zip(("minX", "maxX", "minY", "maxY"), corners, strict=True))
    boxes = {"p": {"box_data": [{"position": position, "domain": domain}]}}
    return runlog.Image(np.full((200, 300), 9, np.uint8), boxes=boxes)


@pytest.mark.parametrize(
    ("domain", "corners", "message"),
    [
        (None, (40, 110, 30, 90), 'outside the image of 300×200; numbers in pixels need "domain": "pixel"'),
        ("pixel", (300, 310, 0, 10), "outside the image of 300×200"),
        ("pixel", (-20, 0, 0, 10), "outside the image"),
        ("pixel", (0.1, 0.5, 0.1, 0.5), 'within one pixel; fractions of the image need "domain": None'),
    ],
)
def test_a_box_in_the_wrong_domain_is_warned_of(domain: str | None, corners: Any, message: str) -> None:
    assert message in boxed(domain, *corners).warnings["box domain"]


@pytest.mark.parametrize(
    ("domain", "corners"),
    [
        (None, (0.1, 0.5, 0.1, 0.5)),
        (None, (-0.5, 0.1, 0, 2)),
        ("pixel", (0, 300, 0, 200)),
        ("pixel", (0, 1, 0, 9)),
    ],
)
def test_a_box_that_reaches_into_the_image_is_not(domain: str | None, corners: Any) -> None:
    assert boxed(domain, *corners).warnings == {}


# A batch is one sheet


@pytest.mark.parametrize("overlay", [{"boxes": BOXES}, {"masks": {"m": {"mask_data": [[1]]}}}])
@pytest.mark.parametrize("how", ["given", "added to a copy"])
def test_boxes_and_masks_on_a_sheet_of_pictures_are_refused_with_the_fix(
    photo: np.ndarray, overlay: dict[str, Any], how: str
) -> None:
    batch = np.stack([photo] * 3)
    with pytest.raises(runlog.InvalidValueError, match=r"a batch of 3 became one sheet; log a list: \[Image"):
        Image(batch if how == "given" else Image(batch), **overlay)
    assert Image(batch[:1], **overlay).width == photo.shape[1]


@pytest.mark.parametrize("make", [np.array, lambda batch: pytest.importorskip("torch").from_numpy(batch)])
def test_a_batch_says_that_it_became_one_sheet(make: Callable[..., Any]) -> None:
    image = Image(make(np.full((4, 3, 3, 3), 99, np.uint8)))
    assert image.warnings["batch"].startswith("a batch of 4 pictures became one sheet")
    assert "batch" not in Image(np.full((1, 3, 3, 3), 99, np.uint8)).warnings
