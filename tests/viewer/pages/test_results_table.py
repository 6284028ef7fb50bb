"""The columns of the table of all runs, and the best of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import runlog
from runlog_viewer.pages import results_table
from runlog_viewer.pages import run_and_overview as pages
from runlog_viewer.pages.values import Column, RunCard

RunOf = Callable[..., runlog.RunRecord]
TOTALS = pages.Totals(steps=1, images=0, keys=0, last_logged=None)


def cards(run_record: RunOf, *runs: tuple[Mapping[str, Any], Mapping[str, Any]]) -> list[RunCard]:
    """Return the cards of runs, each given by its summary and its configuration."""
    return [
        pages.run_card(run_record(summary=summary, config=config), f"run-{n}", TOTALS)
        for n, (summary, config) in enumerate(runs)
    ]


def names(found: tuple[Column, ...]) -> list[str]:
    return [column.name for column in found]


def test_runs_alike_have_their_headline_numbers_and_the_configuration_that_differs(run_record: RunOf) -> None:
    summary = {"val/acc": 0.5, "train/loss": 1.0, "epoch": 3}
    all_runs = cards(
        run_record,
        (summary, {"lr": 0.1, "seed": 1, "opt": "adam", "model": {"width": 8}}),
        (summary, {"lr": 0.2, "seed": 2, "opt": "adam", "model": {"width": 9}}),
    )
    found = results_table.columns(all_runs)
    assert names(found) == [
        *("summary.val/acc", "summary.train/loss", "summary.epoch"),
        *("config.lr", "config.model.width", "config.seed"),
    ]
    assert [(column.is_number, column.aim) for column in found[:3]] == [
        (True, "max"),
        (True, "min"),
        (True, None),
    ]


def test_each_of_few_unlike_runs_has_a_number(run_record: RunOf) -> None:
    all_runs = cards(
        run_record,
        ({"val/mAP50": 1, "val/a": 1, "val/b": 1, "val/c": 1}, {}),
        ({"fid": 2, "loss/g": 2}, {}),
        ({"val/mIoU": 3}, {}),
    )
    found = results_table.columns(all_runs)
    assert {"summary.val/mAP50", "summary.fid", "summary.val/mIoU"} <= set(names(found))
    assert all(any(cell.text for cell in row) for row in results_table.rows(all_runs, found))


def test_configuration_that_few_runs_have_or_that_is_long_is_no_column(run_record: RunOf) -> None:
    all_runs = cards(
        run_record,
        ({}, {"path": "/a/b" * 20, "few": 1, "some": 1}),
        ({}, {"path": "/a/c" * 20, "some": 1}),
        ({}, {"path": "/a/d" * 20}),
    )
    assert names(results_table.columns(all_runs)) == ["config.some"]


def test_there_is_a_best_only_of_several_values_whose_aim_is_known(run_record: RunOf) -> None:
    all_runs = cards(
        run_record,
        ({"loss": 2.0, "acc": 0.5, "same/loss": 1.0, "x": 1}, {}),
        ({"loss": 1.0, "acc": math.nan, "same/loss": 1.0, "x": 2}, {}),
        ({"loss": -math.inf, "acc": 0.25, "same/loss": 1.0, "x": 3}, {}),
    )
    shown = [
        Column(f"summary.{key}", True, aim) for key, aim in (("loss", "min"), ("acc", "max"), ("x", None))
    ]
    rows = results_table.rows(all_runs, [*shown, Column("summary.same/loss", True, "min")])
    assert [[cell.is_best for cell in row] for row in rows] == [
        [False, True, False, False],
        [True, False, False, False],
        [False, False, False, False],
    ]


def test_runs_that_disagree_on_what_is_best_have_no_best(run_record: RunOf) -> None:
    other = runlog.Metric("loss", summary="max")
    both = [
        pages.run_card(run_record(summary={"loss": n}), f"run-{n}", TOTALS, [other] * n) for n in range(2)
    ]
    assert results_table.aims(both) == {}
    assert results_table.aims(both[:1]) == {"summary.loss": "min"}


@given(st.lists(st.dictionaries(st.sampled_from("abcdefgh"), st.floats(), max_size=6), max_size=8))
def test_no_run_without_a_number_as_long_as_there_are_few(summaries: list[dict[str, float]]) -> None:
    found = results_table._shared_numbers([_card(summary) for summary in summaries])
    assert len(found) <= results_table.MAX_NUMBERS
    assert len(set(found)) == len(found)
    assert all(any(name[8:] in summary for summary in summaries) for name in found)


def _card(summary: Mapping[str, float]) -> RunCard:
    headline = tuple(f"summary.{key}" for key in summary)
    return RunCard("r", "", "r", "finished", 1, None, None, (), "", 0.0, None, None, 0, 0, headline, (), ())
