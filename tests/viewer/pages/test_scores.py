"""Scores have names that fit an attribute, and a range over all boxes."""

from __future__ import annotations

import math
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

import runlog
from runlog_viewer.pages import scores

ImageOf = Callable[..., runlog.ImageRecord]


def boxes(*given_scores: dict[str, float]) -> runlog.BoxLayerRecord:
    made = tuple(runlog.Box("min_max", "pixel", (1, 2, 3, 4), class_id=1, scores=one) for one in given_scores)
    return runlog.BoxLayerRecord("b", made, {})


def test_names_become_attributes_that_stay_apart() -> None:
    logged = {"Confidence": 0.1, "io u": math.nan, "io/u": math.inf, 'x" onload="y': 1.0, "ü": -math.inf}
    assert scores.attributes(logged) == (
        ("data-score-confidence", "0.1"),
        ("data-score-io-u", "NaN"),
        ("data-score-io-u-2", "Infinity"),
        ("data-score-x--onload--y", "1"),
        ("data-score--", "-Infinity"),
    )


@given(st.dictionaries(st.text(), st.floats()))
def test_there_are_as_many_attributes_as_scores_whatever_the_names(logged: dict[str, float]) -> None:
    attributes = scores.attributes(logged)
    assert len({name for name, _ in attributes}) == len(logged)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-") for name, _ in attributes)


def test_ranges_hold_the_finite_scores_of_all_boxes_by_the_names_of_the_attributes(image: ImageOf) -> None:
    one = boxes({"IoU": 0.5}, {}, {"IoU": 0.25, "only nan": math.nan}, {"IoU": math.inf})
    other = boxes({"b": 3.0, "IoU": -1.0})
    ranges = {"iou": (0.0, 0.75)}
    scores.widen(ranges, [image(boxes=(one,)), image(boxes=(other,)), image()])
    assert ranges == {"iou": (-1.0, 0.75), "b": (3.0, 3.0)}
