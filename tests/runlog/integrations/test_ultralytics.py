"""`log_training`, called as an Ultralytics model calls its callbacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog.integrations.ultralytics import KEY, log_training

NAMES = {0: "green", 1: "red"}


class Model:
    """Has callbacks, and calls them in the order in which a training does."""

    def __init__(self) -> None:
        self.callbacks: defaultdict[str, list[Callable[[Any], object]]] = defaultdict(list)

    def add_callback(self, event: str, function: Callable[[Any], object]) -> None:
        self.callbacks[event].append(function)

    def call(self, event: str, what: Any) -> None:
        for function in self.callbacks[event]:
            function(what)

    def validate(self, predictions: list[Any], batch: dict[str, Any], *, training: bool) -> list[Any]:
        updated: list[Any] = []
        validator = SimpleNamespace(
            names=NAMES, training=training, update_metrics=lambda found, given: updated.append((found, given))
        )
        self.call("on_val_start", validator)
        for _ in range(2):
            validator.update_metrics(predictions, batch)
        self.call("on_val_end", validator)
        return updated

    def train(self, tmp_path: Path, predictions: list[Any], batch: dict[str, Any]) -> None:
        plot = tmp_path / "results.png"
        PILImage.new("RGB", (4, 4)).save(plot)
        trainer = SimpleNamespace(
            args=SimpleNamespace(name="first", epochs=2, freeze=None), epoch=0, tloss=[0.5],
            lr={"lr/pg0": 0.1},
            label_loss_items=lambda loss, prefix: {f"{prefix}/box_loss": loss[0]},
            metrics={"metrics/mAP50(B)": 0.25},
            plots={plot: {}}, validator=SimpleNamespace(plots={tmp_path / "gone.png": {}}),
        )  # fmt: skip
        self.call("on_pretrain_routine_end", trainer)
        for epoch in range(2):
            trainer.epoch = epoch
            self.call("on_train_epoch_end", trainer)
            self.validate(predictions, batch, training=True)
            self.call("on_fit_epoch_end", trainer)
        trainer.epoch = 2
        self.validate(predictions, batch, training=False)
        self.call("on_fit_epoch_end", trainer)
        self.call("on_train_end", trainer)


def batch_of_two(**more: Any) -> dict[str, Any]:
    """Return two pictures of 8×16, of which the second one has two objects."""
    return {
        "img": np.stack([np.full((3, 8, 16), 0.2), np.full((3, 8, 16), 1.0)]),
        "batch_idx": np.array([0, 1, 1]),
        "cls": np.array([[0], [1], [0]]),
        "bboxes": np.array([[0.5, 0.5, 0.5, 0.5], [0.25, 0.5, 0.5, 1], [0.75, 0.5, 0.5, 1]]),
        "im_file": ("/data/a.png", "/data/b.png"),
        **more,
    }


def predicted(
    boxes: list[list[float]], classes: list[float], scores: list[float], **more: Any
) -> dict[str, Any]:
    return {
        "bboxes": np.array(boxes, np.float64).reshape(-1, 4),
        "cls": np.array(classes, np.float64),
        "conf": np.array(scores, np.float64),
        **more,
    }


PREDICTIONS = [predicted([], [], []), predicted([[0, 0, 8, 8], [8, 0, 16, 8]], [1, 1], [0.75, 0.125])]


def test_the_calls_of_a_training_make_a_run(tmp_path: Path) -> None:
    model = Model()
    log_training(model, "squares", dir=tmp_path / "runs", quiet=True)
    model.train(tmp_path, PREDICTIONS, batch_of_two())
    (run,) = runlog.runs(tmp_path / "runs")
    assert (run.name, run.project, run.state) == ("first", "squares", "finished")
    assert run.config == {"name": "first", "epochs": 2}
    with runlog.open(run.folder) as reader:
        steps = {series.key: series.steps.tolist() for series in reader.scalars()}
        assert (steps["train/box_loss"], steps["lr/pg0"]) == ([1, 2], [1, 2])
        assert (steps["metrics/mAP50(B)"], steps[f"{KEY}/ap50"]) == ([1, 2, 3], [1, 2, 3])
        images = reader.images()
        assert [(image.key, image.step) for image in images if image.key != KEY] == [("charts/results", 3)]
        assert [image.step for image in images if image.key == KEY] == [1] * 4 + [2] * 4 + [3] * 4


def test_pictures_have_true_and_predicted_boxes_which_are_judged(tmp_path: Path) -> None:
    model = Model()
    log_training(model, dir=tmp_path, images=3, quiet=True)
    updated = model.validate(PREDICTIONS, batch_of_two(), training=False)
    assert len(updated) == 2
    runlog.finish()
    (run,) = runlog.runs(tmp_path)
    with runlog.open(run.folder) as reader:
        images = reader.images()
        assert len(images) == 3
        assert np.unique(reader.pixels(images[0])).tolist() == [51]
        layers = {layer.name: layer for layer in images[1].boxes}
        truth, found = layers["truth"], layers["predictions"]
        assert [(box.numbers, box.class_id) for box in truth.boxes] == [
            ((0.25, 0.5, 0.5, 1), 1),
            ((0.75, 0.5, 0.5, 1), 0),
        ]
        assert [(box.numbers, box.domain, box.scores) for box in found.boxes] == [
            ((0, 8, 0, 8), "pixel", {"confidence": 0.75}),
            ((8, 16, 0, 8), "pixel", {"confidence": 0.125}),
        ]
        assert (truth.class_labels, found.class_labels) == (NAMES, NAMES)
        assert [image.id for image in images] == ["a.png", "b.png", "/data/a.png"]


@pytest.mark.parametrize("overlap", [True, False])
def test_masks_have_the_classes_of_their_boxes_and_the_surest_lies_above(
    overlap: bool, tmp_path: Path
) -> None:
    left, right = np.zeros((2, 8, 16)), np.zeros((2, 8, 16))
    left[:, :, :8], right[:, :, 8:] = 1, 1
    # A map of the objects of each picture, or a mask for each object.
    masks = np.stack([left[0], left[0] + 2 * right[0]]) if overlap else np.stack([left[0], left[0], right[0]])
    found = np.stack([left[0], np.ones((8, 16)), np.ones((8, 16))])
    predictions = [
        predicted([], [], [], masks=np.zeros((0, 8, 16))),
        predicted([[0, 0, 8, 8], [0, 0, 16, 8], [2, 2, 6, 6]], [1, 0, 1], [0.75, 0.5, 0.125], masks=found),
    ]
    model = Model()
    log_training(model, dir=tmp_path, images=2, quiet=True)
    model.validate(predictions, batch_of_two(masks=masks), training=False)
    runlog.finish()
    (run,) = runlog.runs(tmp_path)
    with runlog.open(run.folder) as reader:
        first, second = reader.images()
        assert np.unique(reader.class_ids(first, "truth")[:, :8]).tolist() == [1]
        assert np.unique(reader.class_ids(first, "predictions")).tolist() == [0]
        for layer in ("truth", "predictions"):
            ids = reader.class_ids(second, layer)
            assert (np.unique(ids[:, :8]).tolist(), np.unique(ids[:, 8:]).tolist()) == ([2], [1])
        assert second.masks[0].class_labels == {1: "green", 2: "red"}
        assert {box.class_id for layer in second.boxes for box in layer.boxes} == {1, 2}


def test_a_task_without_boxes_logs_no_pictures(tmp_path: Path) -> None:
    with runlog.init(dir=tmp_path, quiet=True) as run:
        model = Model()
        log_training(model)
        model.validate([np.zeros(2)], {"img": np.zeros((1, 3, 4, 4)), "cls": np.zeros(1)}, training=False)
        assert run.step == 0
        assert not run.is_finished


def test_other_processes_log_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    model = Model()
    log_training(model)
    assert not model.callbacks
