"""``mode="disabled"``: the same interface, and nothing is written."""

import inspect
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog
from runlog.writing.disabled_run import DisabledRun

Start = Callable[..., runlog.LocalRun]


def test_a_script_runs_unchanged_and_leaves_nothing_behind(start: Start, tmp_path: Path) -> None:
    image = runlog.Image(np.eye(4, dtype=bool), masks={"m": {"mask_data": np.eye(4, dtype=int)}})
    with start(mode="disabled", config={"lr": 0.1}) as run:
        assert isinstance(run, runlog.LocalRun)
        run.log({"loss": 1, "k": [image]})
        run.log({"loss": 1}, step=5)
        run.log({"loss": 1})
        assert run.step == 6
        run.define_metric("loss", summary="min")
        run.config.update(depth=3)
        run.summary["best"] = 1
        assert (run.config.lr, run.config.depth, run.summary.best) == (0.1, 3, 1)
        runlog.Image.all_masks([image], run, "k", 0)
        run.flush()
    run.finish()
    assert list(tmp_path.iterdir()) == []


def test_the_environment_can_disable_a_script(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNLOG_MODE", "disabled")
    assert isinstance(start(), DisabledRun)


def test_every_public_method_of_a_run_is_there_with_the_same_signature() -> None:
    for name, method in inspect.getmembers(runlog.LocalRun, inspect.isfunction):
        if not name.startswith("_"):
            assert name in vars(DisabledRun), f"{name} would write"
            assert inspect.signature(getattr(DisabledRun, name)) == inspect.signature(method)
