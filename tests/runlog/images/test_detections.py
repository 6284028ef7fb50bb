"""What detectors and segmenters return becomes layers that an `Image` takes, in one call."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import runlog
from runlog import Image, boxes_from, mask_from

CORNERS = [[10.0, 20.0, 30.0, 60.0], [1.0, 2.0, 3.0, 4.0]]
PIXELS = [(10.0, 20.0, 30.0, 60.0), (1.0, 2.0, 3.0, 4.0)]
NAMES = {1: "cat", 2: "dog"}


def tensor(values: Any) -> Any:
    torch = pytest.importorskip("torch", reason="torch is not installed: tensors NOT TESTED")
    return torch.tensor(values)


def ultralytics(wrap: Any) -> Any:
    boxes = SimpleNamespace(xyxy=wrap(CORNERS), cls=wrap([1.0, 2.0]), conf=wrap([0.5, 0.25]))
    return SimpleNamespace(boxes=boxes, names=NAMES)


def supervision(wrap: Any) -> Any:
    return SimpleNamespace(
        xyxy=wrap(CORNERS),
        class_id=wrap([1, 2]),
        confidence=wrap([0.5, 0.25]),
        data={"class_name": np.array(["cat", "dog"])},
    )


def coco(_: Any) -> Any:
    return [
        {"bbox": [10, 20, 20, 40], "category_id": 1, "score": 0.5, "image_id": 7},
        {"bbox": [1, 2, 2, 2], "category_id": 2, "score": 0.25, "image_id": 7},
    ]


FOUND = {
    "torchvision": lambda wrap: {"boxes": wrap(CORNERS), "labels": wrap([1, 2]), "scores": wrap([0.5, 0.25])},
    "ultralytics": ultralytics,
    "supervision": supervision,
    "COCO": coco,
}


@pytest.mark.parametrize("wrap", [np.array, tensor], ids=["numpy", "torch"])
@pytest.mark.parametrize("kind", FOUND)
def test_detections_of_each_kind_become_the_same_boxes(kind: str, wrap: Any) -> None:
    layer = boxes_from(FOUND[kind](wrap), names=NAMES)
    boxes = Image(np.zeros((100, 100), np.uint8), boxes={"p": layer}).boxes["p"]
    assert [box.pixel_corners(100, 100) for box in boxes.boxes] == PIXELS
    assert [box.class_id for box in boxes.boxes] == [1, 2]
    assert [dict(box.scores) for box in boxes.boxes] == [{"confidence": 0.5}, {"confidence": 0.25}]
    assert dict(boxes.class_labels) == NAMES


@pytest.mark.parametrize("kind", ["ultralytics", "supervision"])
def test_names_that_come_with_detections_are_used(kind: str) -> None:
    assert boxes_from(FOUND[kind](np.array))["class_labels"] == NAMES
    assert boxes_from(FOUND[kind](np.array), names=["a", "b", "c"])["class_labels"] == {
        0: "a",
        1: "b",
        2: "c",
    }


def test_arrays_of_corners_take_labels_scores_and_a_domain_beside_them() -> None:
    layer = boxes_from(np.array([[0, 0.5, 0.25, 1]]), labels=[3], scores=[0.75], domain="fraction")
    (box,) = Image(np.zeros((40, 80), np.uint8), boxes={"p": layer}).boxes["p"].boxes
    assert (box.pixel_corners(80, 40), box.class_id, dict(box.scores)) == (
        (0, 20, 20, 40),
        3,
        {"confidence": 0.75},
    )
    assert boxes_from(CORNERS) == {
        "box_data": [
            {"position": {"minX": 10.0, "maxX": 30.0, "minY": 20.0, "maxY": 60.0}, "domain": "pixel"},
            {"position": {"minX": 1.0, "maxX": 3.0, "minY": 2.0, "maxY": 4.0}, "domain": "pixel"},
        ],
        "class_labels": {},
    }


@pytest.mark.parametrize(
    "nothing", [[], np.zeros((0, 4)), np.zeros(0), {"boxes": np.zeros((0, 4)), "labels": [], "scores": []}]
)
def test_no_detections_are_an_empty_layer(nothing: Any) -> None:
    assert boxes_from(nothing) == {"box_data": [], "class_labels": {}}


@pytest.mark.parametrize(
    ("detections", "options", "message"),
    [
        (np.zeros((2, 6)), {}, "must hold 4 numbers a box, but got shape (2, 6)"),
        ("boxes", {}, "must hold 4 numbers a box"),
        ({"labels": [1]}, {}, "detections must have 'boxes', but have ['labels']"),
        (
            [{"bbox": [1, 2, 3, 4]}],
            {},
            "[0] must be a COCO annotation with 'bbox' and 'category_id'",
        ),
        ([{"bbox": [1, 2, 3], "category_id": 1}], {}, "detections[0]['bbox'] must hold 4 numbers a box"),
        (CORNERS, {"labels": [1]}, "labels must be one for each of 2, but got 1"),
        (CORNERS, {"scores": [1, 2, 3]}, "scores must be one for each of 2, but got 3"),
        (CORNERS, {"labels": [0.5, 1]}, "labels[0] must be a class id from 0 to 65535, but got 0.5"),
        (CORNERS, {"labels": [1, -1]}, "labels[1] must be a class id from 0 to 65535, but got -1"),
        (CORNERS, {"labels": ["cat", "dog"]}, "labels must be numbers, one for each of 2, but got <U3"),
        (CORNERS, {"scores": ["x", None]}, "scores must be numbers, one for each of 2, but got object"),
        ([{"bbox": [1, 2, 3, 4], "category_id": "x"}], {}, "labels must be numbers, one for each of 1"),
        (CORNERS, {"names": {"a": 1}}, "a class id in names must be an integer, but got 'a'"),
        (CORNERS, {"names": "cat"}, "names must be a dict of class id to name or a list, but got 'cat'"),
        (CORNERS, {"domain": "percent"}, "domain must be one of pixel, fraction, but got 'percent'"),
    ],
)
def test_what_are_no_detections_is_refused(detections: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(runlog.RunlogError) as caught:
        boxes_from(detections, **options)
    assert message in str(caught.value)


IDS = np.array([[0, 1, 2], [2, 2, 0]])
ONE_HOT = np.stack([class_id == IDS for class_id in range(3)])


@pytest.mark.parametrize("wrap", [np.array, tensor], ids=["numpy", "torch"])
@pytest.mark.parametrize(
    "stack",
    [ONE_HOT, ONE_HOT.astype(np.float32), ONE_HOT * 9.5 - 3, ONE_HOT * 0.8 + 0.1, ONE_HOT[None] * 0.5 + 0.2],
    ids=["one-hot", "one-hot floats", "logits", "probabilities", "a batch of one"],
)
def test_scores_by_class_become_the_class_of_the_highest(stack: np.ndarray, wrap: Any) -> None:
    layer = mask_from(wrap(stack), names=["sky", "road", "car"])
    mask = Image(np.zeros((2, 3), np.uint8), masks={"m": layer}).masks["m"]
    assert mask.mask_data.tolist() == IDS.tolist()
    assert dict(mask.class_labels) == {0: "sky", 1: "road", 2: "car"}


def test_instances_become_their_classes_and_the_first_counts_where_they_overlap() -> None:
    stack = np.zeros((2, 1, 4))
    stack[0, 0, :2] = 0.9
    stack[1, 0, 1:3] = 0.6
    assert np.asarray(mask_from(stack, labels=[7, 5])["mask_data"]).tolist() == [[7, 7, 5, 0]]
    assert np.asarray(mask_from(stack[:, None], labels=[7, 5])["mask_data"]).tolist() == [[7, 7, 5, 0]]
    assert np.asarray(mask_from(stack, labels=[7, 5], threshold=0.7)["mask_data"]).tolist() == [[7, 7, 0, 0]]
    assert np.asarray(mask_from(stack > 0)["mask_data"]).tolist() == [[1, 1, 2, 0]]


def test_no_instances_are_an_empty_mask() -> None:
    assert np.asarray(mask_from(np.zeros((0, 2, 3)), labels=[])["mask_data"]).tolist() == [
        [0, 0, 0],
        [0, 0, 0],
    ]


@pytest.mark.parametrize(
    ("stack", "options", "message"),
    [
        (np.zeros((4, 4)), {}, "scores must be C×H×W logits, probabilities, one-hot masks"),
        (np.zeros((2, 3, 4, 5)), {}, "but got shape (2, 3, 4, 5)"),
        (np.zeros((2, 0, 5)), {}, "but got shape (2, 0, 5)"),
        (np.zeros((2, 2, 2), complex), {}, "of complex128"),
        (np.zeros((2, 2, 2)), {"labels": [1]}, "labels must be one for each of 2, but got 1"),
        (np.ones((1, 2, 2)), {"labels": [70_000]}, "labels[0] must be a class id from 0 to 65535"),
    ],
)
def test_what_is_no_stack_is_refused(stack: np.ndarray, options: dict[str, Any], message: str) -> None:
    with pytest.raises(runlog.RunlogError) as caught:
        mask_from(stack, **options)
    assert message in str(caught.value)
