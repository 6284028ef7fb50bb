"""A site of a run that logs its tables again while they are read is built, and is right by the next pass."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]


def table(number: int) -> runlog.Table:
    return runlog.Table(["n"], [[number * 1000 + row] for row in range(50)])


def log_between(run: runlog.LocalRun, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Let a run log a table again after each moment that is read; return what says how often it was."""
    read, count = runlog.RunReader._read, [1]

    def read_and_log(reader: runlog.RunReader, query: Callable[[Any], Any]) -> Any:
        found = read(reader, query)
        count[0] += 1
        run.log({"tb": table(count[0])}, step=count[0] % 2)
        return found

    monkeypatch.setattr(runlog.RunReader, "_read", read_and_log)
    return lambda: count[0]


def scripts(folder: Path) -> list[str]:
    return sorted(path.read_text() for path in (folder / "viewer/data").glob("table-*.js"))


@pytest.mark.parametrize("passes", [1, 3])
@pytest.mark.parametrize("place", ["a run", "runs"])
def test_a_site_is_built_while_tables_are_logged_again_and_has_the_last_ones_after(
    start: Start, monkeypatch: pytest.MonkeyPatch, passes: int, place: str
) -> None:
    with start(id="a") as run:
        run.log({"tb": table(1)}, step=0)
        site = run.folder if place == "a run" else run.folder.parent
        for _ in range(passes):
            number = log_between(run, monkeypatch)
            assert runlog_viewer.build(site).problems == ()
            monkeypatch.undo()
        assert number() > 5
        run.log({"tb": table(97)}, step=0)
        run.log({"tb": table(98)}, step=1)
    # What was left of tables that are gone goes as the run ends.
    assert runlog_viewer.build(site).problems == ()
    assert [f"{number}049" in text for number, text in zip((97, 98), scripts(run.folder), strict=True)] == [
        True,
        True,
    ]
    pages = [run.folder / "index.html", *sorted((run.folder / "viewer/steps").glob("*.html"))]
    expected = (">98004<", ">97004<", ">98004<")
    assert all(number in page.read_text("utf-8") for page, number in zip(pages, expected, strict=True))
