"""What is said of each box, image and list of images."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import runlog
from runlog.evaluation.definition import Evaluation
from runlog.evaluation.gallery import GalleryEvaluation, ImageLayers, JudgedImage, evaluate_gallery
from runlog.evaluation.verdicts import BoxCounts, BoxVerdict, box_confusion

VAL = Evaluation("val")


def box(left: float, right: float, class_id: int | None = None, **scores: float) -> runlog.Box:
    return runlog.Box("min_max", "pixel", (left, right, 0.0, 10.0), class_id, None, scores)


def layers(truth: Any, predictions: Any, masks: Any = None) -> ImageLayers:
    return ImageLayers(100, 100, truth, predictions, masks)


def judged(*images: ImageLayers, evaluation: Evaluation = VAL) -> GalleryEvaluation:
    return evaluate_gallery("val", 3, images, evaluation)


def verdicts(found: GalleryEvaluation, layer: str = "predictions", place: int = 0) -> list[str]:
    image = found.images[place]
    assert image is not None
    return [said.verdict for said in image.verdicts[layer]]


def test_each_box_has_a_verdict_with_its_partner_and_overlap() -> None:
    truth = [box(0, 10, 1), box(20, 30, 2), replace(box(40, 60, 1), iscrowd=True), box(80, 90, 1)]
    predictions = [box(0, 8, 1, p=0.9), box(20, 30, 1, p=0.8), box(45, 50, 1, p=0.7), box(80, 90, 1, p=0.2)]
    (image,) = judged(layers(truth, predictions)).images
    assert image is not None
    assert image.verdicts["predictions"] == (
        BoxVerdict("true_positive", 0, 0.8, 0.9),
        BoxVerdict("false_positive", None, None, 0.8, confused_with=1),
        BoxVerdict("ignored", 2, 1.0, 0.7),
        BoxVerdict("below", 3, 1.0, 0.2),
    )
    assert image.verdicts["truth"] == (
        BoxVerdict("true_positive", 0, 0.8, 0.9),
        BoxVerdict("missed", None, None, None, confused_with=1),
        BoxVerdict("ignored"),
        BoxVerdict("missed", 3, 1.0, 0.2),
    )
    assert image.evaluation.boxes == BoxCounts(1, 1, 2)
    assert image.evaluation.score == "p"
    assert image.evaluation.fields == {"tp": 1, "fp": 1, "fn": 2, "precision": 0.5, "recall": 1 / 3}


def test_what_is_to_be_ignored_is_neither_missed_nor_found() -> None:
    found = judged(layers([replace(box(0, 10), ignore=True)], [box(0, 10), box(0, 10)]))
    assert (verdicts(found), verdicts(found, "truth")) == (["ignored", "false_positive"], ["ignored"])


def test_classes_need_not_count() -> None:
    images = layers([box(0, 10, 1)], [box(0, 10, 2)])
    assert verdicts(judged(images)) == ["false_positive"]
    assert verdicts(judged(images, evaluation=replace(VAL, use_classes=False))) == ["true_positive"]
    assert verdicts(judged(layers([box(0, 10)], [box(0, 10)]))) == ["true_positive"]


def test_nothing_predicted_where_nothing_is_is_right() -> None:
    found = judged(layers([], []))
    assert found.numbers == {"ap50": 1, "ap50_95": 1, "precision": 1, "recall": 1, "evaluated_images": 1}
    assert found.images[0].evaluation.fields["recall"] == 1  # type: ignore[union-attr]


def test_a_number_that_is_not_defined_is_left_out() -> None:
    assert judged(layers([], [box(0, 10)])).numbers == {"precision": 0, "evaluated_images": 1}
    only_truth = judged(layers([box(0, 10)], [])).numbers
    assert only_truth == {"ap50": 0, "ap50_95": 0, "recall": 0, "evaluated_images": 1}
    (image,) = judged(layers([box(0, 10)], [])).images
    assert math.isnan(image.evaluation.fields["precision"])  # type: ignore[union-attr]


def crowd(left: float, right: float) -> runlog.Box:
    return replace(box(left, right, 1), iscrowd=True)


RIGHT = {"ap50": 1, "ap50_95": 1, "precision": 1, "recall": 1, "evaluated_images": 1}


@pytest.mark.parametrize(
    ("truth", "predictions", "numbers"),
    [
        ([crowd(0, 10)], [], RIGHT),
        ([crowd(0, 10)], [box(0, 10, 1), box(2, 4, 1)], RIGHT),
        ([crowd(0, 10)], [box(0, 10, 1), box(20, 30, 1)], {"precision": 0, "evaluated_images": 1}),
        # Half of it is in the crowd: enough at 0.5, and not above.
        ([crowd(0, 10)], [box(5, 15, 1)], {**RIGHT, "ap50_95": None}),
        ([], [box(0, 10, 1)], {"precision": 0, "evaluated_images": 1}),
        ([], [box(0, 10, 1, p=math.nan)], RIGHT),
    ],
)
def test_where_no_truth_counts_all_is_right_unless_something_is_taken_for_one(
    truth: list[runlog.Box], predictions: list[runlog.Box], numbers: dict[str, float | None]
) -> None:
    expected = {name: number for name, number in numbers.items() if number is not None}
    found = judged(layers(truth, predictions))
    assert found.numbers == expected
    del expected["evaluated_images"]
    assert found.by_class.get(1, expected) == expected


def test_a_score_that_is_nan_is_as_if_the_box_had_not_been_predicted() -> None:
    unranked = box(0, 10, 1, p=math.nan)
    alone = judged(layers([box(0, 10, 1)], [unranked]))
    assert alone.numbers == {"ap50": 0, "ap50_95": 0, "recall": 0, "evaluated_images": 1}
    assert verdicts(alone) == ["below"]
    others = [box(20, 30, 1, p=0.9), box(0, 10, 1, p=0.6)]
    beside, without = (judged(layers([box(0, 10, 1)], them)) for them in ([unranked, *others], others))
    assert beside.numbers == without.numbers


def test_an_image_without_predictions_counts_where_others_have_some_and_one_without_truth_never() -> None:
    there = [box(0, 10)]
    found = judged(layers(there, there), layers(there, None), layers(None, there))
    assert [image is not None for image in found.images] == [True, True, False]
    assert (found.image_count, found.numbers["evaluated_images"], found.numbers["recall"]) == (2, 2, 0.5)
    assert judged(layers(there, None)).images == (None,)
    assert judged(layers(there, None)).numbers == {}


@pytest.mark.parametrize(
    ("scores", "chosen"),
    [
        ([{}, {}], None),
        ([{"p": 0.9}, {}], "p"),
        ([{"confidence": 0.9, "iou": 0.1}, {"confidence": 0.9}], "confidence"),
        ([{"score": 0.9, "iou": 0.1}, {"score": 0.9}], "score"),
        ([{"score": 0.9, "confidence": 0.1}], "confidence"),
    ],
)
def test_the_score_that_ranks_is_the_only_one_or_confidence_or_score(
    scores: list[dict[str, float]], chosen: str | None
) -> None:
    (image,) = judged(layers([], [box(0, 10, **of_box) for of_box in scores])).images
    assert image is not None
    assert image.evaluation.score == chosen
    said = [one.score for one in image.verdicts["predictions"]]
    assert said == [of_box.get(chosen, 1.0) if chosen else 1.0 for of_box in scores]


def test_several_scores_of_which_none_is_said_to_rank_are_refused() -> None:
    with pytest.raises(
        runlog.InvalidValueError, match=r"'val' at step 3: one score must rank .*'predictions'.*\['a', 'b'\]"
    ):
        judged(layers([], [box(0, 10, a=1, b=1)]))
    chosen = replace(VAL, score="b")
    assert judged(layers([], [box(0, 10, a=1, b=1)]), evaluation=chosen).image_count == 1
    with pytest.raises(runlog.InvalidValueError, match=r"score 'b'.*box 0 of image 1 has \['a'\]"):
        judged(layers([], [box(0, 10, b=1)]), layers([], [box(0, 10, a=1)]), evaluation=chosen)


def test_numbers_by_class_are_of_every_class_there_is() -> None:
    found = judged(layers([box(0, 10, 1), box(20, 30, 2)], [box(0, 10, 1), box(50, 60, 3)]))
    assert found.by_class == {
        1: {"ap50": 1, "ap50_95": 1, "precision": 1, "recall": 1},
        2: {"ap50": 0, "ap50_95": 0, "recall": 0},
        3: {"precision": 0},
    }


def test_masks_have_numbers_of_each_image_and_of_all_and_ignored_ids_none() -> None:
    truth = np.array([[1, 1, 0, 255]], np.uint8)
    predictions = np.array([[1, 0, 0, 0]], np.uint8)
    images = [layers(None, None, lambda: (truth, predictions)), layers(None, None, lambda: (truth, truth))]
    found = judged(*images, evaluation=replace(VAL, ignore_ids=(255,)))
    first, second = (image.evaluation.fields for image in found.images if image is not None)
    assert first == {"mean_iou": 0.5, "pixel_accuracy": 2 / 3}
    assert second == {"mean_iou": 1, "pixel_accuracy": 1}
    assert found.numbers == pytest.approx(
        {"mean_iou": (3 / 4 + 2 / 3) / 2, "pixel_accuracy": 5 / 6, "evaluated_images": 2}
    )
    assert found.by_class == {0: {"iou": 2 / 3}, 1: {"iou": 3 / 4}}


BOXES = st.lists(
    st.builds(
        lambda left, width, class_id, p, crowd: replace(
            box(left, left + width, class_id, p=p / 8), iscrowd=crowd
        ),
        st.integers(0, 30),
        st.integers(1, 12),
        st.sampled_from([None, 1, 2]),
        st.integers(0, 8),
        st.sampled_from([False, False, True]),
    ),
    max_size=8,
)


def at(image: JudgedImage, least: float) -> BoxCounts:
    """Return the counts at another least score, as the records alone tell them."""
    truth, predictions = image.verdicts["truth"], image.verdicts["predictions"]
    ignored = {place for place, said in enumerate(truth) if said.verdict == "ignored"}
    counted = [
        one
        for one in predictions
        if one.score is not None and one.score >= least and one.partner not in ignored
    ]
    missed = [
        one
        for one in truth
        if one.verdict != "ignored" and not (one.partner is not None and (one.score or 0) >= least)
    ]
    tp = sum(one.partner is not None for one in counted)
    return BoxCounts(tp, len(counted) - tp, len(missed))


@settings(max_examples=60)
@given(BOXES, BOXES, st.integers(0, 9))
def test_what_is_stored_at_one_least_score_tells_the_counts_at_any_other(
    truth: list[runlog.Box], predictions: list[runlog.Box], least: int
) -> None:
    stored = judged(layers(truth, predictions)).images[0]
    fresh = judged(layers(truth, predictions), evaluation=replace(VAL, min_score=least / 8)).images[0]
    assert stored is not None
    assert fresh is not None
    assert at(stored, least / 8) == fresh.evaluation.boxes


@settings(max_examples=60)
@given(BOXES, BOXES)
def test_the_diagonal_of_the_confusion_holds_the_true_positives_and_every_box_counts_once(
    truth: list[runlog.Box], predictions: list[runlog.Box]
) -> None:
    (image,) = judged(layers(truth, predictions)).images
    assert image is not None
    counts = image.evaluation.boxes
    assert counts is not None
    taken = box_confusion(
        list(zip(truth, image.verdicts["truth"], strict=True)),
        list(zip(predictions, image.verdicts["predictions"], strict=True)),
    )
    assert sum(count for (true_id, found), count in taken.items() if true_id == found) == counts.tp
    assert sum(count for (_, found), count in taken.items() if found is not None) == counts.tp + counts.fp
    assert sum(count for (true_id, _), count in taken.items() if true_id is not None) == counts.tp + counts.fn
