"""The page of more runs than it comes with: the older ones follow, and are there without scripts, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from runlog_viewer.building.overview_writer import FIRST_ROWS, ROWS_PER_BLOCK, OverviewWriter
from runlog_viewer.building.shown_run import ShownRun
from runlog_viewer.pages.values import RunCard

Open = Callable[..., Page]

COUNT = FIRST_ROWS + 2 * ROWS_PER_BLOCK


def shown_run(number: int) -> ShownRun:
    """Return a run; the higher its number, the later it was made."""
    name = f"run-{number:04d}"
    card = RunCard(
        folder=name,
        href=f"{name}/index.html",
        name=f"net {number}",
        state="finished",
        revision=1,
        project=None,
        group=None,
        tags=(),
        created="2026-11-22 10:15",
        started=float(number),
        duration="1 s",
        seconds=1.0,
        steps=COUNT - number,
        images=0,
        headline=("summary.loss",),
        columns=(("summary.loss", number / 8),),
        aims=(("summary.loss", "min"),),
    )
    return ShownRun(card, "", {}, f'["{name}",{{}}]')


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("many")


@pytest.fixture(scope="module")
def site(runs: Path) -> tuple[OverviewWriter, Path]:
    """Return what wrote a page of many runs, and where it is."""
    writer = OverviewWriter(runs, "runs")
    writer.write([shown_run(number) for number in range(COUNT)], [])
    return writer, runs / "index.html"


def names(page: Page) -> list[str]:
    return page.locator("tbody tr:visible th a").all_text_contents()


def test_older_runs_are_filtered_sorted_and_picked_as_any(
    site: tuple[OverviewWriter, Path], open_page: Open
) -> None:
    page = open_page(f"{site[1].as_uri()}#pick=run-0001,run-0002")
    expect(page.locator("#count")).to_have_text(f"{COUNT} runs")
    expect(page.locator(".runs.whole")).to_be_visible()
    assert names(page)[:2] == [f"net {COUNT - 1}", f"net {COUNT - 2}"]
    expect(page.locator("#compare")).to_have_text("Compare 2 runs")
    page.locator('th[data-column="steps"] button').click()
    assert names(page)[:3] == ["net 0", "net 1", "net 2"]
    expect(page.locator("tbody tr:visible .best")).to_have_text("0")
    page.locator("#filter").fill("net 7 loss<1")
    expect(page.locator("#count")).to_have_text(f"1 of {COUNT}")
    assert names(page) == ["net 7"]


def test_without_scripts_all_runs_are_there(site: tuple[OverviewWriter, Path], open_page: Open) -> None:
    page = open_page(site[1], java_script_enabled=False)
    listed = page.locator('main a[href$="/index.html"] bdi')
    assert listed.all_text_contents() == [f"net {number}" for number in reversed(range(COUNT))]
    expect(page.get_by_role("heading", name=f"{COUNT - FIRST_ROWS} older runs")).to_be_visible()


def test_one_change_writes_one_block_of_rows_and_open_pages_follow(
    site: tuple[OverviewWriter, Path], open_page: Open
) -> None:
    writer, index = site
    page = open_page(index)
    expect(page.locator(".runs.whole")).to_be_visible()
    blocks = sorted((index.parent / "viewer/data").glob("rows-*"))
    assert len(blocks) == -(-COUNT // ROWS_PER_BLOCK)
    before = [block.stat().st_mtime_ns for block in blocks]
    runs = [shown_run(number) for number in range(COUNT)]
    changed = replace(runs[3], card=replace(runs[3].card, name="renamed", state="failed"))
    writer.write([*runs[:3], changed, *runs[4:]], [])
    assert [block.stat().st_mtime_ns != time for block, time in zip(blocks, before, strict=True)] == [
        True,
        *[False] * (len(blocks) - 1),
    ]
    page.locator("#filter").fill("renamed state=failed")
    expect(page.locator("tbody tr:visible th a")).to_have_text(["renamed"])
    writer.write(runs[:ROWS_PER_BLOCK], [])
    assert [block.exists() for block in blocks] == [True, *[False] * (len(blocks) - 1)]
    page.locator("#filter").fill("")
    expect(page.locator("#count")).to_have_text(f"{ROWS_PER_BLOCK} runs")
