"""Boxes are hidden by the least of a score, with the words at them, at every step."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Scores = Mapping[str, float]


def image(*scores: Scores, shade: int = 0) -> runlog.Image:
    drawn = [
        {
            # each lower than the one before, so that all have room for what is written at them
            "position": {"minX": n / 8, "maxX": (n + 1) / 8, "minY": (n + 1) / 10, "maxY": 0.9},
            "class_id": n,
            "box_caption": f"box {n}",
            "scores": dict(given),
        }
        for n, given in enumerate(scores)
    ]
    grey = np.full((280, 280), shade, np.uint8)
    return runlog.Image(grey, boxes={"b": {"box_data": drawn}}, normalize=False)


def built(start: Start, *images: runlog.Image) -> Path:
    with start(id="a") as run:
        for step, one in enumerate(images):
            run.log({"val": one}, step=step)
    runlog_viewer.build(run.folder.parent)
    return run.folder / "viewer" / "steps" / "000000000.html"


def slider(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name, exact=True)


def words(page: Page, name: str) -> str:
    return page.locator("label.score", has_text=name).locator("output").inner_text()


def drawn(page: Page) -> list[str]:
    boxes = page.locator("rect.box:visible").evaluate_all("all => all.map(box => `box ${box.dataset.class}`)")
    assert sorted(page.locator(".tags text:visible").all_text_contents()) == boxes
    return boxes


def test_a_slider_over_the_range_of_a_score_hides_the_boxes_below(start: Start, open_page: Open) -> None:
    page = open_page(built(start, image({"confidence": 0.2}, {"confidence": 0.5}, {"confidence": 0.9})))
    least = slider(page, "confidence")
    assert [float(least.get_attribute(side)) for side in ("min", "max")] == [0.2, 0.9]
    assert words(page, "confidence") == "any · 3 boxes"
    least.fill("0.5")
    assert drawn(page) == ["box 1", "box 2"]
    assert words(page, "confidence") == "≥ 0.5 · 2 of 3 boxes"
    least.fill("0.9")
    assert drawn(page) == ["box 2"]
    least.fill("0.2")
    assert drawn(page) == ["box 0", "box 1", "box 2"]
    assert words(page, "confidence") == "any · 3 boxes"


def test_several_scores_are_asked_for_at_once(start: Start, open_page: Open) -> None:
    scores = [{"a": 0.1, "constructor": 10}, {"a": 0.9, "constructor": 20}, {"a": 0.8, "constructor": 30}]
    page = open_page(built(start, image(*scores)))
    slider(page, "a").fill("0.5")
    slider(page, "constructor").fill("25")
    assert drawn(page) == ["box 2"]


def test_boxes_without_the_score_stay_and_those_where_it_is_no_number_go(
    start: Start, open_page: Open
) -> None:
    scores = [{"a": 0.5}, {}, {"a": math.nan}, {"a": math.inf}, {"a": -math.inf}, {"a": 0.7}]
    page = open_page(built(start, image(*scores)))
    assert [float(slider(page, "a").get_attribute(side)) for side in ("min", "max")] == [0.5, 0.7]
    slider(page, "a").fill("0.6")
    assert drawn(page) == ["box 1", "box 3", "box 5"]


def test_the_least_score_stays_while_the_steps_change(start: Start, open_page: Open) -> None:
    steps = [({"a": 0.1}, {"a": 0.5}, {"a": 0.9}), ({"a": 0.6}, {"a": 0.3}), ({},), ({"a": 0}, {"a": 2})]
    page = open_page(built(start, *(image(*scores, shade=n) for n, scores in enumerate(steps))))
    expect(page.locator("#place")).to_have_text("1 of 4")
    slider(page, "a").fill("0.5")
    for step, shown, said in (
        (1, ["box 0"], "≥ 0.5 · 1 of 2 boxes"),
        (2, ["box 0"], "≥ 0.5 · no boxes"),
        (3, ["box 1"], "≥ 0.5 · 1 of 2 boxes"),
    ):
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("ArrowRight")
        expect(page.locator("h1")).to_have_text(f"Step {step}")
        assert drawn(page) == shown
        assert words(page, "a") == said
        assert float(slider(page, "a").input_value()) == 0.5


def test_every_step_has_the_sliders_of_the_run_and_nothing_moves(start: Start, open_page: Open) -> None:
    steps = [
        ({"a": 0.1}, {"a": 0.5}),
        ({"quality": 20}, {}),
        ({}, {}),
        ({"a": -1, "quality": 5}, {"a": 2, "c": 1}),
    ]
    page = open_page(built(start, *(image(*scores, shade=n) for n, scores in enumerate(steps))))
    expect(page.locator("#place")).to_have_text("1 of 4")
    look = """() => [
        ...[...document.querySelectorAll('.score input')].map((i) => [i.dataset.score, i.min, i.max]),
        ...[...document.querySelectorAll('.score, figure.image .frame, figure.image img')].map((element) => {
            const {x, y, width} = element.getBoundingClientRect();
            return [x, y, width];
        }),
    ]"""
    first = page.evaluate(look)
    assert first[:2] == [["a", "-1", "2"], ["quality", "5", "20"]]
    for step in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        expect(page.locator("h1")).to_have_text(f"Step {step}")
        assert page.evaluate(look) == first
    page.keyboard.press("Home")
    expect(page.locator("h1")).to_have_text("Step 0")
    assert words(page, "quality") == "any · no boxes"
    slider(page, "quality").fill("10")
    assert words(page, "quality") == "≥ 10 · no boxes"
    assert drawn(page) == ["box 0", "box 1"]


def test_in_full_view_the_boxes_of_the_picture_are_counted(start: Start, open_page: Open) -> None:
    scores = [{"a": 0.1}, {"a": 0.9}]
    with start(id="a") as run:
        run.log({"val": [image(*scores), image(*scores, {"a": 0.5}, shade=9)]}, step=0)
    runlog_viewer.build(run.folder.parent)
    page = open_page(run.folder / "viewer" / "steps" / "000000000.html")
    said = page.locator("dialog.full label.score output")
    page.locator("a.picture").first.click()
    expect(said).to_have_text("any · 2 boxes")
    page.keyboard.press("n")
    expect(said).to_have_text("any · 3 boxes")
    page.locator("dialog.full").get_by_role("slider", name="a", exact=True).fill("0.5")
    expect(said).to_have_text("≥ 0.5 · 2 of 3 boxes")
    page.keyboard.press("Escape")
    expect(page.locator("main label.score output")).to_have_text("≥ 0.5 · 3 of 5 boxes")


def test_a_score_that_is_the_same_everywhere_has_no_slider(start: Start, open_page: Open) -> None:
    page = open_page(built(start, image({"a": 1}, {"a": 1, "b": math.pi})))
    expect(page.get_by_role("slider", name="a", exact=True)).to_have_count(0)
    expect(page.locator(".scores")).to_have_count(0)


def test_the_run_page_hides_them_as_well(start: Start, open_page: Open) -> None:
    file = built(start, image({"a": 0.1}, {"a": 0.5}))
    page = open_page(file)
    slider(page, "a").fill("0.4")
    page.goto((file.parents[2] / "index.html").as_uri())
    assert drawn(page) == ["box 1"]
    slider(page, "a").fill("0.1")
    assert drawn(page) == ["box 0", "box 1"]


SAID_AND_THERE = """() => {
    const boxes = [...document.querySelectorAll('#content rect.box')];
    const at = boxes.map((box) => JSON.parse(box.dataset.scores).confidence);
    const least = runlog.settings.get('minimums').confidence;
    const kept = at.filter((score) => score >= least);
    return [
        document.querySelector('.score output')?.textContent,
        least ? `≥ ${least} · ${kept.length} of ${at.length} boxes` : `any · ${at.length} boxes`,
    ];
}"""


def expect_true_count(page: Page) -> str:
    """Wait until the count is that of the boxes in the page, and return its words."""
    deadline = time.monotonic() + 30
    while True:
        said, there = page.evaluate(SAID_AND_THERE)
        if said == there:
            return str(said)
        assert time.monotonic() < deadline, f"{said!r} is said of {there!r}"
        page.wait_for_timeout(20)


def test_the_count_on_the_page_of_a_key_is_of_all_its_rows_as_they_come_and_go(
    start: Start, open_page: Open
) -> None:
    images = [image({"confidence": 0.2}, {"confidence": 0.01 * n}, shade=n) for n in range(90)]
    file = built(start, *images).parents[1] / "key.html"
    page = open_page(file.as_uri() + "#key=val", viewport={"width": 400, "height": 500})
    expect(page.locator(".strip").first).to_be_visible()
    page.get_by_role("button", name="Layers and order").click()
    page.evaluate("document.getElementById('order').click()")
    first = expect_true_count(page)
    assert first.startswith("any · ")
    slider(page, "confidence").fill("0.1")
    words_before = expect_true_count(page)
    rows_before = page.locator(".strip").evaluate_all("all => all.map((row) => row.dataset.step)")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(page.locator(".strip[data-step='89']")).to_be_visible()
    expect(page.locator(f".strip[data-step='{rows_before[0]}']")).to_have_count(0)
    assert expect_true_count(page) != words_before
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator(".strip[data-step='89']")).to_have_count(0)
    expect_true_count(page)


def test_the_count_on_the_page_that_compares_is_of_all_panes(start: Start, open_page: Open) -> None:
    steps = [({"confidence": 0.2}, {"confidence": 0.9}), ({"confidence": 0.8},), ({"confidence": 0.1},) * 3]
    file = built(start, *(image(*scores, shade=n) for n, scores in enumerate(steps))).parents[1]
    page = open_page((file / "compare.html").as_uri() + "#panes=.@0,.@1,.@2&key=val&min=confidence:0.5")
    expect(page.locator("rect.box")).to_have_count(6)
    assert expect_true_count(page) == "≥ 0.5 · 2 of 6 boxes"
    page.locator(".pane .remove").last.click()
    expect(page.locator("rect.box")).to_have_count(3)
    assert expect_true_count(page) == "≥ 0.5 · 2 of 3 boxes"
    page.keyboard.press("k")
    expect(page.locator("#pair .part")).to_have_count(2)
    assert expect_true_count(page) == "≥ 0.5 · 2 of 3 boxes"


def test_scores_keep_the_names_that_they_were_logged_by(start: Start, open_page: Open) -> None:
    """Also those that an attribute could not have, and two that differ in their letters' case alone."""
    names = ("mAP@50", "IoU", "iou", "a \"b\" & 'c' <d>", "__proto__")
    low, high = ({name: (n + by) / 10 for n, name in enumerate(names)} for by in (0, 5))
    page = open_page(built(start, image(low, high)))
    assert sorted(page.locator("label.score bdi").all_inner_texts()) == sorted(names)
    for n, name in enumerate(names):
        least = slider(page, name)
        assert [float(least.get_attribute(side)) for side in ("min", "max")] == [n / 10, (n + 5) / 10]
    slider(page, "iou").fill("0.5")
    assert drawn(page) == ["box 1"]
    assert "min=iou:0.5" in page.url
    slider(page, "iou").fill("0.2")
    page.locator("rect.box").first.hover()
    expect(page.locator(".tip")).to_be_visible()
    shown = page.locator(".tip").inner_text()
    assert all(f"{name} {n / 10:g}" in shown for n, name in enumerate(names))


def test_a_legend_counts_the_boxes_that_are_left(start: Start, open_page: Open) -> None:
    classes = [(1, 0.2), (1, 0.6), (1, 0.9), (2, 0.1), (3, None)]
    drawn = [
        {
            "position": {"minX": 0.1, "maxX": 0.5, "minY": 0.1, "maxY": 0.5},
            "class_id": class_id,
            "scores": {} if score is None else {"a": score},
        }
        for class_id, score in classes
    ]
    one = runlog.Image(np.zeros((8, 8), np.uint8), boxes={"b": {"box_data": drawn}})
    with start(id="a") as run:
        run.log({"val": [one] * 150}, step=0)  # more than a page of the gallery holds
        run.log({"val": one}, step=1)
    runlog_viewer.build(run.folder.parent)
    page = open_page(run.folder / "viewer" / "steps" / "000000000.html")
    expect(page.locator("#place")).to_have_text("1 of 2")

    def counts() -> list[list[str]]:
        look = "all => all.map(count => [count.textContent, count.title, count.ariaLabel])"
        texts = page.locator(".legend .count").evaluate_all(look)
        assert all(title == label for _, title, label in texts)
        return [text[:2] for text in texts]

    every = [["450", "450 boxes"], ["150", "150 boxes"], ["150", "150 boxes"]]
    assert counts() == every
    slider(page, "a").fill("0.5")
    assert counts() == [["300", "300 of 450 boxes"], ["0", "0 of 150 boxes"], ["150", "150 boxes"]]
    slider(page, "a").fill("0.9")
    assert counts() == [["150", "150 of 450 boxes"], ["0", "0 of 150 boxes"], ["150", "150 boxes"]]
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 1")
    assert counts() == [["1", "1 of 3 boxes"], ["0", "0 of 1 box"], ["1", "1 box"]]
    page.keyboard.press("ArrowLeft")
    expect(page.locator("h1")).to_have_text("Step 0")
    page.get_by_role("button", name="Show all").click()
    assert counts() == every
