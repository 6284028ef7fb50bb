"""An open page takes in what is logged, on file:// and over http, and leaves the reader where they are."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Address = Callable[[str], str]


class Watched(Protocol):
    complaints: list[str]
    origins: list[str]


SOON = 2  # seconds from log() to the screen
STEP_0 = "viewer/steps/000000000.html"


def log(run: runlog.LocalRun, step: int, *, count: int = 12, shade: int | None = None) -> None:
    pixels = np.full((64, 64, 3), 10 * step if shade is None else shade, np.uint8)
    box = {"position": {"minX": 0.1, "maxX": 0.6, "minY": 0.1, "maxY": 0.6}, "class_id": 1}
    images = [
        runlog.Image(pixels, caption=f"{n} at {step}", boxes={"truth": {"box_data": [box]}})
        for n in range(count)
    ]
    run.log({"val/predictions": images, "loss": 1 / (step + 1)}, step=step)


def log_until_seen_soon(run: runlog.LocalRun, page: Page) -> int:
    """Log steps until one is on screen as soon as is promised, and return it.

    The first one is, on a machine that has nothing else to do; on a busy one, not each has to be.
    """
    seconds = []
    for step in range(1, 6):
        logged = time.perf_counter()
        log(run, step)
        expect(page.locator("figcaption").first).to_have_text(f"0 at {step}")
        seconds.append(time.perf_counter() - logged)
        if seconds[-1] < SOON:
            return step
    pytest.fail(f"steps are on screen after {seconds} s; promised are {SOON} s")


def settle(page: Page) -> int:
    """Scroll down, open the details of an image and switch a layer off; return the scroll position."""
    page.locator("input[data-kind=boxes]").uncheck()
    details = page.locator("figure.image[data-index='7'] details.info")
    details.locator("summary").click()
    details.scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 400)")
    page.evaluate("document.querySelector('figure.image img').wasHere = true")
    return int(page.evaluate("scrollY"))


def expect_settled(page: Page, scrolled: int) -> None:
    assert page.evaluate("scrollY") == scrolled
    assert page.evaluate("document.querySelector('figure.image img').wasHere") is True
    expect(page.locator("figure.image[data-index='7'] details.info")).to_have_attribute("open", "")
    expect(page.locator("input[data-kind=boxes]")).not_to_be_checked()
    expect(page.locator("g.layer").first).to_be_hidden()


def test_a_new_step_appears_on_the_run_page(start: Start, open_page: Open, live_site: Address) -> None:
    with start(id="a") as run:
        log(run, 0)
        page = open_page(live_site("a/index.html"))
        expect(page.locator("#live")).to_have_text("live")
        scrolled = settle(page)
        step = log_until_seen_soon(run, page)
        expect(page.locator("body")).to_have_attribute("data-step", f"{step}")
        expect(page.locator("#step-blocks a")).to_have_count(step + 1)
        expect_settled(page, scrolled)


def test_the_run_page_keeps_the_latest_of_a_key_that_is_logged_less_often(
    start: Start, open_page: Open, live_site: Address
) -> None:
    with start(id="a") as run:
        log(run, 0)
        page = open_page(live_site("a/index.html"))
        expect(page.locator("#live")).to_have_text("live")
        run.log({"input": runlog.Image(np.zeros((8, 8), np.uint8))}, step=1)
        older = page.locator("section.key[data-key='val/predictions']")
        expect(page.locator("section.key")).to_have_count(2)
        expect(older.locator("figcaption").first).to_have_text("0 at 0")
        older.get_by_role("link", name="step 0").click()
        expect(page.locator("h1")).to_have_text("Step 0")


def test_a_page_of_a_run_that_has_ended_stays_so_when_its_server_ends(
    start: Start, open_page: Open, runs: Path, watched: Watched
) -> None:
    with start(id="a") as run:
        log(run, 0)
    runlog_viewer.build(runs)
    with runlog_viewer.Server(runs) as server:
        origin, _, token = server.url.partition("?")
        watched.origins.append(origin)
        page = open_page(f"{origin}a/{STEP_0}?{token}")
        expect(page.locator("#live")).to_have_text("finished")
    with page.expect_event("requestfailed"):
        pass
    page.wait_for_timeout(300)
    expect(page.locator("#live")).to_have_text("finished")
    page.close()
    watched.complaints.clear()  # of the address that answers no longer


def test_a_page_that_follows_moves_to_a_new_step(start: Start, open_page: Open, live_site: Address) -> None:
    with start(id="a") as run:
        log(run, 0)
        page = open_page(live_site(f"a/{STEP_0}"))
        expect(page.locator("#place")).to_have_text("1 of 1")
        page.keyboard.press("f")
        expect(page.locator("#follow")).to_have_attribute("aria-pressed", "true")
        scrolled = settle(page)
        step = log_until_seen_soon(run, page)
        expect(page.locator("h1")).to_have_text(f"Step {step}")
        expect(page.locator("body")).to_have_attribute("data-step", f"{step}")
        expect_settled(page, scrolled)
        page.reload()
        expect(page.locator("#follow")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("figcaption").first).to_have_text(f"0 at {step}")


def test_a_page_that_does_not_follow_stays_and_points_to_the_new_step(
    start: Start, open_page: Open, live_site: Address
) -> None:
    with start(id="a") as run:
        log(run, 0)
        page = open_page(live_site(f"a/{STEP_0}"))
        expect(page.locator("#place")).to_have_text("1 of 1")
        scrolled = settle(page)
        log(run, 5)
        newest = page.locator("#newest")
        expect(newest).to_have_text("step 5 is new")
        expect(page.locator("#next")).to_have_attribute("href", "000000005.html")
        expect(page.locator("figcaption").first).to_have_text("0 at 0")
        expect_settled(page, scrolled)
        newest.click()
        expect(page.locator("figcaption").first).to_have_text("0 at 5")
        expect(newest).to_be_hidden()


def test_the_step_shown_is_redrawn_when_it_is_logged_again(
    start: Start, open_page: Open, live_site: Address
) -> None:
    with start(id="a") as run:
        log(run, 0)
        log(run, 1)
        page = open_page(live_site(f"a/{STEP_0}"))
        before = page.locator("figure.image a").first.get_attribute("href")
        scrolled = settle(page)
        log(run, 0, count=13, shade=99)
        expect(page.locator("figure.image")).to_have_count(13)
        assert page.locator("figure.image a").first.get_attribute("href") != before
        expect_settled(page, scrolled)


def test_a_new_run_and_the_end_of_one_show_in_the_overview(
    start: Start, open_page: Open, live_site: Address
) -> None:
    with start(id="a", name="first") as run:
        log(run, 0)
        page = open_page(live_site("index.html"))
        expect(page.locator("tbody .state")).to_have_text(["running"])
        with start(id="b", name="second"):
            expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody .state")).to_have_text(["finished", "finished"])
    expect(page.locator("#live")).to_have_text("no live run")


def test_the_page_says_when_the_run_has_ended(start: Start, open_page: Open, live_site: Address) -> None:
    with start(id="a") as run:
        log(run, 0)
        page = open_page(live_site(f"a/{STEP_0}"))
        expect(page.locator("#live")).to_have_text("live")
    expect(page.locator("#live")).to_have_text("finished")
