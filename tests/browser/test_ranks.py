"""The ranks of a launch in the pages: one run, with a line for each where that is asked for."""

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


@pytest.fixture(scope="module")
def site(start_shared: Start, shared_runs: Path) -> Path:
    """Build a site of a launch of three ranks, and return its folder."""
    runs = shared_runs / "launch"
    for rank in range(3):
        with start_shared(dir=runs, id=f"job-r{rank}", group="job") as run:
            for step in range(4):
                image = runlog.Image(np.full((4, 4), 50 + rank, np.uint8))
                run.log({"loss": rank + step, "val": image}, step=step)
    runlog_viewer.build(runs)
    return runs


def test_a_launch_has_one_row_that_leads_to_each_rank(site: Path, open_page: Open) -> None:
    page = open_page(site / "index.html")
    expect(page.locator(".runs tbody tr")).to_have_count(1)
    expect(page.locator("#count")).to_have_text("1 run")
    expect(page.locator(".runs tbody td.value")).to_have_text(["4"])
    page.get_by_text("3 ranks").click()
    page.get_by_role("link", name="rank 2").click()
    expect(page.locator("h1")).to_have_text("job-r2")
    page.locator(".crumbs a").click()
    page.get_by_role("link", name="job", exact=True).click()
    expect(page.locator("h1")).to_have_text("job")


def test_charts_have_a_line_a_rank_where_the_reader_wants_it(site: Path, open_page: Open) -> None:
    page = open_page(site / "job-ranks/index.html")
    chart = page.locator('#charts .chart[data-key="loss"]')
    expect(chart.locator(".lines .line")).to_have_count(1)
    page.get_by_label("By rank").check()
    expect(chart.locator(".line-key bdi")).to_have_text(["rank 0", "rank 1", "rank 2"])
    expect(chart.locator(".line-key .value")).to_have_text(["3", "4", "5"])
    expect(chart.locator(".lines .line")).to_have_count(3)
    expect(page).to_have_url(f"{(site / 'job-ranks/index.html').as_uri()}#by=rank")
    other = open_page(page)
    expect(other.locator(".line-key bdi")).to_have_text(["rank 0", "rank 1", "rank 2"])
    page.get_by_label("By rank").uncheck()
    expect(chart.locator(".lines .line")).to_have_count(1)
    expect(chart.locator(".line-key")).to_have_count(0)


def test_a_page_follows_the_ranks_as_they_go_on(
    start: Start, open_page: Open, live_site: Callable[[str], str]
) -> None:
    ranks = [start(id=f"job-r{rank}", group="job") for rank in range(2)]
    for rank, run in enumerate(ranks):
        run.log({"loss": rank}, step=0)
    page = open_page(live_site("job-ranks/index.html"))
    headline = page.locator(".headline li b")
    expect(headline).to_have_text("0.5")
    page.get_by_label("By rank").check()
    expect(page.locator(".line-key .value")).to_have_text(["0", "1"])
    ranks[0].log({"loss": 4}, step=1)
    ranks[1].log({"loss": 6}, step=1)
    expect(headline).to_have_text("5")
    expect(page.locator(".line-key .value")).to_have_text(["4", "6"])
    for run in ranks:
        run.finish()
    expect(page.locator("#live")).to_have_text("finished")
