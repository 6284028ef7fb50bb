"""Moving between steps: keys, links, slider and addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer
from runlog_viewer.building import blocks
from runlog_viewer.building.blocks import BLOCK_SIZE

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]

STEPS = (0, 3, 10)


class Watched(Protocol):
    complaints: list[str]
    origins: list[str]


def log_and_build(start: Start) -> runlog.LocalRun:
    with start(id="a") as run:
        for step in STEPS:
            image = runlog.Image(np.full((8, 8), step, np.uint8), caption=f"step {step}", normalize=False)
            run.log({"val/predictions": [image]}, step=step)
            run.log({"loss": 1.0}, step=step + 1)
    runlog_viewer.build(run.folder.parent)
    return run


@pytest.fixture(scope="module")
def run(start_shared: Start) -> runlog.LocalRun:
    """Return a run that tests only read."""
    return log_and_build(start_shared)


@pytest.fixture
def own_run(start: Start) -> runlog.LocalRun:
    """Return a run that a test may change."""
    return log_and_build(start)


def page_of(run: runlog.LocalRun, step: int) -> Path:
    return run.folder / "viewer" / "steps" / f"{step:09d}.html"


def expect_step(page: Page, step: int) -> None:
    expect(page.locator("figcaption")).to_have_text(f"step {step}")
    expect(page.locator("h1")).to_have_text(f"Step {step}")
    expect(page.locator("figure.image")).to_have_attribute("data-step", str(step))


def test_keys_go_through_the_steps_that_have_images(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 0))
    expect(page.locator("#place")).to_have_text("1 of 3")
    for key, step in (
        ("ArrowRight", 3),
        ("ArrowRight", 10),
        ("ArrowRight", 10),
        ("ArrowLeft", 3),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("End", 10),
    ):
        page.keyboard.press(key)
        expect_step(page, step)
    assert page.title().startswith("Step 10 ")


def test_shift_and_arrows_go_ten_steps_and_stop_at_the_ends(start: Start, open_page: Open) -> None:
    with start(id="b") as run:
        for step in range(0, 46, 2):
            image = runlog.Image(np.full((8, 8), step, np.uint8), caption=f"step {step}", normalize=False)
            run.log({"a": image}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(page_of(run, 2))
    expect(page.locator("#place")).to_have_text("2 of 23")
    for key, step in (("ArrowRight", 22), ("ArrowRight", 42), ("ArrowRight", 44), ("ArrowLeft", 24)):
        page.keyboard.press(f"Shift+{key}")
        expect_step(page, step)
    page.locator("#slider").focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect_step(page, 4)


def test_of_many_steps_asked_for_at_once_the_last_is_shown(start: Start, open_page: Open) -> None:
    with start(id="b") as run:
        for step in range(100):
            image = runlog.Image(np.full((8, 8), step, np.uint8), caption=f"step {step}", normalize=False)
            run.log({"a": [image] * 8}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(page_of(run, 0))
    expect(page.locator("#place")).to_have_text("1 of 100")
    page.evaluate(
        """() => {
            const slider = document.getElementById('slider');
            const content = document.getElementById('content');
            window.seen = [];
            new MutationObserver(() => {
              const captions = [...document.querySelectorAll('figcaption')].map((c) => c.textContent);
              window.seen.push([document.getElementById('step').textContent, ...new Set(captions)].join());
            }).observe(content, {subtree: true, characterData: true, childList: true});
            for (let place = 1; place < 100; place += 1) {
              slider.value = place;
              slider.dispatchEvent(new Event('input', {bubbles: true}));
            }
        }"""
    )
    expect(page.locator("h1")).to_have_text("Step 99")
    expect(page.locator("figcaption").first).to_have_text("step 99")
    seen = page.evaluate("window.seen")
    assert 0 < len(seen) < 10
    for step, *captions in (one.split(",") for one in seen):  # never a mixture
        assert captions == [f"step {step}"]


def test_following_ends_when_the_reader_goes_elsewhere(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 0))
    expect(page.locator("#place")).to_have_text("1 of 3")
    page.keyboard.press("f")
    expect_step(page, 10)
    page.keyboard.press("ArrowLeft")
    expect_step(page, 3)
    expect(page.locator("#follow")).to_have_attribute("aria-pressed", "false")


def test_the_slider_shows_the_steps_in_place(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 10))
    expect(page.locator("#place")).to_have_text("3 of 3")
    page.locator("#slider").fill("1")
    expect_step(page, 3)


def test_an_address_taken_on_the_way_opens_at_the_same_step(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 0))
    expect(page.locator("#place")).to_have_text("1 of 3")
    page.keyboard.press("ArrowRight")
    expect_step(page, 3)
    expect_step(open_page(page), 3)


def test_after_very_many_steps_the_address_is_that_of_the_last(start: Start, open_page: Open) -> None:
    with start(id="b") as run:
        for step in range(120):
            run.log({"a": runlog.Image(np.full((8, 8), step, np.uint8), normalize=False)}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(page_of(run, 0))
    expect(page.locator("#place")).to_have_text("1 of 120")
    page.evaluate(
        """() => {
            window.written = 0;
            const replaceState = history.replaceState.bind(history);
            history.replaceState = (...values) => { window.written += 1; replaceState(...values); };
        }"""
    )
    for _ in range(119):
        page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("#step=119$"))
    assert page.evaluate("window.written") < 119


def test_over_http_the_address_is_the_page_of_the_step(
    run: runlog.LocalRun, open_page: Open, watched: Watched, servers: ExitStack
) -> None:
    server = servers.enter_context(runlog_viewer.Server(run.folder.parent))
    origin, _, token = server.url.partition("?")
    watched.origins.append(origin)
    page = open_page(f"{origin}a/viewer/steps/000000000.html?{token}")
    assert "token" not in page.evaluate("location.href")
    expect(page.locator("#place")).to_have_text("1 of 3")
    page.keyboard.press("ArrowRight")
    expect_step(page, 3)
    expect(page).to_have_url(f"{origin}a/viewer/steps/000000003.html")
    page.reload()
    expect_step(page, 3)


def expect_stays(page: Page, step: int, *, asked: int) -> None:
    gone = "the server that gave this page has ended, or its folder is gone."
    expect(page.get_by_role("status").last).to_have_text(f"Step {asked} cannot be loaded: {gone}")
    expect_step(page, step)
    expect(page.locator("#slider")).to_have_value(str(STEPS.index(step)))
    expect(page.locator("#live")).to_have_text("paused")


def test_when_the_server_has_ended_the_step_stays_and_can_be_left_when_it_is_back(
    run: runlog.LocalRun, open_page: Open, watched: Watched
) -> None:
    with runlog_viewer.Server(run.folder.parent) as server:
        origin, _, token = server.url.partition("?")
        watched.origins.append(origin)
        page = open_page(f"{origin}a/viewer/steps/000000000.html?{token}")
        expect(page.locator("#place")).to_have_text("1 of 3")
        expect(page.locator("#live")).to_have_text("finished")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
        expect_stays(page, 0, asked=3)
        expect(page).to_have_url(f"{origin}a/viewer/steps/000000000.html")
    with runlog_viewer.Server(run.folder.parent, port=urlsplit(origin).port) as server:
        page.context.new_page().goto(server.url)  # the reader opens the new address
        page.keyboard.press("ArrowRight")
        expect_step(page, 3)
        expect(page.locator("#notice")).to_be_hidden()
        expect(page.locator("#live")).to_have_text("finished")
        page.context.close()
    watched.complaints.clear()  # of the address that did not answer


def test_when_the_data_of_the_folder_are_gone_the_step_stays(
    own_run: runlog.LocalRun, open_page: Open, watched: Watched
) -> None:
    page = open_page(page_of(own_run, 3))
    expect(page.locator("#place")).to_have_text("2 of 3")
    data = own_run.folder / "viewer"
    data.rename(own_run.folder / "elsewhere")
    page.keyboard.press("End")
    expect_stays(page, 3, asked=10)
    (own_run.folder / "elsewhere").rename(data)
    page.keyboard.press("End")
    expect_step(page, 10)
    expect(page.locator("#notice")).to_be_hidden()
    watched.complaints.clear()


def test_in_full_view_as_well_the_step_stays_and_the_reader_is_told(
    own_run: runlog.LocalRun, open_page: Open, watched: Watched
) -> None:
    page = open_page(page_of(own_run, 3))
    expect(page.locator("#place")).to_have_text("2 of 3")
    page.locator("figure.image a.picture").click()
    expect(page.locator("dialog.full")).to_be_visible()
    (own_run.folder / "viewer/data").rename(own_run.folder / "elsewhere")
    page.keyboard.press("]")
    expect(page.locator("dialog.full #notice")).to_contain_text("Step 10 cannot be loaded")
    expect(page.locator(".full-step")).to_have_text("3")
    watched.complaints.clear()


def test_data_that_cannot_be_loaded_at_once_are_asked_for_again(
    run: runlog.LocalRun, open_page: Open, watched: Watched, servers: ExitStack
) -> None:
    server = servers.enter_context(runlog_viewer.Server(run.folder.parent))
    origin, _, token = server.url.partition("?")
    watched.origins.append(origin)
    page = open_page(f"{origin}index.html?{token}")
    # Before the page is there, which may ask for them ahead of its reader.
    page.route("**/block-0000.js*", lambda route: route.abort(), times=1)
    page.goto(f"{origin}a/viewer/steps/000000000.html")
    expect(page.locator("#place")).to_have_text("1 of 3")
    page.keyboard.press("ArrowRight")
    expect_step(page, 3)
    expect(page.locator("#notice")).to_be_hidden()
    assert len(watched.complaints) == 1
    watched.complaints.clear()  # of the first time


@pytest.mark.parametrize(("asked", "there"), [(5, 3), (11, 10), (999, 10)])
@pytest.mark.parametrize("opened", [0, 3, 10])
def test_an_address_of_a_step_without_a_page_shows_the_latest_before_it_and_says_so(
    run: runlog.LocalRun, open_page: Open, opened: int, asked: int, there: int
) -> None:
    page = open_page(page_of(run, opened).as_uri() + f"#step={asked}")
    expect_step(page, there)
    told = f"Step {asked} has nothing but numbers; this is step {there}."
    expect(page.locator("#notice")).to_have_text(told)
    end = f"#step={there}" if opened != there else ""
    expect(page).to_have_url(page_of(run, opened).as_uri() + end)
    page.keyboard.press("Home")
    expect_step(page, 0)
    expect(page.locator("#notice")).to_be_hidden()


def test_before_the_first_step_with_a_page_it_is_the_first(start: Start, open_page: Open) -> None:
    with start(id="b") as run:
        run.log({"loss": 1.0}, step=0)
        for step in (4, 6):
            image = runlog.Image(np.full((8, 8), step, np.uint8), caption=f"step {step}", normalize=False)
            run.log({"a": image}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(page_of(run, 6).as_uri() + "#step=2")
    expect_step(page, 4)
    expect(page.locator("#notice")).to_have_text("Step 2 has nothing but numbers; this is step 4.")
    page.evaluate("location.hash = 'step=no'")
    expect(page).to_have_url(re.compile("#step=4$"))
    expect_step(page, 4)


def test_pages_link_from_the_overview_to_the_step_and_back(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(run.folder.parent / "index.html")
    page.locator("tbody th a").click()
    page.get_by_role("link", name="Browse steps").click()
    expect_step(page, 10)
    page.locator(".crumbs a").nth(1).click()
    page.locator("details.step-block summary").click()
    page.locator("details.step-block a", has_text="3").click()
    expect_step(page, 3)
    page.locator(".crumbs a").nth(0).click()
    expect(page.locator("h1")).to_contain_text("Runs")


def test_earlier_steps_of_a_long_run_are_found_without_scripts(
    start: Start, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "LISTED_BLOCKS", 1)
    with start(id="a") as run:
        for step in range(2 * BLOCK_SIZE):
            run.log({"a": runlog.Image(np.zeros((1, 1), np.uint8))}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html", java_script_enabled=False)
    page.get_by_text("Earlier steps").click()
    page.locator("details.step-block summary").click()
    page.locator("details.step-block a").nth(7).click()
    expect(page.locator("h1")).to_have_text("Step 7")


def test_a_run_folder_built_alone_has_no_link_out_of_it(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        run.log({"a": runlog.Image(np.zeros((2, 2), np.uint8))}, step=0)
    runlog_viewer.build(run.folder)
    for file in (run.folder / "index.html", page_of(run, 0)):
        page = open_page(file)
        links = page.locator("a[href]").evaluate_all("links => links.map(link => link.href)")
        assert all(link.startswith(run.folder.as_uri()) for link in links)


def test_a_slider_takes_the_keys_that_move_it_and_no_others(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 0))
    expect(page.locator("#place")).to_have_text("1 of 3")
    page.locator("#size").focus()
    size = int(page.locator("#size").input_value())
    page.keyboard.press("ArrowRight")
    assert int(page.locator("#size").input_value()) == size + 8
    expect_step(page, 0)
    page.keyboard.press("c")
    expect(page.locator("#captions")).not_to_be_checked()
    page.keyboard.press("c")
    page.locator("#slider").focus()
    page.keyboard.press("ArrowRight")
    expect_step(page, 3)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Shortcuts", exact=True)).to_be_visible()


def test_the_numbers_of_a_step_go_with_it(start: Start, open_page: Open) -> None:
    with start(id="b") as run:
        for step in range(2):
            run.log({"a": runlog.Image(np.zeros((2, 2), np.uint8)), "loss": step + 0.5}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(page_of(run, 0))
    expect(page.locator("#place")).to_have_text("1 of 2")
    numbers = page.locator(".numbers")
    expect(numbers).to_have_text("loss0.5")
    page.keyboard.press("ArrowRight")
    expect(numbers).to_have_text("loss1.5")


def test_help_opens_with_a_question_mark(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 0))
    expect(page.locator("#place")).to_have_text("1 of 3")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Shortcuts", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Shortcuts", exact=True)).to_be_hidden()
