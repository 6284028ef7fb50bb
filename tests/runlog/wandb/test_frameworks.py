"""What the loggers of frameworks log through ``import wandb`` is in the run, at its step.

The frameworks themselves, with their own loggers, are trained in ``tests/frameworks``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import runlog

from . import frameworks


class Callback:
    """What callbacks of Keras derive from, in small."""

    model = SimpleNamespace(
        optimizer=SimpleNamespace(learning_rate=np.float64(0.1)),
        save=lambda path: Path(path).write_text("model"),
    )


class ModelCheckpoint(Callback):
    """That of Keras, in small: it saves after each epoch."""

    save_freq = "epoch"

    def __init__(self, filepath: str) -> None:
        self._path = filepath
        Path(filepath).parent.mkdir(exist_ok=True)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        pass

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.save(self._path.format(epoch=epoch))


@pytest.fixture(autouse=True)
def _finds_runlog_as_wandb(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("WANDB_PROJECT", "WANDB_DIR", "WANDB_RUN_ID"):
        monkeypatch.setenv(name, "")  # which is restored
    undo = runlog.as_wandb()
    yield
    undo()


@pytest.fixture(autouse=True)
def _stand_ins_of_libraries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the classes that two integrations derive from, and forget what was imported with them."""

    class BaseCallback:
        model: Any
        n_calls = 0

        def __init__(self, verbose: int = 0) -> None:
            self.verbose = verbose

        @property
        def logger(self) -> Any:
            return self.model.logger

        def init_callback(self, model: Any) -> None:
            self.model = model
            self._init_callback()

        def step(self) -> None:
            self.n_calls += 1
            assert self._on_step()

        def on_training_end(self) -> None:
            self._on_training_end()

    found = {
        "xgboost": {},
        "xgboost.callback": {"TrainingCallback": object},
        "keras": {},
        "keras.callbacks": {"Callback": Callback, "ModelCheckpoint": ModelCheckpoint},
        "stable_baselines3": {},
        "stable_baselines3.common": {},
        "stable_baselines3.common.callbacks": {"BaseCallback": BaseCallback},
        "stable_baselines3.common.logger": {"KVWriter": object},
    }
    for name, held in found.items():
        module = ModuleType(name)
        vars(module).update(held)
        monkeypatch.setitem(sys.modules, name, module)
    yield
    for name in [
        name
        for name in sys.modules
        if name.startswith("runlog.wandb.") and name.endswith(("xgboost", "sb3", "keras"))
    ]:
        del sys.modules[name]


def logged(name: str) -> dict[str, Any]:
    """Return what is in the run of a framework."""
    getattr(frameworks, name)()
    with runlog.open(Path("out", "runs", name)) as reader:
        run = reader.run()
        assert run.state == "finished"
        return {
            "numbers": {
                series.key: dict(zip(series.steps.tolist(), series.values.tolist(), strict=True))
                for series in reader.scalars()
            },
            "images": [
                (one.key, one.step, one.caption, len(one.boxes), len(one.masks)) for one in reader.images()
            ],
            "tables": {(table.key, table.step): len(table) for table in reader.tables()},
            "files": {str(file.path).removeprefix("files/") for file in reader.run_files()},
            "config": dict(run.config),
            "summary": dict(run.summary),
            "project": run.project,
        }


def test_lightning() -> None:
    found = logged("lightning")
    assert found["numbers"]["train/loss"] == {9: 1 / 9, 19: 1 / 19}
    assert found["numbers"]["val/loss"] == {19: 0.5}
    assert found["images"] == [("samples", 19, "picture 0", 1, 1), ("samples", 19, "picture 1", 1, 1)]
    assert found["tables"] == {("answers", 19): 1}
    assert found["files"] == {
        "artifacts/model-lightning/v0/artifact.json",
        "artifacts/model-lightning/v0/model.ckpt",
    }
    assert (found["config"], found["project"]) == ({"lr": 0.1, "optimizer/name": "SGD"}, "lightning_logs")


def test_hugging_face() -> None:
    found = logged("transformers")
    assert found["numbers"]["train/loss"] == {2: 0.5, 4: 0.25}
    assert found["numbers"]["eval/loss"] == {4: 0.5}
    assert found["config"] == {
        "hidden_size": 8, "eos_token_id": 2, "hub_token": "<HUB_TOKEN>", "model/num_parameters": 12,
    }  # fmt: skip
    assert (found["summary"]["train_runtime"], found["project"]) == (1.5, "huggingface")
    assert "artifacts/model-a run/v0/model_architecture.txt" in found["files"]


def test_trl() -> None:
    found = logged("trl")
    assert found["numbers"]["train/reward"] == {1: 0.5}
    assert found["tables"] == {("completions", 1): 2, ("game_log", 1): 2}


def test_accelerate() -> None:
    found = logged("accelerate")
    assert found["numbers"] == {"train/loss": {0: 1.0, 1: 0.5}}
    assert found["images"] == [("samples", 1, None, 0, 0)]
    assert (found["tables"], found["config"]) == ({("answers", 1): 1}, {"lr": 0.1})


def test_ultralytics() -> None:
    found = logged("ultralytics")
    assert found["numbers"]["metrics/mAP50(B)"] == {0: 0.0, 1: 0.5}
    assert found["numbers"]["train/box_loss"] == {0: 1.0, 1: 1.0}
    assert [image[:2] for image in found["images"]] == [("labels", 0), ("labels", 1), ("curves/PR(B)", 2)]
    assert found["tables"] == {("curves/PR(B)_table", 2): 2}
    assert found["config"] == {"epochs": 2, "imgsz": 64}
    assert "artifacts/run_ultralytics_model/v0/plot.png" in found["files"]


def test_fastai() -> None:
    found = logged("fastai")
    assert found["numbers"]["epoch"] == {0: 0.0, 1: 1.0}
    assert found["tables"] == {("Prediction_Samples", 1): 1}
    assert "artifacts/data/v0/data/a.txt" in found["files"]
    assert found["config"] == {"Learner": {"_name": "a learner"}, "frozen": True}


def test_timm() -> None:
    found = logged("timm")
    assert found["numbers"] == {
        "epoch": {0: 0.0, 1: 1.0}, "train_loss": {0: 1.0, 1: 1.0}, "eval_top1": {0: 50.0, 1: 50.0},
    }  # fmt: skip
    assert found["config"] == {"model": "vit", "lr": 0.1, "wandb_tags": ["a"], "wandb_resume_id": None}


def test_xgboost() -> None:
    found = logged("xgboost")
    assert found["numbers"]["valid-logloss"] == {0: 0.5, 1: 0.25, 2: 0.75}
    assert (found["summary"]["valid-logloss"], found["summary"]["best_iteration"]) == (0.25, 1)
    assert [image[:2] for image in found["images"]] == [("Feature Importance", 3)]
    assert found["config"] == {"xgboost": {"learner": {"objective": "binary"}}}
    assert "artifacts/model_xgboost/v0/xgboost_model.json" in found["files"]


def test_lightgbm() -> None:
    found = logged("lightgbm")
    assert found["numbers"]["valid_logloss"] == {0: 0.5, 1: 0.25, 2: 0.75}
    assert (found["summary"]["valid_logloss"], found["summary"]["cv_agg_auc"]) == (0.25, 0.75)
    assert (found["tables"], found["config"]) == ({("feature_importance_table", 3): 2}, {"lr": 0.1})
    assert "artifacts/model_lightgbm/v0/model_lightgbm.txt" in found["files"]


def test_catboost() -> None:
    found = logged("catboost")
    assert found["numbers"]["learn-Logloss"] == {0: 0.5, 1: 0.25}
    assert (found["summary"]["best_iteration"], found["config"]) == (3, {"depth": 2})
    assert "artifacts/model_catboost/v0/model_catboost.cbm" in found["files"]


def test_keras() -> None:
    found = logged("keras")
    assert found["numbers"] == {
        "epoch/loss": {4: 0.5, 8: 0.25},
        "epoch/epoch": {4: 0.0, 8: 1.0},
        "epoch/learning_rate": {4: 0.1, 8: 0.1},
        "batch/loss": {1: 1.0, 2: 1.0, 5: 0.5, 6: 0.5},
        "batch/batch_step": {1: 7.0, 2: 9.0, 5: 10.0, 6: 12.0},
        "batch/learning_rate": dict.fromkeys((1, 2, 5, 6), 0.1),
        "loss": {9: 0.5, 10: 0.75, 11: 0.25},
        "epoch": {9: 0.0, 10: 1.0, 11: 2.0},
    }
    assert found["tables"] == {("val_data", 0): 1, ("eval_data", 3): 1, ("eval_data", 7): 1}
    assert {name for name in found["files"] if not name.endswith(".json")} == {
        *("artifacts/run_keras_model/v0/0.keras", "artifacts/run_keras_model/v1/1.keras", "model-best.keras"),
    }
    assert (found["summary"]["best_loss"], found["summary"]["best_epoch"]) == (0.25, 2)


def test_stable_baselines3() -> None:
    found = logged("sb3")
    assert found["numbers"] == {"rollout/reward": {64: 6.4, 128: 12.8}, "global_step": {64: 64.0, 128: 128.0}}
    assert found["config"] == {"algo": "SimpleNamespace", "seed": 3, "gamma": 0.9}
    assert "model.zip" in found["files"]


@pytest.mark.parametrize("name", ["lightning", "ultralytics", "fastai", "xgboost"])
def test_a_disabled_run_takes_the_same_and_writes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "disabled")
    getattr(frameworks, name)()
    assert not Path("out").exists()
