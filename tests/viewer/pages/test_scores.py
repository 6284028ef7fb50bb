"""Scores keep their names in the page, and have a range over all boxes."""

from __future__ import annotations

import json
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


def test_scores_have_their_names_as_logged_and_exact_values() -> None:
    logged = {"mAP@50": 0.1, "IoU": 0.5, "iou": math.nan, 'x" onload="y': 1.0, "ü": -math.inf, "": math.inf}
    assert scores.as_json(logged) == (
        '{"mAP@50":0.1,"IoU":0.5,"iou":"NaN","x\\" onload=\\"y":1,"ü":"-Infinity","":"Infinity"}'
    )


@given(st.dictionaries(st.text(), st.floats(allow_nan=False)))
def test_scores_can_be_read_again_whatever_their_names(logged: dict[str, float]) -> None:
    read = json.loads(scores.as_json(logged))
    assert {name: float(value) for name, value in read.items()} == logged
    assert list(read) == list(logged)


def test_ranges_hold_the_finite_scores_of_all_boxes_by_name(image: ImageOf) -> None:
    one = boxes({"IoU": 0.5}, {}, {"IoU": 0.25, "only nan": math.nan}, {"IoU": math.inf})
    other = boxes({"b": 3.0, "IoU": -1.0})
    ranges = {"IoU": (0.0, 0.75), "iou": (0.0, 1.0)}
    scores.widen(ranges, [image(boxes=(one,)), image(boxes=(other,)), image()])
    assert ranges == {"IoU": (-1.0, 0.75), "iou": (0.0, 1.0), "b": (3.0, 3.0)}
