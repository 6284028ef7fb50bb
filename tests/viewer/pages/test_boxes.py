"""Boxes become rectangles, tags and words: nothing that was logged is lost."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

import runlog
from runlog import palette
from runlog_viewer.pages import boxes
from runlog_viewer.pages.boxes import DrawnBox
from runlog_viewer.pages.values import Canvas, DrawnLayer, Layer

Numbers = tuple[float, float, float, float]


def layer_of(
    numbers: Numbers, labels: Mapping[int, str] | None = None, *, line: int = 0, **fields: object
) -> DrawnLayer:
    """Return what is drawn of one box in a picture of 64 × 48 px."""
    box = runlog.Box("min_max", "pixel", numbers, **{"class_id": 1, **fields})  # type: ignore[arg-type]
    record = runlog.BoxLayerRecord("truth", (box,), labels or {})
    return boxes.draw(record, Layer("boxes", "truth", line), Canvas(64, 48, 280, ""))


def drawn(
    numbers: Numbers, labels: Mapping[int, str] | None = None, **fields: object
) -> tuple[tuple[DrawnBox, ...], str]:
    """Return what is drawn of one box, and its line in words."""
    layer = layer_of(numbers, labels, **fields)
    (words,) = (*layer.listed, *layer.not_drawn)
    assert len(layer.listed) == len(layer.shapes)
    return layer.shapes, words


def test_a_box_is_drawn_where_its_corners_are() -> None:
    (box,), line = drawn((10, 30, 20.5, 40), {1: "cat"}, scores={"confidence": 0.5}, caption="a cat")
    assert (box.x, box.y, box.width, box.height) == ("10", "20.5", "20", "19.5")
    assert (box.class_id, box.label, box.colour) == ("1", "cat", palette.colour(1))
    assert line == "cat · a cat · confidence 0.5 · 20 × 19.5 px at 10, 20.5"


def test_a_line_of_text_has_all_scores_and_no_more_than_there_is() -> None:
    assert drawn((0, 1, 0, 1), scores={"iou": 1 / 3, "n": 2.0})[1].startswith("class_1 · iou 0.3333, n 2 · ")
    assert drawn((0, 1, 0, 1), {1: ""})[1] == "1 × 1 px at 0, 0"
    assert drawn((0, 1, 0, 1), class_id=None)[1] == "no class · 1 × 1 px at 0, 0"


@given(st.tuples(*[st.floats(allow_nan=True, allow_infinity=True)] * 4))
def test_every_box_is_drawn_with_finite_coordinates_or_listed_as_not_drawn(numbers: Numbers) -> None:
    boxes, line = drawn(numbers)
    assert len(boxes) + line.endswith(", not drawn") == 1
    for box in boxes:
        assert all(math.isfinite(float(value)) for value in (box.x, box.y, box.width, box.height))


@given(st.tuples(*[st.floats(-64, 64)] * 4))
def test_coordinates_are_those_of_the_corners_to_a_thousandth(numbers: Numbers) -> None:
    for box in drawn(numbers)[0]:
        left, right, top, bottom = numbers
        expected = (left, top, right - left, bottom - top)
        written = (box.x, box.y, box.width, box.height)
        assert tuple(map(float, written)) == pytest.approx(expected, abs=0.000501)
        assert not any(name.endswith(("0", ".")) for name in written if "." in name)


@pytest.mark.parametrize(
    ("fields", "tag"),
    [
        ({}, ["coin"]),
        ({"scores": {"confidence": 0.926, "iou": 0.5}}, ["coin 0.93"]),
        ({"scores": {"confidence": math.nan}}, ["coin NaN"]),
        ({"scores": {"logit": 1e300}}, ["coin 1e+300"]),
        ({"class_id": None, "scores": {"confidence": 0.5}}, ["0.50"]),
        ({"class_id": None}, []),
        ({"caption": "a coin", "scores": {"confidence": 0.5}}, ["a coin"]),
        ({"caption": "a" * 36}, ["a" * 36]),
        ({"caption": "a" * 37}, ["a" * 35 + "…"]),
    ],
)
def test_at_a_box_stands_its_caption_or_its_class_and_first_score(
    fields: dict[str, object], tag: list[str]
) -> None:
    assert [one.text for one in layer_of((0, 32, 0, 32), {1: "coin"}, **fields).tags] == tag


@pytest.mark.parametrize(
    ("label", "tag"),
    [
        ("n02504458 African elephant, Loxodonta africana", "n02504458 African elephant, Lo… 0.93"),
        ("a" * 31, "a" * 31 + " 0.93"),
        ("a" * 32, "a" * 30 + "… 0.93"),
        ("Fußgänger", "Fußgänger 0.93"),
        ("علامة", "\u2068علامة\u2069 0.93"),
        ("\u202eevil", "\u2068\u202eevil\u2069 0.93"),
    ],
)
def test_the_score_stands_after_a_class_however_long_its_name_is_and_whatever_way_it_runs(
    label: str, tag: str
) -> None:
    (found,) = layer_of((0, 32, 0, 32), {1: label}, scores={"confidence": 0.93}).tags
    assert found.text == tag


@pytest.mark.parametrize(
    ("corners", "count"),
    [
        ((-20, -1, 4, 8), 0),
        ((65, 80, 4, 8), 0),
        ((4, 8, -20, -1), 0),
        ((4, 8, 49, 80), 0),
        ((-20, 1, -20, 1), 1),
        ((63, 80, 47, 80), 1),
    ],
)
def test_a_box_outside_the_picture_has_no_tag_in_it(corners: Numbers, count: int) -> None:
    drawn_layer = layer_of(corners)
    assert len(drawn_layer.shapes) == 1
    assert len(drawn_layer.tags) == count


@pytest.mark.parametrize(("line", "edge"), [(0, 0.25), (1, 0.75), (2, 0.25)])
def test_the_tags_of_every_other_layer_are_at_the_lower_edges_of_its_boxes(line: int, edge: float) -> None:
    (tag,) = layer_of((16, 20, 12, 36), line=line).tags
    assert tag.spot[1:] == (0.25, edge, line == 1)


def test_a_class_without_a_label_has_a_name() -> None:
    ((box,), line) = drawn((1, 2, 3, 4), class_id=7)
    assert box.label == "class_7"
    assert line.startswith("class_7 · ")


def test_a_box_without_a_class_has_a_colour_of_its_own() -> None:
    ((box,), _) = drawn((1, 2, 3, 4), class_id=None)
    assert (box.class_id, box.colour) == ("", palette.NO_CLASS)
