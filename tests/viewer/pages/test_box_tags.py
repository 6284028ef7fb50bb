"""What is written at boxes: of the highest scores, beside each other, on a tenth of the picture at most."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import runlog
from runlog_viewer.pages import box_tags
from runlog_viewer.pages.box_tags import HEIGHT
from runlog_viewer.pages.values import Spot

PARTS = st.floats(-0.2, 1.2)
SPOTS = st.lists(st.builds(Spot, st.integers(8, 300).map(float), PARTS, PARTS, st.booleans()), max_size=80)
SIZES = st.floats(16, 1600)


def overlap(one: tuple[Spot, tuple[float, float]], other: tuple[Spot, tuple[float, float]]) -> bool:
    (a, (x, y)), (b, (left, top)) = one, other
    return x < left + b.width and left < x + a.width and abs(y - top) < HEIGHT


@given(SPOTS, SIZES, SIZES)
def test_no_two_tags_overlap_nor_do_all_cover_more_than_a_tenth_and_those_taken_are_the_first_that_fit(
    spots: list[Spot], width: float, height: float
) -> None:
    taken: list[tuple[Spot, tuple[float, float]]] = []
    for spot, found in zip(spots, box_tags.places(spots, width, height), strict=True):
        wanted = (spot, box_tags.place(spot, width, height))
        covered = sum(of.width * HEIGHT for of, _ in [*taken, wanted])
        fits = covered <= 0.1 * width * height and spot.width <= width and height >= HEIGHT
        if fits and not any(overlap(wanted, other) for other in taken):
            assert found == wanted[1]
            taken.append(wanted)
        else:
            assert found is None
    for n, one in enumerate(taken):
        x, y = one[1]
        assert 0 <= x <= width - one[0].width
        assert 0 <= y <= height - HEIGHT
        assert not any(overlap(one, other) for other in taken[:n])


@pytest.mark.parametrize(
    ("spot", "at"),
    [
        (Spot(60, 0.1, 0.5, False), (30, 85)),
        (Spot(60, 0.1, 0.05, False), (30, 10)),
        (Spot(60, 0.9, 0.5, False), (240, 85)),
        (Spot(60, -0.5, -0.5, False), (0, 0)),
        (Spot(60, 0.1, 0.5, True), (30, 100)),
        (Spot(60, 0.1, 0.95, True), (30, 175)),
        (Spot(60, 0.1, 1.5, True), (30, 185)),
    ],
    ids=[
        "above",
        "below an edge at the top",
        "moved left",
        "of a box outside",
        "low",
        "at the bottom",
        "past it",
    ],
)
def test_a_tag_stands_out_of_its_box_where_the_picture_has_room(spot: Spot, at: tuple[float, float]) -> None:
    assert box_tags.place(spot, 300, 200) == pytest.approx(at)


@pytest.mark.parametrize(
    ("scores", "score"),
    [
        ({}, -math.inf),
        ({"iou": math.nan, "confidence": 1}, -math.inf),
        ({"confidence": 0.5, "iou": 0.9}, 0.5),
    ],
)
def test_tags_are_taken_by_the_first_score_of_their_boxes(scores: dict[str, float], score: float) -> None:
    box = runlog.Box("min_max", "pixel", (0, 1, 0, 1), 1, None, scores)
    assert box_tags.score_of(box) == score


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        ("person 0.93", True),
        ("Fußgänger, piéton, żółw", True),
        ("пешеход · ЁЖ · Ελλάδα · עברית", True),
        ("行人 歩行者 보행자…", True),
        ("\u2068עברית\u2069 0.93", True),
        ("علامة", False),
        ("คน", False),
        ("a 😀", False),
    ],
)
def test_letters_are_stretched_to_their_room_only_where_it_is_not_known_how_wide_they_are(
    text: str, is_known: bool
) -> None:
    assert box_tags.is_known_width(text) == is_known


def test_accents_take_no_room_and_nor_does_what_only_turns_what_is_written() -> None:
    assert box_tags.text_width("Fußgänger") == box_tags.text_width("Fußganger")
    assert box_tags.text_width("\u2068ab\u2069") == box_tags.text_width("ab")


def test_wide_letters_are_given_their_room_and_marks_on_them_none() -> None:
    assert box_tags.text_width("WWW") > box_tags.text_width("iii")
    assert box_tags.text_width("日本") > box_tags.text_width("ab")
    assert box_tags.text_width("e\u0301\u0300") == box_tags.text_width("e\u0301")
