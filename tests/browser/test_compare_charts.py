"""Numbers of several runs in one chart a key, and what differs between the runs in a table."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Address = Callable[[str], str]

KEYS = ("only/first", "train/loss", "val/iou")


@pytest.fixture(scope="module")
def site(start_shared: Start, shared_runs: Path) -> Path:
    """Build a site of three runs of numbers, of other length and with other keys, and return its folder."""
    with start_shared(id="a", name="first", config={"lr": 0.1, "model": {"width": 8}}) as run:
        for step in range(0, 101, 10):
            run.log({"train/loss": 100 - step, "val/iou": step / 100, "only/first": 1}, step=step)
    with start_shared(id="b", name="second", config={"lr": 0.2, "model": {"width": 8}}) as run:
        for step in range(0, 51, 5):
            run.log({"train/loss": math.nan if step == 25 else 50 - step, "val/iou": 0.5}, step=step)
    with start_shared(id="c", name="second", config={"lr": 0.2, "model": {"width": 8}, "seed": 7}) as run:
        run.log({"train/loss": 10}, step=20)
    runlog_viewer.build(shared_runs)
    return shared_runs


def compare(site: Path, end: str, run: str = "a") -> str:
    return (site / run / "viewer" / "compare.html").as_uri() + end


def chart(page: Page, key: str) -> Locator:
    return page.locator(f'#charts .chart[data-key="{key}"]')


def names(page: Page, key: str, *texts: str) -> None:
    expect(chart(page, key).locator(".line-key bdi")).to_have_text(list(texts))


def values(page: Page, key: str, *texts: str) -> None:
    expect(chart(page, key).locator(".line-key .value")).to_have_text(list(texts))


def points(page: Page, key: str, line: int) -> list[tuple[float, float]]:
    path = chart(page, key).locator(f".line[data-line='{line}']").get_attribute("d")
    found = [point.split(",") for point in path.replace("M", "L").split("L")[1:]]
    return [(float(x), float(y)) for x, y in found]


def point_at(page: Page, key: str, part: float) -> None:
    plot = chart(page, key).locator(".plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + part * box["width"], box["y"] + 30)


def test_each_key_has_one_chart_with_a_line_for_each_run_that_has_it(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b,c"))
    expect(page.locator("#charts .chart h3 bdi")).to_have_text(list(KEYS))
    names(page, "train/loss", "first", "second (b)", "second (c)")
    names(page, "val/iou", "first", "second (b)")
    names(page, "only/first", "first")
    values(page, "train/loss", "0", "0", "10")
    assert points(page, "train/loss", 0)[0] == (0, 4)
    assert points(page, "train/loss", 0)[-1] == (300, 96)
    assert points(page, "train/loss", 1)[0] == (0, 50)
    assert points(page, "train/loss", 1)[-1] == (150, 96)
    dot = chart(page, "train/loss").locator(".dots[data-line='2']")
    expect(dot).to_have_attribute("d", "M60,86.8h0")


def test_lines_are_told_apart_by_colour_and_by_dashes_as_their_names_are(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b"))
    names(page, "val/iou", "first", "second")
    style = (
        "e => { const {stroke, strokeDasharray} = getComputedStyle(e); return [stroke, strokeDasharray]; }"
    )
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        lines, samples, heads = (
            [locator.nth(n).evaluate(style) for n in range(2)]
            for locator in (
                chart(page, "val/iou").locator(".line"),
                chart(page, "val/iou").locator(".line-sample path"),
                page.locator(".pane-head .line-sample path"),
            )
        )
        assert lines == samples == heads
        assert lines[0][0] != lines[1][0]
        assert lines[0][1] != lines[1][1]


def test_up_to_twelve_runs_are_lines_of_one_chart_each_of_its_own_look(
    start: Start, runs: Path, open_page: Open
) -> None:
    for n in range(13):
        with start(id=f"r{n}", name=f"run {n}") as run:
            run.log({"loss": n}, step=0)
            run.log({"loss": n + 1}, step=1)
    runlog_viewer.build(runs)
    panes = ",".join([".", *(f"r{n}" for n in range(1, 13))])
    page = open_page(compare(runs, f"#panes={panes}&show=charts", "r0"))
    lines = chart(page, "loss").locator("path.line")
    expect(lines).to_have_count(12)
    look = (
        "all => all.map(one => [getComputedStyle(one).stroke, getComputedStyle(one).strokeDasharray].join())"
    )
    assert len(set(lines.evaluate_all(look))) == 12


def test_the_line_of_the_run_that_is_pointed_at_stands_out(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b"))
    chart(page, "val/iou").locator(".line-key li").nth(1).hover()
    opacity = "all => all.map((path) => getComputedStyle(path).opacity)"
    assert chart(page, "val/iou").locator(".line").evaluate_all(opacity) == ["0.12", "1"]
    assert chart(page, "train/loss").locator(".line").evaluate_all(opacity) == ["1", "1"]


def test_the_pointer_reads_all_runs_at_one_place_on_all_charts(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b,c"))
    names(page, "train/loss", "first", "second (b)", "second (c)")
    point_at(page, "train/loss", 0.251)
    expect(chart(page, "train/loss").locator("h3 output")).to_have_attribute("data-at", "step 25")
    values(page, "train/loss", "80", "NaN", "–")
    values(page, "val/iou", "0.2", "0.5")
    expect(chart(page, "train/loss").locator(".cursor circle:visible")).to_have_count(2)
    expect(chart(page, "train/loss").locator(".warn")).to_have_text("1 not finite")
    expect(chart(page, "train/loss").locator(".warn")).to_have_attribute("title", "second (b): 1 not finite")
    point_at(page, "train/loss", 0.9)
    values(page, "train/loss", "10", "–", "–")
    page.mouse.move(5, 5)
    values(page, "train/loss", "0", "0", "10")


def test_the_keyboard_stops_wherever_a_run_has_a_point(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b"))
    plot = page.get_by_role("slider", name="train/loss")
    plot.press("Home")
    for first, second, words in (
        ("100", "50", "step 0: first 100, second 50"),
        ("100", "45", "step 5: first 100, second 45"),
        ("90", "40", "step 10: first 90, second 40"),
    ):
        values(page, "train/loss", first, second)
        expect(plot).to_have_attribute("aria-valuetext", words)
        page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    expect(plot).to_have_attribute("aria-valuetext", "step 100: first 0, second none")


def test_scales_and_the_enlarged_chart_are_those_of_the_run_page_and_in_the_address(
    site: Path, open_page: Open
) -> None:
    page = open_page(compare(site, "#panes=.,b"))
    names(page, "train/loss", "first", "second")
    page.get_by_label("Log scale").check()
    page.get_by_label("Smooth").fill("0.5")
    page.locator("#chart-x").select_option("time")
    expect(chart(page, "train/loss").locator(".raw")).to_have_count(2)
    page.get_by_role("button", name="Enlarge train/loss").click()
    dialog = page.get_by_role("dialog", name="train/loss")
    expect(dialog.locator("#chart-about")).to_have_text(
        "first: 11 values · lowest 0 at step 100 · highest 100 at step 0\n"
        "second: 11 values · lowest 0 at step 50 · highest 50 at step 0"
    )
    expect(dialog.locator(".line-key bdi")).to_have_text(["first", "second"])
    for part in ("x=time", "y=log", "smooth=0.5", "chart=train/loss"):
        expect(page).to_have_url(re.compile(part))
    other = open_page(page)
    expect(other.get_by_role("dialog", name="train/loss").locator(".line")).to_have_count(2)
    expect(other.get_by_label("Log scale")).to_be_checked()


def test_runs_with_one_step_metric_are_drawn_over_it(start: Start, runs: Path, open_page: Open) -> None:
    for name, metrics in (("a", ("x", "x")), ("b", ("x", "y"))):
        with start(id=name) as run:
            run.define_metric("same", step_metric=metrics[0])
            run.define_metric("other", step_metric=metrics[1])
            for step in range(5):
                run.log({"x": 10 * step, "y": step, "same": step, "other": step}, step=step)
    runlog_viewer.build(runs)
    page = open_page(compare(runs, "#panes=.,b"))
    expect(chart(page, "same").locator(".over")).to_have_text("x")
    assert chart(page, "same").locator("text.x").all_text_contents() == ["0", "20", "40"]
    expect(chart(page, "other").locator(".over")).to_have_count(0)
    assert chart(page, "other").locator("text.x").all_text_contents() == ["0", "2", "4"]


def test_pictures_and_charts_are_two_views_of_a_comparison(
    start: Start, site: Path, runs: Path, open_page: Open
) -> None:
    shutil.copytree(site / "a", runs / "a")
    with start(id="p", name="pictures") as run:
        run.log({"val/images": runlog.Image(np.zeros((8, 8), np.uint8)), "train/loss": 3}, step=4)
    runlog_viewer.build(runs)
    page = open_page(compare(runs, "#panes=.,p"))
    expect(page.locator("figure.image:visible")).to_have_count(1)
    expect(page.locator("#charts")).to_be_hidden()
    page.get_by_role("button", name="Charts").click()
    expect(page).to_have_url(re.compile("show=charts"))
    names(page, "train/loss", "first", "pictures")
    expect(page.locator("figure.image:visible")).to_have_count(0)
    expect(page.locator("#slider")).to_be_hidden()
    expect(open_page(page).get_by_role("button", name="Charts")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("t")
    expect(page.locator("figure.image:visible")).to_have_count(1)
    expect(page).not_to_have_url(re.compile("show="))


def test_runs_without_pictures_are_compared_by_charts_alone_which_leave_keys_to_the_browser(
    site: Path, open_page: Open
) -> None:
    page = open_page(compare(site, "#panes=.,b"))
    names(page, "train/loss", "first", "second")
    expect(page.get_by_role("button", name="Pictures")).to_be_hidden()
    expect(page.locator(".frame:visible")).to_have_count(0)
    expect(page.locator("#slider")).to_be_hidden()
    page.evaluate("addEventListener('keydown', (event) => { document.title = event.defaultPrevented; })")
    page.keyboard.press("End")
    expect(page).to_have_title("false")


def test_runs_can_be_added_chosen_and_removed(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b"))
    names(page, "val/iou", "first", "second")
    page.get_by_role("button", name="Add a run").click()
    expect(page).to_have_url(re.compile(r"panes=\.,b,c"))
    assert page.locator(".pane:visible .run").evaluate_all("all => all.map((s) => s.value)") == [
        ".",
        "b",
        "c",
    ]
    page.locator(".pane").nth(1).get_by_role("button", name="Remove this pane").click()
    names(page, "val/iou", "first")
    names(page, "train/loss", "first", "second")
    page.locator(".pane .run").nth(1).select_option("b")
    names(page, "val/iou", "first", "second")


def test_the_page_of_a_run_leads_to_its_charts_and_those_of_another(site: Path, open_page: Open) -> None:
    page = open_page((site / "a" / "index.html").as_uri())
    page.get_by_role("link", name="Compare runs").click()
    names(page, "train/loss", "first")
    page.get_by_role("button", name="Add a run").click()
    names(page, "train/loss", "first", "second")
    expect(page).to_have_url(re.compile(r"a/viewer/compare\.html#panes=\.,"))


def test_a_folder_without_a_run_says_so_and_hides_no_other(site: Path, open_page: Open, watched: Any) -> None:
    page = open_page(compare(site, "#panes=.,nowhere,b&show=charts"))
    names(page, "train/loss", "first", "second")
    expect(page.locator(".pane .nothing:visible")).to_have_text("There is no run in a folder of this name.")
    assert all("ERR_FILE_NOT_FOUND" in complaint for complaint in watched.complaints)
    watched.complaints.clear()


def test_many_charts_can_be_filtered(start: Start, runs: Path, open_page: Open) -> None:
    for name in "ab":
        with start(id=name) as run:
            run.log({f"layer{n}/w": n for n in range(20)}, step=0)
    runlog_viewer.build(runs)
    page = open_page(compare(runs, "#panes=.,b"))
    page.get_by_label("Filter charts").fill("layer7")
    expect(page.locator("#charts .chart:visible h3 bdi")).to_have_text(["layer7/w"])


def test_the_table_has_what_differs_or_all_of_it(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,c"))
    rows = page.locator("#differences tbody th[scope=row]")
    expect(rows).to_have_text(["lr", "seed", "only/first", "train/loss", "val/iou"])
    page.get_by_label("All values").check()
    expect(rows).to_have_text(["lr", "model.width", "seed", "only/first", "train/loss", "val/iou"])
    expect(page.locator("#differences tr.differs th")).to_have_text(
        ["lr", "seed", "only/first", "train/loss", "val/iou"]
    )
    expect(page).to_have_url(re.compile("rows=all"))
    other = open_page(page)
    expect(other.get_by_label("All values")).to_be_checked()
    other.get_by_label("All values").uncheck()
    expect(other.locator("#differences tbody th[scope=row]")).to_have_count(5)


def test_text_in_names_of_runs_and_keys_stays_text(start: Start, runs: Path, open_page: Open) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    for name in "ab":
        with start(id=name, name=f"{name} {hostile}") as run:
            run.define_metric("loss*", step_metric=hostile)
            run.log({f"loss{hostile}": 1, hostile: 2}, step=0)
            run.log({f"loss{hostile}": 2, hostile: 3}, step=1)
    runlog_viewer.build(runs)
    page = open_page(compare(runs, "#panes=.,b"))
    names(page, f"loss{hostile}", f"a {hostile}", f"b {hostile}")
    expect(chart(page, f"loss{hostile}").locator(".over")).to_have_text(hostile)
    expect(page.locator("img")).to_have_count(0)


def test_charts_follow_the_runs_while_they_go_on(
    start: Start, runs: Path, open_page: Open, live_site: Address
) -> None:
    with start(id="a", name="first") as first, start(id="b", name="second") as second:
        first.log({"loss": 1}, step=0)
        second.log({"loss": 2}, step=0)
        page = open_page(live_site("a/viewer/compare.html") + "#panes=.,b")
        values(page, "loss", "1", "2")
        page.evaluate("document.querySelector('.chart[data-key=loss]').wasHere = true")
        second.log({"loss": 3, "acc": 0.5}, step=1)
        expect(chart(page, "loss").locator(".line-key .value").nth(1)).to_have_text("3")
        names(page, "acc", "second")
        first.log({"loss": 7}, step=1)
        expect(chart(page, "loss").locator(".line-key .value").nth(0)).to_have_text("7")
        assert page.evaluate("document.querySelector('.chart[data-key=loss]').wasHere") is True
