"""``define_metric``: what the summary holds of a scalar."""

import math
import random
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import runlog

Start = Callable[..., runlog.LocalRun]
VALUES = (3.0, 1.0, math.nan, 2.0)


def summary(run: runlog.LocalRun) -> dict[str, Any]:
    with runlog.open(run.folder) as reader:
        stored = dict(reader.run().summary)
    assert stored == dict(run.summary)
    return stored


@pytest.mark.parametrize(
    ("rule", "goal", "expected"),
    [
        ("last", "minimize", 2.0),
        ("min", "minimize", 1.0),
        ("max", "minimize", 3.0),
        ("mean", "minimize", 2.0),
        ("best", "minimize", 1.0),
        ("best", "maximize", 3.0),
    ],
)
@pytest.mark.parametrize("when", ["before", "after", "between"])
def test_the_summary_follows_the_rule_whenever_it_is_defined(
    start: Start, rule: Any, goal: Any, expected: float, when: str
) -> None:
    with start() as run:
        for number, value in enumerate((*VALUES, None)):
            if number == {"before": 0, "between": 2, "after": 4}[when]:
                run.define_metric("loss", summary=rule, goal=goal)
            run.log({"loss": value} if value is not None else {})
    assert summary(run) == {"loss": expected}


def test_a_pattern_rules_all_keys_that_match_and_the_last_one_counts(start: Start) -> None:
    with start() as run:
        run.define_metric("val/*", summary="max")
        run.define_metric("val/loss", summary="min")
        for value in (1, 3, 2):
            run.log({"val/loss": value, "val/iou": value, "train/loss": value})
    assert summary(run) == {"val/loss": 1.0, "val/iou": 3.0, "train/loss": 2.0}


def test_where_only_nan_was_logged_the_summary_is_nan(start: Start) -> None:
    with start() as run:
        run.define_metric("a", summary="min")
        run.log({"a": math.nan})
        assert math.isnan(run.summary["a"])


def test_what_the_script_sets_wins_over_a_metric(start: Start) -> None:
    with start() as run:
        run.define_metric("a", summary="max")
        run.summary["a"] = 99
        run.log({"a": 1})
    assert summary(run) == {"a": 99}


def test_definitions_are_read_back(start: Start) -> None:
    with start() as run:
        run.define_metric("a", step_metric="epoch", summary="best", goal="maximize")
        run.define_metric("a", step_metric="samples")
    with runlog.open(run.folder) as reader:
        assert reader.metrics() == (runlog.Metric("a", "samples", "last", "minimize"),)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ""}, "a key must have"),
        ({"name": "a", "summary": "median"}, "summary must be one of last, min, max, mean, best"),
        ({"name": "a", "goal": "up"}, "goal must be one of minimize, maximize"),
        ({"name": "a", "step_metric": 3}, "a key must be a string"),
        ({"name": "a", "summary": None}, "summary must be a string"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(
    start: Start, arguments: dict[str, Any], message: str
) -> None:
    with start() as run, pytest.raises(runlog.RunlogError, match=message):
        run.define_metric(**arguments)


def told_anew(values: list[tuple[int, str, Any]], rule: str) -> dict[str, float]:
    """Return what the summary must hold, told from the last value of each key at each step."""
    there: dict[str, dict[int, Any]] = {}
    for step, key, value in values:
        there.setdefault(key, {})[step] = value
    numbers = {
        key: [value for _, value in sorted(of.items()) if isinstance(value, float)]
        for key, of in there.items()
    }
    of = {"last": lambda found: found[-1], "min": min, "max": max, "mean": statistics.fmean}[rule]
    return {key: of(found) for key, found in numbers.items() if found}


@pytest.mark.filterwarnings("ignore:.*was logged as a")
@pytest.mark.parametrize("rule", ["last", "min", "max", "mean"])
@pytest.mark.parametrize("seed", range(5))
def test_the_summary_is_that_of_the_values_that_are_there_whatever_was_replaced(
    start: Start, rule: str, seed: int
) -> None:
    chosen = random.Random(seed)
    run, values = start(id="r"), []
    if rule != "last":
        run.define_metric("*", summary=rule)
    for n in range(60):
        step, key = chosen.randrange(8), chosen.choice("ab")
        value: Any = chosen.choice([float(chosen.randrange(-8, 8)), "text"]) if n % 3 else 0.5
        values.append((step, key, value))
        run.log({key: value}, step=step)
        assert summary(run) == pytest.approx(told_anew(values, rule))
        if n % 20 == 19:
            run.finish()
            run = start(id="r", resume="must")
            assert summary(run) == pytest.approx(told_anew(values, rule))
    run.finish()


@pytest.mark.filterwarnings("ignore:.*were replaced by those of a later call")
def test_the_summary_forgets_numbers_of_a_judged_gallery_that_is_judged_no_more(start: Start) -> None:
    box = {"position": {"minX": 0.1, "minY": 0.1, "maxX": 0.5, "maxY": 0.5}, "class_id": 1}
    layers = {
        "truth": {"box_data": [box]},
        "predictions": {"box_data": [{**box, "scores": {"confidence": 0.9}}]},
    }
    grey = np.zeros((8, 8, 3), np.uint8)
    with start() as run:
        run.define_evaluation("val")
        run.log({"val": runlog.Image(grey, boxes=layers)}, step=0)
        assert summary(run)["val/ap50"] == 1.0
        run.log({"val": runlog.Image(grey)}, step=0)
        assert summary(run) == {}


@pytest.mark.filterwarnings("ignore:.*was logged as a")
def test_what_the_script_set_stays_where_its_scalar_goes(start: Start) -> None:
    with start() as run:
        run.log({"a": 1.0, "b": 2.0}, step=0)
        run.summary["a"] = 99
        run.log({"a": "text", "b": "text"}, step=0)
        assert summary(run) == {"a": 99}


@pytest.mark.parametrize(("rule", "expected"), [("min", -math.inf), ("max", math.inf), ("mean", math.nan)])
@pytest.mark.parametrize("when", ["first", "later", "resumed", "replaced"])
def test_infinities_of_both_signs_are_summed_up_as_floats_are(
    start: Start, rule: Any, expected: float, when: str
) -> None:
    run = start(id="r")
    if when != "later":
        run.define_metric("a", summary=rule)
    for step, value in enumerate((math.inf, -math.inf, 2.0)):
        run.log({"a": value}, step=step)
    if when == "later":
        run.define_metric("a", summary=rule)
    elif when == "resumed":
        run.finish()
        run = start(id="r", resume="must")
    elif when == "replaced":
        run.log({"a": 3.0}, step=2)
    run.log({"a": 1.0}, step=3)
    assert run.summary["a"] == pytest.approx(expected, nan_ok=True)
    run.finish()
    with runlog.open(run.folder) as reader:
        assert reader.run().summary["a"] == pytest.approx(expected, nan_ok=True)
