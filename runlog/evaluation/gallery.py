"""The images of one list judged together: a verdict for each box, and numbers for the step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from runlog.basics.frozen import FrozenDict
from runlog.errors import InvalidValueError, shown
from runlog.evaluation.average_precision import COCO_IOUS, average_precision
from runlog.evaluation.definition import Evaluation
from runlog.evaluation.masks import confuse, sum_of
from runlog.evaluation.matching import (
    NO_PARTNER,
    BoxArrays,
    Flags,
    Floats,
    Integers,
    Matches,
    match,
    overlapping,
)
from runlog.evaluation.verdicts import BoxCounts, BoxVerdict, ImageEvaluation, MaskConfusion
from runlog.images.boxes import Box
from runlog.images.masks import LabelArray

Numbers = Mapping[str, float]
N = TypeVar("N", Floats, Flags)
# What stands for the class of boxes that have none.
_NO_CLASS = -1
_NOWHERE = (math.nan,) * 4


@dataclass(frozen=True, slots=True, eq=False)
class ImageLayers:
    """What is compared of one image; None for a layer that it has not.

    Attributes
    ----------
    width, height
        In pixels.
    truth, predictions
        Boxes.
    masks
        Loads the class ids of truth and predictions; None unless it has both.
    """

    width: int
    height: int
    truth: Sequence[Box] | None
    predictions: Sequence[Box] | None
    masks: Callable[[], tuple[LabelArray, LabelArray]] | None


@dataclass(frozen=True, slots=True)
class JudgedImage:
    """One image with what is said of it.

    Attributes
    ----------
    verdicts
        Layer name to what is said of each of its boxes, in their order.
    """

    evaluation: ImageEvaluation
    verdicts: Mapping[str, tuple[BoxVerdict, ...]]


@dataclass(frozen=True, slots=True)
class GalleryEvaluation:
    """The images logged under a key at a step, judged.

    Attributes
    ----------
    images
        One for each image, by its place in the list; None for one that has not the layers to compare.
    numbers
        Of all images together. Of boxes ``ap50`` and ``ap50_95`` (average precision at an overlap of 0.5, and
        its mean over those from 0.5 to 0.95, as COCO counts it), ``precision`` and ``recall`` at the
        evaluation's `iou` and `min_score`; of masks ``mean_iou`` and ``pixel_accuracy``; and
        ``evaluated_images``, of how many images they are. One that is not defined is not there.
    by_class
        The same numbers but the last of each class id, and ``iou`` of masks.
    """

    key: str
    step: int
    evaluation: Evaluation
    images: tuple[JudgedImage | None, ...]
    numbers: Numbers
    by_class: Mapping[int, Numbers]

    @property
    def image_count(self) -> int:
        """How many images were judged."""
        return sum(image is not None for image in self.images)

    @property
    def unranked_count(self) -> int:
        """How many predictions count nowhere, since the score that ranks them is NaN."""
        of_images = (image.verdicts.get(self.evaluation.predictions, ()) for image in self.images if image)
        return sum(said.score is None for verdicts in of_images for said in verdicts)


def evaluate_gallery(
    key: str, step: int, images: Sequence[ImageLayers], evaluation: Evaluation
) -> GalleryEvaluation:
    """Judge the images of one list.

    Boxes of an image are compared if it has truth, and any image of the list has predictions: one without is
    taken for one in which nothing was predicted.

    Raises
    ------
    InvalidValueError
        If boxes have several scores, and none is said to rank them, or one lacks that which does.
    """
    has_predictions = any(image.predictions is not None for image in images)
    with_boxes = [place for place, image in enumerate(images) if has_predictions and image.truth is not None]
    boxes = _Boxes(f"{key!r} at step {step}", images, with_boxes, evaluation) if with_boxes else None
    masks = {
        place: confuse(*image.masks(), evaluation.ignore_ids)
        for place, image in enumerate(images)
        if image.masks is not None
    }
    judged = tuple(_judged(place, boxes, masks, evaluation) for place in range(len(images)))
    numbers, by_class = _numbers(boxes, masks, evaluation)
    count = sum(image is not None for image in judged)
    return GalleryEvaluation(
        key,
        step,
        evaluation,
        judged,
        FrozenDict({**numbers, "evaluated_images": count} if count else {}),
        FrozenDict(by_class),
    )


def _judged(
    place: int, boxes: _Boxes | None, masks: Mapping[int, MaskConfusion], evaluation: Evaluation
) -> JudgedImage | None:
    has_boxes = boxes is not None and place in boxes.rows
    if not has_boxes and place not in masks:
        return None
    counts = boxes.counts(place) if boxes is not None and has_boxes else None
    verdicts = boxes.verdicts(place) if boxes is not None and has_boxes else {}
    score = boxes.score if boxes is not None and has_boxes else None
    return JudgedImage(ImageEvaluation(evaluation, score, counts, masks.get(place)), FrozenDict(verdicts))


def _numbers(
    boxes: _Boxes | None, masks: Mapping[int, MaskConfusion], evaluation: Evaluation
) -> tuple[dict[str, float], dict[int, Numbers]]:
    numbers: dict[str, float] = {}
    by_class: dict[int, dict[str, float]] = {}
    if boxes is not None:
        numbers |= boxes.numbers()
        for class_id, of_class in boxes.numbers_by_class():
            by_class.setdefault(class_id, {}).update(of_class)
    if masks:
        together = sum_of(masks.values())
        numbers["mean_iou"] = together.mean_iou(evaluation.ignore_ids)
        numbers["pixel_accuracy"] = together.pixel_accuracy
        for class_id, iou in together.iou.items():
            if class_id not in evaluation.ignore_ids:
                by_class.setdefault(class_id, {})["iou"] = iou
    return _defined(numbers), {class_id: FrozenDict(of) for class_id, of in sorted(by_class.items())}


def _defined(numbers: Numbers) -> dict[str, float]:
    return {name: number for name, number in numbers.items() if not math.isnan(number)}


class _Boxes:
    """The boxes of the images of a list that have some to compare, matched."""

    def __init__(
        self, where: str, images: Sequence[ImageLayers], places: Sequence[int], evaluation: Evaluation
    ) -> None:
        self._evaluation = evaluation
        self.rows = {place: row for row, place in enumerate(places)}
        truths = [images[place].truth or () for place in places]
        predictions = [images[place].predictions or () for place in places]
        self.score = _ranking_score(where, places, predictions, evaluation)
        sizes = [(images[place].width, images[place].height) for place in places]
        self._truth = _arrays(truths, sizes, None)
        self._predictions = _arrays(predictions, sizes, self.score)
        self._starts = tuple(_starts(boxes) for boxes in (truths, predictions))
        ious = np.append(COCO_IOUS, evaluation.iou)
        every = match(self._truth, self._predictions, ious, use_classes=evaluation.use_classes)
        self._coco = Matches(every.partner[:-1], every.iou[:-1])
        self._partner, self._iou = every.partner[-1], every.iou[-1]
        self._average_precision = average_precision(
            self._truth, self._predictions, self._coco, use_classes=evaluation.use_classes
        )
        self._judge()

    def _judge(self) -> None:
        """Say of each box what it is at the evaluation's overlap and least score."""
        truth, predictions = self._truth, self._predictions
        at_iou = Matches(self._partner[None], self._iou[None])
        # NaN is not enough either.
        counts = predictions.scores >= self._evaluation.min_score
        found, on_ignored = at_iou.found(truth)[0], at_iou.on_ignored(truth)[0]
        verdicts = np.select(
            [~counts, found, on_ignored], ["below", "true_positive", "ignored"], "false_positive"
        )
        partner_of_truth = np.full(len(truth), NO_PARTNER, np.int64)
        takes = (self._partner != NO_PARTNER) & ~_at(truth.iscrowd, self._partner)
        partner_of_truth[self._partner[takes]] = np.flatnonzero(takes)
        has_partner = partner_of_truth != NO_PARTNER
        is_found = has_partner & _at(counts, partner_of_truth)
        verdicts_of_truth = np.select([truth.ignored, is_found], ["ignored", "true_positive"], "missed")
        self._is_tp = counts & found
        self._is_fp = counts & ~found & ~on_ignored
        self._is_missed = ~truth.ignored & ~is_found
        confused, confused_of_truth = self._confused()
        first_true, first = (
            of[boxes.image] for of, boxes in zip(self._starts, (predictions, truth), strict=True)
        )
        # The overlap and score of a truth are those of its partner.
        self._said_of_truth = _said(
            verdicts_of_truth,
            _local(partner_of_truth, first),
            np.where(has_partner, _at(self._iou, partner_of_truth), np.nan),
            np.where(has_partner, _at(predictions.scores, partner_of_truth), np.nan),
            _local(confused_of_truth, first),
        )
        self._said = _said(
            verdicts,
            _local(self._partner, first_true),
            self._iou,
            predictions.scores,
            _local(confused, first_true),
        )

    def _confused(self) -> tuple[Integers, Integers]:
        """Match what is left over, whatever its class: of each prediction its truth, and the other way."""
        truth, predictions = self._truth, self._predictions
        missed, wrong = np.flatnonzero(self._is_missed), np.flatnonzero(self._is_fp)
        confused = np.full(len(predictions), NO_PARTNER, np.int64)
        confused_of_truth = np.full(len(truth), NO_PARTNER, np.int64)
        if len(missed) and len(wrong) and self._evaluation.use_classes:
            left = match(
                _chosen(truth, missed),
                _chosen(predictions, wrong),
                np.array([self._evaluation.iou]),
                use_classes=False,
            ).partner[0]
            pairs = left != NO_PARTNER
            confused[wrong[pairs]] = missed[left[pairs]]
            confused_of_truth[missed[left[pairs]]] = wrong[pairs]
        return confused, confused_of_truth

    def counts(self, place: int) -> BoxCounts:
        """Return how many boxes of an image were found, invented and missed."""
        return self._count(*self._of_image(place))

    def verdicts(self, place: int) -> dict[str, tuple[BoxVerdict, ...]]:
        """Return what is said of the boxes of an image, by layer."""
        true, predicted = self._of_image(place)
        return {
            self._evaluation.truth: self._said_of_truth[true],
            self._evaluation.predictions: self._said[predicted],
        }

    def numbers(self) -> dict[str, float]:
        """Return average precision, and precision and recall, of all boxes."""
        found, every = self._average_precision, slice(None)
        counts = self._count(every, every)
        if found.precision.size:
            at_50, over_all = float(found.precision[0].mean()), float(found.precision.mean())
        else:
            at_50, over_all = self._without_truth(every)
        return {
            "ap50": at_50,
            "ap50_95": over_all,
            "precision": counts.precision,
            "recall": counts.recall,
        }

    def numbers_by_class(self) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield the numbers of each class that any box is of."""
        if not self._evaluation.use_classes:
            return
        found = self._average_precision
        columns = {class_id: column for column, class_id in enumerate(found.class_ids.tolist())}
        for class_id in np.union1d(self._truth.class_id, self._predictions.class_id).tolist():
            if class_id == _NO_CLASS:
                continue
            counts = self._count(self._truth.class_id == class_id, self._predictions.class_id == class_id)
            if class_id in columns:
                of_class = found.precision[:, columns[class_id]]
                at_50, over_all = float(of_class[0]), float(of_class.mean())
            else:
                at_50, over_all = self._without_truth(self._predictions.class_id == class_id)
            numbers = {"precision": counts.precision, "recall": counts.recall}
            yield class_id, _defined({"ap50": at_50, "ap50_95": over_all, **numbers})

    def _without_truth(self, predicted: Flags | slice) -> tuple[float, float]:
        """Return average precision, at 0.5 and over all, where no truth counts: COCO has -1, not defined.

        Right, as with precision and recall, if nothing is taken for something.
        """
        is_wrong = ~self._coco.on_ignored(self._truth) & ~np.isnan(self._predictions.scores)
        at_each = np.where(is_wrong[:, predicted].any(axis=1), np.nan, 1.0)
        return float(at_each[0]), float(at_each.mean())

    def _count(self, true: Flags | slice, predicted: Flags | slice) -> BoxCounts:
        return BoxCounts(
            int(np.count_nonzero(self._is_tp[predicted])),
            int(np.count_nonzero(self._is_fp[predicted])),
            int(np.count_nonzero(self._is_missed[true])),
        )

    def _of_image(self, place: int) -> tuple[slice, slice]:
        row = self.rows[place]
        true, predicted = (slice(int(starts[row]), int(starts[row + 1])) for starts in self._starts)
        return true, predicted


def left_overlaps(
    truth: Sequence[tuple[Box, BoxVerdict]],
    predictions: Sequence[tuple[Box, BoxVerdict]],
    evaluation: Evaluation,
    size: tuple[int, int],
) -> tuple[tuple[int, int, float], ...]:
    """Return what boxes of an image that are left over may be confused with, at any least score.

    Parameters
    ----------
    size
        Width and height of the image in pixels.

    Returns
    -------
    tuple
        Places of a prediction without a partner and of a truth that counts, and their overlap, where it is
        the evaluation's least or more; by these places, ascending.
    """
    if not evaluation.use_classes:
        return ()
    left = [place for place, (_, said) in enumerate(predictions) if said.partner is None]
    counted = [place for place, (_, said) in enumerate(truth) if said.verdict != "ignored"]
    if not left or not counted:
        return ()
    corners = [
        np.array([of[place][0].pixel_corners(*size) or _NOWHERE for place in places], dtype=np.float64)
        for of, places in ((predictions, left), (truth, counted))
    ]
    found = overlapping(corners[0], corners[1], evaluation.iou)
    return tuple((left[row], counted[column], iou) for row, column, iou in found)


def _said(
    verdicts: NDArray[np.str_], partners: Integers, ious: Floats, scores: Floats, confused: Integers
) -> tuple[BoxVerdict, ...]:
    return tuple(
        BoxVerdict(
            verdict,
            None if partner == NO_PARTNER else partner,
            None if partner == NO_PARTNER else min(iou, 1.0),
            None if math.isnan(score) else score,
            None if other == NO_PARTNER else other,
        )
        for verdict, partner, iou, score, other in zip(
            verdicts.tolist(),
            partners.tolist(),
            ious.tolist(),
            scores.tolist(),
            confused.tolist(),
            strict=True,
        )
    )


def _local(places: Integers, first: Integers) -> Integers:
    """Return places within their images, whose boxes begin at `first`."""
    return np.where(places == NO_PARTNER, NO_PARTNER, places - first)


def _at(values: N, places: Integers) -> N:
    """Return values at places; of `NO_PARTNER`, and where there are no values, whatever there is."""
    return values[places] if len(values) else np.zeros(len(places), values.dtype)


def _starts(boxes: Sequence[Sequence[Box]]) -> Integers:
    return np.concatenate([[0], np.cumsum([len(one) for one in boxes])]).astype(np.int64)


def _chosen(boxes: BoxArrays, places: Integers) -> BoxArrays:
    return BoxArrays(
        boxes.image[places],
        boxes.class_id[places],
        boxes.corners[places],
        boxes.scores[places],
        boxes.iscrowd[places],
        boxes.ignored[places],
    )


def _arrays(boxes: Sequence[Sequence[Box]], sizes: Sequence[tuple[int, int]], score: str | None) -> BoxArrays:
    """Return boxes as arrays; one that has no score counts as 1."""
    listed = [
        (image, box, size) for image, (of, size) in enumerate(zip(boxes, sizes, strict=True)) for box in of
    ]
    count = len(listed)
    crowds = np.fromiter((box.iscrowd for _, box, _ in listed), np.bool_, count)
    return BoxArrays(
        np.fromiter((image for image, _, _ in listed), np.int64, count),
        np.fromiter(
            (_NO_CLASS if box.class_id is None else box.class_id for _, box, _ in listed), np.int64, count
        ),
        np.array([box.pixel_corners(*size) or _NOWHERE for _, box, size in listed], dtype=np.float64).reshape(
            count, 4
        ),
        np.fromiter(
            (1.0 if score is None else box.scores.get(score, 1.0) for _, box, _ in listed), np.float64, count
        ),
        crowds,
        crowds | np.fromiter((box.ignore for _, box, _ in listed), np.bool_, count),
    )


def _ranking_score(
    where: str, places: Sequence[int], predictions: Sequence[Sequence[Box]], evaluation: Evaluation
) -> str | None:
    """Return the name of the score that ranks the boxes of a list; None where none has any.

    Raises
    ------
    InvalidValueError
        Naming the scores there are.
    """
    names = sorted({name for boxes in predictions for box in boxes for name in box.scores})
    if not names:
        return None
    layer = shown(evaluation.predictions)
    score = evaluation.score
    if score is None:
        score = next((name for name in ("confidence", "score") if name in names), None)
        score = names[0] if len(names) == 1 else score
    if score is None:
        raise InvalidValueError(
            f"{where}: one score must rank the boxes of layer {layer}, but they have {shown(names)}; "
            f"say which: define_evaluation(…, score={names[0]!r})"
        )
    for place, boxes in zip(places, predictions, strict=True):
        for index, box in enumerate(boxes):
            if box.scores and score not in box.scores:
                raise InvalidValueError(
                    f"{where}: each box of layer {layer} must have the score {shown(score)}, by which they "
                    f"are ranked, but box {index} of image {place} has {shown(sorted(box.scores))}"
                )
    return score
