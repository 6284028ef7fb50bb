"""The full view: one picture over its page, zoomed, lit, named to the pixel, and walked on from."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import runlog
import runlog_viewer
from runlog import palette

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Shoot = Callable[[Page, str], np.ndarray]
Site = Callable[[str], str]

SIZE = 96
STAGE = ".full-stage"
SMALL = {"width": 640, "height": 480}  # px, of which each is looked at


class Watched(Protocol):
    complaints: list[str]


def noise(seed: int = 0, size: int = SIZE) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)


def class_ids(classes: int = 12, dtype: type = np.uint8) -> np.ndarray:
    return (np.arange(SIZE * SIZE).reshape(SIZE, SIZE) * 7 % classes).astype(dtype)


def in_colours(ids: np.ndarray) -> np.ndarray:
    table = np.array([palette.channels(palette.colour(i)) for i in range(int(ids.max()) + 1)], dtype=np.uint8)
    return table[ids]


def boxes_at(*corners: tuple[int, int, int, int], layer: str = "b") -> dict[str, object]:
    data = [
        {
            "position": {"minX": left, "minY": top, "maxX": right, "maxY": bottom},
            "domain": "pixel",
            "class_id": 3,
            "scores": {"confidence": 0.5 + n / 10},
        }
        for n, (left, top, right, bottom) in enumerate(corners)
    ]
    return {layer: {"box_data": data, "class_labels": {3: "coin"}}}


def step_file(run: runlog.LocalRun, step: int = 0) -> Path:
    return run.folder / "viewer" / "steps" / f"{step:09d}.html"


@pytest.fixture
def opened(start: Start, open_page: Open) -> Callable[..., Page]:
    """Return a function that logs one image, opens its page and then its full view, without the panel."""

    def open_it(image: runlog.Image, **options: object) -> Page:
        with start() as run:
            run.log({"a": image}, step=0)
        runlog_viewer.build(run.folder)
        page = open_page(step_file(run), reduced_motion="reduce", **options)
        page.evaluate("runlog.settings.set('opacity', 1)")
        page.evaluate("runlog.settings.set('tags', false)")
        page.evaluate("runlog.settings.set('panel', false)")
        open_view(page)
        return page

    return open_it


def open_view(page: Page, n: int = 0) -> None:
    page.locator("figure.image a.picture").nth(n).click()
    expect(page.locator("dialog.full")).to_be_visible()
    expect(page.locator(f"{STAGE} img")).to_have_js_property("complete", True)


def button(page: Page, name: str) -> Locator:
    return page.locator("dialog.full").get_by_role("button", name=name, exact=True)


def expect_image(page: Page, key: str, index: int, step: int) -> None:
    expect(page.locator("#full-title")).to_have_text(f"{key} #{index}")
    expect(page.locator(".full-step")).to_have_text(str(step))
    expect(page.locator(f"{STAGE} .picture")).to_have_count(1)  # after a step that lacks it, it is on its way


def settle(page: Page) -> None:
    page.mouse.move(0, 0)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def around_the_middle(pixels: np.ndarray, scale: int, shown: np.ndarray) -> np.ndarray:
    """Return what a stage that looks at the middle of a picture shows, `shown` being what it did show."""
    height, width = shown.shape[:2]
    large = pixels.repeat(scale, 0).repeat(scale, 1)
    middle = SIZE // 2 * scale
    top, left = (int(np.floor(side / 2 - middle + 0.5)) for side in (height, width))
    expected = np.full_like(shown, 1) * np.array([11, 12, 14], np.uint8)  # the surround
    rows = slice(max(0, top), min(height, top + large.shape[0]))
    columns = slice(max(0, left), min(width, left + large.shape[1]))
    expected[rows, columns] = large[rows.start - top :, columns.start - left :][
        : rows.stop - rows.start, : columns.stop - columns.start
    ]
    return expected


@pytest.mark.parametrize("device", [1, 2])
@pytest.mark.parametrize("what", ["picture", "mask", "16-bit mask", "many-class mask", "box"])
def test_picture_masks_and_boxes_are_those_that_were_logged(
    opened: Callable[..., Page], shoot: Shoot, device: int, what: str
) -> None:
    logged = noise()
    ids = {
        "mask": class_ids(),
        "16-bit mask": np.array([0, 3, 255, 256, 65535])[class_ids(5)].astype(np.uint16),
        "many-class mask": class_ids(400, np.uint16),
    }.get(what)
    masks = None if ids is None else {"m": {"mask_data": ids, "class_labels": {0: "zero", 255: "most"}}}
    boxes = boxes_at((20, 30, 61, 53)) if what == "box" else None
    page = opened(runlog.Image(logged, masks=masks, boxes=boxes), device_scale_factor=device)
    page.locator(STAGE).evaluate("stage => stage.style.outline = 'none'")
    for scale, presses in ((1, "1"), (2, "+"), (8, "++++")):
        for key in presses:
            page.keyboard.press(key)
        settle(page)
        shown = shoot(page, STAGE)
        enlarged = logged if ids is None else in_colours(ids)
        expected = around_the_middle(enlarged, scale, shown)
        if boxes:
            draw_box(expected, scale, device)
        np.testing.assert_array_equal(shown, expected, err_msg=f"at {scale}:1")


@pytest.mark.parametrize("size", [8, 20])
def test_a_picture_of_few_pixels_is_enlarged_further_by_keys_and_by_a_look_at_a_box(
    opened: Callable[..., Page], size: int
) -> None:
    page = opened(runlog.Image(noise(size=size), boxes=boxes_at((2, 2, 4, 4))))

    def scale() -> float:
        return float(page.locator(".full-scale").inner_text().removesuffix(" %"))

    fit = scale()
    page.keyboard.press("i")
    page.locator(".full-panel .box-table .plain").first.click()
    expect(page.locator(".full-scale")).not_to_have_text(f"{fit:g} %")
    assert scale() > fit
    page.keyboard.press("0")
    expect(page.locator(".full-scale")).to_have_text(f"{fit:g} %")
    page.keyboard.press("+")
    expect(page.locator(".full-scale")).not_to_have_text(f"{fit:g} %")
    assert scale() > fit
    for _ in range(3):
        page.keyboard.press("+")
    settle(page)
    assert scale() == max(6400, 4 * fit)
    page.keyboard.press("+")
    settle(page)
    assert scale() == max(6400, 4 * fit)


def draw_box(on: np.ndarray, scale: int, half: int) -> None:
    height, width = on.shape[:2]
    left, right = (int(np.floor(width / 2 + 0.5)) + (x - SIZE // 2) * scale for x in (20, 61))
    top, bottom = (int(np.floor(height / 2 + 0.5)) + (y - SIZE // 2) * scale for y in (30, 53))
    frame = np.zeros(on.shape[:2], bool)
    frame[max(0, top - half) : bottom + half, max(0, left - half) : right + half] = True
    frame[max(0, top + half) : bottom - half, max(0, left + half) : right - half] = False
    on[frame] = palette.channels(palette.colour(3))


def test_a_click_or_enter_opens_it_and_escape_gives_the_focus_back(start: Start, open_page: Open) -> None:
    with start() as run:
        run.log({"a": [runlog.Image(noise(n)) for n in range(3)]}, step=0)
    runlog_viewer.build(run.folder)
    for file in (step_file(run), run.folder / "index.html"):
        page = open_page(file)
        links = page.locator("figure.image a.picture")
        links.nth(1).focus()
        page.keyboard.press("Enter")
        expect_image(page, "a", 1, 0)
        expect(page.locator(STAGE)).to_be_focused()
        page.keyboard.press("n")
        expect_image(page, "a", 2, 0)
        page.keyboard.press("Escape")
        expect(page.locator("dialog.full")).to_be_hidden()
        expect(links.nth(2)).to_be_focused()
        links.nth(0).click()
        expect_image(page, "a", 0, 0)
        button(page, "Close").click()
        expect(links.nth(0)).to_be_focused()


def test_with_a_modifier_or_without_scripts_the_link_is_the_original(start: Start, open_page: Open) -> None:
    with start() as run:
        run.log({"a": runlog.Image(noise())}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(step_file(run))
    with page.context.expect_page() as tab:
        page.locator("a.picture").click(modifiers=["Control"])
    tab.value.wait_for_url("**/*.png")
    expect(page.locator("dialog.full")).to_be_hidden()
    page = open_page(step_file(run), java_script_enabled=False)
    page.locator("a.picture").click()
    page.wait_for_url("**/*.png")


def test_it_walks_through_the_images_in_the_order_of_the_page_and_ends_there(
    start: Start, open_page: Open
) -> None:
    with start() as run:
        run.log({"a": [runlog.Image(noise(n)) for n in range(2)], "b": runlog.Image(noise(9))}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(step_file(run))
    open_view(page)
    expect(button(page, "Previous image")).to_be_disabled()
    for key, index, place in (("a", 1, "2 of 3"), ("b", 0, "3 of 3"), ("b", 0, "3 of 3")):
        page.keyboard.press("ArrowRight")
        expect_image(page, key, index, 0)
        expect(page.locator(".full-place")).to_have_text(place)
    expect(button(page, "Next image")).to_be_disabled()
    button(page, "Previous image").click()
    expect_image(page, "a", 1, 0)


def test_arrows_move_a_picture_that_is_larger_than_the_screen(start: Start, open_page: Open) -> None:
    with start() as run:
        run.log({"a": [runlog.Image(noise(n)) for n in range(2)]}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(step_file(run), reduced_motion="reduce")
    open_view(page)
    for _ in range(6):
        page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    expect_image(page, "a", 0, 0)
    moved = re.compile(r"view=([\d.]+)")
    page.wait_for_url(lambda url: (at := moved.search(url)) is not None and float(at[1]) > SIZE / 2)
    view = page.evaluate("location.hash").partition("view=")[2]
    page.keyboard.press("n")
    expect_image(page, "a", 1, 0)
    expect(page).to_have_url(re.compile(f"view={view}$"))


def test_it_turns_the_pages_of_a_key_with_many_images(start: Start, open_page: Open) -> None:
    tiny = [runlog.Image(np.zeros((4, 4), np.uint8))] * 120
    with start() as run:
        run.log({"a": tiny, "b": runlog.Image(noise())}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(f"{step_file(run).as_uri()}#image=a/107")
    expect_image(page, "a", 107, 0)
    expect(page.locator(f"{STAGE} img")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect_image(page, "a", 108, 0)
    expect(page.locator(".gallery .pager .place").first).to_have_text("109–120 of 120")
    page.keyboard.press("ArrowLeft")
    expect_image(page, "a", 107, 0)
    expect(page.locator(".gallery .pager .place").first).to_have_text("1–108 of 120")
    page.goto("about:blank")
    page.goto(f"{step_file(run).as_uri()}#image=a/119")
    expect_image(page, "a", 119, 0)
    expect(page.locator(".full-facts dd").last).not_to_be_empty()
    page.keyboard.press("ArrowLeft")
    expect_image(page, "a", 118, 0)


@pytest.fixture
def steps(start: Start) -> runlog.LocalRun:
    """Return a run with images at steps 0, 3 and 10; step 3 has one instead of two, step 5 another key."""
    with start(id="a") as run:
        for step, count in ((0, 2), (3, 1), (10, 2)):
            images = [runlog.Image(noise(10 * step + n), caption=f"{n} at {step}") for n in range(count)]
            run.log({"val/predictions": images}, step=step)
        run.log({"other": runlog.Image(noise(5))}, step=5)
    return run


def test_it_walks_through_the_steps_of_the_key(
    steps: runlog.LocalRun, live_site: Site, open_page: Open
) -> None:
    for path in ("a/viewer/steps/000000000.html", "a/viewer/steps/000000003.html"):
        page = open_page(live_site(path))
        expect(page.locator("#place")).to_contain_text("of 4")
        open_view(page)
        page.keyboard.press("[")
        expect_image(page, "val/predictions", 0, 0)
        expect(button(page, "Previous step")).to_be_disabled()
        for key, step in (
            ("]", 3),
            ("PageDown", 10),
            ("PageDown", 10),
            ("Shift+ArrowLeft", 0),
            ("End", 10),
            ("PageUp", 3),
            ("Home", 0),
        ):
            page.keyboard.press(key)
            expect_image(page, "val/predictions", 0, step)
            expect(page.locator(".full-caption")).to_have_text(f"0 at {step}")
            expect(page.locator("h1")).to_have_text(f"Step {step}")
        page.keyboard.press("]")
        expect_image(page, "val/predictions", 0, 3)
        page.keyboard.press("Escape")
        expect(page.locator("h1")).to_have_text("Step 3")


def test_it_walks_from_the_page_of_the_run_too(
    steps: runlog.LocalRun, live_site: Site, open_page: Open
) -> None:
    page = open_page(live_site("a/index.html"))
    open_view(page, page.locator('figure.image[data-key="val/predictions"]').count() - 1)
    expect_image(page, "val/predictions", 1, 10)
    expect(button(page, "Previous step")).to_be_enabled()
    page.keyboard.press("[")
    expect(page.locator(".full-message")).to_have_text("There is no image 1 of val/predictions at step 3.")
    page.keyboard.press("[")
    expect_image(page, "val/predictions", 1, 0)
    expect(page.locator(".full-caption")).to_have_text("1 at 0")
    expect(page.locator(f"{STAGE} img")).to_have_js_property("naturalWidth", SIZE)
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".full-caption")).to_have_text("0 at 0")
    page.reload()
    expect_image(page, "val/predictions", 0, 0)


def test_it_walks_from_the_page_of_all_steps_across_and_down(
    steps: runlog.LocalRun, live_site: Site, open_page: Open
) -> None:
    page = open_page(live_site("a/viewer/key.html"))
    page.locator("#key").select_option("val/predictions")
    page.locator("figure.image[data-step='10'][data-index='0'] a.picture").click()
    expect_image(page, "val/predictions", 0, 10)
    expect(page.locator(".full-place")).to_have_text("1 of 2")
    page.keyboard.press("ArrowRight")
    expect_image(page, "val/predictions", 1, 10)
    expect(button(page, "Next image")).to_be_disabled()
    page.keyboard.press("Home")
    expect(page.locator(".full-caption")).to_have_text("1 at 0")
    page.reload()
    expect(page.locator(".full-caption")).to_have_text("1 at 0")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("#key=val/predictions$"))


def test_an_image_that_a_step_does_not_have_is_said_so(
    steps: runlog.LocalRun, live_site: Site, open_page: Open
) -> None:
    page = open_page(live_site("a/viewer/steps/000000000.html"))
    expect(page.locator("#place")).to_contain_text("of 4")
    open_view(page, 1)
    page.keyboard.press("]")
    message = page.locator(".full-message")
    expect(message).to_have_text("There is no image 1 of val/predictions at step 3.")
    expect(page.locator(f"{STAGE} img")).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    expect_image(page, "val/predictions", 0, 3)
    expect(message).to_be_hidden()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("]")
    expect_image(page, "val/predictions", 0, 10)


def test_the_address_opens_the_same_view_also_in_a_copy(
    steps: runlog.LocalRun, open_page: Open, runs: Path
) -> None:
    runlog_viewer.build(steps.folder)
    page = open_page(step_file(steps), reduced_motion="reduce")
    expect(page.locator("#place")).to_contain_text("of 4")
    open_view(page, 1)
    page.keyboard.press("]")
    page.keyboard.press("]")
    expect_image(page, "val/predictions", 1, 10)
    for _ in range(3):
        page.keyboard.press("+")
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("image=val/predictions/1&step=10&view=48,[0-9.]+,24$"))
    page.reload()
    expect_image(page, "val/predictions", 1, 10)
    expect(page.locator(".full-scale")).to_have_text("2400 %")
    shutil.copytree(steps.folder, runs / "copy")
    address = page.evaluate("location.href")
    other = open_page(address.replace(steps.folder.as_uri(), (runs / "copy").as_uri()))
    expect_image(other, "val/predictions", 1, 10)
    expect(other.locator(".full-scale")).to_have_text("2400 %")
    assert other.evaluate("location.hash") == page.evaluate("location.hash")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("#step=10$"))


def test_over_http_the_address_is_that_of_the_step(
    steps: runlog.LocalRun, live_site: Site, open_page: Open
) -> None:
    page = open_page(live_site("a/viewer/steps/000000000.html"))
    expect(page.locator("#place")).to_contain_text("of 4")
    open_view(page)
    page.keyboard.press("]")
    expect(page.locator("h1")).to_have_text("Step 3")
    expect(page).to_have_url(re.compile("image=val/predictions/0"))
    page.reload()
    expect_image(page, "val/predictions", 0, 3)
    expect(page.locator(".full-caption")).to_have_text("0 at 3")


def test_the_way_back_closes_it_and_closing_it_leaves_no_way_back_to_itself(
    steps: runlog.LocalRun, live_site: Site, open_page: Open
) -> None:
    page = open_page(live_site("a/index.html"))
    start_address = page.evaluate("location.href")
    page.get_by_role("link", name="Browse steps").click()
    expect(page.locator("#place")).to_contain_text("of 4")
    step_address = page.evaluate("location.href")
    open_view(page)
    expect(page).to_have_url(re.compile("image="))
    page.go_back()
    expect(page.locator("dialog.full")).to_be_hidden()
    expect(page).to_have_url(step_address)
    open_view(page)
    page.keyboard.press("Escape")
    expect(page.locator("dialog.full")).to_be_hidden()
    expect(page).to_have_url(step_address)
    page.go_back()
    expect(page).to_have_url(start_address)


def test_the_way_back_leads_to_the_step_that_was_left(
    steps: runlog.LocalRun, live_site: Site, open_page: Open
) -> None:
    page = open_page(live_site("a/viewer/steps/000000000.html"))
    expect(page.locator("#place")).to_contain_text("of 4")
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 3")
    open_view(page)
    page.keyboard.press("]")
    expect(page.locator("h1")).not_to_have_text("Step 3")
    page.go_back()
    expect(page.locator("dialog.full")).to_be_hidden()
    expect(page.locator("h1")).to_have_text("Step 3")


def test_what_is_under_the_pointer_is_named(start: Start, live_site: Site, open_page: Open) -> None:
    ids = np.zeros((SIZE, SIZE), np.uint16)
    ids[40:, :48], ids[40:, 48:] = 300, 2
    image = runlog.Image(
        noise(),
        boxes=boxes_at((0, 0, 96, 96), (10, 10, 30, 30), layer="found"),
        masks={"truth": {"mask_data": ids, "class_labels": {300: "three hundred"}}},
    )
    with start(id="a") as run:
        run.log({"a": image}, step=0)
    page = open_page(live_site("a/viewer/steps/000000000.html"))
    open_view(page)
    place = page.locator(f"{STAGE} .picture").bounding_box()
    assert place is not None

    def point(x: int, y: int) -> list[str]:
        scale = place["width"] / SIZE
        page.mouse.move(place["x"] + (x + 0.5) * scale, place["y"] + (y + 0.5) * scale)
        expect(page.locator(".full-numbers")).to_contain_text(f"x {x}  y {y}", use_inner_text=False)
        numbers = page.locator(".full-numbers").text_content().split("  ")
        rgb = "rgb {} {} {}".format(*noise()[y, x])
        assert numbers == [f"x {x}", f"y {y}", *([] if page.url.startswith("file:") else [rgb])]
        return [" ".join(thing.split()) for thing in page.locator(".full-thing").all_inner_texts()]

    small, large = "coin confidence 0.6 · found", "coin confidence 0.5 · found"
    assert point(20, 20) == [small, large]
    assert point(20, 60) == ["three hundred (class 300) mask truth", large]
    assert point(80, 60) == ["class_2 (class 2) mask truth", large]
    page.locator(".full-panel input[data-kind=boxes]").uncheck()
    assert point(80, 61) == ["class_2 (class 2) mask truth"]
    page.locator(".full-panel input[data-kind=masks]").uncheck()
    assert point(20, 61) == []


def test_light_changes_the_picture_alone(opened: Callable[..., Page], shoot: Shoot) -> None:
    grey = np.full((SIZE, SIZE, 3), 64, np.uint8)
    ids = np.zeros((SIZE, SIZE), np.uint8)
    ids[: SIZE // 2] = 5
    image = runlog.Image(grey, masks={"m": {"mask_data": ids}}, boxes=boxes_at((10, 60, 80, 90)))
    page = opened(image)

    def colours() -> set[tuple[int, ...]]:
        settle(page)
        shown = shoot(page, f"{STAGE} .picture").astype(int) @ (1 << 16, 1 << 8, 1)
        return {tuple(int(colour).to_bytes(3)) for colour in np.unique(shown)}

    mask, box = (palette.channels(palette.colour(i)) for i in (5, 3))
    assert colours() == {mask, box, (64, 64, 64)}
    for _ in range(4):
        page.keyboard.press(".")
    assert colours() == {mask, box, (128, 128, 128)}
    page.keyboard.press("v")
    assert colours() == {mask, box, (127, 127, 127)}
    button(page, "Reset light").click()
    expect(button(page, "Reset light")).to_be_hidden()
    assert colours() == {mask, box, (64, 64, 64)}
    for _ in range(4):
        page.keyboard.press(">")
    assert colours() == {mask, box, (1, 1, 1)}


def test_buttons_that_have_nothing_left_to_do_keep_the_keyboard(start: Start, open_page: Open) -> None:
    with start() as run:
        run.log({"a": [runlog.Image(noise(n)) for n in range(2)]}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(step_file(run))
    open_view(page)
    button(page, "Next image").focus()
    page.keyboard.press("Enter")
    expect_image(page, "a", 1, 0)
    expect(button(page, "Next image")).to_be_disabled()
    page.keyboard.press("Enter")
    page.keyboard.press("p")
    expect_image(page, "a", 0, 0)
    page.keyboard.press(".")
    button(page, "Reset").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("n")
    expect_image(page, "a", 1, 0)


def test_the_sliders_of_the_panel_say_what_they_do(opened: Callable[..., Page]) -> None:
    page = opened(runlog.Image(noise()))
    page.keyboard.press("i")
    brightness = page.get_by_label("Brightness")
    brightness.fill("1.5")
    expect(page.locator(".full-light label > span").first).to_have_text("× 2.83")
    button(page, "Reset").click()
    expect(brightness).to_have_value("0")
    expect(button(page, "Reset")).to_be_hidden()


def test_layers_are_those_of_the_page(start: Start, open_page: Open) -> None:
    masks = {"m": {"mask_data": class_ids()}, "unseen": {"mask_data": class_ids()}}
    with start() as run:
        run.log(
            {"a": [runlog.Image(noise(), boxes=boxes_at((1, 1, 50, 50)), masks={"m": masks["m"]})]}, step=0
        )
        run.log({"b": runlog.Image(noise(), masks={"unseen": masks["unseen"]})}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(step_file(run))
    page.locator(".gallery input[data-kind=masks][data-layer=m]").uncheck()
    open_view(page)
    panel = page.locator(".full-panel")
    expect(page.locator(f"{STAGE} image.mask")).to_be_hidden()
    assert panel.locator(".layers bdi").all_inner_texts() == ["b", "m"]
    expect(panel.locator("input[data-kind=masks]")).not_to_be_checked()
    page.keyboard.press("Shift+Digit2")
    expect(page.locator(f"{STAGE} image.mask")).to_be_visible()
    expect(page.locator(".gallery input[data-kind=masks][data-layer=m]")).to_be_checked()
    page.keyboard.press("b")
    expect(page.locator(f"{STAGE} .tags")).to_be_hidden()
    panel.get_by_label("Mask opacity").fill("0.2")
    expect(page.locator(f"{STAGE} image.mask")).to_have_css("opacity", "0.2")
    assert page.locator("#opacity").input_value() == "0.2"


def test_the_panel_tells_where_the_picture_is_from(start: Start, open_page: Open) -> None:
    with start() as run:
        run.log({"val/a": runlog.Image(np.full((8, 9), 0.25), boxes=boxes_at((1, 1, 5, 5)))}, step=7)
    runlog_viewer.build(run.folder)
    page = open_page(step_file(run, 7))
    open_view(page)
    facts = page.locator(".full-facts dl")
    names = facts.locator("dt").all_inner_texts()
    values = dict(zip(names, facts.locator("dd").all_inner_texts(), strict=True))
    assert (values["key"], values["step"], values["index"]) == ("val/a", "7", "0")
    assert values["size"].startswith("9 × 8 px")
    assert values["range"] == "0.25 … 0.25"
    assert values["file"].endswith(".png")
    assert page.get_by_role("link", name="original").get_attribute("href").endswith(values["file"])
    expect(page.locator(".full-lists tr[data-box] td")).to_have_text(["coin", "0.5", "1", "1", "4", "4"])
    page.keyboard.press("i")
    expect(page.locator(".full-panel")).to_be_hidden()
    expect(button(page, "Details")).to_have_attribute("aria-expanded", "false")
    page.reload()
    expect_image(page, "val/a", 0, 7)
    expect(page.locator(".full-panel")).to_be_hidden()


def test_a_missing_file_is_said_so(start: Start, open_page: Open, watched: Watched) -> None:
    with start() as run:
        run.log({"a": [runlog.Image(noise(n)) for n in range(2)]}, step=0)
    runlog_viewer.build(run.folder)
    first = sorted((run.folder / "media").rglob("*.png"))[0]
    first.unlink()
    runlog_viewer.build(run.folder)
    page = open_page(step_file(run))
    page.evaluate("document.querySelector('a.picture').click()")
    expect(page.locator(".full-message")).to_have_text("The media file is missing.")
    page.keyboard.press("ArrowRight")
    expect_image(page, "a", 1, 0)
    expect(page.locator(".full-message")).to_be_hidden()
    watched.complaints.clear()  # about the file


def test_the_original_takes_the_place_of_a_thumbnail(start: Start, open_page: Open, shoot: Shoot) -> None:
    large = np.indices((1700, 1700)).sum(0)[..., None].repeat(3, -1) % 251
    with start() as run:
        run.log({"a": runlog.Image(large.astype(np.uint8))}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(step_file(run), reduced_motion="reduce", viewport=SMALL)
    assert page.locator("figure.image img").get_attribute("data-full")
    page.locator("a.picture").click()
    expect(page.locator(f"{STAGE} img")).to_have_js_property("naturalWidth", 1700)
    page.keyboard.press("1")
    page.locator(STAGE).evaluate("stage => stage.style.outline = 'none'")
    settle(page)
    shown = shoot(page, STAGE)
    height, width = shown.shape[:2]
    top, left = 850 - (height + 1) // 2 + height % 2, 850 - (width + 1) // 2 + width % 2
    np.testing.assert_array_equal(shown, large[top : top + height, left : left + width])


def test_it_follows_a_live_run(start: Start, live_site: Site, open_page: Open) -> None:
    with start(id="a") as run:
        run.log({"a": [runlog.Image(noise(n), caption=f"{n} at 0") for n in range(2)]}, step=0)
        page = open_page(live_site("a/viewer/steps/000000000.html"))
        expect(page.locator("#live")).to_have_text("live")
        open_view(page, 1)
        expect(button(page, "Next step")).to_be_disabled()
        run.log({"a": [runlog.Image(noise(n), caption=f"{n} at 1") for n in range(2)]}, step=1)
        expect(button(page, "Next step")).to_be_enabled()
        expect(page.locator(".full-caption")).to_have_text("1 at 0")
        run.log({"a": [runlog.Image(noise(n), caption=f"{n} anew") for n in range(2)]}, step=0)
        expect(page.locator(".full-caption")).to_have_text("1 anew")
        page.keyboard.press("]")
        expect(page.locator(".full-caption")).to_have_text("1 at 1")


@pytest.mark.parametrize(
    "text", ['"><img src=x onerror=alert(1)>', "</dialog><script>alert(1)</script>", "a/b=c&d"]
)
def test_hostile_text_stays_text(start: Start, open_page: Open, text: str) -> None:
    boxes = boxes_at((1, 1, 90, 90), layer=text)
    boxes[text]["class_labels"] = {3: text}
    with start() as run:
        run.log({text: runlog.Image(noise(), caption=text, boxes=boxes)}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(step_file(run))
    page.locator("a.picture").click(position={"x": 5, "y": 5})
    expect(page.locator("#full-title")).to_have_text(f"{text} #0")
    expect(page.locator(".full-caption")).to_have_text(text)
    page.locator(STAGE).hover()
    expect(page.locator(".full-thing bdi")).to_have_text(text)
    page.reload()
    expect(page.locator("#full-title")).to_have_text(f"{text} #0")


# What can be used of the full view: as it is once it has been scrolled to.
CONTROLS = """() => [...document.querySelectorAll('dialog.full :is(button, a, input, label)')]
    .filter((control) => control.checkVisibility({visibilityProperty: true}))
    .map((control) => {
        control.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'});
        const name = control.ariaLabel || control.textContent.trim();
        return [control.outerHTML, name, control.matches('button'), control.getBoundingClientRect().toJSON()];
    })"""


@pytest.mark.parametrize("text_size", ["100%", "200%"])
@pytest.mark.parametrize("width", [360, 1280])
def test_everything_can_be_reached_and_read(
    start: Start, open_page: Open, width: int, text_size: str
) -> None:
    image = runlog.Image(
        noise(),
        caption="a caption " * 9,
        boxes=boxes_at((1, 1, 50, 50)),
        masks={"m": {"mask_data": class_ids()}},
    )
    with start() as run:
        run.log({"val/predictions": image}, step=123456)
    runlog_viewer.build(run.folder)
    page = open_page(step_file(run, 123456), viewport={"width": width, "height": 740})
    page.evaluate("size => document.documentElement.style.fontSize = size", text_size)
    page.evaluate("runlog.settings.set('panel', true)")
    open_view(page)
    assert page.locator("dialog.full").evaluate("view => view.scrollWidth <= view.clientWidth")
    assert page.locator(STAGE).bounding_box()["height"] > 80
    controls = page.evaluate(CONTROLS)
    assert len(controls) > 20
    for html, name, is_button, box in controls:
        assert box["x"] >= 0, html
        assert box["x"] + box["width"] <= width + 0.5, html
        assert 0 <= box["y"] <= 740 - box["height"], html
        if is_button:
            assert box["width"] >= 24, html
            assert box["height"] >= 24, html
            assert name, html


def test_keys_are_listed_and_tab_stays_inside(opened: Callable[..., Page]) -> None:
    page = opened(runlog.Image(noise()))
    page.keyboard.press("?")
    help_sheet = page.get_by_role("dialog", name="Shortcuts in full view")
    expect(help_sheet).to_be_visible()
    last = help_sheet.locator("dd").last.bounding_box()
    assert help_sheet.get_by_role("button").bounding_box()["y"] >= last["y"] + last["height"] + 12
    page.keyboard.press("Escape")
    expect(help_sheet).to_be_hidden()
    expect(page.locator("dialog.full")).to_be_visible()
    seen = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.closest('dialog.full, body').nodeName"))
    assert "DIALOG" in seen
    assert page.evaluate("!document.activeElement.closest('main, .bar')")
