"""Which numbers say the result of a run, and whether less or more of each is better."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import runlog
from runlog_viewer.pages import headline

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


@given(KEYS)
def test_the_order_does_not_depend_on_that_of_the_keys(keys: list[str]) -> None:
    ordered = headline.ranked(keys)
    assert sorted(ordered) == sorted(keys)
    assert ordered == headline.ranked(keys[::-1])
    assert [key for key in headline.ranked([*keys, "new/key"]) if key != "new/key"] == list(ordered)


@given(KEYS)
def test_losses_are_first_in_a_section(keys: list[str]) -> None:
    isles = [headline.aim(key) == "min" for key in headline.losses_first(keys)]
    assert isles == sorted(isles, reverse=True)
