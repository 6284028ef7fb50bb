"""The page of a run: what it says of the run, and what can be taken from it."""

from __future__ import annotations

from collections.abc import Callable

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
