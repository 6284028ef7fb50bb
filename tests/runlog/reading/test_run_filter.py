"""The language in which runs are filtered; the overview's scripts are held to the same cases."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runlog.reading.run_filter import FilteredRun, flat_values, matches

TABLE = json.loads((Path(__file__).parents[2] / "run_filter_cases.json").read_text("utf-8"))
RUN = FilteredRun(**TABLE["run"])


@pytest.mark.parametrize(("text", "is_match"), TABLE["cases"])
def test_a_run_is_found_by_what_it_is(text: str, is_match: bool) -> None:
    assert matches(text, RUN) is is_match


@given(st.text(), st.text())
def test_any_text_is_a_filter_and_two_hold_together(one: str, other: str) -> None:
    if '"' not in one + other and not any(sign in one + other for sign in "<>=!"):
        assert matches(f"{one} {other}", RUN) == (matches(one, RUN) and matches(other, RUN))
    matches(one + other, RUN)


def test_nested_values_have_their_names_joined() -> None:
    values = {"a": {"b": {"c": 1}, "d": [1, "x"]}, "e": True, "f": {}, "g": None}
    assert flat_values("config", values) == {
        "config.a.b.c": 1,
        "config.a.d": '[1, "x"]',
        "config.e": "true",
        "config.f": "{}",
        "config.g": "null",
    }
