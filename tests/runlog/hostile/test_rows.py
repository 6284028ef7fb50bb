"""Whatever a database holds, no command reaches outside, hangs, or ends in a traceback; the other runs go on.

The gate reads each column with two values, so that each rule and value comes up; it runs each rule, value,
trap and command. ``-m hostile_matrix`` tries all with all.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain, cycle, islice, product
from pathlib import Path

import pytest

import runlog
from runlog.storage.row_checks import RULES, ColumnRule

from .commands import COMMANDS, Place, carry_out, make_place
from .rows import TRAPS, VALUES, Column, _super_journal, cases, columns, put


def test_each_column_of_each_table_has_a_rule(runs: Path) -> None:
    assert {str(column) for column in columns(runs / "bad/run.db")} == set(RULES)


def test_there_is_a_row_in_each_table_to_put_bad_values_into(runs: Path) -> None:
    with closing(sqlite3.connect(runs / "bad/run.db")) as db:
        tables = {column.table for column in columns(runs / "bad/run.db")}
        assert {table for table in tables if not db.execute(f"SELECT 1 FROM {table}").fetchone()} == set()


def by_rule(runs: Path) -> dict[ColumnRule, list[Column]]:
    """Return the columns that have each rule."""
    found: dict[ColumnRule, list[Column]] = {}
    for column in columns(runs / "bad/run.db"):
        found.setdefault(RULES[str(column)], []).append(column)
    return found


def each_column_with_two_values(runs: Path) -> Iterator[tuple[Column, object]]:
    """Yield the columns, sorted by their rules: each with the next two values, so that all values come up."""
    values = cycle(VALUES.values())
    for column in chain(*by_rule(runs).values()):
        yield from ((column, value) for value in islice(values, 2))


def test_two_values_are_refused_in_each_column_or_read_back_as_they_are(runs: Path, tmp_path: Path) -> None:
    pairs = list(each_column_with_two_values(runs))
    assert {column for column, _ in pairs} == set(columns(runs / "bad/run.db"))
    assert {value for _, value in pairs} == set(VALUES.values())
    tried, refused = read_with(pairs, make_place(tmp_path / "place", runs))
    assert tried > 250
    assert refused > 150


@pytest.mark.hostile_matrix
def test_each_value_in_each_column_is_refused_or_read_back_as_it_is(runs: Path, tmp_path: Path) -> None:
    pairs = list(product(columns(runs / "bad/run.db"), VALUES.values()))
    tried, refused = read_with(pairs, make_place(tmp_path / "place", runs))
    assert tried > 2700
    assert refused > 400


def read_with(pairs: list[tuple[Column, object]], place: Place) -> tuple[int, int]:
    """Return in how many columns a value can be put, and how often a reader refused it.

    What a reader makes of a bad value is one error of ours, or exactly what the file holds.
    """
    sound = (place.bad / "run.db").read_bytes()
    tried = refused = 0
    for column, value in pairs:
        if not put(place, column, value):
            continue
        tried += 1
        if (message := _complaint(place)) is not None:
            refused += 1
            assert message.startswith(str(place.bad / "run.db"))
            assert len(message) < 1000
            assert message.isprintable()
        (place.bad / "run.db").write_bytes(sound)
    return tried, refused


def _complaint(place: Place) -> str | None:
    """Read all there is; return what the error says, if there is one."""
    try:
        with runlog.open(place.bad) as reader:
            for read in (reader.run, reader.counts, reader.steps, reader.images, reader.scalars):
                read()
            for table in reader.tables():
                table.rows()
            for read in (
                reader.texts,
                reader.histograms,
                reader.files,
                reader.media,
                reader.metrics,
                reader.evaluations,
                reader.system_numbers,
                reader.latest_steps,
            ):
                read()
    except runlog.StorageError as error:
        return str(error)
    return None


def _sample(runs: Path) -> list[tuple[str, str]]:
    """Pair a column of each rule with a value, so that each value is tried, and each pair with a command."""
    commands = cycle(command.name for command in COMMANDS)
    values = cycle(VALUES)
    chosen = [(f"{having[0]}: {next(values)}", next(commands)) for having in by_rule(runs).values()]
    chosen += [
        (f"media.path: {value}", command)
        for value in ("an absolute path", "a climbing path")
        for command in ("build -o", "archive", "export coco", "resume", "prune --yes", "view")
    ]
    chosen += [
        (f"{column}: the largest integer", command)
        for column in ("run.revision", "steps.revision", "images.media_id")
        for command in ("resume", "prune --yes", "evaluate")
    ]
    chosen += [(trap, next(commands)) for trap in TRAPS]
    chosen += [
        ("a journal with a super-journal", c) for c in ("check --repair", "prune --yes", "resume", "ls")
    ]
    return chosen + [("pages without end", command) for command in ("ls", "check")]


def test_no_command_is_led_astray_by_any_column_value_or_trap(runs: Path, tmp_path: Path) -> None:
    made = dict(cases(runs / "bad/run.db"))
    by_name = {command.name: command for command in COMMANDS}
    found, ran = [], set()
    for number, (case, command) in enumerate(_sample(runs)):
        place = make_place(tmp_path / str(number), runs)
        if made[case](place):
            ran.add(command)
            found += [f"{case}, {line}" for line in carry_out(by_name[command], place)]
        shutil.rmtree(place.root, ignore_errors=True)
    assert found == []
    assert ran == set(by_name)


@pytest.mark.hostile_matrix
@pytest.mark.parametrize("part", range(40))
def test_every_database_with_every_command(
    part: int, runs: Path, tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    found, ran = [], 0
    for number, (case, make) in enumerate(cases(runs / "bad/run.db")):
        if number % 40 != part:
            continue
        for place_number, group in enumerate(_groups()):
            place = make_place(tmp_path / f"{number}-{place_number}", runs)
            if not make(place):
                break
            for command in group:
                ran += 1
                found += [f"{case}, {line}" for line in carry_out(command, place)]
            shutil.rmtree(place.root, ignore_errors=True)
    record_testsuite_property(f"combinations of part {part}", ran)
    assert found == []


def _groups() -> list[list]:
    """Return the commands that only read, which share a place, and the others, which have one each."""
    changing = (
        "build",
        "build RUN",
        "view",
        "check --repair",
        "prune --yes",
        "evaluate",
        "migrate",
        "resume",
    )
    sharing = [
        command for command in COMMANDS if command.name not in changing and "build" not in command.name
    ]
    exporting = [command for command in sharing if command.name == "export of the good run"]
    rest = [command for command in COMMANDS if command not in sharing]
    return [[command for command in sharing if command not in exporting], exporting, *([one] for one in rest)]


# What the traps would do to whoever trusts them


def test_sqlite_itself_deletes_the_file_that_a_super_journal_names(runs: Path, tmp_path: Path) -> None:
    place = make_place(tmp_path / "place", runs)
    _super_journal(place)
    with closing(sqlite3.connect(place.bad / "run.db")) as db:
        db.execute("SELECT count(*) FROM run").fetchall()
    assert not (place.home / ".bashrc").exists()


def test_a_repair_sets_such_a_journal_aside_and_then_all_is_in_order(runs: Path, tmp_path: Path) -> None:
    place = make_place(tmp_path / "place", runs)
    _super_journal(place)
    with pytest.raises(runlog.StorageError, match=r"super-journal.*check --repair"):
        runlog.open(place.bad)
    health = runlog.check(place.bad, repair=True)
    assert health.repaired == ("run.db-journal named a super-journal, which no run has",)
    assert (place.bad / "lost+found/run.db-journal").is_file()
    assert runlog.check(place.bad).problems == ()


def test_the_line_of_a_bad_row_says_file_column_rule_and_value(runs: Path, tmp_path: Path) -> None:
    place: Place = make_place(tmp_path / "place", runs)
    put(place, Column("media", "path"), "../../home/.bashrc")
    with runlog.open(place.bad) as reader, pytest.raises(runlog.StorageError) as caught:
        reader.media()
    assert str(caught.value) == (
        f"{place.bad / 'run.db'} must be a readable database of runlog, but: media.path must be the place of "
        "a file in the media folder, but a row has '../../home/.bashrc'"
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("key = 'a key' WHERE key IS NULL", id="a file of the run has a key"),
        pytest.param("step = 2 WHERE key IS NULL", id="a file of the run has a step"),
        pytest.param('"index" = NULL WHERE key IS NOT NULL', id="a logged file has no place"),
        pytest.param("step = NULL WHERE key IS NOT NULL", id="a logged file has no step"),
    ],
)
def test_a_file_that_was_half_logged_is_refused_and_its_run_still_listed(
    change: str, runs: Path, tmp_path: Path
) -> None:
    place = make_place(tmp_path / "place", runs)
    with closing(sqlite3.connect(place.bad / "run.db")) as db, db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        assert db.execute(f"UPDATE files SET {change}").rowcount
    by_name = {command.name: command for command in COMMANDS}
    for name in ("ls", "ls --json", "show", "build", "reader", "archive", "resume", "check"):
        assert carry_out(by_name[name], place) == []
    with runlog.open(place.bad) as reader, pytest.raises(runlog.StorageError, match="must be there together"):
        reader.files()
