"""How a run begins: whole or not at all, whatever kills or refuses it; and how what a kill left is healed."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

import runlog
from runlog.cli import main
from runlog.storage.lock import RunLock
from runlog.storage.writes import Store

pytestmark = pytest.mark.on_disk

Start = Callable[..., runlog.LocalRun]

# Begins runs, each in a process of its own that kills itself at the n-th call or return of a function within
# `init`, and prints how each ended; at moment 0 it is not killed, and prints how many there are.
BEGINNING = """
import os, signal, sys
import runlog
from runlog.writing.local_run import LocalRun
folder, *moments = sys.argv[1:]
for moment in map(int, moments):
    if (child := os.fork()) == 0:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
passed = 0
def look(frame, event, what):
    global passed
    passed += 1
    if passed == moment:
        os.kill(os.getpid(), signal.SIGKILL)
begin = LocalRun._begin
def watched(self, settings):
    sys.setprofile(look)
    begin(self, settings)
    sys.setprofile(None)
LocalRun._begin = watched
runlog.init(dir=folder, id=f"r{moment}", quiet=True, record_environment=False)
print(passed)
"""


def begin(folder: Path, moments: Iterable[int]) -> list[int]:
    """Begin a run ``r{moment}`` for each moment at which it is killed, and return what was printed."""
    command = [sys.executable, "-c", BEGINNING, str(folder), *map(str, moments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [int(line) for line in done.stdout.splitlines()]


def moments_of_init(folder: Path) -> int:
    # As deep as the folder of those that are killed: each part of a path is looked at.
    count, code = begin(folder.with_name(f"{folder.name}-whole"), [0])
    assert code == 0
    return count


def check_killed(folder: Path, moments: range) -> None:
    assert begin(folder, moments) == [-signal.SIGKILL] * len(moments)
    begun = 0
    for moment in moments:
        run_id = f"r{moment}"
        if (folder / run_id / "run.db").exists():
            begun += 1
            with runlog.open(folder / run_id) as reader:
                assert reader.run().state == "crashed"
        with runlog.init(dir=folder, id=run_id, resume="allow", quiet=True, record_environment=False) as run:
            run.log({"a": 1})
        with runlog.open(folder / run_id) as reader:
            assert reader.run().state == "finished"
            assert reader.scalars()[0].values.tolist() == [1]
        assert [path.name for path in (folder / run_id).iterdir()] == ["run.db"]
    assert 0 < begun < len(moments)


def test_a_kill_at_any_moment_of_init_leaves_a_run_or_none(tmp_path: Path) -> None:
    count = moments_of_init(tmp_path)
    check_killed(tmp_path, range(count // 20, count, count // 10))


@pytest.mark.interrupts
def test_100_kills_in_init_leave_a_run_or_none(tmp_path: Path) -> None:
    count = moments_of_init(tmp_path)
    check_killed(tmp_path, range(1, count, count // 100))


def test_ls_and_build_go_on_over_what_a_killed_init_left(
    tmp_path: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    start(id="good").finish()
    runs = tmp_path / "runs"
    moment = moments_of_init(tmp_path) // 6
    begin(runs, [moment])
    assert (runs / f"r{moment}").is_dir()
    for command in ("ls", "build"):
        assert main([command, str(runs)]) == 0
    assert f"r{moment}" not in capsys.readouterr().out


FAULTS = {
    "the lock": "runlog.storage.lock.FileLock.__init__",
    "the database": "runlog.storage.writes.migrate",
    "its row": "runlog.storage.writes._insert_run",
    "opening it": "runlog.writing.local_run.Store.__init__",
    "its first change": "runlog.writing.local_run.Store.update_run",
    "the media folder": "runlog.writing.local_run.MediaFolder.__init__",
}


@pytest.mark.parametrize(
    "error", [OSError(28, "the disk is full"), KeyboardInterrupt()], ids=["full", "stop"]
)
@pytest.mark.parametrize("place", FAULTS.values(), ids=list(FAULTS))
def test_an_init_that_fails_leaves_no_folder(
    place: str, error: BaseException, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(place, fail)
        with pytest.raises((OSError, KeyboardInterrupt)):
            start(id="r")
    assert list((tmp_path / "runs").iterdir()) == []
    with start(id="r") as run:
        run.log({"a": 1})


def test_a_resume_that_fails_leaves_the_run_as_it_was(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start(id="r") as run:
        run.log({"a": 1})

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("runlog.writing.local_run.MediaFolder.__init__", fail)
        with pytest.raises(OSError, match="No space"):
            start(id="r", resume="must")
    with start(id="r", resume="must") as run:
        assert run.step == 1


def empty_file(folder: Path) -> None:
    (folder / "run.db").touch()


def no_run_in_it(folder: Path) -> None:
    Store(folder, partial(datetime.now, UTC)).close()


def killed_with_no_run_in_it(folder: Path) -> None:
    store = Store(folder, partial(datetime.now, UTC))
    store.abandon()
    (folder / "run.lock").touch()


# As runlog 0.1.0 left them.
HUSKS = (empty_file, no_run_in_it, killed_with_no_run_in_it)


@pytest.mark.parametrize("husk", HUSKS)
def test_a_run_that_was_killed_before_it_began_is_healed_as_one_that_failed(
    husk: Callable[[Path], None], tmp_path: Path, start: Start
) -> None:
    start(id="good").finish()
    runs = tmp_path / "runs"
    (runs / "husk").mkdir()
    husk(runs / "husk")
    (problem,) = runlog.check(runs / "husk").problems
    assert problem == "the run never began: it was killed at its start, and holds nothing"
    assert main(["check", "--repair", str(runs / "husk")]) == 0
    assert runlog.check(runs / "husk").problems == ()
    assert [path.name for path in (runs / "husk").iterdir()] == ["run.db"]
    with runlog.open(runs / "husk") as reader:
        assert (reader.run().id, reader.run().state) == ("husk", "failed")
    for command in ("ls", "build"):
        assert main([command, str(runs)]) == 0
    with start(id="husk", resume="must") as run:
        run.log({"a": 1})


def test_a_database_with_steps_but_no_run_is_not_taken_for_one_that_never_began(start: Start) -> None:
    with start() as run:
        run.log({"a": 1})
    with sqlite3.connect(run.folder / "run.db") as db:
        db.execute("DELETE FROM run")
    db.close()
    assert "must hold one run, but has none" in runlog.check(run.folder, repair=True).problems[0]


def killed_without_a_database(folder: Path) -> None:
    (folder / "run.lock").write_text("{}")
    (folder / ".run.db.0123456789abcdef.tmp").write_bytes(b"SQLite format 3")


def only_a_lock(folder: Path) -> None:
    (folder / "run.lock").touch()


@pytest.mark.parametrize("remnant", [killed_without_a_database, only_a_lock])
@pytest.mark.parametrize("named", ["runs", "runs/gone"])
def test_what_a_run_left_that_never_had_a_database_is_seen_and_removed(
    remnant: Callable[[Path], None],
    named: str,
    tmp_path: Path,
    start: Start,
    capsys: pytest.CaptureFixture[str],
) -> None:
    start(id="good").finish()
    left = tmp_path / "runs" / "gone"
    left.mkdir()
    remnant(left)
    assert runlog.check(left).problems == (
        "the run never began: it was killed at its start, and holds nothing",
    )
    assert main(["check", str(tmp_path / named)]) == 1
    assert "gone: the run never began" in capsys.readouterr().err
    assert left.is_dir()
    assert main(["check", "--repair", str(tmp_path / named)]) == 0
    assert "gone: repaired: the run never began" in capsys.readouterr().out
    assert not left.exists()
    assert (tmp_path / "runs/good/run.db").is_file()
    with start(id="gone") as run:
        run.log({"a": 1})


def test_what_a_run_left_hides_no_run_that_is_named_beside_it(
    tmp_path: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = tmp_path / "runs"
    for name in ("first", "second"):
        start(id=name).finish()
    (runs / "gone").mkdir()
    only_a_lock(runs / "gone")
    assert main(["check", *(str(runs / name) for name in ("first", "gone", "second"))]) == 1
    said = capsys.readouterr()
    assert "gone: the run never began" in said.err
    assert [line.split(": ")[1] for line in said.out.splitlines()] == ["in order", "in order"]
    assert main(["check", str(runs / "gone"), str(runs / "nowhere")]) == 2
    assert "is none; `runlog ls` lists the runs" in capsys.readouterr().err


def test_a_folder_with_anything_else_in_it_is_no_remnant(tmp_path: Path, start: Start) -> None:
    start(id="good").finish()
    for number, name in enumerate(("notes.txt", "media", ".run.db.tmp.old", ".hidden")):
        folder = tmp_path / "runs" / f"other-{number}"
        folder.mkdir()
        killed_without_a_database(folder)
        (folder / name).touch()
    (tmp_path / "runs/empty").mkdir()
    (tmp_path / "elsewhere").mkdir()
    only_a_lock(tmp_path / "elsewhere")
    (tmp_path / "runs/link").symlink_to(tmp_path / "elsewhere")
    before = sorted(tmp_path.rglob("*"))
    assert main(["check", "--repair", str(tmp_path / "runs")]) == 0
    assert sorted(tmp_path.rglob("*")) == before
    with pytest.raises(runlog.StorageError, match=r"must hold run\.db"):
        runlog.check(tmp_path / "runs/other-0", repair=True)


def test_a_run_that_begins_now_is_no_remnant(tmp_path: Path) -> None:
    folder = tmp_path / "begins"
    folder.mkdir()
    lock = RunLock(folder)
    try:
        with pytest.raises(runlog.RunLockedError, match="begins it now"):
            runlog.check(folder, repair=True)
    finally:
        lock.release()
    assert folder.is_dir()


def test_a_check_opens_the_database_once(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    with start() as run:
        run.log({"a": 1})
    opened = []
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *given, **options: opened.append(given) or connect(*given, **options)
    )
    for look in (runlog.check, runlog.verify):
        opened.clear()
        assert look(run.folder).problems == ()
        assert len([one for one in opened if one[0] != ":memory:"]) == 1
