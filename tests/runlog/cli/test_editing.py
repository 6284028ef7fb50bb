"""``runlog edit`` and ``runlog rm``, and the same in Python."""

import os
import pty
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog.cli import main

from .calling import call

Start = Callable[..., runlog.LocalRun]


@pytest.fixture
def runs(start: Start, tmp_path: Path) -> Path:
    for name in ("one", "two"):
        with start(id=name, name=name, tags=["toy"], notes="old", group="g") as run:
            run.log({"k": runlog.Image(np.zeros((2, 2), np.uint8)), "loss": 1})
    return tmp_path / "runs"


def read(folder: Path) -> runlog.RunRecord:
    with runlog.open(folder) as reader:
        return reader.run()


def details(folder: Path) -> dict[str, Any]:
    run = read(folder)
    return {"name": run.name, "tags": run.tags, "notes": run.notes, "group": run.group}


OLD = {"name": "one", "tags": ("toy",), "notes": "old", "group": "g"}


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        (["--name", "wide net"], {"name": "wide net"}),
        (["--tag", "best", "--tag", "best", "--tag", "toy"], {"tags": ("toy", "best")}),
        (["--untag", "toy", "--untag", "none"], {"tags": ()}),
        (["--untag", "toy", "--tag", "best"], {"tags": ("best",)}),
        (["--notes", "new\nlines"], {"notes": "new\nlines"}),
        (["--notes", "", "--group", ""], {"notes": None, "group": None}),
        (["--group", "h"], {"group": "h"}),
    ],
)
def test_what_a_run_is_called_is_changed_and_nothing_else(
    runs: Path, words: list[str], changed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    before = read(runs / "one")
    assert main(["edit", str(runs / "one"), *words]) == 0
    assert details(runs / "one") == {**OLD, **changed}
    after = read(runs / "one")
    assert (after.config, after.summary, after.state) == (before.config, before.summary, before.state)
    assert details(runs / "two") == {**OLD, "name": "two"}
    assert capsys.readouterr().out == f"{runs / 'one'}: changed\n"


def test_the_overview_follows_an_edit_and_a_removal(runs: Path) -> None:
    runlog_viewer.build(runs)
    assert main(["edit", str(runs / "one"), "--name", "renamed"]) == 0
    assert "renamed" in (runs / "index.html").read_text("utf-8")
    assert main(["rm", str(runs / "one"), "--yes"]) == 0
    html = (runs / "index.html").read_text("utf-8")
    assert "renamed" not in html
    assert "two/index.html" in html
    assert main(["rm", str(runs / "two"), "--yes"]) == 0
    html = (runs / "index.html").read_text("utf-8")
    assert "two/index.html" not in html
    assert "<tr data-key" not in html


def test_nothing_to_change_is_said(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["edit", str(runs / "one")]) == 2
    assert "nothing to change was named" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ""}, "name must have at least one character"),
        ({"name": 3}, "name must be a string, but got 3"),
        ({"add_tags": "best"}, "add_tags must be a list of strings, but got 'best'"),
        ({"tags": [1]}, "tags must be a list of strings"),
    ],
)
def test_a_bad_edit_changes_nothing(runs: Path, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(runlog.RunlogError, match=message):
        runlog.edit(runs / "one", notes="new", **arguments)
    assert details(runs / "one") == OLD


@pytest.mark.parametrize("command", [["edit", "--name", "x"], ["rm", "--yes"]])
def test_a_run_that_writes_is_left_alone(
    start: Start, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run = start(id="live")
    assert main([command[0], str(run.folder), *command[1:]]) == 2
    assert "must have ended" in capsys.readouterr().err
    run.finish()
    assert read(run.folder).name == "live"


def test_a_removal_asks_and_does_nothing_unless_it_is_agreed(runs: Path) -> None:
    unasked = call("rm", runs / "one")
    assert unasked.returncode == 2
    assert "--yes removes them" in unasked.stderr
    for answer, code in (("n", 2), ("", 2), ("y", 0)):
        assert (runs / "one").exists()
        ours, theirs = pty.openpty()
        os.write(ours, f"{answer}\n".encode())
        asked = call("rm", runs / "one", stdin=os.ttyname(theirs))
        os.close(ours)
        os.close(theirs)
        assert "Remove 1 run for good" in asked.stderr
        assert asked.returncode == code
    assert not (runs / "one").exists()
    assert sorted(path.name for path in runs.iterdir()) == ["two"]


def test_only_run_folders_are_removed_and_never_through_a_link(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (runs / "linked").symlink_to(runs / "one")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    for path, message in ((runs / "linked", "no link"), (tmp_path / "thesis", "none"), (runs, "RUN must be")):
        assert main(["rm", str(path), "--yes"]) == 2
        assert message in capsys.readouterr().err
    with pytest.raises(runlog.StorageError, match=r"must hold run\.db"):
        runlog.remove(tmp_path / "thesis")
    assert (runs / "one" / "run.db").exists()
    assert (tmp_path / "thesis" / "chapter.txt").exists()


def test_a_run_that_cannot_be_read_is_removed(runs: Path) -> None:
    (runs / "one" / "run.db").write_bytes(b"nothing")
    runlog.remove(runs / "one")
    assert not (runs / "one").exists()


def test_an_archive_keeps_its_runs(runs: Path, tmp_path: Path) -> None:
    runlog.archive([runs], tmp_path / "bag")
    for change in (lambda folder: runlog.edit(folder, name="x"), runlog.remove):
        with pytest.raises(runlog.InvalidValueError, match="archive"):
            change(tmp_path / "bag" / "data" / "one")


@pytest.fixture
def half_removed(runs: Path, run_unprivileged: Callable[..., str]) -> Path:
    """Return what is left of the run ``one``, of which not all could be removed."""
    kept = runs / "one" / "files" / "of another user"
    kept.mkdir(parents=True)
    (kept / "notes.txt").touch()
    kept.chmod(0o555)
    code = "import sys; from runlog.cli import main; sys.stderr = sys.stdout; main(sys.argv[1:])"
    said = run_unprivileged(code, "rm", "--yes", runs / "one")
    (left,) = runs.glob(".*")
    (left / "files" / "of another user").chmod(0o755)
    # However far it came.
    (left / "run.db").touch()
    assert "Permission denied; what is left of it is no run any more" in said
    assert str(left) in said
    return left


def test_what_is_left_of_a_removed_run_is_no_run_for_anybody(
    runs: Path, half_removed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runlog.find_runs(runs) == (runs / "two",)
    runlog_viewer.build(runs)
    assert half_removed.name not in (runs / "index.html").read_text("utf-8")
    assert main(["ls", str(runs)]) == 0
    assert main(["verify", str(runs)]) == 0
    assert main(["archive", str(runs), "-o", str(tmp_path / "bag")]) == 0
    assert half_removed.name not in capsys.readouterr().out
    assert [path.name for path in (tmp_path / "bag" / "data").glob("**/run.db")] == ["run.db"]


def test_a_check_says_what_is_left_of_a_removed_run_and_a_repair_removes_it(
    runs: Path, half_removed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(runs)]) == 1
    assert f"{half_removed}: the run was removed, but not all of it" in capsys.readouterr().err
    assert main(["check", "--repair", str(runs)]) == 0
    assert f"{half_removed}: repaired: the run was removed" in capsys.readouterr().out
    assert [path.name for path in runs.iterdir()] == ["two"]
    assert main(["check", str(runs)]) == 0


@pytest.mark.parametrize("is_named", [True, False], ids=["named itself", "with the next"])
def test_what_is_left_of_a_removed_run_goes_with_a_removal(
    runs: Path, half_removed: Path, *, is_named: bool
) -> None:
    # No link of such a name is followed, nor removed.
    (runs / f".x.{'0' * 16}.removed").symlink_to(runs / "two")
    assert main(["rm", str(half_removed if is_named else runs / "two"), "--yes"]) == 0
    assert not half_removed.exists()
    assert sorted(path.name[:2] for path in runs.iterdir()) == ([".x", "tw"] if is_named else [".x"])


def test_a_removal_that_another_process_finishes_is_done(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rmtree = shutil.rmtree

    def overtaken(folder: Path) -> None:
        rmtree(folder)
        raise FileNotFoundError(2, "gone")

    monkeypatch.setattr("shutil.rmtree", overtaken)
    runlog.remove(runs / "one")
    assert [path.name for path in runs.iterdir()] == ["two"]


def test_what_an_archive_holds_under_the_name_of_a_removed_run_stays(runs: Path, tmp_path: Path) -> None:
    runlog.archive([runs], tmp_path / "bag")
    left = tmp_path / "bag" / "data" / f".one.{'0' * 16}.removed"
    left.mkdir()
    for change in (runlog.remove, lambda folder: runlog.check(folder, repair=True)):
        with pytest.raises(runlog.InvalidValueError, match="archive"):
            change(left)
