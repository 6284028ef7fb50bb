"""Histograms in the browser: bars at their step, heat maps over the steps, and what is read off them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Address = Callable[[str], str]

KEY = "gradients/conv <b>1</b>"
STEPS = range(0, 400, 10)


def numbers(step: int) -> np.ndarray:
    """Return as many numbers as the step says, and one more, around it."""
    return np.linspace(step - 1.0, step + 1.0, step + 1)


@pytest.fixture(scope="module")
def run(start_shared: Start) -> runlog.LocalRun:
    with start_shared(id="a") as run:
        for step in STEPS:
            run.log({KEY: runlog.Histogram(numbers(step)), "loss": 1.0}, step=step)
        run.log({"words": "of step 20"}, step=20)
    runlog_viewer.build(run.folder.parent)
    return run


def heat(page: Page) -> Locator:
    return page.locator(f'.heat[data-key="{KEY}"]')


def go_to(page: Page, part: float) -> None:
    """Move the pointer to a part of the width of the heat map."""
    plot = heat(page).locator(".plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] / 2)


@pytest.mark.parametrize("script", [True, False])
def test_a_step_has_bars_and_says_what_they_hold(
    run: runlog.LocalRun, open_page: Open, *, script: bool
) -> None:
    page = open_page(run.folder / "viewer/steps/000000120.html", java_script_enabled=script)
    shown = page.locator(f'.histogram[data-key="{KEY}"]')
    expect(shown.locator(".bars")).to_be_visible()
    expect(shown.locator("h2 bdi")).to_have_text(KEY)
    expect(shown.locator(".held")).to_have_text("121 in 64 bins")
    expect(shown.locator(".ends span")).to_have_text(["119", "121"])


@pytest.mark.parametrize("script", [True, False])
def test_the_page_of_a_run_shows_the_steps_and_the_bars_of_the_last_one(
    run: runlog.LocalRun, open_page: Open, shoot: Callable[[Page, str], np.ndarray], *, script: bool
) -> None:
    page = open_page(run.folder / "index.html", java_script_enabled=script)
    expect(heat(page).locator(".of-step a")).to_have_text("step 390")
    expect(heat(page).locator(".held")).to_have_text("391 in 64 bins")
    pixels = shoot(page, ".heat .plot").astype(int)
    is_blue = pixels[:, :, 2] - pixels[:, :, 0] > 100
    height, width = is_blue.shape
    # The numbers grow with the steps: from the lower left to the upper right.
    assert is_blue[height // 2 :, : width // 4].any()
    assert is_blue[: height // 2, -width // 4 :].any()
    assert not is_blue[: height // 2, : width // 4].any()


def test_the_bars_are_those_of_the_step_under_the_pointer(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(run.folder / "index.html")
    for part, step in ((0.51, 200), (0.01, 0), (0.99, 390)):
        go_to(page, part)
        expect(heat(page).locator(".of-step a")).to_have_text(f"step {step}")
        expect(heat(page).locator(".held")).to_have_text(re.compile(rf"^{step + 1} in "))
    heat(page).locator(".of-step a").click()
    expect(page.locator("#step")).to_have_text("390")


def test_steps_are_gone_through_by_the_keyboard(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(run.folder / "index.html")
    plot = heat(page).locator(".plot")
    plot.focus()
    for keys, step in (
        ("ArrowLeft", 380),
        ("Shift+ArrowLeft", 280),
        ("ArrowRight", 290),
        ("Shift+ArrowRight", 390),
    ):
        page.keyboard.press(keys)
        expect(heat(page).locator(".of-step a")).to_have_text(f"step {step}")
        expect(plot).to_have_attribute("aria-valuenow", str(step))
        expect(plot).to_have_attribute("aria-valuetext", re.compile(rf"step {step}: {step + 1} in "))
    page.keyboard.press("Enter")
    expect(page.locator("#step")).to_have_text("390")


def test_a_bin_under_the_pointer_is_said(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(run.folder / "viewer/steps/000000120.html")
    bars = page.locator(".histogram .bars")
    box = bars.bounding_box()
    assert box is not None
    bars.hover(position={"x": 1, "y": box["height"] / 2})
    expect(page.locator(".histogram output")).to_have_text("2 from 119 to below 119.031")
    bars.hover(position={"x": box["width"] - 1, "y": box["height"] / 2})
    expect(page.locator(".histogram output")).to_have_text("2 from 120.969 to 121")
    page.mouse.move(0, 0)
    expect(page.locator(".histogram output")).to_have_text("")


def test_the_page_of_the_key_has_the_heat_map_and_the_bars_of_each_step(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(run.folder / "index.html")
    heat(page).locator(".all-steps").click()
    expect(page.locator("#place")).to_have_text("40 steps")
    expect(page.locator(".strip .histogram .held").first).to_have_text("391 in 64 bins")
    go_to(page, 0.51)
    expect(heat(page).locator(".of-step a")).to_have_text("step 200")
    page.locator("#key").select_option("words")
    expect(page.locator(".strip .words")).to_have_text(["of step 20"])
    expect(heat(page)).to_have_count(0)


def test_a_heat_map_takes_in_what_is_logged(start: Start, open_page: Open, live_site: Address) -> None:
    run = start(id="a")
    run.log({KEY: runlog.Histogram(numbers(0))}, step=0)
    page = open_page(live_site("a/index.html"))
    expect(heat(page).locator(".of-step a")).to_have_text("step 0")
    run.log({KEY: runlog.Histogram(numbers(5))}, step=1)
    expect(heat(page).locator(".of-step a")).to_have_text("step 1")
    expect(heat(page).locator(".held")).to_have_text("6 in 64 bins")


def test_a_key_that_once_had_a_histogram_has_none_any_more(start: Start) -> None:
    with start(id="a") as run:
        run.log({KEY: runlog.Histogram([1.0]), "other": "text"}, step=0)
        runlog_viewer.build(run.folder.parent)
        run.log({KEY: 1.0}, step=0)
        runlog_viewer.build(run.folder.parent)
    assert 'class="chart heat"' not in (run.folder / "index.html").read_text("utf-8")


def test_the_entries_of_a_list_show_in_order_and_a_very_long_one_is_loaded(
    start: Start, open_page: Open
) -> None:
    vast = "word " * 5000 + "at the end"
    answers = ["<b>one</b>", vast, *(f"answer {n}" for n in range(2, 20))]
    with start(id="a") as run:
        run.log({"answers": answers, "numbers": [1, 0.5, float("nan")]}, step=3)
    runlog_viewer.build(run.folder.parent)
    for options in ({}, {"java_script_enabled": False}):
        page: Page = open_page(run.folder / "viewer/steps/000000003.html", **options)
        entries = page.locator('.text[data-key="answers"] li')
        expect(entries).to_have_count(20)
        expect(entries.nth(0)).to_have_text("#0<b>one</b>")
        expect(entries.nth(19)).to_have_text("#19answer 19")
        expect(page.locator(".of-numbers")).to_have_text("1, 0.5, NaN")
    page = open_page(Path(f"{run.folder}/viewer/key.html").as_uri() + "#key=answers")
    page.locator(".strip .all").click()
    expect(page.locator(".strip li[data-index='1'] .vast")).to_contain_text("at the end")
