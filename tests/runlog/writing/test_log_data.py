"""What a ``log`` dict may hold, and what is refused before anything is written."""

import math
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog.storage.kinds import HISTOGRAM, TEXT
from runlog.storage.layout import check_step
from runlog.writing.log_data import read_values


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (0, 0),
        (7, 7),
        (np.int64(3), 3),
        (np.uint8(3), 3),
        ("12", 12),
        ("0" * 30 + "5", 5),
        ("000", 0),
        (2**63 - 1, 2**63 - 1),
    ],
)
def test_a_step_is_any_integer_or_its_decimal_string(step: Any, expected: int) -> None:
    assert check_step(step) == expected


@pytest.mark.parametrize(
    "step", [-1, 2**63, "-1", "1.0", "", "x", 1.0, True, None, [1], np.float64(2), "9" * 40]
)
def test_any_other_step_is_refused(step: Any) -> None:
    with pytest.raises(runlog.RunlogError, match="step must be"):
        check_step(step)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, 1.0), (0.5, 0.5), (True, 1.0), (np.float32(0.5), 0.5), (np.int64(3), 3.0), (np.bool_(True), 1.0)],
)
def test_numbers_of_every_kind_are_scalars(value: Any, expected: float) -> None:
    assert read_values({"a": value}).scalars == {"a": expected}


def test_nan_is_a_scalar() -> None:
    assert math.isnan(read_values({"a": math.nan}).scalars["a"])


def test_strings_and_lists_of_strings_or_numbers_are_texts() -> None:
    numbers = [1, True, 2.5, np.float32(0.5), math.nan, -math.inf]
    values = read_values({"a": "hello", "b": numbers, "c": ["x", "[1]"], "d": ("x",)})
    assert values.rows == {
        TEXT: {
            "a": (("hello", "text"),),
            "b": (("[1,true,2.5,0.5,null,-9e999]", "numbers"),),
            "c": (("x", "text"), ("[1]", "text")),
            "d": (("x", "text"),),
        }
    }


@pytest.mark.parametrize("count", [0, 2, 32])
def test_a_short_array_is_a_list_of_numbers(count: int) -> None:
    values = read_values({"a": np.arange(count)})
    assert values.rows == {TEXT: {"a": ((str(list(range(count))).replace(" ", ""), "numbers"),)}}


def test_a_long_array_is_a_histogram_and_a_long_list_is_not() -> None:
    array = np.linspace(0, 1, 33)
    values = read_values({"a": array, "b": array.tolist()})
    assert values.rows[HISTOGRAM] == {"a": runlog.Histogram(array)}
    assert set(values.rows[TEXT]) == {"b"}
    assert values.binned == {"a": 33}


@pytest.mark.parametrize("array", [np.array(["a"] * 40), np.array([1j] * 40), np.array([None] * 40)])
def test_an_array_of_no_real_numbers_is_refused(array: np.ndarray) -> None:
    with pytest.raises(runlog.InvalidTypeError, match="'k' must be"):
        read_values({"k": array})


def test_one_image_is_a_gallery_of_one_and_an_empty_list_an_empty_gallery() -> None:
    image = runlog.Image(np.zeros((2, 2), np.uint8))
    assert read_values({"a": image, "b": [image, image], "c": []}).galleries == {
        "a": (image,),
        "b": (image, image),
        "c": (),
    }


def test_a_pil_image_is_taken_as_an_image() -> None:
    (image,) = read_values({"a": PILImage.new("RGB", (3, 2))}).galleries["a"]
    assert (image.width, image.height) == (3, 2)


def test_nested_dicts_are_flattened_with_dots_and_none_is_skipped() -> None:
    assert read_values({"a": {"b": 1, "c": {"d": 2}}, "e": None}).scalars == {"a.b": 1.0, "a.c.d": 2.0}


def test_a_key_given_twice_by_flattening_is_refused() -> None:
    with pytest.raises(runlog.InvalidValueError, match=r"'a\.b' is given twice"):
        read_values({"a": {"b": 1}, "a.b": 2})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object(), "'k' must be an Image, a number"),
        (1 + 2j, "'k' must be"),
        (np.zeros((4, 4, 3)), r"if it is a picture, wrap it in Image\(…\)"),
        (b"bytes", "'k' must be"),
        ({1, 2}, "'k' must be"),
        (lambda: 1, "'k' must be"),
    ],
)
def test_anything_else_is_refused_by_name_of_its_key(value: Any, message: str) -> None:
    with pytest.raises(runlog.InvalidTypeError, match=message):
        read_values({"k": value})


PICTURE = runlog.Image(np.zeros((2, 2), np.uint8))


@pytest.mark.parametrize(
    ("values", "got"),
    [
        ([1, "a"], "'k'[0] is int 1 and 'k'[1] is str 'a'"),
        (("a", "b", 2.5), "'k'[0] is str 'a' and 'k'[2] is float 2.5"),
        ([PICTURE, PICTURE, 3], "'k'[0] is Image Image(2×2 L png) and 'k'[2] is int 3"),
        ([{"a": 1}, "b"], "'k'[0] is dict {'a': 1} and 'k'[1] is str 'b'"),
        ([runlog.File(b"", "a.txt"), "b"], "'k'[0] is File File('a.txt') and 'k'[1] is str 'b'"),
        ([1, None], "'k'[1] is NoneType None"),
        (["a", 2j], "'k'[1] is complex 2j"),
        ([[1, 2], [3]], "'k'[0] is list [1, 2]"),
        (
            [PICTURE, np.zeros(3)],
            "'k'[1] is ndarray array([0., 0., 0.]); of texts, log a list (values.tolist())",
        ),
    ],
    ids=str,
)
def test_a_list_that_is_not_all_of_one_kind_is_refused_by_what_does_not_belong(values: Any, got: str) -> None:
    must = "a list of Images, of strings, of numbers, of dicts, or of Files and Videos, all of one kind"
    with pytest.raises(runlog.InvalidTypeError) as refused:
        read_values({"k": values})
    assert str(refused.value) == f"'k' must be {must}, but {got}"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"iou": {0: 0.5}}, "in 'iou' a key must be a string, but got 0"),
        ({"val": {"iou": {(1, 2): 0.5}}}, r"in 'val\.iou' a key must be a string, but got \(1, 2\)"),
        ({"iou": {"": 0.5}}, "in 'iou' a key must have 1 to 1000 characters"),
        ({"iou": {"a\n": 0.5}}, "in 'iou' a key must not hold control characters"),
        ({0: 0.5}, "^a key must be a string, but got 0"),
    ],
)
def test_a_name_in_a_nested_dict_that_is_none_is_told_with_its_place(data: Any, message: str) -> None:
    with pytest.raises((runlog.InvalidTypeError, runlog.InvalidValueError), match=message):
        read_values(data)


def test_a_number_no_float_holds_is_refused() -> None:
    with pytest.raises(runlog.InvalidValueError, match="a number that a float holds"):
        read_values({"k": 10**400})


@pytest.mark.parametrize("data", [None, 3, "loss", [("a", 1)]])
def test_what_is_no_dict_is_refused(data: Any) -> None:
    with pytest.raises(runlog.InvalidTypeError, match="a dict of key to value"):
        read_values(data)


@pytest.mark.parametrize(
    "value", [np.datetime64(1, "ns"), np.timedelta64(1, "ns"), np.ma.masked, np.array(1, "M8[ns]")]
)
def test_a_date_or_what_is_masked_is_no_number(value: object) -> None:
    for given in (value, [value], [1, value]):
        with pytest.raises(runlog.InvalidTypeError, match="'k'"):
            read_values({"k": given})
