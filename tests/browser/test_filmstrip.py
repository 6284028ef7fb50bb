"""One key over all steps, and one image of it over time: rows come as they are scrolled to, and go again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Address = Callable[[str], str]


def images(step: int, count: int = 3, size: int = 16) -> list[runlog.Image]:
    ids = np.zeros((size, size), np.uint8)
    ids[: size // 2] = 1
    box = {"position": {"minX": 0.1, "maxX": 0.6, "minY": 0.1, "maxY": 0.6}, "class_id": 1}
    return [
        runlog.Image(
            np.full((size, size, 3), step % 250, np.uint8),
            caption=f"{n} at {step}",
            boxes={"truth": {"box_data": [box], "class_labels": {1: "coin"}}},
            masks={"found": {"mask_data": ids, "class_labels": {1: "coin"}}},
            normalize=False,
        )
        for n in range(count)
    ]


def a_run(start: Start, steps: int = 5, **arguments: Any) -> runlog.LocalRun:
    with start(**{"id": "a", **arguments}) as run:
        for step in range(steps):
            run.log({"val/predictions": images(step)}, step=10 * step)
            if step % 2 == 0:
                run.log({"input": runlog.Image(np.zeros((8, 8), np.uint8))}, step=10 * step)
    runlog_viewer.build(run.folder.parent)
    return run


@pytest.fixture(scope="module")
def run(start_shared: Start) -> runlog.LocalRun:
    """Log and build the run that tests only read."""
    return a_run(start_shared)


def key_page(run: runlog.LocalRun, end: str = "") -> str:
    return (run.folder / "viewer" / "key.html").as_uri() + end


def steps_shown(page: Page) -> list[int]:
    return [int(step) for step in page.locator(".strip").evaluate_all("all => all.map(e => e.dataset.step)")]


def expect_rows(page: Page, steps: list[int]) -> None:
    expect(page.locator(".strip")).to_have_count(len(steps))
    assert steps_shown(page) == steps


def rows_in_sight(page: Page) -> dict[int, float]:
    """Return the top of each row that is on screen, by step."""
    found = page.evaluate(
        """() => [...document.querySelectorAll('.strip')]
            .map((e) => [e.dataset.step, e.getBoundingClientRect()])
            .filter(([, box]) => box.bottom > 200 && box.top < innerHeight)
            .map(([step, box]) => [Number(step), box.top])"""
    )
    return dict(found)


def test_a_row_for_each_step_has_the_images_of_the_key_with_all_that_is_drawn_over_them(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(key_page(run, "#key=val/predictions"))
    expect_rows(page, [40, 30, 20, 10, 0])
    figures = page.locator(".strip[data-step='30'] figure.image")
    expect(figures).to_have_count(3)
    assert figures.evaluate_all(
        "all => all.map((f) => [f.dataset.key, f.dataset.step, f.dataset.index])"
    ) == [["val/predictions", "30", str(n)] for n in range(3)]
    expect(figures.nth(1).locator("figcaption")).to_have_text("1 at 3")
    expect(figures.nth(1).locator("rect.box[data-label=coin]")).to_be_visible()
    expect(figures.nth(1).locator("image.mask[data-layer=found]")).to_be_visible()
    assert (
        figures.first.locator("img").evaluate(
            "async (img) => { await img.decode(); return img.naturalWidth; }"
        )
        == 16
    )
    page.locator(".strip[data-step='30'] h2 a").click()
    expect(page.locator("h1")).to_have_text("Step 30")


@pytest.mark.parametrize("ids", [None, "abc"], ids=["places", "ids"])
def test_steps_have_lines_of_their_own_if_any_has_several_images_though_the_latest_has_one(
    start: Start, open_page: Open, ids: str | None
) -> None:
    picture = np.zeros((8, 8), np.uint8)
    names = ids or [None] * 3
    with start(id="a") as run:
        for step, count in enumerate((3, 3, 1)):
            run.log({"a": [runlog.Image(picture, id=name) for name in names[:count]]}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(key_page(run, "#key=a"))
    expect(page.locator("#across a")).to_have_text(list(ids or ("#0", "#1", "#2")))
    expect_rows(page, [2, 1, 0])
    tops = page.locator(".strip[data-step='1'] figure.image").evaluate_all(
        "all => all.map((f) => f.offsetTop)"
    )
    assert len(tops) == 3
    assert len(set(tops)) == 1


def test_columns_are_one_below_the_other(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(key_page(run, "#key=val/predictions"))
    expect_rows(page, [40, 30, 20, 10, 0])
    lefts = page.locator("figure.image[data-index='2']").evaluate_all(
        "all => all.map((f) => f.getBoundingClientRect().left)"
    )
    heading = page.get_by_role("link", name="#2").evaluate("a => a.getBoundingClientRect().left")
    assert {*lefts, heading} == {lefts[0]}


def test_layers_captions_and_size_are_those_of_every_page(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(key_page(run, "#key=val/predictions"))
    expect_rows(page, [40, 30, 20, 10, 0])
    assert page.locator(".layers li").all_text_contents() == ["truth boxes", "found masks"]
    expect(page.locator(".legend li")).to_have_count(2)
    page.keyboard.press("1")
    expect(page.locator("g.layer:visible")).to_have_count(0)
    expect(page.locator("image.mask:visible")).to_have_count(15)
    page.keyboard.press("c")
    expect(page.locator("figcaption:visible")).to_have_count(0)
    narrow = page.locator("figure.image img").first.bounding_box()["width"]
    page.locator("#size").fill("560")
    wide = page.locator("figure.image img").first.bounding_box()["width"]
    assert 140 <= narrow <= 1.5 * 140  # they fill the width
    assert 280 <= wide <= 1.5 * 280
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    heading = page.get_by_role("link", name="#1").bounding_box()["x"]
    assert heading == page.locator("figure.image[data-index='1']").first.bounding_box()["x"]


def test_the_first_step_on_top_is_a_choice_that_the_address_holds(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(key_page(run, "#key=val/predictions"))
    expect_rows(page, [40, 30, 20, 10, 0])
    page.get_by_role("button", name="Oldest first").click()
    expect(page.locator(".strip").first).to_have_attribute("data-step", "0")
    expect_rows(page, [0, 10, 20, 30, 40])
    expect(page).to_have_url(re.compile("#key=val/predictions&order=ascending$"))
    expect_rows(open_page(page), [0, 10, 20, 30, 40])


def test_the_key_is_picked_from_all_keys_of_the_run(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(key_page(run))
    expect_rows(page, [40, 20, 0])
    assert page.locator("#key option").all_text_contents() == ["input", "val/predictions"]
    page.locator("#key").select_option("val/predictions")
    expect(page.locator(".strip")).to_have_count(5)
    expect(page).to_have_url(re.compile("#key=val/predictions$"))
    assert page.title() == "val/predictions · All steps · a"


# Notes how many rows there are each time that some come, and where the first is.
COMING = """() => {
    window.seen = [];
    new MutationObserver(() => {
        const all = document.querySelectorAll('.over-time .strip');
        if (!all.length) return;
        const {left, top} = all[0].getBoundingClientRect();
        window.seen.push([all.length, left, top]);
    }).observe(document.getElementById('rows'), {childList: true, subtree: true});
}"""


def test_one_image_over_time_is_a_flow_labelled_by_step_that_begins_with_one_line(
    start: Start, open_page: Open
) -> None:
    page = open_page(key_page(a_run(start, steps=30), "#key=val/predictions"))
    page.evaluate(COMING)
    page.get_by_role("link", name="#1").click()
    expect(page.locator("h1")).to_have_text("Image 1 over time")
    expect(page.locator(".strip")).to_have_count(30)
    assert page.locator("figure.image").evaluate_all(
        "all => [...new Set(all.map((f) => f.dataset.index))]"
    ) == ["1"]
    boxes = page.locator("figure.image").evaluate_all(
        "all => all.map((f) => [f.getBoundingClientRect().left, f.getBoundingClientRect().top])"
    )
    across = sum(top == boxes[0][1] for _, top in boxes)
    assert across > 4
    assert (
        len({left for left, _ in boxes}) == across
    )  # every line but the last is full, and all are in columns
    counts, *places = zip(*page.evaluate("window.seen"), strict=True)
    assert list(dict.fromkeys(counts)) == [1, across, min(3 * across, 30), *([30] if across < 10 else [])]
    assert [len(set(all_)) for all_ in places] == [1, 1]
    page.keyboard.press("n")
    expect(page.locator("figcaption").first).to_have_text("2 at 29")
    expect(page.locator("#next")).to_be_disabled()
    expect(page).to_have_url(re.compile("&index=2$"))
    page.keyboard.press("a")
    expect(page.locator("h1")).to_have_text("All steps")


def test_a_key_with_one_image_a_step_flows(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(key_page(run, "#key=input"))
    expect_rows(page, [40, 20, 0])
    assert len({strip.bounding_box()["y"] for strip in page.locator(".strip").all()}) == 1
    expect(page.locator("#across")).to_be_hidden()
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(".pane .at")).to_have_text(["step 0", "step 40"])


def test_every_mask_has_its_colours_where_each_needs_colours_of_its_own(
    start: Start, open_page: Open, wait_for_script: Callable[[Page, str], None]
) -> None:
    with start(id="a") as run:
        for step in range(15):
            ids = [np.full((4, 4), 300 + 10 * step + n, np.uint16) for n in range(10)]
            masks = [{"found": {"mask_data": mask, "class_labels": {int(mask[0, 0]): "a"}}} for mask in ids]
            run.log({"a": [runlog.Image(np.zeros((4, 4), np.uint8), masks=m) for m in masks]}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(key_page(run, "#key=a"), viewport={"width": 1280, "height": 4000})
    masks = page.locator("image.mask")
    page.locator("#size").fill("64")
    wait_for_script(page, "document.querySelectorAll('image.mask').length === 150")
    uncoloured = "(mask) => !document.getElementById(mask.getAttribute('filter').slice(5, -1))"
    assert masks.evaluate_all(f"all => all.filter({uncoloured}).length") == 0


def test_a_step_without_that_image_says_so(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        run.log({"a": images(0, count=1)}, step=0)
        run.log({"a": images(1, count=2)}, step=1)
    runlog_viewer.build(run.folder)
    page = open_page(key_page(run, "#key=a&index=1"))
    expect(page.locator(".strip[data-step='1'] figcaption")).to_have_text("1 at 1")
    expect(page.locator(".strip[data-step='0']")).to_contain_text("no image 1")


def test_a_key_that_has_no_images_is_told_in_words(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(key_page(run, "#key=no/such"))
    expect(page.locator("#none")).to_have_text("Nothing but numbers of no/such so far.")
    page.locator("#key").select_option("input")
    expect_rows(page, [40, 20, 0])


def test_a_thousand_images_at_a_step_are_shown_some_at_a_time(start: Start, open_page: Open) -> None:
    picture = runlog.Image(np.zeros((4, 4), np.uint8))
    with start(id="a") as run:
        run.log({"a": [picture] * 250}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(key_page(run, "#key=a"))
    expect(page.locator("figure.image")).to_have_count(108)
    page.get_by_role("link", name="More images").click()
    expect(page.locator("figure.image").first).to_have_attribute("data-index", "108")
    page.get_by_role("link", name="More images").click()
    expect(page.locator("figure.image")).to_have_count(34)
    expect(page.get_by_role("link", name="More images")).to_be_hidden()
    page.get_by_role("link", name="Images before").click()
    expect(page.locator("figure.image").first).to_have_attribute("data-index", "108")


def test_every_key_of_a_gallery_leads_to_all_its_steps(run: runlog.LocalRun, open_page: Open) -> None:
    for file in (run.folder / "index.html", run.folder / "viewer/steps/000000040.html"):
        page = open_page(file)
        page.locator("section.key[data-key='val/predictions'] a.all-steps").click()
        expect(page.locator(".strip")).to_have_count(5)


HOSTILE = (
    "a b/c#d%41&e=f+g",
    "\"><img src=x onerror=alert(1)>'",
    "x/../y",
    "__proto__",
    "ключ/鍵/\u202e",
    "a,b@c!d",
)


def test_any_key_can_be_shown_and_linked_to(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        for step in range(2):
            run.log({key: images(step, count=2) for key in HOSTILE}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "viewer/steps/000000000.html")
    expect(page.locator("section.key")).to_have_count(len(HOSTILE))
    sections = page.locator("section.key").evaluate_all(
        "all => all.map((s) => [s.querySelector('h2').textContent, s.querySelector('a.all-steps').href])"
    )
    links = {key: link for key in HOSTILE for text, link in sections if text.startswith(f"{key} ")}
    assert len(set(links.values())) == len(HOSTILE)
    for key, link in links.items():
        page.goto("about:blank")
        page.goto(link)
        expect(page.locator(".strip")).to_have_count(2)
        assert page.locator("figure.image").first.get_attribute("data-key") == key
        page.get_by_role("link", name="#1").click()
        expect(page.locator("figure.image")).to_have_count(2)
        assert page.locator("figure.image").first.get_attribute("data-key") == key
        page.reload()
        expect(page.locator("figure.image[data-index='1']")).to_have_count(2)


def test_a_link_shows_the_same_in_a_copy_of_the_folder(
    run: runlog.LocalRun, open_page: Open, runs: Path
) -> None:
    copy = runs / "a copy # of %41"
    shutil.copytree(run.folder, copy)
    page = open_page((copy / "viewer/key.html").as_uri() + "#key=val/predictions&index=2&order=ascending")
    expect(page.locator("figcaption").first).to_have_text("2 at 0")
    source = page.locator("figure.image img").first.evaluate("img => img.src")
    assert source.startswith(copy.as_uri())


def test_without_javascript_the_page_says_so_and_leads_to_the_steps(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(key_page(run), java_script_enabled=False)
    page.get_by_role("link", name="The pages of the steps").click()
    expect(page.locator("#step-blocks")).to_be_visible()


def test_a_live_run_adds_rows_on_top_and_leaves_the_reader_where_they_are(
    start: Start, open_page: Open, live_site: Address
) -> None:
    with start(id="a") as run:
        for step in range(40):
            run.log({"val/predictions": images(step)}, step=step)
        page = open_page(live_site("a/viewer/key.html") + "#key=val/predictions")
        expect(page.locator("#live")).to_have_text("live")
        expect(page.locator(".strip").first).to_have_attribute("data-step", "39")
        run.log({"val/predictions": images(40)}, step=40)
        expect(page.locator(".strip").first).to_have_attribute("data-step", "40")
        page.evaluate("scrollTo(0, 1200)")
        page.wait_for_timeout(300)
        before = rows_in_sight(page)
        assert len(before) > 2
        run.log({"val/predictions": images(41)}, step=41)
        run.log({"val/predictions": images(100)}, step=38)
        expect(page.locator("#place")).to_have_text("42 steps")
        page.wait_for_timeout(300)
        after = rows_in_sight(page)
        assert set(before) <= set(after)
        assert {step: round(after[step] - top) for step, top in before.items()} == dict.fromkeys(before, 0)
        page.evaluate("scrollTo(0, 0)")
        expect(page.locator(".strip").first).to_have_attribute("data-step", "41")
        expect(page.locator(".strip[data-step='38'] figcaption").first).to_have_text("0 at 100")


IN_SIGHT = """() => [...document.querySelectorAll('.strip')].some((strip) => {
    const {top, bottom} = strip.getBoundingClientRect();
    return top > 200 && bottom < innerHeight;
})"""


def test_two_thousand_steps_scroll_with_a_page_that_stays_small(
    start: Start, open_page: Open, wait_for_script: Callable[[Page, str], None]
) -> None:
    picture = runlog.Image(np.zeros((2, 2), np.uint8))
    higher = runlog.Image(picture, caption="high\n" * 9)  # than is thought of what is not here yet
    with start(id="a") as run:
        for step in range(2000):
            run.log({"a": higher if step < 5 else picture}, step=step)
    runlog_viewer.build(run.folder)
    for end in ("#key=a", "#key=a&index=0"):
        page = open_page(key_page(run, end))
        expect(page.locator("#place")).to_have_text("2,000 steps")
        expect(page.locator(".strip").first).to_have_attribute("data-step", "1999")
        height = page.evaluate("document.documentElement.scrollHeight")
        most = 0
        for part in (0.5, 0.1, 0.9):
            page.evaluate(f"scrollTo(0, {part} * document.documentElement.scrollHeight)")
            wait_for_script(page, IN_SIGHT)
            (step, _), *_ = rows_in_sight(page).items()
            assert step == pytest.approx(1999 * (1 - part), abs=120)
            most = max(most, page.locator("figure.image").count())
        assert most < 1500
        assert page.evaluate("document.documentElement.scrollHeight") == pytest.approx(height, rel=0.02)
        page.keyboard.press("End")
        expect(page.locator(".strip[data-step='0'] figcaption")).to_be_in_viewport()
        wait_for_script(page, "scrollY + innerHeight > document.documentElement.scrollHeight - 2")
        page.emulate_media(media="print")
        blank = page.locator(".chunk:empty").evaluate_all(
            "all => Math.max(...all.map((e) => e.offsetHeight))"
        )
        assert 0 < blank < 60
        page.emulate_media(media="screen")
        page.keyboard.press("Home")
        expect(page.locator(".strip[data-step='1999']")).to_be_in_viewport()
        wait_for_script(page, "scrollY === 0")
        expect(page.locator(".strip[data-step='0']")).to_have_count(0)
