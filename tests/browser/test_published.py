"""A runs folder that was published: pages of runs use scripts that are there once, those loaded later too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Return the folder that no page may ask for anything outside of."""
    return tmp_path / "public"


def test_every_page_of_a_published_folder_works(
    start: Start, tmp_path: Path, runs: Path, open_page: Open
) -> None:
    box = {"position": {"minX": 0.2, "maxX": 0.7, "minY": 0.2, "maxY": 0.7}, "class_id": 1}
    boxes = {"truth": {"box_data": [box]}, "found": {"box_data": [{**box, "scores": {"p": 0.8}}]}}
    for name in "ab":
        with start(id=name, name=f"run {name}") as run:
            run.define_evaluation("k", truth="truth", predictions="found")
            for step in range(2):
                image = runlog.Image(np.full((40, 40), 99, np.uint8), boxes=boxes)
                run.log({"k": image, "loss": 1 / (step + 1)}, step=step)
    runlog_viewer.build(tmp_path / "runs", output=runs)
    page = open_page(runs / "index.html")
    page.get_by_role("link", name="run a", exact=True).click()
    expect(page.locator(".chart canvas, .chart svg").first).to_be_attached()
    address = page.url
    page.locator("figure.image a").first.click()
    expect(page.locator("dialog.full")).to_be_visible()
    expect(page).not_to_have_url(address)
    page.keyboard.press("Escape")
    # It goes back to its entry in the history of the page, which would break off what is opened meanwhile.
    expect(page).to_have_url(address)
    page.goto((runs / "a/viewer/steps/000000000.html").as_uri())
    expect(page.locator("#live")).to_have_text("finished")
    expect(page.locator(".judged .verdicts").get_by_role("checkbox")).to_have_count(3)
    page.goto((runs / "a/viewer/compare.html").as_uri() + "#panes=.,b")
    expect(page.locator(".pane figure.image")).to_have_count(2)
    assert not list(runs.glob("[ab]/viewer/first.js"))
