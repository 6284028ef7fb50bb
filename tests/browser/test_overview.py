"""The page of all runs: filter, sort, columns, groups and picks, also while runs come and go on."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Address = Callable[[str], str]

RUNS = {
    "a": {"name": "baseline", "project": "coins", "tags": ["small"], "config": {"model": {"depth": 9}}},
    "b": {"name": "wide 10", "project": "cells", "tags": ["Big one"], "config": {"model": {"depth": 10}}},
    "c": {"name": "wide 9", "project": "cells", "config": {"lr": 0.001}},
}
STEPS = {"a": 12, "b": 3, "c": 1}


@pytest.fixture(scope="module")
def site(start_shared: Start, shared_runs: Path) -> Path:
    """Build a site of three runs, and return its page."""
    runs = shared_runs / "three"
    for run_id, arguments in RUNS.items():
        with start_shared(dir=runs, id=run_id, **arguments) as run:
            for step in range(STEPS[run_id]):
                run.log({"val/iou": step / 10 if run_id != "c" else float("nan")}, step=step)
    runlog_viewer.build(runs)
    return runs / "index.html"


def shown(page: Page) -> list[str]:
    """Return the runs whose rows show, from the top."""
    rows = page.locator("tbody tr:visible")
    return [row.get_attribute("data-key") or "group" for row in rows.all()]


def assert_heads(page: Page, names: str) -> None:
    expect(page.locator("thead th:visible")).to_have_text(re.split(" ", names))


def sort_button(page: Page, column: str) -> Locator:
    return page.locator(f'thead th[data-column="{column}"] button')


WORDS = (
    ("WIDE", "cb"),
    ("wide cells 9", "c"),
    ("coins", "a"),
    ("big", "b"),
    ("finished", "cba"),
    ("nothing like it", ""),
)


def test_the_filter_finds_all_words_in_name_project_tags_id_and_state(site: Path, open_page: Open) -> None:
    page = open_page(site)
    page.keyboard.press("/")
    for text, found in WORDS:
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.type(text)
        expect(page.locator("#count")).to_have_text(f"{len(found)} of 3")
        assert shown(page) == list(found), text
        expect(page.locator("#no-match")).to_be_visible(visible=not found)


COMPARED = (
    ("lr=0.001", "c"),
    ("lr=1e-3 WIDE", "c"),
    ("lr=0.00", ""),
    ("model.depth=9", "a"),
    ("model.depth=", "ba"),
    ("val/iou=nan", "c"),
    ("val/iou=0.2", "b"),
    ("iou=0.2", ""),
    ("lr<0.01", "c"),
    ("lr < 0.01", "c"),
    ("lr<0.001", ""),
    ("lr<=0.001", "c"),
    ("val/iou>0.2", "a"),
    ("val/iou>=0.2", "ba"),
    ("val/iou>=0.2 val/iou<1", "b"),
    ("config.model.depth>9", "b"),
    ("summary.model.depth>9", ""),
    ("model.depth!=9", "cb"),
    ("model.depth!=", "c"),
    ("model.depth<x", ""),
    ("steps>1", "ba"),
    ("images=0 wide", "cb"),
    ("project=cells", "cb"),
    ("project:ell", "cb"),
    ("project=ell", ""),
    ("state!=finished", ""),
    ("State=Finished", "cba"),
    ("tag=small", "a"),
    ("tag:big", "b"),
    ('tag="big one"', "b"),
    ("tag!=small", "cb"),
    ('name="wide 9" steps<=1', "c"),
    ("other:ell", ""),
)


def test_the_filter_compares_fields_and_values_of_configuration_and_summary(
    site: Path, open_page: Open
) -> None:
    page = open_page(site)
    for text, found in COMPARED:
        page.locator("#filter").fill(text)
        expect(page.locator("#count")).to_have_text(f"{len(found)} of 3")
        assert shown(page) == list(found), text


def test_the_address_holds_a_filter_of_any_letters(site: Path, open_page: Open) -> None:
    # What finds the same runs finds them together.
    with_signs = {
        found: " ".join(text for text, its in COMPARED if its == found) for _, found in COMPARED if found
    }
    assert {*re.findall(r"\W", " ".join(with_signs.values()))} == set(' .=<>!:"/-')
    page = open_page(site)
    for found, text in with_signs.items():
        page.goto("about:blank")
        page.goto(f"{site.as_uri()}#q={quote(text)}")
        expect(page.locator("#count")).to_have_text(f"{len(found)} of 3")
        assert shown(page) == list(found), text
        expect(page.locator("#filter")).to_have_value(text)


def test_runs_are_found_by_group_and_by_id(start: Start, runs: Path, open_page: Open) -> None:
    for run_id, group in (("first", "alpha"), ("second", "beta")):
        start(id=run_id, name="same", group=group).finish()
    runlog_viewer.build(runs)
    page = open_page(runs / "index.html")
    for text, found in (("alpha", ["first"]), ("secon", ["second"])):
        page.locator("#filter").fill(text)
        assert shown(page) == found


def test_enter_opens_the_first_run_found(site: Path, open_page: Open) -> None:
    page = open_page(site)
    page.keyboard.press("/")
    page.keyboard.type("baseline")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("baseline")


def test_a_heading_sorts_by_value_one_way_the_other_and_not_at_all(site: Path, open_page: Open) -> None:
    page = open_page(f"{site.as_uri()}#columns=summary.val/iou,config.model.depth")
    expect(page.locator("tbody .value").first).not_to_be_empty()
    for column, orders in {
        "run": ("acb", "bca", "cba"),
        "steps": ("abc", "cba", "cba"),
        "started": ("cba", "abc", "cba"),
        "summary.val/iou": ("abc", "bac", "cba"),
        "config.model.depth": ("bac", "abc", "cba"),
    }.items():
        head = page.locator(f'thead th[data-column="{column}"]')
        assert head.get_attribute("aria-sort") is None, column
        for order in orders:
            sort_button(page, column).click()
            assert shown(page) == list(order), column
        assert head.get_attribute("aria-sort") is None, column
        sort_button(page, column).press("Enter")
        assert head.get_attribute("aria-sort") == ("ascending" if column == "run" else "descending"), column


def test_columns_are_picked_from_summary_and_configuration(site: Path, open_page: Open) -> None:
    page = open_page(site)
    assert_heads(page, "Compare Run State val/iou model.depth Steps Started Took")
    page.locator("#columns").click()
    picker = page.locator("#column-picker")
    picker.get_by_role("searchbox").fill("lr")
    picker.get_by_label("lr").check()
    picker.get_by_role("searchbox").fill("")
    picker.get_by_label("val/iou").uncheck()
    picker.get_by_label("Took").uncheck()
    page.keyboard.press("Escape")
    assert_heads(page, "Compare Run State model.depth lr Steps Started")
    expect(page.locator('tbody td[data-column="config.lr"]')).to_have_text(["0.001", "", ""])
    expect(page.locator('tbody td[data-column="config.model.depth"]')).to_have_text(["", "10", "9"])
    page.reload()
    assert_heads(page, "Compare Run State model.depth lr Steps Started")


def test_no_column_of_values_is_a_choice_that_stays(site: Path, open_page: Open) -> None:
    page = open_page(site)
    page.locator("#columns").click()
    for name in ("val/iou", "model.depth"):
        page.locator("#column-picker").get_by_label(name).uncheck()
    expect(page).to_have_url(re.compile("#columns=$"))
    other = open_page(page)
    assert_heads(other, "Compare Run State Steps Started Took")
    page.locator("#column-picker").get_by_label("val/iou").check()
    page.locator("#column-picker").get_by_label("model.depth").check()
    expect(page).to_have_url(re.compile("index.html$"))


def test_the_best_of_each_column_is_marked_among_the_runs_that_show(site: Path, open_page: Open) -> None:
    page = open_page(site)
    best = page.locator("td.best")
    expect(best).to_have_text(["1.1"])
    page.locator("#filter").fill("wide")
    expect(best).to_have_count(0)
    page.locator("#filter").fill("")
    expect(best).to_have_text(["1.1"])


@pytest.mark.parametrize("has_scripts", [True, False])
def test_numbers_are_there_before_any_script_ran(site: Path, open_page: Open, has_scripts: bool) -> None:
    page = open_page(site, java_script_enabled=has_scripts)
    expect(page.locator('tbody td[data-column="summary.val/iou"]')).to_have_text(["NaN", "0.2", "1.1"])
    expect(page.locator('tbody td[data-column="config.model.depth"]')).to_have_text(["", "10", "9"])
    expect(page.locator("td.best")).to_have_text(["1.1"])


def test_the_table_alone_scrolls_and_its_rows_are_low(start: Start, runs: Path, open_page: Open) -> None:
    for n in range(32):
        with start(id=f"run-{n:02d}", tags=["a tag", "another"], project="p") as run:
            run.log({"a": runlog.Image(np.zeros((60, 20), np.uint8)), "loss": n}, step=0)
    runlog_viewer.build(runs)
    page = open_page(runs / "index.html")
    rows = page.locator("tbody tr:visible")
    expect(rows).to_have_count(30)
    heights = rows.evaluate_all("rows => rows.map(row => row.getBoundingClientRect().height)")
    assert all(34 <= height <= 40 for height in heights)
    assert page.evaluate("document.scrollingElement.scrollHeight <= innerHeight")
    picture = page.locator(".thumb img").first
    assert picture.evaluate("({clientWidth, clientHeight}) => [clientWidth, clientHeight]") == [10, 30]
    page.locator("#columns").click()
    page.get_by_label("Larger rows").check()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("#rows=large$"))
    other = open_page(page)
    assert (other.locator("tbody tr").first.bounding_box() or {})["height"] > 80


def test_columns_and_hidden_ones_stay_when_the_page_is_opened_again(site: Path, open_page: Open) -> None:
    page = open_page(f"{site.as_uri()}#columns=config.lr&hide=took")
    page.locator("#columns").click()
    page.locator("#column-picker").get_by_label("Latest").uncheck()
    page.goto("about:blank")
    page.goto(site.as_uri())
    expect(page.locator('thead th[data-column="config.lr"]')).to_be_visible()
    expect(page.locator('thead th[data-column="took"]')).to_be_hidden()
    expect(page.locator('thead th[data-column="latest"]')).to_be_hidden()


def test_the_address_holds_filter_sorting_columns_and_picks(site: Path, open_page: Open) -> None:
    page = open_page(site)
    page.locator("#filter").fill("i")
    sort_button(page, "steps").click()
    page.locator("#columns").click()
    page.get_by_label("val/iou").check()
    page.keyboard.press("Escape")
    page.get_by_label("Compare wide 9").check()
    expect(page).to_have_url(re.compile("q=i"))
    other = open_page(page)
    expect(other.locator('tbody td[data-column="summary.val/iou"]').first).to_have_text("1.1")
    assert shown(other) == list("abc")
    expect(other.locator("#filter")).to_have_value("i")
    expect(other.get_by_label("Compare wide 9")).to_be_checked()


def test_two_to_twelve_runs_are_picked_to_compare_and_past_four_their_charts(
    start: Start, runs: Path, open_page: Open
) -> None:
    for n in range(14):
        start(id=f"run-{n}", name=f"run {n}").finish()
    runlog_viewer.build(runs)
    page = open_page(runs / "index.html")
    compare = page.locator("#compare")
    expect(compare).to_be_hidden()
    page.get_by_label("Compare run 1", exact=True).check()
    assert compare.get_attribute("href") is None
    page.get_by_label("Compare run 3").check()
    expect(compare).to_have_text("Compare 2 runs")
    assert compare.get_attribute("href") == "run-1/viewer/compare.html#panes=.,run-3"
    for n in (0, 2, 4):
        page.get_by_label(f"Compare run {n}", exact=True).check()
    expect(compare).to_have_text("Compare 5 runs in charts")
    found = compare.get_attribute("href")
    assert found == "run-1/viewer/compare.html#panes=.,run-3,run-0,run-2,run-4&show=charts"
    for n in range(5, 12):
        page.get_by_label(f"Compare run {n}", exact=True).check()
    expect(page.get_by_label("Compare run 12")).to_be_disabled()
    page.locator("#unpick").click()
    expect(compare).to_be_hidden()
    expect(page.get_by_label("Compare run 12")).to_be_enabled()


def test_a_group_is_picked_as_a_whole(grouped: Path, open_page: Open) -> None:
    page = open_page(grouped)
    box = page.get_by_label("Compare the runs of job")
    box.check()
    expect(page.locator("#compare")).to_have_text("Compare 3 runs")
    page.locator("tr.group button").click()
    page.get_by_label("Compare rank 1").uncheck()
    assert box.evaluate("box => [box.checked, box.indeterminate]") == [False, True]
    box.check()
    expect(page.locator("#compare")).to_have_text("Compare 3 runs")
    box.uncheck()
    expect(page.locator("#compare")).to_be_hidden()


def test_a_group_that_is_all_there_is_shows_its_runs(start: Start, runs: Path, open_page: Open) -> None:
    for n in range(3):
        start(id=f"trial-{n}", group="sweep").finish()
    runlog_viewer.build(runs)
    page = open_page(runs / "index.html")
    assert shown(page) == ["group", "trial-2", "trial-1", "trial-0"]
    page.locator("tr.group button").click()
    assert shown(page) == ["group"]


def test_picked_runs_are_looked_at_side_by_side(start: Start, runs: Path, open_page: Open) -> None:
    for n in range(2):
        with start(id=f"run-{n}", name=f"run {n}") as run:
            run.log({"a": runlog.Image(np.full((8, 8), 100 * n, np.uint8), caption=f"of run {n}")}, step=0)
    runlog_viewer.build(runs)
    page = open_page(runs / "index.html")
    for n in range(2):
        page.get_by_label(f"Compare run {n}").check()
    page.locator("#compare").click()
    expect(page.locator("figcaption")).to_have_text(["of run 0", "of run 1"])


@pytest.fixture(scope="module")
def grouped(start_shared: Start, shared_runs: Path) -> Path:
    """Build a site of a group of three runs and a run alone."""
    runs = shared_runs / "grouped"
    for rank in range(3):
        with start_shared(
            dir=runs, id=f"job-part{rank}", name=f"rank {rank}", group="job", config={"seed": rank, "lr": 1}
        ) as run:
            for step in range(rank + 1):
                run.log({"a": [runlog.Image(np.zeros((4, 4), np.uint8))] * 2}, step=step)
            if rank == 1:
                run.finish(state="failed")
    start_shared(dir=runs, id="alone", group="of one").finish()
    runlog_viewer.build(runs)
    return runs / "index.html"


def test_the_runs_of_a_group_are_one_row_that_opens(grouped: Path, open_page: Open) -> None:
    page = open_page(f"{grouped.as_uri()}#columns=config.seed,config.lr")
    assert shown(page) == ["alone", "group"]
    group = page.locator("tr.group")
    expander = group.get_by_role("button")
    columns = "row => [...row.cells].map(cell => cell.getBoundingClientRect().x)"
    assert group.evaluate(columns) == page.locator("tbody tr").first.evaluate(columns)
    expect(expander).to_have_text("job 3 runs")
    expect(expander).to_have_attribute("aria-expanded", "false")
    expect(group.locator(".state")).to_have_text(["2 finished", "1 failed"])
    expect(group.locator('[data-column="steps"]')).to_have_text("max 3")
    expect(group.locator('[data-column="images"]')).to_have_text("sum 12")
    expect(group.locator(".value")).to_have_text(["0 – 2", "1"])
    expander.click()
    assert shown(page) == ["alone", "group", "job-part2", "job-part1", "job-part0"]
    expect(expander).to_be_focused()
    expander.press("Enter")
    assert shown(page) == ["alone", "group"]


def test_a_group_opens_for_a_filter_that_some_of_its_runs_pass(grouped: Path, open_page: Open) -> None:
    page = open_page(grouped)
    page.locator("#filter").fill("rank 1")
    assert shown(page) == ["group", "job-part1"]
    expect(page.locator("tr.group").get_by_role("button")).to_have_text("job 1 of 3 runs")
    page.locator("#filter").fill("job")
    assert shown(page) == ["group"]


def test_a_group_stands_where_the_first_of_its_runs_does(grouped: Path, open_page: Open) -> None:
    page = open_page(grouped)
    page.locator("tr.group button").click()
    sort_button(page, "steps").click()
    assert shown(page) == ["group", "job-part2", "job-part1", "job-part0", "alone"]
    sort_button(page, "steps").click()
    assert shown(page) == ["alone", "group", "job-part0", "job-part1", "job-part2"]


@pytest.fixture(scope="module")
def sweep(start_shared: Start, shared_runs: Path) -> Path:
    """Build a site of a sweep of the oldest and the newest run, and of a run between."""
    runs = shared_runs / "sweep"
    for run_id, minute, results in (("old", 10, [0.1, 5]), ("between", 20, [0.2]), ("new", 30, [0.3, 5])):
        group = {} if run_id == "between" else {"group": "sweep"}
        with start_shared(dir=runs, id=run_id, name=run_id, project="p", **group) as run:
            for step in range(3 if run_id == "between" else 2):
                image = runlog.Image(np.zeros((4, 4), np.uint8))
                run.log({"a": [image] * 2, **dict(zip(("iou", "size"), results, strict=False))}, step=step)
        file = run.folder / "run.db"
        with closing(sqlite3.connect(file)) as database, database:
            database.execute("UPDATE run SET created_at = ?", (f"2026-01-01T00:{minute}:00.000Z",))
    runlog_viewer.build(runs)
    return runs / "index.html"


def test_a_group_says_of_which_runs_its_numbers_are_and_is_sorted_by_what_it_shows(
    sweep: Path, open_page: Open
) -> None:
    page = open_page(sweep, timezone_id="UTC")
    group = page.locator("tr.group")
    expect(group.locator('[data-column="started"]')).to_have_text("newest 2026-01-01 00:30")
    expect(group.locator('[data-column="steps"]')).to_have_text("2")
    expect(group.locator('[data-column="images"]')).to_have_text("sum 8")
    expect(group.locator('[data-column="images"]')).to_have_attribute("title", "Images of all runs")
    expect(group.locator('[data-column="summary.iou"]')).to_have_text("0.3")
    expect(group.locator('[data-column="summary.size"]')).to_have_text("5")
    for column, orders in {
        "started": (["group", "between"], ["between", "group"]),
        "images": (["group", "between"], ["between", "group"]),
        "steps": (["between", "group"], ["group", "between"]),
        "run": (["between", "group"], ["group", "between"]),
    }.items():
        for order in orders:
            sort_button(page, column).click()
            assert shown(page) == order, column


def test_the_address_holds_which_groups_are_open(sweep: Path, open_page: Open) -> None:
    page = open_page(sweep)
    page.locator("tr.group button").click()
    expect(page).to_have_url(re.compile("#open=p/sweep$"))
    other = open_page(page)
    assert shown(other) == ["group", "new", "old", "between"]
    other.locator("tr.group button").click()
    expect(other).to_have_url(re.compile("index.html$"))


def test_groups_can_be_left_apart(grouped: Path, open_page: Open) -> None:
    page = open_page(grouped)
    page.locator("#columns").click()
    page.get_by_label("Runs of a group in one row").uncheck()
    page.reload()
    assert shown(page) == ["alone", "job-part2", "job-part1", "job-part0"]


def test_without_javascript_every_run_has_its_row(grouped: Path, open_page: Open) -> None:
    page = open_page(grouped, java_script_enabled=False)
    expect(page.locator("tbody tr:visible")).to_have_count(4)
    expect(page.locator("input:visible")).to_have_count(0)
    heads, cells = (
        page.locator("thead th:visible"),
        page.locator("tbody tr").first.locator(":scope > :visible"),
    )
    assert heads.count() == cells.count()


def test_a_new_run_leaves_filter_sorting_focus_picks_and_open_groups(
    start: Start, open_page: Open, live_site: Address
) -> None:
    ranks = [start(id=f"job-part{rank}", name=f"rank {rank}", group="job") for rank in range(2)]
    for n, run in enumerate(ranks):
        run.log({"loss": 1.0}, step=n)
    page = open_page(live_site("index.html"))
    expect(page.get_by_role("link", name="rank 1")).to_be_visible()
    sort_button(page, "run").click()
    page.locator("#filter").fill("rank")
    page.get_by_label("Compare rank 1").check()
    page.evaluate("document.querySelector('tr[data-key=job-part1]').wasHere = true")
    page.get_by_role("link", name="rank 1").focus()
    with start(id="other", name="rank of another kind"), start(id="unlike", name="not shown"):
        expect(page.locator("tbody tr:visible")).to_have_count(4)
        assert shown(page) == ["group", "job-part0", "job-part1", "other"]
        expect(page.get_by_role("link", name="rank 1")).to_be_focused()
        expect(page.get_by_label("Compare rank 1")).to_be_checked()
        ranks[1].finish()
        expect(page.locator("tr.group .state")).to_have_text(["1 running", "1 finished"])
    assert page.evaluate("document.querySelector('tr[data-key=job-part1]').wasHere") is True
    expect(page.get_by_role("link", name="rank 1")).to_be_focused()
    ranks[0].finish()


def test_a_column_follows_a_run_that_goes_on(start: Start, open_page: Open, live_site: Address) -> None:
    with start(id="a") as run:
        run.log({"loss": 3.0}, step=0)
        page = open_page(live_site("index.html") + "#columns=summary.loss")
        cell = page.locator('tbody td[data-column="summary.loss"]')
        expect(cell).to_have_text("3")
        run.log({"loss": 2.5}, step=1)
        expect(cell).to_have_text("2.5")


def test_more_than_a_hundred_runs_show_as_the_reader_scrolls_and_all_are_found(
    start: Start, runs: Path, open_page: Open
) -> None:
    for n in range(105):
        start(id=f"run-{n:03d}").finish()
    runlog_viewer.build(runs)
    page = open_page(runs / "index.html")
    expect(page.locator("#count")).to_have_text("105 runs")
    expect(page.locator("tbody tr:visible")).to_have_count(30)
    page.locator("#filter").fill("run-")
    expect(page.locator("tbody tr:visible")).to_have_count(30)
    page.locator(".table-frame").evaluate("frame => frame.scrollTo(0, frame.scrollHeight)")
    expect(page.locator("tbody tr:visible")).to_have_count(105)
    page.locator("#filter").fill("run-007")
    assert shown(page) == ["run-007"]
    page.locator("#filter").fill("")
    expect(page.locator("tbody tr:visible")).to_have_count(30)
    page.set_viewport_size({"width": 1280, "height": 2400})  # which those do not fill
    expect(page.locator("tbody tr:visible")).to_have_count(105)


def test_keys_go_through_the_runs_and_pick_them(site: Path, open_page: Open) -> None:
    page = open_page(site)
    for key, name in (
        ("j", "wide 9"),
        ("j", "wide 10"),
        ("j", "baseline"),
        ("j", "baseline"),
        ("k", "wide 10"),
    ):
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=name)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_label("Compare wide 10")).to_be_checked()


def test_times_are_those_of_the_reader_with_utc_at_hand(site: Path, open_page: Open) -> None:
    utc = open_page(site, timezone_id="UTC").locator("time").first
    east = open_page(site, timezone_id="Asia/Kolkata").locator("time").first
    assert utc.get_attribute("title").startswith(utc.text_content())
    assert east.get_attribute("title") == utc.get_attribute("title")
    assert east.text_content() != utc.text_content()


@pytest.fixture(scope="module")
def trials(start_shared: Start, shared_runs: Path) -> Path:
    """Build a site of three trials of a sweep, and a run without its numbers and configuration."""
    runs = shared_runs / "trials"
    for name, lr, ends_at in (("low", 0.001, 0.5), ("middle", 0.01, 0.9), ("high", 0.1, 0.1)):
        with start_shared(
            dir=runs, id=name, name=name, config={"lr": lr, "opt": "sgd" if lr > 0.05 else "adam"}
        ) as run:
            for step in range(3):
                run.log({"val/acc": ends_at * step / 2, "val/loss": 1.0 - ends_at}, step=step)
    with start_shared(dir=runs, id="other", name="other") as run:
        run.log({"x": 1}, step=0)
    runlog_viewer.build(runs)
    return runs / "index.html"


def test_runs_are_plotted_and_the_one_under_the_pointer_is_brought_out(trials: Path, open_page: Open) -> None:
    page = open_page(trials)
    page.get_by_role("button", name="Plots").click()
    expect(page).to_have_url(re.compile("#plot="))
    lines, points = page.locator("#plot-lines .lines path"), page.locator("#plot-points circle")
    expect(lines).to_have_count(3)
    expect(points).to_have_count(3)
    box = page.locator("#plot-lines").bounding_box() or {}
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] * 0.06)
    readout = page.locator("#plot-run")
    expect(readout).to_have_text("middle · val/acc 0.9 at step 2 · lr 0.01")
    expect(page.locator("#plots .out")).to_have_count(2)
    expect(page.locator("tr.out")).to_have_attribute("data-key", "middle")
    page.locator('tr[data-key="high"]').hover()
    expect(readout).to_have_text("high · val/acc 0.1 at step 2 · lr 0.1")
    page.get_by_role("combobox", name="against").select_option("opt")
    page.get_by_label("Number").select_option("val/loss")
    page.get_by_role("combobox", name="coloured by").select_option("config.opt")
    other = open_page(page)
    legend = other.locator("#plot-legend li")
    expect(legend).to_have_text(["opt", "adam", "sgd"])
    fills = "(all) => all.map((one) => getComputedStyle(one).fill)"
    [adam, sgd] = legend.locator("circle").evaluate_all(fills)
    assert other.locator("#plot-points circle").evaluate_all(fills) == [sgd, adam, adam]  # the newest first
    assert adam != sgd
    strokes = "(all) => all.map((one) => getComputedStyle(one).stroke)"
    assert other.locator("#plot-lines .lines path").evaluate_all(strokes) == [sgd, adam, adam]
    other.get_by_role("combobox", name="coloured by").select_option("summary.val/acc")
    expect(legend).to_have_text(["val/acc", "0.1", "0.5", "0.9"])
    other.locator("#plot-points").press("End")
    expect(other.locator("#plot-run")).to_have_text("high · val/loss 0.9 at step 2 · opt sgd · val/acc 0.1")
    expect(other.get_by_role("combobox", name="against")).to_have_value("opt")
    expect(other.get_by_label("Number")).to_have_value("val/loss")
    expect(other.locator("#plot-points .x")).to_have_text(["adam", "sgd"])
    other.locator("#filter").fill("opt=adam")
    expect(other.locator("#plot-lines .lines path")).to_have_count(2)
    other.get_by_role("button", name="Plots").click()
    expect(other.locator("#plots")).to_be_hidden()
    expect(other).to_have_url(re.compile("#q=opt"))


def test_the_keyboard_goes_through_plotted_runs_and_opens_one(trials: Path, open_page: Open) -> None:
    page = open_page(f"{trials.as_uri()}#plot=val/acc&by=lr")
    plot = page.get_by_role("slider", name="val/acc against lr")
    expect(page.locator("#plot-points circle")).to_have_count(3)
    plot.focus()
    for key, name in (
        ("ArrowRight", "low"),
        ("ArrowRight", "middle"),
        ("End", "high"),
        ("ArrowLeft", "middle"),
    ):
        plot.press(key)
        assert (plot.get_attribute("aria-valuetext") or "").startswith(name)
    plot.press("Enter")
    expect(page.locator("h1")).to_have_text("middle")


def test_plots_follow_runs_that_come_and_go_on(start: Start, open_page: Open, live_site: Address) -> None:
    with start(id="a", name="a") as run:
        run.log({"loss": 3.0}, step=0)
        page = open_page(live_site("index.html") + "#plot=loss")
        lines = page.locator("#plot-lines .lines path")
        expect(lines).to_have_count(1)
        before = lines.get_attribute("d")
        run.log({"loss": 2.0}, step=1)
        expect(lines).not_to_have_attribute("d", before or "")
        with start(id="b", name="b") as other:
            other.log({"loss": 1.0}, step=0)
            expect(lines).to_have_count(2)
