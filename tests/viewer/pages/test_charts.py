"""Scalar series become lines that lose no spike."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import runlog
from runlog_viewer.building.series import AllSeries
from runlog_viewer.pages import charts
from runlog_viewer.pages.values import Chart


def points(path: str) -> list[list[tuple[float, float]]]:
    """Return the points of each unbroken line of an SVG path."""
    lines = [line.removesuffix("h0").split("L") for line in path.split("M") if line]
    return [[tuple(map(float, point.split(","))) for point in line] for line in lines]  # type: ignore[misc]


def draw(steps: Sequence[int], values: Sequence[float]) -> Chart:
    return charts.chart("loss", steps, values)


def edges(band: str) -> list[tuple[float, float]]:
    """Return the highest and the lowest point of a band, of one piece, in each column."""
    (outline,) = points(band.removesuffix("Z"))
    half = len(outline) // 2
    assert [x for x, _ in outline[:half]] == [x for x, _ in outline[half:][::-1]]
    return [(top, bottom) for (_, top), (_, bottom) in zip(outline[:half], outline[half:][::-1], strict=True)]


def test_a_short_series_is_drawn_point_by_point() -> None:
    chart = draw([0, 1, 4], [1.0, 0.0, 0.5])
    assert points(chart.line) == [[(0, 4), (75, 96), (300, 50)]]
    assert (chart.start, chart.end, chart.low, chart.high, chart.last) == (
        "0",
        "4",
        "0",
        "1",
        "0.5",
    )


def test_round_numbers_stand_where_they_are_on_the_axes() -> None:
    chart = draw([0, 100], [0.0, 1.0])
    assert [(tick.label, tick.at) for tick in chart.y_ticks] == [("0", "96"), ("0.5", "50"), ("1.0", "4")]
    assert [(tick.label, tick.at) for tick in chart.x_ticks] == [("0", "0"), ("50", "50"), ("100", "100")]


def test_nan_and_infinity_are_gaps_marked_and_counted() -> None:
    chart = draw(range(7), [1.0, 2.0, math.nan, math.inf, 1.5, math.nan, 2.0])
    assert [len(line) for line in points(chart.line)] == [2]
    assert points(chart.dots) == [[(200, 50)], [(300, 4)]]
    assert chart.breaks == "M100,100v-6M150,100v-6M250,100v-6"
    assert chart.gaps == 3


def test_a_series_without_a_finite_value_draws_no_line() -> None:
    chart = draw([0, 1], [math.nan, -math.inf])
    assert (chart.line, chart.dots, chart.y_ticks, chart.low, chart.last) == ("", "", (), "NaN", "-inf")


def test_a_lone_point_is_a_dot() -> None:
    chart = draw([7], [3.0])
    assert (chart.line, chart.dots) == ("", "M150,50h0")
    assert [tick.label for tick in (*chart.x_ticks, *chart.y_ticks)] == ["7", "3"]


def test_a_long_series_is_its_mean_in_a_band_from_the_lowest_to_the_highest() -> None:
    values = np.zeros(12_000)
    values[[17, 5003]] = 1000, -1000
    values[7000] = math.nan
    chart = draw(range(12_000), values)
    (line,) = points(chart.line)
    assert len(line) == charts.COLUMNS
    band = edges(chart.band)
    assert band[0] == (4, 50)
    assert line[0][1] == pytest.approx(50 - 46 / 100, abs=0.05)
    assert band[50] == (50, 96)
    assert band[1] == (50, 50)
    assert (chart.breaks, chart.gaps) == ("M176.3,100v-6", 1)


def test_a_short_series_has_no_band() -> None:
    assert draw(range(240), np.arange(240) % 7).band == ""


def test_columns_are_as_wide_as_each_other_however_close_the_steps_are() -> None:
    steps = [*range(1000), *range(1000, 101_000, 1000)]
    values = [*([0.0, 1.0] * 500), *([0.5] * 100)]
    (line,) = points(draw(steps, values).line)
    assert len(line) > 90
    assert line[0][1] == pytest.approx(50, abs=0.2)


def test_values_at_the_ends_of_what_floats_hold_are_drawn() -> None:
    (line,) = points(draw([0, 1, 2], [-1.7e308, 0.0, 1.7e308]).line)
    assert [y for _, y in line] == [96, 50, 4]


@given(st.lists(st.floats(), min_size=1, max_size=600))
def test_whatever_the_values_points_lie_within_the_chart(values: list[float]) -> None:
    chart = draw(range(len(values)), values)
    drawn = [point for line in points(chart.line + chart.dots) for point in line]
    assert all(0 <= x <= charts.WIDTH and 0 <= y <= charts.HEIGHT for x, y in drawn)
    assert bool(drawn) == any(map(math.isfinite, values))


def scalars(key: str, steps: list[int], values: list[float]) -> runlog.ScalarSeries:
    return runlog.ScalarSeries(key, np.array(steps), np.array(values))


def test_a_series_grows_and_takes_corrections_in_any_order() -> None:
    series = AllSeries()
    series.replace((0, 2), [scalars("loss", [0, 2], [4.0, 2.0])])
    series.replace(
        (0, 1, 2),
        [scalars("loss", [0, 1, 2], [4.0, 3.0, 0.0]), scalars("lr", [0], [1.0])],
    )
    assert sorted(series.keys()) == ["loss", "lr"]
    assert series.chart("loss") == draw([0, 1, 2], [4.0, 3.0, 0.0])
    assert series.chart("lr").key == "lr"


def test_a_number_that_gave_way_to_an_image_or_text_is_gone_and_its_key_with_the_last_one() -> None:
    series = AllSeries()
    series.replace((0, 1), [scalars("loss", [0, 1], [4.0, 3.0])])
    series.replace((1,), [])
    assert (list(series.keys()), series.chart("loss")) == (["loss"], draw([0], [4.0]))
    series.replace((0,), [])
    assert list(series.keys()) == []
    assert list(series.at(0)) == []


def epochs(*more: runlog.ScalarSeries) -> AllSeries:
    """Return a loss at steps 0 to 4, and an epoch that is logged at steps 1 and 3."""
    series = AllSeries()
    loss = scalars("train/loss", [0, 1, 2, 3, 4], [5.0, 4.0, 3.0, 2.0, 1.0])
    series.replace(range(5), [loss, scalars("epoch", [1, 3], [0.5, 1.5]), *more])
    return series


def test_a_series_is_drawn_over_the_latest_value_of_its_step_metric() -> None:
    series = epochs()
    assert series.define((runlog.Metric("train/*", "epoch"),))
    chart = series.chart("train/loss")
    assert points(chart.line) == [[(0, 4), (0, 34.7), (300, 65.3), (300, 96)]]
    assert (chart.over, chart.start, chart.end, chart.missing, chart.last) == ("epoch", "0.5", "1.5", 1, "1")
    assert [tick.label for tick in chart.x_ticks] == ["0.5", "1.0", "1.5"]
    assert series.chart("epoch").over is None


def test_places_ascend_even_where_the_step_metric_goes_back() -> None:
    series = AllSeries()
    series.define((runlog.Metric("loss", "samples"),))
    series.replace(
        range(3), [scalars("loss", [0, 1, 2], [0.0, 1.0, 2.0]), scalars("samples", [0, 1, 2], [0, 20, 10])]
    )
    chart = series.chart("loss")
    assert points(chart.line) == [[(0, 96), (150, 4), (300, 50)]]
    assert [tick.label for tick in chart.x_ticks] == ["0", "10", "20"]


@pytest.mark.parametrize(
    "metric",
    [
        runlog.Metric("train/*"),
        runlog.Metric("train/*", "never/logged"),
        runlog.Metric("*/loss", "train/loss"),
        runlog.Metric("train/*", "late"),
        runlog.Metric("train/*", "nan"),
    ],
    ids=["none", "never logged", "itself", "only later", "no number"],
)
def test_without_a_value_of_a_step_metric_a_series_is_drawn_over_its_steps(metric: runlog.Metric) -> None:
    series = epochs(scalars("late", [7], [1.0]), scalars("nan", [0], [math.nan]))
    before = series.chart("train/loss")
    series.define((metric,))
    assert series.chart("train/loss") == before


def test_the_last_metric_that_matches_says_what_a_series_is_drawn_over() -> None:
    series = epochs()
    series.define((runlog.Metric("train/*", "epoch"), runlog.Metric("train/loss", summary="min")))
    assert series.chart("train/loss").over is None
    assert not series.define((runlog.Metric("train/*", "epoch"), runlog.Metric("train/loss", summary="min")))


def test_a_chart_follows_its_step_metric() -> None:
    series = epochs()
    series.define((runlog.Metric("train/*", "epoch"),))
    assert series.replace((1, 3), [scalars("epoch", [3], [9.0]), scalars("train/loss", [1, 3], [4.0, 2.0])])
    chart = series.chart("train/loss")
    assert (chart.start, chart.end, chart.missing) == ("9", "9", 3)
    series.replace((3,), [scalars("train/loss", [3], [2.0])])
    assert series.chart("train/loss").over is None


@given(st.lists(st.tuples(st.floats(), st.floats() | st.none()), min_size=1, max_size=400))
def test_whatever_the_step_metric_points_lie_within_the_chart_in_order_of_their_places(
    logged: list[tuple[float, float | None]],
) -> None:
    steps = list(range(len(logged)))
    places = [(step, place) for step, (_, place) in enumerate(logged) if place is not None]
    series = AllSeries()
    series.define((runlog.Metric("loss", "epoch"),))
    series.replace(
        steps,
        [
            scalars("loss", steps, [value for value, _ in logged]),
            *([scalars("epoch", *map(list, zip(*places, strict=True)))] if places else []),
        ],
    )
    chart = series.chart("loss")
    for line in points(chart.line):
        assert [x for x, _ in line] == sorted(x for x, _ in line)
    drawn = [point for line in points(chart.line + chart.dots) for point in line]
    assert all(0 <= x <= charts.WIDTH and 0 <= y <= charts.HEIGHT for x, y in drawn)
    assert all(0 <= float(tick.at) <= 100 for tick in (*chart.x_ticks, *chart.y_ticks))
