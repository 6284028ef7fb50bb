"""Going on with a run: after its end, after a failure, after a crash."""

import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog

from ..cli.calling import run_code

Start = Callable[..., runlog.LocalRun]


def image(value: int) -> runlog.Image:
    return runlog.Image(np.full((4, 4), value + 10, np.uint8))


def test_a_finished_run_goes_on_after_its_last_step(start: Start) -> None:
    with start(id="r") as run:
        run.log({"a": 1, "k": image(1)}, step=7)
    with start(id="r", resume="allow") as run:
        assert run.step == 8
        with runlog.open(run.folder) as reader:
            assert reader.run().state == "running"
            assert reader.run().finished_at is None
        run.log({"a": 2, "k": image(1)})
    with runlog.open(run.folder) as reader:
        assert reader.run().state == "finished"
        (a,) = reader.scalars()
        assert (a.key, a.steps.tolist(), a.values.tolist()) == ("a", [7, 8], [1.0, 2.0])
        one, other = reader.images([7, 8])
        assert one.media == other.media, "the same pixels are one file, across a resume too"


def test_a_crashed_run_goes_on_with_all_it_had(tmp_path: Path, start: Start) -> None:
    code = (
        "import os, sys, runlog\n"
        "run = runlog.init(dir=sys.argv[1], id='r', quiet=True)\n"
        "for step in range(5): run.log({'a': step})\n"
        f"os.kill(os.getpid(), {signal.SIGKILL.value})"
    )
    run_code(code, tmp_path / "runs")
    with start(id="r", resume="must") as run:
        run.log({"a": 5})
    with runlog.open(run.folder) as reader:
        assert reader.run().state == "finished"
        assert reader.scalars()[0].values.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_sigterm_loses_nothing_and_reads_as_crashed(tmp_path: Path) -> None:
    code = (
        "import os, sys, runlog\n"
        "run = runlog.init(dir=sys.argv[1], id='r', quiet=True)\n"
        "run.log({'a': 1})\n"
        f"os.kill(os.getpid(), {signal.SIGTERM.value})"
    )
    assert run_code(code, tmp_path).returncode == -signal.SIGTERM
    with runlog.open(tmp_path / "r") as reader:
        assert reader.run().state == "crashed"
        assert reader.scalars()[0].values.tolist() == [1.0]


def test_what_is_said_again_replaces_and_the_rest_stays(start: Start) -> None:
    first = {"project": "p", "name": "n", "group": "g", "tags": ["t"], "notes": "x"}
    with start(id="r", config={"lr": 1, "depth": 2}, **first) as run:
        run.log({"loss": 5})
        run.summary["mine"] = "kept"
    with start(id="r", resume="must", name="new", config={"lr": 3}) as run:
        assert (run.name, run.project, run.group) == ("new", "p", "g")
        assert dict(run.config) == {"lr": 3, "depth": 2}
        assert dict(run.summary) == {"loss": 5.0, "mine": "kept"}
        run.log({"mine": 1})
    with runlog.open(run.folder) as reader:
        record = reader.run()
    assert (record.name, record.project, record.tags, record.notes) == ("new", "p", ("t",), "x")
    assert (record.config, record.summary) == ({"lr": 3, "depth": 2}, {"loss": 5.0, "mine": "kept"})


def test_metrics_go_on_over_the_values_before(start: Start) -> None:
    with start(id="r") as run:
        run.define_metric("loss", summary="min")
        run.log({"loss": 1})
    with start(id="r", resume="must") as run:
        run.log({"loss": 2})
        assert run.summary["loss"] == 1.0


def test_allow_starts_a_run_that_is_not_there(start: Start) -> None:
    with start(id="r", resume="allow") as run:
        assert run.step == 0


def test_allow_takes_a_folder_whose_process_died_before_its_database_stood(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "runs" / "r").mkdir(parents=True)
    with start(id="r", resume="allow") as run:
        run.log({"a": 1})


def test_must_refuses_a_run_that_is_not_there(start: Start, tmp_path: Path) -> None:
    with pytest.raises(runlog.InvalidValueError, match="id must be that of a run to resume"):
        start(id="r", resume="must")
    assert not (tmp_path / "runs").exists()


def test_never_refuses_a_run_that_is_there_and_says_what_to_do(start: Start) -> None:
    start(id="r").finish()
    with pytest.raises(runlog.InvalidValueError, match="resume='allow'"):
        start(id="r")


def test_a_run_under_another_name_is_not_resumed(start: Start, tmp_path: Path) -> None:
    start(id="r").finish()
    (tmp_path / "runs" / "r").rename(tmp_path / "runs" / "other")
    with pytest.raises(runlog.InvalidValueError, match="must hold run other, but holds r"):
        start(id="other", resume="must")


@pytest.mark.parametrize("on_error", ["raise", "warn"])
def test_a_run_that_is_being_written_is_not_resumed(start: Start, on_error: str) -> None:
    with start(id="r"), pytest.raises(runlog.RunLockedError, match="group="):
        start(id="r", resume="allow", on_error=on_error)
