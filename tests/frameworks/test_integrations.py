"""Frameworks train, and log to a run folder by the loggers that runlog has for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import runlog

from .test_frameworks import python_of, train

pytestmark = pytest.mark.frameworks


def test_lightning(environments: Path, tmp_path: Path) -> None:
    train(python_of(environments, "lightning"), "own_lightning", tmp_path)
    (run,) = runlog.runs(tmp_path / "runs")
    assert (run.name, run.project, run.state) == ("line", "lines", "finished")
    assert run.config["rate"] == 0.05
    with runlog.open(run.folder) as reader:
        (loss,) = [series for series in reader.scalars() if series.key == "train/loss"]
        # Two trainings of three epochs of four batches.
        assert len(set(loss.steps.tolist())) == 24
        pictures = reader.images()
        assert {image.caption for image in pictures} == {"c"}
        assert {int(reader.pixels(image)[0, 0, 0]) for image in pictures} == {0, 10, 20}
        assert all(layer.name == "predictions" for image in pictures for layer in image.boxes)
        assert [text.text for text in reader.texts()] == ["hello", "there"]
        assert reader.table("rows").rows() == ((1, "x"),)
    assert list((tmp_path / "lines" / run.id / "checkpoints").glob("*.ckpt"))


def test_transformers(environments: Path, tmp_path: Path) -> None:
    train(python_of(environments, "transformers"), "own_transformers", tmp_path)
    (run,) = runlog.runs(tmp_path / "runs")
    assert (run.name, run.project, run.state) == ("tiny", "tiny", "finished")
    assert (run.config["num_train_epochs"], run.config["model"]["hidden_size"]) == (2, 8)
    assert run.summary["train_runtime"] > 0
    with runlog.open(run.folder) as reader:
        steps = {series.key: series.steps.tolist() for series in reader.scalars()}
    assert (steps["train/loss"], steps["eval/loss"]) == ([2, 4, 6, 8], [4, 8])


def test_ultralytics(environments: Path, tmp_path: Path) -> None:
    train(python_of(environments, "ultralytics"), "own_ultralytics", tmp_path)
    runs = {run.name: run for run in runlog.runs(tmp_path / "runs")}
    assert {name: (run.state, run.config["epochs"]) for name, run in runs.items()} == {
        "detect": ("finished", 2),
        "segment": ("finished", 2),
    }
    for name, run in runs.items():
        with runlog.open(run.folder) as reader:
            steps = {series.key: series.steps.tolist() for series in reader.scalars()}
            pictures = [image for image in reader.images() if image.key == "val/images"]
            # The best model is validated once more.
            assert [image.step for image in pictures] == [1] * 4 + [2] * 4 + [3] * 4
            assert (steps["train/box_loss"], steps["metrics/mAP50(B)"]) == ([1, 2], [1, 2, 3])
            assert steps["val/images/ap50"] == [1, 2, 3]
            assert {image.id for image in pictures} == {f"{number}.png" for number in range(4)}
            for image in pictures[:4]:
                number = int(str(image.id).removesuffix(".png"))
                truth = {layer.name: layer for layer in image.boxes}["truth"]
                (box,) = truth.boxes
                pixels = reader.pixels(image)
                height, width = pixels.shape[:2]
                # Ultralytics pads pictures for validation.
                begin = 4 + 8 * number + (width - 64) / 2
                left, top, right, _ = box.pixel_corners(width, height)
                assert (left, right) == pytest.approx((begin, begin + 24), abs=0.1)
                red, green, _ = pixels[int(top) + 8, int(left) + 8]
                assert truth.class_labels[box.class_id] == ("red" if red > green else "green")
                if name == "segment":
                    ids = reader.class_ids(image, "truth")
                    assert set(np.unique(ids)) == {0, box.class_id}
            assert any(image.key == "charts/results" for image in reader.images())
