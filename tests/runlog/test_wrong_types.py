"""Every argument of every function of the face that is no switch: a wrong type is refused in our words."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runlog
import runlog_viewer

PIXELS = np.zeros((4, 4, 3), np.uint8)
# A call of each that goes well, in a folder with the run `a`, by its arguments: paths are relative.
CALLS: dict[str, dict[str, Any]] = {
    "archive": {"runs": ["a"], "out": "out.zip"},
    "as_wandb": {},
    "boxes_from": {"detections": [[0, 0, 1, 1]], "labels": [1], "scores": [0.5], "names": {1: "cat"}},
    "build": {"folder": ".", "output": "site"},
    "check": {"run_folder": "a"},
    "edit": {"run_folder": "a", "name": "n", "notes": "n", "group": "g", "tags": ["t"]},
    "find_runs": {"folder": "."},
    "finish": {"state": "failed"},
    "init": {"id": "b", "dir": "."},
    "log": {"data": {"x": 1}, "step": 1},
    "mask_from": {"scores": np.ones((3, 4, 4)), "names": {1: "cat"}},
    "migrate": {"run_folder": "a"},
    "open": {"run_folder": "a"},
    "prune": {"run_folder": "a", "keep_last": 1, "keys": ["x"]},
    "remove": {"run_folders": "a"},
    "runs": {"folder": "."},
    "verify": {"path": "a"},
    "watch": {"folder": "."},
    "BoundingBoxes2D": {"val": {"box_data": []}, "key": "b"},
    "Classes": {"class_set": [{"id": 1, "name": "cat"}]},
    "File": {"data_or_path": b"x", "name": "a.bin"},
    "Histogram": {"sequence": [1, 2]},
    "Image": {"data_or_path": PIXELS},
    "ImageMask": {"val": {"mask_data": PIXELS[..., 0]}, "key": "m"},
    "Metric": {"pattern": "x"},
    "Table": {"columns": ["a"], "data": [[1]]},
    "Video": {"data_or_path": np.zeros((2, 8, 8, 3), np.uint8)},
}
# What is made by the package and only read by its users, and what reads and writes through it.
MADE = {
    "Box",
    "Conversion",
    "LocalRun",
    "LoggedTable",
    "RunReader",
    "RunState",
    "ScalarSeries",
    "RunCounts",
    "open_media",
}
# What may be anything: `init` keeps it, the others say what of it they cannot take.
ANYTHING = {("init", "config"), ("Image", "normalize")}
SWITCHES = {"bool", "Progress | None", "bool | None"}


def functions() -> dict[str, Callable[..., Any]]:
    found = {name: getattr(runlog, name) for name in runlog.__all__ if name not in MADE}
    found |= {name: getattr(runlog_viewer, name) for name in ("build", "watch")}
    return {
        name: value
        for name, value in found.items()
        if callable(value)
        and not name.endswith("Record")
        and not (inspect.isclass(value) and issubclass(value, (Exception, Warning)))
    }


def arguments() -> Iterator[tuple[str, str]]:
    for name, function in functions().items():
        for parameter in inspect.signature(function).parameters.values():
            if parameter.annotation not in SWITCHES and (name, parameter.name) not in ANYTHING:
                yield name, parameter.name


def call(name: str, given: dict[str, Any]) -> None:
    function = functions()[name]
    if name == "watch":
        next(function(**given))
    elif name == "remove":
        function(given["run_folders"])
    else:
        function(**given)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Start the runs that no refused call may change: one that has ended, and the current one."""
    runs = tmp_path_factory.mktemp("runs")
    with runlog.init(id="a", dir=runs, quiet=True, record_environment=False) as run:
        run.log({"x": runlog.Image(PIXELS)}, step=0)
    runlog.init(id="c", dir=runs, quiet=True, record_environment=False)
    yield runs
    runlog.finish()


@pytest.fixture
def folder(runs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(runs)
    return runs


def test_no_function_of_the_face_is_left_out() -> None:
    assert set(functions()) == set(CALLS)


@pytest.mark.parametrize("wrong", [object(), 5j], ids=["object", "complex"])
@pytest.mark.parametrize(("name", "argument"), list(arguments()))
def test_a_wrong_type_is_refused_in_our_words(folder: Path, name: str, argument: str, wrong: object) -> None:
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(runlog.RunlogError) as refused:
        call(name, {**CALLS[name], argument: wrong})
    assert isinstance(refused.value, (TypeError, ValueError))
    assert " must " in str(refused.value)
    assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: runlog.remove(5), "a path must be a string or a Path, but got 5"),
        (lambda: runlog.verify(b"a"), "a path must be a string or a Path, but got b'a'"),
        (
            lambda: runlog.archive("a", "a.zip"),
            "runs must be a list of run folders, but got 'a'",
        ),
        (lambda: runlog.prune("a", keep_last=1, keys="val"), "keys must be a list of strings, but got 'val'"),
        (lambda: runlog.finish("done"), "state must be one of finished, failed, but got 'done'"),
        (lambda: runlog_viewer.build(".", output=5), "a path must be a string or a Path, but got 5"),
        (lambda: runlog_viewer.Server(5), "a path must be a string or a Path, but got 5"),
    ],
)
def test_the_words_say_what_must_be_and_what_was_got(
    folder: Path, act: Callable[[], object], words: str
) -> None:
    with pytest.raises(runlog.RunlogError) as refused:
        act()
    assert str(refused.value) == words


def test_a_run_that_is_told_a_state_that_there_is_none_of_goes_on(folder: Path) -> None:
    assert runlog.run is not None
    with pytest.raises(runlog.InvalidValueError, match="one of finished, failed"):
        runlog.run.finish("done")
    runlog.log({"x": 1}, step=0)
