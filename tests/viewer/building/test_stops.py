"""Where a slider over a step metric stops: once a value, at the last step that has it."""

from __future__ import annotations

import math

import numpy as np

import runlog
from runlog_viewer.building.series import AllSeries, Stop, Stops


def series_of(values: dict[int, float], *metrics: runlog.Metric, key: str = "epoch") -> AllSeries:
    series = AllSeries()
    steps = np.array(list(values), np.int64)
    logged = runlog.ScalarSeries(key, steps, np.array(list(values.values()), np.float64))
    series.replace(values, [logged])
    series.define(metrics)
    return series


EPOCH = runlog.Metric("val/*", step_metric="epoch")


def test_each_value_has_one_stop_at_the_last_step_with_a_page() -> None:
    series = series_of({0: 0, 10: 0, 20: 1, 30: 1, 40: 2}, EPOCH)
    steps = [5, 10, 25, 35, 50]
    stops = [Stop(0.0, 5, 10), Stop(1.0, 25, 35), Stop(2.0, 50, 50)]
    assert series.stops(["val/a", "val/b", "c"], steps) == {"epoch": Stops(["val/a", "val/b"], stops)}


def test_a_value_that_comes_again_has_its_stop_at_the_last_of_all() -> None:
    found = series_of({0: 0, 1: 1, 2: 0, 3: 2}, EPOCH).stops(["val/a"], [0, 1, 2, 3])
    assert found["epoch"].values == [Stop(1.0, 1, 1), Stop(0.0, 0, 2), Stop(2.0, 3, 3)]


def test_what_is_no_number_and_steps_before_the_first_have_no_stop() -> None:
    found = series_of({10: 1, 20: math.nan, 30: math.inf, 40: 2}, EPOCH).stops(["val/a"], [0, 10, 20, 30, 40])
    assert found["epoch"].values == [Stop(1.0, 10, 10), Stop(2.0, 40, 40)]


def test_without_a_step_metric_that_was_logged_there_are_no_stops() -> None:
    assert series_of({0: 1}).stops(["val/a"], [0]) == {}
    assert series_of({0: 1}, EPOCH).stops(["other"], [0]) == {}
    assert series_of({0: 1}, EPOCH, key="loss").stops(["val/a"], [0]) == {}
    assert series_of({5: 1}, EPOCH).stops(["val/a"], [0]) == {}
    assert series_of({5: 1}, EPOCH).stops(["val/a"], []) == {}
