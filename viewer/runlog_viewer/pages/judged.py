"""The judged images of a key → their verdicts, and how often each class was taken for which. Pure."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import runlog
from runlog import palette
from runlog_viewer.pages import wording
from runlog_viewer.pages.legend import MAX_CLASSES
from runlog_viewer.pages.values import Confusion, ConfusionClass, Judgement, VerdictCount

_NOTHING, _OTHERS = "none", "other"
_NO_CLASS = -1
_VERDICTS = ("true_positive", "false_positive", "missed")

Taken = tuple[int | None, int | None]
Images = Sequence[runlog.ImageRecord]


def judgement(images: Images) -> Judgement | None:
    """Return what is said of the images of a key at a step; None where none was judged.

    An image without all that was judged is left out: a report may have fewer layers and boxes.
    """
    judged = [image for image in images if image.evaluation is not None and _is_whole(image)]
    if not judged:
        return None
    boxes = [image for image in judged if image.evaluation and image.evaluation.boxes is not None]
    masks = [image for image in judged if image.evaluation and image.evaluation.confusion is not None]
    confusions = []
    if boxes:
        pairs = _sum_of(image.box_confusion for image in boxes)
        confusions.append(_confusion("boxes", _box_classes(boxes), pairs, _labels(boxes)))
    if masks:
        pairs = _sum_of(
            image.evaluation.confusion.pixels
            for image in masks
            if image.evaluation and image.evaluation.confusion
        )
        confusions.append(_confusion("pixels", _pixel_classes(pairs), pairs, _labels(masks)))
    about = wording.plural(len(judged), "image")
    return Judgement(about, *_of_boxes(boxes), tuple(confusions), _data(judged, boxes))


def _is_whole(image: runlog.ImageRecord) -> bool:
    counts = None if image.evaluation is None else image.evaluation.boxes
    if counts is None:
        return True
    layers = {layer.name: layer for layer in image.boxes}
    truth, predictions = (layers.get(name) for name in _compared(image))
    return all(
        not judged if layer is None else len(layer.boxes) == len(layer.verdicts)
        for layer, judged in ((truth, counts.tp + counts.fn), (predictions, counts.tp + counts.fp))
    )


def _of_boxes(images: Images) -> tuple[str, str, tuple[VerdictCount, ...], str, str]:
    """Return least overlap and threshold in words, counts, precision and recall; empty without boxes."""
    totals = dict.fromkeys(_VERDICTS, 0)
    overlap = threshold = ""
    for image in images:
        said = image.evaluation
        if said is None or said.boxes is None:
            continue
        for verdict, count in zip(_VERDICTS, (said.boxes.tp, said.boxes.fp, said.boxes.fn), strict=True):
            totals[verdict] += count
        overlap = f"overlap ≥ {wording.number(said.evaluation.iou, 4)}"
        threshold = f"{said.score or 'score'} ≥ {wording.number(said.evaluation.min_score, 4)}"
    if not images:
        return "", "", (), "", ""
    found, wrong, missed = totals.values()
    counts = tuple(VerdictCount(name, wording.verdict(name), count) for name, count in totals.items())
    return overlap, threshold, counts, _share(found, wrong, missed), _share(found, missed, wrong)


def _share(found: int, wrong: int, others: int) -> str:
    if found + wrong:
        return wording.number(found / (found + wrong), 4)
    return "–" if others else "1"


def _sum_of(confusions: Iterable[Mapping[Any, int]]) -> Counter[Taken]:
    pairs = Counter[Taken]()
    for confusion in confusions:
        for pair, count in confusion.items():
            pairs[pair] += count
    return pairs


def _compared(image: runlog.ImageRecord) -> tuple[str, str]:
    """Return the names of the layers that were compared: truth and predictions."""
    said = image.evaluation
    return ("", "") if said is None else (said.evaluation.truth, said.evaluation.predictions)


def _labels(images: Images) -> dict[int, str]:
    labels: dict[int, str] = {}
    for image in images:
        for layer in image.layers:
            if layer.name in _compared(image):
                labels |= layer.class_labels
    return labels


def _box_classes(images: Images) -> Counter[int]:
    """Return how many boxes each class has, whatever their verdicts are: at another threshold they differ."""
    return Counter(
        _class_id(box)
        for image in images
        for layer in image.boxes
        if layer.name in _compared(image)
        for box in layer.boxes
    )


def _pixel_classes(pairs: Mapping[Taken, int]) -> Counter[int]:
    classes = Counter[int]()
    for pair, count in pairs.items():
        classes.update({one: count for one in pair if one is not None})
    return classes


def _confusion(
    unit: str, classes: Counter[int], pairs: Mapping[Taken, int], labels: Mapping[int, str]
) -> Confusion:
    """Return a table of the classes that are most; the others are one."""
    own = {class_id for class_id, _ in classes.most_common(MAX_CLASSES)}
    heads = [ConfusionClass(str(class_id), _label(class_id, labels)) for class_id in sorted(own)]
    if len(classes) > len(own):
        others = wording.plural(len(classes) - len(own), "other class", "other classes")
        heads.append(ConfusionClass(_OTHERS, others))
    if unit == "boxes":
        heads.append(ConfusionClass(_NOTHING, "nothing"))
    counts = Counter[tuple[str, str]]()
    for (true_id, predicted_id), count in pairs.items():
        counts[_head(true_id, own), _head(predicted_id, own)] += count
    rows = tuple(tuple(counts[true.id, predicted.id] for predicted in heads) for true in heads)
    return Confusion(unit, tuple(heads), rows)


def _head(class_id: int | None, own: Collection[int]) -> str:
    if class_id is None:
        return _NOTHING
    return str(class_id) if class_id in own else _OTHERS


def _label(class_id: int, labels: Mapping[int, str]) -> str:
    return "no class" if class_id == _NO_CLASS else palette.class_label(class_id, labels)


def _class_id(box: runlog.Box) -> int:
    return _NO_CLASS if box.class_id is None else box.class_id


def _data(images: Images, boxes: Images) -> str:
    """Return as JSON what the verdicts at any threshold follow from."""
    said = (boxes or images)[0].evaluation
    found = {
        "score": said and said.score,
        "least": _number(said.evaluation.min_score if said else None),
        "layers": _compared((boxes or images)[0]),
        "images": {image.index: {**_id(image), **judged_boxes(image), **_pixels(image)} for image in images},
    }
    return json.dumps(found, separators=(",", ":"), allow_nan=False)


def judged_boxes(image: runlog.ImageRecord) -> dict[str, object]:
    """Return the boxes of an image as ``judging_model.js`` has them, those first that are drawn."""
    if image.evaluation is None or image.evaluation.boxes is None:
        return {}
    layers = {layer.name: layer for layer in image.boxes}
    truth, predictions = (layers.get(name) for name in _compared(image))
    true_order, order = (_drawn_first(image, layer) for layer in (truth, predictions))
    true_place, place = ({at: n for n, at in enumerate(one)} for one in (true_order, order))
    true_boxes, boxes = (
        [] if layer is None else list(zip(layer.boxes, layer.verdicts, strict=True))
        for layer in (truth, predictions)
    )
    return {
        "truth": [
            [_class_id(box), int(said.verdict == "ignored")]
            for box, said in (true_boxes[at] for at in true_order)
        ],
        "predictions": [
            [_class_id(box), _number(said.score), None if said.partner is None else true_place[said.partner]]
            for box, said in (boxes[at] for at in order)
        ],
        "overlaps": sorted([place[one], true_place[other], iou] for one, other, iou in image.left_overlaps),
    }


def _drawn_first(image: runlog.ImageRecord, layer: runlog.BoxLayerRecord | None) -> list[int]:
    """Return the places of boxes as the page has them; what is not drawn overlaps nothing, and comes last."""
    boxes = () if layer is None else layer.boxes
    is_lost = [box.pixel_corners(image.media.width, image.media.height) is None for box in boxes]
    return sorted(range(len(boxes)), key=is_lost.__getitem__)


def _id(image: runlog.ImageRecord) -> dict[str, object]:
    return {} if image.id is None else {"id": image.id}


def _pixels(image: runlog.ImageRecord) -> dict[str, object]:
    if image.evaluation is None or image.evaluation.confusion is None:
        return {}
    return {"pixels": [[*pair, count] for pair, count in image.evaluation.confusion.pixels.items()]}


def _number(number: float | None) -> float | str | None:
    """Return a number as JSON can have it; infinity is a text, which scripts read."""
    if number is None or math.isfinite(number):
        return number
    return "Infinity" if number > 0 else "-Infinity"
