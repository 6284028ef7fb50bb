"""Several masks of a picture can be read: the first filled, others as outlines, or only what differs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer
from runlog import palette

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Shoot = Callable[[Page, str], np.ndarray]
Ids = np.ndarray[tuple[int, int], np.dtype[np.int64]]

WIDTH, HEIGHT, GREY = 96, 72, 128
PICTURE = "figure.image .picture"
WIDEN = "(picture, px) => { picture.style.width = `${px}px` }"
IGNORED = 255
KINDS = pytest.mark.parametrize(
    "spread", [1, 300, None], ids=["8-bit", "16-bit", "more classes than a filter holds"]
)


def regions(seed: int, spread: int | None) -> Ids:
    """Return areas of a few classes, some a pixel wide; without a spread with many classes beside them."""
    generator = np.random.default_rng(seed)
    coarse = generator.integers(0, 5, (HEIGHT // 8, WIDTH // 8))
    ids = coarse.repeat(8, 0).repeat(8, 1)
    ids[30:34, :] = 5
    ids[:, 50] = 6
    ids[::9, ::7] = 7
    if spread is None:
        ids[-4:, :] = 400 + np.arange(4 * WIDTH).reshape(4, WIDTH)
        return ids
    return ids * spread


def labels(*ids: Ids) -> dict[int, str]:
    return {
        int(i): f"class {i}" for i in np.unique(np.concatenate([one.ravel() for one in ids])) if i != IGNORED
    }


def built(start: Start, **masks: Ids) -> Path:
    """Log masks over a grey picture, twice, and return the page of the first step."""
    names = {i: name for i, name in labels(*masks.values()).items() if i}
    layers = {name: {"mask_data": ids, "class_labels": names} for name, ids in masks.items()}
    with start(id="a") as run:
        for step in range(2):
            grey = np.full((HEIGHT, WIDTH, 3), GREY + step, np.uint8)
            run.log({"val": runlog.Image(grey, masks=layers)}, step=step)
    runlog_viewer.build(run.folder.parent)
    return run.folder / "viewer" / "steps" / "000000000.html"


def at_pixels(page: Page) -> Page:
    page.locator("#opacity").fill("1")
    page.locator("#natural").check()  # and the arrow keys lead on
    page.mouse.move(0, 0)
    return page


def coloured(ids: Ids) -> np.ndarray:
    """Return the colour of each pixel, and whether it is drawn: class 0 has no label here."""
    known = np.array([palette.channels(palette.colour(int(i))) for i in np.unique(ids)], np.uint8)
    drawn = (ids != 0) & (ids != IGNORED)
    return np.dstack([known[np.searchsorted(np.unique(ids), ids)], 255 * drawn]).astype(np.uint8)


def outlined(areas: np.ndarray) -> np.ndarray:
    """Return of coloured areas the pixels with another colour, or none, next to them or at a corner."""
    seen = areas * (areas[..., 3:] > 0)
    around = np.pad(seen, ((1, 1), (1, 1), (0, 0)), mode="edge")
    rows, columns = seen.shape[:2]
    shifted = (around[y : y + rows, x : x + columns] for y in range(3) for x in range(3))
    is_border = np.any([(one != seen).any(-1) for one in shifted], axis=0)
    return seen * is_border[..., None]


def over(ground: np.ndarray, *layers: np.ndarray) -> np.ndarray:
    for layer in layers:
        ground = np.where(layer[..., 3:] > 0, layer[..., :3], ground)
    return ground


def expect_seen(page: Page, shoot: Shoot, expected: np.ndarray) -> None:
    deadline = time.monotonic() + 30
    while not np.array_equal(shoot(page, PICTURE), expected) and time.monotonic() < deadline:
        page.wait_for_timeout(50)  # a mask that no filter can draw is painted
    np.testing.assert_array_equal(shoot(page, PICTURE), expected)


def ground(step: int = 0) -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), GREY + step, np.uint8)


def test_while_steps_follow_each_other_outlines_wait_until_the_last_one_rests(
    start: Start, open_page: Open
) -> None:
    page = open_page(built(start, truth=regions(0, 1), prediction=regions(1, 1)))
    outlines = page.locator(".mask[data-outlined]")
    expect(outlines).to_be_visible()
    page.evaluate("""() => {
      const {documentElement: root} = document;
      window.seen = [];
      const look = () => seen.push(getComputedStyle(document.querySelector('.mask[data-outlined]')).display);
      new MutationObserver(look).observe(root, {attributeFilter: ['class']});
    }""")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#step")).to_have_text("1")
    expect(outlines).to_be_visible()
    page.wait_for_function("seen.length >= 2")
    seen = page.evaluate("seen")
    assert seen[0] == "none"
    assert seen[-1] != "none"


@pytest.mark.parametrize("spread", [1, None], ids=["8-bit", "more classes than a filter holds"])
def test_the_first_is_filled_and_outlines_of_the_others_lie_on_borders_to_the_pixel(
    start: Start, open_page: Open, shoot: Shoot, spread: int | None
) -> None:
    first, second = regions(1, spread), regions(2, spread)
    page = at_pixels(open_page(built(start, prediction=first, truth=second)))
    expect_seen(page, shoot, over(ground(), coloured(first), outlined(coloured(second))))
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 1")
    expect_seen(page, shoot, over(ground(1), coloured(first), outlined(coloured(second))))
    samples = page.locator(".layers .area")
    expect(samples.nth(1)).to_have_class("area outlined")
    page.locator(".layers input[data-layer=prediction]").uncheck()
    expect_seen(page, shoot, over(ground(1), coloured(second)))
    expect(samples.nth(1)).to_have_class("area")
    page.get_by_role("button", name="Show all").click()
    page.get_by_role("checkbox", name=f"class {2 * (spread or 1)}", exact=False).first.click()
    without = [np.where(ids == 2 * (spread or 1), 0, ids) for ids in (first, second)]
    expect_seen(page, shoot, over(ground(1), coloured(without[0]), outlined(coloured(without[1]))))


def test_a_page_that_came_without_masks_draws_outlines_at_the_steps_that_have_them(
    start: Start, open_page: Open, shoot: Shoot
) -> None:
    first, second = regions(1, 1), regions(2, 1)
    masks = {name: {"mask_data": ids} for name, ids in (("first", first), ("second", second))}
    with start(id="a") as run:
        run.log({"val": runlog.Image(ground())}, step=0)
        run.log({"val": runlog.Image(ground(), masks=masks)}, step=1)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "viewer/steps/000000000.html")
    expect(page.locator("svg.filters filter")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 1")
    at_pixels(page)
    expect_seen(page, shoot, over(ground(), coloured(first), outlined(coloured(second))))


def test_without_scripts_the_first_is_filled_and_the_others_are_outlines(
    start: Start, open_page: Open, shoot: Shoot
) -> None:
    ids = regions(2, 1)
    page = open_page(built(start, first=np.zeros_like(ids), second=ids), java_script_enabled=False)
    assert far_from_borders(page, shoot(page, PICTURE), ids) == []


@pytest.mark.parametrize(("sizes", "ratio"), [((64, 103.7, 240, 480), 1), ((120.4,), 2)], ids=["1", "2"])
def test_at_other_scales_an_outline_is_at_most_a_pixel_of_the_screen_beside_a_border(
    start: Start, open_page: Open, shoot: Shoot, sizes: tuple[float, ...], ratio: int
) -> None:
    ids = regions(2, 1)
    page = open_page(built(start, first=np.zeros_like(ids), second=ids), device_scale_factor=ratio)
    for size in sizes:
        page.locator(PICTURE).evaluate(WIDEN, size)
        page.mouse.move(0, 0)
        assert far_from_borders(page, shoot(page, PICTURE), ids) == [], f"{size} px"


def far_from_borders(page: Page, seen: np.ndarray, ids: Ids) -> list[tuple[int, int]]:
    """Return the pixels of outlines that are more than a pixel of the screen from any border."""
    width, height = page.locator(PICTURE).evaluate(
        "picture => { const {width, height} = picture.getBoundingClientRect(); return [width, height]; }"
    )
    ratio = page.evaluate("devicePixelRatio")
    rows, columns = reach(height * ratio, HEIGHT), reach(width * ratio, WIDTH)
    lines = np.argwhere((seen[: len(rows), : len(columns)] != GREY).any(-1))
    assert 0.05 < len(lines) / (len(rows) * len(columns)) < 0.95
    return [(int(y), int(x)) for y, x in lines if len(np.unique(ids[rows[y], columns[x]])) < 2]


def reach(shown: float, length: int) -> list[slice]:
    """Return of each whole pixel of the screen the pixels of a mask that lie within a pixel of the screen."""
    ends = [((n - 1) * length / shown, (n + 2) * length / shown) for n in range(int(shown))]
    return [slice(max(0, int(low - 1e-6)), min(length, int(np.ceil(high + 1e-6)))) for low, high in ends]


@KINDS
def test_only_where_they_differ_is_one_switch_exact_to_the_pixel_and_kept_in_the_address(
    start: Start, open_page: Open, shoot: Shoot, spread: int | None
) -> None:
    first, second = regions(1, spread), regions(1, spread)
    second[10:25, 20:60] = 3 * (spread or 1)
    first[40:50, 5:30] = 0  # nothing was found where something is
    second[0:6] = second[:, 80:84] = IGNORED
    differ = (first != second) & (second != IGNORED)
    apart = [np.where(differ, ids, 0) for ids in (first, second)]
    shown = [coloured(apart[0]), outlined(coloured(apart[1]))]
    page = at_pixels(open_page(built(start, prediction=first, truth=second)))
    all_of_them = over(ground(), coloured(first), outlined(coloured(second)))
    expect_seen(page, shoot, all_of_them)
    switch = page.get_by_role("checkbox", name="Only where they differ")
    switch.check()
    expect_seen(page, shoot, over(ground(), *shown))
    assert "masks=differing" in page.url
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Step 1")
    expect_seen(page, shoot, over(ground(1), *shown))
    page.reload()
    expect(switch).to_be_checked()
    expect_seen(page, shoot, over(ground(1), *shown))
    page.get_by_role("button", name="Show all").click()
    expect(switch).not_to_be_checked()
    page.keyboard.press("m")
    expect(switch).to_be_checked()
    page.locator(".layers input[data-layer=truth]").uncheck()
    expect_seen(page, shoot, over(ground(1), coloured(first)))  # one differs from nothing


@pytest.mark.filterwarnings("ignore:.*drawn stretched:runlog.RunlogWarning")
def test_masks_of_different_sizes_are_compared_place_by_place(
    start: Start, open_page: Open, shoot: Shoot
) -> None:
    small = np.array([[1, 2], [3, 4]])
    large = small.repeat(HEIGHT // 2, 0).repeat(WIDTH // 2, 1)
    large[5:9, 5:9] = 4
    page = at_pixels(open_page(built(start, a=large, b=small)))
    page.keyboard.press("m")
    apart = np.zeros_like(large)
    apart[5:9, 5:9] = 4
    page.locator(".layers input[data-layer=b]").focus()
    seen = over(ground(), coloured(apart))
    # of the small mask, whose pixels are 48 wide, all of the one that differs somewhere is an outline
    deadline = time.monotonic() + 30
    while not (shoot(page, PICTURE)[40:, 60:] == GREY).all() and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    np.testing.assert_array_equal(shoot(page, PICTURE)[40:, 60:], seen[40:, 60:])
    np.testing.assert_array_equal(shoot(page, PICTURE)[5:9, 5:9], seen[5:9, 5:9])


def test_one_mask_and_instances_have_no_differences(start: Start, open_page: Open) -> None:
    page = open_page(built(start, only=regions(1, 1)))
    expect(page.locator(".overlays .layers")).to_have_text("only masks")
    expect(page.get_by_role("checkbox", name="Only where they differ")).to_have_count(0)
    page.keyboard.press("m")
    assert "differing" not in page.url


def test_full_view_has_the_switch_and_the_key_as_well(start: Start, open_page: Open) -> None:
    first, second = regions(1, 1), regions(1, 1)
    second[10:25, 20:60] = 3
    page = open_page(built(start, prediction=first, truth=second))
    page.locator("a.picture").click()
    switch = page.locator("dialog.full").get_by_role("checkbox", name="Only where they differ")
    painted = page.locator(".full-stage .mask[data-original]")
    expect(painted).to_have_count(0)
    switch.check()
    expect(painted).to_have_count(2)
    page.keyboard.press("m")
    expect(painted).to_have_count(0)
    expect(switch).not_to_be_checked()
