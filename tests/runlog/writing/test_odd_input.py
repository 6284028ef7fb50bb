"""What a script should not do and does all the same: an error in our own words, and a run that goes on."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

import runlog

Start = Callable[..., runlog.LocalRun]
LAST_STEP = 2**63 - 1


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError("no words")


def circle() -> dict[str, Any]:
    found: dict[str, Any] = {}
    found["itself"] = found
    return found


def nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


REFUSED_BY_CONFIG = {
    "a circle": (circle(), "must be nested at most 100 deep"),
    "a circle of namespaces": (argparse.Namespace(a=[circle()]), "must be nested at most 100 deep"),
    "100 deep in the mapping": (nested(100), "must be nested at most 100 deep"),
    "100,000 deep": (nested(100_000), "must be nested at most 100 deep"),
    "a mock": (Mock(), "must be nested at most 100 deep"),
    "309 digits": (10**308, "must have at most 308 digits, but one has about 308|309"),
    "10,000 digits": ([-(10**10_000)], "must have at most 308 digits, but one has about 10,000"),
    "a repr that raises": (Unspeakable(), "must have a text, but str.. of a Unspeakable raises RuntimeError"),
    "a key whose repr raises": ({Unspeakable(): 1}, "must have a text"),
    "a set of them": ({Unspeakable()}, "must have a text"),
}


@pytest.mark.parametrize(("value", "message"), REFUSED_BY_CONFIG.values(), ids=list(REFUSED_BY_CONFIG))
def test_what_config_and_summary_cannot_hold_is_refused_and_changes_nothing(
    start: Start, value: object, message: str
) -> None:
    with pytest.raises(runlog.InvalidValueError, match=f"'odd' of config or summary: .*({message})"):
        start(config={"odd": value})
    run = start(config={"good": 1})
    for mapping in (run.config, run.summary):
        with pytest.raises(runlog.InvalidValueError, match=message):
            mapping["odd"] = value
    run.log({"a": 1})
    run.finish()
    with runlog.open(run.folder) as reader:
        assert reader.run().config == {"good": 1}
        assert reader.run().summary == {"a": 1}


JUST_HELD = {
    "99 deep": nested(99),
    "308 digits": 10**308 - 1,
    "minus 308 digits": -(10**308) + 1,
    "a text of digits": "7" * 400,
    "a text of digits in a dict": {"digits": "1" * 5000},
    "an array": np.arange(3),
    "past 64 bits": 2**64,
}


@pytest.mark.parametrize("value", JUST_HELD.values(), ids=list(JUST_HELD))
def test_what_config_can_just_hold_is_read_back(start: Start, value: object) -> None:
    with start(config={"odd": value}) as run:
        pass
    with runlog.open(run.folder) as reader:
        assert reader.run().config == {"odd": value.tolist() if isinstance(value, np.ndarray) else value}


REFUSED_BY_LOG = {
    "a huge number": (10**400, "must be a number that a float holds"),
    "a number of 10,000 digits": (10**10_000, "must be a number that a float holds"),
    "a list of one": ([1, 10**10_000], "'odd': an integer must have at most 308 digits"),
    "no words for it": (Unspeakable(), "'odd' must be .* but got Unspeakable <Unspeakable>"),
    "a circle": (circle(), "a key must have 1 to 1000 characters"),
}


@pytest.mark.parametrize(("value", "message"), REFUSED_BY_LOG.values(), ids=list(REFUSED_BY_LOG))
def test_what_cannot_be_logged_is_refused_by_its_key(start: Start, value: object, message: str) -> None:
    with start() as run:
        with pytest.raises(runlog.RunlogError, match=message):
            run.log({"odd": value, "a": 1})
        run.log({"a": 2})
    with runlog.open(run.folder) as reader:
        assert reader.scalars()[0].values.tolist() == [2]


def test_a_caption_of_10000_digits_is_refused(photo: np.ndarray) -> None:
    with pytest.raises(runlog.RunlogError, match="must be short enough to be read"):
        runlog.Image(photo, caption=10**10_000)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "step", [10**10_000, -(10**10_000), "9" * 10_000, 2**63], ids=["huge", "minus", "digits", "next"]
)
def test_a_step_past_the_largest_is_refused(start: Start, step: Any) -> None:
    with start() as run, pytest.raises(runlog.InvalidValueError, match=r"step must be from 0 to 2\*\*63 - 1"):
        run.log({"a": 1}, step=step)


def test_after_the_largest_step_a_step_must_be_given(start: Start) -> None:
    with start(id="r") as run:
        run.log({"a": 1}, step=LAST_STEP, commit=True)
        for _ in range(2):
            with pytest.raises(runlog.InvalidValueError, match=r"step must be given: .* is past the largest"):
                run.log({"a": 2})
        run.log({"b": 3}, step=7)
        run.log({"b": 4})
    with start(id="r", resume="must") as run:
        with pytest.raises(runlog.InvalidValueError, match="step must be given"):
            run.log({"a": 2})
        run.log({"a": 5}, step=8)
    with runlog.open(run.folder) as reader:
        assert [step.step for step in reader.steps()] == [7, 8, LAST_STEP]


REMOVED = {
    "the run folder": lambda run: shutil.rmtree(run.folder),
    "the runs folder": lambda run: shutil.rmtree(run.folder.parent),
    "run.db": lambda run: (run.folder / "run.db").unlink(),
    "run.db, for another": lambda run: shutil.move(
        shutil.copy(run.folder / "run.db", run.folder / "copy"), run.folder / "run.db"
    ),
}


@pytest.mark.parametrize("remove", REMOVED.values(), ids=list(REMOVED))
def test_flush_and_finish_say_so_when_the_rows_are_gone(start: Start, remove: Callable[..., object]) -> None:
    run = start()
    for step in range(50):
        run.log({"a": step})
    remove(run)
    for call in (run.flush, run.finish):
        with pytest.raises(runlog.StorageError, match=r"run\.db must be the file .*, but was removed"):
            call()
    run.finish()


@pytest.mark.parametrize("remove", REMOVED.values(), ids=list(REMOVED))
def test_with_on_error_warn_flush_and_finish_warn_of_it(start: Start, remove: Callable[..., object]) -> None:
    run = start(on_error="warn")
    run.log({"a": 1})
    remove(run)
    with pytest.warns(runlog.RunlogWarning) as caught:
        run.flush()
        run.finish()
    first, second = (str(one.message) for one in caught)
    assert "run.db must be the file that the run writes, but was removed" in first
    assert second == f"2 calls of run {run.id} could not be stored"


IN_A_DELETED_FOLDER = """
import os, sys
os.chdir(sys.argv[1])
os.rmdir(sys.argv[1])
import runlog
with runlog.init(dir=sys.argv[2], id="r") as run:
    run.log({"a": 1})
for call in (
    lambda: runlog.init(), lambda: runlog.open("r"), lambda: runlog.check("r"), lambda: runlog.verify("r"),
    lambda: runlog.prune("r", keep_last=1), lambda: runlog.migrate("r"),
):
    try:
        call()
        print("done?")
    except runlog.StorageError as error:
        print(error)
from runlog.cli import main
print(main(["build", "r"]))
"""


def test_in_a_deleted_working_directory_absolute_paths_work_and_others_are_explained(
    tmp_path: Path,
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    result = subprocess.run(
        [sys.executable, "-c", IN_A_DELETED_FOLDER, str(here), str(tmp_path / "runs")],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    *lines, code = result.stdout.splitlines()
    assert len(lines) == 6
    assert all(line.startswith("the working directory must exist to find ") for line in lines)
    assert code == "2"
    assert "Traceback" not in result.stderr
    with runlog.open(tmp_path / "runs" / "r") as reader:
        assert reader.run().state == "finished"
