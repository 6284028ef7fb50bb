"""What is said of one box, and of one image, once it is judged."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runlog.basics.frozen import FrozenDict
from runlog.evaluation.definition import Evaluation
from runlog.images.boxes import Box, Verdict

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class BoxVerdict:
    """What is said of one box.

    Attributes
    ----------
    verdict
        ``true_positive``: found, said of a prediction and of its partner in truth; ``false_positive``: a
        prediction of what is not there; ``missed``: a truth that was not found; ``ignored``: a truth that is
        a crowd or to be ignored, and a prediction that lies on one; ``below``: a prediction that scores less
        than was asked for.
    partner
        Place of the other box in its layer, if there is one; whether it counts follows from the score. None
        of a crowd, which may have many.
    iou
        Intersection over union with the partner, 0 to 1; of a crowd, over the prediction alone.
    score
        By which it was ranked; of a truth, that of its partner. None: there is none, or it is NaN. At another
        least score ``t``, a pair counts as found where its score is at least ``t``.
    confused_with
        Of what is left over, false positives and missed truths: the place of the other one it lies on,
        whatever their classes are.
    """

    verdict: Verdict
    partner: int | None = None
    iou: float | None = None
    score: float | None = None
    confused_with: int | None = None


@dataclass(frozen=True, slots=True)
class BoxCounts:
    """How many boxes of one image, or of several, were found, invented and missed.

    Attributes
    ----------
    tp, fp, fn
        True positives, false positives and missed truths.
    """

    tp: int
    fp: int
    fn: int

    @property
    def precision(self) -> float:
        """Found of all predicted, 0 to 1; NaN where nothing was predicted, but 1 if nothing is there."""
        return _share(self.tp, self.fp, self.fn)

    @property
    def recall(self) -> float:
        """Found of all there is, 0 to 1; NaN where nothing is there, but 1 if nothing was predicted."""
        return _share(self.tp, self.fn, self.fp)


def _share(found: int, wrong: int, others: int) -> float:
    if found + wrong:
        return found / (found + wrong)
    # Nothing predicted where nothing is: right, and not zero.
    return math.nan if others else 1.0


Taken = tuple[int | None, int | None]
"""A true class id, and that of the prediction; None: nothing was there, or nothing was predicted."""


def box_confusion(
    truth: Sequence[tuple[Box, BoxVerdict]], predictions: Sequence[tuple[Box, BoxVerdict]]
) -> Counter[Taken]:
    """Return how many boxes of each true class were taken for which class, in one image.

    True positives count first; then what is left over is paired by place alone. Boxes without a class have
    the id -1. What is ignored, or scores too low, does not count.
    """
    taken: Counter[Taken] = Counter()
    for box, said in predictions:
        other = said.partner if said.verdict == "true_positive" else said.confused_with
        if said.verdict in ("true_positive", "false_positive"):
            taken[None if other is None else _class_id(truth[other][0]), _class_id(box)] += 1
    for box, said in truth:
        if said.verdict == "missed" and said.confused_with is None:
            taken[_class_id(box), None] += 1
    return taken


def _class_id(box: Box) -> int:
    return -1 if box.class_id is None else box.class_id


@dataclass(frozen=True, slots=True)
class MaskConfusion:
    """How many pixels of each true class were taken for which class.

    Attributes
    ----------
    pixels
        True and predicted class id to number of pixels, where there are some; by these ids, ascending.
    """

    pixels: Mapping[Pair, int]

    @property
    def iou(self) -> dict[int, float]:
        """Intersection over union of each class that is in either mask, by class id."""
        truth, predicted = self._totals()
        return {
            one: (same := self.pixels.get((one, one), 0)) / (truth.get(one, 0) + predicted.get(one, 0) - same)
            for one in sorted({*truth, *predicted})
        }

    def mean_iou(self, ignore_ids: tuple[int, ...] = ()) -> float:
        """Return the mean of `iou` over all classes but some; NaN without any."""
        found = [iou for class_id, iou in self.iou.items() if class_id not in ignore_ids]
        return sum(found) / len(found) if found else math.nan

    @property
    def pixel_accuracy(self) -> float:
        """Share of the pixels whose class is right, 0 to 1; NaN without any pixel."""
        total = sum(self.pixels.values())
        right = sum(count for (truth, predicted), count in self.pixels.items() if truth == predicted)
        return right / total if total else math.nan

    def _totals(self) -> tuple[dict[int, int], dict[int, int]]:
        truth: dict[int, int] = {}
        predicted: dict[int, int] = {}
        for (true_id, predicted_id), count in self.pixels.items():
            truth[true_id] = truth.get(true_id, 0) + count
            predicted[predicted_id] = predicted.get(predicted_id, 0) + count
        return truth, predicted


@dataclass(frozen=True, slots=True)
class ImageEvaluation:
    """What is said of one image.

    Attributes
    ----------
    evaluation
        How it was judged.
    score
        Name of the score that ranked its boxes; None where no box of the list has any, or there are no boxes.
    boxes
        How many were found, invented and missed; None of an image without boxes to compare.
    confusion
        Of its masks; None of an image without masks to compare.
    """

    evaluation: Evaluation
    score: str | None
    boxes: BoxCounts | None
    confusion: MaskConfusion | None

    @property
    def fields(self) -> Mapping[str, float]:
        """What is said of it by name.

        ``tp``, ``fp``, ``fn``, ``precision`` and ``recall`` of boxes; ``mean_iou`` and ``pixel_accuracy`` of
        masks. NaN where there is no such number.
        """
        found: dict[str, float] = {}
        if (boxes := self.boxes) is not None:
            found |= {"tp": boxes.tp, "fp": boxes.fp, "fn": boxes.fn}
            found |= {"precision": boxes.precision, "recall": boxes.recall}
        if (masks := self.confusion) is not None:
            found["mean_iou"] = masks.mean_iou(self.evaluation.ignore_ids)
            found["pixel_accuracy"] = masks.pixel_accuracy
        return FrozenDict(found)
