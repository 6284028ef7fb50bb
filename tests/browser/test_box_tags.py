"""What is written at boxes in small pictures can be read: beside each other, and little of the picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer
from runlog_viewer.pages import box_tags
from runlog_viewer.pages.values import Spot

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
WIDTH, HEIGHT = 320, 240
NAMES = ("person", "traffic light", "W@MmW%", "日本語の名前", "علامة", "ﷺ ﷽")
# The smallest box whose label is left out, and that lies in the picture: a place on it, and its score.
SMALLEST_WITHOUT = """(picture) => {
    const frame = picture.getBoundingClientRect();
    const boxes = [...picture.querySelectorAll('.overlay [data-layer=predictions] > *')];
    const isWritten = (n) => picture.querySelector(`.tags [data-layer=predictions] [data-box="${n}"]`);
    const found = boxes.map((box, n) => ({box, place: box.getBoundingClientRect(), isWritten: isWritten(n)}));
    const [{box, place}] = found.filter(({isWritten, place: {x, y, right, bottom}}) => (
        !isWritten && x > frame.x && y > frame.y && right < frame.right && bottom < frame.bottom
    )).sort((a, b) => a.place.width * a.place.height - b.place.width * b.place.height);
    return [place.x + place.width / 2, place.y + 1, JSON.parse(box.dataset.scores).confidence];
}"""
# Of each box by falling score: whether its label shows, and how wide that is and where it is to be.
SPOTS = """(picture) => {
    const pen = document.createElement('canvas').getContext('2d');
    pen.font = `600 11px ${getComputedStyle(document.body).fontFamily}`;
    const {width, height} = picture.querySelector('svg.overlay').viewBox.baseVal;
    const found = [...picture.querySelectorAll('.overlay .layer')].flatMap((group) => {
        const {layer} = group.dataset;
        const isLow = layer === 'truth';
        return [...group.children].map((box, n) => {
            const {confidence} = JSON.parse(box.dataset.scores ?? '{}');
            const {tag, label} = box.dataset;
            const text = tag ?? [label, confidence?.toFixed(2)].filter(Boolean).join(' ');
            const edge = (box.y.baseVal.value + (isLow ? box.height.baseVal.value : 0)) / height;
            const across = Math.ceil(pen.measureText(text).width) + 6;
            const isWritten = picture.querySelector(`.tags [data-layer=${layer}] [data-box="${n}"]`) !== null;
            const spot = [across, box.x.baseVal.value / width, edge, isLow];
            return {score: confidence ?? -1, row: [isWritten, spot, box.getClientRects().length > 0]};
        });
    });
    return found.sort((a, b) => b.score - a.score).map(({row}) => row);
}"""
# The labels that show, with what they cover: their plates, which hold all their letters.
SHOWN = """(picture) => {
    const frame = picture.getBoundingClientRect();
    return [...picture.querySelectorAll('.tags text')].map((tag) => {
        const letters = tag.getBoundingClientRect();
        const plate = tag.previousElementSibling;
        if (!letters.width) return [tag.textContent, 'letters that do not show'];
        const {x, y, width, height} = plate.getBoundingClientRect();
        const {layer} = tag.parentNode.dataset;
        const box = picture.querySelector(`.overlay [data-layer=${layer}]`).children[tag.dataset.box];
        const isAcross = letters.left > x && letters.right < x + width;
        const isWithin = isAcross && letters.top > y - 1 && letters.bottom < y + height + 1;
        const isOfBox = plate.getAttribute('fill') === box.getAttribute('stroke');
        if (!isWithin || !isOfBox) return [tag.textContent, 'another plate'];
        return [tag.textContent, [x - frame.x, y - frame.y, width, height]];
    });
}"""


@pytest.fixture(scope="module")
def site(start_shared: Start, shared_runs: Path) -> Path:
    """Build a run with 60 boxes in each of two layers on a picture, and return the page of its step."""
    generator = np.random.default_rng(3)

    def box(n: int, *, has_score: bool) -> dict[str, object]:
        left, top = generator.uniform(-0.02, 0.9, 2)
        width, height = generator.uniform(0.03, 0.4, 2)
        position = {"minX": left, "maxX": left + width, "minY": top, "maxY": top + height}
        scores = {"scores": {"confidence": float(generator.uniform())}} if has_score else {}
        return {"position": position, "class_id": n % len(NAMES), **scores}

    layers = {
        name: {
            "box_data": [box(n, has_score=name == "predictions") for n in range(60)],
            "class_labels": dict(enumerate(NAMES)),
        }
        for name in ("predictions", "truth")
    }
    with start_shared(id="a") as run:
        image = runlog.Image(np.full((HEIGHT, WIDTH, 3), 90, np.uint8), boxes=layers)
        run.log({"val": [image, runlog.Image(np.full((HEIGHT, WIDTH), 90, np.uint8))]}, step=0)
    runlog_viewer.build(shared_runs)
    return run.folder / "viewer" / "steps" / "000000000.html"


@pytest.fixture
def runs(site: Path) -> Path:
    """Return the folder that pages may load from."""
    return site.parents[3]


def shown(page: Page) -> list[tuple[str, list[float]]]:
    """Return the labels of the picture, each with where it is."""
    return page.locator(".picture:has(.tags)").first.evaluate(SHOWN)


def width_of(page: Page) -> float:
    """Return how wide the picture is on screen, in px, once its labels are placed for that."""
    width = "picture => picture.querySelector('img').getBoundingClientRect().width"
    size = page.locator(".picture:has(.tags)").first.evaluate(width)
    if page.evaluate("document.documentElement.classList.contains('js')"):
        expect(page.locator("svg.tags")).to_have_attribute("data-width", re.compile(rf"^{int(size)}(\.|$)"))
    return float(size)


def disjoint(places: list[list[float]]) -> bool:
    return not any(
        x < left + w and left < x + width and y < top + h and top < y + height
        for n, (x, y, width, height) in enumerate(places)
        for left, top, w, h in places[:n]
    )


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["scripts", "no scripts"])
def test_no_label_lies_over_another_nor_do_all_cover_more_than_a_tenth_whatever_is_written(
    site: Path, open_page: Open, options: dict[str, bool]
) -> None:
    page = open_page(site, **options)
    for wanted in (280,) if options else (280, 160, 600, 1024):
        if not options:
            page.locator("#size").fill(str(wanted))
        size = width_of(page)
        places = [place for _, place in shown(page)]
        assert len(places) >= 2
        assert disjoint(places)
        assert sum(width * 15 for _, _, width, _ in places) <= 0.1 * size * size * HEIGHT / WIDTH
        assert all(
            x > -3 and y > -3 and x + w < size + 3 and y + h < size * 0.75 + 3 for x, y, w, h in places
        )


def expect_the_highest(page: Page) -> None:
    """Expect the labels that the rule takes of the boxes that show, by falling score."""
    width = width_of(page)
    found = page.locator(".picture:has(.tags)").first.evaluate(SPOTS)
    assert len(found) == 120
    assert not any(is_written for is_written, _, is_there in found if not is_there)
    there = [(is_written, Spot(*spot)) for is_written, spot, is_there in found if is_there]
    corners = box_tags.places([spot for _, spot in there], width, width * HEIGHT / WIDTH)
    assert [is_written for is_written, _ in there] == [corner is not None for corner in corners]


def test_the_labels_of_the_highest_scores_show_of_the_boxes_that_do(site: Path, open_page: Open) -> None:
    page = open_page(site)
    expect_the_highest(page)
    page.get_by_role("checkbox", name="traffic light").click()
    expect(page.locator("rect.box[data-label='traffic light']:visible")).to_have_count(0)
    expect_the_highest(page)
    page.get_by_role("slider", name="confidence").fill("0.5")
    expect_the_highest(page)
    page.locator(".layers input[data-layer=predictions]").uncheck()
    expect_the_highest(page)
    expect(page.locator(".tags [data-layer=predictions] text:visible")).to_have_count(0)
    expect(page.locator(".tags [data-layer=truth] text:visible")).not_to_have_count(0)
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("rect.box:visible")).to_have_count(120)
    expect_the_highest(page)


def test_labels_never_take_the_pointer_and_those_left_out_are_said_there(site: Path, open_page: Open) -> None:
    page = open_page(site)
    width_of(page)
    at = "text => { const b = text.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; }"
    for tag in page.locator(".tags text:visible").all():
        x, y = tag.evaluate(at)
        hit = page.evaluate("([x, y]) => document.elementFromPoint(x, y).closest('.tags') === null", [x, y])
        assert hit
    x, y, confidence = page.locator(".picture:has(.tags)").first.evaluate(SMALLEST_WITHOUT)
    page.mouse.move(x, y)
    expect(page.locator(".tip p").first).to_contain_text(f"confidence {confidence:.4g}")


def test_in_full_view_all_labels_are_there_unless_the_picture_is_small_there_too(
    site: Path, open_page: Open
) -> None:
    page = open_page(site)
    page.locator("a.picture").first.click()
    written = page.locator(".full-stage .tags text:visible")
    expect(written).to_have_count(120)
    page.locator("dialog.full .layers input[data-layer=predictions]").uncheck()
    expect(written).to_have_count(60)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(written).not_to_have_count(60)
    few = page.locator(".full-stage .picture").evaluate(SHOWN)
    assert disjoint([place for _, place in few])
    for _ in range(4):
        page.keyboard.press("+")
    expect(written).to_have_count(60)
