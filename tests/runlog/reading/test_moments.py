"""What is read of a run that goes on is of one moment, or it is said that it was logged again."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import runlog
from runlog.exporters import tables as csv_tables
from runlog.storage import connections

Start = Callable[..., runlog.LocalRun]


def table(number: int, rows: int = 50) -> runlog.Table:
    return runlog.Table(["n"], [[number * 1000 + row] for row in range(rows)])


def replace(run: runlog.LocalRun) -> None:
    run.log({"tb": table(2)}, step=0)


def replace_by_a_shorter_one(run: runlog.LocalRun) -> None:
    run.log({"tb": table(2, rows=3)}, step=0)


def replace_by_a_text(run: runlog.LocalRun) -> None:
    with pytest.warns(runlog.RunlogWarning, match="was logged as a table before"):
        run.log({"tb": "no table"}, step=0)


CHANGES = (replace, replace_by_a_shorter_one, replace_by_a_text)


@pytest.mark.parametrize("change", CHANGES)
def test_of_a_table_that_was_logged_again_it_is_said_that_it_was(
    start: Start, change: Callable[[runlog.LocalRun], None]
) -> None:
    with start() as run, runlog.open(run.folder) as reader:
        run.log({"tb": table(1)}, step=0)
        before = reader.tables()[0]
        change(run)
        with pytest.raises(runlog.RunChangedError, match=r"'tb' at step 0 was.*ask the reader for it anew"):
            before.rows()
        assert isinstance(before, runlog.LoggedTable)
        assert all(len(now.rows()) == len(now) for now in reader.tables())


def test_rows_that_another_table_still_has_stay(start: Start) -> None:
    with start() as run, runlog.open(run.folder) as reader:
        grows = table(1)
        run.log({"tb": grows}, step=0)
        before = reader.table("tb")
        grows.add_row(7)
        run.log({"tb": grows}, step=0)
        assert before.rows() == tuple((1000 + row,) for row in range(50))


def test_rows_that_no_writer_took_away_make_a_database_that_is_not_readable(start: Start) -> None:
    with start() as run:
        run.log({"tb": table(1)}, step=0)
    with closing(sqlite3.connect(run.folder / "run.db")) as db, db:
        db.execute('DELETE FROM table_rows WHERE "row" = 20')
    with runlog.open(run.folder) as reader, pytest.raises(runlog.StorageError) as caught:
        reader.table("tb").rows()
    assert not isinstance(caught.value, runlog.RunChangedError)
    assert "must be a readable database of runlog, but: table_rows must have rows 0 to 49" in str(
        caught.value
    )


@pytest.mark.parametrize("change", CHANGES)
def test_inside_one_moment_nothing_goes_and_the_run_goes_on(
    start: Start, change: Callable[[runlog.LocalRun], None]
) -> None:
    with start() as run, runlog.open(run.folder) as reader:
        run.log({"tb": table(1)}, step=0)
        with reader.one_moment(), reader.one_moment(may_wait=False):
            before = reader.table("tb")
            change(run)
            run.log({"loss": 1.0}, step=5)
            assert before.rows() == tuple((1000 + row,) for row in range(50))
            assert [record.step for record in reader.steps()] == [0]
        assert [record.step for record in reader.steps()] == [0, 5]


def test_an_error_ends_the_moment_and_the_reader_goes_on(start: Start) -> None:
    with start() as run, runlog.open(run.folder) as reader:
        run.log({"tb": table(1)}, step=0)
        with pytest.raises(ValueError, match="of the caller"), reader.one_moment():
            reader.steps()
            raise ValueError("of the caller")
        run.log({"loss": 1.0}, step=5)
        assert [record.step for record in reader.steps()] == [0, 5]


def test_where_a_run_would_have_to_wait_no_long_moment_is_held(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "is_on_network", lambda folder: True)
    with start() as run, runlog.open(run.folder) as reader:
        run.log({"tb": table(1)}, step=0)
        with reader.one_moment(may_wait=False):
            assert len(reader.table("tb").rows()) == 50
            run.log({"loss": 1.0}, step=5)
            assert [record.step for record in reader.steps()] == [0, 5]


def log_between(run: runlog.LocalRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run log its table again after each moment that any reader reads."""
    read, count = runlog.RunReader._read, [1]

    def read_and_log(reader: runlog.RunReader, query: Callable[[Any], Any]) -> Any:
        found = read(reader, query)
        count[0] += 1
        run.log({"tb": table(count[0])}, step=0)
        return found

    monkeypatch.setattr(runlog.RunReader, "_read", read_and_log)


def test_tables_of_a_run_that_goes_on_are_exported_as_csv(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start() as run:
        run.log({"tb": table(1)}, step=0)
        log_between(run, monkeypatch)
        csv_tables.export(run.folder, tmp_path / "out")
        monkeypatch.undo()
    (file,) = (tmp_path / "out").glob("table-*.csv")
    numbers = [int(row["n"]) for row in csv.DictReader(file.read_text("utf-8").splitlines())]
    assert numbers == [numbers[0] + row for row in range(50)]


def test_tables_of_runs_that_go_on_make_a_frame(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pandas")
    with start() as run:
        run.log({"tb": table(1)}, step=0)
        records = runlog.runs(run.folder.parent)
        log_between(run, monkeypatch)
        numbers = records.table("tb")["n"].tolist()
        monkeypatch.undo()
    assert numbers == [numbers[0] + row for row in range(50)]
