"""Boxes, masks and classes: every form of the reference taken, everything malformed refused by name."""

from __future__ import annotations

import copy
import enum
import io
import math
import pickle
import re
from collections import OrderedDict
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image as PILImage

import runlog
from runlog import BoundingBoxes2D, Box, Classes, Image, ImageMask

NAN, INF = math.nan, math.inf
CORNERS = {"minX": 0.1, "maxX": 0.5, "minY": 0.2, "maxY": 0.9}
MIDDLE = {"middle": [0.5, 0.4], "width": 0.2, "height": 0.1}


def layer(*boxes: Any, **more: Any) -> dict[str, Any]:
    return {"box_data": list(boxes), **more}


def only_box(**fields: Any) -> Box:
    (box,) = BoundingBoxes2D(layer({"position": CORNERS, **fields}), "p").boxes
    return box


# Boxes


def test_a_box_may_be_given_by_its_corners_or_its_middle() -> None:
    corners, middle = BoundingBoxes2D(layer({"position": CORNERS}, {"position": MIDDLE}), "p").boxes
    assert (corners.form, corners.numbers) == ("min_max", (0.1, 0.5, 0.2, 0.9))
    assert (middle.form, middle.numbers) == ("middle", (0.5, 0.4, 0.2, 0.1))


def test_domain_says_fractions_or_pixels() -> None:
    assert only_box().domain == "fraction"
    assert only_box(domain=None).domain == "fraction"
    assert only_box(domain="pixel").domain == "pixel"


def test_everything_but_the_position_is_optional() -> None:
    box = only_box()
    assert (box.class_id, box.caption, dict(box.scores)) == (None, None, {})
    full = only_box(class_id=7, box_caption="a cat", scores={"p": 0.5, "iou": 1})
    assert (full.class_id, full.caption, full.scores) == (7, "a cat", {"p": 0.5, "iou": 1.0})
    assert only_box(class_id=None, box_caption=None, scores=None) == box


@pytest.mark.parametrize(
    ("form", "domain", "numbers", "expected"),
    [
        ("min_max", "pixel", (1, 5, 2, 6), (1, 2, 5, 6)),
        ("min_max", "fraction", (0.1, 0.5, 0.2, 0.9), (2, 2, 10, 9)),
        ("middle", "pixel", (5, 4, 2, 6), (4, 1, 6, 7)),
        ("middle", "fraction", (0.5, 0.5, 1, 1), (0, 0, 20, 10)),
        ("min_max", "pixel", (-5, 50, -5, 50), (-5, -5, 50, 50)),
    ],
)
def test_pixel_corners(form: Any, domain: Any, numbers: Any, expected: Any) -> None:
    assert Box(form, domain, numbers).pixel_corners(20, 10) == pytest.approx(expected)


@pytest.mark.parametrize(
    "numbers",
    [(NAN, 1, 0, 1), (0, INF, 0, 1), (-INF, 1, 0, 1), (1, 0, 0, 1), (0, 1, 1, 0), (0, 0, 0, 1), (0, 1, 1, 1)],
)
@pytest.mark.parametrize("domain", ["fraction", "pixel"])
def test_a_box_that_cannot_be_drawn_has_no_corners(numbers: Any, domain: Any) -> None:
    assert Box("min_max", domain, numbers).pixel_corners(10, 10) is None
    left, right, top, bottom = numbers
    middle = ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
    assert Box("middle", domain, middle).pixel_corners(10, 10) is None


def torch_scalar(value: float) -> Any:
    torch = pytest.importorskip("torch", reason="torch is not installed: tensors as numbers NOT TESTED")
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


NUMBERS: dict[str, Callable[[float], Any]] = {
    "float": float,
    "float16": np.float16,
    "float32": np.float32,
    "float64": np.float64,
    "longdouble": np.longdouble,
    "0-d array": np.array,
    "array of one": lambda value: np.array([value]),
    "Fraction": Fraction,
    "torch": torch_scalar,
}


@pytest.mark.parametrize("number", NUMBERS.values(), ids=list(NUMBERS))
def test_numbers_of_every_kind_are_numbers(number: Callable[[float], Any]) -> None:
    position = {name: number(value) for name, value in zip(CORNERS, (0.25, 0.5, 0.125, 1), strict=True)}
    box = only_box(position=position, scores={"p": number(0.5)})
    assert (box.numbers, box.scores) == ((0.25, 0.5, 0.125, 1.0), {"p": 0.5})
    assert all(type(value) is float for value in (*box.numbers, *box.scores.values()))
    middle = {"middle": (number(0.5), number(0.25)), "width": number(1), "height": number(2)}
    assert only_box(position=middle).numbers == (0.5, 0.25, 1.0, 2.0)


@pytest.mark.parametrize("integer", [int, np.uint8, np.int64, np.uint16, np.array], ids=lambda i: i.__name__)
def test_integers_of_every_kind_are_numbers_and_class_ids(integer: Callable[[int], Any]) -> None:
    box = only_box(position=dict.fromkeys(CORNERS, integer(3)), class_id=integer(5))
    assert (box.numbers, box.class_id) == ((3.0,) * 4, 5)
    assert type(box.class_id) is int


def test_a_torch_integer_is_a_class_id() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: tensors as class ids NOT TESTED")
    assert only_box(class_id=torch.tensor(5)).class_id == 5
    middle = {"middle": torch.tensor([0.5, 0.25]), "width": torch.tensor(1), "height": 2}
    assert only_box(position=middle).numbers == (0.5, 0.25, 1.0, 2.0)


@pytest.mark.parametrize("middle", [[1, 2], (1, 2), np.array([1, 2]), np.array([1.0, 2.0], np.float16)])
def test_a_middle_is_a_list_a_tuple_or_an_array(middle: Any) -> None:
    assert only_box(position={"middle": middle, "width": 3, "height": 4}).numbers == (1.0, 2.0, 3.0, 4.0)


def test_mappings_and_iterables_of_other_kinds_will_do() -> None:
    position = MappingProxyType(CORNERS)
    boxes = BoundingBoxes2D(OrderedDict(box_data=(b for b in [{"position": position}])), "p").boxes
    assert boxes == (Box("min_max", "fraction", (0.1, 0.5, 0.2, 0.9)),)
    assert BoundingBoxes2D({"box_data": ()}, "p").boxes == ()


@pytest.mark.parametrize("bad", [NAN, INF, -INF, -1.0, 0.1])
def test_bad_values_of_a_diverging_model_are_kept(bad: float) -> None:
    box = only_box(position={**CORNERS, "maxX": bad})
    assert box.numbers[1] == bad or math.isnan(bad)
    assert math.isnan(only_box(scores={"p": NAN}).scores["p"])


def test_nan_equals_nan_in_a_box() -> None:
    one, other = (
        only_box(position={**CORNERS, "minX": float("nan")}, scores={"p": float("nan")}) for _ in "ab"
    )
    assert one == other
    assert hash(one) == hash(other)
    assert pickle.loads(pickle.dumps(one)) == one
    assert one != only_box()


@pytest.mark.parametrize(
    ("given", "stored"), [("x", "x"), (7, "7"), (np.float32(0.5), "0.5"), ("", ""), (True, "True")]
)
def test_captions_are_strings_or_numbers(given: Any, stored: str) -> None:
    assert only_box(box_caption=given).caption == stored


# Everything about boxes broken once: what is wrong, and where the message must say it is

BROKEN_BOXES: list[tuple[str, Any, str]] = [
    ("layer is no dict", [1], "boxes['p'] must be a dict, but got [1]"),
    ("no box_data", {}, "boxes['p'] must have 'box_data'"),
    ("unknown field of a layer", layer(colour="red"), "but got ['colour']"),
    (
        "box_data is a number",
        {"box_data": 3},
        "boxes['p']['box_data'] must be a list of box dicts, but got 3",
    ),
    ("box_data is None", {"box_data": None}, "boxes['p']['box_data'] must be a list"),
    ("box_data is a dict", {"box_data": {"position": CORNERS}}, "boxes['p']['box_data'] must be a list"),
    ("box_data is text", {"box_data": "boxes"}, "boxes['p']['box_data'] must be a list"),
    ("box is no dict", layer([0, 1, 0, 1]), "boxes['p']['box_data'][0] must be a dict"),
    ("no position", layer({"class_id": 1}), "boxes['p']['box_data'][0] must have 'position'"),
    ("position is None", layer({"position": None}), "[0]['position'] must be a dict"),
    ("position is a list", layer({"position": [0, 1, 0, 1]}), "[0]['position'] must be a dict"),
    ("position is empty", layer({"position": {}}), "with minX, maxX, minY and maxY, or with middle"),
    ("corner missing", layer({"position": {"minX": 0, "maxX": 1, "minY": 0}}), "minX, maxX, minY and maxY"),
    ("both forms", layer({"position": {**CORNERS, **MIDDLE}}), "minX, maxX, minY and maxY"),
    (
        "corner is text",
        layer({"position": {**CORNERS, "maxY": "1"}}),
        "['position']['maxY'] must be a number",
    ),
    (
        "corner is None",
        layer({"position": {**CORNERS, "minX": None}}),
        "['position']['minX'] must be a number",
    ),
    (
        "corner is complex",
        layer({"position": {**CORNERS, "minX": 1j}}),
        "['minX'] must be a number, but got 1j",
    ),
    (
        "corner is a list",
        layer({"position": {**CORNERS, "minX": [1]}}),
        "['minX'] must be a number, but got [1]",
    ),
    (
        "corner is two numbers",
        layer({"position": {**CORNERS, "minX": np.zeros(2)}}),
        "['minX'] must be a number",
    ),
    ("corner past float", layer({"position": {**CORNERS, "minX": 10**400}}), "['minX'] must be a number"),
    (
        "middle of three",
        layer({"position": {**MIDDLE, "middle": [1, 2, 3]}}),
        "['middle'] must be two numbers",
    ),
    ("middle is a number", layer({"position": {**MIDDLE, "middle": 1}}), "['middle'] must be two numbers"),
    ("middle of text", layer({"position": {**MIDDLE, "middle": ["a", 1]}}), "['middle'][0] must be a number"),
    (
        "width is text",
        layer({"position": {**MIDDLE, "width": "a"}}),
        "['width'] must be a number, but got 'a'",
    ),
    (
        "unknown domain",
        layer({"position": CORNERS, "domain": "pixels"}),
        "['domain'] must be None or 'pixel'",
    ),
    ("domain is an array", layer({"position": CORNERS, "domain": np.zeros(2)}), "['domain'] must be None or"),
    ("class id is a float", layer({"position": CORNERS, "class_id": 1.0}), "['class_id'] must be an integer"),
    (
        "class id is text",
        layer({"position": CORNERS, "class_id": "1"}),
        "['class_id'] must be an integer, but",
    ),
    (
        "class id below 0",
        layer({"position": CORNERS, "class_id": -1}),
        "['class_id'] must be from 0 to 65535",
    ),
    ("class id too large", layer({"position": CORNERS, "class_id": 65536}), "but got 65536"),
    ("class id is two", layer({"position": CORNERS, "class_id": np.zeros(2, int)}), "must be an integer"),
    (
        "caption is a list",
        layer({"position": CORNERS, "box_caption": ["a"]}),
        "['box_caption'] must be a string",
    ),
    (
        "caption is bytes",
        layer({"position": CORNERS, "box_caption": b"a"}),
        "['box_caption'] must be a string",
    ),
    ("scores are a number", layer({"position": CORNERS, "scores": 0.5}), "['scores'] must be a dict of name"),
    (
        "score is text",
        layer({"position": CORNERS, "scores": {"p": "high"}}),
        "['scores']['p'] must be a number",
    ),
    (
        "score name is a number",
        layer({"position": CORNERS, "scores": {1: 0.5}}),
        "a name in boxes['p']['box_data']",
    ),
    ("labels are a list", layer(class_labels=["a"]), "boxes['p']['class_labels'] must be a dict of class id"),
    ("label is no string", layer(class_labels={1: 2}), "['class_labels'][1] must be a string, but got 2"),
    (
        "label id is text",
        layer(class_labels={"1": "a"}),
        "a class id in boxes['p']['class_labels'] must be an",
    ),
    ("label id below 0", layer(class_labels={-1: "a"}), "must be from 0 to 65535, but got -1"),
]


@pytest.mark.parametrize(
    ("value", "message"), [b[1:] for b in BROKEN_BOXES], ids=[b[0] for b in BROKEN_BOXES]
)
@pytest.mark.parametrize("how", ["class", "dict"])
def test_malformed_boxes_are_refused_by_layer_index_and_field(
    how: str, value: Any, message: str, photo: np.ndarray
) -> None:
    with pytest.raises(runlog.RunlogError) as caught:
        BoundingBoxes2D(value, "p") if how == "class" else Image(photo, boxes={"p": value})
    assert message in str(caught.value)
    assert isinstance(caught.value, (ValueError, TypeError))
    assert "\n" not in str(caught.value)


def test_the_message_names_the_index_of_the_box() -> None:
    with pytest.raises(runlog.InvalidValueError, match=re.escape("boxes['truth']['box_data'][2]['domain']")):
        BoundingBoxes2D(layer(*[{"position": CORNERS}] * 2, {"position": CORNERS, "domain": 1}), "truth")


# Masks


@pytest.mark.parametrize(
    ("ids", "dtype"),
    [
        (np.array([[0, 255]], np.uint8), np.uint8),
        (np.array([[0, 255]], np.int64), np.uint8),
        (np.array([[0, 256]], np.int64), np.uint16),
        (np.array([[65535, 1]], np.int32), np.uint16),
        (np.array([[True, False]]), np.uint8),
        (np.array([[3, 4]], ">u2"), np.uint8),
        ([[1, 2], [3, 4]], np.uint8),
        (np.arange(8).reshape(2, 4)[:, ::-2], np.uint8),
    ],
)
def test_class_ids_take_as_few_bits_as_they_need(ids: Any, dtype: type) -> None:
    mask = ImageMask({"mask_data": ids}, "m")
    assert mask.mask_data.dtype == dtype
    assert np.array_equal(mask.mask_data, np.asarray(ids).astype(int))
    assert mask.class_ids == tuple(np.unique(np.asarray(ids)).tolist())


def test_a_mask_may_be_a_tensor() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: tensor masks NOT TESTED")
    for dtype in (torch.int64, torch.uint8, torch.bool):
        assert ImageMask({"mask_data": torch.eye(3).to(dtype)}, "m").class_ids == (0, 1)


def test_a_large_mask_has_its_ids_counted_whole() -> None:
    ids = np.zeros((1100, 1000), np.uint16)
    ids[-1, -1], ids[0, 0] = 65535, 9
    assert ImageMask({"mask_data": ids}, "m").class_ids == (0, 9, 65535)


def mask_file(folder: Path, mode: str, values: np.ndarray) -> Path:
    image = PILImage.fromarray(values)
    if mode == "P":
        image = PILImage.frombytes("P", image.size, values.tobytes())
        image.putpalette([level for index in range(256) for level in (255 - index, index, 7)])
    elif mode != image.mode:
        image = image.convert(mode)
    image.save(folder / "mask.png")
    return folder / "mask.png"


@pytest.mark.parametrize(
    ("mode", "values"),
    [
        ("L", np.array([[0, 200]], np.uint8)),
        ("P", np.array([[3, 200]], np.uint8)),
        ("I;16", np.array([[0, 65535]], np.uint16)),
    ],
)
def test_a_mask_by_path_is_read_as_indices_and_keeps_its_labels(
    tmp_path: Path, mode: str, values: np.ndarray
) -> None:
    path = mask_file(tmp_path, mode, values)
    for source in (path, str(path), io.BytesIO(path.read_bytes())):
        mask = ImageMask({"path": source, "class_labels": {3: "cat"}}, "m")
        assert np.array_equal(mask.mask_data, values)
        assert mask.class_labels == {3: "cat"}


def test_a_bilevel_mask_file_holds_0_and_1(tmp_path: Path) -> None:
    path = mask_file(tmp_path, "1", np.array([[0, 255]], np.uint8))
    assert ImageMask({"path": path}, "m").mask_data.tolist() == [[0, 1]]


def test_a_mask_file_is_turned_upright(tmp_path: Path) -> None:
    exif = PILImage.Exif()
    exif[0x0112] = 6
    PILImage.fromarray(np.array([[1, 2, 3]], np.uint8)).save(tmp_path / "m.png", exif=exif)
    assert ImageMask({"path": tmp_path / "m.png"}, "m").mask_data.tolist() == [[1], [2], [3]]


BROKEN_MASKS: list[tuple[str, Any, str]] = [
    ("layer is no dict", np.zeros((2, 2), int), "masks['m'] must be a dict"),
    ("neither data nor path", {}, "masks['m'] must have 'mask_data'"),
    ("both data and path", {"mask_data": [[1]], "path": "x"}, "but got ['mask_data']"),
    ("unknown field", {"mask_data": [[1]], "alpha": 1}, "but got ['alpha']"),
    ("None", {"mask_data": None}, "masks['m']['mask_data'] must be a 2-D array of integers"),
    ("fractions", {"mask_data": np.full((2, 2), 0.5)}, "but got 0.5 in float64; of scores by class, pass"),
    ("NaN", {"mask_data": np.array([[0, np.nan]])}, "must hold whole class ids, but got nan in float64"),
    ("infinite", {"mask_data": np.array([[0, np.inf]])}, "must hold whole class ids, but got inf"),
    ("huge floats", {"mask_data": np.array([[0, 1e300]])}, "must hold class ids from 0 to 65535"),
    ("one-hot first", {"mask_data": np.zeros((5, 8, 9), bool)}, "pass mask.argmax(0)"),
    ("one-hot last", {"mask_data": np.zeros((8, 9, 5))}, "pass mask.argmax(-1)"),
    ("complex", {"mask_data": np.zeros((2, 2), complex)}, "of complex128"),
    ("objects", {"mask_data": np.array([[None]])}, "of object"),
    ("text", {"mask_data": "mask.png"}, "must be a 2-D array of integers"),
    ("1-D", {"mask_data": np.zeros(4, int)}, "but got shape (4,)"),
    ("3-D", {"mask_data": np.zeros((2, 2, 3), int)}, "but got shape (2, 2, 3)"),
    ("4-D", {"mask_data": np.zeros((1, 1, 2, 2), int)}, "but got shape (1, 1, 2, 2)"),
    ("empty", {"mask_data": np.zeros((0, 2), int)}, "but got shape (0, 2)"),
    ("ragged", {"mask_data": [[1, 2], [3]]}, "masks['m']['mask_data'] must be an array"),
    ("masked", {"mask_data": np.ma.masked_equal(np.eye(2, dtype=int), 0)}, "masked array"),
    ("id below 0", {"mask_data": [[-1, 2]]}, "but got -1 to 2; to ignore pixels, set them to 255"),
    ("id far below 0", {"mask_data": [[-7, 2]]}, "must hold class ids from 0 to 65535, but got -7 to 2"),
    ("id too large", {"mask_data": [[0, 65536]]}, "must hold class ids from 0 to 65535, but got 0 to 65536"),
    ("too wide", {"mask_data": np.zeros((1, 65501), np.uint8)}, "at most 65500 px a side"),
    ("too many pixels", {"mask_data": np.broadcast_to(np.uint8(0), (60000, 60000))}, "ImageMask.MAX_PIXELS"),
    ("path missing", {"path": "nothing.png"}, "masks['m']['path'] must be a readable file"),
    ("path is None", {"path": None}, "masks['m']['path'] must be a path or an open binary file"),
    (
        "labels are a list",
        {"mask_data": [[1]], "class_labels": ["a"]},
        "masks['m']['class_labels'] must be a",
    ),
    ("label is no string", {"mask_data": [[1]], "class_labels": {1: None}}, "['class_labels'][1] must be a"),
    (
        "label id is a float",
        {"mask_data": [[1]], "class_labels": {1.5: "a"}},
        "must be an integer, but got 1.5",
    ),
]


@pytest.mark.parametrize(
    ("value", "message"), [b[1:] for b in BROKEN_MASKS], ids=[b[0] for b in BROKEN_MASKS]
)
@pytest.mark.parametrize("how", ["class", "dict"])
def test_malformed_masks_are_refused_by_layer_and_field(
    how: str, value: Any, message: str, photo: np.ndarray
) -> None:
    with pytest.raises(runlog.RunlogError) as caught:
        ImageMask(value, "m") if how == "class" else Image(photo, masks={"m": value})
    assert message in str(caught.value)
    assert isinstance(caught.value, (ValueError, TypeError, OSError))


def test_a_colour_picture_is_no_mask_file(tmp_path: Path, photo: np.ndarray) -> None:
    PILImage.fromarray(photo).save(tmp_path / "photo.png")
    with pytest.raises(runlog.InvalidValueError, match=r"masks\['m'\]\['path'\] must be a grey or palette"):
        ImageMask({"path": tmp_path / "photo.png"}, "m")


# Classes and layers


def test_classes_are_ids_and_names() -> None:
    classes = Classes([{"id": 0, "name": "sky"}, {"id": np.int64(65535), "name": "sea", "colour": "blue"}])
    assert classes.class_labels == {0: "sky", 65535: "sea"}
    assert list(classes) == [{"id": 0, "name": "sky"}, {"id": 65535, "name": "sea"}]
    assert classes == Classes(list(classes))
    assert Classes(()).class_labels == {}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "classes must be a list"),
        ({1: "a"}, "classes must be a list"),
        ("abc", "classes must be a list"),
        ([1], "classes[0] must be a dict with 'id' and 'name', but got 1"),
        ([{"id": 1}], "classes[0] must be a dict with 'id' and 'name'"),
        ([{"id": 1, "name": "a"}, {"id": "2", "name": "b"}], "classes[1]['id'] must be an integer"),
        ([{"id": 70000, "name": "a"}], "classes[0]['id'] must be from 0 to 65535"),
        ([{"id": 1, "name": 2}], "classes[0]['name'] must be a string, but got 2"),
        ([{"id": 1, "name": "a"}, {"id": 1, "name": "b"}], "classes[1]['id'] must be unique"),
    ],
)
def test_malformed_classes_are_refused_by_index_and_field(value: Any, message: str) -> None:
    with pytest.raises(runlog.RunlogError) as caught:
        Classes(value)
    assert message in str(caught.value)


def test_classes_and_dicts_mix(photo: np.ndarray) -> None:
    boxes, mask = layer({"position": CORNERS}), {"mask_data": np.ones((16, 24), int)}
    plain = Image(photo, boxes={"a": boxes, "b": boxes}, masks={"a": mask, "b": mask})
    mixed = Image(
        photo,
        boxes={"a": BoundingBoxes2D(boxes, "a"), "b": boxes},
        masks={"a": mask, "b": ImageMask(mask, "b")},
    )
    assert mixed == plain


def test_the_name_in_the_dict_counts(photo: np.ndarray) -> None:
    boxes, mask = layer({"position": CORNERS}), {"mask_data": np.ones((16, 24), int)}
    given_boxes, given_mask = BoundingBoxes2D(boxes, "old"), ImageMask(mask, "old")
    image = Image(photo, boxes={"new": given_boxes}, masks={"new": given_mask})
    assert (image.boxes["new"].key, image.masks["new"].key) == ("new", "new")
    assert (given_boxes.key, given_mask.key) == ("old", "old")
    assert image == Image(photo, boxes={"new": boxes}, masks={"new": mask})


class Split(str, enum.Enum):  # noqa: UP042 - a StrEnum would hide what is tested: str() of it is another text
    TRAIN = "train"


@pytest.mark.parametrize("text", [np.str_("train"), Split.TRAIN])
def test_a_subclass_of_str_counts_as_its_content(photo: np.ndarray, text: str) -> None:
    image = Image(
        photo,
        caption=text,
        boxes={text: layer({"position": CORNERS, "box_caption": text}, class_labels={1: text})},
    )
    labels = image.boxes["train"].class_labels
    for got in (image.caption, *image.boxes, image.boxes["train"].boxes[0].caption, labels[1]):
        assert (type(got), got) == (str, "train")


@pytest.mark.parametrize("argument", ["boxes", "masks"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1], "must be a dict of layer name to layer, but got [1]"),
        ("layers", "must be a dict of layer name to layer"),
        ({1: {}}, "a layer name of {} must be a string, but got 1"),
        ({"": {}}, "a layer name of {} must be a non-empty string"),
        ({"a\0b": {}}, "without control characters"),
        ({"a\nb": {}}, "without control characters"),
        ({"\ud800": {}}, "surrogates, but got '\\ud800'"),
        ({"p": None}, "{}['p'] must be a dict, but got None"),
    ],
)
def test_malformed_layers_are_refused(photo: np.ndarray, argument: str, value: Any, message: str) -> None:
    with pytest.raises(runlog.RunlogError) as caught:
        Image(photo, **{argument: value})
    assert message.format(argument) in str(caught.value)


# Frozen, and apart from what the caller holds


def test_the_callers_dicts_are_never_changed(photo: np.ndarray) -> None:
    given = {
        "boxes": {"p": layer({"position": dict(CORNERS), "scores": {"s": 1}}, class_labels={1: "a"})},
        "masks": {"m": {"mask_data": [[1, 2]], "class_labels": {1: "a"}}},
        "classes": [{"id": 1, "name": "a"}],
    }
    before = copy.deepcopy(given)
    Image(photo, **given)
    assert given == before


def test_changing_what_was_given_changes_nothing(photo: np.ndarray) -> None:
    ids, labels, scores = np.ones((16, 24), np.uint8), {1: "cat"}, {"p": 0.5}
    boxes = {"p": layer({"position": dict(CORNERS), "scores": scores}, class_labels=labels)}
    masks = {"m": {"mask_data": ids, "class_labels": labels}}
    classes = [{"id": 1, "name": "cat"}]
    image = Image(photo, boxes=boxes, masks=masks, classes=classes)
    twin = pickle.loads(pickle.dumps(image))
    ids[:] = 9
    labels[1] = scores["p"] = classes[0]["name"] = "changed"  # type: ignore[assignment]
    boxes["p"]["box_data"][0]["position"]["minX"] = 7
    boxes["q"] = masks["n"] = {}
    assert image == twin
    assert image.masks["m"].mask_data.max() == 1


@pytest.mark.parametrize(
    "value",
    [
        only_box(scores={"p": 0.5}),
        BoundingBoxes2D(layer({"position": CORNERS}, class_labels={1: "a"}), "p"),
        ImageMask({"mask_data": [[1, 300]], "class_labels": {1: "a"}}, "m"),
        Classes([{"id": 1, "name": "a"}]),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_values_are_frozen_hashable_and_survive_copying(value: Any, again: Callable[[Any], Any]) -> None:
    for name in (*value.__slots__, "anything"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(value, name, 1)
    copied = again(value)
    assert copied == value
    assert hash(copied) == hash(value)
    assert copied != object()
    if isinstance(value, ImageMask):
        with pytest.raises(ValueError, match="read-only"):
            copied.mask_data[0, 0] = 7


def test_reprs_are_short() -> None:
    many = [{"position": CORNERS, "box_caption": "x" * 1000}] * 1000
    assert repr(BoundingBoxes2D(layer(*many), "p")) == "BoundingBoxes2D('p', 1000 boxes)"
    assert repr(ImageMask({"mask_data": [[1, 3], [3, 3]]}, "m")) == "ImageMask('m', 2×2, class ids (1, 3))"
    assert len(repr(ImageMask({"mask_data": np.arange(60_000).reshape(300, 200)}, "m" * 500))) < 250
    assert repr(Classes([{"id": 1, "name": "a"}])) == "Classes({1: 'a'})"
    assert len(repr(Classes([{"id": i, "name": "a"} for i in range(1000)]))) < 100


# Through the store and back

IDS = st.one_of(st.none(), st.integers(0, 65535))
FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=64)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
POSITIONS = st.one_of(
    st.fixed_dictionaries(dict.fromkeys(CORNERS, FLOATS)),
    st.fixed_dictionaries({"middle": st.tuples(FLOATS, FLOATS), "width": FLOATS, "height": FLOATS}),
)
BOXES = st.fixed_dictionaries(
    {"position": POSITIONS},
    optional={
        "domain": st.sampled_from([None, "pixel"]),
        "class_id": IDS,
        "box_caption": st.one_of(st.none(), TEXT),
        "scores": st.dictionaries(TEXT, FLOATS, max_size=3),
    },
)
LABELS = st.dictionaries(st.integers(0, 65535), TEXT, max_size=4)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
BOX_LAYERS = st.dictionaries(
    NAMES,
    st.fixed_dictionaries({"box_data": st.lists(BOXES, max_size=4)}, optional={"class_labels": LABELS}),
    max_size=3,
)
SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=6)
MASK_DATA = st.one_of(
    hnp.arrays(np.bool_, SHAPES),
    hnp.arrays(np.uint8, SHAPES),
    hnp.arrays(st.sampled_from([np.int64, ">u2"]), SHAPES, elements=st.integers(0, 65535)),
)
MASK_LAYERS = st.dictionaries(
    NAMES,
    st.fixed_dictionaries({"mask_data": MASK_DATA}, optional={"class_labels": LABELS}),
    max_size=2,
)


@pytest.mark.filterwarnings("ignore::runlog.RunlogWarning")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(boxes=BOX_LAYERS, masks=MASK_LAYERS, shared=LABELS)
def test_boxes_and_masks_come_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, boxes: Any, masks: Any, shared: dict[int, str]
) -> None:
    classes = [{"id": class_id, "name": name} for class_id, name in shared.items()]
    image = Image(np.zeros((3, 4), np.uint8), boxes=boxes, masks=masks, classes=classes)
    with runlog.init(dir=tmp_path_factory.mktemp("runs"), quiet=True) as run:
        run.log({"k": image}, step=0)
    with runlog.open(run.folder) as reader:
        (record,) = reader.images([0])
    assert {layer.name: layer.boxes for layer in record.boxes} == {n: v.boxes for n, v in image.boxes.items()}
    for layer_record in record.boxes:
        own = boxes[layer_record.name].get("class_labels", {})
        assert layer_record.class_labels == {**shared, **own}
    assert {mask.name for mask in record.masks} == set(masks)
    for mask in record.masks:
        expected = np.asarray(masks[mask.name]["mask_data"]).astype(int)
        with PILImage.open(run.folder / mask.media.path) as stored:
            assert np.array_equal(np.asarray(stored), expected)
        assert mask.class_ids == tuple(np.unique(expected).tolist())
        assert mask.class_labels == {**shared, **masks[mask.name].get("class_labels", {})}


# What people have, near what is asked for


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_float_masks_of_whole_numbers_are_class_ids(dtype: type) -> None:
    mask = ImageMask({"mask_data": np.array([[0, 1], [7, 255]], dtype)}, "m")
    assert mask.mask_data.tolist() == [[0, 1], [7, 255]]
    assert mask.mask_data.dtype == np.uint8


@pytest.mark.parametrize("shape", [(1, 2, 3), (2, 3, 1), (1, 3, 1), (1, 1, 1)])
def test_an_axis_of_one_first_or_last_is_dropped_from_a_mask(shape: tuple[int, ...]) -> None:
    ids = np.arange(np.prod(shape)).reshape(shape)
    mask = ImageMask({"mask_data": ids}, "m").mask_data
    assert mask.shape == ((shape[1], shape[2]) if shape[0] == 1 else shape[:2])
    assert mask.reshape(-1).tolist() == ids.reshape(-1).tolist()


@pytest.mark.parametrize("format_", ["JPEG", "MPO"])
def test_a_jpeg_is_no_mask_since_it_changes_class_ids(tmp_path: Path, format_: str) -> None:
    path = tmp_path / "mask.png"
    PILImage.fromarray(np.eye(32, dtype=np.uint8)).save(path, format_)
    with pytest.raises(runlog.InvalidValueError, match=r"JPEG, which changes\s+them; save masks as PNG"):
        ImageMask({"path": path}, "m")


def test_fields_that_no_box_has_are_ignored_with_one_warning(photo: np.ndarray) -> None:
    boxes = [
        {"position": CORNERS, "label": 1},
        {"position": CORNERS, "track": 7, "label": 2},
        {"position": CORNERS},
    ]
    image = Image(photo, boxes={"p": {"box_data": boxes}})
    assert len(image.boxes["p"].boxes) == 3
    assert image.warnings["box fields"] == (
        "boxes of layer 'p' have fields that no box has, which were ignored: 'label', 'track'; "
        "a box has position, domain, class_id, box_caption, scores, iscrowd, ignore"
    )
    assert image.boxes["p"] == BoundingBoxes2D({"box_data": [{"position": CORNERS}] * 3}, "p")


@pytest.mark.parametrize(
    ("position", "message"),
    [
        # x1, y1, x2, y2 in the places of minX, maxX, minY, maxY
        (
            {"minX": 10, "maxX": 5, "minY": 40, "maxY": 30},
            "minX 10, maxX 5, minY 40, maxY 30; they are kept; if they were given as x, y, x, y: "
            "that order is minX, minY, maxX, maxY",
        ),
        (
            {"minX": 10, "maxX": 5, "minY": 3, "maxY": 4},
            "minX 10, maxX 5, minY 3, maxY 4; they are kept; a box has minX < maxX and minY < maxY",
        ),
        (
            {"middle": [5, 5], "width": 0, "height": 3},
            "middle x 5, middle y 5, width 0, height 3; they are kept",
        ),
    ],
)
def test_a_box_that_cannot_be_drawn_is_told_by_the_names_of_its_numbers(
    photo: np.ndarray, position: dict[str, Any], message: str
) -> None:
    image = Image(photo, boxes={"p": {"box_data": [{"position": position, "domain": "pixel"}]}})
    assert image.warnings["boxes"].endswith(f"such as number 0 of layer 'p', {message}")
