"""What a row says of the size of a picture is never what memory is taken by."""

from __future__ import annotations

import sqlite3
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
import runlog_viewer
from runlog.exporters import coco

Start = Callable[..., runlog.LocalRun]
MOST_BYTES = 64_000_000


@pytest.fixture
def run_of(start: Start) -> Callable[[int, int], runlog.LocalRun]:
    """Make a run whose row says another size of its one picture."""

    def make(width: int, height: int) -> runlog.LocalRun:
        ids = np.array([[0, 1], [2, 1]])
        with start(id="a") as run:
            run.log(
                {"k": runlog.Image(np.full((2, 2), 9, np.uint8), masks={"m": {"mask_data": ids}})}, step=0
            )
        with closing(sqlite3.connect(run.folder / "run.db", isolation_level=None)) as db:
            db.execute("UPDATE media SET width = ?, height = ? WHERE kind = 'image'", [width, height])
        return run

    return make


def export(folder: Path) -> object:
    return coco.export(folder, folder.parent / "out").problems


def show(folder: Path) -> object:
    with runlog.open(folder) as reader:
        return reader._repr_html_()


USES = (export, show, runlog_viewer.build, lambda folder: runlog.verify(folder, deep=True))


@pytest.mark.parametrize("use", USES, ids=["export", "show", "build", "verify"])
@pytest.mark.parametrize("size", [(65500, 65500), (2**31 - 1, 2**31 - 1), (2**31 - 1, 1)], ids=str)
def test_a_huge_size_takes_no_memory(
    run_of: Callable[[int, int], runlog.LocalRun], use: Callable[[Path], object], size: tuple[int, int]
) -> None:
    run = run_of(*size)
    tracemalloc.start()
    try:
        use(run.folder)
    except runlog.RunlogError as refused:
        assert "media.width" in str(refused)  # noqa: PT017 - either answer is right
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < MOST_BYTES


def test_a_size_that_no_picture_has_is_refused_with_its_column(
    run_of: Callable[[int, int], runlog.LocalRun],
) -> None:
    with (
        runlog.open(run_of(65501, 1).folder) as reader,
        pytest.raises(runlog.StorageError, match=r"media\.width must be .*65500.*65501"),
    ):
        reader.images()


def test_a_mask_over_a_huge_picture_is_left_out_of_an_export_with_a_reason(
    run_of: Callable[[int, int], runlog.LocalRun],
) -> None:
    run = run_of(65500, 65500)
    (problem, *_) = coco.export(run.folder, run.folder.parent / "out").problems
    assert "must be drawn on at most 500,000,000 pixels" in problem


def test_a_row_does_not_let_a_file_be_decoded_that_is_too_large(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start(id="a") as run:
        run.log({"k": runlog.Image(np.full((40, 50), 9, np.uint8))}, step=0)
    monkeypatch.setattr(runlog.Image, "MAX_PIXELS", 40 * 50 - 1)
    with runlog.open(run.folder) as reader:
        (record,) = reader.images()
        with pytest.raises(runlog.StorageError, match=r"Image\.MAX_PIXELS sets the limit"):
            reader.image(record)
        monkeypatch.setattr(runlog.Image, "MAX_PIXELS", 40 * 50)
        assert reader.image(record).image.size == (50, 40)
    assert PILImage.MAX_IMAGE_PIXELS == 89478485
