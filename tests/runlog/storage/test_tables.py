"""Tables in the run folder: what comes back, what is written once, and which files are needed."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runlog
from runlog.exporters import tables as csv_tables
from runlog.storage.records import ImageRecord
from runlog.storage.tables import TableRows

Start = Callable[..., runlog.LocalRun]

NUMBERS = st.booleans() | st.integers(-(10**30), 10**30) | st.floats()
WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
CELLS = st.none() | NUMBERS | WORDS | st.lists(NUMBERS, max_size=4).map(tuple)
TABLES = st.lists(WORDS, min_size=1, max_size=4, unique=True).flatmap(
    lambda names: st.tuples(st.just(names), st.lists(st.tuples(*[CELLS] * len(names)), max_size=6))
)


def picture(value: int, *, caption: str | None = None) -> runlog.Image:
    """Return a picture unlike those of other values, with boxes and a mask."""
    pixels = np.full((8, 12, 3), value + 100, np.uint8)
    box = {
        "position": {"minX": 0.1, "maxX": 0.5, "minY": 0.2, "maxY": 0.6},
        "class_id": 1,
        "box_caption": "ä",
    }
    labels = {1: "coin"}
    return runlog.Image(
        pixels,
        caption=caption,
        grouping=value,
        boxes={"p": {"box_data": [{**box, "scores": {"s": 0.5}}], "class_labels": labels}},
        masks={"m": {"mask_data": np.full((8, 12), value % 3, np.uint8), "class_labels": labels}},
    )


def same(got: object, expected: object) -> bool:
    """Return whether two cells are the same, types and NaN included."""
    if type(got) is not type(expected):
        return False
    if isinstance(got, tuple) and isinstance(expected, tuple):
        return len(got) == len(expected) and all(map(same, got, expected))
    if isinstance(got, float) and isinstance(expected, float):
        return math.isnan(got) if math.isnan(expected) else (got == expected and str(got) == str(expected))
    return got == expected


def assert_rows(got: Sequence[Sequence[object]], expected: Sequence[Sequence[object]]) -> None:
    assert len(got) == len(expected)
    for row, wanted in zip(got, expected, strict=True):
        assert all(map(same, row, wanted)), (row, wanted)


def count(folder: Path, table: str) -> int:
    with closing(sqlite3.connect(folder / "run.db")) as db:
        (number,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(number)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(content=TABLES)
def test_cells_come_back_with_their_types_through_every_way_out(
    content: tuple[list[str], list[tuple[object, ...]]],
) -> None:
    names, rows = content
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with runlog.init(dir=folder, id="r", quiet=True, record_environment=False) as run:
            run.log({"t": runlog.Table(names, rows)}, step=1)
        with runlog.open(run.folder) as reader:
            table = reader.table("t")
            assert table.columns == tuple(names)
            assert_rows(table.rows(), rows)
            assert_rows(list(table), rows)
            assert table.frame().columns.tolist() == names
            assert len(table.frame()) == len(rows)
        csv_tables.export(run.folder, folder / "csv")
        with (folder / "csv" / "table-1.csv").open(newline="", encoding="utf-8") as file:
            text = file.read()
        assert_rows(read_csv(text)[1:], [[as_field(cell) for cell in row] for row in rows])
        runlog.archive([run.folder], folder / "r.zip")
        assert not runlog.verify(folder / "r.zip").problems
        shutil.unpack_archive(folder / "r.zip", folder / "unzipped")
        with runlog.open(folder / "unzipped" / "r") as reader:
            assert_rows(reader.table("t").rows(), rows)
        with runlog.init(dir=folder, id="r", resume="must", quiet=True, record_environment=False) as run:
            run.log({"t": runlog.Table(names, rows)}, step=2)
        with runlog.open(run.folder) as reader:
            for again in reader.tables():
                assert_rows(again.rows(), rows)


FIELD = re.compile(r'("(?:[^"]|"")*"|[^,\n"]*)([,\n])')


def read_csv(text: str) -> list[list[object]]:
    """Return the fields of a CSV file: texts, and what stands without quotes as it does."""
    rows: list[list[object]] = [[]]
    for field, end in FIELD.findall(text):
        is_text = field.startswith('"')
        rows[-1].append(field[1:-1].replace('""', '"') if is_text else ("bare", field))
        if end == "\n":
            rows.append([])
    return rows[:-1]


def as_field(cell: object) -> object:
    if cell is None:
        return ("bare", "")
    if isinstance(cell, str):
        return cell
    if isinstance(cell, tuple):
        names = {math.inf: "Infinity", -math.inf: "-Infinity"}
        return json.dumps(
            [("NaN" if math.isnan(n) else names.get(n, n)) if isinstance(n, float) else n for n in cell],
            separators=(",", ":"),
        )
    return ("bare", repr(cell))


@pytest.mark.parametrize("grouping", [7, -(2**63), 2**63 - 1])
def test_a_picture_in_a_cell_comes_back_as_an_image_with_all_that_lies_over_it(
    start: Start, grouping: int
) -> None:
    logged = runlog.Image(picture(7, caption="caption"), grouping=grouping)
    with start() as run:
        run.log({"t": runlog.Table(["n", "p"], [[1, None], [2, logged]])}, step=4)
    with runlog.open(run.folder) as reader:
        assert reader.images() == ()
        record = reader.table("t")[1][1]
        assert isinstance(record, ImageRecord)
        assert (record.key, record.step, record.index) == ("t", 4, 1)
        assert (record.caption, record.grouping, record.conversion) == (
            "caption",
            grouping,
            logged.conversion,
        )
        back = reader.image(record)
        assert np.array_equal(np.asarray(back.image), np.asarray(logged.image))
        assert back.boxes["p"].boxes == logged.boxes["p"].boxes
        assert back.boxes["p"].class_labels == {1: "coin"}
        assert np.array_equal(back.masks["m"].mask_data, logged.masks["m"].mask_data)
        assert back.masks["m"].class_labels == {1: "coin"}


def test_boxes_of_a_diverging_model_come_back_as_they_were(start: Start) -> None:
    box = {"position": {"minX": math.nan, "maxX": math.inf, "minY": 0, "maxY": 1}, "scores": {"s": -math.inf}}
    image = runlog.Image(np.zeros((2, 2), np.uint8), boxes={"p": {"box_data": [box]}})
    with pytest.warns(runlog.RunlogWarning, match="row 0, column 'p': 1 of 1 boxes"), start() as run:
        run.log({"t": runlog.Table(["p"], [[image]])}, step=0)
    with runlog.open(run.folder) as reader:
        (record,) = reader.table("t")[0]
    assert isinstance(record, ImageRecord)
    assert record.boxes[0].boxes == image.boxes["p"].boxes


def test_a_table_logged_again_shares_its_rows_and_only_new_ones_are_written(start: Start) -> None:
    table = runlog.Table(["n", "p"])
    with start() as run:
        for step in range(4):
            table.add_row(step, picture(step))
            run.log({"t": table}, step=step)
        run.log({"t": table}, step=4)
    assert count(run.folder, "table_rows") == 4
    assert count(run.folder, "table_data") == 1
    with runlog.open(run.folder) as reader:
        assert [len(one) for one in reader.tables()] == [1, 2, 3, 4, 4]
        assert [row[0] for row in reader.table("t", 2)] == [0, 1, 2]
        assert {one.record.data_id for one in reader.tables()} == {1}


@pytest.mark.parametrize("incremental", [False, True])
def test_appending_a_row_writes_that_row_whatever_there_is(
    incremental: bool, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    add = TableRows.add

    def counted(self: TableRows, state: Any, *arguments: Any) -> Any:
        written.append(len(state.rows))
        return add(self, state, *arguments)

    monkeypatch.setattr(TableRows, "add", counted)
    table = runlog.Table(["n"], [[n] for n in range(5000)], incremental=incremental)
    with start() as run:
        run.log({"t": table})
        table.add_row(7)
        run.log({"t": table})
    assert written == [5000, 1]
    assert len(table) == 5001
    with runlog.open(run.folder) as reader:
        assert len(reader.table("t").rows()) == 5001


def test_an_incremental_table_lets_go_of_what_is_stored_and_belongs_to_one_key(start: Start) -> None:
    table = runlog.Table(["n"], [[1], [2]], incremental=True)
    with start() as run:
        run.log({"t": table}, step=0)
        with pytest.raises(runlog.InvalidValueError, match="one key of one run"):
            run.log({"other": table}, step=1)
        table.add_row(3)
        run.log({"t": table}, step=1)
    with runlog.open(run.folder) as reader:
        assert reader.table("t").rows() == ((1,), (2,), (3,))
        assert [step.step for step in reader.steps()] == [0, 1]


def test_a_table_under_two_keys_has_its_pictures_in_the_folder_of_each(start: Start) -> None:
    table = runlog.Table(["p"], [[picture(1)]])
    with start() as run:
        run.log({"a": table, "b": table}, step=0)
    with runlog.open(run.folder) as reader:
        paths = [row[0].media.path for one in reader.tables() for row in one.rows()]  # type: ignore[union-attr]
    assert [path.parts[2] for path in paths] == ["a", "b"]
    assert runlog.check(run.folder).problems == ()


def test_a_table_that_is_replaced_goes_with_the_files_that_nothing_else_needs(start: Start) -> None:
    kept = picture(1)
    with start() as run:
        run.log({"t": runlog.Table(["p"], [[kept], [picture(2)]])}, step=0)
        run.log({"t": runlog.Table(["p"], [[kept]])}, step=0)
        assert count(run.folder, "table_rows") == 1
        run.log({"t": runlog.Table(["p"], [[picture(3)]])}, step=1)
        with pytest.warns(runlog.RunlogWarning, match="was logged as a table before"):
            run.log({"t": 1.0}, step=1)
    assert count(run.folder, "table_data") == 1
    assert count(run.folder, "media") == 2
    assert runlog.check(run.folder).problems == ()


@pytest.mark.filterwarnings("ignore:.*was logged as:runlog.RunlogWarning")
@pytest.mark.parametrize("incremental", [False, True])
def test_a_table_whose_last_state_was_replaced_goes_on(incremental: bool, start: Start) -> None:
    table = runlog.Table(["n"], [[1]], incremental=incremental)
    with start() as run:
        run.log({"t": table}, step=0)
        table.add_row(2)
        run.log({"t": table}, step=1)
        run.log({"t": 5.0}, step=1)
        table.add_row(3)
        run.log({"t": table}, step=2)
        run.log({"t": 5.0}, step=0)
        run.log({"t": 5.0}, step=2)
        run.log({"t": table}, step=3)
    with runlog.open(run.folder) as reader:
        (only,) = reader.tables()
        assert only.rows() == ((1,), (2,), (3,))
    assert runlog.check(run.folder).problems == ()


def test_going_back_removes_the_rows_of_later_steps_and_their_files(start: Start) -> None:
    table = runlog.Table(["p"])
    with start(id="r") as run:
        for step in range(3):
            table.add_row(picture(step))
            run.log({"t": table, "other": runlog.Table(["n"], [[step]])}, step=step)
    with start(id="r", resume="must", resume_step=0) as run:
        pass
    with runlog.open(run.folder) as reader:
        assert [(one.key, len(one.rows())) for one in reader.tables()] == [("other", 1), ("t", 1)]
        assert len(reader.media()) == 2
    assert count(run.folder, "table_rows") == 2
    assert runlog.check(run.folder).problems == ()
    assert len([path for path in (run.folder / "media").rglob("*") if path.is_file()]) == 2


@pytest.mark.filterwarnings("ignore:.*was logged as:runlog.RunlogWarning")
def test_pruning_images_keeps_the_files_of_tables(start: Start) -> None:
    shared = picture(1)
    with start() as run:
        run.log({"k": [shared, picture(2)]}, step=0)
        run.log({"k": runlog.Table(["p"], [[shared]])}, step=1)
    pruned = runlog.prune(run.folder, keep_last=0, dry_run=False)
    assert pruned.files == 2  # of the picture that only the gallery had, and of its mask
    with runlog.open(run.folder) as reader:
        (record,) = reader.table("k")[0]
        assert isinstance(record, ImageRecord)
        assert np.asarray(reader.open_image(record)).max() == 101
    assert runlog.check(run.folder).problems == ()


WRITER = """
import sys
import numpy as np, runlog
run = runlog.init(dir=sys.argv[1], id="r", quiet=True)
table = runlog.Table(["n", "p", "w"], incremental=True)
for step in range(100_000):
    table.add_row(step, runlog.Image(np.full((16, 16), step % 150 + 100, np.uint8)), f"step {step}")
    table.add_row(None, None, None)
    run.log({"t": table}, step=step)
    print(step, flush=True)
"""


@pytest.mark.on_disk
@pytest.mark.filterwarnings("ignore:.*was logged as:runlog.RunlogWarning")
@pytest.mark.parametrize("moment", [0.02, 0.1, 0.3])
def test_a_kill_loses_no_row_that_was_acknowledged(moment: float, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "0\n"
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
    lines = process.stdout.read().splitlines(keepends=True)
    process.wait()
    process.stdout.close()
    last = max((int(line) for line in lines if line.endswith("\n")), default=0)
    with runlog.open(tmp_path / "r") as reader:
        tables = reader.tables()
        assert len(tables) in (last + 1, last + 2)
        assert [len(one) for one in tables] == [2 * (step + 1) for step in range(len(tables))]
        for number, row in enumerate(tables[-1]):
            if number % 2:
                assert row == (None, None, None)
            else:
                assert (row[0], row[2]) == (number // 2, f"step {number // 2}")
                assert isinstance(row[1], ImageRecord)
                assert np.asarray(reader.open_image(row[1]))[0, 0] == number // 2 % 150 + 100
    runlog.check(tmp_path / "r", repair=True)
    with runlog.init(dir=tmp_path, id="r", resume="must", quiet=True) as run:
        run.log({"t": runlog.Table(["n"], [[1]])})
    assert runlog.check(tmp_path / "r").problems == ()


def test_a_hundred_thousand_rows_come_back(start: Start) -> None:
    rows = [(n, n / 7, f"w{n}", n % 2 == 0, None) for n in range(100_000)]
    with start() as run:
        run.log({"t": runlog.Table(["n", "x", "w", "b", "z"], rows)})
    with runlog.open(run.folder) as reader:
        table = reader.table("t")
        assert table.rows() == tuple(rows)
        assert table[99_999] == rows[-1]
        assert table[-3:] == tuple(rows[-3:])
        assert table[10:0:-5] == (rows[10], rows[5])
        frame = table.frame()
        assert frame["x"].sum() == pytest.approx(sum(row[1] for row in rows))
        assert [str(dtype) for dtype in frame.dtypes][:2] == ["int64", "float64"]


def test_an_empty_table_and_one_of_no_columns_come_back(start: Start) -> None:
    with start() as run:
        run.log({"none": runlog.Table(["a", "b"]), "bare": runlog.Table([], [[], []])}, step=0)
    with runlog.open(run.folder) as reader:
        assert reader.table("none").rows() == ()
        assert reader.table("none").types == {"a": "empty", "b": "empty"}
        assert reader.table("bare").rows() == ((), ())
        assert len(reader.table("bare").frame()) == 2


def test_a_frame_keeps_integers_and_bools_beside_none(start: Start) -> None:
    rows = [[1, True, 0.5, "a", 2**64], [None, None, None, None, 1]]
    with start() as run:
        run.log({"t": runlog.Table(["i", "b", "f", "w", "long"], rows)}, step=0)
    with runlog.open(run.folder) as reader:
        frame = reader.table("t").frame()
        states = reader.frame("tables")
    assert [str(frame[name].dtype) for name in frame] == ["Int64", "boolean", "float64", "object", "object"]
    assert frame["long"].tolist() == [2**64, 1]
    assert states[["step", "key", "row_count"]].values.tolist() == [[0, "t", 2]]


def test_a_table_that_is_not_there_is_said_with_those_that_are(start: Start) -> None:
    with start() as run:
        run.log({"t": runlog.Table(["a"])}, step=0)
    with runlog.open(run.folder) as reader:
        with pytest.raises(runlog.InvalidValueError, match=r"one of \['t'\], but got 'u'"):
            reader.table("u")
        with pytest.raises(runlog.InvalidValueError, match=r"one of \[0\], but got 3"):
            reader.table("t", 3)


def test_csv_has_a_file_for_each_table_and_says_how_much_of_it_a_step_had(
    start: Start, tmp_path: Path
) -> None:
    table = runlog.Table(["n", "p"])
    with start() as run:
        for step in range(2):
            table.add_row(step, picture(step))
            run.log({"t": table}, step=step)
    csv_tables.export(run.folder, tmp_path / "csv")
    with (tmp_path / "csv/tables.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["step"], row["key"], row["row_count"], row["file"]) for row in rows] == [
        ("0", "t", "1", "table-1.csv"),
        ("1", "t", "2", "table-1.csv"),
    ]
    assert json.loads(rows[0]["columns"]) == [["n", "number"], ["p", "image"]]
    with (tmp_path / "csv/table-1.csv").open(newline="") as file:
        content = list(csv.DictReader(file))
    assert [row["n"] for row in content] == ["0", "1"]
    assert all((run.folder / row["p"]).is_file() for row in content)


def test_sql_has_a_row_a_cell(start: Start) -> None:
    with start() as run:
        run.log({"t": runlog.Table(["n", "x"], [[1, math.nan], ["w", picture(1)], [True, [1, 2]]])}, step=3)
    with closing(sqlite3.connect(run.folder / "run.db")) as db:
        cells = db.execute('SELECT step, key, "row", "column", value, type FROM table_cells').fetchall()
    assert [cell[:4] for cell in cells] == [(3, "t", row, name) for row in range(3) for name in "nx"]
    assert [cell[4:] for cell in cells if cell[3] == "n"] == [(1, "integer"), ("w", "text"), (1, "true")]
    nan, path, numbers = [cell[4:] for cell in cells if cell[3] == "x"]
    assert (nan, numbers) == (("NaN", "real"), ("[1,2]", "array"))
    assert (run.folder / path[0]).is_file()
    assert path[1] == "image"


def test_an_image_of_a_class_of_the_script_is_a_picture(start: Start) -> None:
    class Own(runlog.Image):
        pass

    with start() as run:
        run.log({"t": runlog.Table(["a"], [[Own(np.full((4, 4), 7, np.uint8))]])}, step=0)
    with runlog.open(run.folder) as reader:
        table = reader.table("t")
        assert table.types == {"a": "image"}
        assert reader.pixels(table[0][0]).tolist() == [[7] * 4] * 4


def test_rows_are_chosen_as_by_a_slice(start: Start) -> None:
    with start() as run:
        run.log({"t": runlog.Table(["n"], [[n] for n in range(10)])}, step=0)
    with runlog.open(run.folder) as reader:
        table = reader.table("t")
        for first, stop in ((0, None), (-3, None), (2, 5), (8, 99), (20, 30), (3, -3), (5, 2)):
            assert [n for (n,) in table.rows(first, stop)] == list(range(10))[first:stop]
