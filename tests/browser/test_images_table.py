"""The images of a key as a table: every step of it, sorted, filtered, grouped, coloured, and in full view."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import runlog
import runlog_viewer

Open = Callable[..., Page]


class Watched(Protocol):
    complaints: list[str]
    origins: list[str]


STEPS, IMAGES = 3, 200
BOX = {"position": {"minX": 0.2, "maxX": 0.7, "minY": 0.2, "maxY": 0.7}, "class_id": 1}


def p(step: int, n: int) -> float:
    """Return a field that is least at step 1, and there for image 123."""
    return 0.0 if (step, n) == (1, 123) else (n * 37 % 101 + 1 + step) / 200


def images(step: int) -> list[runlog.Image]:
    return [
        runlog.Image(
            np.full((28, 28), n, np.uint8),
            id=f"val/{n:04d}",
            fields={"p": p(step, n), "split": ("easy", "hard")[n % 2], "right": n % 3 == 0},
            boxes={"found": {"box_data": [BOX] * (n % 4)}},
            normalize=False,
        )
        for n in range(IMAGES)
    ]


@pytest.fixture(scope="module")
def folder(start_shared: Callable[..., runlog.LocalRun]) -> Path:
    with start_shared(id="a") as run:
        for step in range(STEPS):
            plain = [runlog.Image(np.full((200, 100), 99, np.uint8), caption="<b>plain</b>")]
            run.log({"val/digits": images(step), "plain": plain}, step=10 * step)
    runlog_viewer.build(run.folder)
    return run.folder


@pytest.fixture
def runs(folder: Path) -> Path:
    return folder.parent


def table_of(page: Page) -> Locator:
    return page.locator("#images .logged-table")


def column(page: Page, name: str, count: int = 5) -> list[str]:
    """Return what stands in the first rows of a column."""
    names = [text.strip() for text in table_of(page).locator("thead th").all_text_contents()]
    rows = table_of(page).locator("tbody tr[data-row]").all()[:count]
    return [row.locator("td").nth(names.index(name)).inner_text() for row in rows]


def first_row(page: Page) -> Locator:
    return table_of(page).locator("tbody tr[data-row]").first


def test_the_table_has_every_image_of_every_step_and_draws_what_is_in_sight(
    folder: Path, open_page: Open
) -> None:
    page = open_page(folder / "viewer/key.html")
    page.goto((folder / "viewer/key.html").as_uri() + "#key=val/digits")
    expect(page.locator(".strip").first).to_be_visible()
    page.keyboard.press("t")
    expect(table_of(page).locator(".table-size")).to_have_text(f"{STEPS * IMAGES} images")
    assert "view=table" in page.evaluate("location.hash")
    heads = table_of(page).locator("thead th").all_text_contents()
    assert heads == ["#", "image", "id", "step", "index", "p", "split", "right", "found boxes"]
    assert column(page, "step") == ["20"] * 5  # the latest first
    expect(page.locator(".strip").first).to_be_hidden()
    frame = table_of(page).locator(".table-frame")
    for share in (0.5, 1):
        frame.evaluate("(frame, share) => frame.scrollTo(0, share * frame.scrollHeight)", share)
        expect(table_of(page).locator("tbody img").last).to_have_js_property("naturalWidth", 28)
        assert table_of(page).locator("tbody tr").count() < 100
    expect(table_of(page).locator("tbody tr[data-row]").last).to_contain_text(f"val/{IMAGES - 1:04d}")
    # Digits are shown pixel by pixel, in rows that are hardly higher.
    picture = table_of(page).locator("tbody img").last.bounding_box()
    row = table_of(page).locator("tbody tr[data-row]").last.bounding_box()
    assert picture is not None
    assert row is not None
    assert (picture["height"], row["height"]) == (28, 36)
    page.keyboard.press("t")
    expect(page.locator(".strip").first).to_be_visible()


def test_the_worst_of_all_steps_come_first_and_are_walked_through_in_full_view(
    folder: Path, open_page: Open
) -> None:
    page = open_page((folder / "viewer/key.html").as_uri() + "#key=val/digits&view=table")
    head = table_of(page).get_by_role("button", name="p", exact=True)
    head.click()
    head.click()
    expect(first_row(page)).to_contain_text("val/0123")
    assert column(page, "step")[0] == "10"
    expected = sorted((p(step, n), -step, n) for step in range(STEPS) for n in range(IMAGES))[:5]
    assert column(page, "id") == [f"val/{n:04d}" for _, _, n in expected]
    assert "table-sort=val/digits:+p" in page.evaluate("location.hash")
    first_row(page).locator("a.picture").click()
    full = page.locator("dialog.full")
    expect(full).to_be_visible()
    expect(full.locator(".full-facts")).to_contain_text("val/0123")
    # What is drawn over it and all that is known of it come after.
    expect(full.locator(".full-stage rect.box")).to_have_count(123 % 4)
    expect(full.locator(".full-facts")).to_contain_text("28 × 28 px")
    assert page.locator("#images img").count() < 100
    page.keyboard.press("n")
    expect(full.locator(".full-facts")).to_contain_text(f"val/{expected[1][2]:04d}")
    expect(full.locator(".full-stage rect.box")).to_have_count(expected[1][2] % 4)
    page.keyboard.press("p")
    page.keyboard.press("]")
    expect(full.locator(".full-step")).to_have_text("20")
    expect(full.locator(".full-facts")).to_contain_text(str(p(2, 123)))


def test_boxes_that_cannot_be_loaded_once_are_asked_for_again(
    folder: Path, open_page: Open, watched: Watched, servers: ExitStack
) -> None:
    server = servers.enter_context(runlog_viewer.Server(folder.parent))
    origin, _, token = server.url.partition("?")
    watched.origins.append(origin)
    page = open_page(f"{origin}index.html?{token}")
    with page.expect_event("requestfailed"):
        page.route("**/block-*.js*", lambda route: route.abort())
        page.goto(f"{origin}a/viewer/key.html#key=val/digits&view=table")
        table_of(page).locator("tbody a.picture").nth(1).click()
    full = page.locator("dialog.full")
    expect(full.locator(".full-facts")).to_contain_text("val/0001")
    expect(full.locator(".full-stage rect.box")).to_have_count(0)
    page.unroute_all(behavior="wait")
    for n in (2, 3):
        page.keyboard.press("n")
        expect(full.locator(".full-facts")).to_contain_text(f"val/{n:04d}")
        expect(full.locator(".full-stage rect.box")).to_have_count(n)
    watched.complaints.clear()


def test_rows_are_filtered_grouped_and_coloured_and_a_link_says_how(folder: Path, open_page: Open) -> None:
    page = open_page((folder / "viewer/key.html").as_uri() + "#key=val/digits&view=table")
    table = table_of(page)
    table.get_by_role("searchbox").fill("step=10 p>0.1 p<0.4 right=true")
    wanted = [n for n in range(0, IMAGES, 3) if 0.1 < p(1, n) < 0.4]
    expect(table.locator(".table-count")).to_have_text(f"{len(wanted)} of {STEPS * IMAGES}")
    assert column(page, "id") == [f"val/{n:04d}" for n in wanted[:5]]
    table.get_by_label("Group by").select_option("split")
    heads = table.locator(".table-group")
    hard = sum(n % 2 for n in wanted)
    expect(heads.first).to_have_text(f"split = easy{len(wanted) - hard}")
    expect(heads.last).to_have_text(f"split = hard{hard}")
    table.get_by_label("Colour").select_option("split")
    colours = table.locator("tbody tr[data-row]").evaluate_all(
        """rows => Object.fromEntries(rows.map((row) => [row.textContent.includes('hard'),
            getComputedStyle(row.querySelector('td.chip:not(.row-number)'), '::before').backgroundColor]))"""
    )
    assert colours == {"false": "rgb(0, 114, 178)", "true": "rgb(230, 159, 0)"}
    again = open_page(page)
    expect(table_of(again).locator(".table-group").last).to_have_text(f"split = hard{hard}")
    expect(table_of(again).get_by_label("Colour")).to_have_value("split")


def test_images_without_ids_are_told_by_their_place_and_photos_have_high_rows(
    folder: Path, open_page: Open
) -> None:
    page = open_page((folder / "viewer/key.html").as_uri() + "#key=plain&view=table")
    expect(table_of(page).locator(".table-identity")).to_contain_text("by their place in the list")
    assert column(page, "caption") == ["<b>plain</b>"] * STEPS
    box = first_row(page).bounding_box()
    assert box is not None
    assert box["height"] == 92


def test_the_first_rows_can_be_read_without_scripts(folder: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "viewer/steps/000000010.html").as_uri())
    table = page.locator('.logged-table[data-key="val/digits"]')
    expect(table).to_contain_text(f"The first 20 of {IMAGES} images")
    expect(table.locator("tbody tr")).to_have_count(20)
    expect(table.locator("tbody tr").nth(3)).to_contain_text("val/0003")
    expect(table.locator("tbody img").nth(3)).to_be_visible()
    expect(page.locator('.logged-table[data-key="plain"]')).to_have_count(0)
    context.close()
