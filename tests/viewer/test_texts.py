"""What a script logs as text, on the pages of its run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import runlog
from viewer.site import Site

Start = Callable[..., runlog.LocalRun]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def test_the_run_page_has_the_text_of_the_highest_step_that_still_has_one(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        run.log({"note": "that of two"}, step=2)
        site = Site(runs)
        for change, shown in (
            ({"note": "that of nine"}, "that of nine"),
            ({"note": "again of nine", "loss": 1}, "again of nine"),
            ({"note": 1.0}, "that of two"),
        ):
            run.log(change, step=9)
            site.update()
            html = (run.folder / "index.html").read_text("utf-8")
            known = ("that of two", "that of nine", "again of nine")
            assert [text for text in known if f">{text}<" in html] == [shown]
