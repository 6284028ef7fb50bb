"""The page of a run: what it says of the run, and what can be taken from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]


def test_the_run_id_and_the_command_are_copied(start: Start, open_page: Open) -> None:
    with start(id="a-run", record_environment=True) as run:
        run.log({f"w{n}": n for n in range(20)}, step=0)
        run.log({"a": runlog.Image(np.zeros((8, 8), np.uint8), caption="x")}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html")
    field = page.get_by_label("Filter charts")
    page.locator("footer").get_by_role("button", name="Copy").click()
    field.press("Control+v")
    expect(field).to_have_value("a-run")
    page.locator(".environment summary").first.click()
    command = page.locator(".command")
    command.get_by_role("button").click()
    expect(command.get_by_role("button")).to_have_text("Copied")
    field.fill("")
    field.press("Control+v")
    expect(field).to_have_value(command.locator("code").text_content())


@pytest.fixture(scope="module")
def site(start_shared: Start) -> Path:
    """Build the page of a run with 30 pictures, numbers of three sections and a script that was edited."""
    with start_shared(id="a", config={"lr": 1}, tags=["a tag"]) as run:
        run.define_metric("val/iou", summary="max")
        for step in range(4):
            pictures = [runlog.Image(np.full((64, 64), 8 * step, np.uint8))] * 30
            numbers = {"val/iou": [0.1, 0.9, 0.4, 0.5][step], "train/loss": 4 - step, "train/a": step}
            run.log({"samples": pictures, "epoch": step, "acc": step, "loss": 1, **numbers}, step=step)
    runlog_viewer.build(run.folder)
    return run.folder / "index.html"


@pytest.mark.parametrize("has_scripts", [True, False])
def test_the_result_is_said_first(site: Path, open_page: Open, has_scripts: bool) -> None:
    page = open_page(site, java_script_enabled=has_scripts)
    numbers = page.locator(".headline li")
    assert [text.split() for text in numbers.all_text_contents()][:3] == [
        ["val/iou", "0.5", "best", "0.9", "at", "step", "1"],
        ["acc", "3", "best", "3", "at", "step", "3"],
        ["loss", "1", "best", "1", "at", "step", "0"],
    ]
    assert numbers.locator("a").all_text_contents() == ["val/iou", "acc", "loss", "train/loss", "train/a"]
    assert (numbers.first.bounding_box() or {})["y"] < (page.locator("#latest").bounding_box() or {})["y"]
    expect(page.locator(".head .state")).to_have_count(0)  # the run finished, as most do


def test_a_number_of_five_digits_is_on_one_line_beside_its_curve_at_any_width(
    site: Path, open_page: Open
) -> None:
    page = open_page(site)
    page.locator(".headline b").evaluate_all("all => all.forEach((b) => { b.textContent = '-0.01376'; })")
    for width in (1440, 1100, 390, 360):
        page.set_viewport_size({"width": width, "height": 700})
        sizes = page.locator(".headline :is(b, svg)").evaluate_all(
            "all => all.map((one) => [one.getBoundingClientRect().height, one.getBoundingClientRect().width])"
        )
        assert {height for height, _ in sizes} == {28}
        assert min(wide for _, wide in sizes) >= 28
    # The end of a key is told, whatever there is before it.
    name = page.locator(".headline li").first.locator("a span")
    name.first.evaluate("one => { one.textContent = 'val/predictions/of/a/long/name'; }")
    assert name.evaluate_all("all => all.map((one) => one.scrollWidth > one.clientWidth)") == [True, False]


def test_a_headline_number_opens_its_chart_and_a_link_its_section(site: Path, open_page: Open) -> None:
    page = open_page(f"{site.as_uri()}#smooth=0.5")
    page.locator(".headline a").first.click()
    expect(page.locator("#chart-dialog")).to_be_visible()
    expect(page).to_have_url(re.compile("#smooth=0.5&chart=val/iou$"))
    page.keyboard.press("Escape")
    page.locator(".jump").get_by_role("link", name="Configuration").click()
    expect(page.locator("#config")).to_be_in_viewport()
    expect(page).to_have_url(re.compile("#smooth=0.5$"))
    names = page.locator(".jump a:visible").all_inner_texts()
    assert names == ["Images", "Charts", "Summary", "Configuration", "Environment", "Steps"]


def test_a_gallery_shows_two_rows_until_all_are_asked_for(site: Path, open_page: Open) -> None:
    page = open_page(site)
    figures = page.locator("#latest figure.image:visible")
    rows = "all => new Set(all.map(one => one.getBoundingClientRect().top)).size"
    assert figures.evaluate_all(rows) == 2
    page.set_viewport_size({"width": 500, "height": 800})
    expect(figures).not_to_have_count(30)
    assert figures.evaluate_all(rows) == 2
    page.get_by_role("button", name="All 30").click()
    expect(figures).to_have_count(30)
    page.get_by_role("button", name="Two rows").click()
    assert figures.evaluate_all(rows) == 2
    still = open_page(site, java_script_enabled=False)
    expect(still.locator("#latest figure.image:visible")).to_have_count(30)


def test_two_rows_of_a_page_of_images_have_one_pager_and_say_what_there_is_more_of(
    start: Start, open_page: Open
) -> None:
    with start(id="many") as run:
        run.log({"digits": [runlog.Image(np.zeros((8, 8), np.uint8))] * 120})
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html")
    pagers = page.locator("#latest .pager:visible")
    expect(pagers).to_have_count(1)
    page.get_by_role("button", name="All 108 of this page of digits").click()
    expect(pagers).to_have_count(2)


def test_there_are_no_controls_for_what_a_run_has_not(site: Path, start: Start, open_page: Open) -> None:
    page = open_page(site)
    controls = page.locator("#display label:visible")
    shown = ["Size", "Actual size", "Contact sheet"]
    assert [words.strip() for words in controls.all_inner_texts()] == shown
    masks = {"m": {"mask_data": np.zeros((8, 8), np.uint8)}}
    with start(id="b") as run:
        run.log({"a": runlog.Image(np.zeros((8, 8), np.uint8), caption="x", masks=masks)}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html")
    assert [words.strip() for words in page.locator("#display label:visible").all_inner_texts()] == [
        *shown,
        *("Mask opacity", "Captions"),
    ]


def test_charts_stand_alike_before_and_after_their_numbers_are_loaded(site: Path, open_page: Open) -> None:
    keys = "all => all.map(one => one.dataset.key)"
    still = open_page(site, java_script_enabled=False).locator(".chart").evaluate_all(keys)
    page = open_page(site)
    page.locator("#charts").scroll_into_view_if_needed()
    expect(page.locator(".chart .enlarge").first).to_be_visible()
    page.locator("#charts .cursor, #charts .plot").first.hover()
    expect(page.locator("#charts .cursor").first).to_be_attached()
    assert still == ["train/loss", "train/a", "val/iou", "loss", "epoch", "acc"]
    assert page.locator("#charts .chart").evaluate_all(keys) == still


def test_nested_configuration_is_one_line_a_value_and_long_ones_open(start: Start, open_page: Open) -> None:
    layers = [f"layer {n}" for n in range(100)]
    with start(id="a", config={"model": {"depth": 9, "layers": layers}, "seed": 1}) as run:
        run.log({"loss": 1}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html")
    config = page.locator("#config")
    expect(config.locator("dt")).to_have_text(["model.depth", "model.layers", "seed"])
    config.locator("summary").click()
    expect(config.locator("details bdi")).to_be_visible()
    expect(config.locator("details bdi")).to_contain_text('"layer 0", "layer 1"')
    expect(config.locator("details bdi")).to_contain_text('"layer 99"]')


@pytest.mark.parametrize("has_scripts", [True, False])
@pytest.mark.parametrize(("width", "most"), [(1280, 60), (360, 120)])
def test_blocks_of_steps_are_in_columns_and_an_open_one_has_a_line_of_its_own(
    start: Start, open_page: Open, width: int, most: int, has_scripts: bool
) -> None:
    with start(id="a") as run:
        for step in range(256):
            run.log({"prompt": f"text {step}"}, step=step)
    runlog_viewer.build(run.folder)
    options = {"viewport": {"width": width, "height": 740}, "java_script_enabled": has_scripts}
    page = open_page(run.folder / "index.html", **options)
    blocks = page.locator("#step-blocks")
    boxes = [one.bounding_box() for one in blocks.locator(".step-block").all()]
    assert len(boxes) == 8
    assert all(box is not None and box["height"] >= 24 for box in boxes)
    assert (blocks.bounding_box() or {})["height"] <= most
    blocks.locator("summary").nth(1).click()
    expect(blocks.locator("[open] a")).to_have_count(32)
    whole, opened = blocks.bounding_box(), blocks.locator("[open]").bounding_box()
    assert whole is not None
    assert opened is not None
    assert opened["width"] == whole["width"]
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_run_that_failed_has_one_colour_on_its_page(start: Start, open_page: Open) -> None:
    with pytest.raises(RuntimeError), start(id="a") as run:
        run.log({"loss": 1}, step=0)
        raise RuntimeError
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html")
    expect(page.locator("#live")).to_have_text("failed")
    colours = [page.locator(of).evaluate("(e) => getComputedStyle(e).color") for of in ("#live", ".state")]
    assert colours[0] == colours[1]
    red, green, blue = page.evaluate("(colour) => colour.match(/\\d+/g).map(Number)", colours[0])
    assert red > 2 * max(green, blue)
