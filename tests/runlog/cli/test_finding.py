"""Every command that takes runs finds them by path, by id and by name, and says what it looked for."""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog
from runlog import cli
from runlog.cli.finding import find_archive, find_folder, find_run, find_runs_of

from .calling import call

Start = Callable[..., runlog.LocalRun]

# Each is called with a run in place of RUN, in a folder where it may write.
COMMANDS = (
    "archive RUN -o out.zip",
    "build RUN",
    "check RUN",
    "edit RUN --tag best",
    "export csv RUN -o out",
    "ls RUN",
    "migrate RUN",
    "prune RUN --keep-last 1",
    "rm RUN --yes",
    "show RUN",
    "verify RUN",
)
# These want more of a run than two numbers, or do not end.
MORE_COMMANDS = ("evaluate RUN", "join RUN", "view RUN", "watch RUN")


@pytest.fixture
def runs(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a runs folder, the default one, with two runs; the working directory is another folder."""
    for run_id, name in (("20261122-101502-3f9c17ab", "first try"), ("20261123-080000-00000000", "second")):
        with start(id=run_id, name=name) as run:
            run.log({"k": runlog.Image(np.zeros((4, 4), np.uint8)), "loss": 1})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("RUNLOG_DIR", str(run.folder.parent))
    return run.folder.parent


def call_with(command: str, run: str) -> subprocess.CompletedProcess[str]:
    arguments = [run if argument == "RUN" else argument for argument in command.split()]
    return call(*arguments)


def test_all_commands_that_take_a_run_by_name_are_tried() -> None:
    tried = {command.partition(" ")[0] for command in (*COMMANDS, *MORE_COMMANDS)}
    parsers = cli._parser("runlog")[1]
    assert tried == {name for name, one in parsers.items() if "the id or name of a run" in _help(one)}


def _help(parser: argparse.ArgumentParser) -> str:
    return " ".join(parser.format_help().split())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_finds_a_run_by_its_name(command: str, runs: Path) -> None:
    result = call_with(command, "first try")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("command", [*COMMANDS, *MORE_COMMANDS])
def test_a_run_that_is_not_there_is_one_line_that_says_what_was_looked_for(command: str, runs: Path) -> None:
    result = call_with(command, "frist try")
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    for words in (
        f"or the id or name of a run in {runs}",
        "'frist try' is none",
        "did you mean 'first try'?",
    ):
        assert words in line


@pytest.mark.parametrize("find", [find_run, lambda run: find_runs_of([run])[0], find_folder, find_archive])
@pytest.mark.parametrize("run", ["20261122-101502-3f9c17ab", "first try"])
def test_a_run_is_found_by_id_and_by_name(find: Callable[[str], Path], run: str, runs: Path) -> None:
    assert find(run) == runs / "20261122-101502-3f9c17ab"


def test_a_renamed_run_folder_is_found_by_both(runs: Path) -> None:
    (runs / "20261122-101502-3f9c17ab").rename(runs / "kept")
    assert find_run("20261122-101502-3f9c17ab") == find_run("kept") == runs / "kept"


def test_a_path_goes_before_an_id_and_an_id_before_a_name(start: Start, runs: Path) -> None:
    with start(id="second"):
        pass
    assert find_run("second") == runs / "second"
    with start(id="second", dir=Path.cwd()):
        pass
    assert find_run("second") == Path("second")
    assert find_folder("second") == Path.cwd() / "second"


def test_a_folder_that_holds_no_run_does_not_hide_one(runs: Path) -> None:
    Path("first try").mkdir()
    assert find_run("first try") == runs / "20261122-101502-3f9c17ab"


def test_a_name_of_several_runs_is_refused_with_their_ids(start: Start, runs: Path) -> None:
    with start(id="another", name="second"):
        pass
    with pytest.raises(runlog.InvalidValueError, match=r"2 runs in .* are called 'second'") as caught:
        find_run("second")
    assert "'20261123-080000-00000000' or 'another'" in str(caught.value)


def test_part_of_an_id_or_name_is_answered_by_those_that_hold_it(runs: Path) -> None:
    with pytest.raises(runlog.InvalidValueError, match=r"did you mean '20261122-101502-3f9c17ab'\?"):
        find_run("3F9C17AB")


def test_without_anything_close_it_says_which_command_lists_the_runs(runs: Path) -> None:
    for find in (find_run, find_folder, find_archive, lambda run: find_runs_of([run])):
        with pytest.raises(
            runlog.InvalidValueError, match=f"{runs}, but 'nothing-alike' is none; `runlog ls`"
        ):
            find("nothing-alike")


def test_a_runs_folder_is_no_run(runs: Path) -> None:
    with pytest.raises(runlog.InvalidValueError, match="RUN must be a run folder, or the id or name"):
        find_run(os.fspath(runs))


def test_a_runs_folder_stands_for_its_runs(runs: Path) -> None:
    assert find_runs_of([os.fspath(runs), "second"]) == [
        *sorted(runs.iterdir()),
        runs / "20261123-080000-00000000",
    ]


def test_runs_that_cannot_be_read_are_passed_over(runs: Path) -> None:
    (runs / "20261123-080000-00000000" / "run.db").write_bytes(b"no database" * 500)
    assert find_run("first try") == runs / "20261122-101502-3f9c17ab"


def test_a_name_may_be_longer_than_a_path(start: Start, runs: Path) -> None:
    with start(id="long", name="x" * 300):
        pass
    assert find_run("x" * 300) == runs / "long"


def test_where_there_is_no_runs_folder_nothing_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RUNLOG_DIR", str(tmp_path / "none"))
    with pytest.raises(runlog.InvalidValueError, match="'r' is none; `runlog ls`"):
        find_run("r")
