"""The page of a run has the latest values of each key of other kinds, and follows what is logged."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import runlog
from runlog_viewer.site import Site

Start = Callable[..., runlog.LocalRun]
VALUES = {
    "text": lambda n: [f"one {n}", f"two {n}"],
    "file": lambda n: runlog.File(b"x", name=f"{n}.bin"),
    "table": lambda n: runlog.Table(["n"], [[1000 + n], [2]]),
}


def latest(run: runlog.LocalRun) -> list[tuple[str, str]]:
    """Return key and step of the values on the page of a run."""
    html = (run.folder / "index.html").read_text("utf-8")
    return re.findall(r'class="[^"]*\blogged\b[^"]*" data-key="([^"]*)" data-step="(\d+)"', html)


@pytest.mark.parametrize("kind", VALUES)
def test_the_page_of_a_run_has_the_latest_value_of_each_key(start: Start, tmp_path: Path, kind: str) -> None:
    value = VALUES[kind]
    run = start(id="r")
    site = Site(tmp_path / "runs")

    def log(step: int, **values: object) -> list[tuple[str, str]]:
        run.log(values, step=step)
        site.update()
        return latest(run)

    assert log(3, a=value(3), b=value(4)) == [("a", "3"), ("b", "3")]
    assert log(5, b=value(5), loss=1.0) == [("a", "3"), ("b", "5")]
    assert log(4, b=value(4)) == [("a", "3"), ("b", "5")]  # an earlier step, logged late
    assert log(5, b=1.0) == [("a", "3"), ("b", "4")]  # a number in its place
    assert log(3, a=1.0) == [("b", "4")]
    run.finish()
    before = latest(run)
    Site(tmp_path / "runs").update()
    assert latest(run) == before


def test_the_page_of_a_run_has_the_first_rows_of_its_tables(start: Start, tmp_path: Path) -> None:
    with start(id="r") as run:
        run.log({"t": runlog.Table(["n"], [[1000 + n] for n in range(30)])}, step=1)
        site = Site(tmp_path / "runs")
        site.update()
        html = (run.folder / "index.html").read_text("utf-8")
        assert ("30 rows" in html, ">1004<" in html, ">1005<" in html) == (True, True, False)
        assert '<section class="panel" id="tables"' in html
        run.log({"t": runlog.Table(["n"], [[7777]])}, step=2)
        site.update()
    html = (run.folder / "index.html").read_text("utf-8")
    assert ("1 row<" in html, ">7777<" in html, ">1004<" in html) == (True, True, False)
