"""Run records become the values of the run page and the overview."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import runlog
from runlog.basics.frozen import FrozenDict
from runlog_viewer.building.series import AllSeries
from runlog_viewer.pages import run_and_overview as pages
from runlog_viewer.pages import wording
from runlog_viewer.pages.gallery import gallery
from runlog_viewer.pages.values import BrokenRun, Fact

RunOf = Callable[..., runlog.RunRecord]
ImageOf = Callable[..., runlog.ImageRecord]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOTALS = pages.Totals(steps=3, images=7, keys=1, last_logged=NOON + timedelta(minutes=5))


def all_series(last: Mapping[str, float]) -> AllSeries:
    """Return numbers of one step, by key."""
    series = AllSeries()
    series.replace(
        [0], [runlog.ScalarSeries(key, np.array([0]), np.array([value])) for key, value in last.items()]
    )
    return series


def test_charts_are_in_sections_by_the_first_part_of_their_key() -> None:
    made = all_series(dict.fromkeys(("val/a/b", "loss", "train/x", "val/c", "acc"), 1.0))
    sections = pages.chart_sections(made)
    assert [(section.prefix, [chart.key for chart in section.charts]) for section in sections] == [
        ("train", ["train/x"]),
        ("val", ["val/a/b", "val/c"]),
        ("", ["loss", "acc"]),
    ]


def test_past_a_hundred_charts_the_page_has_numbers() -> None:
    made = all_series({f"{'ab'[n % 2]}/{n:03d}": float(n) for n in range(150)})
    first, second = pages.chart_sections(made)
    assert (len(first.charts), first.others) == (75, ())
    assert (len(second.charts), len(second.others)) == (25, 50)
    assert second.others[0] == Fact("b/051", "51")


def test_nested_configuration_has_its_names_joined_and_lists_as_json(run_record: RunOf) -> None:
    config = {"lr": 0.001, "model": {"width": [8, 16], "act": None}, "name": "a b", "on": True}
    page = pages.run_page(
        run_record(config=config), TOTALS, gallery(0, [], ""), AllSeries(), {}, has_overview=False
    )
    assert {fact.name: fact.value for fact in page.config} == {
        "lr": "0.001",
        "model.width": "[8, 16]",
        "model.act": "null",
        "name": "a b",
        "on": "true",
    }


@pytest.mark.parametrize(
    ("finished", "expected"), [(NOON + timedelta(hours=1, minutes=2), "1 h 2 min"), (None, "5 min 0 s")]
)
def test_a_run_took_until_its_end_or_the_last_that_was_heard(
    run_record: RunOf, finished: datetime | None, expected: str
) -> None:
    page = pages.run_page(
        run_record(finished_at=finished), TOTALS, gallery(0, [], ""), AllSeries(), {}, has_overview=False
    )
    assert page.duration == expected


def test_the_overview_lists_the_newest_run_first(run_record: RunOf) -> None:
    cards = [
        pages.run_card(run_record(created_at=NOON + timedelta(minutes=n)), f"run-{n}", TOTALS)
        for n in (1, 3, 2)
    ]
    assert [card.folder for card in pages.overview("runs", cards, []).cards] == [
        "run-3",
        "run-2",
        "run-1",
    ]


@pytest.mark.parametrize(
    ("summary", "headline"),
    [
        ({}, []),
        ({"loss": 0.5, "text": "x", "flag": True, "list": [1]}, ["loss"]),
        ({"a": 1, "b": 2, "c": 3, "test_iou": 4, "val/loss": 0.1}, ["test_iou", "val/loss", "a", "b"]),
        ({"value": 1, "valLoss": 2, "Eval/x": 3}, ["valLoss", "Eval/x", "value"]),
        ({"loss": float("nan")}, ["loss"]),
    ],
)
def test_a_run_in_the_overview_has_a_few_headline_numbers(
    run_record: RunOf, summary: dict[str, object], headline: list[str]
) -> None:
    card = pages.run_card(run_record(summary=summary), "run-0", TOTALS)
    assert card.headline == tuple(f"summary.{key}" for key in headline)


def test_the_overview_keeps_broken_runs_with_their_reason() -> None:
    broken = BrokenRun("run-1", "not a database")
    assert pages.overview("runs", [], [broken]).broken == (broken,)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.1 + 0.2, "0.3"),
        (1e-7, "1e-07"),
        (3.0, "3"),
        (-0.0, "0"),
        (float("nan"), "NaN"),
        (float("-inf"), "-inf"),
        (1e300, "1e+300"),
        (12345678, "12345678"),
    ],
)
def test_numbers_are_short(value: float, shown: str) -> None:
    assert wording.number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (math.inf, "inf"),
        ("Infinity", "Infinity"),
        ([0.5, math.inf, -math.inf, math.nan, None, "a"], '[0.5, inf, -inf, NaN, null, "a"]'),
        (FrozenDict({'"': [math.inf], "b": {"c": (True, "é")}}), '{"\\"": [inf], "b": {"c": [true, "é"]}}'),
        (FrozenDict({"a": (1, 0.1)}), '{"a": [1, 0.1]}'),
    ],
)
def test_values_of_config_and_summary_show_their_infinities(value: object, shown: str) -> None:
    assert wording.data(value) == shown


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 bytes"), (999, "999 bytes"), (1234, "1.23 kB"), (5_600_000, "5.6 MB")]
)
def test_sizes_have_a_unit(count: int, shown: str) -> None:
    assert wording.size(count) == shown
