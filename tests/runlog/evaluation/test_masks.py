"""Masks compared pixel by pixel: as a loop over pixels and classes counts them."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from runlog.evaluation.masks import confuse, sum_of
from runlog.evaluation.verdicts import MaskConfusion

SHAPE = (5, 7)
MASKS = arrays.arrays(np.uint8, SHAPE, elements=st.sampled_from([0, 1, 2, 7, 255]))
IDS = st.lists(st.sampled_from([0, 1, 7, 255]), unique=True, max_size=2)


def slow_iou(truth: np.ndarray, predictions: np.ndarray, class_id: int, ignore_ids: list[int]) -> float:
    """Return the intersection over union of a class by the sets of its pixels."""
    counted = {place for place in np.ndindex(truth.shape) if truth[place] not in ignore_ids}
    true_pixels = {place for place in counted if truth[place] == class_id}
    pixels = {place for place in counted if predictions[place] == class_id}
    return len(true_pixels & pixels) / len(true_pixels | pixels)


@given(MASKS, MASKS, IDS)
def test_each_number_of_a_mask_is_that_of_a_loop_over_its_pixels(
    truth: np.ndarray, predictions: np.ndarray, ignore_ids: list[int]
) -> None:
    found = confuse(truth, predictions, ignore_ids)
    counted = [place for place in np.ndindex(SHAPE) if truth[place] not in ignore_ids]
    pairs = Counter((int(truth[place]), int(predictions[place])) for place in counted)
    assert found.pixels == pairs
    class_ids = sorted({one for pair in pairs for one in pair})
    ious = {one: slow_iou(truth, predictions, one, ignore_ids) for one in class_ids}
    assert found.iou == pytest.approx(ious)
    judged = [iou for one, iou in ious.items() if one not in ignore_ids]
    mean = found.mean_iou(tuple(ignore_ids))
    assert mean == pytest.approx(sum(judged) / len(judged)) if judged else math.isnan(mean)
    if counted:
        right = sum(truth[place] == predictions[place] for place in counted)
        assert found.pixel_accuracy == pytest.approx(right / len(counted))


@given(st.lists(st.tuples(MASKS, MASKS), max_size=4))
def test_several_images_count_as_one_large_one(pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    together = sum_of(confuse(*pair) for pair in pairs)
    if pairs:
        truth, predictions = (np.concatenate(side) for side in zip(*pairs, strict=True))
        assert together == confuse(truth, predictions)
    else:
        assert together == MaskConfusion({})


def test_class_ids_past_255_are_counted_too() -> None:
    truth = np.array([[0, 60_000], [60_000, 3]], np.uint16)
    predictions = np.array([[0, 60_000], [3, 3]], np.uint16)
    assert confuse(truth, predictions).pixels == {(0, 0): 1, (3, 3): 1, (60_000, 3): 1, (60_000, 60_000): 1}


def test_predictions_of_another_size_are_stretched_over_the_truth() -> None:
    truth = np.repeat(np.repeat(np.array([[1, 2], [3, 4]], np.uint8), 3, 0), 3, 1)
    small = np.array([[1, 2], [3, 3]], np.uint8)
    assert confuse(truth, small).pixels == {(1, 1): 9, (2, 2): 9, (3, 3): 9, (4, 3): 9}


def test_where_all_is_ignored_there_is_no_number() -> None:
    nothing = confuse(np.full((2, 2), 255, np.uint8), np.zeros((2, 2), np.uint8), [255])
    assert nothing.pixels == {}
    assert math.isnan(nothing.pixel_accuracy)
    assert math.isnan(nothing.mean_iou())
