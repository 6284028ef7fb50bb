"""The runs of a folder at once: what was read before is known, and never believed; frames of many runs."""

import json
import math
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import runlog
from runlog.storage import run_signature

Start = Callable[..., runlog.LocalRun]

pandas = pytest.importorskip("pandas", reason="pandas is not installed, so frames were NOT tested")


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files that were just written count as settled."""
    monkeypatch.setattr(run_signature, "_SETTLED_NANOSECONDS", 0)


@pytest.fixture
def runs(tmp_path: Path, start: Start) -> Path:
    """Return a folder of three runs that have ended."""
    for number in range(3):
        with start(id=f"run-{number}", config={"lr": 0.1**number, "net": {"depth": 18}}) as run:
            run.log({"loss": 1 / (number + 1), "a": 0.0}, step=number)
            run.log({"loss": 0.5}, step=9)
    return tmp_path / "runs"


def index_of(tmp_path: Path) -> Path:
    """Return the one index that there is."""
    (path,) = (tmp_path / "cache/runlog/runs").iterdir()
    return path


def edit_index(tmp_path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(index_of(tmp_path))) as db, db:
        for statement in statements:
            db.execute(statement)


def names(runs: Path) -> list[str]:
    return [run.name for run in runlog.runs(runs)]


TOLD = [f"told by the index: run-{number}" for number in range(3)]
TRUE = [f"run-{number}" for number in range(3)]


def mark(tmp_path: Path) -> None:
    """Let the index say another name of each run, so that one sees whether it was asked."""
    with closing(sqlite3.connect(index_of(tmp_path))) as db, db:
        for folder, text in db.execute("SELECT name, text FROM notes").fetchall():
            parts = json.loads(text)
            parts[0][1] = f"told by the index: {folder}"
            db.execute("UPDATE notes SET text = ? WHERE name = ?", [json.dumps(parts), folder])


def test_the_second_time_runs_that_have_ended_are_not_opened(runs: Path, tmp_path: Path) -> None:
    first = runlog.runs(runs)
    mark(tmp_path)
    assert names(runs) == TOLD
    index_of(tmp_path).unlink()
    assert runlog.runs(runs) == first


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: runlog.edit(folder, notes="seen again"),
        lambda folder: os.utime(folder / "run.db"),
        lambda folder: (folder / "run.db-wal").touch(),
        lambda folder: (folder / "run.db-journal").touch(),
        lambda folder: shutil.copy2(shutil.move(folder / "run.db", folder / "other"), folder / "run.db"),
    ],
    ids=["edited", "touched", "has a WAL", "has a journal", "another file of the same content"],
)
def test_a_run_whose_files_are_not_as_they_were_is_read_again(
    runs: Path, tmp_path: Path, change: Callable[[Path], object]
) -> None:
    runlog.runs(runs)
    mark(tmp_path)
    change(runs / "run-1")
    assert names(runs) == [TOLD[0], TRUE[1], TOLD[2]]


def test_what_was_written_a_moment_ago_is_read_again(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_signature, "_SETTLED_NANOSECONDS", 10**18)
    assert names(runs) == TRUE
    assert not (tmp_path / "cache/runlog/runs").exists()


def test_a_run_that_goes_on_or_was_killed_is_never_taken_from_the_index(start: Start, tmp_path: Path) -> None:
    live = start(id="live")
    live.log({"loss": 1.0})
    assert runlog.runs(tmp_path / "runs")[0].summary == {"loss": 1.0}
    live.log({"loss": 2.0})
    assert runlog.runs(tmp_path / "runs")[0].summary == {"loss": 2.0}
    live.finish()
    with closing(sqlite3.connect(tmp_path / "runs/live/run.db")) as db, db:
        db.execute("UPDATE run SET state = 'running'")
    assert [run.state for run in runlog.runs(tmp_path / "runs")] == ["crashed"]
    assert [run.state for run in runlog.runs(tmp_path / "runs")] == ["crashed"]
    assert not (tmp_path / "cache/runlog/runs").exists()


def test_a_run_that_is_gone_is_forgotten(runs: Path, tmp_path: Path) -> None:
    runlog.runs(runs)
    shutil.rmtree(runs / "run-1")
    assert names(runs) == ["run-0", "run-2"]
    with closing(sqlite3.connect(index_of(tmp_path))) as db:
        assert db.execute("SELECT name FROM notes ORDER BY name").fetchall() == [("run-0",), ("run-2",)]


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE notes SET text = 'no JSON'"],
        ["UPDATE notes SET text = '[[1, 2], [], [], 0, \"\"]'"],
        ["UPDATE notes SET text = '" + "[" * 5000 + "'"],
        ["UPDATE notes SET text = replace(text, 'finished', 'sleeping')"],
        ["UPDATE notes SET text = x'00'"],
        ["ALTER TABLE notes RENAME TO t", "CREATE VIEW notes AS SELECT name, signature, text FROM t"],
        ["CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM notes; END"],
        ["DROP TABLE notes", "CREATE TABLE notes (name, signature, text)"],
    ],
    ids=["no JSON", "other rows", "deep", "a strange state", "no text", "a view", "a trigger", "a table"],
)
def test_a_strange_index_says_nothing_and_is_made_anew(
    runs: Path, tmp_path: Path, statements: list[str]
) -> None:
    first = runlog.runs(runs)
    edit_index(tmp_path, *statements)
    assert runlog.runs(runs) == first
    mark(tmp_path)
    assert names(runs) == TOLD


@pytest.mark.parametrize("damage", [b"garbage" * 1000, b"", b"SQLite format 3\0" + b"\1" * 5000])
def test_a_damaged_index_is_dropped(runs: Path, tmp_path: Path, damage: bytes) -> None:
    first = runlog.runs(runs)
    index_of(tmp_path).write_bytes(damage)
    assert runlog.runs(runs) == first
    mark(tmp_path)
    assert names(runs) == TOLD


def test_an_index_that_leads_elsewhere_is_not_followed(runs: Path, tmp_path: Path) -> None:
    runlog.runs(runs)
    index = index_of(tmp_path)
    mark(tmp_path)
    index.rename(tmp_path / "elsewhere.db")
    index.symlink_to(tmp_path / "elsewhere.db")
    assert names(runs) == TRUE
    index.unlink()
    os.mkfifo(index)
    assert names(runs) == TRUE


def test_without_a_cache_runs_are_read_all_the_same(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a-file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a-file"))
    assert names(runs) == TRUE


def test_progress_is_told(runs: Path) -> None:
    told: list[tuple[int, int]] = []
    found = runlog.runs(runs, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    told.clear()
    found.frame("scalars", progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


# Frames of many runs


def test_a_frame_has_a_row_a_run_with_its_configuration_and_summary(runs: Path, start: Start) -> None:
    with start(id="z", name="other", tags=["a", "b"], config={"lr": 5, "on": True, "sizes": [1, 2]}):
        pass
    frame = runlog.runs(runs).frame()
    assert list(frame["run"]) == [*TRUE, "z"]
    assert frame["config.lr"].tolist() == [1.0, 0.1, pytest.approx(0.01), 5]
    assert frame["config.net.depth"].isna().tolist() == [False] * 3 + [True]
    assert frame.loc[3, "config.on"] is True
    assert frame.loc[3, "config.sizes"] == [1, 2]
    assert frame["summary.loss"].tolist()[:3] == [0.5] * 3
    assert math.isnan(frame.loc[3, "summary.loss"])
    assert frame.loc[3, "tags"] == ("a", "b")
    assert (frame["seconds"] >= 0).all()
    assert str(frame["created_at"].dtype).endswith("UTC]")


def test_numbers_of_many_runs_are_one_frame_by_keys(runs: Path, start: Start) -> None:
    with start(id="z") as run:
        run.log({"val/iou": 0.5}, step=3)
    frame = runlog.runs(runs).frame("scalars", keys=["loss", "val/*"])
    assert list(frame.columns) == ["loss", "val/iou"]
    assert frame.loc[("run-1", 1), "loss"] == 0.5
    assert list(frame.loc["run-2"].index) == [2, 9]
    assert frame.loc[("z", 3), "val/iou"] == 0.5
    assert math.isnan(frame.loc[("z", 3), "loss"])
    assert len(runlog.runs(runs).frame("scalars", keys="none")) == 0


def test_rows_of_many_runs_are_those_of_each_with_its_name(tmp_path: Path, start: Start) -> None:
    box = {"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": 1}
    for number in range(2):
        layer = {"p": {"box_data": [{**box, "scores": {f"s{number}": 0.5}}]}}
        with start(id=f"run-{number}") as run:
            picture = runlog.Image(np.full((4, 8), number + 50, np.uint8), boxes=layer, fields={"n": number})
            run.log({"val/[a]": picture, "other": picture, "t": "text", "h": runlog.Histogram([1, 2])})
    found = runlog.runs(tmp_path / "runs")
    for rows in ("images", "boxes", "texts", "histograms", "files", "tables"):
        frame = found.frame(rows)
        each = []
        for run in found:
            with runlog.open(run.folder) as reader:
                each.append(reader.frame(rows).assign(run=run.id))
        assert next(iter(frame.columns)) == "run"
        expected = pandas.concat(each, ignore_index=True)[list(frame.columns)]
        pandas.testing.assert_frame_equal(frame, expected, check_dtype=False)
    assert set(found.frame("boxes", keys="val/[a]")["key"]) == {"val/[a]"}
    assert set(found.frame("images", keys="val/?a?")["key"]) == {"val/[a]"}
    assert len(found.where(lambda run: run.id == "run-1").frame("boxes")) == 2
    with pytest.raises(runlog.InvalidValueError, match="rows must be one of"):
        found.frame("nothing")  # type: ignore[arg-type]
    with pytest.raises(runlog.InvalidTypeError, match="keys must be a string or several"):
        found.frame("boxes", keys=[3])  # type: ignore[list-item]


def test_the_last_tables_of_many_runs_are_one_frame(tmp_path: Path, start: Start) -> None:
    for number in range(2):
        with start(id=f"run-{number}") as run:
            run.log({"t": runlog.Table(["a"], [["old"]])}, step=0)
            run.log({"t": runlog.Table(["a", "b"], [["x", number], ["y", None]])}, step=4)
    start(id="without").finish()
    frame = runlog.runs(tmp_path / "runs").table("t")
    assert list(frame.index) == [(f"run-{n}", 4, row) for n in range(2) for row in range(2)]
    assert list(frame.columns) == ["a", "b"]
    assert frame.loc[("run-1", 4, 0), "b"] == 1


def test_a_run_that_breaks_meanwhile_is_left_out_with_a_warning(runs: Path) -> None:
    found = runlog.runs(runs)
    (runs / "run-1/run.db").write_bytes(b"garbage" * 1000)
    with pytest.warns(runlog.RunlogWarning, match="run-1 is left out"):
        frame = found.frame("scalars")
    assert set(frame.index.get_level_values("run")) == {"run-0", "run-2"}
