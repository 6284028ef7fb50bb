"""Axes have round numbers, told from each other by their labels."""

from __future__ import annotations

import itertools
import sys
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from runlog_viewer.pages import tick_labels, ticks


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 1, "0 0.5 1.0"),
        (0.02, 1, "0.2 0.4 0.6 0.8 1.0"),
        (0.0123, 0.0456, "0.02 0.03 0.04"),
        (0.0005, 0.0049, "0.001 0.002 0.003 0.004"),
        (0, 0.005, "0 0.0025 0.0050"),
        (-3, 3, "-2.5 0 2.5"),
        (100.25, 100.75, "100.25 100.50 100.75"),
        (0, 3e-7, "0 1e-7 2e-7 3e-7"),
        (1_000_000, 1_003_000, "1.000M 1.001M 1.002M 1.003M"),
        (0, 40_000, "0 20k 40k"),
        (1.2e9, 1.5e9, "1.2G 1.3G 1.4G 1.5G"),
        (-3e12, 0, "-3T -2T -1T 0"),
        (0, 3e15, "0 1e15 2e15 3e15"),
        (7, 7, "7"),
        (1234.5678, 1234.5678, "1234.57"),
        (124_439_808, 124_439_808, "124.44M"),
        (-1.23456789e-9, -1.23456789e-9, "-1.23e-9"),
    ],
)
def test_labels_have_the_digits_that_tell_them_apart(low: float, high: float, labels: str) -> None:
    assert texts(ticks.ticks(low, high, 6)) == labels


@pytest.mark.parametrize(
    ("low", "high", "offset", "labels"),
    [
        (124_439_000, 124_439_808, "124.43900M", "+0 +250 +500 +750"),
        (1, 1 + 2**-52, "1.000000000000000", "+0 +2e-16"),
        (-1e15, -1e15 + 1e9, "-1.0000000e15", "+0 +0.5G +1.0G"),
        (-1.0005e-10, -1e-10, "-1.00050e-10", "+0 +2.5e-14 +5.0e-14"),
    ],
)
def test_where_they_would_need_too_many_digits_labels_are_what_is_added_to_an_offset(
    low: float, high: float, offset: str, labels: str
) -> None:
    found = ticks.ticks(low, high, 6)
    assert (found.offset, texts(found)) == (offset, labels)


def texts(found: ticks.Ticks) -> str:
    return " ".join(label for _, label in found.marks)


def meant(label: str, offset: str) -> Fraction:
    """Return the number that a label and its offset stand for."""
    return sum((Fraction(decimal(one)) for one in (label, offset) if one), Fraction(0))


def decimal(label: str) -> str:
    for unit, power in (("k", 3), ("M", 6), ("G", 9), ("T", 12)):
        label = label.replace(unit, f"e{power}")
    return label


@given(
    st.floats(-12, 15),
    st.sampled_from([-1, 1]),
    st.floats(-6, 0.3),
    st.sampled_from([6, 8]),
)
def test_whatever_the_range_labels_are_short_differ_and_say_what_they_stand_at(
    power: float, sign: int, narrow: float, most: int
) -> None:
    end = sign * 10**power
    low, high = sorted((end, end - sign * 10 ** (power + narrow)))
    found = ticks.ticks(low, high, most)
    labels = [label for _, label in found.marks]
    assert len(labels) >= most / 2
    assert all(len(label) <= tick_labels.LONGEST for label in labels)
    said = [meant(label, found.offset) for label in labels]
    assert all(a < b for a, b in itertools.pairwise(said))
    for (value, _), number in zip(found.marks, said, strict=True):
        assert abs(Fraction(value) - number) <= Fraction(high - low) / 10**6
    size = max(abs(low), abs(high))
    if high - low < size / 1000:
        assert found.offset
    if high - low > size / 50:
        assert not found.offset


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        (0, 1, "0 1"),
        (0, 3, "0 1 2 3"),
        (1, 14, "4 8 12"),
        (5, 5, "5"),
        (0, 300, "0 100 200 300"),
        (3, 1230, "200 400 600 800 1000 1200"),
        (0, 10_000, "0 5k 10k"),
        (900, 2_100_000, "0.5M 1.0M 1.5M 2.0M"),
        (10_000_000, 10_000_300, "+0 +100 +200 +300"),
        (12, 58, "20 30 40 50"),
    ],
)
def test_steps_are_whole_and_thousands_are_short(first: int, last: int, labels: str) -> None:
    assert texts(ticks.step_ticks(first, last, 6)) == labels


@given(st.floats(-1e300, 1e300), st.floats(1e-6, 1e6), st.sampled_from([6, 8]))
def test_whatever_the_range_there_are_between_half_and_most_ticks_within_it(
    low: float, share: float, most: int
) -> None:
    high = low + abs(low) * share
    assume(high - low > max(1e-290, abs(low) * 1e-9))
    found = [value for value, _ in ticks.ticks(low, high, most).marks]
    assert most / 2 <= len(found) <= most
    slack = (high - low) * 1e-6
    assert all(low - slack <= value <= high + slack for value in found)
    assert all(a < b for a, b in itertools.pairwise(found))
    assert max(found[0] - low, high - found[-1]) <= (high - low) / 3


@given(st.integers(0, 10**12), st.integers(2, 10**12))
def test_whatever_the_steps_there_are_three_to_six_whole_ticks_within_them(first: int, count: int) -> None:
    found = ticks.step_ticks(first, first + count, 6).marks
    assert 3 <= len(found) <= 6
    slack = count * 1e-8
    assert all(first - slack <= value <= first + count + slack for value, _ in found)
    assert all(value == int(value) for value, _ in found)
    assert len({label for _, label in found}) == len(found)


def test_a_range_that_no_float_holds_has_no_ticks() -> None:
    assert ticks.ticks(-1.7e308, 1.7e308, 3) == ticks.Ticks()
    assert ticks.ticks(float("nan"), float("nan"), 3) == ticks.Ticks()


@pytest.mark.parametrize(("low", "high"), [(0, sys.float_info.max), (-9e291, 1.79e308), (-8e307, 8e307)])
def test_numbers_near_the_largest_float_have_ticks(low: float, high: float) -> None:
    found = [value for value, _ in ticks.ticks(low, high, 6).marks]
    assert 3 <= len(found) <= 6
    assert all(low <= value <= high for value in found)
