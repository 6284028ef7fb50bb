"""Numbers of thousands of classes leave pages small: single classes come last, and the rest is a count."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog_viewer import report
from runlog_viewer.pages import numbers
from runlog_viewer.pages.values import Fact

CLASSES = 2000
NAMES = ("ap50", "recall", "precision")
MOST_BYTES = 100_000


@pytest.fixture(scope="module")
def folder(start_shared: Callable[..., runlog.LocalRun]) -> Path:
    by_class = {f"val/{name}/class {n}": n / CLASSES for n in range(CLASSES) for name in NAMES}
    with start_shared(id="a") as run:
        whole = {f"val/{name}": 0.125 for name in NAMES}
        run.log({"val": runlog.Image(np.zeros((4, 4), np.uint8)), **by_class, **whole}, step=3)
    runlog_viewer.build(run.folder)
    return run.folder


@pytest.mark.parametrize("page", ["index.html", "viewer/steps/000000003.html"])
def test_pages_of_a_run_with_thousands_of_classes_are_small(folder: Path, page: str) -> None:
    html = (folder / page).read_text()
    assert len(html.encode()) <= MOST_BYTES
    for name in NAMES:
        assert html.count(f"val/{name}<") >= 1
    total = (CLASSES + 1) * len(NAMES)
    assert f"And {total - numbers.MOST:,} more numbers" in html


def test_a_report_of_thousands_of_classes_is_small(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    report.export(folder, file)
    html = file.read_text()
    assert len(html.encode()) <= MOST_BYTES
    assert "more numbers" in html


def test_of_many_numbers_a_page_holds_first_those_that_are_no_parts() -> None:
    parts = [Fact(f"a/class {n}", "1") for n in range(numbers.MOST)]
    wholes = [Fact("a", "1"), Fact("b", "2")]
    assert list(numbers.shown([*parts, *wholes])) == [*wholes, *parts[:-2]]
    assert list(numbers.shown([*parts[:-2], *wholes])) == [*parts[:-2], *wholes]
