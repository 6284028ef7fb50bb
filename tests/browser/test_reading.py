"""Pages can be read without JavaScript, in the dark, and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer
from runlog import palette

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Shoot = Callable[[Page, str], np.ndarray]


@pytest.fixture(scope="module")
def run(start_shared: Start) -> runlog.LocalRun:
    ids = np.ones((64, 64), np.uint8)
    box = {
        "position": {"minX": 8, "maxX": 40, "minY": 8, "maxY": 40},
        "domain": "pixel",
        "class_id": 2,
        "scores": {"confidence": 0.5},
    }
    with start_shared(id="a", config={"model": {"width": [64] * 40}}, tags=["a tag", "another"]) as run:
        for step in range(3):
            image = runlog.Image(
                np.zeros((64, 64, 3), np.uint8),
                caption="a caption " * 40,
                boxes={"truth": {"box_data": [box], "class_labels": {2: "a class with a long name"}}},
                masks={"truth": {"mask_data": ids, "class_labels": {1: "one"}}},
            )
            wide = runlog.Image(np.zeros((20, 900), np.uint8))
            tall = runlog.Image(np.zeros((900, 20), np.uint8))
            run.log({"val/" + "long" * 30: [image] * 5, "odd": [wide, tall], "loss": step}, step=step)
    runlog_viewer.build(run.folder.parent)
    return run


def pages(run: runlog.LocalRun) -> tuple[Path, ...]:
    return (
        run.folder.parent / "index.html",
        run.folder / "index.html",
        run.folder / "viewer/steps/000000001.html",
    )


def test_without_javascript_a_step_has_pictures_captions_boxes_masks_and_links(
    run: runlog.LocalRun, open_page: Open, shoot: Shoot
) -> None:
    page = open_page(pages(run)[2], java_script_enabled=False)
    expect(page.locator("figure.image")).to_have_count(7)
    expect(page.locator("figcaption").first).to_be_visible()
    expect(page.locator("rect.box")).to_have_count(5)
    seen = shoot(page, "figure.image[data-index='0'] .picture:has(.mask)")
    blended = np.array(palette.channels(palette.colour(1))) / 2
    # inside the box, where neither its edge nor its label is
    assert np.abs(seen[len(seen) // 2, 3 * seen.shape[1] // 8] - blended).max() <= 1.5
    for control in page.locator(".needs-js").all():
        expect(control).to_be_hidden()
    page.locator("figure:has(details.boxes) a.picture").first.hover()
    page.locator("details.boxes summary").first.click()
    expect(page.locator("details.boxes dl").first).to_contain_text("confidence 0.5")
    page.locator("#previous").click()
    expect(page.locator("h1")).to_have_text("Step 0")
    page.locator("#next").click()
    expect(page.locator("h1")).to_have_text("Step 1")
    page.get_by_role("link", name="Steps of the run").click()
    page.locator("details.step-block summary").click()
    page.locator("details.step-block a").nth(2).click()
    expect(page.locator("h1")).to_have_text("Step 2")


def test_without_javascript_the_run_page_has_its_charts(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(pages(run)[1], java_script_enabled=False)
    assert page.locator(".chart .line").get_attribute("d") == "M0,96L150,50L300,4"
    expect(page.locator(".chart text.y")).to_have_text(["0", "1", "2"])
    expect(page.locator(".chart output")).to_have_text("2")


def test_on_a_phone_a_long_run_name_leaves_room_for_the_step(start: Start, open_page: Open) -> None:
    with start(id="a", name="a run with a name that is far too long for a phone") as run:
        run.log({"a": runlog.Image(np.zeros((2, 2), np.uint8))}, step=123_456)
    runlog_viewer.build(run.folder.parent)
    page = open_page(run.folder / "viewer/steps/000123456.html", viewport={"width": 360, "height": 740})
    expect(page.locator("#live")).to_have_text("finished")
    title = page.locator("h1").evaluate("h1 => [h1.clientHeight, h1.getBoundingClientRect().right]")
    assert title[0] < 30
    assert title[1] <= 360
    assert page.evaluate("document.documentElement.scrollWidth") == 360


# The numbers of a page, in words too, that take more than a line.
BROKEN = r"""() => {
    const found = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        if (!texts.currentNode.parentElement.checkVisibility()) continue;
        for (const {0: number, index} of texts.currentNode.data.matchAll(/-?\d+\.\d+(e[-+]\d+)?/g)) {
            const range = new Range();
            range.setStart(texts.currentNode, index);
            range.setEnd(texts.currentNode, index + number.length);
            const lines = [...range.getClientRects()].filter(({width}) => width);
            if (new Set(lines.map(({top}) => Math.round(top))).size > 1) found.push(number);
        }
    }
    return found;
}"""


def test_on_a_phone_no_number_breaks_and_titles_lie_over_nothing(start: Start, open_page: Open) -> None:
    fields = {"p": -0.0044231, "q": -1.23456e-300}
    with start(id="a", name="a") as run:
        picture = runlog.Image(np.zeros((64, 64), np.uint8), fields=fields)
        run.log({"val/loss": -0.004423, "val/acc": -1.2345e-300, "a": picture}, step=2**31)
    runlog_viewer.build(run.folder.parent)
    page = open_page(run.folder / "index.html", viewport={"width": 360, "height": 740})
    expect(page.locator(".headline b")).to_have_text(["-0.004423", "-1.234e-300"])
    assert page.evaluate(BROKEN) == []
    page = open_page(run.folder / "viewer/steps/2147483648.html", viewport={"width": 360, "height": 740})
    page.locator(".about summary").first.click()
    expect(page.locator(".facts").first).to_contain_text("-1.235e-300")
    assert page.evaluate(BROKEN) == []
    [crumbs, title] = page.locator(".crumbs, h1").evaluate_all(
        "all => all.map((one) => [one.getBoundingClientRect(), one.scrollWidth])"
    )
    assert crumbs[0]["x"] + crumbs[1] <= title[0]["x"]


@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
@pytest.mark.parametrize("page_number", range(3), ids=["overview", "run", "step"])
def test_on_a_phone_no_page_scrolls_sideways(
    run: runlog.LocalRun, open_page: Open, colour_scheme: str, page_number: int
) -> None:
    page = open_page(
        pages(run)[page_number], viewport={"width": 360, "height": 740}, color_scheme=colour_scheme
    )
    expect(page.locator("#live")).not_to_be_empty()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("page_number", range(3), ids=["overview", "run", "step"])
def test_pages_are_dark_where_the_reader_wants_it(
    run: runlog.LocalRun, open_page: Open, page_number: int
) -> None:
    background = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    file = pages(run)[page_number]
    assert max(open_page(file, color_scheme="dark").evaluate(background)) < 40
    assert min(open_page(file, color_scheme="light").evaluate(background)) > 200


def test_on_a_phone_the_controls_of_the_display_fold_away(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(pages(run)[2], viewport={"width": 360, "height": 740})
    button = page.get_by_role("button", name="Display")
    expect(page.locator("#size")).to_be_hidden()
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#size")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 2")
    expect(page.locator("#size")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    button.click()
    expect(page.locator("#size")).to_be_hidden()
    page.keyboard.press("c")
    expect(page.locator("figcaption").first).to_be_hidden()
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(button).to_be_hidden()
    expect(page.locator("#captions")).not_to_be_checked()


def test_on_a_phone_the_controls_of_layers_fold_away_too(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(pages(run)[2], viewport={"width": 390, "height": 800})
    button = page.get_by_role("button", name="Layers and order")
    controls = page.locator("#content").locator(".layers, .legend, .scores, .sort").filter(visible=True)
    picture = page.locator("a.picture").first
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(controls).to_have_count(0)
    assert (picture.bounding_box() or {})["y"] < 400
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    assert controls.count() >= 2
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 2")
    assert controls.count() >= 2
    button.click()
    expect(controls).to_have_count(0)
    page.keyboard.press("1")
    page.get_by_role("button", name="Show all").click()
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(button).to_be_hidden()
    assert controls.count() >= 2


def test_without_javascript_a_phone_shows_the_layers(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(pages(run)[2], viewport={"width": 390, "height": 800}, java_script_enabled=False)
    expect(page.locator(".layers")).to_be_visible()
    expect(page.get_by_role("button", name="Layers and order")).to_be_hidden()
