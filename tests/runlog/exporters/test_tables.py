"""CSV export, read back by pandas and by Python's csv: every value as it was logged."""

import csv
import math
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runlog
from runlog.exporters import tables

Start = Callable[..., runlog.LocalRun]
TABLES = ("images", "boxes", "masks", "scalars", "texts", "steps")
PLACE = ["step", "key", "index"]


def box(*corners: float, **more: object) -> dict[str, object]:
    position = dict(zip(("minX", "maxX", "minY", "maxY"), corners, strict=True))
    return {"position": position, "domain": "pixel", **more}


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., dict[str, pandas.DataFrame]]:
    """Return a function that exports a run and reads each table with pandas."""

    def export_and_load(folder: Path, **options: object) -> dict[str, pandas.DataFrame]:
        tables.export(folder, tmp_path / "out", **options)  # type: ignore[arg-type]
        return {name: pandas.read_csv(tmp_path / "out" / f"{name}.csv") for name in TABLES}

    return export_and_load


@pytest.fixture
def rows(tmp_path: Path) -> Callable[..., list[dict[str, str]]]:
    """Return a function that exports a run and reads the fields of one table as texts."""

    def export_and_read(folder: Path, table: str, **options: object) -> list[dict[str, str]]:
        tables.export(folder, tmp_path / "out", **options)  # type: ignore[arg-type]
        with (tmp_path / "out" / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return export_and_read


def test_numbers_come_back_exactly_and_nan_and_infinities_stay_apart(
    start: Start, load: Callable[..., dict[str, pandas.DataFrame]], rows: Callable[..., list[dict[str, str]]]
) -> None:
    values = [0.1, 1 / 3, 5e-324, -1e300, 7, math.nan, math.inf, -math.inf]
    with start() as run:
        for step, value in enumerate(values):
            run.log({"loss": value}, step=step)
    scalars = load(run.folder)["scalars"]
    assert scalars["step"].tolist() == list(range(8))
    assert scalars["key"].unique().tolist() == ["loss"]
    assert np.array_equal(scalars["value"], values, equal_nan=True)


def test_the_field_of_a_number_tells_nan_from_infinities(
    start: Start, rows: Callable[..., list[dict[str, str]]]
) -> None:
    with start() as run:
        run.log({"a": math.nan, "b": math.inf, "c": -math.inf})
    assert [row["value"] for row in rows(run.folder, "scalars")] == ["nan", "inf", "-inf"]


def test_an_image_is_a_row_with_its_place_caption_and_file(
    start: Start, load: Callable[..., dict[str, pandas.DataFrame]], photo: np.ndarray
) -> None:
    images = [runlog.Image(photo, caption="one", grouping=3), runlog.Image(photo)]
    with start() as run:
        run.log({"val/a": images}, step=4)
    table = load(run.folder)["images"]
    assert table[PLACE].to_numpy().tolist() == [[4, "val/a", 0], [4, "val/a", 1]]
    assert table["caption"].tolist()[0] == "one"
    assert table["caption"].isna().tolist() == [False, True]
    assert table[["width", "height", "format"]].to_numpy().tolist() == [[24, 16, "png"]] * 2
    for path, size in zip(table["path"], table["bytes"], strict=True):
        assert (run.folder / path).stat().st_size == size


def test_a_box_is_a_row_with_its_corners_class_and_a_column_for_each_score(
    start: Start, load: Callable[..., dict[str, pandas.DataFrame]], photo: np.ndarray
) -> None:
    middle = {"position": {"middle": [0.5, 0.25], "width": 0.25, "height": 0.5}, "scores": {"iou": 0.1}}
    boxes = {
        "p": {
            "box_data": [box(1, 5, 2, 4, class_id=1, scores={"confidence": 1 / 3}), middle],
            "class_labels": {1: "coin"},
        }
    }
    with start() as run:
        run.log({"a": runlog.Image(photo, boxes=boxes)})
    table = load(run.folder)["boxes"]
    assert table[["left", "top", "right", "bottom"]].to_numpy().tolist() == [[1, 2, 5, 4], [9, 0, 15, 8]]
    assert table["form"].tolist() == ["min_max", "middle"]
    assert table["domain"].tolist() == ["pixel", "fraction"]
    assert table[list("abcd")].to_numpy().tolist() == [[1, 5, 2, 4], [0.5, 0.25, 0.25, 0.5]]
    assert table["class_label"].tolist()[0] == "coin"
    assert table["class_id"].isna().tolist() == [False, True]
    assert table["scores.confidence"].tolist()[0] == 1 / 3
    assert table["scores.confidence"].isna().tolist() == [False, True]
    assert table["scores.iou"].isna().tolist() == [True, False]


def test_a_box_that_cannot_be_drawn_has_its_numbers_and_no_corners(
    start: Start, rows: Callable[..., list[dict[str, str]]], photo: np.ndarray
) -> None:
    bad = box(math.nan, math.inf, 5, 1, scores={"confidence": math.nan})
    with start() as run, warnings.catch_warnings():
        warnings.simplefilter("ignore", runlog.RunlogWarning)
        run.log({"a": runlog.Image(photo, boxes={"p": {"box_data": [bad, box(1, 2, 1, 2)]}})})
    first, second = rows(run.folder, "boxes")
    assert [first[name] for name in ("left", "top", "right", "bottom")] == [""] * 4
    assert [first[name] for name in "abcd"] == ["nan", "inf", "5.0", "1.0"]
    assert (first["scores.confidence"], second["scores.confidence"]) == ("nan", "")


def test_a_mask_has_a_row_for_each_class_id_in_it(
    start: Start, load: Callable[..., dict[str, pandas.DataFrame]], photo: np.ndarray
) -> None:
    mask = np.zeros((16, 24), np.uint16)
    mask[1, 1] = 700
    with start() as run:
        run.log(
            {
                "a": runlog.Image(
                    photo, masks={"truth": {"mask_data": mask, "class_labels": {700: "rim", 9: "x"}}}
                )
            }
        )
    table = load(run.folder)["masks"]
    assert table[["layer", "class_id", "class_label"]].to_numpy().tolist() == [
        ["truth", 0, "class_0"],
        ["truth", 700, "rim"],
    ]
    assert (run.folder / table["path"][0]).is_file()


def test_no_caption_and_an_empty_one_differ_in_the_file(start: Start, tmp_path: Path) -> None:
    grey = np.full((1, 1), 99, np.uint8)
    with start() as run:
        run.log({"a": [runlog.Image(grey, caption=""), runlog.Image(grey)]})
    tables.export(run.folder, tmp_path / "out")
    lines = (tmp_path / "out" / "images.csv").read_text().splitlines()
    assert lines[1].startswith('0,"a",0,"",,')
    assert lines[2].startswith('0,"a",1,,,')


# A NUL cannot pass every CSV reader; pandas ends a field there.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=8))
def test_any_text_comes_back_character_by_character(
    texts: list[str], start: Start, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    with start(dir=folder / "runs") as run:
        for step, text in enumerate(texts):
            run.log({"t": text}, step=step)
    tables.export(run.folder, folder / "out")
    path = folder / "out" / "texts.csv"
    assert pandas.read_csv(path, keep_default_na=False, dtype={"text": str})["text"].tolist() == texts
    with path.open(newline="", encoding="utf-8") as file:
        assert [row["text"] for row in csv.DictReader(file)] == texts


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', "\t=1"])
def test_what_a_spreadsheet_may_take_for_a_formula_is_written_as_it_was_logged(
    text: str, start: Start, rows: Callable[..., list[dict[str, str]]]
) -> None:
    with start() as run:
        run.log({"t": text})
    assert [row["text"] for row in rows(run.folder, "texts")] == [text]


def test_keys_and_steps_count_for_every_table(
    start: Start, load: Callable[..., dict[str, pandas.DataFrame]], photo: np.ndarray
) -> None:
    with start() as run:
        for step in range(4):
            run.log({"a/i": runlog.Image(photo), "a/n": step, "a/t": f"{step}", "b/n": 9}, step=step)
        run.log({"a/n": 4}, step=4)
    found = load(run.folder, keys="a/*", steps="1:4")
    assert {name: found[name]["step"].tolist() for name in ("images", "scalars", "texts")} == {
        "images": [1, 2, 3],
        "scalars": [1, 2, 3],
        "texts": [1, 2, 3],
    }


def test_last_is_the_last_step_of_each_key(
    start: Start, load: Callable[..., dict[str, pandas.DataFrame]], photo: np.ndarray
) -> None:
    with start() as run:
        run.log({"a": runlog.Image(photo), "n": 0, "t": "first"}, step=2)
        run.log({"b": runlog.Image(photo), "n": 1}, step=5)
    found = load(run.folder, steps="last")
    assert found["images"][["key", "step"]].to_numpy().tolist() == [["a", 2], ["b", 5]]
    assert found["scalars"]["step"].tolist() == [5]
    assert found["texts"]["step"].tolist() == [2]


def test_each_step_in_a_table_has_a_row_with_the_time_it_was_logged(
    start: Start, load: Callable[..., dict[str, pandas.DataFrame]]
) -> None:
    with start() as run:
        for step in range(4):
            run.log({"loss": step, "note" if step % 2 else "other": "text"}, step=step)
    steps = load(run.folder, keys="note")["steps"]
    with runlog.open(run.folder) as reader:
        times = {record.step: record.logged_at for record in reader.steps()}
    assert steps["step"].tolist() == [1, 3]
    assert pandas.to_datetime(steps["logged_at"]).tolist() == [times[1], times[3]]
    assert steps["logged_at"].str.endswith("Z").all()


def test_a_run_without_images_has_all_tables_some_of_them_empty(
    start: Start, load: Callable[..., dict[str, pandas.DataFrame]]
) -> None:
    with start() as run:
        run.log({"n": 1})
    found = load(run.folder)
    assert {name: len(table) for name, table in found.items()} == {
        "images": 0,
        "boxes": 0,
        "masks": 0,
        "scalars": 1,
        "texts": 0,
        "steps": 1,
    }


def test_identity_fields_and_what_boxes_say_are_in_their_tables(
    start: Start, rows: Callable[..., list[dict[str, str]]], photo: np.ndarray, tmp_path: Path
) -> None:
    boxes = {"t": {"box_data": [box(1, 5, 2, 4, iscrowd=1), box(1, 5, 2, 4, ignore=True)]}}
    fields = {"n": 3, "p": math.nan, "right": True, "word": 'a "word"'}
    with start() as run:
        run.log({"a": [runlog.Image(photo, id="x", fields=fields, boxes=boxes), runlog.Image(photo)]})
    assert [row["identity"] for row in rows(run.folder, "images")] == ["x", ""]
    with (tmp_path / "out" / "fields.csv").open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert [(row["index"], row["identity"]) for row in found] == [("0", "x")] * 4
    assert [(row["name"], row["value"]) for row in found] == [
        ("n", "3"),
        ("p", "nan"),
        ("right", "True"),
        ("word", 'a "word"'),
    ]
    marks = pandas.read_csv(tmp_path / "out" / "boxes.csv")[["iscrowd", "ignore"]]
    assert marks.to_numpy().tolist() == [[1, 0], [0, 1]]
