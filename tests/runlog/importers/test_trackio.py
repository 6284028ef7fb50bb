"""Databases of trackio, a real one that is frozen and ones made by hand, become runs that hold the same."""

import json
import os
import random
import sqlite3
import warnings
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runlog
from runlog.importers.entry import ImportedRun
from runlog.importers.trackio import import_logdir

from . import shapes
from .mutations import MUTATIONS, mutated
from .wandb_logs import unzipped

Take = Callable[..., ImportedRun]
TABLES = """
CREATE TABLE metrics (id INTEGER PRIMARY KEY, run_id, timestamp, run_name, step, metrics);
CREATE TABLE configs (run_id, run_name, config, created_at);
"""
NOON = "2026-11-30T12:00:00+00:00"


def write(folder: Path, rows: list[tuple[object, object]], config: object = b"{}", sql: str = "") -> Path:
    """Write a database with one run, whose rows are step and metrics; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "project.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(TABLES + sql)
        database.execute("INSERT INTO configs VALUES ('id', 'name', ?, ?)", [config, NOON])
        for step, metrics in rows:
            text = json.dumps(metrics).encode() if isinstance(metrics, dict) else metrics
            database.execute("INSERT INTO metrics VALUES (NULL, 'id', ?, 'name', ?, ?)", [NOON, step, text])
    return path


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Return a function that writes a database with one run and files, and imports it."""

    def import_one(
        rows: list[tuple[object, object]], files: Mapping[str, bytes] | None = None, **more: Any
    ) -> ImportedRun:
        write(tmp_path / "trackio", rows, **more)
        for name, data in (files or {}).items():
            path = tmp_path / "trackio/media" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (imported,) = import_logdir(tmp_path / "trackio", dir=tmp_path / "runs")
        return imported

    return import_one


def numbers(imported: ImportedRun) -> dict[str, dict[int, float]]:
    assert imported.folder is not None
    with runlog.open(imported.folder) as reader:
        return shapes.numbers(reader)


def test_all_that_trackio_logged_is_in_the_runs(tmp_path: Path) -> None:
    unzipped("trackio-0.43", tmp_path)
    first, second = sorted(
        import_logdir(tmp_path / "trackio", dir=tmp_path / "runs"),
        key=lambda one: one.taken["scalars"],
        reverse=True,
    )
    assert (first.problems, first.not_taken, first.notes, second.problems) == ((), {}, (), ())
    with runlog.open(first.folder) as reader:
        shapes.check_trackio(reader)
    assert numbers(second) == {"loss": {0: 3}}
    again = import_logdir(tmp_path / "trackio", dir=tmp_path / "runs")
    assert all(one.folder is None and "was imported before" in one.problems[0] for one in again)


def test_rows_that_are_still_in_the_log_of_a_live_database_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "trackio", [(0, {"loss": 1})])
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("INSERT INTO metrics VALUES (NULL, 'id', ?, 'name', 1, ?)", [NOON, b'{"loss": 2}'])
        database.commit()
        before = sorted(path.parent.iterdir())
        (imported,) = import_logdir(path, dir=tmp_path / "runs")
        assert sorted(path.parent.iterdir()) == before
    assert numbers(imported) == {"loss": {0: 1, 1: 2}}


def test_rows_in_text_or_bytes_and_steps_that_come_again(take: Take) -> None:
    imported = take([(0, '{"a": 1}'), (5, {"a": 2}), (5, {"b": 3}), (5, {"a": 4})])
    assert numbers(imported) == {"a": {0: 1, 5: 4}, "b": {5: 3}}
    assert imported.notes == ("later values of the same key and step replaced others: 1",)


@pytest.mark.parametrize(
    ("step", "metrics"),
    [
        (-1, {"a": 1}),
        (None, {"a": 1}),
        (1.5, {"a": 1}),
        ("x", {"a": 1}),
        (1, b"{"),
        (1, b"[1]"),
        (1, None),
        (1, 7),
    ],
)
def test_a_row_that_is_broken_is_a_problem_and_the_others_are_taken(
    step: object, metrics: object, take: Take
) -> None:
    imported = take([(0, {"a": 1}), (step, metrics), (2, {"a": 3})])
    assert numbers(imported) == {"a": {0: 1, 2: 3}}
    assert imported.not_taken == {"rows that are broken": {"metrics": 1}}
    assert len(imported.problems) == 1


@pytest.mark.parametrize(
    "config", [b"{", b"[]", None, 5, b'{"_Created": 7, "_Group": 8}', b'{"_Created": "9999"}']
)
def test_whatever_a_configuration_is_the_run_is_taken(config: object, take: Take) -> None:
    imported = take([(0, {"a": 1})], config=config)
    with runlog.open(imported.folder) as reader:
        assert list(reader.run().config) == ["trackio"]
        assert reader.run().group is None


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE metrics; CREATE VIEW metrics AS SELECT 1 AS id, 'id' AS run_id, '' AS timestamp, "
        "'name' AS run_name, 0 AS step, '{\"a\": 1}' AS metrics",
        "DROP TABLE metrics",
        "DROP TABLE metrics; CREATE TABLE metrics (id, run_id, run_name, step, metrics)",
        "DROP TABLE configs; CREATE VIRTUAL TABLE configs USING fts5(run_id, run_name, config, created_at)",
        "DROP TABLE metrics; CREATE TABLE metrics (id, run_id, run_name, timestamp, step, "
        "metrics AS (zeroblob(1000000000)))",
    ],
)
def test_tables_that_are_not_as_trackio_makes_them_are_refused(sql: str, tmp_path: Path) -> None:
    (tmp_path / "trackio").mkdir()
    with closing(sqlite3.connect(tmp_path / "trackio/project.db")) as database:
        database.executescript(TABLES + sql)
    (imported,) = import_logdir(tmp_path / "trackio", dir=tmp_path / "runs")
    assert imported.folder is None
    (problem,) = imported.problems
    assert "it must have a table" in problem


def test_what_is_no_database_is_one_line_and_the_others_are_taken(tmp_path: Path) -> None:
    write(tmp_path / "trackio", [(0, {"a": 1})])
    (tmp_path / "trackio/a.db").write_bytes(b"no database" * 100)
    (tmp_path / "trackio/b.db").write_bytes(b"")
    (tmp_path / "trackio/c.db").write_bytes((tmp_path / "trackio/project.db").read_bytes()[:5000])
    os.truncate(tmp_path / "trackio/b.db", 1 << 36)
    *bad, good = import_logdir(tmp_path / "trackio", dir=tmp_path / "runs")
    assert [(one.folder, len(one.problems)) for one in bad] == [(None, 1)] * 3
    assert numbers(good) == {"a": {0: 1}}


def test_no_file_is_named_outside_and_no_link_followed(take: Take, tmp_path: Path, photo: np.ndarray) -> None:
    runlog_image = runlog.Image(photo)
    for folder in ("", "trackio", "trackio/media"):
        (tmp_path / folder).mkdir(exist_ok=True)
        runlog_image.image.save(tmp_path / folder / "secret.png")
    (tmp_path / "trackio/media/link.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "trackio/media/out").symlink_to(tmp_path)
    paths = (
        "../secret.png",
        str(tmp_path / "secret.png"),
        "a/../../secret.png",
        "link.png",
        "out/secret.png",
        7,
    )
    rows: list[tuple[object, object]] = [
        (step, {"a": {"_type": f"trackio.{kind}", "file_path": path}})
        for step, (kind, path) in enumerate((kind, path) for kind in ("image", "audio") for path in paths)
    ]
    imported = take([*rows, (99, {"a": {"_type": "trackio.image", "file_path": "secret.png"}})])
    with runlog.open(imported.folder) as reader:
        assert [image.step for image in reader.images()] == [99]
        assert reader.files() == ()
    assert sum(sum(keys.values()) for keys in imported.not_taken.values()) == 12


def test_what_has_no_place_here_is_listed(take: Take) -> None:
    others = "".join(
        f"CREATE TABLE {name} (run_id, run_name); INSERT INTO {name} VALUES ('id', 'name');"
        for name in ("system_metrics", "traces", "alerts")
    )
    imported = take([(0, {"a": 1, "t": {"_type": "trackio.trace"}})], sql=others)
    assert imported.not_taken == {
        "measurements of the machine": {"": 1},
        "traces": {"": 1},
        "alerts": {"": 1},
        "values of the type 'trackio.trace'": {"t": 1},
    }


def test_a_folder_without_databases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(runlog.InvalidValueError, match="must be or hold databases"):
        import_logdir(tmp_path, dir=tmp_path / "runs")


def test_a_database_with_changed_bytes_is_taken_or_said_to_be_broken(tmp_path: Path) -> None:
    place = unzipped("trackio-0.43", tmp_path)
    files = {path: path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file()}
    database = place / "shapes.db"
    # Most pages of a small database are empty.
    filled = [at for at in range(0, len(files[database]), 64) if any(files[database][at : at + 64])]
    chance = random.Random("trackio")
    for attempt in range(MUTATIONS):
        path = chance.choice([*files, *[database] * 10])
        changed = bytearray(mutated(files[path], chance))
        if path == database:
            changed = bytearray(files[path])
            for _ in range(chance.choice((1, 8, 64))):
                changed[chance.choice(filled) + chance.randrange(64)] = chance.randrange(256)
        path.write_bytes(changed)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for imported in import_logdir(place, dir=tmp_path / f"runs{attempt}"):
                if imported.folder is not None:
                    assert runlog.check(imported.folder).problems == ()
        path.write_bytes(files[path])
