"""A key without images at the step shown keeps its latest earlier ones, and has steps of its own."""

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

BOX = {"position": {"minX": 0.1, "maxX": 0.6, "minY": 0.1, "maxY": 0.6}, "class_id": 5}


def image(key: str, step: int, **overlays: object) -> runlog.Image:
    return runlog.Image(np.full((8, 8), step, np.uint8), caption=f"{key} {step}", normalize=False, **overlays)


@pytest.fixture
def run(start: Start) -> runlog.LocalRun:
    """Log `b` at 0 … 23, `a` at 0, 10 and 20 with boxes and a mask, `c` at 3 only."""
    overlays = {
        "boxes": {"predictions": {"box_data": [BOX], "class_labels": {5: "bird"}}},
        "masks": {"areas": {"mask_data": np.full((8, 8), 7), "class_labels": {7: "sky"}}},
    }
    with start(id="a") as run:
        for step in range(24):
            run.log({"b": image("b", step)}, step=step)
        for step in (0, 10, 20):
            run.log({"a": image("a", step, **overlays)}, step=step)
        run.log({"c": image("c", 3)}, step=3)
    runlog_viewer.build(run.folder.parent)
    return run


def page_of(run: runlog.LocalRun, step: int) -> Path:
    return run.folder / "viewer" / "steps" / f"{step:09d}.html"


def expect_captions(page: Page, *captions: str) -> None:
    expect(page.locator("figcaption")).to_have_text(list(captions))


def section(page: Page, key: str) -> object:
    return page.locator(f"section.key[data-key='{key}']")


def test_earlier_images_are_shown_by_key_and_say_their_step(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 12))
    expect_captions(page, "b 12", "a 10", "c 3")
    expect(page.locator("section.key[data-from] h2 .from")).to_have_text(["from step 10", "from step 3"])
    assert page.locator("figure.image").evaluate_all("all => all.map(f => f.dataset.step)") == [
        "12",
        "10",
        "3",
    ]
    expect(page.locator("h1")).to_have_text("Step 12")
    for key, captions in (
        ("ArrowLeft", ("b 11", "a 10", "c 3")),
        ("ArrowLeft", ("b 10", "a 10", "c 3")),
        ("ArrowLeft", ("b 9", "a 0", "c 3")),
        ("Home", ("b 0", "a 0")),
        ("End", ("b 23", "a 20", "c 3")),
    ):
        page.keyboard.press(key)
        expect_captions(page, *captions)


def test_their_layers_classes_and_mask_colours_come_along(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 12))
    expect_captions(page, "b 12", "a 10", "c 3")
    layers = page.locator(".layers input").evaluate_all(
        "all => all.map(i => [i.dataset.kind, i.dataset.layer])"
    )
    assert layers == [["boxes", "predictions"], ["masks", "areas"]]
    expect(page.locator(".legend bdi")).to_have_text(["bird", "sky"])
    counts = page.locator(".legend .count").evaluate_all("all => all.map(count => count.title)")
    assert counts == ["1 box, masks not counted", "masks not counted"]
    used = page.locator("image.mask").evaluate("mask => mask.getAttribute('filter').slice(5, -1)")
    expect(page.locator(f"filter#{used}")).to_have_count(1)
    page.locator("input[data-kind=boxes]").uncheck()
    expect(page.locator("g.layer")).to_be_hidden()


def test_only_this_step_leaves_them_out_and_is_remembered(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 12))
    expect_captions(page, "b 12", "a 10", "c 3")
    page.keyboard.press("o")
    expect(page.locator("#only-step")).to_be_checked()
    expect_captions(page, "b 12")
    page.keyboard.press("ArrowRight")
    expect_captions(page, "b 13")
    page.goto(page_of(run, 14).as_uri())
    expect(page.locator("#place")).to_have_text("15 of 24")
    expect_captions(page, "b 14")
    page.locator("#only-step").uncheck()
    expect_captions(page, "b 14", "a 10", "c 3")


def test_the_page_itself_is_of_its_step_alone(run: runlog.LocalRun, open_page: Open) -> None:
    expect_captions(open_page(page_of(run, 12), java_script_enabled=False), "b 12")


def test_a_link_to_an_earlier_step_goes_there_in_place(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 12))
    page.evaluate("window.isSamePage = true")
    page.get_by_role("link", name="from step 10").click()
    expect_captions(page, "b 10", "a 10", "c 3")
    expect(page.locator("section.key[data-from]")).to_have_count(1)
    assert page.evaluate("window.isSamePage")


def test_the_buttons_of_a_key_go_to_the_steps_it_has_images_at(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 12))
    expect_captions(page, "b 12", "a 10", "c 3")
    before = page.get_by_role("button", name="Previous step of a")
    after = page.get_by_role("button", name="Next step of a")
    after.click()
    expect_captions(page, "b 20", "a 20", "c 3")
    expect(after).to_have_attribute("aria-disabled", "true")
    for captions in (("b 10", "a 10", "c 3"), ("b 0", "a 0")):
        before.click()
        expect_captions(page, *captions)
    expect(before).to_have_attribute("aria-disabled", "true")
    expect(before).to_be_focused()


def test_brackets_step_through_the_key_under_the_pointer_or_in_focus(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(page_of(run, 12))
    expect_captions(page, "b 12", "a 10", "c 3")
    page.hover("section.key[data-key='a'] img")
    page.keyboard.press("]")
    expect_captions(page, "b 20", "a 20", "c 3")
    page.locator("section.key[data-key='c'] summary").first.focus()
    page.keyboard.press("[")
    expect_captions(page, "b 3", "a 0", "c 3")


def test_a_section_stays_in_its_place_while_its_key_is_stepped_through(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        for step in range(2):
            above = [image("above", step)] * (1 + 30 * step)
            run.log({"above": above, "below": [image("below", step)] * 20}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(page_of(run, 1))
    page.set_viewport_size({"width": 400, "height": 300})  # so that there is room to scroll
    expect(page.locator("#place")).to_have_text("2 of 2")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("h1")).to_have_text("Step 0")
    page.locator("section.key[data-key='below'] summary").first.focus()
    top = "document.querySelector('section.key[data-key=below]').getBoundingClientRect().top"
    before = page.evaluate(top)
    page.keyboard.press("]")
    expect(page.locator("figure.image")).to_have_count(51)
    assert abs(page.evaluate(top) - before) < 1
    assert page.evaluate("scrollY") > 500


def test_an_earlier_image_that_is_logged_again_is_redrawn(
    start: Start, open_page: Open, live_site: Callable[[str], str]
) -> None:
    with start(id="a") as run:
        run.log({"a": image("a", 0)}, step=0)
        run.log({"b": image("b", 1)}, step=1)
        page = open_page(live_site("a/viewer/steps/000000001.html"))
        expect_captions(page, "a 0", "b 1")
        run.log({"a": image("new", 0)}, step=0)
        expect_captions(page, "new 0", "b 1")


def test_of_very_many_keys_the_latest_are_shown(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        for step in range(40):
            run.log({f"key {step:02d}": image("one", step)}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(page_of(run, 39))
    expect(page.locator("section.key")).to_have_count(25)
    assert page.locator("section.key").first.get_attribute("data-key") == "key 15"
