"""A run whose every text holds markup, in a real browser: none of it becomes an element, or runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import runlog_viewer

from ..runlog.hostile.commands import make_runs
from ..runlog.hostile.markup import fill

Open = Callable[..., Page]
# Also in templates, and in what closed dialogs hold.
STRANGERS = """() => {
  const all = (root) => [...root.querySelectorAll("*")].flatMap((one) =>
    one instanceof HTMLTemplateElement ? [one, ...all(one.content)] : [one]);
  return all(document).filter((one) => one.localName.startsWith("xss")
    || one.getAttribute("src") === "x"
    || [...one.attributes].some((attribute) => attribute.name.startsWith("on"))).map((one) => one.outerHTML);
}"""


def strangers(page: Page) -> list[str]:
    found: list[str] = page.evaluate(STRANGERS)
    return found + (["a script ran"] if page.title() == "xss" else [])


@pytest.fixture
def filled(runs: Path) -> Path:
    make_runs(runs)
    fill(runs / "bad/run.db")
    assert runlog_viewer.build(runs).problems == ()
    return runs


def test_no_page_makes_an_element_of_it(filled: Path, open_page: Open) -> None:
    # What lies in files/ is a script's own, and no page of ours. Pages of the other run show nothing of this.
    of_run = sorted(path for path in (filled / "bad").rglob("*.html") if "files" not in path.parts)
    pages = [filled / "index.html", *of_run]
    assert {"index.html", "bad/index.html", "bad/viewer/steps/000000000.html"} <= {
        path.relative_to(filled).as_posix() for path in pages
    }
    page = open_page(filled / "index.html")
    for path in pages:
        page.goto(path.as_uri())
        assert strangers(page) == [], path


def test_nothing_that_scripts_put_into_a_page_makes_an_element_of_it(filled: Path, open_page: Open) -> None:
    page = open_page(filled / "bad/viewer/steps/000000000.html")
    expect(page.locator("#place")).to_have_text("1 of 4")
    page.keyboard.press("ArrowRight")  # as the data script has it
    expect(page.locator("#place")).to_have_text("2 of 4")
    expect(page.locator("figure.image figcaption").first).to_contain_text("<xss-mark")
    assert strangers(page) == []
    page.keyboard.press("/")
    page.keyboard.insert_text("xss")
    expect(page.locator(".search .words").first).to_contain_text("xss")
    assert strangers(page) == []
    page.goto((filled / "bad/index.html").as_uri())
    page.locator("#charts").scroll_into_view_if_needed()  # they are drawn once they come near
    page.get_by_role("button", name="Enlarge").first.click()
    expect(page.locator("#chart-title")).to_contain_text("<xss-mark")
    assert strangers(page) == []
    page.goto((filled / "index.html").as_uri())
    page.locator("#columns").click()
    choices = page.get_by_role("group", name="Configuration").locator("bdi", has_text="<xss-mark")
    expect(choices.first).to_be_visible()
    assert strangers(page) == []
