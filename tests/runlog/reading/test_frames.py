"""What was logged, as pandas data frames."""

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog

Start = Callable[..., runlog.LocalRun]


@pytest.fixture
def folder(start: Start) -> Path:
    """Return the folder of a run with two scalars, two images and three boxes."""
    boxes = [
        {
            "position": {"middle": [0.5, 0.5], "width": 0.5, "height": 1},
            "class_id": 1,
            "scores": {"confidence": score},
        }
        for score in (0.9, 0.2)
    ]
    layer = {"p": {"box_data": boxes, "class_labels": {1: "coin"}}}
    with start() as run:
        run.log(
            {"val": [runlog.Image(np.full((4, 8), 99, np.uint8), caption="a", boxes=layer)], "a": 1}, step=5
        )
        no_scores = {"p": {"box_data": [{"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}}]}}
        run.log({"val": runlog.Image(np.full((4, 8), 9, np.uint8), boxes=no_scores), "b": np.nan}, step=2)
        run.log({"a": 2, "b": -1}, step=9)
    return run.folder


def test_scalars_have_a_row_a_step_and_a_column_a_key(folder: Path) -> None:
    with runlog.open(folder) as reader:
        frame = reader.frame()
    assert frame.index.name == "step"
    assert frame.index.tolist() == [2, 5, 9]
    assert list(frame.columns) == ["a", "b"]
    assert frame.fillna(-7).to_dict("list") == {"a": [-7, 1, 2], "b": [-7, -7, -1]}
    assert {str(kind) for kind in frame.dtypes} == {"float64"}


def test_texts_have_a_row_each(start: Start) -> None:
    with start() as run:
        run.log({"b": ["later", "last"], "a": "=1"}, step=3)
        run.log({"a": "", "c": [1, 2]}, step=1)
    with runlog.open(run.folder) as reader:
        frame = reader.frame("texts")
    assert frame.to_dict("list") == {
        "step": [1, 1, 3, 3, 3],
        "key": ["a", "c", "a", "b", "b"],
        "index": [0, 0, 0, 0, 1],
        "text": ["", "[1,2]", "=1", "later", "last"],
        "form": ["text", "numbers", "text", "text", "text"],
    }


def test_histograms_have_a_row_each(start: Start) -> None:
    values = [0.0, 1.0, 1.0, math.nan, math.inf]
    with start() as run:
        run.log({"h": runlog.Histogram(values, num_bins=2)}, step=3)
    with runlog.open(run.folder) as reader:
        frame = reader.frame("histograms")
        counts = reader.frame("histograms")["counts"][0]
    assert frame.columns.tolist()[:4] == ["step", "key", "edges", "counts"]
    assert frame["edges"][0].tolist() == [0, 0.5, 1]
    assert counts.tolist() == [1, 2]
    assert frame.iloc[0, 4:].tolist() == [1, 0, 1]


def test_images_have_a_row_each(folder: Path) -> None:
    with runlog.open(folder) as reader:
        frame = reader.frame("images")
        paths = [str(image.media.path) for image in reader.images()]
    assert frame["step"].tolist() == [2, 5]
    assert frame["path"].tolist() == paths
    assert frame["box_count"].tolist() == [1, 2]


def test_boxes_have_a_row_each_in_pixels_with_their_scores(folder: Path) -> None:
    with runlog.open(folder) as reader:
        frame = reader.frame("boxes")
    assert frame[["step", "index", "box_index"]].to_numpy().tolist() == [[2, 0, 0], [5, 0, 0], [5, 0, 1]]
    assert frame.loc[1, ["left", "top", "right", "bottom"]].tolist() == [2, 0, 6, 4]
    assert "scores" not in frame
    assert frame["scores.confidence"].fillna(-1).tolist() == [-1, 0.9, 0.2]
    assert str(frame["scores.confidence"].dtype) == "float64"
    likely = frame[frame["scores.confidence"] > 0.5]
    assert likely["class_label"].tolist() == ["coin"]


def test_a_run_without_rows_gives_frames_without_rows(start: Start) -> None:
    with start() as run, runlog.open(run.folder) as reader:
        assert [len(reader.frame(rows)) for rows in ("scalars", "images", "boxes")] == [0, 0, 0]
        assert reader.frame().index.name == "step"
        assert "class_label" in reader.frame("boxes")


def test_other_rows_are_an_error(folder: Path) -> None:
    with (
        runlog.open(folder) as reader,
        pytest.raises(runlog.InvalidValueError, match="boxes, judged_boxes, but got 'masks'"),
    ):
        reader.frame("masks")  # type: ignore[arg-type]


def test_without_pandas_the_error_says_what_to_install(folder: Path) -> None:
    code = (
        "import sys; sys.modules['pandas'] = None; import runlog\n"
        "with runlog.open(sys.argv[1]) as reader:\n"
        "    assert reader.scalars()[0].values.tolist() == [1, 2]\n"
        "    try: reader.frame()\n"
        "    except runlog.MissingPackageError as error: print(error, isinstance(error, ImportError))"
    )
    result = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    expected = "pandas must be installed for data frames, but is not: pip install pandas True\n"
    assert result.stdout == expected
