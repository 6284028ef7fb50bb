"""The scripts of a page come in one file, in the order that its template says, and none is forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog_viewer.html import render
from runlog_viewer.html.assets import OVERVIEW_PAGES, RUN_PAGES, assets

STATIC = render.PACKAGE / "static"
PAGES = (*RUN_PAGES, *OVERVIEW_PAGES)


def source(script: str) -> bytes:
    return (STATIC / f"{script}.js").read_bytes()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_its_scripts_in_order_and_begins_once_all_are_there(page: str) -> None:
    bundle = assets(RUN_PAGES if page in RUN_PAGES else OVERVIEW_PAGES)[f"{page}.js"]
    places = [bundle.index(source(script)) for script in (*render.page_scripts(page), "start")]
    assert places == sorted(places)
    assert bundle.endswith(source("start"))


def test_every_script_is_run_by_some_page() -> None:
    run = {name for names in render.shared_scripts(of_runs=True).values() for name in names}
    run |= {name for page in PAGES for name in render.page_scripts(page)} | {"start"}
    assert run == {file.stem for file in STATIC.glob("*.js")}


def test_every_style_sheet_is_linked_by_some_page_and_a_folder_holds_those_of_its_pages() -> None:
    of_runs, of_overview = (
        {name for name in assets(pages) if name.endswith(".css")} for pages in (RUN_PAGES, OVERVIEW_PAGES)
    )
    assert of_runs | of_overview == {file.name for file in STATIC.glob("*.css")}
    assert "overview.css" not in of_runs
    assert "compare.css" not in of_overview


def test_pages_load_what_is_there(start: Callable[..., runlog.LocalRun], tmp_path: Path) -> None:
    with start(id="a") as run:
        run.log({"a": runlog.Image(np.zeros((2, 2), np.uint8))}, step=0)
    runlog_viewer.build(tmp_path / "runs")
    pages = list((tmp_path / "runs").rglob("*.html"))
    assert len(pages) == 5
    for page in pages:
        html = page.read_text()
        loaded = re.findall(r'<script src="([^"]+)"|<link rel="stylesheet" href="([^"]+)"', html)
        assert len([script for script, _ in loaded if script]) == 3
        assert all((page.parent / (script or sheet)).exists() for script, sheet in loaded)
