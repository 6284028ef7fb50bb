"""An archive, taken along: unzipped elsewhere it opens from file://, with no network and no runlog."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog

OpenPage = Callable[..., Page]
Start = Callable[..., runlog.LocalRun]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Return where the archive is unzipped: no page may ask for anything outside."""
    return tmp_path / "elsewhere, #1"


def log_run(start: Start, run_id: str, steps: int = 2) -> Path:
    with start(id=run_id, name=f"the run {run_id}") as run:
        for step in range(steps):
            pixels = np.full((40, 60, 3), (200, 30 + step, 30), np.uint8)
            box = {
                "position": {"minX": 5, "maxX": 25, "minY": 5, "maxY": 25},
                "domain": "pixel",
                "class_id": 1,
            }
            image = runlog.Image(
                pixels,
                caption=f"caption {step}",
                boxes={"found": {"box_data": [box], "class_labels": {1: "coin"}}},
                masks={"wide": {"mask_data": np.full((40, 60), 300 + step)}},
            )
            run.log({"val/images": image, "loss": 1 / (step + 1)}, step=step)
    return run.folder


def unzip(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
    archive.unlink()
    (base,) = folder.iterdir()
    return base


def has_pictures(page: Page) -> bool:
    page.wait_for_selector("figure.image img")
    pictures = page.locator("figure.image img")
    for n in range(pictures.count()):
        expect(pictures.nth(n)).to_have_js_property("naturalWidth", 60)
    return pictures.count() > 0


def test_the_front_page_of_an_archive_leads_to_the_run(
    start: Start, open_page: OpenPage, runs: Path, tmp_path: Path
) -> None:
    folder = log_run(start, "r")
    made = runlog.archive([folder], tmp_path / "r.zip")
    folder.rename(tmp_path / "gone")
    base = unzip(made.path, runs)
    page = open_page(base / "index.html", offline=True)
    page.wait_for_url("**/data/r/index.html")
    assert page.locator("body").get_attribute("data-run") == "r"
    assert has_pictures(page)
    page.goto(page.locator("a[href*='000000000.html']").first.evaluate("link => link.href"))
    assert has_pictures(page)
    assert page.locator("rect.box").count() == 1
    assert page.locator("figcaption").first.inner_text() == "caption 0"
    assert runlog.verify(base, deep=True).problems == ()


def test_an_archive_of_several_runs_opens_with_their_overview(
    start: Start, open_page: OpenPage, runs: Path, tmp_path: Path
) -> None:
    for run_id in ("first", "second"):
        log_run(start, run_id)
    made = runlog.archive([tmp_path / "runs"], tmp_path / "all.zip")
    base = unzip(made.path, runs)
    page = open_page(base / "index.html", offline=True)
    page.wait_for_url("**/data/index.html")
    page.get_by_role("link", name="the run second").first.click()
    page.wait_for_url("**/data/second/index.html")
    assert has_pictures(page)


def test_the_front_page_can_be_followed_by_hand(
    start: Start, open_page: OpenPage, runs: Path, tmp_path: Path
) -> None:
    made = runlog.archive([log_run(start, "r")], tmp_path / "r.zip")
    base = unzip(made.path, runs)
    front = base / "index.html"
    front.write_text(front.read_text().replace("refresh", "no-refresh"))
    page = open_page(front, offline=True)
    page.get_by_role("link", name="r", exact=True).click()
    page.wait_for_url("**/data/r/index.html")
    assert has_pictures(page)


def test_the_page_of_an_archived_live_run_is_quiet(
    start: Start, open_page: OpenPage, runs: Path, tmp_path: Path
) -> None:
    with start(id="live") as run:
        run.log({"a": runlog.Image(np.full((40, 60), 99, np.uint8))})
        made = runlog.archive([run.folder], tmp_path / "live.zip")
    page = open_page(unzip(made.path, runs) / "index.html", offline=True)
    page.wait_for_url("**/data/live/index.html")
    assert has_pictures(page)
    page.wait_for_timeout(1500)
    assert has_pictures(page)
