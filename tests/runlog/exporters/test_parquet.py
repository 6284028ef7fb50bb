"""A Parquet data set of many runs has what the runs hold, and only what changed is written again."""

import json
import math
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runlog
from runlog.exporters import parquet

Start = Callable[..., runlog.LocalRun]

arrow = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed, so Parquet was NOT tested")

CLASSES = {0: "car", 1: "person"}


def layers(chance: np.random.Generator, score: str = "iou") -> dict[str, Any]:
    boxes = [
        {
            "position": {"minX": 0.1, "maxX": 0.6, "minY": 0.2, "maxY": 0.7},
            "class_id": int(chance.integers(0, 2)),
            "scores": {"confidence": float(chance.random()), score: float(chance.random())},
        }
        for _ in range(5)
    ]
    left = float(chance.random()) * 0.3
    true = {"minX": left, "maxX": left + 0.5, "minY": 0.2, "maxY": 0.7}
    truth = [{"position": true, "class_id": class_id} for class_id in CLASSES for _ in range(3)]
    return {
        "predictions": {"box_data": boxes, "class_labels": CLASSES},
        "truth": {"box_data": truth, "class_labels": CLASSES},
    }


def write_run(start: Start, number: int, score: str = "iou") -> Path:
    """Write a run with every kind of value that a data set has."""
    chance = np.random.default_rng(number)
    config = {"lr": 0.1 * number, "most": [math.inf]}
    with start(id=f"run-{number}", config=config, tags=["a", "b"]) as run:
        run.define_evaluation("val/*", truth="truth", predictions="predictions", iou=0.3)
        for epoch in range(3):
            pixels = chance.integers(0, 255, (8, 12, 3), np.uint8)
            masks = {"truth": {"mask_data": (pixels[..., 0] % 3)}}
            image = runlog.Image(
                pixels,
                caption="c",
                boxes=layers(chance, score),
                masks=masks,
                id="picture",
                fields={"p": 0.5, "w": "x"},
            )
            values = {
                "loss": 1 / (epoch + 1),
                "nan": math.nan,
                "note": ["one", "two"],
                "val/pictures": [image],
            }
            run.log({**values, "rows": runlog.Table(["n", "w"], [[epoch, "word"]])}, step=epoch)
    return run.folder


@pytest.fixture
def runs(tmp_path: Path, start: Start) -> Path:
    """Return a folder of three runs."""
    for number in range(3):
        write_run(start, number)
    return tmp_path / "runs"


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    """Return all rows of a table of a data set."""
    return arrow.read_table(out / table).to_pylist()


def times(out: Path) -> dict[str, int]:
    return {str(path.relative_to(out)): path.stat().st_mtime_ns for path in out.rglob("*.parquet")}


def mean_ious(runs: Path, class_label: str) -> dict[tuple[str, int], float]:
    """Return what the run folders say: the mean IoU of found boxes of a class over 0.5, by run and epoch."""
    found: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for run in runlog.runs(runs):
        with runlog.open(run.folder) as reader:
            for image in reader.images():
                (layer,) = (layer for layer in image.boxes if layer.name == "predictions")
                for box, judged in zip(layer.boxes, layer.verdicts, strict=True):
                    is_chosen = CLASSES[box.class_id] == class_label and box.scores["confidence"] > 0.5
                    if is_chosen and judged.iou is not None:
                        found[run.folder.name, image.step].append(judged.iou)
    return {place: float(np.mean(ious)) for place, ious in found.items()}


def judged_fields(run_folder: Path) -> dict[str, tuple[str, float, None]]:
    """Return type and number of each field that evaluation adds to the first image."""
    with runlog.open(run_folder) as reader:
        added = reader.images(0)[0].evaluation.fields  # type: ignore[union-attr]
    return {name: ("integer" if isinstance(n, int) else "real", n, None) for name, n in added.items()}


def test_a_field_that_is_nan_is_nan_and_an_image_that_was_only_judged_has_fields(
    tmp_path: Path, start: Start
) -> None:
    pixels = np.zeros((8, 8), np.uint8)
    truth = {"truth": {"box_data": [{"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}}]}}
    with start() as run:
        run.define_evaluation("val")
        run.log({"val": runlog.Image(pixels, boxes={**truth, "predictions": {"box_data": []}})}, step=0)
    parquet.export(run.folder, tmp_path / "out")
    found = {row["name"]: row["number"] for row in rows(tmp_path / "out", "fields")}
    assert math.isnan(found.pop("precision"))
    assert found == {"tp": 0, "fp": 0, "fn": 1, "recall": 0}


def test_a_data_set_with_other_columns_is_refused(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    parquet.export(runs, out)
    manifest = json.loads((out / "data-set.json").read_text())
    (out / "data-set.json").write_text(json.dumps({**manifest, "version": 1}))
    with pytest.raises(runlog.InvalidValueError, match="columns of version 1, not paths and version 2"):
        parquet.export(runs, out)


def test_it_has_what_the_runs_hold(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = parquet.export(runs, out)
    assert result.problems == ()
    assert result.written["runs"] == 3
    of_runs = {row["run"]: row for row in rows(out, "runs")}
    for run in runlog.runs(runs):
        row = of_runs[run.id]
        assert (row["id"], row["state"], row["tags"], row["revision"]) == (
            run.id,
            run.state,
            ["a", "b"],
            run.revision,
        )
        assert json.loads(row["config"]) == run.config
        assert (row["created_at"], row["folder"]) == (run.created_at, str(run.folder))
        with runlog.open(run.folder) as reader:
            image = reader.images(1)[0]
            place = (run.id, 1, "predictions")
            boxes = [row for row in rows(out, "boxes") if (row["run"], row["step"], row["layer"]) == place]
            said = ("verdict", "partner", "iou", "confused_with")
            assert [[row[name] for name in said] for row in boxes] == [
                [getattr(judged, name) for name in said] for judged in image.boxes[0].verdicts
            ]
            assert [row["scores.iou"] for row in boxes] == [box.scores["iou"] for box in image.boxes[0].boxes]
            assert [(row["left"], row["bottom"]) for row in boxes] == [
                (pytest.approx(1.2), pytest.approx(5.6))
            ] * 5
            assert [row["class_label"] for row in boxes] == [
                CLASSES[box.class_id] for box in image.boxes[0].boxes
            ]
            assert [row["logged_at"] for row in rows(out, "steps") if row["run"] == run.id] == [
                step.logged_at for step in reader.steps()
            ]
            (of_image,) = (row for row in rows(out, "images") if (row["run"], row["step"]) == (run.id, 1))
            assert of_image["path"] == str(image.media.path)
            assert of_image["identity"] == "picture"
    numbers = {(row["run"], row["step"], row["key"]): row["value"] for row in rows(out, "numbers")}
    assert numbers["run-2", 1, "loss"] == 0.5
    assert math.isnan(numbers["run-2", 1, "nan"])
    texts = [row for row in rows(out, "texts") if row["run"] == "run-0"]
    assert [(row["index"], row["text"]) for row in texts] == [(0, "one"), (1, "two")] * 3
    mask = rows(out, "masks")[0]
    assert (mask["layer"], mask["class_ids"], mask["width"]) == ("truth", [0, 1, 2], 12)
    fields = [row for row in rows(out, "fields") if row["run"] == "run-0" and row["step"] == 0]
    assert [(row["name"], row["type"], row["number"], row["text"]) for row in fields] == [
        ("p", "real", 0.5, None),
        ("w", "text", None, "x"),
        *((name, *of_field) for name, of_field in judged_fields(runs / "run-0").items()),
    ]
    assert {row["verdict"] for row in rows(out, "boxes")} > {"true_positive", "missed"}
    cells = [row for row in rows(out, "tables") if row["run"] == "run-0" and row["step"] == 2]
    assert [(row["column"], row["type"], row["number"], row["text"]) for row in cells] == [
        ("n", "number", 2.0, None),
        ("w", "text", None, "word"),
    ]


def test_duckdb_and_polars_answer_as_the_run_folders_do(runs: Path, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed, so its query was NOT run")
    polars = pytest.importorskip("polars", reason="polars is not installed, so its query was NOT run")
    out = tmp_path / "out"
    parquet.export(runs, out)
    expected = mean_ious(runs, "car")
    assert len(expected) > 3
    asked = duckdb.sql(f"""
        SELECT run, step, avg(iou) FROM '{out}/boxes/*.parquet'
        WHERE class_label = 'car' AND "scores.confidence" > 0.5 GROUP BY run, step""").fetchall()
    assert {(run, step): iou for run, step, iou in asked if iou is not None} == pytest.approx(expected)
    boxes = polars.scan_parquet(f"{out}/boxes/*.parquet")
    frame = (
        boxes.filter((polars.col("class_label") == "car") & (polars.col("scores.confidence") > 0.5))
        .group_by("run", "step")
        .agg(polars.col("iou").mean())
        .collect()
    )
    assert {(run, step): iou for run, step, iou in frame.rows() if iou is not None} == pytest.approx(expected)


@pytest.mark.engines
def test_a_dask_cluster_of_two_processes_answers_as_the_run_folders_do(runs: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="distributed is not installed: Dask NOT TESTED")
    frames = pytest.importorskip("dask.dataframe", reason="dask.dataframe is not installed: Dask NOT TESTED")
    out = tmp_path / "out"
    parquet.export(runs, out)
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster):
        boxes = frames.read_parquet(f"{out}/boxes/*.parquet")
        chosen = boxes[(boxes["class_label"] == "car") & (boxes["scores.confidence"] > 0.5)]
        found = chosen.groupby(["run", "step"])["iou"].mean().dropna().compute()
    assert found.to_dict() == pytest.approx(mean_ious(runs, "car"))


def test_only_what_changed_is_read_and_written_again(
    runs: Path, tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "RUNS_PER_PART", 2)
    out = tmp_path / "out"
    parquet.export(runs, out)
    first = times(out)
    assert {name for name in first if name.startswith("boxes")} == {
        "boxes/part-0000.parquet",
        "boxes/part-0001.parquet",
    }
    assert parquet.export(runs, out).written["unchanged"] == 3
    assert times(out) == first
    runlog.edit(runs / "run-1", notes="seen")
    result = parquet.export(runs, out)
    assert (result.written["runs"], result.written["unchanged"]) == (1, 2)
    second = times(out)
    assert {name for name in first if first[name] != second[name]} == {
        name for name in first if "part-0000" in name
    }
    assert [row["notes"] for row in rows(out, "runs")] == [None, "seen", None]
    write_run(start, 3)
    shutil.rmtree(runs / "run-0")
    assert parquet.export(runs, out).written["unchanged"] == 2
    assert {row["run"] for row in rows(out, "numbers")} == {"run-1", "run-2", "run-3"}
    anew = tmp_path / "anew"
    parquet.export(runs, anew)
    for table in parquet._COLUMNS:
        assert by_place(rows(out, table)) == by_place(rows(anew, table))


def by_place(found: Iterable[dict[str, Any]]) -> list[str]:
    return sorted(repr(row) for row in found)


def test_a_new_name_of_a_score_is_a_column_of_every_part(
    runs: Path, tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "RUNS_PER_PART", 2)
    out = tmp_path / "out"
    parquet.export(runs, out)
    before = by_place(rows(out, "masks"))
    write_run(start, 3, score="giou")
    result = parquet.export(runs, out)
    assert (result.written["runs"], result.written["unchanged"]) == (1, 3)
    for path in sorted((out / "boxes").iterdir()):
        assert {"scores.iou", "scores.giou"} <= set(arrow.read_schema(path).names)
    found = {
        row["run"]: (row["scores.iou"] is None, row["scores.giou"] is None)
        for row in rows(out, "boxes")
        if row["layer"] == "predictions"
    }
    assert found == {**dict.fromkeys(("run-0", "run-1", "run-2"), (False, True)), "run-3": (True, False)}
    assert set(before) <= set(by_place(rows(out, "masks")))


def test_pictures_are_embedded_as_their_files(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (media,) = (runs / "run-1/media/images/val/pictures").glob("000000001-*")
    media.unlink()
    result = parquet.export(runs, out, pictures="embedded")
    assert len(result.problems) == 1
    assert media.name in result.problems[0]
    for table in ("images", "masks"):
        for row in rows(out, table):
            file = runs / row["run"] / row["path"]
            assert row["picture"] == (file.read_bytes() if file.exists() else None)
    with pytest.raises(runlog.InvalidValueError, match="must be brought up to date as it was made"):
        parquet.export(runs, out)


def test_a_run_that_cannot_be_read_is_a_problem_and_the_others_are_written(
    runs: Path, tmp_path: Path
) -> None:
    (runs / "run-1/run.db").write_bytes(b"garbage" * 1000)
    result = parquet.export(runs, tmp_path / "out")
    assert ["run-1 is left out" in problem for problem in result.problems] == [True]
    assert {row["run"] for row in rows(tmp_path / "out", "numbers")} == {"run-0", "run-2"}


def test_a_run_that_is_written_meanwhile_is_exported_as_of_one_moment_and_again(
    tmp_path: Path, start: Start
) -> None:
    run, out = start(id="live"), tmp_path / "out"
    image = runlog.Image(np.full((4, 4), 99, np.uint8))
    for step in range(3):
        run.log({"a": [image], "n": step}, step=step)
        parquet.export(run.folder, out)
        assert [row["step"] for row in rows(out, "images")] == list(range(step + 1))
        assert rows(out, "runs")[0]["state"] == "running"
    run.finish()
    parquet.export(run.folder, out)
    assert rows(out, "runs")[0]["state"] == "finished"


@pytest.mark.parametrize("content", ["a-file", "data-set.json"])
def test_a_folder_of_something_else_is_left_alone(runs: Path, tmp_path: Path, content: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / content).write_text("mine")
    with pytest.raises(runlog.InvalidValueError, match="new or empty folder or to a data set"):
        parquet.export(runs, out)
    assert [path.name for path in out.iterdir()] == [content]
    with pytest.raises(runlog.InvalidValueError, match="outside the run folder"):
        parquet.export(runs, runs / "run-0/out")


def test_runs_of_one_name_are_said(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "run-1", tmp_path / "others/run-1")
    result = parquet.export([runs, tmp_path / "others"], tmp_path / "out")
    assert len(result.problems) == 1
    assert "must have a name of its own" in result.problems[0]


def test_what_an_export_that_was_killed_left_is_gone_on_with(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "RUNS_PER_PART", 1)
    replaced: list[Path] = []

    replace = Path.replace

    def kill(self: Path, target: Path) -> Path:
        replaced.append(target)
        if len(replaced) > 12:
            raise KeyboardInterrupt
        return replace(self, target)

    out = tmp_path / "out"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", kill)
        parquet.export(runs, out)
    assert parquet.export(runs, out).written["unchanged"] == 1
    assert len(rows(out, "boxes")) == 99
    assert not list(out.rglob("*.tmp"))


def test_the_columns_are_those_of_the_document() -> None:
    text = (Path(__file__).parents[3] / "docs/many-runs.md").read_text()
    found = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", text, re.MULTILINE))
    words = {
        "text": "",
        "integer": " integer",
        "number": " number",
        "flag": " bool",
        "time": " time",
        "texts": " texts",
    }
    words |= {"integers": " integers"}
    said = {table: re.findall(r"`([\w.]+)`( \w+)?", columns) for table, columns in found.items()}
    assert said == {
        table: [
            ("scores.NAME", " number") if kind == "scores" else (name, words[kind])
            for name, kind in columns.items()
        ]
        for table, columns in parquet._COLUMNS.items()
    }
