"""Masks keep their colours in every browser; a page keeps the filters of those it shows, not of all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer
from runlog import palette

STEPS, IMAGES = 16, 10  # a page keeps 128 filters


def test_the_masks_of_many_steps_leave_few_filters_and_are_coloured_right(
    start: Callable[..., runlog.LocalRun],
    open_page: Callable[..., Page],
    shoot: Callable[[Page, str], np.ndarray],
) -> None:
    with start(id="a") as run:
        for step in range(STEPS):
            ids = [1000 + IMAGES * step + n for n in range(IMAGES)]
            masks = [{"m": {"mask_data": np.full((16, 16), class_id)}} for class_id in ids]
            run.log({"a": [runlog.Image(np.zeros((16, 16, 3), np.uint8), masks=m) for m in masks]}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "viewer" / "steps" / "000000000.html")
    expect(page.locator("#place")).to_have_text(f"1 of {STEPS}")
    page.locator("#opacity").fill("1")
    page.locator("h1").click()
    page.evaluate("document.activeElement.blur()")
    for step in range(1, STEPS):
        page.keyboard.press("ArrowRight")
        expect(page.locator("body")).to_have_attribute("data-step", str(step))
    assert page.locator("svg.filters filter").count() < 140
    for step, key in ((STEPS - 1, "End"), (0, "Home")):
        page.keyboard.press(key)
        expect(page.locator("body")).to_have_attribute("data-step", str(step))
        page.mouse.move(0, 0)
        colour = palette.channels(palette.colour(1000 + IMAGES * step))
        assert tuple(shoot(page, ".picture")[8, 8]) == colour


@pytest.mark.parametrize("ids", [(0, 1, 2, 3, 255), (0, 300, 65535)], ids=["8-bit", "16-bit"])
def test_where_filters_on_parts_of_a_drawing_lose_low_ids_masks_are_pictures_of_their_own(
    start: Callable[..., runlog.LocalRun],
    open_page: Callable[..., Page],
    shoot: Callable[[Page, str], np.ndarray],
    ids: tuple[int, ...],
) -> None:
    logged = np.resize(np.array(ids), (64, 64))
    masks = {"m": {"mask_data": logged, "class_labels": {id: f"<{id}>" for id in ids}}}
    with start(id="a") as run:
        for step in range(3):
            run.log({"a": runlog.Image(np.full((64, 64, 3), 100 + step, np.uint8), masks=masks)}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "viewer" / "steps" / "000000000.html")
    page.add_init_script("Object.defineProperty(navigator, 'vendor', {get: () => 'Apple Computer, Inc.'})")
    page.reload()
    page.locator("#natural").check()
    page.locator("#opacity").fill("1")
    page.evaluate("document.activeElement.blur()")  # its arrow keys move the slider
    colours = np.array([palette.channels(palette.colour(id)) for id in logged.flat]).reshape(64, 64, 3)

    def expect_seen(step: int, *shown: int) -> None:
        expect(page.locator("body")).to_have_attribute("data-step", str(step))
        expect(page.locator("image.mask")).to_have_count(0)
        page.mouse.move(0, 0)
        expected = np.where(np.isin(logged, shown)[..., None], colours, 100 + step)
        np.testing.assert_array_equal(shoot(page, ".picture"), expected)

    expect_seen(0, *ids)
    page.keyboard.press("ArrowRight")
    expect_seen(1, *ids)
    page.get_by_role("checkbox", name=f"<{ids[1]}>").click()
    expect_seen(1, ids[0], *ids[2:])
    page.get_by_role("checkbox", name="m masks").uncheck()
    expect_seen(1)
    page.keyboard.press("ArrowRight")
    expect_seen(2)
