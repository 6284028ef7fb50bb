"""One table says what can be logged; the schema, the records and the writer agree with it."""

import dataclasses
import sqlite3
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runlog
from runlog.storage.kinds import FILE, HISTOGRAM, IMAGE, KINDS, NUMBER, ROW_KINDS, TABLE, TEXT, Kind, RowKind
from runlog.storage.layout import DATABASE
from runlog.storage.migrations import migrate

PICTURE = runlog.Image(np.zeros((2, 3), np.uint8))
CLIP = runlog.File(b"not a video", name="clip.mp4")
# Of every kind, values that a script may log.
SAMPLES = {
    NUMBER: [0.5],
    TEXT: ["a word", ["two", "words"], [1, 2.5]],
    IMAGE: [[PICTURE, PICTURE], []],
    HISTOGRAM: [runlog.Histogram([1, 2, 2]), np.zeros(33)],
    FILE: [CLIP, [CLIP, runlog.File(b"", name="other.txt")]],
    TABLE: [runlog.Table(["a", "b"], [[1, PICTURE]]), [{"a": 1}]],
}


@pytest.fixture
def schema() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    return connection


def columns_of(table: str, schema: sqlite3.Connection) -> list[str]:
    return [row[1] for row in schema.execute(f"PRAGMA table_info({table})")]


def tables_with(key: str, folder: Path) -> set[str]:
    with sqlite3.connect(folder / DATABASE) as db:
        tables = [table for kind in KINDS for table in kind.tables]
        return {t for t in tables if db.execute(f"SELECT 1 FROM {t} WHERE key = ?", [key]).fetchone()}


def test_the_tables_by_step_and_key_are_those_of_the_kinds(schema: sqlite3.Connection) -> None:
    tables = [name for (name,) in schema.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    keyed = {table for table in tables if {"step", "key"} <= set(columns_of(table, schema))}
    assert keyed == {table for kind in KINDS for table in kind.tables}


@pytest.mark.parametrize("kind", ROW_KINDS, ids=lambda kind: kind.name)
def test_a_row_kind_names_the_columns_of_its_table(
    kind: RowKind[Any, Any], schema: sqlite3.Connection
) -> None:
    assert ["step", "key", *kind.columns] == columns_of(kind.table, schema)


def test_steps_and_runs_count_the_values_of_each_kind_but_numbers() -> None:
    counted = [IMAGE, *ROW_KINDS]
    step_fields = [field.name for field in dataclasses.fields(runlog.StepRecord)]
    assert [name for name in step_fields if name.endswith("_count")] == [f"{k.name}_count" for k in counted]
    run_fields = {field.name for field in dataclasses.fields(runlog.RunCounts)}
    assert {kind.tables[0] for kind in counted} <= run_fields


@pytest.mark.parametrize("kind", [IMAGE, *ROW_KINDS], ids=lambda kind: kind.name)
def test_a_step_with_a_value_of_any_kind_has_more_than_numbers(
    kind: Kind, start: Callable[..., runlog.LocalRun]
) -> None:
    with start() as run:
        run.log({"a": 1.0, "b": SAMPLES[kind][0]}, step=0)
        run.log({"a": 1.0}, step=1)
    with runlog.open(run.folder) as reader:
        assert [step.has_only_numbers for step in reader.steps()] == [False, True]


@pytest.mark.filterwarnings("ignore:.*was logged as:runlog.RunlogWarning")
@pytest.mark.filterwarnings("ignore:.*stored as a histogram:runlog.RunlogWarning")
@pytest.mark.parametrize(("first", "second"), list(permutations(KINDS, 2)), ids=lambda kind: kind.name)
def test_a_value_of_another_kind_replaces_what_a_key_had_at_a_step(
    first: Kind, second: Kind, start: Callable[..., runlog.LocalRun]
) -> None:
    for old in SAMPLES[first]:
        for new in SAMPLES[second]:
            with start() as run:
                run.log({"k": old}, step=3)
                run.log({"k": new}, step=3)
                run.log({"k": old}, step=4)
                run.log({"other": new}, step=4)
            with sqlite3.connect(run.folder / DATABASE) as db:
                at_three = [
                    table
                    for kind in KINDS
                    for table in kind.tables
                    if db.execute(f"SELECT 1 FROM {table} WHERE key = 'k' AND step = 3").fetchone()
                ]
                assert len(at_three) == 1
                assert at_three[0] in second.tables
            assert len(tables_with("k", run.folder)) == 2


def test_of_a_list_that_replaces_a_longer_one_no_entry_stays(start: Callable[..., runlog.LocalRun]) -> None:
    with start() as run:
        run.log({"a": ["one", "two", "three"]}, step=0)
        run.log({"a": ["four"]}, step=0)
        run.log({"a": ["one", "two"]}, step=1)
        run.log({"a": "alone"}, step=1)
    with runlog.open(run.folder) as reader:
        assert [(text.step, text.index, text.text) for text in reader.texts()] == [
            (0, 0, "four"),
            (1, 0, "alone"),
        ]


@pytest.mark.parametrize("kind", ROW_KINDS, ids=lambda kind: kind.name)
def test_values_of_a_row_kind_are_read_at_some_steps_or_all(
    kind: RowKind[Any, Any], start: Callable[..., runlog.LocalRun]
) -> None:
    (value, *_) = SAMPLES[kind]
    with start() as run:
        for step in (2, 0, 1):
            run.log({"b": value, "a": value}, step=step)
    with runlog.open(run.folder) as reader:
        everything = reader.values(kind)
        assert [(r.step, r.key) for r in everything] == [(step, key) for step in range(3) for key in "ab"]
        assert reader.values(kind, [2, 0]) == everything[:2] + everything[4:]
        assert reader.values(kind, 7) == ()
