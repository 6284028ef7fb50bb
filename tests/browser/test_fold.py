"""The images of a key fold away from its heading, and stay away wherever the reader goes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import runlog
import runlog_viewer

Open = Callable[..., Page]
Start = Callable[..., runlog.LocalRun]


@pytest.fixture(scope="module")
def run(start_shared: Start) -> runlog.LocalRun:
    """Build a run of three steps with three keys, one of them with masks."""
    mask = {"areas": {"mask_data": np.eye(8, dtype=np.uint8)}}
    with start_shared(id="a") as run:
        for step in range(3):
            values = {
                key: [
                    runlog.Image(np.full((8, 8), 40 * step + n + 9, np.uint8), caption=key, masks=masks)
                    for n in range(2)
                ]
                for key, masks in (("a,b", None), ("train", mask), ("val/pred", None))
            }
            run.log(values, step=step)
    runlog_viewer.build(run.folder.parent)
    return run


def step_page(run: runlog.LocalRun, step: int = 0) -> Path:
    return run.folder / f"viewer/steps/{step:09d}.html"


def heading(page: Page, key: str) -> Locator:
    return page.get_by_role("heading", name=key).get_by_role("button", name=key, exact=True)


def expect_open(page: Page, *keys: str) -> None:
    expect(page.locator("section.key")).to_have_count(3)
    expect(page.locator("section.key:has(figure) h2 bdi")).to_have_text(keys)
    expect(page.locator(".fold[aria-expanded=true] bdi")).to_have_text(keys)


def test_a_key_is_folded_away_and_stays_so_at_other_steps_and_on_the_page_of_the_run(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(step_page(run))
    expect_open(page, "a,b", "train", "val/pred")
    heading(page, "train").click()
    expect_open(page, "a,b", "val/pred")
    expect(heading(page, "train")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#step")).to_have_text("1")
    expect_open(page, "a,b", "val/pred")
    page.locator(".crumbs a").last.click()
    expect(page.locator("h1")).to_have_text("a")
    expect_open(page, "a,b", "val/pred")
    heading(page, "train").press("Enter")
    expect_open(page, "a,b", "train", "val/pred")


def test_what_is_folded_away_asks_for_no_file_while_the_steps_change(
    run: runlog.LocalRun, open_page: Open, watched: object
) -> None:
    page = open_page(step_page(run))
    for key in ("train", "val/pred"):
        heading(page, key).click()
    requests: list[str] = watched.requests  # type: ignore[attr-defined]
    requests.clear()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#step")).to_have_text("1")
    expect(page.locator("figure.image[data-step='1']")).to_have_count(2)
    page.wait_for_load_state("networkidle")
    assert not [url for url in requests if "train" in url or "masks" in url or "pred" in url]


def test_one_key_alone_and_all_again(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(step_page(run))
    heading(page, "val/pred").click(modifiers=["Shift"])
    expect_open(page, "val/pred")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#step")).to_have_text("1")
    expect_open(page, "val/pred")
    heading(page, "train").click()
    expect_open(page, "train", "val/pred")
    page.get_by_role("button", name="Show all").click()
    expect_open(page, "a,b", "train", "val/pred")
    for keys in (("a,b",), ("a,b", "train", "val/pred")):
        heading(page, "a,b").press("Shift+Enter")
        expect_open(page, *keys)
    expect(page.locator("#content .show-all")).not_to_be_visible()


def test_all_comes_back_where_there_are_no_layers_either(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        run.log({key: runlog.Image(np.zeros((8, 8), np.uint8)) for key in ("one", "two")}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(step_page(run))
    expect(page.locator("#content .overlays")).to_have_count(0)
    heading(page, "one").click()
    expect(page.locator("figure.image")).to_have_count(1)
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("figure.image")).to_have_count(2)
    expect(page.locator("#content .overlays")).to_have_count(0)


def test_an_address_says_which_keys_are_folded_away_or_which_are_not(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(step_page(run))
    heading(page, "a,b").click()
    heading(page, "val/pred").click()
    expect(page).to_have_url(re.compile(r"#fold=a%252Cb,val/pred$"))
    expect_open(open_page(page), "train")
    heading(page, "train").click(modifiers=["Shift"])
    expect(page).to_have_url(re.compile(r"#open=train$"))
    expect_open(open_page(page), "train")
    heading(page, "train").click()
    expect_open(page)
    expect_open(open_page(page))


def test_a_picture_of_a_folded_key_opens_from_its_address(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(f"{step_page(run, 1).as_uri()}#fold=train&image=train/1")
    expect(page.locator(".full[open] .full-stage img").first).to_be_visible()
    expect(page.locator(".full-step")).to_have_text("1")


def test_the_heading_stays_where_it_is_when_what_is_above_it_goes(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        values = {key: [runlog.Image(np.zeros((8, 8), np.uint8))] * 40 for key in ("a", "b", "c")}
        run.log(values, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(step_page(run))
    heading(page, "b").scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, 300)")
    heading(page, "b").click(modifiers=["Shift"])
    expect(page.locator("section.key:has(figure)")).to_have_count(1)
    expect(heading(page, "b")).to_be_in_viewport()


def test_without_scripts_all_is_open(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(step_page(run), java_script_enabled=False)
    expect(page.locator("section.key figure.image:visible")).to_have_count(6)
    expect(page.locator(".fold")).to_have_count(0)
