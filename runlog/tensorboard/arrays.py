"""The pictures of TensorBoard's writer → ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runlog.basics.integers import integer
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.checks import check_number, check_string
from runlog.images.image import Image
from runlog.images.pixels import to_numpy


def read_picture(values: Any, dataformats: str, boxes: Any = None) -> Image:
    """Return one picture.

    Parameters
    ----------
    values
        Array or tensor; of floats 0 to 1 are black to white and what lies outside is clipped, all other
        values are 0 to 255, as TensorBoard has it.
    dataformats
        What each axis is, a letter each: ``CHW``, ``HWC``, ``HW``.
    boxes
        As `Image` takes them.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the letters do not fit the array, or it is no picture.
    """
    array = _with_axes(
        to_numpy(values, "a picture"), dataformats, "HWC" if "C" in _letters(dataformats) else "HW"
    )
    return Image(_to_bytes(array), boxes=boxes)


def read_pictures(values: Any, dataformats: str) -> list[Image]:
    """Return the pictures of a batch, as `read_picture` does; ``dataformats`` has an ``N``."""
    letters = _letters(dataformats).replace("N", "")
    array = _with_axes(to_numpy(values, "a picture"), dataformats, "N" + letters)
    return [read_picture(picture, letters) for picture in array]


def read_videos(values: Any) -> NDArray[np.uint8]:
    """Return the frames of a batch of videos, N×T×C×H×W, as bytes with the channels last."""
    return _to_bytes(_with_axes(to_numpy(values, "videos"), "NTCHW", "NTHWC"))


def precision_recall(
    labels: Any, predictions: Any, weights: Any, num_thresholds: int
) -> tuple[list[str], list[list[float]]]:
    """Return the columns and rows of a precision-recall curve, a row for each threshold from 0 to 1.

    What is predicted at least as high as a threshold counts as positive. Where nothing does, precision is 1.
    """
    truth = _numbers(labels, "labels").astype(bool)
    scores = _numbers(predictions, "predictions")
    weight = np.ones(len(scores)) if weights is None else _numbers(weights, "weights")
    if not len(truth) == len(scores) == len(weight):
        raise InvalidValueError(
            "labels, predictions and weights must be as many, "
            f"but got {len(truth)}, {len(scores)} and {len(weight)}"
        )
    if (count := integer(num_thresholds)) is None or count < 2:
        raise InvalidValueError(f"num_thresholds must be an integer ≥ 2, but got {shown(num_thresholds)}")
    rows = []
    for threshold in np.linspace(0, 1, count):
        found = scores >= threshold
        hits, alarms = weight[found & truth].sum(), weight[found & ~truth].sum()
        missed, rejected = weight[~found & truth].sum(), weight[~found & ~truth].sum()
        precision = hits / (hits + alarms) if hits + alarms else 1.0
        recall = hits / (hits + missed) if hits + missed else 1.0
        rows.append([float(n) for n in (threshold, precision, recall, hits, alarms, rejected, missed)])
    names = ("true positives", "false positives", "true negatives", "false negatives")
    return ["threshold", "precision", "recall", *names], rows


def _numbers(values: Any, where: str) -> NDArray[np.float64]:
    array = to_numpy(values, where).ravel()
    if array.dtype.kind not in "biuf":
        raise InvalidTypeError(f"{where} must be numbers, but got {shown(values)}")
    return array.astype(np.float64)


def _letters(dataformats: str) -> str:
    return check_string(dataformats, "dataformats").upper()


def _with_axes(array: NDArray[Any], given: str, wanted: str) -> NDArray[Any]:
    """Return an array with its axes in another order."""
    letters = _letters(given)
    if sorted(letters) != sorted(wanted) or len(letters) != array.ndim:
        raise InvalidValueError(
            f"dataformats must have a letter of {wanted} for each axis, but got {shown(given)} "
            f"for an array of shape {array.shape}"
        )
    return array.transpose([letters.index(letter) for letter in wanted])


def _to_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    scale = 255 if array.dtype.kind == "f" else 1
    scaled: NDArray[Any] = np.nan_to_num(np.clip(array * scale, 0, 255))
    return scaled.astype(np.uint8)


def boxes_of(corners: Any, rescale: float, labels: Sequence[str] | None) -> dict[str, Any]:
    """Return a layer of boxes of N×4 pixel corners x0, y0, x1, y1; each label is a class."""
    names = list(dict.fromkeys(labels or ()))
    array = to_numpy(corners, "boxes")
    if array.size and (array.ndim > 2 or array.shape[-1] != 4):
        raise InvalidValueError(
            f"boxes must be N×4 corners x0, y0, x1, y1, but got an array of shape {array.shape}"
        )
    array = array.reshape(-1, 4) * check_number(rescale, "boxes", "rescale")
    if labels is not None and len(labels) != len(array):
        raise InvalidValueError(f"labels must be one for each of {len(array)} boxes, but got {len(labels)}")
    box_data: list[dict[str, Any]] = []
    for index, (x0, y0, x1, y1) in enumerate(array.tolist()):
        box: dict[str, Any] = {
            "position": {"minX": x0, "maxX": x1, "minY": y0, "maxY": y1},
            "domain": "pixel",
        }
        if labels is not None:
            box |= {"class_id": names.index(labels[index]), "box_caption": labels[index]}
        box_data.append(box)
    layer: dict[str, Any] = {"box_data": box_data}
    if names:
        layer["class_labels"] = dict(enumerate(names))
    return {"boxes": layer}
