"""A step page opened from file:// shows what was logged, to the pixel, and asks nobody for anything."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer
from runlog import palette

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Shoot = Callable[[Page, str], np.ndarray]

SIZE = 96
PICTURE = "figure.image .picture"


def picture(seed: int = 0, size: int = SIZE) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)


def mask_of(classes: int, dtype: type = np.uint8) -> np.ndarray:
    ids = np.arange(SIZE * SIZE).reshape(SIZE, SIZE) * 7 % classes
    return ids.astype(dtype)


def step_page(run: runlog.LocalRun, step: int = 0) -> Path:
    runlog_viewer.build(run.folder)
    return run.folder / "viewer" / "steps" / f"{step:09d}.html"


def colours(ids: np.ndarray) -> np.ndarray:
    table = np.array([palette.channels(palette.colour(i)) for i in range(int(ids.max()) + 1)], dtype=np.uint8)
    return table[ids]


def show_natural(page: Page, opacity: float) -> None:
    page.locator("#natural").check()
    if page.locator("rect.box").count():
        page.locator("#tags").uncheck()
    if page.locator(".mask").count():
        page.locator("#opacity").fill(str(opacity))
    page.mouse.move(0, 0)


def show_doubled(page: Page) -> None:
    """Show a tiny picture twice as wide as it is, by the slider in a window that has just that room."""
    page.locator("#size").fill("560")
    page.set_viewport_size({"width": 2 * SIZE + 28, "height": 900})


def test_every_logged_image_is_there_with_its_caption_boxes_and_masks(start: Start, open_page: Open) -> None:
    labels = {1: "cat", 2: "dog"}
    with start() as run:
        for step in range(2):
            run.log(
                {
                    "val/predictions": [
                        runlog.Image(
                            picture(n),
                            caption=f"picture {n} of step {step}",
                            boxes={
                                "truth": {
                                    "box_data": [
                                        {
                                            "position": {"minX": 0.1, "maxX": 0.5, "minY": 0.2, "maxY": 0.6},
                                            "class_id": 1,
                                            "box_caption": "a cat",
                                            "scores": {"Confidence": 0.875, "io u": 0.5},
                                        }
                                    ],
                                    "class_labels": labels,
                                }
                            },
                            masks={"truth": {"mask_data": mask_of(3), "class_labels": labels}},
                        )
                        for n in range(3)
                    ],
                    "input": runlog.Image(picture(9)),
                },
                step=step,
            )
    page = open_page(step_page(run, 1))
    body = page.locator("body")
    assert body.get_attribute("data-run") == run.id
    assert body.get_attribute("data-step") == "1"
    figures = page.locator("figure.image")
    expect(figures).to_have_count(4)
    assert [
        (f.get_attribute("data-key"), f.get_attribute("data-step"), f.get_attribute("data-index"))
        for f in figures.all()
    ] == [
        *(("val/predictions", "1", str(n)) for n in range(3)),
        ("input", "1", "0"),
    ]
    predictions = page.locator("figure.image[data-key='val/predictions']")
    assert predictions.locator("figcaption").all_inner_texts() == [f"picture {n} of step 1" for n in range(3)]
    for figure in predictions.all():
        figure.scroll_into_view_if_needed()
        image = figure.locator("img")
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("img => [img.naturalWidth, img.naturalHeight]") == [SIZE, SIZE]
        box = figure.locator("g.layer[data-layer='truth'] rect.box")
        assert box.get_attribute("data-class") == "1"
        assert box.get_attribute("data-label") == "cat"
        assert json.loads(box.get_attribute("data-scores")) == {"Confidence": 0.875, "io u": 0.5}
        assert [float(box.get_attribute(name)) for name in ("x", "y", "width", "height")] == pytest.approx(
            [0.1 * SIZE, 0.2 * SIZE, 0.4 * SIZE, 0.4 * SIZE], abs=0.001
        )
        expect(figure.locator("image.mask[data-layer='truth']")).to_have_count(1)


@pytest.mark.parametrize("scale", [1, 2])
def test_the_picture_on_screen_is_the_array(start: Start, open_page: Open, shoot: Shoot, scale: int) -> None:
    logged = picture()
    with start() as run:
        run.log({"a": runlog.Image(logged)}, step=0)
    page = open_page(step_page(run), device_scale_factor=scale)
    show_natural(page, 1)
    np.testing.assert_array_equal(shoot(page, PICTURE), logged.repeat(scale, 0).repeat(scale, 1))


@pytest.mark.parametrize(("theme", "value"), [("light", 255), ("dark", 0)])
def test_a_picture_of_one_colour_has_a_faint_outline_outside_its_pixels(
    start: Start, open_page: Open, theme: str, value: int
) -> None:
    with start() as run:
        run.log({"plain": runlog.Image(np.full((SIZE, SIZE), value, np.uint8))}, step=0)
    page = open_page(step_page(run), color_scheme=theme)
    show_natural(page, 1)
    box = page.locator(PICTURE).bounding_box()
    assert box is not None
    around = {"x": box["x"] - 2, "y": box["y"] - 2, "width": SIZE + 4, "height": SIZE + 4}
    shown = np.asarray(PILImage.open(io.BytesIO(page.screenshot(clip=around))).convert("RGB")).astype(int)
    page_colour, outline, pixels = shown[SIZE // 2, 0], shown[SIZE // 2, 1], shown[2:-2, 2:-2]
    assert (pixels == value).all()
    assert 10 < abs(outline - page_colour).max() < 80
    assert abs(outline - value).max() > 10


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize(("classes", "dtype"), [(12, np.uint8), (256, np.uint8), (400, np.uint16)])
def test_a_mask_on_screen_is_the_array_in_class_colours(
    start: Start, open_page: Open, shoot: Shoot, scale: int, classes: int, dtype: type
) -> None:
    logged, ids = picture(), mask_of(classes, dtype)
    with start() as run:
        masks = {"m": {"mask_data": ids, "class_labels": {255: "found"}}}
        run.log({"a": runlog.Image(logged, masks=masks)}, step=0)
    page = open_page(step_page(run), device_scale_factor=scale)
    # class 0 has no label: the picture shows through
    seen = np.where(ids[..., None] == 0, logged, colours(ids))
    show_natural(page, 1)
    np.testing.assert_array_equal(shoot(page, PICTURE), seen.repeat(scale, 0).repeat(scale, 1))
    show_natural(page, 0.5)
    half = (logged.astype(int) + seen) // 2
    difference = shoot(page, PICTURE) - half.repeat(scale, 0).repeat(scale, 1)
    assert np.abs(difference).max() <= 1


def test_class_0_is_drawn_where_it_has_a_label(start: Start, open_page: Open, shoot: Shoot) -> None:
    ids = mask_of(3)
    masks = {"m": {"mask_data": ids, "class_labels": {0: "sea"}}}
    with start() as run:
        run.log({"a": runlog.Image(picture(), masks=masks)}, step=0)
    page = open_page(step_page(run))
    show_natural(page, 1)
    np.testing.assert_array_equal(shoot(page, PICTURE), colours(ids))


def test_a_16_bit_mask_with_few_ids_past_255_is_exact(start: Start, open_page: Open, shoot: Shoot) -> None:
    ids = np.array([0, 3, 255, 256, 1000, 65535])[mask_of(6)].astype(np.uint16)
    labels = {0: "none", 255: "most of 8 bits", 1000: "thousand"}
    with start() as run:
        run.log(
            {"a": runlog.Image(picture(), masks={"m": {"mask_data": ids, "class_labels": labels}})}, step=0
        )
    page = open_page(step_page(run))
    show_natural(page, 1)
    np.testing.assert_array_equal(shoot(page, PICTURE), colours(ids))
    assert page.locator(".legend li bdi").all_inner_texts() == [
        "none", "class_3", "most of 8 bits", "class_256", "thousand", "class_65535"
    ]  # fmt: skip


@pytest.mark.parametrize("enlarged", ["by the screen", "by the size slider"])
def test_a_mask_of_another_size_is_stretched_over_the_picture(
    start: Start, open_page: Open, shoot: Shoot, enlarged: str
) -> None:
    ids = mask_of(5)[: SIZE // 2, : SIZE // 2]
    masks = {"m": {"mask_data": ids, "class_labels": {0: "zero"}}}
    with pytest.warns(runlog.RunlogWarning, match="stretched"), start() as run:
        run.log({"a": runlog.Image(picture(), masks=masks)}, step=0)
    by_screen = enlarged == "by the screen"
    page = open_page(step_page(run), device_scale_factor=2 if by_screen else 1)
    show_natural(page, 1)
    if not by_screen:
        show_doubled(page)
    np.testing.assert_array_equal(shoot(page, PICTURE), colours(ids).repeat(4, 0).repeat(4, 1))


BOX = (20, 30, 60, 70)


@pytest.mark.parametrize(("scale", "edge"), [(1, 1), (2, 2)])
def test_a_box_covers_one_pixel_on_both_sides_of_its_edge(
    start: Start, open_page: Open, shoot: Shoot, scale: int, edge: int
) -> None:
    logged = picture()
    left, top, right, bottom = BOX
    boxes = {
        "b": {
            "box_data": [
                {
                    "position": {"minX": left, "maxX": right, "minY": top, "maxY": bottom},
                    "domain": "pixel",
                    "class_id": 3,
                }
            ]
        }
    }
    with start() as run:
        run.log({"a": runlog.Image(logged, boxes=boxes)}, step=0)
    page = open_page(step_page(run), device_scale_factor=scale)
    show_natural(page, 1)
    expected = logged.repeat(scale, 0).repeat(scale, 1)
    left, top, right, bottom = (scale * side for side in BOX)
    frame = np.zeros(expected.shape[:2], bool)
    frame[top - edge : bottom + edge, left - edge : right + edge] = True
    frame[top + edge : bottom - edge, left + edge : right - edge] = False
    expected[frame] = palette.channels(palette.colour(3))
    np.testing.assert_array_equal(shoot(page, PICTURE), expected)


def test_a_box_is_as_sharp_where_the_size_slider_doubles_the_picture(
    start: Start, open_page: Open, shoot: Shoot
) -> None:
    logged = picture()
    left, top, right, bottom = BOX
    position = {"middle": ((left + right) / 2, (top + bottom) / 2)}
    position |= {"width": right - left, "height": bottom - top}
    box = {"position": position, "domain": "pixel", "class_id": 3}
    with start() as run:
        run.log({"a": runlog.Image(logged, boxes={"b": {"box_data": [box]}})}, step=0)
    page = open_page(step_page(run))
    show_natural(page, 1)
    show_doubled(page)
    expected = logged.repeat(2, 0).repeat(2, 1)
    left, top, right, bottom = (2 * side for side in BOX)
    frame = np.zeros(expected.shape[:2], bool)
    frame[top - 1 : bottom + 1, left - 1 : right + 1] = True
    frame[top + 1 : bottom - 1, left + 1 : right - 1] = False
    expected[frame] = palette.channels(palette.colour(3))
    np.testing.assert_array_equal(shoot(page, PICTURE), expected)


def test_boxes_that_cannot_be_drawn_are_counted_and_listed(start: Start, open_page: Open) -> None:
    nan = float("nan")
    positions = [
        {"minX": 0.1, "maxX": 0.4, "minY": 0.1, "maxY": 0.4},
        {"minX": nan, "maxX": 0.4, "minY": 0.1, "maxY": 0.4},
        {"minX": 0.5, "maxX": 0.2, "minY": 0.1, "maxY": 0.4},
    ]
    boxes = {
        "b": {"box_data": [{"position": p, "class_id": 1, "scores": {"confidence": nan}} for p in positions]}
    }
    with pytest.warns(runlog.RunlogWarning), start() as run:
        run.log({"a": runlog.Image(picture(), boxes=boxes)}, step=0)
    page = open_page(step_page(run))
    expect(page.locator("rect.box")).to_have_count(1)
    listed = page.locator("details.boxes")
    assert listed.locator("summary").inner_text().split("\n") == ["3 boxes", "2 not drawn"]
    listed.locator("summary").click()
    assert "minX NaN" in listed.inner_text()
    assert "confidence NaN" in listed.inner_text()


def test_a_box_that_has_no_room_for_its_label_has_it_in_a_larger_picture(
    start: Start, open_page: Open
) -> None:
    def box(left: float, confidence: float) -> dict[str, object]:
        position = {"minX": left, "maxX": left + 0.2, "minY": 0.3, "maxY": 0.6}
        return {"position": position, "class_id": 1, "scores": {"confidence": confidence}}

    drawn = [box(0.1, 0.5), box(0.25, 0.926)]
    image = runlog.Image(picture(size=280), boxes={"b": {"box_data": drawn, "class_labels": {1: "coin"}}})
    with start() as run:
        for step in range(2):
            run.log({"a": image}, step=step)
    file = step_page(run)
    shown = ".tags text:visible"
    page = open_page(file, java_script_enabled=False)
    expect(page.locator(shown)).to_have_text("coin 0.93")
    page = open_page(file)
    expect(page.locator(shown)).to_have_text("coin 0.93")
    page.locator("#size").fill("1000")
    expect(page.locator(shown)).to_have_text(["coin 0.50", "coin 0.93"])
    expect(page.locator("#place")).to_have_text("1 of 2")
    page.keyboard.press("ArrowRight")
    page.locator("#next").click()
    expect(page.locator("h1")).to_have_text("Step 1")
    expect(page.locator(shown)).to_have_text(["coin 0.50", "coin 0.93"])
    page.locator("#size").fill("64")  # px, of which a tenth is less than a label
    expect(page.locator(shown)).to_have_count(0)
    page.locator("#size").fill("280")
    expect(page.locator(shown)).to_have_text("coin 0.93")
    page.goto((file.parent.parent / "key.html").as_uri())  # all steps, with pictures half as large
    expect(page.locator("section.strip")).to_have_count(2)
    expect(page.locator(f".strip {shown}")).to_have_text(["coin 0.93"] * 2)
    page.locator("#size").fill("1024")
    expect(page.locator(f".strip {shown}")).to_have_text(["coin 0.50", "coin 0.93"] * 2)


def test_layers_are_switched_off_and_stay_off_on_the_next_page(start: Start, open_page: Open) -> None:
    box = {"position": {"minX": 0.1, "maxX": 0.4, "minY": 0.1, "maxY": 0.4}, "class_id": 1}
    image = runlog.Image(
        picture(), boxes={"same name": {"box_data": [box]}}, masks={"same name": {"mask_data": mask_of(3)}}
    )
    with start() as run:
        for step in range(2):
            run.log({"a": image}, step=step)
    page = open_page(step_page(run))
    boxes, mask = page.locator("g.layer"), page.locator("image.mask")
    expect(boxes).to_be_visible()
    page.locator("input[data-kind=boxes]").uncheck()
    expect(boxes).to_be_hidden()
    expect(mask).to_be_visible()
    page.goto((run.folder / "viewer/steps/000000001.html").as_uri())
    expect(page.locator("input[data-kind=boxes]")).not_to_be_checked()
    expect(boxes).to_be_hidden()
    expect(mask).to_be_visible()
