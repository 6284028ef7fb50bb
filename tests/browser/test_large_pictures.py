"""Large pictures: galleries show thumbnails, and every pixel is there once it has room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Shoot = Callable[[Page, str], np.ndarray]

WIDTH, HEIGHT = 1700, 40


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def built(start: Start) -> Path:
    with start() as run:
        for step in range(2):
            run.log({"a": runlog.Image(picture(step))}, step=step)
    runlog_viewer.build(run.folder)
    return run.folder / "viewer" / "steps"


def test_a_gallery_shows_the_thumbnail_and_the_size_of_the_original(start: Start, open_page: Open) -> None:
    for script in (True, False):
        page = open_page(built(start) / "000000000.html", java_script_enabled=script)
        img = page.locator("figure.image img")
        expect(img).to_have_attribute("src", page.locator("img").get_attribute("src") or "")
        assert "viewer/thumbs/" in (img.get_attribute("src") or "")
        assert (img.get_attribute("width"), img.get_attribute("height")) == (str(WIDTH), str(HEIGHT))


def test_one_to_one_the_picture_on_screen_is_the_array(start: Start, open_page: Open, shoot: Shoot) -> None:
    steps = built(start)
    page = open_page(steps / "000000000.html", viewport={"width": 1900, "height": 600})
    img = page.locator("figure.image img")
    page.locator("#natural").check()
    expect(img).to_have_attribute("src", img.get_attribute("data-full") or "")
    page.mouse.move(0, 0)
    expect(img).to_have_js_property("complete", True)
    np.testing.assert_array_equal(shoot(page, ".picture"), picture(0))
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 1")
    expect(img).to_have_attribute("src", img.get_attribute("data-full") or "")
    expect(img).to_have_js_property("complete", True)
    np.testing.assert_array_equal(shoot(page, ".picture"), picture(1))


def test_a_lost_thumbnail_gives_way_to_the_original(start: Start, open_page: Open) -> None:
    steps = built(start)
    for file in (steps.parent / "thumbs").iterdir():
        file.write_bytes(b"")
    img = open_page(steps / "000000000.html").locator("figure.image img")
    expect(img).to_have_attribute("src", img.get_attribute("data-full") or "")


def test_a_picture_logged_again_beside_it_leaves_the_original_on_screen(
    start: Start, open_page: Open, live_site: Callable[[str], str]
) -> None:
    with start(id="a") as run:
        run.log({"a": runlog.Image(picture(0)), "b": runlog.Image(picture(1)[:, :40])}, step=0)
        page = open_page(live_site("a/viewer/steps/000000000.html"), viewport={"width": 1900, "height": 600})
        page.locator("#natural").check()
        img = page.locator("figure[data-key='a'] img")
        expect(img).to_have_attribute("src", img.get_attribute("data-full") or "")
        page.evaluate(
            """() => {
                window.changes = 0;
                const img = document.querySelector("figure[data-key='a'] img");
                new MutationObserver(() => { window.changes += 1; }).observe(img, {attributeFilter: ['src']});
            }"""
        )
        run.log({"b": runlog.Image(picture(2)[:, :40], caption="again")}, step=0)
        expect(page.locator("figcaption")).to_have_text("again")
        assert page.evaluate("window.changes") == 0
