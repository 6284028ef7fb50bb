"""The numbers of a run, thinned for the page of all runs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runlog_viewer.pages.run_lines import MAX_POINTS, run_line

VALUES = st.lists(st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf]), min_size=1, max_size=400)


@given(VALUES)
def test_each_point_is_the_mean_of_what_was_logged_since_the_one_before_and_the_last_is_itself(
    values: list[float],
) -> None:
    line = run_line("loss", range(0, 3 * len(values), 3), values)
    assert len(line.steps) == len(line.values) == min(len(values), MAX_POINTS)
    assert line.steps[-1] == 3 * (len(values) - 1)
    assert line.values[-1] == pytest.approx(values[-1], nan_ok=True)
    begun = 0
    for step, value in zip(line.steps, line.values, strict=True):
        part = values[begun : step // 3 + 1]
        begun = step // 3 + 1
        finite = [one for one in part if math.isfinite(one)]
        is_itself = len(values) <= MAX_POINTS or begun == len(values)
        mean = math.fsum(finite) / len(finite) if finite else math.nan
        expected = part[0] if is_itself else mean
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-6, nan_ok=True)
    assert begun == len(values)


def test_the_mean_of_large_numbers_is_a_number() -> None:
    line = run_line("x", range(1000), [1e308] * 1000)
    assert line.values == pytest.approx([1e308] * MAX_POINTS)
