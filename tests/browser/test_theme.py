"""Pages are light or dark by the system, or by the reader's choice, from the first paint on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]

PAGES = ("index.html", "a/index.html", "a/viewer/steps/000000000.html")


@pytest.fixture(scope="module")
def site(start_shared: Start) -> runlog.LocalRun:
    with start_shared(id="a") as run:
        run.log({"a": runlog.Image(np.zeros((8, 8), np.uint8))}, step=0)
    runlog_viewer.build(run.folder.parent)
    return run


def is_dark(page: Page) -> bool:
    return page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((c) => c < 60)"
    )


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_button_goes_from_the_system_s_theme_to_the_other_and_round(
    site: runlog.LocalRun, open_page: Open, system: str
) -> None:
    page = open_page(site.folder.parent / "index.html", color_scheme=system)
    button = page.locator("#theme")
    other = "dark" if system == "light" else "light"
    seen = []
    for theme in ("as the system", other, system, "as the system"):
        expect(button).to_have_accessible_name(f"Theme: {theme}")
        seen.append(is_dark(page))
        button.click()
    by_system = system == "dark"
    assert seen == [by_system, not by_system, by_system, by_system]


def test_the_choice_holds_on_every_page_and_before_it_is_painted(
    site: runlog.LocalRun, open_page: Open
) -> None:
    runs = site.folder.parent
    page = open_page(runs / PAGES[0], color_scheme="light")
    page.locator("#theme").click()
    page.add_init_script(
        """new MutationObserver((changes, observer) => {
            if (!document.body) return;
            window.themeAtBody = document.documentElement.dataset.theme;
            observer.disconnect();
        }).observe(document, {childList: true, subtree: true})"""
    )
    for path in PAGES:
        page.goto((runs / path).as_uri())
        assert is_dark(page)
        assert page.evaluate("window.themeAtBody") == "dark"


def test_other_open_pages_take_the_choice_over(
    start: Start, open_page: Open, live_site: Callable[[str], str]
) -> None:
    start(id="a").finish()
    page = open_page(live_site(PAGES[0]), color_scheme="light")
    other = page.context.new_page()
    other.goto(live_site(PAGES[1]))
    page.locator("#theme").click()
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")


def test_where_nothing_can_be_stored_the_choice_lasts_as_long_as_the_page(
    site: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(site.folder.parent / "index.html", color_scheme="light")
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('off') }})")
    page.reload()
    page.locator("#theme").click()
    assert is_dark(page)
    page.reload()
    assert not is_dark(page)


def test_on_paper_pages_are_light_without_what_is_there_to_be_pressed_and_whole(
    site: runlog.LocalRun, open_page: Open
) -> None:
    for path in PAGES:
        page = open_page(site.folder.parent / path, color_scheme="dark")
        page.locator("#theme").click()
        page.locator("#theme").click()  # dark by the reader's choice, too
        assert is_dark(page)
        page.emulate_media(media="print")
        assert not is_dark(page)
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("button:visible:not(.fold, .sort), input:visible")).to_have_count(0)
    page.goto((site.folder.parent / PAGES[0]).as_uri())
    expect(page.locator(".table-frame")).to_have_css("overflow", "visible")
    expect(page.get_by_role("columnheader", name="State")).to_have_text("State", use_inner_text=True)


def test_without_javascript_the_system_decides(site: runlog.LocalRun, open_page: Open) -> None:
    for system in ("light", "dark"):
        page = open_page(site.folder / "index.html", color_scheme=system, java_script_enabled=False)
        expect(page.locator("#theme")).to_be_hidden()
        assert is_dark(page) == (system == "dark")
