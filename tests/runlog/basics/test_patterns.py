"""How keys are chosen: by name, or with ``*`` and ``?``; all else stands for itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import runlog
from runlog.basics.patterns import matches
from runlog.upkeep.pruning import prune

Start = Callable[..., runlog.LocalRun]
KEY = st.text("ab[]!-^\\.*?\n", min_size=1, max_size=8)


@given(KEY)
def test_a_name_stands_for_itself(name: str) -> None:
    assert matches(name, name)


@given(KEY, KEY, KEY)
def test_a_star_stands_for_any_characters_and_a_question_mark_for_one(a: str, b: str, c: str) -> None:
    assert matches(a + b + c, f"{a}*{c}")
    assert matches(f"{a}{b[0]}{c}", f"{a}?{c}")


@pytest.mark.parametrize(
    ("name", "pattern"),
    [("img1", "img[12]"), ("a", "[!b]"), ("val/A", "val/a"), ("val/ab", "val/?"), ("val", "val/*")],
)
def test_nothing_else_is_a_pattern(name: str, pattern: str) -> None:
    assert not matches(name, pattern)


def test_a_key_with_brackets_is_chosen_by_its_name_everywhere(start: Start) -> None:
    box = {"position": {"middle": [0.5, 0.5], "width": 0.5, "height": 0.5}, "class_id": 1}
    boxes = {"truth": {"box_data": [box]}, "predictions": {"box_data": [box]}}
    with start() as run:
        run.define_evaluation("val[12]")
        run.define_metric("loss[12]", summary="max")
        for step in range(3):
            image = runlog.Image(np.full((4, 4), 90 + step, np.uint8), boxes=boxes)
            run.log({"val[12]": image, "val1": image, "loss[12]": -step, "loss1": -step}, step=step)
        assert (run.summary["loss[12]"], run.summary["loss1"]) == (0, -2)
        assert [key for key in run.summary if key.endswith("recall")] == ["val[12]/recall"]
    assert [one.key for one in prune(run.folder, keep_last=1, keys=["val[12]"]).keys] == ["val[12]"]
