"""Summary and configuration become columns."""

from __future__ import annotations

import math
from collections.abc import Callable

import runlog
from runlog_viewer.pages.columns import MAX_COLUMNS, MAX_LENGTH, columns

RunOf = Callable[..., runlog.RunRecord]


def test_what_is_nested_has_its_names_joined_by_a_dot(run_record: RunOf) -> None:
    run = run_record(config={"model": {"width": [8, 16], "act": {"name": "relu"}}, "none": {}})
    assert columns(run) == (
        ("config.model.width", "[8, 16]"),
        ("config.model.act.name", "relu"),
        ("config.none", "{}"),
    )


def test_numbers_stay_numbers_and_the_rest_is_text(run_record: RunOf) -> None:
    summary = {"loss": 0.25, "n": 3, "nan": math.inf, "on": True, "best": None, "big": 2**60}
    assert dict(columns(run_record(summary=summary))) == {
        "summary.loss": 0.25,
        "summary.n": 3,
        "summary.nan": math.inf,
        "summary.on": "true",
        "summary.best": "null",
        "summary.big": str(2**60),
    }


def test_long_text_is_cut_and_long_names_and_very_many_columns_are_left_out(run_record: RunOf) -> None:
    config = {"text": "a" * 1_000_000, "b" * 1000: 1, **{str(n): n for n in range(2 * MAX_COLUMNS)}}
    found = columns(run_record(config=config))
    assert found[0] == ("config.text", "a" * MAX_LENGTH)
    assert found[1] == ("config.0", 0)
    assert len(found) == MAX_COLUMNS


def test_what_is_nested_deeper_than_eight_levels_is_one_value(run_record: RunOf) -> None:
    config: dict[str, object] = {"end": 1}
    for _ in range(500):
        config = {"": config}
    ((name, value),) = columns(run_record(config=config))
    assert name == "config." + "." * 8
    assert str(value).startswith('{"": {"": ')
