"""Matching and average precision are those of COCO, ties and crowds included.

The gate asks pycocotools and the slow reference about a fixed sample; ``-m coco_data_sets`` asks pycocotools
about 1,000 data sets.
"""

from __future__ import annotations

import numpy as np
import pytest

from runlog.evaluation.average_precision import COCO_IOUS, average_precision
from runlog.evaluation.matching import BoxArrays, match

from . import reference
from .data_sets import DataSet, coco_evaluation, coco_matches, in_order_of_classes, random_data_set

# pycocotools 2.0.11 with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")


def differences(data: DataSet, *, use_classes: bool) -> list[str]:
    """Return in what our evaluation of a data set is another than that of pycocotools."""
    data = data if use_classes else in_order_of_classes(data)
    theirs = coco_evaluation(data, use_classes=use_classes)
    matches = match(data.truth, data.predictions, COCO_IOUS, use_classes=use_classes)
    ours = average_precision(data.truth, data.predictions, matches, use_classes=use_classes)
    class_ids = theirs.params.catIds if use_classes else [0]
    precision, recall = theirs.eval["precision"][..., 0, 0], theirs.eval["recall"][..., 0, 0]
    found = []
    if [
        one for column, one in enumerate(class_ids) if precision[0, 0, column] > -1
    ] != ours.class_ids.tolist():
        return ["classes"]
    for column, class_id in enumerate(ours.class_ids.tolist()):
        theirs_at = class_ids.index(class_id)
        if not np.allclose(precision[..., theirs_at].mean(1), ours.precision[:, column], rtol=0, atol=1e-9):
            found.append(f"average precision of class {class_id}")
        if not np.allclose(recall[:, theirs_at], ours.recall[:, column], rtol=0, atol=1e-9):
            found.append(f"recall of class {class_id}")
    partner, ignored = coco_matches(theirs, data)
    counted = partner != -2
    if not np.array_equal(partner[counted], matches.partner[counted]):
        found.append("partners")
    if not np.array_equal(ignored[counted], matches.on_ignored(data.truth)[counted]):
        found.append("what is ignored")
    return found


@pytest.mark.parametrize("use_classes", [True, False], ids=["by class", "whatever the class"])
def test_a_sample_of_data_sets_comes_out_as_with_pycocotools(use_classes: bool) -> None:
    found = {seed: differences(random_data_set(seed), use_classes=use_classes) for seed in range(25)}
    assert {seed: said for seed, said in found.items() if said} == {}


@pytest.mark.coco_data_sets
@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize("use_classes", [True, False], ids=["by class", "whatever the class"])
def test_a_thousand_data_sets_come_out_as_with_pycocotools(use_classes: bool, part: int) -> None:
    seeds = range(part * 100, part * 100 + 100)
    found = {seed: differences(random_data_set(seed), use_classes=use_classes) for seed in seeds}
    assert {seed: said for seed, said in found.items() if said} == {}


@pytest.mark.parametrize("use_classes", [True, False])
def test_each_prediction_takes_the_truth_that_a_slow_reference_gives_it(use_classes: bool) -> None:
    for seed in range(40):
        data = random_data_set(seed)
        thresholds = np.array([0.25, 0.5, 0.95])
        found = match(data.truth, data.predictions, thresholds, use_classes=use_classes)
        for row, threshold in zip(found.partner.tolist(), thresholds.tolist(), strict=True):
            assert row == reference.partners(
                data.truth, data.predictions, threshold, use_classes=use_classes
            ), seed


def test_average_precision_is_that_of_a_slow_reference() -> None:
    for seed in range(40):
        data = random_data_set(seed)
        matches = match(data.truth, data.predictions, COCO_IOUS, use_classes=True)
        ours = average_precision(data.truth, data.predictions, matches, use_classes=True)
        if np.bincount(data.predictions.image, minlength=1).max() > 100:
            continue
        for column, class_id in enumerate(ours.class_ids.tolist()):
            own = np.flatnonzero(data.predictions.class_id == class_id)
            own = own[np.argsort(-data.predictions.scores[own], kind="stable")]
            right = matches.found(data.truth)[3, own]
            wrong = ~right & ~matches.on_ignored(data.truth)[3, own]
            positives = int(((data.truth.class_id == class_id) & ~data.truth.ignored).sum())
            expected = reference.average_precision(right.tolist(), wrong.tolist(), positives)
            assert ours.precision[3, column] == pytest.approx(expected, abs=1e-9)


# What pycocotools 2.0.11 gave: seed, by class or not, and the means of precision and recall over all classes.
FROZEN = [
    (1, True, 0.006451546, 0.025586829, 0.126641414),
    (1, False, 0.007062367, 0.031979314, 0.164000000),
    (4, True, 0.028571429, 0.047619048, 0.028571429),
    (4, False, 0.030000000, 0.074257426, 0.041666667),
    (7, True, 0.006354545, 0.035562492, 0.136507937),
    (7, False, 0.004394133, 0.025281983, 0.166666667),
    (12, True, 0.037871318, 0.153762156, 0.297619048),
    (12, False, 0.038817836, 0.172040730, 0.289743590),
]


@pytest.mark.parametrize(("seed", "use_classes", "precision", "at_50", "recall"), FROZEN)
def test_some_numbers_of_pycocotools_are_frozen(
    seed: int, use_classes: bool, precision: float, at_50: float, recall: float
) -> None:
    data = random_data_set(seed)
    data = data if use_classes else in_order_of_classes(data)
    matches = match(data.truth, data.predictions, COCO_IOUS, use_classes=use_classes)
    ours = average_precision(data.truth, data.predictions, matches, use_classes=use_classes)
    assert ours.precision.mean() == pytest.approx(precision, abs=1e-6)
    assert ours.precision[0].mean() == pytest.approx(at_50, abs=1e-6)
    assert ours.recall.mean() == pytest.approx(recall, abs=1e-6)


def boxes(*corners: tuple[float, ...], scores: list[float] | None = None) -> BoxArrays:
    count = len(corners)
    none = np.zeros(count, np.bool_)
    return BoxArrays(
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.array(corners, dtype=np.float64).reshape(count, 4),
        np.array(scores or [1.0] * count),
        none,
        none,
    )


def partners(truth: BoxArrays, predictions: BoxArrays) -> list[int]:
    return match(truth, predictions, np.array([0.5]), use_classes=True).partner[0].tolist()


def test_a_box_that_cannot_be_drawn_is_never_a_partner() -> None:
    nowhere, there = (np.nan,) * 4, (0, 0, 8, 8)
    assert partners(boxes(nowhere, there), boxes(there, nowhere)) == [1, -1]


def test_a_score_that_is_nan_ranks_last() -> None:
    there = (0, 0, 8, 8)
    assert partners(boxes(there), boxes(there, there, scores=[np.nan, 0.1])) == [-1, 0]


def test_where_no_truth_counts_pycocotools_has_no_class_either() -> None:
    truth, predictions = boxes((0, 0, 8, 8)), boxes((0, 0, 8, 8))
    every = np.ones(1, np.bool_)
    crowd = BoxArrays(truth.image, truth.class_id, truth.corners, truth.scores, every, every)
    for of_truth in (crowd, boxes()):
        data = DataSet(1, of_truth, predictions)
        assert set(coco_evaluation(data, use_classes=True).eval["precision"].ravel()) == {-1}
        assert differences(data, use_classes=True) == []


def test_many_boxes_in_one_image_are_matched_in_parts_that_fit_into_memory() -> None:
    rng = np.random.default_rng(0)
    left_top = rng.integers(0, 10_000, (1500, 2)) * 10.0
    corners = [(x, y, x + 9, y + 9) for x, y in np.unique(left_top, axis=0).tolist()]
    assert partners(boxes(*corners), boxes(*corners)) == list(range(len(corners)))


def test_nothing_to_match_matches_nothing() -> None:
    nothing, there = boxes(), boxes((0, 0, 8, 8))
    assert partners(nothing, nothing) == []
    assert partners(there, nothing) == []
    assert partners(nothing, there) == [-1]
