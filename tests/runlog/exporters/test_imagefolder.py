"""Imagefolder export, read back by Hugging Face's own `datasets`: what was logged, row by row."""

import json
import math
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog.exporters import imagefolder

Start = Callable[..., runlog.LocalRun]

# In a process of its own: `datasets` changes multiprocessing, logging and warnings as it is imported.
READ = """
import json, sys
import numpy as np
from datasets import load_dataset

def plain(value):
    if hasattr(value, "getpixel"):
        return np.asarray(value).tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value

for folder in sys.stdin:
    (split, rows), = load_dataset("imagefolder", data_dir=json.loads(folder)).items()
    print(json.dumps({"split": split, "rows": [plain(row) for row in rows]}), flush=True)
"""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """Start a process that reads each folder it is told: to import `datasets` takes longer than the rest."""
    with subprocess.Popen(
        [sys.executable, "-c", READ],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path_factory.mktemp("hf"))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


def box(*corners: float, **more: object) -> dict[str, object]:
    position = dict(zip(("minX", "maxX", "minY", "maxY"), corners, strict=True))
    return {"position": position, "domain": "pixel", **more}


@pytest.fixture
def load(reader: subprocess.Popen[str], tmp_path: Path) -> Callable[..., list[dict[str, object]]]:
    """Return a function that exports a run and reads it with `datasets`."""

    def export_and_load(folder: Path, **options: object) -> list[dict[str, object]]:
        imagefolder.export(folder, tmp_path / "out", **options)  # type: ignore[arg-type]
        assert reader.stdin is not None
        assert reader.stdout is not None
        print(json.dumps(str(tmp_path / "out")), file=reader.stdin, flush=True)
        found = reader.stdout.readline()
        assert found, "it has ended: see what it printed"
        read = json.loads(found)
        assert read["split"] == "train"
        return read["rows"]  # type: ignore[no-any-return]

    return export_and_load


def test_every_image_of_every_key_is_a_row_with_its_pixels_and_caption(
    start: Start, load: Callable[..., list[dict[str, object]]], photo: np.ndarray
) -> None:
    # Keys that `datasets` would take for splits, if they were folders.
    with start() as run:
        for step in (0, 12):
            run.log({"val/a": runlog.Image(photo, caption="Bärlauch", grouping=2)}, step=step)
            run.log({"train": [runlog.Image(photo + 1), runlog.Image(photo + 2)], "other": photo_of(3)}, step)
    rows = load(run.folder)
    places = [(row["step"], row["key"], row["index"], row["text"], row["grouping"]) for row in rows]
    assert places == [
        (step, *place)
        for step in (0, 12)
        for place in (
            ("other", 0, None, None),
            ("train", 0, None, None),
            ("train", 1, None, None),
            ("val/a", 0, "Bärlauch", 2),
        )
    ]
    assert [np.array_equal(row["image"], photo) for row in rows] == [False, False, False, True] * 2
    assert np.array_equal(rows[2]["image"], photo + 2)


def photo_of(value: int) -> runlog.Image:
    return runlog.Image(np.full((4, 4, 3), value, np.uint8), normalize=False)


def test_boxes_are_lists_beside_each_other(
    start: Start, load: Callable[..., list[dict[str, object]]], photo: np.ndarray
) -> None:
    middle = {"position": {"middle": [0.5, 0.25], "width": 0.25, "height": 0.5}, "class_id": 2}
    one = box(1, 5, 2, 4, class_id=1, box_caption="rim", scores={"confidence": 0.5})
    layer = {"box_data": [one, middle], "class_labels": {1: "coin"}}
    with start() as run:
        run.log({"a": [runlog.Image(photo, boxes={"p": layer}), runlog.Image(photo)]})
    with_boxes, without = (row["objects"] for row in load(run.folder))
    assert with_boxes == {
        "bbox": [[1, 2, 4, 2], [9, 0, 6, 8]],
        "category": [1, 2],
        "category_name": ["coin", "class_2"],
        "layer": ["p", "p"],
        "index": [0, 1],
        "caption": ["rim", None],
        "score": [0.5, None],
        "scores": [[{"name": "confidence", "value": 0.5}], []],
    }
    assert without == {name: [] for name in with_boxes}


def test_what_no_box_has_is_null(
    start: Start, load: Callable[..., list[dict[str, object]]], photo: np.ndarray
) -> None:
    named = {"box_data": [box(1, 5, 2, 4, class_id=1, box_caption="x", scores={"s": 1})]}
    with start() as run:
        for step in range(3):
            run.log({"a": runlog.Image(photo, boxes={"p": {"box_data": [box(1, 5, 2, 4)]}})}, step=step)
        run.log({"a": runlog.Image(photo, boxes={"p": named})}, step=3)
    objects = [row["objects"] for row in load(run.folder)]
    assert [entry["category"] for entry in objects] == [None, None, None, [1]]
    assert [entry["caption"] for entry in objects] == [None, None, None, ["x"]]
    assert [entry["bbox"] for entry in objects] == [[[1, 2, 4, 2]]] * 4


def test_what_is_first_there_late_in_a_long_file_is_read_too(
    start: Start, load: Callable[..., list[dict[str, object]]], photo: np.ndarray
) -> None:
    long = {"p": {"box_data": [box(1, 5, 2, 4, class_id=1)], "class_labels": {1: "x" * 1_000_000}}}
    masks = {"truth": {"mask_data": np.ones((16, 24), np.uint8)}}
    with start() as run:
        for step in range(11):
            run.log({"a": runlog.Image(photo, boxes=long)}, step=step)
        run.log({"a": runlog.Image(photo, caption="late", grouping=1, masks=masks)}, step=11)
    rows = load(run.folder)
    assert [row["step"] for row in rows] == [11, *range(11)]
    assert (rows[0]["text"], rows[0]["grouping"]) == ("late", 1)
    assert np.array_equal(rows[0]["truth_mask"], np.ones((16, 24)))


def test_a_mask_is_a_column_of_label_images_and_its_labels_stand_beside_it(
    start: Start, load: Callable[..., list[dict[str, object]]], photo: np.ndarray
) -> None:
    small, large = np.zeros((16, 24), np.uint8), np.zeros((16, 24), np.uint16)
    small[2:5, 3:9], large[1:4, 1:4] = 1, 777
    masks = {
        "truth": {"mask_data": small, "class_labels": {1: "coin"}},
        "prediction": {"mask_data": large},
    }
    with start() as run:
        run.log({"a": [runlog.Image(photo, masks=masks), runlog.Image(photo)]})
    first, second = load(run.folder)
    assert np.array_equal(first["image"], photo)
    assert np.array_equal(first["truth_mask"], small)
    assert np.array_equal(first["prediction_mask"], large)
    assert first["masks"] == [
        {"layer": "prediction", "category": [0, 777], "category_name": ["class_0", "class_777"]},
        {"layer": "truth", "category": [0, 1], "category_name": ["class_0", "coin"]},
    ]
    assert (second["truth_mask"], second["masks"]) == (None, [])


def test_what_json_cannot_hold_is_null_or_left_out_and_counted(
    start: Start, load: Callable[..., list[dict[str, object]]], photo: np.ndarray, tmp_path: Path
) -> None:
    boxes = [box(1, 5, 2, 4, scores={"s": math.nan}), box(5, 1, 2, 4), box(-1, 99, 2, 4, scores={"s": 1})]
    with start() as run, warnings.catch_warnings():
        warnings.simplefilter("ignore", runlog.RunlogWarning)
        run.log({"a": runlog.Image(photo, boxes={"p": {"box_data": boxes}})})
    (row,) = load(run.folder)
    assert row["objects"]["bbox"] == [[1, 2, 4, 2], [-1, 2, 100, 2]]
    assert row["objects"]["scores"] == [[{"name": "s", "value": None}], [{"name": "s", "value": 1}]]
    result = imagefolder.export(run.folder, tmp_path / "again")
    assert result.left_out == {"boxes that cannot be drawn (NaN, infinite, inverted or empty)": 1}
    assert result.notes == {
        "scores that are NaN or infinite, and null there": 1,
        "boxes that reach beyond their image, kept as logged": 1,
    }


def test_an_image_whose_file_is_missing_is_a_problem_and_the_others_are_exported(
    start: Start, tmp_path: Path, photo: np.ndarray
) -> None:
    with start() as run:
        run.log({"a": [runlog.Image(photo), runlog.Image(photo + 1)]})
    with runlog.open(run.folder) as reader:
        missing = reader.images()[0].media.path
    (run.folder / missing).unlink()
    result = imagefolder.export(run.folder, tmp_path / "out")
    assert result.written["images"] == 1
    assert str(missing) in result.problems[0]


def test_by_the_documented_rules_each_line_names_a_file_beside_the_metadata(
    start: Start, tmp_path: Path, photo: np.ndarray
) -> None:
    with start() as run:
        run.log({"val/a": [runlog.Image(photo), runlog.Image(photo + 1)]}, step=3)
    out = imagefolder.export(run.folder, tmp_path / "out").path
    entries = [json.loads(line) for line in (out / "metadata.jsonl").read_text().splitlines()]
    for entry, expected in zip(entries, (photo, photo + 1), strict=True):
        with PILImage.open(out / entry["file_name"]) as picture:
            assert np.array_equal(np.asarray(picture), expected)


def test_identity_and_fields_are_columns(
    start: Start, load: Callable[..., list[dict[str, object]]], photo: np.ndarray
) -> None:
    fields = {"n": 3, "p": math.nan, "right": True, "word": "w"}
    with start() as run:
        run.log({"a": [runlog.Image(photo, id="x", fields=fields), runlog.Image(photo)]})
    first, second = load(run.folder)
    assert (first["identity"], second["identity"], second["fields"]) == ("x", None, [])
    assert first["fields"] == [
        {"name": "n", "number": 3.0, "text": None},
        {"name": "p", "number": None, "text": None},
        {"name": "right", "number": 1.0, "text": None},
        {"name": "word", "number": None, "text": "w"},
    ]
