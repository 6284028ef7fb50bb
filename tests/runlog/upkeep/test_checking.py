"""After kills and power loss: what is left behind is found and put right where it can be; nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import runlog
from runlog.archives.verifying import verify
from runlog.storage import migrations
from runlog.upkeep.checking import check
from runlog.upkeep.migrating import migrate

from ..cli.calling import run_code

Start = Callable[..., runlog.LocalRun]

KILLED = """
import os, signal, sys, numpy as np, runlog
run = runlog.init(id="r", dir=sys.argv[1], quiet=True, record_environment=False)
for step in range(3):
    run.log({"a": runlog.Image(np.full((4, 4), 99 + step, np.uint8)), "loss": step}, step=step)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def run(start: Start) -> Path:
    with start(id="r") as run:
        for step in range(2):
            pixels = np.random.default_rng(step).integers(0, 256, (12, 16, 3), dtype=np.uint8)
            image = runlog.Image(pixels, caption=f"step {step}")
            run.log({"a": image, "b": image, "loss": step}, step=step)
    return run.folder


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """Return the folder of a run whose process was killed."""
    assert run_code(KILLED, tmp_path / "runs").returncode == -signal.SIGKILL
    return tmp_path / "runs" / "r"


def change(run: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(run / "run.db")) as connection:
        connection.execute(sql, values)
        connection.commit()


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def media_of(run: Path, key: str, step: int) -> Path:
    with runlog.open(run) as reader:
        return run / next(image.media.path for image in reader.images([step]) if image.key == key)


# In order


def test_a_run_that_ended_in_order_is_in_order(run: Path) -> None:
    before = content(run)
    assert check(run).problems == ()
    health = check(run, repair=True)
    assert (health.problems, health.repaired) == ((), ())
    assert content(run) == before


def test_looking_changes_nothing(killed: Path) -> None:
    before = content(killed)
    assert check(killed).problems
    assert check(killed).repaired == ()
    after = content(killed)
    # The index of a write-ahead log belongs to whoever reads it.
    assert {**after, "run.db-shm": b""} == {**before, "run.db-shm": b""}


def test_a_run_that_writes_is_left_alone(start: Start) -> None:
    with start(id="live") as run:
        run.log({"a": 1})
        for repair in (False, True):
            with pytest.raises(runlog.RunLockedError, match=f"must have ended, but process {os.getpid()} on"):
                check(run.folder, repair=repair)
        with pytest.raises(runlog.RunLockedError, match="must have ended"):
            migrate(run.folder)
        run.log({"a": 2})


def test_there_must_be_a_run(tmp_path: Path) -> None:
    with pytest.raises(runlog.StorageError, match=r"must hold run\.db"):
        check(tmp_path)


# A process that was killed


def test_a_killed_run_is_closed_as_failed_when_it_was_last_heard_of(killed: Path) -> None:
    with runlog.open(killed) as reader:
        assert reader.run().state == "crashed"
        last = reader.steps()[-1].logged_at
    found = check(killed).problems
    assert any("never finished" in line for line in found)
    assert any("run.db-wal was left behind" in line for line in found)
    assert any("run.lock was left behind" in line for line in found)
    health = check(killed, repair=True)
    assert (health.problems, set(health.repaired)) == ((), set(found))
    with runlog.open(killed) as reader:
        run = reader.run()
        assert (run.state, run.finished_at) == ("failed", last)
        assert len(reader.images()) == 3
    assert sorted(path.name for path in killed.iterdir()) == ["media", "run.db"]
    assert verify(killed, deep=True).problems == ()


def test_a_repaired_run_can_go_on(killed: Path) -> None:
    check(killed, repair=True)
    with runlog.init(id="r", dir=killed.parent, resume="must", quiet=True) as run:
        assert run.step == 3
        run.log({"loss": 3})
    assert check(killed).problems == ()


def test_a_copy_of_a_killed_run_is_repaired_as_well(killed: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(killed, tmp_path / "copied")
    (copy / "run.db-shm").unlink()
    assert check(copy, repair=True).problems == ()
    with runlog.open(copy) as reader:
        assert len(reader.images()) == 3


def test_a_run_of_another_host_is_repaired_only_if_it_is_known_to_have_ended(killed: Path) -> None:
    change(killed, "UPDATE run SET environment = ?", json.dumps({"host": "node-7"}))
    before = content(killed / "media")
    assert any("node-7" in line for line in check(killed).problems)
    with pytest.raises(runlog.InvalidValueError, match=r"written on node-7.*--ended"):
        check(killed, repair=True)
    assert content(killed / "media") == before
    assert check(killed, repair=True, ended=True).problems == ()
    with runlog.open(killed) as reader:
        assert reader.run().state == "failed"


def test_a_database_without_a_run_is_said(run: Path) -> None:
    change(run, "DELETE FROM run")
    assert check(run, repair=True).problems == (
        "run.db must be sound, but: it must hold one run, but has none",
    )


# Files without rows


def test_orphans_and_half_written_files_move_to_lost_and_found(run: Path) -> None:
    orphan = run / "media" / "images" / "a" / "000000009-0000-12345678.png"
    partial = orphan.with_name(".000000009-0001-12345678.png.tmp")
    orphan.write_bytes(b"orphan")
    partial.write_bytes(b"half")
    lines = (
        "media/images/a/000000009-0000-12345678.png is named by no row",
        "media/images/a/.000000009-0001-12345678.png.tmp is half-written",
    )
    assert check(run).problems == lines
    assert check(run, repair=True).repaired == lines
    kept = run / "lost+found" / "media" / "images" / "a"
    assert (kept / orphan.name).read_bytes() == b"orphan"
    assert (kept / partial.name).read_bytes() == b"half"
    assert not orphan.exists()
    assert not partial.exists()
    assert check(run).problems == ()


def test_what_is_in_lost_and_found_is_never_overwritten(run: Path) -> None:
    for number in range(3):
        (run / "media" / "stray.png").write_bytes(b"%d" % number)
        check(run, repair=True)
    kept = content(run / "lost+found" / "media")
    assert kept == {"stray.png": b"0", "stray.png.1": b"1", "stray.png.2": b"2"}


# Rows without files


def test_a_missing_file_is_copied_from_another_with_the_same_content(run: Path) -> None:
    media = media_of(run, "a", 0)
    data = media.read_bytes()
    media.unlink()
    line = f"{media.relative_to(run)} is missing, though a row names it"
    assert check(run).problems == (line,)
    assert check(run, repair=True).repaired == (line,)
    assert media.read_bytes() == data


def test_a_file_that_lost_its_end_is_set_aside_and_copied_from_another(run: Path) -> None:
    media = media_of(run, "a", 0)
    data = media.read_bytes()
    media.unlink()
    media.write_bytes(data[:20])
    (line,) = check(run).problems
    assert f"must have {len(data)} bytes" in line
    assert check(run, repair=True).problems == ()
    assert media.read_bytes() == data
    assert (run / "lost+found" / media.relative_to(run)).read_bytes() == data[:20]


def test_a_missing_file_is_copied_from_an_orphan_with_the_same_content(run: Path) -> None:
    data = media_of(run, "a", 1).read_bytes()
    media_of(run, "b", 1).unlink()
    media_of(run, "a", 1).rename(run / "media" / "moved.png")
    (run / "media" / "other.png").write_bytes(bytes(len(data)))
    assert len(check(run).problems) == 4
    assert check(run, repair=True).problems == ()
    assert media_of(run, "a", 1).read_bytes() == media_of(run, "b", 1).read_bytes() == data


def test_a_row_whose_file_is_gone_for_good_stays_and_is_said(run: Path) -> None:
    for key in ("a", "b"):
        media_of(run, key, 0).unlink()
    health = check(run, repair=True)
    assert len(health.problems) == 2
    assert health.repaired == ()
    with runlog.open(run) as reader:
        assert [image.caption for image in reader.images([0])] == ["step 0", "step 0"]


def test_a_file_of_the_right_size_and_another_content_is_no_twin(run: Path) -> None:
    for key in ("a", "b"):
        media = media_of(run, key, 0)
        size = media.stat().st_size
        media.unlink()
        if key == "b":
            media.write_bytes(bytes(size))
    assert len(check(run, repair=True).problems) == 1


@pytest.mark.parametrize("path", ["../secret.png", "/etc/hostname", "run.db"])
def test_a_row_that_names_a_file_outside_the_media_folder_moves_nothing(run: Path, path: str) -> None:
    secret = run.parent / "secret.png"
    secret.write_bytes(b"secret")
    named = media_of(run, "a", 0)
    change(run, "UPDATE media SET path = ? WHERE path = ?", path, str(named.relative_to(run)))
    health = check(run, repair=True)
    assert ["media.path must be" in line for line in health.problems] == [True]
    assert health.repaired == ()
    assert secret.read_bytes() == b"secret"
    assert (run / "run.db").is_file()


# Damage and age


def test_nothing_is_touched_next_to_a_damaged_database(run: Path) -> None:
    data = bytearray((run / "run.db").read_bytes())
    data[4096 * 3 : 4096 * 4] = bytes(4096)
    (run / "run.db").write_bytes(data)
    (run / "media" / "stray.png").write_bytes(b"stray")
    before = content(run)
    health = check(run, repair=True)
    assert health.problems
    assert all(line.startswith("run.db must be sound, but: ") for line in health.problems)
    assert content(run) == before


def test_a_folder_that_cannot_be_written_is_one_clear_error(
    run: Path, run_unprivileged: Callable[..., str]
) -> None:
    (run / "media" / "stray.png").write_bytes(b"stray")
    for folder in (run / "media", run):
        folder.chmod(0o555)
    code = """
import runlog, sys
from runlog.upkeep.checking import check
print(check(sys.argv[1]).problems)
try:
    check(sys.argv[1], repair=True)
except runlog.StorageError as error:
    print(error)
"""
    try:
        looked, repaired = run_unprivileged(code, run).splitlines()
    finally:
        for folder in (run, run / "media"):
            folder.chmod(0o755)
    assert "stray.png is named by no row" in looked
    assert "must be writable" in repaired


def older(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make what was written so far that of an older runlog."""

    def m998_mood(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE moods (mood TEXT)")

    def m999_moods(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO moods VALUES ('calm')")

    for migration in (m998_mood, m999_moods):
        monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, migration))
        monkeypatch.setattr(migrations, "_NAMES", (*migrations._NAMES, migration.__name__))
        monkeypatch.setitem(migrations.STAND_INS, migration.__name__, "")


def test_migrating_says_what_was_applied_and_then_that_nothing_is(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert migrate(run) == ()
    older(monkeypatch)
    with runlog.open(run) as reader:
        assert len(reader.images()) == 4
    assert migrate(run) == ("m998_mood", "m999_moods")
    assert migrate(run) == ()
    with runlog.open(run) as reader:
        assert len(reader.images()) == 4
    with closing(sqlite3.connect(run / "run.db")) as connection:
        assert connection.execute("SELECT mood FROM moods").fetchall() == [("calm",)]
    assert sorted(path.name for path in run.iterdir()) == ["media", "run.db"]


def test_an_older_run_is_in_order_and_brought_up_to_date_where_it_is_repaired(
    killed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (killed / "media" / "stray.png").write_bytes(b"stray")
    older(monkeypatch)
    found = check(killed).problems
    health = check(killed, repair=True)
    assert health.problems == ()
    assert set(found) == set(health.repaired)
    assert migrate(killed) == ()
    assert any("stray.png" in line for line in health.repaired)
    assert any("never finished" in line for line in health.repaired)


@pytest.mark.parametrize("act", [migrate, check, lambda run: check(run, repair=True)])
def test_a_run_of_a_newer_runlog_is_left_as_it_is(run: Path, act: Callable[[Path], object]) -> None:
    change(
        run,
        "INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('runlog', 'm999_new')",
    )
    before = content(run)
    with pytest.raises(runlog.StorageError, match="newer runlog"):
        act(run)
    with pytest.raises(runlog.StorageError, match="newer runlog"):
        runlog.init(id="r", dir=run.parent, resume="must", quiet=True)
    assert content(run) == before
