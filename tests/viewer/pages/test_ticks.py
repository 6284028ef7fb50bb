"""Axes have round numbers, told from each other by their labels."""

from __future__ import annotations

import itertools
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from runlog_viewer.pages import ticks


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
        (0, 3e-7, "0 1e-07 2e-07 3e-07"),
        (1_000_000, 1_003_000, "1.000e+06 1.001e+06 1.002e+06 1.003e+06"),
        (0, 40_000, "0 20000 40000"),
        (7, 7, "7"),
        (1, 1 + 2**-52, "1.0000000000000000 1.0000000000000002"),
    ],
)
def test_labels_have_the_digits_that_tell_them_apart(low: float, high: float, labels: str) -> None:
    assert " ".join(label for _, label in ticks.ticks(low, high, 6)) == labels


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
        (900, 2_100_000, "500k 1M 1.5M 2M"),
        (12, 58, "20 30 40 50"),
    ],
)
def test_steps_are_whole_and_thousands_are_short(first: int, last: int, labels: str) -> None:
    assert " ".join(label for _, label in ticks.step_ticks(first, last, 6)) == labels


@given(st.floats(-1e300, 1e300), st.floats(1e-6, 1e6), st.sampled_from([6, 8]))
def test_whatever_the_range_there_are_between_half_and_most_ticks_within_it(
    low: float, share: float, most: int
) -> None:
    high = low + abs(low) * share
    assume(high - low > max(1e-290, abs(low) * 1e-9))
    found = [value for value, _ in ticks.ticks(low, high, most)]
    assert most / 2 <= len(found) <= most
    slack = (high - low) * 1e-6
    assert all(low - slack <= value <= high + slack for value in found)
    assert all(a < b for a, b in itertools.pairwise(found))
    assert max(found[0] - low, high - found[-1]) <= (high - low) / 3


@given(st.integers(0, 10**12), st.integers(2, 10**12))
def test_whatever_the_steps_there_are_three_to_six_whole_ticks_within_them(first: int, count: int) -> None:
    found = ticks.step_ticks(first, first + count, 6)
    assert 3 <= len(found) <= 6
    slack = count * 1e-8
    assert all(first - slack <= value <= first + count + slack for value, _ in found)
    assert all(value == int(value) for value, _ in found)
    assert len({label for _, label in found}) == len(found)


def test_a_range_that_no_float_holds_has_no_ticks() -> None:
    assert ticks.ticks(-1.7e308, 1.7e308, 3) == ()
    assert ticks.ticks(float("nan"), float("nan"), 3) == ()


@pytest.mark.parametrize(("low", "high"), [(0, sys.float_info.max), (-9e291, 1.79e308), (-8e307, 8e307)])
def test_numbers_near_the_largest_float_have_ticks(low: float, high: float) -> None:
    found = [value for value, _ in ticks.ticks(low, high, 6)]
    assert 3 <= len(found) <= 6
    assert all(low <= value <= high for value in found)
