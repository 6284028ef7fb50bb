"""Which picture an image is, over steps and runs: by its id where it has one, in whatever order they come."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Open = Callable[..., Page]
STEPS, DIGITS = 6, 7
LOST = {1: 4, 4: 2}  # at these steps one digit is missing
FIRST = """() => [...document.querySelectorAll('.strip')].map((strip) => [Number(strip.dataset.step),
    [...strip.querySelector('.strip-figures').children].map(
        (cell) => (cell.dataset.id ? [cell.dataset.id, cell.querySelector('img').dataset.pixels] : null))])"""


def order_at(step: int, seed: int) -> list[int]:
    digits = [digit for digit in range(DIGITS) if LOST.get(step) != digit]
    random.Random(seed + step).shuffle(digits)
    return digits


def digit(n: int) -> np.ndarray:
    """Return pixels that no other digit has, the same at every step: they are stored once."""
    return np.full((28, 28), 20 * n + 5, np.uint8)


def image(n: int, *, has_id: bool = True) -> runlog.Image:
    return runlog.Image(digit(n), id=f"val/{n}" if has_id else None, caption=f"digit {n}", normalize=False)


@pytest.fixture(scope="module")
def folder(start_shared: Callable[..., runlog.LocalRun]) -> Path:
    for seed, name in ((1, "a"), (50, "b")):
        with start_shared(id=name) as run:
            for step in range(STEPS):
                order = order_at(step, seed)
                plain = [image(n, has_id=False) for n in order]
                run.log({"val/digits": [image(n) for n in order], "plain": plain}, step=step)
    runlog_viewer.build(run.folder.parent)
    return run.folder.parent


@pytest.fixture
def runs(folder: Path) -> Path:
    return folder


def key_page(folder: Path, end: str) -> str:
    return (folder / "a/viewer/key.html").as_uri() + end


def test_a_column_of_a_key_has_the_same_digit_at_every_step(folder: Path, open_page: Open) -> None:
    page = open_page(key_page(folder, "#key=val/digits"))
    expect(page.locator(".strip")).to_have_count(STEPS)
    latest = order_at(STEPS - 1, 1)
    heads = page.locator("#across a").all_text_contents()
    assert heads == [f"val/{n}" for n in latest]
    pixels: dict[str, set[str]] = {}
    for step, cells in page.evaluate(FIRST):
        there = [f"val/{n}" if LOST.get(step) != n else None for n in latest]
        assert [cell and cell[0] for cell in cells] == there[: len(cells)]
        assert all(one is None for one in there[len(cells) :])
        for name, of in filter(None, cells):
            pixels.setdefault(name, set()).add(of)
    assert all(len(of) == 1 for of in pixels.values())
    assert len({one for of in pixels.values() for one in of}) == DIGITS
    expect(page.locator("#identity")).to_have_text("images by id")


def test_one_image_over_time_is_one_digit_and_says_where_it_is_missing(folder: Path, open_page: Open) -> None:
    page = open_page(key_page(folder, "#key=val/digits"))
    page.locator("#across a", has_text="val/4").click()
    expect(page.locator("#title")).to_have_text("Image val/4 over time")
    expect(page.locator(".strip figure.image")).to_have_count(STEPS - 1)
    found = page.locator(".strip figure.image img")
    assert len(set(found.evaluate_all("all => all.map((img) => img.dataset.pixels)"))) == 1
    expect(page.locator('.strip[data-step="1"]')).to_contain_text("no image val/4")
    assert "id=val/4" in page.evaluate("location.hash")
    page.keyboard.press("n")
    after = order_at(STEPS - 1, 1)
    expect(page.locator("#title")).to_have_text(f"Image val/{after[after.index(4) + 1]} over time")


def test_images_without_ids_go_by_their_place_and_the_page_says_so(folder: Path, open_page: Open) -> None:
    page = open_page(key_page(folder, "#key=plain&index=2"))
    expect(page.locator(".strip figure.image")).to_have_count(STEPS)
    expect(page.locator("#identity")).to_have_text("images by their place in the list")
    captions = page.locator(".strip figcaption").all_text_contents()
    assert captions == [f"digit {order_at(step, 1)[2]}" for step in reversed(range(STEPS))]


def test_runs_are_compared_by_id(folder: Path, open_page: Open) -> None:
    first = order_at(3, 1)[0]
    end = "#panes=a@3,b@3,a@5&key=val/digits&index=0"
    page = open_page((folder / "a/viewer/compare.html").as_uri() + end)
    captions = page.locator("#panes .pane figcaption")
    expect(captions).to_have_text([f"digit {first}"] * 3)
    expect(page.locator("#identity")).to_have_text("by id")
    page.keyboard.press("ArrowDown")
    expect(captions).to_have_text([f"digit {order_at(3, 1)[1]}"] * 3)
    assert f"id=val/{order_at(3, 1)[1]}" in page.evaluate("location.hash")
    again = open_page((folder / "a/viewer/compare.html").as_uri() + "#panes=a@1,b@3&key=val/digits&id=val/4")
    expect(again.locator("#panes .pane").first).to_contain_text("No image val/4 at this step")
    expect(again.locator("#panes .pane figcaption").last).to_have_text("digit 4")
    again.locator("#key").select_option("plain")
    expect(again.locator("#identity")).to_have_text("by place")


def test_the_full_view_goes_from_step_to_step_with_one_digit(folder: Path, open_page: Open) -> None:
    page = open_page(folder / "a/viewer/steps/000000000.html")
    page.locator('figure.image[data-id="val/4"] a.picture').click()
    full = page.locator("dialog.full")
    expect(full.locator(".full-index")).to_have_text("val/4")
    pixels = full.locator(".full-stage img:not(.mask)").first
    seen = {pixels.get_attribute("data-pixels")}
    page.keyboard.press("]")
    expect(full.locator(".full-message")).to_have_text("There is no image val/4 of val/digits at step 1.")
    for step in range(2, STEPS):
        page.keyboard.press("]")
        expect(full.locator(".full-step")).to_have_text(str(step))
        expect(full.locator(".full-caption")).to_have_text("digit 4")
        seen.add(pixels.get_attribute("data-pixels"))
    assert len(seen) == 1
    assert "id=val/4" in (full.locator(".full-over-time").get_attribute("href") or "")


def test_the_search_finds_an_id_at_every_step_that_has_it(folder: Path, open_page: Open) -> None:
    page = open_page(key_page(folder, "#key=val/digits"))
    page.keyboard.press("/")
    page.get_by_role("searchbox").fill("val/4")
    results = page.locator("dialog.search li")
    expect(results.locator(".where", has_text="val/4")).to_have_count(STEPS - 1)
    expect(results.locator("img")).to_have_count(STEPS - 1)
    steps = [step for step in reversed(range(STEPS)) if LOST.get(step) != 4]
    expect(results.locator(".where")).to_have_text([f"step {step} · val/digits · val/4" for step in steps])
    pixels = results.locator("img").evaluate_all("all => all.map((img) => img.src)")
    assert len(set(pixels)) == 1
    full = page.locator("dialog.full")
    results.locator("a").nth(3).click()
    expect(full.locator(".full-step")).to_have_text(str(steps[3]))
    expect(full.locator(".full-index")).to_have_text("val/4")
    expect(full.locator(".full-caption")).to_have_text("digit 4")


def test_a_row_of_the_table_and_a_link_to_the_full_view_have_the_digit_of_their_step(
    folder: Path, open_page: Open
) -> None:
    page = open_page(key_page(folder, "#key=val/digits&view=table"))
    page.get_by_role("searchbox").fill("val/4")
    rows = page.locator(".of-images tr[data-row]")
    expect(rows).to_have_count(STEPS - 1)
    page.locator(".of-images tr[data-row] a.picture").first.click()
    full = page.locator("dialog.full")
    for step in [step for step in reversed(range(STEPS)) if LOST.get(step) != 4]:
        expect(full.locator(".full-step")).to_have_text(str(step))
        expect(full.locator(".full-caption")).to_have_text("digit 4")
        page.keyboard.press("ArrowRight")
    of_step = open_page(folder / "a/viewer/steps/000000000.html")
    expect(of_step.locator("#place")).to_have_text(f"1 of {STEPS}")
    of_step.locator('figure.image[data-id="val/4"] a.picture').click()
    expect(of_step.locator("dialog.full .full-caption")).to_have_text("digit 4")
    for step in (1, 2, 3):
        of_step.keyboard.press("]")
        expect(of_step.locator("dialog.full .full-step")).to_have_text(str(step))
    expect(of_step.locator("dialog.full .full-caption")).to_have_text("digit 4")
    expect(of_step).to_have_url(re.compile(f"image=val/digits/{order_at(3, 1).index(4)}&step=3"))
    again = open_page(of_step)
    expect(again.locator("dialog.full .full-caption")).to_have_text("digit 4")
    expect(again.locator("dialog.full .full-step")).to_have_text("3")
