"""The address holds what is switched off, filtered, sorted and turned to: a link shows the same elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]

LAYER = "a layer, with: signs & 50 %"


@pytest.fixture(scope="module")
def run(start_shared: Start) -> runlog.LocalRun:
    def image(n: int) -> runlog.Image:
        position = {"minX": 0.1, "maxX": 0.5, "minY": 0.1, "maxY": 0.5}
        drawn = [{"position": position, "class_id": c, "scores": {"conf": 0.1 * c}} for c in (1, 2, 3)]
        return runlog.Image(
            np.zeros((8, 8), np.uint8),
            caption=f"{n}",
            boxes={LAYER: {"box_data": drawn}, "truth": {"box_data": drawn}},
            masks={"areas": {"mask_data": np.full((8, 8), 3)}},
        )

    many = [runlog.Image(np.zeros((8, 8), np.uint8), caption=f"{n}") for n in range(110)]
    with start_shared(id="a") as run:
        for step in range(3):
            run.log({"many": many, "few": image(0)}, step=step)
        run.log({"few": image(0)}, step=3)
    runlog_viewer.build(run.folder.parent)
    return run


def page_of(run: runlog.LocalRun, step: int) -> Path:
    return run.folder / "viewer" / "steps" / f"{step:09d}.html"


def fragment(page: Page) -> str:
    return str(page.evaluate("location.hash.slice(1)"))


def entry(page: Page, name: str) -> object:
    return page.get_by_role("checkbox", name=name)


def drawn(page: Page) -> set[str]:
    what = "all => all.map(box => `${box.parentNode.dataset.layer} ${box.dataset.class}`)"
    return set(page.locator("rect.box:visible").evaluate_all(what))


def test_an_address_is_short_and_says_what_is_not_as_usual(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 0))
    expect(page.locator("#place")).to_have_text("1 of 4")
    assert fragment(page) == ""
    entry(page, "class_1").click()
    assert fragment(page) == "hide=1"
    page.locator("input[data-kind=masks]").uncheck()
    assert fragment(page) == "hide=masks:areas,1"
    page.get_by_role("slider", name="conf").fill("0.25")
    page.get_by_label("Sort by").select_option("max.conf")
    page.keyboard.press(".")
    page.locator("h1").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(".")
    page.keyboard.press("o")
    assert fragment(page) == "hide=masks:areas,1&min=conf:0.25&sort=-max.conf&page=many:2&earlier=no"
    page.keyboard.press("ArrowRight")
    assert fragment(page).endswith("&earlier=no&step=1")
    page.keyboard.press("r")
    assert fragment(page) == "sort=-max.conf&page=many:2&earlier=no&step=1"


def test_a_link_shows_the_same_in_a_copy_of_the_folder(
    run: runlog.LocalRun, open_page: Open, runs: Path
) -> None:
    page = open_page(page_of(run, 0))
    expect(page.locator("#place")).to_have_text("1 of 4")
    page.locator(f"input[data-layer='{LAYER}']").uncheck()
    entry(page, "class_1").click()
    page.get_by_role("slider", name="conf").fill("0.25")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(".")
    expect(page.locator("section.key[data-key=many] figcaption")).to_have_text(["108", "109"])
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 1")
    assert drawn(page) == {"truth 3"}
    copy = runs / "copy of it"
    shutil.copytree(run.folder, copy)
    address = page.evaluate("location.href").replace(run.folder.as_uri(), copy.as_uri())
    page.close()
    other = open_page(address)
    expect(other.locator("h1")).to_have_text("Step 1")
    expect(other.locator("section.key[data-key=many] figcaption")).to_have_text(["108", "109"])
    assert drawn(other) == {"truth 3"}
    expect(entry(other, "class_1")).not_to_be_checked()
    expect(other.locator(f"input[data-layer='{LAYER}']")).not_to_be_checked()


def test_one_class_alone_and_none_at_all_have_an_address(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 3))
    entry(page, "class_2").dblclick()
    assert fragment(page) == "only=2"
    entry(page, "class_2").click()
    assert fragment(page) == "only=none"
    page = open_page(f"{page_of(run, 3).as_uri()}#only=2")
    expect(page.locator("#place")).to_have_text("4 of 4")
    assert drawn(page) == {f"{LAYER} 2", "truth 2"}
    page = open_page(f"{page_of(run, 3).as_uri()}#only=none")
    expect(page.locator("#place")).to_have_text("4 of 4")
    assert drawn(page) == set()


def test_a_link_goes_before_what_the_tab_remembers(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(page_of(run, 3))
    entry(page, "class_1").click()
    page.goto((run.folder / "index.html").as_uri())
    expect(entry(page, "class_1")).not_to_be_checked()
    assert fragment(page) == "hide=1"
    page.goto(f"{page_of(run, 3).as_uri()}#hide=2")
    expect(entry(page, "class_1")).to_be_checked()
    expect(entry(page, "class_2")).not_to_be_checked()
    page.evaluate("location.hash = 'hide=3&earlier=no'")
    expect(entry(page, "class_3")).not_to_be_checked()
    expect(entry(page, "class_2")).to_be_checked()
    expect(page.locator("section.key[data-from]")).to_have_count(0)


def test_an_address_that_makes_no_sense_does_no_harm(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page("about:blank")
    for nonsense in (
        "hide=%25,boxes,:,99999999",
        "min=conf,:3,conf:x",
        "page=many:0,many:-1,many:9e9",
        "sort=no.such",
    ):
        page.goto(f"{page_of(run, 3).as_uri()}#{nonsense}")
        expect(page.locator("#place")).to_have_text("4 of 4")
        expect(page.locator("figure.image").first).to_be_visible()
        assert len(drawn(page)) == 6
        page.evaluate("sessionStorage.clear()")  # of what the address before it said
        page.goto("about:blank")
