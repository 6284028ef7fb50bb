"""``runlog ls``: which runs, in which order, in which columns."""

import json
import math
import os
import pty
import sqlite3
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from contextlib import closing
from fcntl import ioctl
from pathlib import Path

import pytest

import runlog
from runlog.cli import main
from runlog.storage import run_signature

Start = Callable[..., runlog.LocalRun]


@pytest.fixture
def runs(start: Start, tmp_path: Path) -> Path:
    for name, lr, losses, tags in (
        ("b", 0.1, [0.5, 0.25], ["best"]),
        ("a", 0.01, [0.75], []),
        ("c", 0.001, [], ["toy", "best"]),
    ):
        with start(id=f"run-{name}", name=f"net {name}", config={"lr": lr}, tags=tags) as run:
            for loss in losses:
                run.log({"val/loss": loss})
    return tmp_path / "runs"


def ids(runs: Path, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert main(["ls", str(runs), "--json", *words]) == 0
    return [run["id"] for run in json.loads(capsys.readouterr().out)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--sort", "id"], ["run-a", "run-b", "run-c"]),
        (["--sort=-name"], ["run-c", "run-b", "run-a"]),
        (["--sort", "config.lr"], ["run-c", "run-a", "run-b"]),
        (["--sort", "summary.val/loss"], ["run-b", "run-a", "run-c"]),
        (["--sort=-summary.val/loss"], ["run-a", "run-b", "run-c"]),
        (["--sort", "id", "--filter", "tag=best"], ["run-b", "run-c"]),
        (["--sort", "id", "--filter", "lr<0.05 val/loss>0"], ["run-a"]),
        (["--sort", "id", "--filter", "net c"], ["run-c"]),
        (["--sort", "steps", "--filter", "steps>0"], ["run-a", "run-b"]),
    ],
)
def test_runs_are_filtered_and_sorted(
    runs: Path, words: list[str], expected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ids(runs, capsys, *words) == expected


@pytest.mark.parametrize("name", ["run.db", "run.lock", "bagit.txt"])
def test_a_received_folder_called_as_what_makes_a_folder_a_run_hides_no_run_beside_it(
    runs: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (runs / "run-c").rename(runs / name)
    assert ids(runs, capsys, "--sort", "id") == ["run-a", "run-b", "run-c"]
    for words in (["check"], ["build"], ["verify"]):
        assert main([*words, str(runs)]) == 0
    assert (runs / name / "index.html").is_file()
    assert capsys.readouterr().err == ""
    (runs / "run-a").rename(runs.parent / "gone")
    (runs / "run-b").rename(runs.parent / "gone too")
    assert ids(runs, capsys) == ["run-c"]


@pytest.mark.parametrize("name", ["viewer", "index.html"])
def test_a_run_where_the_pages_of_all_runs_belong_is_left_out_and_said(
    runs: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (runs / "run-c").rename(runs / name)
    for command in ("ls", "check", "verify", "build"):
        assert main([command, str(runs)]) == 0, command
        printed = capsys.readouterr()
        assert "run-c" not in printed.out
        assert printed.err.count(f"{runs / name} holds a run where the pages of all runs belong") == 1


def test_columns_are_chosen(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["ls", str(runs), "--columns", "id, tags,summary.val/loss,config.lr,steps", "--sort", "id"]) == 0
    )
    assert capsys.readouterr().out.splitlines() == [
        "id     tags       summary.val/loss  config.lr  steps",
        "run-a             0.75              0.01           1",
        "run-b  best       0.25              0.1            2",
        "run-c  toy, best                    0.001          0",
    ]


@pytest.mark.parametrize(
    "words", [["--columns", "id,nothing"], ["--columns", ""], ["--sort", "nothing"], ["--sort=-nothing"]]
)
def test_a_column_that_there_is_not_is_one_line_with_those_there_are(
    runs: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ls", str(runs), *words]) == 2
    assert "must be one of id, name, state" in capsys.readouterr().err


def test_a_line_fits_the_terminal(start: Start, tmp_path: Path) -> None:
    with start(id="r", name="a name that is far too long for the terminal that it is shown in"):
        pass
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 72, 0, 0))
    command = [sys.executable, "-m", "runlog", "ls", str(tmp_path / "runs")]
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    with subprocess.Popen(command, stdout=theirs, env=environment) as process:
        assert process.wait(timeout=60) == 0
    os.close(theirs)
    lines = os.read(ours, 65536).decode().splitlines()
    os.close(ours)
    assert len(lines) == 2
    assert max(map(len, lines)) <= 72
    assert "a name that" in lines[1]
    assert "…" in lines[1]


# What was said of a run before


def edit_notes(change: str) -> None:
    (notes,) = Path(os.environ["XDG_CACHE_HOME"], "runlog/listed").iterdir()
    with closing(sqlite3.connect(notes)) as db, db:
        db.execute(f"UPDATE notes SET text = {change}")


def test_a_run_that_has_ended_is_not_read_again_unless_its_database_changes(
    start: Start, runs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def notes_of_runs() -> dict[str, str | None]:
        assert main(["ls", str(runs), "--json"]) == 0
        return {run["id"]: run["notes"] for run in json.loads(capsys.readouterr().out)}

    monkeypatch.setattr(run_signature, "_SETTLED_NANOSECONDS", 0)
    live = start(id="run-live")
    notes_of_runs()
    edit_notes('replace(text, \'"notes": null\', \'"notes": "as noted"\')')
    runlog.edit(runs / "run-b", notes="edited")
    assert notes_of_runs() == {
        "run-a": "as noted",
        "run-b": "edited",
        "run-c": "as noted",
        "run-live": None,
    }
    edit_notes("'no JSON'")
    assert notes_of_runs() == {"run-a": None, "run-b": "edited", "run-c": None, "run-live": None}
    live.finish()


def test_infinities_are_sorted_as_numbers_and_named_for_people(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for id, norm, loss in (("a", math.inf, math.nan), ("b", -math.inf, 2), ("c", 1, math.inf)):
        with start(id=id, config={"norm": norm}) as run:
            run.log({"loss": loss})
    columns = ["--columns", "id,config.norm,summary.loss"]
    # The second time what is known of runs that have ended is noted.
    for _ in range(2):
        assert main(["ls", str(tmp_path / "runs"), "--sort", "config.norm", *columns]) == 0
        lines = [line.split() for line in capsys.readouterr().out.splitlines()]
        assert lines[1:] == [["b", "-inf", "2"], ["c", "1", "inf"], ["a", "inf", "NaN"]]
    assert main(["show", str(tmp_path / "runs" / "a")]) == 0
    shown = capsys.readouterr().out
    assert "\n  norm: inf\n" in shown
    assert "\n  loss: NaN\n" in shown
