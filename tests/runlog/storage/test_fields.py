"""Identity and fields of images, written by a run and read back: by records, SQL, frames and archives."""

import math
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import runlog
from runlog.storage.fields import field_rows, field_value

Start = Callable[..., runlog.LocalRun]
GREY = np.zeros((2, 3), np.uint8)
FIELDS = {"truth": 8, "p": 0.5, "nan": math.nan, "inf": math.inf, "right": True, "word": "acht", "whole": 8.0}


def sql(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "run.db")) as db:
        return db.execute(statement).fetchall()


def test_what_was_given_is_on_the_record_with_its_types_in_its_order(start: Start) -> None:
    with start() as run:
        run.log({"a": [runlog.Image(GREY, id="x", fields=FIELDS), runlog.Image(GREY)]}, step=0)
    with runlog.open(run.folder) as reader:
        first, second = reader.images()
        again = reader.image(first)
    assert (first.id, second.id, second.fields) == ("x", None, {})
    assert repr(dict(first.fields)) == repr(FIELDS)
    assert repr(dict(again.fields)) == repr(FIELDS)
    assert again.id == "x"


@example({"p": -0.0, "q": 1e18, "r": -(2.0**63)})
@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20),
        st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=20),
        max_size=5,
    )
)
def test_every_field_comes_back_from_its_row_as_it_was(fields: dict[str, Any]) -> None:
    kept = runlog.Image(GREY, fields=fields).fields
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute('CREATE TABLE f (name TEXT, "index" INTEGER, type TEXT, number NUMERIC, text TEXT)')
        db.executemany("INSERT INTO f VALUES (?, ?, ?, ?, ?)", field_rows(kept))
        rows = db.execute('SELECT name, type, number, text FROM f ORDER BY "index"').fetchall()
    assert repr({name: field_value(*value) for name, *value in rows}) == repr(dict(kept))


@pytest.mark.parametrize(
    "row",
    [("text", None, None), ("text", 1, "a"), ("real", 1.0, "a"), ("integer", 1.5, None), ("bool", 2, None)],
)
def test_a_row_whose_value_is_not_of_its_type_is_refused(row: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="the one value that its type says"):
        field_value(*row)


def test_two_images_of_a_list_must_not_be_the_same_picture(start: Start) -> None:
    images = [runlog.Image(GREY, id="x"), runlog.Image(GREY), runlog.Image(GREY, id="x")]
    with start() as run:
        with pytest.raises(
            runlog.InvalidValueError, match=r"'a' must have each id once.*'x'.*images 0 and 2"
        ):
            run.log({"a": images, "loss": 1.0}, step=0)
        run.log({"a": images[:2], "b": images[:1]}, step=0)
        run.log({"a": images[2]}, step=1)
    with runlog.open(run.folder) as reader:
        assert [(one.step, one.key, one.id) for one in reader.images()] == [
            (0, "a", "x"),
            (0, "a", None),
            (0, "b", "x"),
            (1, "a", "x"),
        ]
        assert reader.scalars() == ()


def test_a_list_logged_again_in_another_order_keeps_who_is_who(start: Start) -> None:
    one, two = runlog.Image(GREY, id="one"), runlog.Image(GREY + 9, id="two", fields={"p": 1})
    with start() as run:
        run.log({"a": [one, two]}, step=0)
        with pytest.warns(runlog.RunlogWarning, match="were replaced"):
            run.log({"a": [two, one]}, step=0)
    with runlog.open(run.folder) as reader:
        assert [(image.id, dict(image.fields)) for image in reader.images()] == [
            ("two", {"p": 1}),
            ("one", {}),
        ]
    assert sql(run.folder, "SELECT count(*) FROM image_fields") == [(1,)]


def test_sql_has_a_row_a_field_with_its_image(start: Start) -> None:
    with start() as run:
        run.log({"a": runlog.Image(GREY, id="x", fields=FIELDS)}, step=3)
    rows = sql(run.folder, "SELECT step, key, identity, name, value, type FROM field_log")
    assert rows[:2] == [(3, "a", "x", "truth", 8, "integer"), (3, "a", "x", "p", 0.5, "real")]
    assert [row[-2:] for row in rows[2:]] == [
        (None, "real"),
        (math.inf, "real"),
        (1, "bool"),
        ("acht", "text"),
        (8, "real"),
    ]
    assert sql(run.folder, "SELECT identity FROM image_log") == [("x",)]


def test_a_frame_of_images_has_a_column_for_each_field(start: Start) -> None:
    images = [runlog.Image(GREY, id="x", fields={"p": 0.5, "n": 3, "word": "w"}), runlog.Image(GREY)]
    with start() as run:
        run.log({"a": images}, step=0)
    with runlog.open(run.folder) as reader:
        frame = reader.frame("images")
    assert frame["identity"].isna().tolist() == [False, True]
    assert frame["fields.p"].tolist()[0] == 0.5
    assert frame["fields.n"].isna().tolist() == [False, True]
    assert frame["fields.n"].dtype == "Int64"
    assert frame["fields.word"].tolist()[0] == "w"


def test_a_picture_in_a_table_keeps_its_id_its_fields_and_what_its_boxes_say(start: Start) -> None:
    position = {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}
    boxes = {"b": {"box_data": [{"position": position, "iscrowd": 1}, {"position": position, "ignore": 1}]}}
    image = runlog.Image(GREY, id="x", fields=FIELDS, boxes=boxes)
    with start() as run:
        run.log({"t": runlog.Table(["picture"], [[image]]), "a": image}, step=0)
    with runlog.open(run.folder) as reader:
        ((cell,),) = reader.table("t").rows()
        (alone,) = reader.images()
    for record in (cell, alone):
        assert record.id == "x"
        assert repr(dict(record.fields)) == repr(FIELDS)
        assert [(box.iscrowd, box.ignore) for box in record.boxes[0].boxes] == [(True, False), (False, True)]
    assert sql(run.folder, 'SELECT iscrowd, "ignore" FROM labelled_boxes') == [(1, 0), (0, 1)]
