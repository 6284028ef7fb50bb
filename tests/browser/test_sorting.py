"""The images of a key are sorted by the numbers logged with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]

LABELS = {1: "cat", 2: "dog"}


def image(caption: str, *boxes: tuple[int, float | None], grouping: int | None = None) -> runlog.Image:
    drawn = [
        {
            "position": {"minX": 0.1, "maxX": 0.5, "minY": 0.1, "maxY": 0.5},
            "class_id": class_id,
            "scores": {} if score is None else {"Confidence": score},
        }
        for class_id, score in boxes
    ]
    layers = {"b": {"box_data": drawn, "class_labels": LABELS}}
    return runlog.Image(np.zeros((8, 8), np.uint8), caption=caption, boxes=layers, grouping=grouping)


# caption: boxes of class 1 and 2 with their scores
IMAGES = (
    image("A", (1, 0.2), (1, 0.4), (2, 0.9)),
    image("B"),
    image("C", (2, 0.7), (2, None)),
    image("D", (1, 0.95)),
    image("E", (2, math.nan)),
    image("F", (1, 0.7)),
)


def built(start: Start, *steps: Sequence[runlog.Image]) -> Path:
    with start(id="a") as run:
        for step, images in enumerate(steps):
            run.log({"val": list(images)}, step=step)
    runlog_viewer.build(run.folder.parent)
    return run.folder / "viewer" / "steps" / "000000000.html"


def expect_order(page: Page, captions: str) -> None:
    expect(page.locator("figcaption")).to_have_text(list(captions))


def test_images_are_sorted_and_equal_ones_stay_in_list_order(start: Start, open_page: Open) -> None:
    page = open_page(built(start, IMAGES))
    expect_order(page, "ABCDEF")
    for by, descending, ascending in (
        ("number of boxes", "ACDEFB", "BDEFCA"),
        ("boxes of cat", "ADFBCE", "BCEDFA"),
        ("boxes of dog", "CAEBDF", "BDFAEC"),
        ("highest Confidence", "DACFBE", "CFADBE"),
        ("mean Confidence", "DCFABE", "ACFDBE"),
    ):
        page.get_by_label("Sort by").select_option(label=by)
        expect_order(page, descending)
        page.get_by_role("button", name="Largest first").click()
        expect_order(page, ascending)
        page.get_by_label("Sort by").select_option(label="list order")
        expect_order(page, "ABCDEF")
        expect(page.locator("#direction")).to_be_hidden()


def test_the_order_is_kept_at_other_steps_and_on_the_run_page(start: Start, open_page: Open) -> None:
    file = built(start, IMAGES, [image("A"), image("B", (1, 0.5)), image("C", (2, 0.6))])
    page = open_page(file)
    expect(page.locator("#place")).to_have_text("1 of 2")
    page.get_by_label("Sort by").select_option(label="highest Confidence")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    expect_order(page, "CBA")
    page.goto((file.parents[2] / "index.html").as_uri())
    expect_order(page, "CBA")
    expect(page.get_by_label("Sort by")).to_have_value("max.Confidence")


def test_a_group_stays_together_and_goes_by_the_image_that_comes_first(start: Start, open_page: Open) -> None:
    images = [
        image("A", (1, 0.5)),
        image("B", (1, 0.1), grouping=7),
        image("C", (1, 0.9), grouping=7),
        image("D", (1, 0.7)),
    ]
    page = open_page(built(start, images))
    page.get_by_label("Sort by").select_option(label="highest Confidence")
    expect_order(page, "BCDA")
    page.get_by_role("button", name="Largest first").click()
    expect_order(page, "BCAD")
    expect(page.locator("div.group figcaption")).to_have_text(["B", "C"])


@pytest.mark.parametrize("images", [[image("A", (1, 0.5))], [runlog.Image(np.zeros((8, 8), np.uint8))] * 2])
def test_with_one_image_or_no_boxes_there_is_nothing_to_sort(
    start: Start, open_page: Open, images: list[runlog.Image]
) -> None:
    page = open_page(built(start, images))
    expect(page.locator("#live")).to_have_text("finished")
    expect(page.get_by_label("Sort by")).to_have_count(0)


def test_boxes_below_the_least_score_do_not_count(start: Start, open_page: Open) -> None:
    page = open_page(built(start, IMAGES))
    for by, order in (
        ("number of boxes", "CADFBE"),  # 2 (one without a score), 1, 1, 1, 0, 0
        ("boxes of cat", "DFABCE"),
        ("boxes of dog", "CABDEF"),
        ("highest Confidence", "DACFBE"),
        ("mean Confidence", "DACFBE"),  # A: of 0.9 alone
    ):
        page.get_by_label("Sort by").select_option(label=by)
        before = page.locator("figcaption").all_text_contents()
        least = page.get_by_role("slider", name="Confidence")
        least.fill("0.6")
        expect_order(page, order)
        assert least.input_value() == "0.6"
        least.fill(least.get_attribute("min"))
        expect_order(page, "".join(before))
