"""Another process knows of a site that is up to date, and does not read its run; it believes nothing else."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog.storage import run_signature
from runlog_viewer.html import render
from runlog_viewer.site import Site

Start = Callable[..., runlog.LocalRun]


@pytest.fixture
def runs(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a runs folder whose files count as settled, with two runs that have ended."""
    monkeypatch.setattr(run_signature, "_SETTLED_NANOSECONDS", 0)
    for number, name in enumerate("ab"):
        with start(id=name, tags=["x"], config={"lr": 0.1**number}) as run:
            mask = {"areas": {"mask_data": np.full((9, 9), number)}}
            run.log({"k": runlog.Image(np.zeros((9, 9), np.uint8), masks=mask), "loss": float("nan")}, step=0)
            run.log({"loss": 0.5 + number}, step=1)
    return tmp_path / "runs"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the runs that are opened from now on."""
    names: list[str] = []
    opens = runlog.open

    def noting(folder: Path) -> runlog.RunReader:
        names.append(folder.name)
        return opens(folder)

    monkeypatch.setattr(runlog, "open", noting)
    return names


def written(folder: Path) -> dict[str, int]:
    """Return all files of a site, with what changes when one is written."""
    files = [*folder.rglob("viewer/**/*"), folder / "index.html"]
    return {str(file): file.stat().st_mtime_ns for file in files if not file.name.startswith(".")}


def test_runs_whose_site_is_up_to_date_are_not_read_again(runs: Path, opened: list[str]) -> None:
    first, before = runlog_viewer.build(runs), written(runs)
    assert opened == ["a", "b"]
    again = runlog_viewer.build(runs)
    assert opened == ["a", "b"]
    assert (again.runs, again.problems, again.pages_written) == (first.runs, (), 0)
    assert written(runs) == before


def test_a_site_elsewhere_and_that_of_one_run_are_known_too(
    runs: Path, tmp_path: Path, opened: list[str]
) -> None:
    ways: list[Callable[[], object]] = [
        lambda: runlog_viewer.build(runs, output=tmp_path / "out"),
        lambda: runlog_viewer.build(runs / "a"),
        lambda: runlog_viewer.build(runs / "a", output=tmp_path / "one"),
    ]
    for build in ways:
        build()
        opened.clear()
        build()
        assert opened == []


CHANGES: dict[str, Callable[[Path], object]] = {
    "edited": lambda run: runlog.edit(run, notes="seen"),
    "touched": lambda run: os.utime(run / "run.db"),
    "open": lambda run: (run / "run.db-wal").touch(),
    "another file of the same content": lambda run: shutil.copy2(
        shutil.move(run / "run.db", run / "other"), run / "run.db"
    ),
    "a page is gone": lambda run: (run / "viewer/steps/000000000.html").unlink(),
    "a script is gone": lambda run: (run / "viewer/data/charts.js").unlink(),
    "its first page is gone": lambda run: (run / "index.html").unlink(),
    "its site is gone": lambda run: shutil.rmtree(run / "viewer"),
    "a page was written": lambda run: os.utime(run / "viewer/key.html"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_run_is_read_again_if_anything_of_it_or_its_site_is_not_as_it_was(
    runs: Path, opened: list[str], change: str
) -> None:
    runlog_viewer.build(runs)
    names = written(runs).keys()
    opened.clear()
    CHANGES[change](runs / "a")
    runlog_viewer.build(runs)
    assert opened == ["a"]
    assert written(runs).keys() == names


def test_a_published_picture_that_is_gone_comes_back(runs: Path, tmp_path: Path) -> None:
    runlog_viewer.build(runs, output=tmp_path / "out")
    (picture,) = (tmp_path / "out/a/media/images").rglob("*.png")
    picture.unlink()
    runlog_viewer.build(runs, output=tmp_path / "out")
    assert picture.is_file()


def test_another_version_of_the_viewer_writes_the_site_anew(
    runs: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    runlog_viewer.build(runs)
    monkeypatch.setattr(render, "generator", lambda: "another")
    opened.clear()
    runlog_viewer.build(runs)
    assert opened == ["a", "b"]


def test_a_run_that_goes_on_lacks_files_or_was_written_a_moment_ago_is_read_each_time(
    runs: Path, start: Start, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    live = start(id="live")
    live.log({"loss": 1.0}, step=0)
    shutil.rmtree(runs / "a/media")
    for _ in range(2):
        opened.clear()
        problems = runlog_viewer.build(runs).problems
    assert opened == ["a", "live"]
    assert "missing" in problems[0]
    monkeypatch.setattr(run_signature, "_SETTLED_NANOSECONDS", 10**18)
    runlog_viewer.build(runs)
    assert "b" in opened
    live.finish()


def test_what_comes_to_a_run_that_was_known_is_written_as_ever(runs: Path, start: Start) -> None:
    runlog_viewer.build(runs)
    site = Site(runs)
    site.update()
    with start(id="a", resume="must") as run:
        run.log({"k": runlog.Image(np.zeros((4, 4), np.uint8)), "loss": 0.5}, step=6)
        site.update()
        run.log({"k": runlog.Image(np.zeros((4, 4), np.uint8)), "loss": 0.25}, step=7)
        before = written(runs)
        assert site.update().pages_written == 4
        changed = {name for name, time in written(runs).items() if before.get(name) != time}
        assert str(runs / "a/viewer/steps/000000007.html") in changed
        assert str(runs / "a/viewer/steps/000000000.html") not in changed
    assert '"summary.loss":0.25' in (runs / "viewer/data/columns.js").read_text()


@pytest.mark.parametrize(
    "text", ["no JSON", "[]", '[{"folder": "a"}, "", {}, ""]', "[" * 5000, "[7, 1, 2, 3]"]
)
def test_a_strange_note_says_nothing(runs: Path, opened: list[str], text: str) -> None:
    runlog_viewer.build(runs)
    (notes,) = Path(os.environ["XDG_CACHE_HOME"], "runlog/built").iterdir()
    with closing(sqlite3.connect(notes)) as db, db:
        db.execute("UPDATE notes SET text = ? WHERE name = 'a'", [text])
    before = (runs / "index.html").read_bytes()
    opened.clear()
    runlog_viewer.build(runs)
    assert opened == ["a"]
    assert (runs / "index.html").read_bytes() == before
