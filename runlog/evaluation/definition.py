"""What `define_evaluation` says: which layers are compared, and how."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from runlog.basics.patterns import matches
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.checks import check_class_id, check_layer_name, check_list, python_number

_COCO_IOU = 0.5


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How the predictions of the images under some keys are judged.

    Attributes
    ----------
    pattern
        A key, or a pattern with ``*`` and ``?``; of all definitions that match a key the last one counts.
    truth, predictions
        Names of the layers that are compared: boxes with boxes, masks with masks.
    iou
        Least intersection over union of a box and its partner, above 0 and at most 1.
    score
        Name of the score by which boxes are ranked; None: the only one there is, else ``confidence``, else
        ``score``.
    min_score
        Boxes that score less are neither true nor false positives.
    use_classes
        Whether a box is only matched with one of its class; those without a class are one class.
    by_class
        Whether numbers are logged for each class, too.
    ignore_ids
        Class ids of a true mask at whose pixels nothing is judged.
    """

    pattern: str
    truth: str = "truth"
    predictions: str = "predictions"
    iou: float = _COCO_IOU
    score: str | None = None
    min_score: float = 0.5
    use_classes: bool = True
    by_class: bool = False
    ignore_ids: tuple[int, ...] = ()

    def matches(self, key: str) -> bool:
        """Return whether the pattern stands for a key."""
        return matches(key, self.pattern)


def evaluation_of(key: str, evaluations: Sequence[Evaluation]) -> Evaluation | None:
    """Return how the images under a key are judged: of all definitions that match it the last one counts."""
    return next((one for one in reversed(evaluations) if one.matches(key)), None)


def read_evaluation(
    pattern: str,
    truth: str = "truth",
    predictions: str = "predictions",
    iou: float = _COCO_IOU,
    score: str | None = None,
    min_score: float = 0.5,
    use_classes: bool = True,
    by_class: bool = False,
    ignore_ids: Iterable[int] = (),
) -> Evaluation:
    """Check what `define_evaluation` was told, but for the pattern.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        Naming the argument.
    """
    truth, predictions = check_layer_name(truth, "truth"), check_layer_name(predictions, "predictions")
    if truth == predictions:
        raise InvalidValueError(f"truth and predictions must be two layers, but both are {shown(truth)}")
    if score is not None and not isinstance(score, str):
        raise InvalidTypeError(f"score must be the name of a score or None, but got {shown(score)}")
    least = _number(iou, "iou")
    if not 0 < least <= 1:
        raise InvalidValueError(f"iou must be above 0 and at most 1, but got {shown(iou)}")
    lowest = _number(min_score, "min_score")
    if math.isnan(lowest):
        raise InvalidValueError("min_score must be a number, but got NaN")
    ids = check_list(ignore_ids, "ignore_ids", "class ids")
    return Evaluation(
        pattern,
        truth,
        predictions,
        least,
        score,
        lowest,
        _flag(use_classes, "use_classes"),
        _flag(by_class, "by_class"),
        tuple(sorted({check_class_id(one, f"ignore_ids[{place}]") for place, one in enumerate(ids)})),
    )


def _number(value: object, name: str) -> float:
    number = python_number(value)
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise InvalidTypeError(f"{name} must be a number, but got {shown(value)}")
    return float(number)


def _flag(value: object, name: str) -> bool:
    flag = python_number(value)
    if not isinstance(flag, bool):
        raise InvalidTypeError(f"{name} must be True or False, but got {shown(value)}")
    return flag
