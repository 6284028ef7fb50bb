"""Captions and texts of a run are searched from any of its pages, on file:// and over http."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer
from runlog_viewer.building.blocks import BLOCK_SIZE

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Address = Callable[[str], str]

PAGES = ("index.html", "viewer/steps/000000000.html", "viewer/key.html#key=b")
LAST = BLOCK_SIZE + 5


def picture(caption: str | None) -> runlog.Image:
    return runlog.Image(np.zeros((4, 4), np.uint8), caption=caption)


def log_and_build(start: Start) -> runlog.LocalRun:
    """Build a run of two blocks of steps, most of whose captions are alike."""
    with start(id="a") as run:
        for step in range(LAST + 1):
            run.log(
                {"b": [picture(f"A cat of step {step}"), picture(None)], "a": picture("a Dog")}, step=step
            )
        run.log({"odd/ones": [picture("dogs & CATS <b>together</b>"), picture("only cats")]}, step=3)
        run.log({f"loss/hue {n}": n / 8 for n in range(7)} | {"hue": 1, "e\u0301": 2}, step=4)
    runlog_viewer.build(run.folder)
    return run


@pytest.fixture(scope="module")
def run(start_shared: Start) -> runlog.LocalRun:
    """Return a run that tests only read."""
    return log_and_build(start_shared)


@pytest.fixture
def own_run(start: Start) -> runlog.LocalRun:
    """Return a run that a test may change."""
    return log_and_build(start)


def search(page: Page, words: str) -> None:
    if not page.locator("dialog.search[open]").count():
        page.keyboard.press("/")
    page.get_by_role("searchbox", name="Search keys, captions, classes, boxes and texts").fill(words)
    expect(page.locator(".search .results")).to_have_attribute("aria-busy", "false")


def places(page: Page) -> list[str]:
    return page.locator(".search li .where").all_text_contents()


@pytest.mark.parametrize("path", PAGES, ids=["run", "step", "key"])
def test_all_words_must_be_in_caption_or_key_whatever_their_case(
    run: runlog.LocalRun, open_page: Open, path: str
) -> None:
    page = open_page(f"{run.folder.as_uri()}/{path}")
    expect(page.locator("#live")).not_to_be_empty()
    search(page, "dog cat")
    assert places(page) == ["step 3 · odd/ones · #0"]
    expect(page.locator(".search li .words")).to_have_text("dogs & CATS <b>together</b>")
    expect(page.locator(".search li .words mark")).to_have_text(["dog", "CAT"])
    search(page, "odd only")
    assert places(page) == ["step 3 · odd/ones · #1"]
    search(page, "horse")
    assert places(page) == []


def test_the_newest_come_first_across_blocks_and_more_on_demand(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(run.folder / "index.html")
    search(page, "cat of step")
    assert places(page) == [f"step {step} · b · #0" for step in range(LAST, -1, -1)]
    search(page, "A")
    expect(page.locator(".search [role=status]")).to_have_text(f"{2 * (LAST + 1) + 2} images found")


def test_captions_with_the_words_as_whole_words_come_first_across_blocks(
    start: Start, open_page: Open
) -> None:
    with start(id="a") as run:
        for step in range(BLOCK_SIZE + 2):
            run.log({"a": picture(f"scene {step % 3}, step {step}.25")}, step=step)
        run.log({"a": picture("scene (2): whole")}, step=BLOCK_SIZE + 2)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html")
    search(page, "scene 2")
    steps = [int(place.split()[1]) for place in places(page)]
    whole = [step for step in reversed(range(BLOCK_SIZE + 3)) if step % 3 == 2 or step in (2, BLOCK_SIZE + 2)]
    assert steps[: len(whole)] == whole
    assert steps[len(whole) :] == [step for step in reversed(range(BLOCK_SIZE + 2)) if step not in whole]


def test_what_is_drawn_of_many_results_is_bounded(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        run.log({"a": [picture(f"number {n}") for n in range(450)]}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html")
    search(page, "number")
    expect(page.locator(".search [role=status]")).to_have_text("450 images found")
    expect(page.locator(".search li")).to_have_count(200)
    page.get_by_role("button", name="More").click()
    expect(page.locator(".search li")).to_have_count(400)


@pytest.mark.parametrize("path", PAGES, ids=["run", "step", "key"])
def test_a_result_leads_to_its_image(
    own_run: runlog.LocalRun, open_page: Open, live_site: Address, path: str
) -> None:
    file, mark, place = path.partition("#")
    page = open_page(live_site(f"a/{file}") + mark + place)
    expect(page.locator("#live")).not_to_be_empty()
    search(page, "cats")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".search li a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Step 3")
    expect(page.locator("dialog.search")).not_to_be_visible()
    expect(page.locator("dialog[open]")).to_contain_text("dogs & CATS <b>together</b>")


def test_enter_in_the_field_opens_the_first_result(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(run.folder / "index.html")
    search(page, "together")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Step 3")


def test_keys_are_found_by_name(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(run.folder / "index.html")
    search(page, "odd/")
    first = page.locator(".search li a").first
    expect(first).to_have_text("all steps ofodd/ones")
    first.click()
    expect(page.locator("#key")).to_have_value("odd/ones")


@pytest.mark.parametrize("path", PAGES[:2], ids=["run", "step"])
def test_keys_of_numbers_are_found_and_lead_to_their_charts(
    run: runlog.LocalRun, open_page: Open, path: str
) -> None:
    page = open_page(f"{run.folder.as_uri()}/{path}")
    search(page, "HUE loss")
    found = page.locator(".search li a")
    expect(found).to_have_text([f"chart ofloss/hue {n} last {n / 8:g}" for n in range(5)])
    expect(page.locator(".search [role=status]")).to_have_text("7 charts found, the first 5 charts shown")
    search(page, "hue")  # what is called so, and no more, is among the few that show
    expect(found.first).to_have_text("chart ofhue last 1")
    search(page, "\u00e9")  # whichever way its accent is written
    expect(found).to_have_text("chart ofe\u0301 last 2")
    search(page, "hue 6")
    expect(page.locator(".search [role=status]")).to_have_text("1 chart found")
    found.click()
    expect(page.locator("#chart-title")).to_have_text("loss/hue 6")
    expect(page.locator("#chart-dialog")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/a/index\.html#chart="))


def test_captions_of_a_run_that_goes_on_are_found(start: Start, open_page: Open, live_site: Address) -> None:
    with start(id="a") as run:
        run.log({"a": picture("first one")}, step=0)
        page = open_page(live_site("a/index.html"))
        expect(page.locator("#live")).to_have_text("live")
        search(page, "one")
        assert places(page) == ["step 0 · a · #0"]
        run.log({"a": picture("second one")}, step=1)
        expect(page.locator("body")).to_have_attribute("data-step", "1")
        search(page, "two")
        search(page, "one")
        expect(page.locator(".search li")).to_have_count(2)
        assert places(page)[0] == "step 1 · a · #0"


def test_a_caption_of_a_megabyte_shows_where_the_word_is(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        run.log({"a": picture("word " * 200_000 + "needle" + " word" * 100)}, step=0)
        run.log({"a": picture(None)}, step=1)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html")
    search(page, "needle")
    expect(page.locator(".search mark")).to_have_text("needle")
    assert len(page.locator(".search .words").text_content()) < 500


def test_closed_by_escape_the_focus_is_back_and_nothing_is_lost(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(run.folder / "index.html")
    page.locator("#search").click()
    search(page, "together")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.search")).not_to_be_visible()
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".search li")).to_have_count(1)


def test_classes_and_captions_of_boxes_are_found_with_a_picture_one_hit_an_image(
    start: Start, open_page: Open
) -> None:
    position = {"minX": 0.1, "maxX": 0.6, "minY": 0.1, "maxY": 0.6}
    captions = ["a rare bird", "a bird", "a plane"]
    boxes = [{"position": position, "class_id": 1, "box_caption": caption} for caption in captions]
    layer = {"truth": {"box_data": boxes, "class_labels": {1: "flying"}}}
    mask = {"ground": {"mask_data": np.full((4, 4), 2, np.uint8), "class_labels": {2: "meadow"}}}
    with start(id="a") as run:
        run.log({"x": [runlog.Image(np.zeros((4, 4), np.uint8), boxes=layer), picture("no bird")]}, step=0)
        run.log({"y": runlog.Image(np.zeros((4, 4), np.uint8), masks=mask)}, step=1)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html")
    search(page, "bird")
    assert places(page) == ["step 0 · x · #0", "step 0 · x · #1"]
    first = page.locator(".search li").first
    expect(first.locator(".drawn")).to_have_text(["a rare bird", "a bird"])
    expect(first.locator("img")).to_have_js_property("naturalWidth", 4)
    search(page, "bird rare flying")
    assert places(page) == ["step 0 · x · #0"]
    expect(first.locator(".drawn")).to_have_text(["a rare bird", "flying", "a bird"])
    search(page, "meadow")
    assert places(page) == ["step 1 · y · #0"]
    first.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("Step 1")
