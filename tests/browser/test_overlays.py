"""The entries of the legend switch their classes: boxes, the words at them, and the pixels of masks."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import runlog
import runlog_viewer
from runlog import palette

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Shoot = Callable[[Page, str], np.ndarray]

SIZE = 64
LABELS = {1: "cat", 2: "dog", 3: "bird"}
GREY = np.full((SIZE, SIZE, 3), 128, np.uint8)
PICTURE = "figure.image .picture"


def box(class_id: int | None, left: float) -> dict[str, object]:
    position = {"minX": left, "maxX": left + 0.2, "minY": 0.3, "maxY": 0.9}
    return {"position": position, "class_id": class_id, "box_caption": f"box of {class_id}"}


def boxes(*class_ids: int | None) -> dict[str, object]:
    drawn = [box(class_id, 0.25 * place) for place, class_id in enumerate(class_ids)]
    return {"predictions": {"box_data": drawn, "class_labels": LABELS}}


def step_page(run: runlog.LocalRun, step: int = 0) -> Path:
    return run.folder / "viewer" / "steps" / f"{step:09d}.html"


def built(start: Start, *images: runlog.Image) -> runlog.LocalRun:
    with start(id="a") as run:
        for step, image in enumerate(images):
            run.log({"val": [image]}, step=step)
    runlog_viewer.build(run.folder.parent)
    return run


def entry(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name)


def drawn_boxes(page: Page) -> list[str]:
    return page.locator("rect.box:visible").evaluate_all("all => all.map(box => box.dataset.class)")


def drawn_tags(page: Page) -> list[str]:
    return sorted(page.locator(".tags text:visible").all_text_contents())


def test_a_class_is_switched_off_and_on_with_its_boxes_and_their_words(start: Start, open_page: Open) -> None:
    large = np.full((280, 280, 3), 128, np.uint8)
    page = open_page(step_page(built(start, runlog.Image(large, boxes=boxes(1, 2, 3, 1)))))
    assert drawn_boxes(page) == ["1", "2", "3", "1"]
    entry(page, "cat").click()
    expect(entry(page, "cat")).not_to_be_checked()
    assert drawn_boxes(page) == ["2", "3"]
    assert drawn_tags(page) == ["box of 2", "box of 3"]
    entry(page, "dog").focus()
    page.keyboard.press("Space")
    assert drawn_boxes(page) == ["3"]
    entry(page, "cat").click()
    assert drawn_boxes(page) == ["1", "3", "1"]
    page.get_by_role("button", name="Show all").click()
    expect(entry(page, "dog")).to_be_checked()
    expect(page.get_by_role("button", name="Show all")).to_be_hidden()
    assert drawn_boxes(page) == ["1", "2", "3", "1"]


def test_nothing_moves_when_something_is_switched_off(start: Start, open_page: Open) -> None:
    page = open_page(
        step_page(built(start, runlog.Image(GREY, boxes=boxes(1, 2)))), viewport={"width": 500, "height": 600}
    )
    page.get_by_role("button", name="Layers and order").click()
    all_of = "document.querySelectorAll('.overlays > *, figure')"
    places = f"() => [...{all_of}].map((element) => element.getBoundingClientRect().toJSON())"
    before = page.evaluate(places)
    entry(page, "cat").click()
    expect(page.get_by_role("button", name="Show all")).to_be_visible()
    assert page.evaluate(places) == before


@pytest.mark.parametrize(
    "page_file", ["viewer/steps/000000000.html", "viewer/key.html", "viewer/compare.html"]
)
def test_on_a_narrow_screen_no_line_is_kept_for_what_is_hidden(
    page_file: str, start: Start, open_page: Open
) -> None:
    run = built(start, runlog.Image(GREY, boxes=boxes(1, 2)))
    page = open_page(run.folder / page_file, viewport={"width": 360, "height": 640})
    if "compare" not in page_file:  # where they are not folded away
        page.get_by_role("button", name="Layers and order").click()
    entry(page, "cat").click()
    button = page.get_by_role("button", name="Show all")
    of_last, of_button, of_next = (
        part.evaluate("element => element.getBoundingClientRect().toJSON()")
        for part in (page.locator("main .legend"), button, page.locator("section.key, .strip, .pane").first)
    )
    assert of_next["top"] - of_last["bottom"] < 32  # px: less than a line and the room between two
    assert of_button["height"] >= 24
    button.click()
    expect(button).to_be_hidden()


@pytest.mark.parametrize("page_file", ["viewer/key.html", "viewer/compare.html"])
def test_nor_is_one_kept_on_a_wide_screen_that_the_controls_fill(
    page_file: str, start: Start, open_page: Open
) -> None:
    box_data = [
        {**box(1, place / 4), "scores": {"confidence": place, "overlap": place}} for place in range(3)
    ]
    image = runlog.Image(GREY, boxes={"predictions": {"box_data": box_data, "class_labels": LABELS}})
    page = open_page(built(start, image).folder / page_file, viewport={"width": 1100, "height": 700})
    expect(page.locator(".score")).to_have_count(2)
    bottoms = page.locator("main .overlays > :not(.show-all)").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().bottom)"
    )
    below = page.locator(".strip, .pane").first.bounding_box()
    assert below is not None
    assert below["y"] - max(bottoms) < 40


@pytest.mark.parametrize("page_file", ["index.html", "viewer/steps/000000000.html", "viewer/key.html"])
def test_masks_that_lie_over_each_other_can_be_seen_side_by_side(
    page_file: str, start: Start, open_page: Open
) -> None:
    masks = {name: {"mask_data": np.ones(GREY.shape[:2], int)} for name in ("prediction", "truth")}
    run = built(start, runlog.Image(GREY, masks=masks))
    page = open_page(run.folder / page_file)
    for link in ("main .overlays .apart", "dialog.full .full-apart"):
        if "full" in link:
            page.go_back()
            page.locator("a.picture").first.click()
        page.locator(link).click()
        expect(page.locator(".pane")).to_have_count(2)
        shown = (
            "panes => panes.map((pane) => [...pane.querySelectorAll('.mask')].map((m) => m.dataset.layer))"
        )
        expect(page.locator(".pane .mask")).to_have_count(2)
        expect(page.locator("#place")).to_have_text("step 0")  # of the slider, which both panes follow
        assert page.locator(".pane").evaluate_all(shown) == [["prediction"], ["truth"]]


def test_one_mask_is_not_offered_side_by_side(start: Start, open_page: Open) -> None:
    page = open_page(
        step_page(
            built(start, runlog.Image(GREY, masks={"truth": {"mask_data": np.ones(GREY.shape[:2], int)}}))
        )
    )
    expect(page.locator(".overlays .layers")).to_have_text("truth masks")
    expect(page.locator(".apart")).to_have_count(0)
    page.locator("a.picture").click()
    expect(page.locator(".full-apart")).to_be_hidden()


def test_a_class_is_shown_alone_by_a_double_click_and_by_keys(start: Start, open_page: Open) -> None:
    page = open_page(step_page(built(start, runlog.Image(GREY, boxes=boxes(1, 2, None)))))
    entry(page, "dog").dblclick()
    assert drawn_boxes(page) == ["2"]
    expect(entry(page, "cat")).not_to_be_checked()
    entry(page, "cat").click()
    assert drawn_boxes(page) == ["1", "2"]
    entry(page, "cat").click(modifiers=["Alt"])
    assert drawn_boxes(page) == ["1"]
    entry(page, "cat").dblclick()
    assert drawn_boxes(page) == ["1", "2", ""]
    entry(page, "dog").focus()
    page.keyboard.press("Shift+Enter")
    assert drawn_boxes(page) == ["2"]
    page.keyboard.press("r")
    assert drawn_boxes(page) == ["1", "2", ""]


@pytest.mark.parametrize(
    "ids",
    [(1, 2, 3), (0, 300, 65535), tuple(range(1, 65536, 200))],
    ids=["8-bit", "16-bit", "more than a filter holds"],
)
def test_a_class_is_switched_off_in_masks_to_the_pixel(
    start: Start, open_page: Open, shoot: Shoot, ids: tuple[int, ...]
) -> None:
    logged = np.array(ids)[np.arange(SIZE * SIZE) % len(ids)].reshape(SIZE, SIZE)
    masks = {"m": {"mask_data": logged, "class_labels": {i: f"<{i}>" for i in ids}}}
    run = built(start, runlog.Image(GREY, masks=masks), runlog.Image(GREY + 1, masks=masks))
    page = open_page(step_page(run))
    page.locator("#natural").check()
    page.locator("#opacity").fill("1")
    seen = np.array([palette.channels(palette.colour(i)) for i in logged.flat], np.uint8).reshape(
        SIZE, SIZE, 3
    )

    def expect_seen(grey: int, *shown: int) -> None:
        page.mouse.move(0, 0)
        expected = np.where(np.isin(logged, shown)[..., None], seen, grey)
        deadline = time.monotonic() + 30
        while not np.array_equal(shoot(page, PICTURE), expected) and time.monotonic() < deadline:
            page.wait_for_timeout(50)  # a mask of many classes is painted anew
        np.testing.assert_array_equal(shoot(page, PICTURE), expected)

    expect_seen(128, *ids)
    entry(page, f"<{ids[1]}>").click()
    expect_seen(128, ids[0], *ids[2:])
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 1")
    expect_seen(129, ids[0], *ids[2:])
    entry(page, f"<{ids[1]}>").dblclick()
    expect_seen(129, ids[1])
    page.keyboard.press("r")
    expect_seen(129, *ids)


@pytest.mark.parametrize(
    "ids",
    [(0, 1, 255), (0, 255, 300), (0, 255, *range(300, 600))],
    ids=["8-bit", "16-bit", "more than a filter holds"],
)
def test_what_is_nothing_in_particular_is_off_in_masks_until_it_is_switched_on(
    start: Start, open_page: Open, shoot: Shoot, ids: tuple[int, ...]
) -> None:
    logged = np.array(ids)[np.arange(SIZE * SIZE) % len(ids)].reshape(SIZE, SIZE)
    labels = {i: f"<{i}>" for i in ids[2:]} | {ids[1]: "Void"}
    layer = {"b": {"box_data": [box(0, 0.1)], "class_labels": {0: "cat"}}}
    masks = {"m": {"mask_data": logged, "class_labels": labels}}
    run = built(start, *(runlog.Image(GREY + n, boxes=layer, masks=masks) for n in range(2)))
    page = open_page(step_page(run))
    page.locator("#natural").check()
    page.locator("#opacity").fill("1")
    page.locator("#tags").uncheck()
    page.locator(".layers input[data-kind=boxes]").uncheck()
    seen = np.array([palette.channels(palette.colour(i)) for i in logged.flat], np.uint8).reshape(
        SIZE, SIZE, 3
    )

    def expect_seen(grey: int, *shown: int) -> None:
        page.mouse.move(0, 0)
        expected = np.where(np.isin(logged, shown)[..., None], seen, grey)
        deadline = time.monotonic() + 30
        while not np.array_equal(shoot(page, PICTURE), expected) and time.monotonic() < deadline:
            page.wait_for_timeout(50)  # a mask of many classes is painted anew
        np.testing.assert_array_equal(shoot(page, PICTURE), expected)

    expect_seen(128, *ids[2:])
    for name, is_shown in (("cat", True), ("class_0", False), ("Void", False)):
        expect(entry(page, name)).to_be_checked(checked=is_shown)
    page.locator(".layers input[data-kind=boxes]").check()
    assert drawn_boxes(page) == ["0"]
    page.locator(".layers input[data-kind=boxes]").uncheck()
    entry(page, "Void").click()
    expect_seen(128, *ids[1:])
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 1")
    expect_seen(129, *ids[1:])
    assert f"on={ids[1]}~" in page.url
    page.reload()
    expect_seen(129, *ids[1:])
    entry(page, "class_0").dblclick()
    expect_seen(129, 0)
    assert drawn_boxes(page) == []
    entry(page, "Void").click()
    expect_seen(129, 0, ids[1])
    page.keyboard.press("r")
    page.locator(".layers input[data-kind=boxes]").uncheck()
    expect_seen(129, *ids[2:])
    expect(entry(page, "class_0")).not_to_be_checked()


def test_all_is_shown_while_only_what_is_off_at_first_is_not(start: Start, open_page: Open) -> None:
    ids = np.arange(SIZE * SIZE).reshape(SIZE, SIZE) % 3
    page = open_page(step_page(built(start, runlog.Image(GREY, masks={"m": {"mask_data": ids}}))))
    show_all = page.get_by_role("button", name="Show all")
    expect(show_all).to_be_hidden()
    entry(page, "class_0").click()
    expect(entry(page, "class_0")).to_be_checked()
    expect(show_all).to_be_hidden()
    entry(page, "class_1").click()
    show_all.click()
    expect(entry(page, "class_0")).to_be_checked()
    expect(entry(page, "class_1")).to_be_checked()


def test_without_javascript_what_is_off_at_first_is_not_drawn_and_looks_like_it(
    start: Start, open_page: Open, shoot: Shoot
) -> None:
    labels = {0: "background", 1: "lesion"}
    masks = {"m": {"mask_data": np.zeros((SIZE, SIZE), int), "class_labels": labels}}
    page = open_page(step_page(built(start, runlog.Image(GREY, masks=masks))), java_script_enabled=False)
    assert (shoot(page, "figure.image img")[1:-1, 1:-1] == 128).all()  # its edges are between pixels
    name = page.get_by_role("listitem").filter(has_text="background").locator("bdi")
    expect(name).to_have_css("text-decoration-line", "line-through")


def test_instances_have_one_switch_and_are_told_apart_by_the_pointer(start: Start, open_page: Open) -> None:
    ids = np.arange(SIZE * SIZE).reshape(SIZE, SIZE)
    masks = {
        "cells": {"mask_data": ids},
        "tissue": {"mask_data": np.ones_like(ids), "class_labels": {1: "liver"}},
    }
    page_file = step_page(built(start, runlog.Image(GREY, masks=masks)))
    page = open_page(page_file)
    expect(page.locator(".legend li")).to_have_text(["liver 1"])
    assert page_file.stat().st_size < 20_000  # bytes, however many ids
    img = page.locator(PICTURE).bounding_box()
    assert img is not None

    def point(x: int, y: int) -> None:
        column, row = (x + 0.5) / SIZE, (y + 0.5) / SIZE
        page.mouse.move(img["x"] + column * img["width"], img["y"] + row * img["height"])

    for x, y, words in ((0, 0, []), (3, 2, ["id 131"]), (SIZE - 1, SIZE - 1, ["id 4095"])):
        point(x, y)
        expect(page.locator(".tip b")).to_have_text([*words, "liver (class 1)"])
    entry(page, "liver").dblclick()
    point(9, 9)
    expect(page.locator(".tip b")).to_have_text(["id 585", "liver (class 1)"])
    page.locator(".layers input[data-layer=cells]").uncheck()
    point(9, 8)
    expect(page.locator(".tip b")).to_have_text(["liver (class 1)"])


def test_classes_stay_off_at_other_steps_and_on_other_pages(start: Start, open_page: Open) -> None:
    run = built(start, *(runlog.Image(GREY + n, boxes=boxes(1, 2)) for n in range(3)))
    page = open_page(step_page(run))
    entry(page, "cat").click()
    for step in (1, 2):
        page.keyboard.press("ArrowRight")
        expect(page.locator("h1")).to_have_text(f"Step {step}")
        expect(entry(page, "cat")).not_to_be_checked()
        assert drawn_boxes(page) == ["2"]
    page.goto((run.folder / "index.html").as_uri())
    expect(entry(page, "cat")).not_to_be_checked()
    assert drawn_boxes(page) == ["2"]
    entry(page, "cat").click()
    assert drawn_boxes(page) == ["1", "2"]


def test_an_entry_keeps_the_focus_while_the_steps_change(start: Start, open_page: Open) -> None:
    page = open_page(step_page(built(start, *(runlog.Image(GREY + n, boxes=boxes(1, 2)) for n in range(2)))))
    expect(page.locator("#place")).to_have_text("1 of 2")
    entry(page, "dog").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 1")
    expect(entry(page, "dog")).to_be_focused()


def test_without_javascript_the_legend_is_a_list(start: Start, open_page: Open) -> None:
    page = open_page(
        step_page(built(start, runlog.Image(GREY, boxes=boxes(1, 2)))), java_script_enabled=False
    )
    expect(page.get_by_role("list", name="Classes").get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_role("checkbox")).to_have_count(0)
