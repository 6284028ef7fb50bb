"""Masks compared pixel by pixel: as a loop over pixels and classes counts them, and as scikit-learn does.

The gate asks the slow reference about a fixed sample; ``-m coco_data_sets`` asks scikit-learn about 1,000.
"""

from __future__ import annotations

import importlib.util
import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from runlog.evaluation.definition import Evaluation
from runlog.evaluation.gallery import ImageLayers, evaluate_gallery
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


def test_thousands_of_classes_are_counted_each() -> None:
    truth = np.arange(0, 60_000, 20, dtype=np.uint16).reshape(50, 60)
    predictions = truth.copy()
    predictions[0, :2] = [7, 20]
    found = confuse(truth, predictions).pixels
    assert len(found) == 3000
    assert {pair for pair in found if pair[0] != pair[1]} == {(0, 7)}
    assert set(found.values()) == {1}


def test_predictions_of_another_size_are_stretched_over_the_truth() -> None:
    truth = np.repeat(np.repeat(np.array([[1, 2], [3, 4]], np.uint8), 3, 0), 3, 1)
    small = np.array([[1, 2], [3, 3]], np.uint8)
    assert confuse(truth, small).pixels == {(1, 1): 9, (2, 2): 9, (3, 3): 9, (4, 3): 9}


def test_where_all_is_ignored_there_is_no_number() -> None:
    nothing = confuse(np.full((2, 2), 255, np.uint8), np.zeros((2, 2), np.uint8), [255])
    assert nothing.pixels == {}
    assert math.isnan(nothing.pixel_accuracy)
    assert math.isnan(nothing.mean_iou())


@dataclass(frozen=True, slots=True)
class MaskSet:
    """Masks of some images, truth and prediction, and the class ids that are ignored."""

    pairs: list[tuple[np.ndarray, np.ndarray]]
    ignore_ids: tuple[int, ...]

    def counted(self) -> tuple[np.ndarray, np.ndarray]:
        """Return true and predicted class ids of all pixels that count, in a row."""
        truth, predictions = (
            np.concatenate([mask.ravel() for mask in side]) for side in zip(*self.pairs, strict=True)
        )
        counts = ~np.isin(truth, self.ignore_ids)
        return truth[counts], predictions[counts]


def random_masks(seed: int) -> MaskSet:
    """Return masks of a kind of their own: few or many classes, 8 or 16 bits, right or wrong, all ignored."""
    rng = np.random.default_rng(seed)
    wide = rng.random() < 0.3
    known = rng.choice(65_536 if wide else 256, int(rng.choice([1, 2, 5, 30])), replace=False)
    ignored = rng.choice(known, int(rng.integers(0, min(3, len(known)) + 1)), replace=False)
    wrong = float(rng.choice([0, 0.1, 0.5, 1]))
    pairs = []
    for _ in range(int(rng.integers(1, 5))):
        shape = tuple(rng.integers(1, 24, 2).tolist())
        truth = rng.choice(known, shape)
        other = np.where(rng.random(shape) < wrong, rng.choice(known, shape), truth)
        pairs.append(tuple(mask.astype(np.uint16 if wide else np.uint8) for mask in (truth, other)))
    return MaskSet(pairs, tuple(sorted(ignored.tolist())))


def ours(data: MaskSet) -> tuple[dict[str, float], dict[int, float]]:
    """Return the numbers of all images together, and the intersection over union of each class."""
    images = [
        ImageLayers(*truth.shape[::-1], None, None, lambda pair=(truth, one): pair)
        for truth, one in data.pairs
    ]
    found = evaluate_gallery("val", 0, images, Evaluation("val", ignore_ids=data.ignore_ids))
    return dict(found.numbers), {class_id: numbers["iou"] for class_id, numbers in found.by_class.items()}


def expected(ious: dict[int, float], accuracy: float | None, images: int) -> dict[str, float]:
    mean = {"mean_iou": sum(ious.values()) / len(ious)} if ious else {}
    return {**mean, **({} if accuracy is None else {"pixel_accuracy": accuracy}), "evaluated_images": images}


def test_a_sample_of_mask_sets_comes_out_as_with_a_slow_reference() -> None:
    for seed in range(40):
        data = random_masks(seed)
        truth, predictions = data.counted()
        ious = {
            one: np.count_nonzero((truth == one) & (predictions == one))
            / np.count_nonzero((truth == one) | (predictions == one))
            for one in sorted({*truth.tolist(), *predictions.tolist()} - {*data.ignore_ids})
        }
        accuracy = np.count_nonzero(truth == predictions) / len(truth) if len(truth) else None
        numbers, by_class = ours(data)
        assert by_class == pytest.approx(ious, abs=1e-12), seed
        assert numbers == pytest.approx(expected(ious, accuracy, len(data.pairs)), abs=1e-12), seed


@pytest.mark.coco_data_sets
@pytest.mark.filterwarnings("ignore:A single label was found:UserWarning")  # and all known ones are passed
@pytest.mark.skipif(
    importlib.util.find_spec("sklearn") is None, reason="scikit-learn is not installed: NOT TESTED"
)
@pytest.mark.parametrize("part", range(10))
def test_a_thousand_mask_sets_come_out_as_with_scikit_learn(part: int) -> None:
    from sklearn import metrics

    for seed in range(part * 100, part * 100 + 100):
        data = random_masks(seed)
        truth, predictions = data.counted()
        numbers, by_class = ours(data)
        if not len(truth):
            assert (numbers, by_class) == ({"evaluated_images": len(data.pairs)}, {}), seed
            continue
        class_ids = sorted({*truth.tolist(), *predictions.tolist()})
        judged = [one for one in class_ids if one not in data.ignore_ids]
        theirs = metrics.jaccard_score(truth, predictions, labels=class_ids, average=None).tolist()
        ious = {one: iou for one, iou in zip(class_ids, theirs, strict=True) if one in judged}
        accuracy = metrics.accuracy_score(truth, predictions)
        assert by_class == pytest.approx(ious, abs=1e-6), seed
        assert numbers == pytest.approx(expected(ious, accuracy, len(data.pairs)), abs=1e-6), seed
        if judged:
            macro = metrics.jaccard_score(truth, predictions, labels=judged, average="macro")
            assert numbers["mean_iou"] == pytest.approx(macro, abs=1e-6), seed
        confusion = sum_of(confuse(*pair, data.ignore_ids) for pair in data.pairs)
        matrix = metrics.confusion_matrix(truth, predictions, labels=class_ids)
        table = [[confusion.pixels.get((one, other), 0) for other in class_ids] for one in class_ids]
        assert table == matrix.tolist(), seed
