"""A new run is made without sqlite-utils, an older one brought up to date by it, to the same end."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

import runlog
from runlog.storage import migrations

Start = Callable[..., runlog.LocalRun]


def statements(connection: sqlite3.Connection) -> set[str]:
    return {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}


def objects_in_order(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid").fetchall()


def test_a_new_database_is_what_sqlite_utils_would_have_made() -> None:
    ours = sqlite3.connect(":memory:", isolation_level=None)
    migrations.migrate(ours)
    theirs = Database(memory=True)
    of_library = Migrations("runlog")
    for migration in migrations.MIGRATIONS:
        of_library()(migration)
    of_library.apply(theirs)
    assert statements(ours) == statements(theirs.conn)
    assert not of_library.pending(Database(ours))


def test_each_new_database_of_a_process_is_as_the_migrations_leave_it_and_tells_when_it_was_made(
    tmp_path: Path,
) -> None:
    settings = ("user_version", "application_id", "page_size", "encoding", "auto_vacuum", "freelist_count")
    migrated = migrations._new(migrations.MIGRATIONS)
    wanted = [migrated.execute(f"PRAGMA {name}").fetchall() for name in settings]
    last = ""
    for number in range(3):
        made = sqlite3.connect(tmp_path / str(number), isolation_level=None)
        migrations.migrate(made)
        assert objects_in_order(made) == objects_in_order(migrated)
        assert [made.execute(f"PRAGMA {name}").fetchall() for name in settings] == wanted
        assert made.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = made.execute("SELECT id, migration_set, name, applied_at FROM _sqlite_migrations").fetchall()
        names = enumerate(migrations._NAMES, start=1)
        assert [row[:3] for row in rows] == [(place, "runlog", name) for place, name in names]
        (moment,) = {row[3] for row in rows}
        assert last < moment
        last = moment
        assert made.execute("SELECT * FROM keys").fetchall() == []
        made.execute("INSERT INTO keys (key) VALUES ('of this run alone')")
        made.close()
    migrated.close()


def test_resuming_an_older_run_applies_what_is_pending(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def m999_newest(db: Database | sqlite3.Connection) -> None:
        db.execute("CREATE TABLE moods (mood TEXT)")

    with start(id="r") as run:
        run.log({"a": 1}, step=0)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, m999_newest))
    monkeypatch.setattr(migrations, "_NAMES", (*migrations._NAMES, "m999_newest"))
    monkeypatch.setattr(migrations, "STAND_INS", {"m999_newest": "CREATE TABLE moods (mood TEXT);\n"})
    before = (run.folder / "run.db").read_bytes()
    with runlog.open(run.folder) as reader:
        assert reader.run().id == "r"
        assert reader._read(lambda db: db.execute("SELECT * FROM moods").fetchall()) == []
    assert (run.folder / "run.db").read_bytes() == before
    with start(id="r", resume="must") as again:
        again.log({"a": 2}, step=1)
    connection = sqlite3.connect(run.folder / "run.db")
    assert connection.execute("SELECT mood FROM moods").fetchall() == []
    assert connection.execute("SELECT value FROM scalars ORDER BY step").fetchall() == [(1.0,), (2.0,)]
    connection.close()
    monkeypatch.undo()
    with pytest.raises(runlog.StorageError, match="newer runlog"):
        runlog.open(run.folder)


def test_a_failure_half_way_leaves_no_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    def m999_broken(db: Database | sqlite3.Connection) -> None:
        db.execute("CREATE TABLE run (twice TEXT)")

    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, m999_broken))
    monkeypatch.setattr(migrations, "_PATTERNS", [])
    connection = sqlite3.connect(":memory:", isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        migrations.migrate(connection)
    assert statements(connection) == set()


def test_one_that_another_program_holds_is_refused_rather_than_waited_for_without_end(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with closing(sqlite3.connect(path, isolation_level=None, timeout=0.01)) as ours:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                migrations.migrate(ours)
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                migrations._create(ours)
            other.execute("ROLLBACK")
            migrations.migrate(ours)
            assert migrations.pending(ours, "it") == ()


def test_threads_and_forked_processes_make_theirs_at_the_same_time(tmp_path: Path) -> None:
    def make(name: int) -> int:
        with closing(sqlite3.connect(tmp_path / f"{name}", isolation_level=None)) as made:
            migrations.migrate(made)
            return len(statements(made))

    with ThreadPoolExecutor(8) as pool:
        counts = set(pool.map(make, range(40)))
    child = os.fork()
    if child == 0:
        os._exit(0 if {make(40), make(41)} == counts else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert len(counts) == 1


def test_writing_and_reading_a_run_import_neither_sqlite_utils_nor_pandas(tmp_path: Path) -> None:
    script = f"""
import sys, numpy as np, runlog
with runlog.init(dir={str(tmp_path)!r}, quiet=True) as run:
    run.log({{"a": 1, "b": runlog.Image(np.zeros((4, 4), np.uint8))}})
with runlog.open(run.folder) as reader:
    reader.run(), reader.images([0])
print(sorted({{"pandas", "sqlite_utils"}} & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def columns_by_name(connection: sqlite3.Connection, master: str) -> dict[str, list[str]]:
    """Return the columns of each table and view."""
    names = connection.execute(f"SELECT name FROM {master} WHERE type IN ('table', 'view')").fetchall()
    schema_name = "temp" if "temp" in master else "main"
    return {
        name: [row[1] for row in connection.execute(f'PRAGMA {schema_name}.table_info("{name}")')]
        for (name,) in names
    }


def test_a_reader_has_a_stand_in_for_all_that_an_older_version_lacks_or_has_in_another_form() -> None:
    first, *later = migrations.MIGRATIONS
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in migrations._MIGRATIONS_TABLE.split(";\n"):
        connection.execute(statement)
    first(connection)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('runlog', ?)", [first.__name__]
    )
    migrations.make_readable(connection, "an older run")
    stand_ins = columns_by_name(connection, "sqlite_temp_master")
    newest = sqlite3.connect(":memory:", isolation_level=None)
    migrations.migrate(newest)
    old = columns_by_name(connection, "sqlite_master")
    wanted = columns_by_name(newest, "sqlite_master")
    assert stand_ins == {name: columns for name, columns in wanted.items() if old.get(name) != columns}
    assert len(later) == len(migrations.STAND_INS)
