"""Axes have round numbers, told from each other by their labels."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from viewer import ticks


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 1, "0 0.5 1.0"),
        (0.0123, 0.0456, "0.02 0.04"),
        (-3, 3, "-2 0 2"),
        (100.25, 100.75, "100.4 100.6"),
        (0, 3e-7, "0 1e-07 2e-07 3e-07"),
        (1_000_000, 1_003_000, "1.000e+06 1.001e+06 1.002e+06 1.003e+06"),
        (0, 40_000, "0 20000 40000"),
        (7, 7, "7"),
    ],
)
def test_labels_have_the_digits_that_tell_them_apart(low: float, high: float, labels: str) -> None:
    assert " ".join(label for _, label in ticks.ticks(low, high, 3)) == labels


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        (0, 3, "0 1 2 3"),
        (5, 5, "5"),
        (0, 300, "0 100 200 300"),
        (0, 10_000, "0 5k 10k"),
        (900, 2_100_000, "1M 2M"),
        (12, 58, "20 40"),
    ],
)
def test_steps_are_whole_and_thousands_are_short(first: int, last: int, labels: str) -> None:
    assert " ".join(label for _, label in ticks.step_ticks(first, last, 4)) == labels


@given(st.floats(-1e300, 1e300), st.floats(1e-6, 1e6))
def test_whatever_the_range_there_are_two_to_seven_ticks_within_it(low: float, share: float) -> None:
    high = low + abs(low) * share
    assume(high - low > abs(low) * 1e-9)
    found = [value for value, _ in ticks.ticks(low, high, 3)]
    assert 2 <= len(found) <= 7
    slack = (high - low) * 1e-6
    assert all(low - slack <= value <= high + slack for value in found)
    assert all(a < b for a, b in itertools.pairwise(found))


def test_a_range_that_no_float_holds_has_no_ticks() -> None:
    assert ticks.ticks(-1.7e308, 1.7e308, 3) == ()
    assert ticks.ticks(float("nan"), float("nan"), 3) == ()
