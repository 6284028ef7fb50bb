"""What detectors and segmenters return → layers of boxes and masks. Nothing of theirs is imported.

Detections are told by their shape: arrays of corners; dicts as torchvision's models return and take them
(``boxes``, ``labels``, ``scores``); results as of ultralytics (``.boxes.xyxy``, ``.boxes.cls``,
``.boxes.conf``, ``.names``); detections as of supervision (``.xyxy``, ``.class_id``, ``.confidence``); lists
of COCO annotations (``bbox``, ``category_id``, ``score``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from runlog.errors import InvalidTypeError, InvalidValueError, one_of, shown
from runlog.images.boxes import BoxDict, BoxLayerDict
from runlog.images.checks import MAX_CLASS_ID, check_class_id
from runlog.images.masks import MaskDict
from runlog.images.pixels import AnyArray, to_numpy

SCORE_NAME = "confidence"
_KINDS = (
    "an N×4 array of x1, y1, x2, y2, a torchvision dict, an ultralytics Results, a supervision Detections or "
    "a list of COCO annotations"
)

Names = Mapping[int, str] | Sequence[str]


@dataclass(frozen=True, slots=True)
class _Found:
    """Detections in plain arrays: N×4 corners, and N class ids, N scores and names of classes where given."""

    corners: AnyArray
    class_ids: AnyArray | None = None
    scores: AnyArray | None = None
    names: Mapping[int, str] | None = None


def boxes_from(
    detections: Any,
    *,
    labels: Any = None,
    scores: Any = None,
    names: Names | None = None,
    domain: Literal["pixel", "fraction"] = "pixel",
) -> BoxLayerDict:
    """Return a layer of boxes, as ``Image(boxes={name: …})`` takes it, of what a detector returned.

    Parameters
    ----------
    detections
        An N×4 array or tensor of x1, y1, x2, y2; or a torchvision dict, an ultralytics ``Results``, a
        supervision ``Detections``, or a list of COCO annotations (whose boxes are x, y, width, height).
    labels
        N class ids, in place of those that `detections` has.
    scores
        N numbers, in place of those that `detections` has; kept as the score ``confidence``.
    names
        Names of the classes: class id to name, or a list in the order of the ids.
    domain
        What the corners are in: ``pixel``, or ``fraction`` of the image.

    Returns
    -------
    dict
        ``{"box_data": [box, …], "class_labels": {id: name}}``

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If `detections` is none of these, or there are not as many labels or scores as boxes.

    Examples
    --------
    >>> runlog.Image(photo, boxes={"predictions": runlog.boxes_from(model(photo)[0], names=COCO_NAMES)})
    """
    one_of("domain", domain, ("pixel", "fraction"))
    found = _found(detections)
    class_ids = found.class_ids if labels is None else to_numpy(labels, "labels")
    confidences = found.scores if scores is None else to_numpy(scores, "scores")
    corners = _corners(found.corners)
    ids = _column(class_ids, len(corners), "labels")
    confidence = _column(confidences, len(corners), "scores")
    boxes: list[BoxDict] = []
    for index, (x1, y1, x2, y2) in enumerate(corners.tolist()):
        box: BoxDict = {"position": {"minX": x1, "maxX": x2, "minY": y1, "maxY": y2}}
        if domain == "pixel":
            box["domain"] = "pixel"
        if ids is not None:
            box["class_id"] = _class_id(ids[index], index)
        if confidence is not None:
            box["scores"] = {SCORE_NAME: float(confidence[index])}
        boxes.append(box)
    return {"box_data": boxes, "class_labels": _labels(names if names is not None else found.names)}


def mask_from(
    scores: Any, *, labels: Any = None, names: Names | None = None, threshold: float = 0.5
) -> MaskDict:
    """Return a mask, as ``Image(masks={name: …})`` takes it, of a stack of C×H×W.

    Parameters
    ----------
    scores
        Logits or probabilities of C classes (the highest wins at each pixel); one-hot masks of C classes; or,
        with `labels` or where pixels lie in none or several of them, masks of C instances.
    labels
        C class ids: the stack holds instances of these classes, and of several at a pixel the first counts
        (as detectors sort them, the one of the highest score). Pixels of none are 0.
    names
        Names of the classes: class id to name, or a list in the order of the ids.
    threshold
        From where on a pixel of an instance belongs to it, where its mask is floats.

    Returns
    -------
    dict
        ``{"mask_data": H×W class ids, "class_labels": {id: name}}``. Instances without `labels` are numbered
        from 1.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If `scores` is no such stack, there are not as many labels as instances, or `threshold` is no number.
    """
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float, np.number)):
        raise InvalidTypeError(f"threshold must be a number, but got {shown(threshold)}")
    stack = to_numpy(scores, "scores")
    if stack.ndim == 4 and 1 in stack.shape[:2]:
        # A batch of one, or instances with a channel each as torchvision returns them.
        stack = stack[0] if stack.shape[0] == 1 else stack[:, 0]
    if stack.ndim != 3 or stack.dtype.kind not in "buif" or 0 in stack.shape[1:]:
        raise InvalidTypeError(
            "scores must be C×H×W logits, probabilities, one-hot masks or masks of instances, "
            f"but got shape {stack.shape} of {stack.dtype}"
        )
    is_binary = stack.dtype.kind == "b" or (stack.size > 0 and bool(np.isin(stack, (0, 1)).all()))
    is_one_hot = is_binary and len(stack) > 0 and bool((np.count_nonzero(stack, axis=0) == 1).all())
    if labels is None and len(stack) > 0 and (is_one_hot or not is_binary):
        ids = stack.argmax(axis=0)
    else:
        ids = _instances(stack if is_binary else stack > threshold, labels)
    return {"mask_data": ids, "class_labels": _labels(names)}


def _instances(stack: AnyArray, labels: Any) -> AnyArray:
    numbers = None if labels is None else _column(to_numpy(labels, "labels"), len(stack), "labels")
    ids = np.zeros(stack.shape[1:], np.int64)
    for index in reversed(range(len(stack))):
        ids[stack[index].astype(bool)] = index + 1 if numbers is None else _class_id(numbers[index], index)
    return ids


def _found(detections: Any) -> _Found:
    boxes = getattr(detections, "boxes", None)
    if boxes is not None and hasattr(boxes, "xyxy"):
        return _Found(
            to_numpy(boxes.xyxy, "boxes.xyxy"),
            _array_or_none(boxes, "cls"),
            _array_or_none(boxes, "conf"),
            getattr(detections, "names", None),
        )
    if hasattr(detections, "xyxy"):
        return _from_supervision(detections)
    if isinstance(detections, Mapping):
        if "boxes" not in detections:
            raise InvalidTypeError(f"detections must have 'boxes', but have {shown(list(detections))}")
        labels, scores = (detections.get(name) for name in ("labels", "scores"))
        return _Found(
            to_numpy(detections["boxes"], "boxes"),
            None if labels is None else to_numpy(labels, "labels"),
            None if scores is None else to_numpy(scores, "scores"),
        )
    if isinstance(detections, (list, tuple)) and any(isinstance(entry, Mapping) for entry in detections):
        return _from_coco(detections)
    try:
        return _Found(to_numpy(detections, "detections"))
    except InvalidTypeError:
        raise InvalidTypeError(f"detections must be {_KINDS}, but got {shown(detections)}") from None


def _from_supervision(detections: Any) -> _Found:
    class_ids = _array_or_none(detections, "class_id")
    words = (getattr(detections, "data", None) or {}).get("class_name")
    names = None
    if words is not None and class_ids is not None:
        names = {int(class_id): str(word) for class_id, word in zip(class_ids, words, strict=False)}
    corners = to_numpy(detections.xyxy, "xyxy")
    return _Found(corners, class_ids, _array_or_none(detections, "confidence"), names)


def _from_coco(annotations: Iterable[Any]) -> _Found:
    corners, class_ids, scores = [], [], []
    for index, entry in enumerate(annotations):
        if not isinstance(entry, Mapping) or not {"bbox", "category_id"} <= entry.keys():
            raise InvalidTypeError(
                f"detections[{index}] must be a COCO annotation with 'bbox' and 'category_id', "
                f"but got {shown(entry)}"
            )
        x, y, width, height = _corners(np.asarray([entry["bbox"]]), f"detections[{index}]['bbox']")[0]
        corners.append([x, y, x + width, y + height])
        class_ids.append(entry["category_id"])
        scores.append(entry.get("score"))
    known = None if any(score is None for score in scores) else np.asarray(scores)
    return _Found(np.asarray(corners), np.asarray(class_ids), known)


def _array_or_none(owner: Any, name: str) -> AnyArray | None:
    value = getattr(owner, name, None)
    return None if value is None else to_numpy(value, name)


def _corners(array: AnyArray, where: str = "detections") -> AnyArray:
    if array.size == 0:
        return np.zeros((0, 4))
    if array.ndim != 2 or array.shape[1] != 4 or array.dtype.kind not in "buif":
        raise InvalidTypeError(
            f"{where} must hold 4 numbers a box, but got shape {array.shape} of {array.dtype}; {_KINDS}"
        )
    return array.astype(np.float64)


def _column(values: AnyArray | None, count: int, what: str) -> AnyArray | None:
    if values is None:
        return None
    if values.size and values.dtype.kind not in "buif":
        raise InvalidTypeError(f"{what} must be numbers, one for each of {count}, but got {values.dtype}")
    flat = values.reshape(-1)
    if len(flat) != count:
        raise InvalidValueError(f"{what} must be one for each of {count}, but got {len(flat)}")
    return flat


def _class_id(value: Any, index: int) -> int:
    number = float(value)
    if not (number.is_integer() and 0 <= number <= MAX_CLASS_ID):
        raise InvalidValueError(
            f"labels[{index}] must be a class id from 0 to {MAX_CLASS_ID}, but got {number:g}"
        )
    return int(number)


def _labels(names: Names | None) -> dict[int, str]:
    if names is None:
        return {}
    if isinstance(names, Mapping):
        return {check_class_id(given, "a class id in names"): str(name) for given, name in names.items()}
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise InvalidTypeError(f"names must be a dict of class id to name or a list, but got {shown(names)}")
    return {class_id: str(name) for class_id, name in enumerate(names)}
