"""Which picture an image is, and its fields: what may be given, and how it is kept."""

import math
import pickle
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog

GREY = np.zeros((2, 3), np.uint8)


def image(**more: Any) -> runlog.Image:
    return runlog.Image(GREY, **more)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    PILImage.fromarray(GREY).save(tmp_path / "0123.png")
    return tmp_path / "0123.png"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("val/0123", "val/0123"), (17, "17"), (np.int64(17), "17"), (None, None), (False, None)],
)
def test_an_id_is_a_text_an_integer_or_none(given: Any, kept: str | None) -> None:
    assert image(id=given).id == kept


def test_an_id_of_true_is_the_name_of_the_file(path: Path) -> None:
    assert runlog.Image(path, id=True).id == "0123.png"
    assert runlog.Image(str(path), id=True).id == "0123.png"
    assert runlog.Image(path).id is None


@pytest.mark.parametrize("given", ["", "a\nb", "a" * 1001, 2**70])
def test_an_id_that_nobody_can_read_or_type_is_refused(given: Any) -> None:
    with pytest.raises(runlog.InvalidValueError, match="id must"):
        image(id=given)


@pytest.mark.parametrize("given", [1.5, ["a"], b"a", np.zeros(2)])
def test_an_id_of_another_type_is_refused(given: Any) -> None:
    with pytest.raises(runlog.InvalidTypeError, match="id must be a string, an integer"):
        image(id=given)


def test_an_id_of_true_without_a_file_is_refused_with_what_to_do() -> None:
    with pytest.raises(runlog.InvalidTypeError, match=r"id=True must stand with the path.*ndarray.*id='val"):
        image(id=True)


def test_fields_are_numbers_bools_and_words_in_the_order_given() -> None:
    given = {"truth": 8, "p": np.float32(0.5), "right": np.bool_(True), "word": "acht", "nothing": None}
    fields = image(fields=given).fields
    assert list(fields.items()) == [("truth", 8), ("p", 0.5), ("right", True), ("word", "acht")]
    assert [type(value) for value in fields.values()] == [int, float, bool, str]
    with pytest.raises(TypeError):
        fields["truth"] = 9  # type: ignore[index]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([1], "fields must be a dict"),
        ({3: 1}, "the name of a field must be a string"),
        ({"a": [1, 2]}, r"fields\['a'\] must be a number, a bool or a string"),
        ({"a": 1 + 2j}, r"fields\['a'\] must be a number"),
        ({"": 1}, "the name of a field must have 1 to 1,000 characters"),
        ({"a": 2**64}, r"fields\['a'\] must be an integer of 64 bits"),
    ],
)
def test_what_is_no_field_is_refused_by_its_name(given: Any, message: str) -> None:
    with pytest.raises((runlog.InvalidTypeError, runlog.InvalidValueError), match=message):
        image(fields=given)


def test_every_integer_of_64_bits_is_one() -> None:
    ends = {"least": -(2**63), "most": 2**63 - 1}
    assert runlog.Image(GREY, fields=ends, id=-(2**63)).fields == ends
    for beyond in (-(2**63) - 1, 2**63):
        with pytest.raises(runlog.InvalidValueError, match="64 bits"):
            runlog.Image(GREY, fields={"a": beyond})


def test_a_member_of_an_enumeration_is_its_integer() -> None:
    class Digit(IntEnum):
        SEVEN = 7

    found = runlog.Image(GREY, fields={"a": Digit.SEVEN}, id=Digit.SEVEN)
    assert (dict(found.fields), type(found.fields["a"]), found.id) == ({"a": 7}, int, "7")


def test_a_copy_keeps_id_and_fields_and_what_is_passed_overrides() -> None:
    first = image(id="a", fields={"p": 1})
    assert (runlog.Image(first).id, runlog.Image(first).fields) == ("a", {"p": 1})
    changed = runlog.Image(first, id="b", fields={})
    assert (changed.id, changed.fields) == ("b", {})
    assert runlog.Image(first, id=False).id is None


def test_images_differ_by_id_and_fields_and_nan_is_nan() -> None:
    assert image(id="a") != image(id="b")
    assert image(fields={"a": 1}) != image(fields={"a": True})
    one = image(id="a", fields={"p": math.nan})
    assert one == pickle.loads(pickle.dumps(one)) == image(id="a", fields={"p": math.nan})
    assert hash(one) == hash(image(id="a", fields={"p": math.nan}))
    assert "id='a'" in repr(one)


@pytest.mark.parametrize("name", ["iscrowd", "ignore"])
def test_a_box_says_of_itself_that_it_is_a_crowd_or_to_be_ignored(name: str) -> None:
    def box(mark: Any) -> runlog.Box:
        position = {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}
        return runlog.BoundingBoxes2D({"box_data": [{"position": position, name: mark}]}, "b").boxes[0]

    assert [getattr(box(mark), name) for mark in (True, 1, np.uint8(1), 0, None)] == [True] * 3 + [False] * 2
    assert box(1) != box(0)
    with pytest.raises(
        runlog.InvalidValueError, match=rf"box_data'\]\[0\]\['{name}'\] must be True or False"
    ):
        box(2)
