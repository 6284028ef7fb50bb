"""Which numbers say the result of a run, and whether less or more of each is better."""

from __future__ import annotations

import json
import math
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import runlog
from runlog_viewer.pages import charts, headline, numbers
from runlog_viewer.pages.values import Chart, HeadlineNumber

NAMES = "loss acc fid lr epoch x samples train/loss train/x val/loss val/mAP50 val/iou/a val/a sys/gpu"
KEYS = st.lists(st.sampled_from(NAMES.split()), unique=True)


@pytest.mark.parametrize(
    ("best", "keys"),
    {
        "min": "loss val/loss valLoss train/loss_box loss/g error_rate ppl fid rmse top5_err",
        "max": "acc val/acc top1 val/top5_acc mAP@50 val/mAP50-95 IoU val/mIoU val/iou/road psnr",
        None: "lr epoch samples grad_norm sys/gpu_util time/loss x maple training lossy val/a",
    }.items(),
)
def test_the_name_of_a_number_says_whether_less_or_more_is_better(best: str | None, keys: str) -> None:
    assert {key: headline.aim(key) for key in keys.split()} == dict.fromkeys(keys.split(), best)


def test_what_a_script_said_of_a_number_counts_before_its_name() -> None:
    metrics = [
        runlog.Metric("loss", summary="max"),
        runlog.Metric("x*", summary="best", goal="maximize"),
        runlog.Metric("y", summary="best"),
        runlog.Metric("acc", step_metric="epoch"),
    ]
    found = [headline.aim(key, metrics) for key in ("loss", "x1", "y", "acc")]
    assert found == ["max", "max", "min", "max"]


def test_defined_numbers_are_first_then_held_out_data_then_losses_then_the_rest_then_the_course() -> None:
    keys = ["epoch", "lr", "images/s", "x", "train/loss", "val/b", "val/acc", "test/deep/loss", "fid"]
    metrics = [runlog.Metric("x", summary="min"), runlog.Metric("*", step_metric="images/s")]
    assert headline.ranked(keys, metrics[::-1]) == (
        "x", "val/acc", "val/b", "test/deep/loss", "fid", "train/loss", "epoch", "lr", "images/s"
    )  # fmt: skip


def test_one_number_of_all_classes_is_before_those_of_each() -> None:
    assert headline.ranked(["val/iou/car", "val/iou/road", "val/mIoU"])[0] == "val/mIoU"


def test_parts_of_a_number_that_is_there_are_behind_all_but_the_course() -> None:
    classes = [f"val/p/ap50/class_{number}" for number in range(9)]
    keys = [*classes, "val/p/ap50", "val/p/evaluated_images", "loss", "epoch", "x"]
    ordered = headline.ranked(keys)
    assert ordered[:3] == ("val/p/ap50", "loss", "x")
    assert ordered[3:-2] == tuple(classes)
    assert set(ordered[-2:]) == {"epoch", "val/p/evaluated_images"}
    shown = numbers.facts([(key, 1.0) for key in sorted(keys)])
    assert [fact.name for fact in shown] == [
        "val/p/ap50",
        "val/p/evaluated_images",
        "epoch",
        "loss",
        "x",
        *classes,
    ]


def test_numbers_of_more_things_than_there_is_room_for_are_behind_those_of_the_whole() -> None:
    classes = [f"val/iou/{name}" for name in ("road", "car", "bus", "sky", "wall", "pole", "fence")]
    assert headline.of_one_of_many([*classes, "val/mIoU", "val/ap/small", "loss"]) == set(classes)
    assert headline.of_one_of_many(classes[1:]) == set()
    assert headline.ranked([*classes, "val/mIoU", "train/loss"])[:2] == ("val/mIoU", "train/loss")
    values = {key: [0.5] for key in [*classes, "val/mIoU", "train/loss"]}
    shown = [one.key for one in strip(values)]
    assert shown == ["val/mIoU", "train/loss", *classes[:4]]  # as they were logged
    facts = numbers.facts([(key, 1.0) for key in values])
    assert [fact.name for fact in facts] == ["val/mIoU", "train/loss", *classes]


@given(KEYS)
def test_the_order_does_not_depend_on_that_of_the_keys(keys: list[str]) -> None:
    ordered = headline.ranked(keys)
    assert sorted(ordered) == sorted(keys)
    assert ordered == headline.ranked(keys[::-1])
    assert [key for key in headline.ranked([*keys, "new/key"]) if key != "new/key"] == list(ordered)


@given(KEYS)
def test_keys_without_a_section_are_last_and_losses_first_in_each(keys: list[str]) -> None:
    ordered = headline.in_sections(keys)
    assert sorted(ordered) == sorted(keys)
    sections = [headline.section(key) for key in ordered]
    assert [name for name, _ in groupby(sections)] == sorted(set(sections), key=sections.index)
    assert "" not in sections[: len(sections) - sections.count("")]
    for section in set(sections):
        are_losses = [headline.aim(key) == "min" for key in ordered if headline.section(key) == section]
        assert are_losses == sorted(are_losses, reverse=True)


def test_sections_of_results_stand_before_those_of_the_course_of_the_training() -> None:
    keys = ["sys/gpu", "lr", "grad_norm/a", "val/b", "val/a", "train/acc", "train/loss", "x"]
    assert headline.in_sections(keys) == (
        *("train/loss", "train/acc", "val/b", "val/a", "grad_norm/a", "sys/gpu"),
        *("lr", "x"),
    )


def strip(values: dict[str, list[float]], *metrics: runlog.Metric) -> tuple[HeadlineNumber, ...]:
    def extremes(key: str) -> headline.Extremes | None:
        finite = [(value, step) for step, value in enumerate(values[key]) if math.isfinite(value)]
        if not finite:
            return None
        return min(finite), max(finite, key=lambda place: (place[0], -place[1]))

    def chart(key: str) -> Chart:
        return charts.chart(key, range(len(values[key])), values[key])

    return headline.strip(values, metrics, chart, extremes)


def test_a_headline_number_has_its_last_value_its_best_and_where_that_was() -> None:
    found = strip(
        {"val/acc": [0.1, 0.75, 0.5], "loss": [3, math.nan, 1, 1], "x": [1, 2], "nan/loss": [math.nan]}
    )
    assert [(one.key, one.last, one.best, one.best_step) for one in found] == [
        ("val/acc", "0.5", "0.75", 1),
        ("loss", "1", "1", 2),
        ("nan/loss", "NaN", None, None),
        ("x", "2", None, None),
    ]


def test_there_are_at_most_six_and_those_of_the_course_only_alone() -> None:
    assert len(strip({f"loss_{n}": [1.0] for n in range(9)})) == 6
    assert [one.key for one in strip({"epoch": [1], "lr": [1], "loss": [1]})] == ["loss"]
    assert [one.key for one in strip({"epoch": [1], "lr": [1]})] == ["epoch", "lr"]


def test_every_word_for_data_that_is_not_trained_on_is_known() -> None:
    cases = json.loads((Path(__file__).parents[2] / "held_out_cases.json").read_text())
    assert [
        name for name in cases["held_out"] + cases["others"] if headline.is_held_out(f"{name}/loss")
    ] == cases["held_out"]
