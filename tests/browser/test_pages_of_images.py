"""A key with many images shows as many at a time as a gallery page holds; nothing is cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Open = Callable[..., Page]

COUNT = 250
ONE_PAGE = runlog.Image.MAX_ITEMS


def images(count: int, **fields: object) -> list[runlog.Image]:
    return [runlog.Image(np.zeros((8, 8), np.uint8), caption=f"{n}", **fields) for n in range(count)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> runlog.LocalRun:
    with runlog.init(
        dir=tmp_path_factory.mktemp("runs"), id="a", quiet=True, record_environment=False
    ) as run:
        for step in range(2):
            run.log({"many": images(COUNT), "few": images(ONE_PAGE)}, step=step)
        run.log({"many": images(120)}, step=2)
        run.log({"constructor": images(120)}, step=3)
    runlog_viewer.build(run.folder.parent)
    return run


@pytest.fixture
def runs(run: runlog.LocalRun) -> Path:
    return run.folder.parent


def page_of(run: runlog.LocalRun, step: int) -> Path:
    return run.folder / "viewer" / "steps" / f"{step:09d}.html"


def expect_shown(page: Page, first: int, last: int, count: int = COUNT) -> None:
    many = page.locator("section.key[data-key=many]")
    expect(many.locator("figcaption")).to_have_text([f"{n}" for n in range(first, last + 1)])
    places = [f"{first + 1}–{last + 1} of {count}"] * 2
    expect(many.locator(".pager .place")).to_have_text(places)


def test_a_page_at_a_time_by_buttons_and_by_keys(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 0))
    expect_shown(page, 0, 107)
    pager = page.get_by_role("navigation", name="Pages of many").first
    for name, first, last in (
        ("Next page", 108, 215),
        ("Last page", 216, 249),
        ("Previous page", 108, 215),
        ("First page", 0, 107),
    ):
        pager.get_by_role("button", name=name).click()
        expect_shown(page, first, last)
    expect(pager.get_by_role("button", name="Previous page")).to_have_attribute("aria-disabled", "true")
    for key, first, last in ((".", 108, 215), (">", 216, 249), (",", 108, 215), ("<", 0, 107)):
        page.keyboard.press(key)
        expect_shown(page, first, last)


def test_a_key_that_fits_one_page_has_no_pages(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 0))
    expect_shown(page, 0, 107)
    few = page.locator("section.key[data-key=few]")
    expect(few.locator("figure.image")).to_have_count(ONE_PAGE)
    expect(few.locator(".pager")).to_have_count(0)


def test_the_page_stays_while_the_steps_change_as_far_as_there_are_images(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(page_of(run, 0))
    page.keyboard.press(">")
    expect_shown(page, 216, 249)
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 1")
    expect_shown(page, 216, 249)
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 2")
    expect_shown(page, 108, 119, 120)


def test_the_pages_below_the_images_bring_the_top_of_the_next_page(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(page_of(run, 0))
    expect_shown(page, 0, 107)
    page.get_by_role("navigation", name="Pages of many").last.get_by_role("button", name="Next page").click()
    expect_shown(page, 108, 215)
    expect(page.locator("section.key[data-key=many] figure").first).to_be_in_viewport()


def test_a_key_may_be_named_like_a_property_of_every_object(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 3))
    section = page.locator("section.key[data-key=constructor]")
    expect(section.locator(".pager .place").first).to_have_text("1–108 of 120")
    expect(section.locator("figure.image")).to_have_count(ONE_PAGE)


def test_without_javascript_all_are_there(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 0), java_script_enabled=False)
    expect(page.locator("figure.image")).to_have_count(COUNT + ONE_PAGE)


def test_sorting_and_scores_are_of_all_pages(run: runlog.LocalRun, open_page: Open) -> None:
    def with_box(n: int) -> runlog.Image:
        box = {"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": 1, "scores": {"s": n}}
        return runlog.Image(np.zeros((8, 8), np.uint8), caption=f"{n}", boxes={"b": {"box_data": [box]}})

    options = {"dir": run.folder.parent, "quiet": True, "record_environment": False}
    with runlog.init(id="b", **options) as scored:
        scored.log({"many": [with_box(n) for n in range(COUNT)]}, step=0)
    runlog_viewer.build(scored.folder)
    page = open_page(page_of(scored, 0))
    expect(page.locator("label.score output")).to_have_text("any · 250 boxes")
    page.get_by_role("slider", name="s", exact=True).fill("200")
    expect(page.locator("label.score output")).to_have_text("≥ 200 · 50 of 250 boxes")
    page.get_by_label("Sort by").select_option(label="highest s")
    # Those of which all boxes are hidden have no score, and come last.
    left = [f"{n}" for n in range(COUNT - 1, 199, -1)]
    without = [f"{n}" for n in range(ONE_PAGE - len(left))]
    expect(page.locator("figcaption")).to_have_text(left + without)
    page.get_by_role("slider", name="s", exact=True).fill("0")
    expected = [f"{n}" for n in range(COUNT - 1, COUNT - 1 - ONE_PAGE, -1)]
    expect(page.locator("figcaption")).to_have_text(expected)
