"""Logged tables at their step: rows as they come into sight, sorted, filtered, and without scripts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import runlog
import runlog_viewer
from runlog_viewer.pages.tables import BLOCK_ROWS, FIRST_ROWS

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]

ROWS = 2 * BLOCK_ROWS + 300
MARKUP = "<img src=x onerror=\"document.title='xss'\">"


def picture(value: int) -> runlog.Image:
    box = {"position": {"minX": 0.2, "maxX": 0.7, "minY": 0.2, "maxY": 0.7}, "class_id": 1}
    mask = np.zeros((16, 16), np.uint8)
    mask[4:9, 4:9] = 2
    return runlog.Image(
        np.full((16, 16, 3), 100 + value % 100, np.uint8),
        caption=f"picture {value}",
        boxes={"found": {"box_data": [box], "class_labels": {1: "coin"}}},
        masks={"truth": {"mask_data": mask}},
    )


@pytest.fixture(scope="module")
def run(start_shared: Start) -> runlog.LocalRun:
    """Build a run with a long table that grows at step 1, a short one, and one of pictures."""
    long = runlog.Table(["n", "half", "word"])
    for n in range(ROWS):
        long.add_row(n, n / 2 if n % 7 else math.nan, f"word {n % 10}")
    short = [{"name": MARKUP, "on": True}, {"name": "b", "list": [1, 2.5]}]
    pictures = runlog.Table(["picture", "n"], [[picture(n) if n % 2 else None, n] for n in range(30)])
    with start_shared(id="a") as run:
        run.log({"long": long, "short": short, "pictures": pictures}, step=0)
        long.add_row(-1, 0.5, "last")
        run.log({"long": long}, step=1)
    runlog_viewer.build(run.folder)
    return run


def step_page(run: runlog.LocalRun, step: int) -> Path:
    return run.folder / f"viewer/steps/{step:09d}.html"


def table(page: Page, key: str) -> Locator:
    return page.locator(f'.logged-table[data-key="{key}"]')


def rows(page: Page, key: str) -> list[int]:
    """Return the numbers of the rows that are in sight, in their order."""
    found: list[int] = table(page, key).evaluate(
        """(section) => {
            const {top, bottom} = section.querySelector('.table-frame').getBoundingClientRect();
            return [...section.querySelectorAll('tbody tr[data-row]')].filter((tr) => {
                const {top: above, bottom: below} = tr.getBoundingClientRect();
                return below > top + 40 && above < bottom;
            }).map((tr) => Number(tr.dataset.row));
        }"""
    )
    return found


def wait_for_first(page: Page, key: str, row: int) -> None:
    expect(table(page, key).locator("tbody tr[data-row]").first).to_have_attribute("data-row", str(row))


def test_the_first_rows_can_be_read_without_scripts(run: runlog.LocalRun, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(step_page(run, 0).as_uri())
    long = table(page, "long")
    expect(long.locator("tbody tr")).to_have_count(FIRST_ROWS)
    expect(long.locator("tbody tr").nth(3)).to_have_text("31.5word 3".join(["3", ""]))
    expect(long.locator(".table-rest")).to_have_text(f"The first {FIRST_ROWS} of {ROWS:,} rows.")
    expect(long.locator("input")).to_be_hidden()
    expect(table(page, "short").locator("tbody td").nth(1)).to_have_text(MARKUP)
    expect(table(page, "pictures").locator("td.image img").first).to_be_visible()
    context.close()


def test_rows_are_loaded_as_they_come_into_sight(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(step_page(run, 0))
    long = table(page, "long")
    expect(long.locator("tbody tr.space")).to_have_count(1)
    assert long.locator("tbody tr").count() < 100
    frame = long.locator(".table-frame")
    for share in (0.5, 1):
        frame.evaluate("(frame, share) => frame.scrollTo(0, share * frame.scrollHeight)", share)
        expect(long.locator(".coming")).to_have_count(0)
    expect(long.locator(f'tr[data-row="{ROWS - 1}"] td').nth(3)).to_have_text(f"word {(ROWS - 1) % 10}")
    assert long.locator("tbody tr").count() < 100
    assert rows(page, "long")[-1] == ROWS - 1
    assert int(long.locator(f'tr[data-row="{ROWS - 1}"]').get_attribute("aria-rowindex") or 0) == ROWS + 1


def test_keys_that_scroll_a_table_are_its_own_while_it_is_in_focus(
    run: runlog.LocalRun, open_page: Open, wait_for_script: Callable[[Page, str], None]
) -> None:
    page = open_page(step_page(run, 0))
    expect(table(page, "long").locator("tbody tr.space")).to_have_count(1)
    table(page, "long").locator(".table-frame").focus()
    page.keyboard.press("End")  # else the last step
    wait_for_script(page, f"document.querySelector('[data-key=long] tr[data-row=\"{ROWS - 1}\"]') !== null")
    expect(page.locator("#step")).to_have_text("0")
    page.keyboard.press("ArrowRight")  # it is as wide as it shows
    expect(page.locator("#step")).to_have_text("1")


def test_a_head_sorts_by_its_column_with_pointer_and_keys(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(step_page(run, 0))
    half = table(page, "long").get_by_role("button", name="half")
    half.click()
    wait_for_first(page, "long", ROWS - 1 if (ROWS - 1) % 7 else ROWS - 2)
    head = table(page, "long").locator("th", has_text="half")
    expect(head).to_have_attribute("aria-sort", "descending")
    half.focus()
    page.keyboard.press("Enter")
    wait_for_first(page, "long", 1)
    expect(head).to_have_attribute("aria-sort", "ascending")
    # What is no number is last, whichever way.
    table(page, "long").locator(".table-frame").evaluate("(frame) => frame.scrollTo(0, frame.scrollHeight)")
    expect(table(page, "long").locator("tbody tr[data-row] td:nth-child(3)").last).to_have_text("NaN")
    page.keyboard.press("Enter")
    wait_for_first(page, "long", 0)
    assert head.get_attribute("aria-sort") is None
    assert rows(page, "long")[:3] == [0, 1, 2]


def test_words_and_comparisons_filter_rows(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(step_page(run, 0))
    section = table(page, "long")
    section.get_by_role("searchbox").fill('word="word 3" n>1000')
    expect(section.locator(".table-count")).to_have_text(f"30 of {ROWS:,}")
    wait_for_first(page, "long", 1003)
    section.get_by_role("button", name="n", exact=True).click()
    wait_for_first(page, "long", 1293)
    section.get_by_role("searchbox").fill("nothing like it")
    expect(section.locator(".table-count")).to_have_text(f"0 of {ROWS:,}")
    expect(section.locator("tbody tr")).to_have_count(0)
    section.get_by_role("searchbox").fill("")
    expect(section.locator(".table-count")).to_have_text("")
    wait_for_first(page, "long", ROWS - 1)


def test_what_was_asked_of_a_table_stays_at_the_next_step(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(step_page(run, 0))
    table(page, "long").get_by_role("button", name="n", exact=True).click()
    wait_for_first(page, "long", ROWS - 1)
    table(page, "long").get_by_role("button", name="n", exact=True).click()
    wait_for_first(page, "long", 0)
    page.keyboard.press("Escape")
    page.locator("#next").click()
    expect(page.locator("#step")).to_have_text("1")
    wait_for_first(page, "long", ROWS)  # of the value -1, which came with this step
    expect(table(page, "long").locator("th", has_text="n").first).to_have_attribute("aria-sort", "ascending")
    expect(table(page, "short")).to_have_count(0)
    page.locator("#previous").click()
    wait_for_first(page, "long", 0)


def test_pictures_have_what_lies_over_them_and_follow_the_switches(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(step_page(run, 0))
    pictures = table(page, "pictures")
    pictures.scroll_into_view_if_needed()
    pictures.locator(".table-frame").evaluate("(frame) => frame.scrollTo(0, frame.scrollHeight)")
    row = pictures.locator('tr[data-row="29"]')
    expect(row.locator("rect.box")).to_be_visible()
    mask = row.locator("image.mask")
    expect(mask).to_be_visible()
    name = (mask.get_attribute("filter") or "").removeprefix("url(#").removesuffix(")")
    expect(page.locator(f"filter#{name}")).to_have_count(1)
    page.locator('.layers input[data-layer="found"]').uncheck()
    expect(row.locator("rect.box")).to_be_hidden()
    expect(row.locator("img")).to_have_js_property("complete", True)


def test_a_picture_in_a_cell_opens_in_full_view_with_its_row_and_those_of_its_column(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(step_page(run, 0))
    pictures = table(page, "pictures")
    pictures.get_by_role("button", name="n", exact=True).click()  # the highest first
    wait_for_first(page, "pictures", 29)
    pictures.locator('tr[data-row="27"] a.picture').click()
    full = page.locator("dialog.full[open]")
    expect(full.locator(".full-stage rect.box")).to_be_visible()
    mask = full.locator(".full-stage image.mask")
    name = (mask.get_attribute("filter") or "").removeprefix("url(#").removesuffix(")")
    expect(page.locator(f"filter#{name}")).to_have_count(1)
    expect(full.locator(".full-caption")).to_have_text("picture 27")
    assert full.locator(".full-facts dd").all_inner_texts()[:5] == ["pictures", "0", "27", "picture 27", "27"]
    expect(full.get_by_role("link", name="over time")).to_be_hidden()
    page.keyboard.press("ArrowRight")  # the next below, where every other row has one
    expect(full.locator(".full-caption")).to_have_text("picture 25")
    page.keyboard.press("Escape")
    expect(full).to_have_count(0)
    expect(pictures).to_be_visible()


def test_order_and_filter_of_a_table_are_in_the_address(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(step_page(run, 0))
    table(page, "long").get_by_role("button", name="n", exact=True).click()
    wait_for_first(page, "long", ROWS - 1)
    table(page, "long").get_by_role("searchbox").fill("word half<100")
    expect(page).to_have_url(re.compile("#table-sort=long:-n&table-filter=long:word%20half%3C100$"))
    for address in (page.url, page.url.replace("steps/000000000", "key").replace("#", "#key=long&")):
        other = open_page(address)
        shown = table(other, "long").first
        expect(shown.locator("tbody tr:not(.space)").first).to_have_attribute("data-row", "199")
        expect(shown.locator("th", has_text="n").first).to_have_attribute("aria-sort", "descending")
        expect(shown.locator(".table-count")).to_contain_text(" of ")
    table(page, "long").get_by_role("searchbox").fill("")
    expect(page).to_have_url(re.compile("#table-sort=long:-n$"))


def test_a_table_is_found_by_its_columns_and_from_steps_that_have_none(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(step_page(run, 1))
    elsewhere = page.locator(".elsewhere-keys li")
    expect(elsewhere).to_have_text(["pictures at step 0", "short at step 0"])
    page.keyboard.press("/")
    page.get_by_role("searchbox", name="Search keys, captions, classes, boxes and texts").fill("half")
    expect(page.locator(".search li")).to_have_text("all steps oflong with half")
    expect(page.locator(".search [role=status]")).to_have_text("1 key found")
    page.keyboard.press("Escape")
    elsewhere.get_by_role("link", name="step 0").first.click()
    expect(page.locator("#step")).to_have_text("0")
    expect(table(page, "pictures")).to_be_visible()
    expect(elsewhere).to_have_count(0)


def test_a_row_opens_with_all_that_is_in_it(start: Start, open_page: Open) -> None:
    words = "word " * 1000 + "at the end"
    with start(id="w") as run:
        run.log({"t": runlog.Table(["text", "picture", "long"], [[words, picture(3), 2**60 + 1]])}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(step_page(run, 0))
    cell, number = (
        table(page, "t").locator("td.text > div"),
        table(page, "t").get_by_role("button", name="0", exact=True),
    )
    expect(number).to_be_visible()  # the script has put its rows in the place of those of the page
    assert (cell.bounding_box() or {})["height"] < 100
    number.press("Enter")
    dialog = page.get_by_role("dialog", name="Row 0 of t")
    expect(dialog.locator("dd.text")).to_have_text(words)
    expect(dialog.locator("dd.number")).to_have_text(str(2**60 + 1))
    expect(dialog.locator("rect.box")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_the_page_of_a_key_has_its_tables_of_all_steps(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(f"{(run.folder / 'viewer/key.html').as_uri()}#key=long")
    tables = page.locator(".strip .logged-table")
    expect(tables).to_have_count(2)
    expect(tables.locator(".table-size").first).to_have_text(f"{ROWS + 1:,} rows")
    tables.first.get_by_role("button", name="n", exact=True).click()
    for section, row in ((tables.first, ROWS - 1), (tables.last, ROWS - 1)):
        expect(section.locator("tbody tr[data-row]").first).to_have_attribute("data-row", str(row))
    page.goto(f"{(run.folder / 'viewer/key.html').as_uri()}#key=pictures")
    expect(page.locator(".logged-table tr[data-row]").nth(13)).to_be_attached()
    # Rows out of the data script: the links in them are for pages of steps.
    page.wait_for_function("""() => {
        const img = document.querySelector('.logged-table td.image img');
        return img && img.complete && img.naturalWidth === 16;
    }""")


def test_nothing_in_a_cell_is_markup(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(step_page(run, 0))
    short = table(page, "short")
    short.get_by_role("button", name="name").click()
    expect(short.locator("td.text", has_text="onerror")).to_have_text(MARKUP)
    assert page.title() != "xss"
    assert short.locator("td img").count() == 0
    expect(short.locator("td.numbers")).to_have_text("1, 2.5")


def test_a_table_that_grows_writes_only_its_last_rows_again(start: Start) -> None:
    grown = runlog.Table(["n"], [[n] for n in range(BLOCK_ROWS + 10)], incremental=True)
    with start(id="g") as run:
        run.log({"t": grown}, step=0)
        runlog_viewer.build(run.folder)
        scripts = sorted((run.folder / "viewer/data").glob("table-*.js"))
        before = [script.stat().st_mtime_ns for script in scripts]
        grown.add_row(7)
        run.log({"t": grown}, step=1)
        runlog_viewer.build(run.folder)
    after = [script.stat().st_mtime_ns for script in scripts]
    assert len(scripts) == 2
    assert before[0] == after[0]
    assert before[1] < after[1]
    run = start(id="g", resume="must", resume_step=0)
    run.log({"t": [{"n": 1}]}, step=0)
    run.finish()
    runlog_viewer.build(run.folder)
    (left,) = (run.folder / "viewer/data").glob("table-*.js")
    assert left not in scripts
