"""How wide pictures are shown: large ones alike, small ones as they are, tiny ones enlarged to be seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runlog_viewer.pages.figure_sizes import (
    CELLS,
    cell,
    is_strip,
    narrower,
    shape,
    shown_width,
    times_as_high,
)

SIDES = st.integers(1, 65_500)


@pytest.mark.parametrize(
    ("size", "width"),
    [
        ((448, 336), 280),
        ((280, 280), 280),
        ((128, 128), 128),
        ((96, 96), 96),
        ((28, 28), 96),
        ((1, 1), 96),
        ((28, 56), 48),
        ((900, 400), 560),
        ((300, 100), 300),
        ((100, 1000), 42),
    ],
)
def test_a_picture_is_shown_no_wider_than_it_is_but_for_tiny_ones(
    size: tuple[int, int], width: float
) -> None:
    assert shown_width(*size) == width


@given(SIDES, SIDES)
def test_no_picture_is_enlarged_past_96_px_nor_takes_more_room_than_a_large_one(
    width: int, height: int
) -> None:
    shown = shown_width(width, height)
    high = shown * height / width
    assert shown <= (560 if shape(width, height) == "wide" else 280)
    assert high <= 420.001
    if shown > width:
        assert max(shown, high) <= 96.001


@pytest.mark.parametrize(
    ("sizes", "of_key"),
    [
        ([(640, 480)] * 8, 280),
        ([(128, 128)] * 64, 128),
        ([(28, 28)] * 30, 96),
        ([(200, 200)], 224),
        ([(900, 400)], 560),
        ([(900, 400), (640, 480)], 280),
        ([(28, 28), (640, 480)], 280),
        ([(100, 1000)], 96),
    ],
)
def test_the_columns_of_a_key_suit_its_largest_picture_and_a_wide_one_takes_two(
    sizes: list[tuple[int, int]], of_key: int
) -> None:
    assert cell(sizes) == of_key


@given(st.lists(st.tuples(SIDES, SIDES), min_size=1))
def test_in_any_key_a_picture_has_about_its_own_width_or_one_that_is_named(
    sizes: list[tuple[int, int]],
) -> None:
    of_key = cell(sizes)
    assert of_key in CELLS
    for size in sizes:
        own = narrower(*size, of_key)
        assert own is None or own < of_key
        two = 2 if shape(*size) == "wide" and any(shape(*one) != "wide" for one in sizes) else 1
        if own is None:
            assert of_key * two >= 0.74 * min(shown_width(*size), 280)
        elif shown_width(*size) >= 24:
            assert 0.7 <= own / shown_width(*size) <= 1.4


@pytest.mark.parametrize(
    ("size", "times"),
    [
        ((64, 128), None),
        ((640, 480), None),
        ((480, 90), None),
        ((100, 201), 3),
        ((100, 300), 3),
        ((100, 301), 6),
        ((100, 1000), 16),
        ((1, 16), 16),
        ((1, 17), None),
    ],
)
def test_what_is_more_than_twice_as_high_as_wide_has_a_bound_and_a_strip_its_own(
    size: tuple[int, int], times: int | None
) -> None:
    assert times_as_high(*size) == times


@given(SIDES, SIDES)
def test_a_strip_is_upright_or_lying_and_all_that_is_higher_than_twice_its_width_is_bounded(
    width: int, height: int
) -> None:
    assert is_strip(width, height) == is_strip(height, width) == (max(width / height, height / width) > 16)
    if is_strip(width, height):
        assert shape(width, height) == ("wide" if width > height else "tall")
    times = times_as_high(width, height)
    assert (times is None) == (height <= 2 * width or is_strip(width, height))
    assert times is None or times / 3 < height / width <= times
