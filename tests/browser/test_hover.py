"""What is under the pointer is named next to it: class and layer of boxes and masks, scores of boxes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]

SIZE = 100


@pytest.fixture
def page(start: Start, open_page: Open) -> Page:
    """Open a picture with a small box in a large one and, in its upper half, a mask."""

    def box(right: float, class_id: int, **fields: object) -> dict[str, object]:
        return {
            "position": {"minX": 0.1, "maxX": right, "minY": 0.1, "maxY": right},
            "class_id": class_id,
            **fields,
        }

    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[: SIZE // 2] = 3
    image = runlog.Image(
        np.zeros((SIZE, SIZE), np.uint8),
        boxes={
            "truth": {"box_data": [box(0.3, 1)], "class_labels": {1: "cat"}},
            "with <b>": {
                "box_data": [box(0.6, 2, box_caption="a dog, perhaps", scores={"confidence": 0.875})],
                "class_labels": {2: "dog"},
            },
        },
        masks={"areas": {"mask_data": mask, "class_labels": {3: "sky"}}},
    )
    with start(id="a") as run:
        for step in range(2):
            run.log({"val": image}, step=step)
    runlog_viewer.build(run.folder.parent)
    page = open_page(run.folder / "viewer" / "steps" / "000000000.html")
    expect(page.locator("#place")).to_have_text("1 of 2")
    return page


def point(page: Page, x: float, y: float) -> None:
    """Move the pointer to a place in the picture, in fractions of it."""
    at = page.locator(".picture").bounding_box()
    page.mouse.move(at["x"] + x * at["width"], at["y"] + y * at["height"])


def expect_tip(page: Page, *paragraphs: str) -> None:
    expect(page.locator(".tip p")).to_have_text(list(paragraphs))
    expect(page.locator(".tip")).to_be_visible()


DOG = "a dog, perhapsdog (class 2)confidence 0.875with <b>"


def test_boxes_and_masks_are_named_the_smallest_box_first(page: Page) -> None:
    point(page, 0.2, 0.2)
    expect_tip(page, "cat (class 1)truth", DOG, "sky (class 3)areas mask")
    expect(page.locator("g.layer[data-layer=truth] rect[data-hovered]")).to_have_count(1)
    point(page, 0.5, 0.45)
    expect_tip(page, DOG, "sky (class 3)areas mask")
    point(page, 0.5, 0.55)
    expect_tip(page, DOG)
    point(page, 0.8, 0.49)
    expect_tip(page, "sky (class 3)areas mask")
    point(page, 0.8, 0.51)
    expect(page.locator(".tip")).to_be_hidden()
    expect(page.locator("[data-hovered]")).to_have_count(0)


def test_what_is_hidden_is_not_named(page: Page) -> None:
    page.get_by_role("checkbox", name="dog").click()
    page.get_by_role("checkbox", name="sky").click()
    point(page, 0.2, 0.2)
    expect_tip(page, "cat (class 1)truth")
    page.keyboard.press("r")
    page.locator("input[data-kind=masks]").uncheck()
    page.locator("input[data-kind=boxes]").first.uncheck()
    point(page, 0.21, 0.2)
    expect_tip(page, DOG)


def test_the_tip_goes_with_the_pointer_and_with_escape(page: Page) -> None:
    point(page, 0.2, 0.2)
    expect(page.locator(".tip")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".tip")).to_be_hidden()
    point(page, 0.22, 0.2)
    expect(page.locator(".tip")).to_be_visible()
    page.mouse.move(2, 2)
    expect(page.locator(".tip")).to_be_hidden()


def test_the_tip_stays_on_the_page(page: Page) -> None:
    page.locator("#size").fill("320")
    page.set_viewport_size({"width": 360, "height": 300})
    # A tip goes when something scrolls, which is told in the frame after.
    page.locator(".picture").evaluate(
        "async (picture) => { picture.scrollIntoView({block: 'end'});"
        " for (let i = 0; i < 3; i += 1) await new Promise(requestAnimationFrame); }"
    )
    point(page, 0.59, 0.59)
    expect_tip(page, DOG)
    left, top, right, bottom = page.locator(".tip").evaluate(
        "tip => { const r = tip.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom] }"
    )
    assert (left >= 0, top >= 0, right <= 360, bottom <= 300) == (True,) * 4


def test_a_box_is_named_after_the_step_has_changed_under_the_pointer(page: Page) -> None:
    point(page, 0.5, 0.55)
    expect_tip(page, DOG)
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 1")
    point(page, 0.5, 0.56)
    expect_tip(page, DOG)


def test_what_comes_under_a_pointer_at_rest_is_named(page: Page) -> None:
    point(page, 0.2, 0.2)
    expect_tip(page, "cat (class 1)truth", DOG, "sky (class 3)areas mask")
    page.keyboard.press("2")  # the layer of the dog
    expect_tip(page, "cat (class 1)truth", "sky (class 3)areas mask")
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 1")
    expect_tip(page, "cat (class 1)truth", "sky (class 3)areas mask")
    expect(page.locator("g.layer[data-layer=truth] rect[data-hovered]")).to_have_count(1)


@pytest.fixture
def pair(start: Start, open_page: Open) -> Callable[[str], Page]:
    """Return a function that opens two pictures laid over each other, each with a class of its own."""
    for run_id, class_id in (("a", 1), ("b", 2)):
        box = {"position": {"minX": 0.1, "maxX": 0.9, "minY": 0.1, "maxY": 0.9}, "class_id": class_id}
        image = runlog.Image(
            np.zeros((SIZE, SIZE), np.uint8),
            boxes={"boxes": {"box_data": [box]}},
            masks={"areas": {"mask_data": np.full((SIZE, SIZE), class_id)}},
        )
        with start(id=run_id) as run:
            run.log({"val": image})
    runlog_viewer.build(run.folder.parent)

    def open_it(view: str) -> Page:
        page = open_page((run.folder / "viewer/compare.html").as_uri() + f"#panes=a,b&view={view}")
        expect(page.locator("#pair .part")).to_have_count(2)
        return page

    return open_it


def named(class_id: int) -> tuple[str, str]:
    name = f"class_{class_id} (class {class_id})"
    return f"{name}boxes", f"{name}areas mask"


def test_of_two_pictures_that_blink_the_one_in_sight_is_named(pair: Callable[[str], Page]) -> None:
    page = pair("blink")
    point(page, 0.5, 0.5)
    expect_tip(page, *named(1))
    page.keyboard.press(" ")
    expect_tip(page, *named(2))
    page.keyboard.press(" ")
    expect_tip(page, *named(1))


def test_of_two_pictures_that_are_split_the_one_at_that_side_is_named(pair: Callable[[str], Page]) -> None:
    page = pair("split")
    point(page, 0.3, 0.5)
    expect_tip(page, *named(1))
    point(page, 0.7, 0.5)
    expect_tip(page, *named(2))


def test_of_a_difference_both_pictures_are_named(pair: Callable[[str], Page]) -> None:
    page = pair("difference")
    point(page, 0.5, 0.5)
    (first_box, first_mask), (second_box, second_mask) = named(1), named(2)
    expect_tip(page, second_box, first_box, first_mask, second_mask)
