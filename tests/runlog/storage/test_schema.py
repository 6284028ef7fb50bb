"""The database as a public interface: plain SQL answers, and bad rows are refused."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import runlog
from runlog import palette

Start = Callable[..., runlog.LocalRun]


@pytest.fixture
def folder(start: Start) -> Path:
    """Return a finished run with boxes of both forms and domains, and a mask."""
    position = {"minX": 0.25, "maxX": 0.5, "minY": 0.5, "maxY": 1.0}
    boxes = [
        {"position": position, "class_id": 1, "scores": {"confidence": 0.9}},
        {"position": {"middle": [10, 4], "width": 4, "height": 2}, "domain": "pixel", "class_id": 7},
        {"position": {**position, "minX": float("nan")}, "scores": {"confidence": float("nan")}},
    ]
    image = runlog.Image(
        np.full((8, 20), 9, np.uint8),
        caption="c",
        boxes={"predictions": {"box_data": boxes, "class_labels": {1: "coin"}}},
        masks={"truth": {"mask_data": np.eye(8, 20, dtype=int)}},
    )
    with start() as run, pytest.warns(runlog.RunlogWarning, match="1 of 3 boxes"):
        for step in range(3):
            run.log({"val": [image], "loss": 1 / (step + 1)}, step=step)
    return run.folder


@pytest.fixture
def db(folder: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(folder / "run.db")
    connection.execute("PRAGMA foreign_keys = ON")
    yield connection
    connection.close()


def test_boxes_of_a_class_with_a_score_over_a_half_by_step(db: sqlite3.Connection) -> None:
    rows = db.execute(
        "SELECT step, count(*) FROM labelled_boxes"
        " WHERE class_label = 'coin' AND json_extract(scores, '$.confidence') > 0.5 GROUP BY step"
    )
    assert rows.fetchall() == [(0, 1), (1, 1), (2, 1)]


def test_labelled_boxes_gives_pixel_corners_and_names(db: sqlite3.Connection) -> None:
    rows = db.execute(
        'SELECT class_label, "left", top, "right", bottom FROM labelled_boxes'
        " WHERE step = 0 ORDER BY box_index"
    )
    assert rows.fetchall() == [
        ("coin", 5.0, 4.0, 10.0, 8.0),
        ("class_7", 8.0, 3.0, 12.0, 5.0),
        (None, None, 4.0, 10.0, 8.0),
    ]


def test_labelled_boxes_names_classes_as_all_else_does(start: Start) -> None:
    position = {"middle": [0.5, 0.5], "width": 0.1, "height": 0.1}
    labels = {0: "sky", 65535: "last", 7: ""}
    ids = (0, 1, 7, 12, 65534, 65535)
    boxes = [{"position": position, "class_id": class_id} for class_id in ids]
    image = runlog.Image(np.zeros((4, 4), np.uint8), boxes={"p": {"box_data": boxes, "class_labels": labels}})
    with start() as run:
        run.log({"a": image})
    with sqlite3.connect(run.folder / "run.db") as db:
        rows = db.execute("SELECT class_id, class_label FROM labelled_boxes ORDER BY box_index").fetchall()
    assert rows == [(class_id, palette.class_label(class_id, labels)) for class_id in ids]


def test_image_log_has_a_row_an_image_with_its_file_and_counts(db: sqlite3.Connection, folder: Path) -> None:
    rows = db.execute("SELECT step, key, caption, path, box_count, mask_count FROM image_log").fetchall()
    assert [(row[0], row[1], row[2], row[4], row[5]) for row in rows] == [
        (s, "val", "c", 3, 1) for s in range(3)
    ]
    assert all((folder / row[3]).is_file() for row in rows)


def test_class_labels_are_stored_once_for_each_set_of_them(db: sqlite3.Connection) -> None:
    assert db.execute("SELECT class_id, label FROM class_labels").fetchall() == [(1, "coin")]


def test_every_number_reaches_sql_as_one(db: sqlite3.Connection) -> None:
    assert db.execute("SELECT round(sum(value), 3) FROM scalars WHERE key = 'loss'").fetchone() == (1.833,)
    scores = [json.loads(row[0]) for row in db.execute("SELECT scores FROM boxes WHERE image_id = 1")]
    assert scores == [{"confidence": 0.9}, {}, {"confidence": None}]


def test_the_database_is_sound(db: sqlite3.Connection) -> None:
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO scalars VALUES (0, 'k', 'text')",
        "INSERT INTO scalars VALUES (99, 'k', 1.0)",
        "UPDATE run SET state = 'resting'",
        "UPDATE boxes SET domain = 'percent'",
        "UPDATE boxes SET class_id = 65536",
        "UPDATE images SET media_id = 999",
        "DELETE FROM media",
        "INSERT INTO steps VALUES (-1, '', 0)",
    ],
)
def test_rows_that_break_the_rules_are_refused(db: sqlite3.Connection, sql: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(sql)
