"""Folders that one may not enter, as a colleague's are: each is said, as it may hold a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import runlog

# Of each command line: its exit code, and what it printed.
_RUN_COMMANDS = """
import contextlib, io, json, sys
from runlog.cli import main
found = []
for arguments in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = main(arguments)
    found.append((code, out.getvalue().splitlines(), err.getvalue().splitlines()))
print(json.dumps(found))
"""
_SAID = "runlog: a run folder must be a readable folder, but {}: Permission denied"


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "runs"
    for name in ("r", "q"):
        with runlog.init(id=name, dir=folder, quiet=True) as run:
            run.log({"loss": 0.5}, step=0)
    yield folder
    for path in (folder, folder / "q"):
        path.chmod(0o755)


@pytest.fixture
def call(run_unprivileged: Callable[..., str]) -> Callable[..., list[Any]]:
    return lambda *command_lines: json.loads(
        run_unprivileged(_RUN_COMMANDS, json.dumps([list(map(str, line)) for line in command_lines]))
    )


@pytest.mark.parametrize("mode", [0o000, 0o600], ids=oct)
def test_a_closed_folder_among_runs_is_a_run_that_cannot_be_read(
    runs: Path, call: Callable[..., list[Any]], mode: int
) -> None:
    (runs / "q").chmod(mode)
    said = [_SAID.format(runs / "q")]
    listed, built, verified, checked, migrated = call(
        ("ls", runs), ("build", runs), ("verify", runs), ("check", runs), ("migrate", runs)
    )
    assert (listed[0], listed[2], len(listed[1])) == (2, said, 2)
    # The pages of the others stay beside them.
    assert built == [2, [str(runs / "index.html")], said]
    assert verified == [1, [], said]
    assert checked == [2, [f"{runs / 'r'}: in order"], said]
    assert migrated == [2, [f"{runs / 'r'}: up to date"], said]


def test_no_archive_lacks_a_closed_folder_in_silence(
    runs: Path, tmp_path: Path, call: Callable[..., list[Any]]
) -> None:
    (runs / "q").chmod(0)
    archived, exported = call(
        ("archive", runs, "-o", tmp_path / "z.zip"), ("export", "parquet", runs, "-o", tmp_path / "set")
    )
    assert archived == [2, [], [_SAID.format(runs / "q")]]
    assert not (tmp_path / "z.zip").exists()
    assert exported[0] == 2
    assert "q is left out" in exported[2][0]


@pytest.mark.parametrize("mode", [0o000, 0o600], ids=oct)
@pytest.mark.parametrize("is_above", [False, True], ids=["the folder", "the folder above"])
def test_a_command_on_a_closed_folder_itself_says_so(
    runs: Path, tmp_path: Path, call: Callable[..., list[Any]], mode: int, *, is_above: bool
) -> None:
    named = runs if is_above else runs / "q"
    named.chmod(mode)
    for code, _, said in call(
        *((command, named) for command in ("ls", "build", "verify", "check", "migrate", "show", "join")),
        ("check", named, "--repair"),
        ("archive", named, "-o", tmp_path / "z.zip"),
        ("prune", named, "--keep-last", "1"),
        ("rm", named, "--yes"),
    ):
        assert code == 2
        assert len(said) == 1
        assert "must be a readable folder, but" in said[0]
        assert "Permission denied" in said[0]


def test_in_python_a_folder_behind_a_closed_one_is_an_error_of_runlog(
    runs: Path, run_unprivileged: Callable[..., str]
) -> None:
    runs.chmod(0)
    code = """
import sys, runlog, runlog_viewer
def start(folder):
    runlog.init(id="new", dir=folder, on_error="raise")
places = (runlog.open, runlog.check, runlog.verify, runlog.find_runs, runlog.runs, runlog.migrate,
          runlog.remove, runlog_viewer.build, start)
for place in places:
    try:
        place(sys.argv[1])
    except runlog.StorageError as error:
        print("Permission denied" in str(error))
"""
    assert run_unprivileged(code, runs / "q").split() == ["True"] * 9


def test_what_a_system_keeps_closed_on_each_disk_is_no_run(
    runs: Path, call: Callable[..., list[Any]]
) -> None:
    for name in ("lost+found", ".Trash-1000", "viewer"):
        (runs / name).mkdir(mode=0)
    assert call(("check", runs)) == [[0, [f"{runs / name}: in order" for name in ("q", "r")], []]]


def test_an_output_or_a_source_in_a_closed_folder_is_one_line(
    runs: Path, call: Callable[..., list[Any]]
) -> None:
    closed = runs / "q"
    closed.chmod(0)
    out = ("-o", closed / "new")
    for code, _, said in call(
        ("archive", runs / "r", *out),
        ("archive", runs / "r", "-o", closed / "new.zip"),
        *(("export", form, runs / "r", *out) for form in ("csv", "coco", "imagefolder", "parquet")),
        ("export", "html", runs / "r", "-o", closed / "new.html"),
        ("export", "csv", runs / "r", "-o", closed),
        ("build", runs / "r", *out),
        *(("import", tool, closed / "logs") for tool in ("tensorboard", "trackio", "wandb")),
    ):
        assert (code, len(said)) == (2, 1)
        assert "Permission denied" in said[0]
