"""``mode="disabled"``: the same interface, and nothing is written."""

import inspect
import re
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


# Of each method that is that of a run: arguments that it takes, and such as it refuses.
ARGUMENTS: dict[str, tuple[list[dict[str, object]], list[dict[str, object]]]] = {
    "define_classes": ([{"classes": {1: "cat"}}], [{"classes": 5}, {"classes": {"x": "cat"}}]),
    "define_evaluation": ([{"name": "val"}], [{"name": ""}, {"name": "val", "iou": 2}]),
    "define_metric": ([{"name": "a", "summary": "min"}], [{"name": "a", "summary": "least"}, {"name": 3}]),
    "flush": ([{}], []),
    "note_environment": ([{"facts": {"queue": "gpu"}}], [{"facts": 5}, {"facts": {"git_commit": "0"}}]),
    "log": ([{"data": {"a": {"b": 1}}}], [{"data": 5}, {"data": {1: 2}}, {"data": {}, "step": -1}]),
    "save_file": ([{"path": __file__}], [{"path": 5}, {"path": __file__, "name": "../a"}]),
    "watch": ([], [{"model": None}, {"model": 5, "log": "all"}]),
    "unwatch": ([{}], []),
    "finish": ([], [{"state": "crashed"}]),
    "on_finish": ([{"callback": print}], []),
    "store_masks": ([{"masks": {}, "key": "k", "step": 0, "index": 0}], []),
}


def test_every_public_method_is_there_checks_what_it_is_given_and_writes_nothing(
    start: Start, tmp_path: Path
) -> None:
    methods = dict(inspect.getmembers(runlog.LocalRun, inspect.isfunction))
    assert {name for name in methods if not name.startswith("_")} == ARGUMENTS.keys()
    run, disabled = start(id="a"), start(id="b", mode="disabled")
    for name, (good, bad) in ARGUMENTS.items():
        assert inspect.signature(getattr(DisabledRun, name)) == inspect.signature(methods[name])
        for arguments in good:
            getattr(disabled, name)(**arguments)
        for arguments in bad:
            with pytest.raises(runlog.RunlogError) as error:
                getattr(run, name)(**arguments)
            with pytest.raises(type(error.value), match=f"^{re.escape(str(error.value))}$"):
                getattr(disabled, name)(**arguments)
    assert [path.name for path in run.folder.parent.iterdir()] == ["a"]
