"""`RunlogCallback`, called as Hugging Face's ``Trainer`` calls its callbacks."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import runlog
from runlog.integrations.transformers import RunlogCallback

ARGUMENTS = SimpleNamespace(run_name="tiny", to_dict=lambda: {"epochs": 2, "hub_token": "<HUB_TOKEN>"})
MODEL = SimpleNamespace(config=SimpleNamespace(to_dict=lambda: {"hidden_size": 8, "id2label": {0: "a"}}))


def state(step: int, *, is_first: bool = True) -> SimpleNamespace:
    return SimpleNamespace(global_step=step, is_world_process_zero=is_first)


def train(callback: RunlogCallback, *, is_first: bool = True) -> None:
    """Call what a Trainer calls in a training with an evaluation."""
    control = object()
    callback.on_init_end(ARGUMENTS, state(0, is_first=is_first), control)
    callback.on_train_begin(ARGUMENTS, state(0, is_first=is_first), control, model=MODEL)
    for step, logs in (
        (2, {"loss": 0.7, "learning_rate": np.float64(1e-3), "epoch": 0.5}),
        (4, {"loss": 0.6, "epoch": 1.0}),
        (4, {"eval_loss": 0.5, "eval_runtime": 1.5, "epoch": 1.0}),
        (4, {"train_runtime": 3.5, "train_loss": 0.65, "total_flos": 7.0, "epoch": 1.0}),
    ):
        callback.on_step_end(ARGUMENTS, state(step, is_first=is_first), control)
        callback.on_log(ARGUMENTS, state(step, is_first=is_first), control, logs=logs)
    callback.on_train_end(ARGUMENTS, state(4, is_first=is_first), control)


def test_the_calls_of_a_training_make_a_run(tmp_path: Path) -> None:
    train(RunlogCallback("summaries", dir=tmp_path, quiet=True))
    runlog.finish()
    (run,) = runlog.runs(tmp_path)
    assert (run.name, run.project) == ("tiny", "summaries")
    assert run.config == {"epochs": 2, "model": {"hidden_size": 8, "id2label": {"0": "a"}}}
    assert {key: run.summary[key] for key in ("train_runtime", "train_loss", "total_flos")} == {
        "train_runtime": 3.5,
        "train_loss": 0.65,
        "total_flos": 7.0,
    }
    with runlog.open(run.folder) as reader:
        found = {
            one.key: dict(zip(one.steps.tolist(), one.values.tolist(), strict=True))
            for one in reader.scalars()
        }
    assert found == {
        "train/loss": {2: 0.7, 4: 0.6},
        "train/learning_rate": {2: 1e-3},
        "train/epoch": {2: 0.5, 4: 1.0},
        "eval/loss": {4: 0.5},
        "eval/runtime": {4: 1.5},
    }


def test_a_run_that_is_there_is_logged_to(tmp_path: Path) -> None:
    with runlog.init(dir=tmp_path, name="mine", quiet=True) as run:
        train(RunlogCallback())
        assert not run.is_finished
    (found,) = runlog.runs(tmp_path)
    assert (found.name, found.config["epochs"]) == ("mine", 2)


def test_only_the_first_process_logs(tmp_path: Path) -> None:
    train(RunlogCallback(dir=tmp_path / "runs"), is_first=False)
    assert not (tmp_path / "runs").exists()


def test_whatever_event_there_is_is_answered_and_nothing_else() -> None:
    callback = RunlogCallback()
    assert callback.on_some_event_to_come(1, 2, three=3) is None
    with pytest.raises(AttributeError, match="no attribute 'finish'"):
        callback.finish  # noqa: B018
