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
    const boxes = picture.querySelector('.overlay [data-layer=predictions]').children;
    const found = [...picture.querySelectorAll('.tags [data-layer=predictions] .cramped')].map((tag) => {
        const box = boxes[tag.dataset.box];
        return {box, place: box.getBoundingClientRect()};
    }).filter(({place: {x, y, right, bottom}}) => (
        x > frame.x && y > frame.y && right < frame.right && bottom < frame.bottom
    ));
    found.sort((a, b) => a.place.width * a.place.height - b.place.width * b.place.height);
    const [{box, place}] = found;
    return [place.x + place.width / 2, place.y + 1, JSON.parse(box.dataset.scores).confidence];
}"""
# Of each label by falling score: whether it shows, its score, and how wide and where it is to be.
SPOTS = """(picture) => {
    const {width, height} = picture.querySelector('svg.overlay').viewBox.baseVal;
    const tags = [...picture.querySelectorAll('.tags text')].sort((a, b) => a.dataset.rank - b.dataset.rank);
    return tags.map((tag) => {
        const {layer} = tag.parentNode.dataset;
        const box = picture.querySelector(`.overlay [data-layer=${layer}]`).children[tag.dataset.box];
        const isLow = layer === 'truth';
        const edge = (box.y.baseVal.value + (isLow ? box.height.baseVal.value : 0)) / height;
        const spot = [Number(tag.dataset.width), box.x.baseVal.value / width, edge, isLow];
        const {confidence} = JSON.parse(box.dataset.scores ?? '{}');
        return [tag.getClientRects().length > 0, confidence ?? null, spot, box.getClientRects().length > 0];
    });
}"""
# By falling score, the labels that show, with what they cover: their plates, which hold all their letters.
SHOWN = """(picture) => {
    const frame = picture.getBoundingClientRect();
    const tags = [...picture.querySelectorAll('.tags text')].sort((a, b) => a.dataset.rank - b.dataset.rank);
    return tags.map((tag) => {
        const letters = tag.getBoundingClientRect();
        const plate = tag.previousElementSibling?.localName === 'rect' ? tag.previousElementSibling : null;
        if (!letters.width) return [tag.textContent, plate && 'a plate without a label'];
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


def shown(page: Page) -> dict[str, list[float] | None]:
    """Return the labels of the picture by falling score, each where it is, and None for those left out."""
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
        places = [place for _, place in shown(page) if place]
        assert len(places) >= 2
        assert disjoint(places)
        assert sum(width * 15 for _, _, width, _ in places) <= 0.1 * size * size * HEIGHT / WIDTH
        assert all(
            x > -3 and y > -3 and x + w < size + 3 and y + h < size * 0.75 + 3 for x, y, w, h in places
        )


def expect_the_highest(page: Page) -> None:
    """Expect the labels that the rule takes of the boxes that show, by falling score."""
    found = page.locator(".picture:has(.tags)").first.evaluate(SPOTS)
    scores = [-1 if score is None else score for _, score, _, _ in found]
    assert scores == sorted(scores, reverse=True)
    assert not any(is_written for is_written, _, _, is_there in found if not is_there)
    there = [(is_written, Spot(*spot)) for is_written, _, spot, is_there in found if is_there]
    width = width_of(page)
    corners = box_tags.places([spot for _, spot in there], width, width * HEIGHT / WIDTH)
    assert [is_written for is_written, _ in there] == [corner is not None for corner in corners]


def test_the_labels_of_the_highest_scores_show_of_the_boxes_that_do(site: Path, open_page: Open) -> None:
    page = open_page(site)
    filtered = page.locator("svg.tags[data-filtered]")
    expect_the_highest(page)
    page.get_by_role("checkbox", name="traffic light").click()
    expect(filtered).to_have_count(1)
    expect_the_highest(page)
    page.get_by_role("slider", name="confidence").fill("0.5")
    expect_the_highest(page)
    page.locator(".layers input[data-layer=predictions]").uncheck()
    expect_the_highest(page)
    expect(page.locator(".tags [data-layer=predictions] text:visible")).to_have_count(0)
    expect(page.locator(".tags [data-layer=truth] text:visible")).not_to_have_count(0)
    page.get_by_role("button", name="Show all").click()
    expect(filtered).to_have_count(0)
    expect_the_highest(page)


def test_labels_never_take_the_pointer_and_those_left_out_are_said_there(site: Path, open_page: Open) -> None:
    page = open_page(site)
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
    count = page.locator("figure .tags text").count()
    page.locator("a.picture").first.click()
    written = page.locator(".full-stage .tags text:visible")
    expect(written).to_have_count(count)
    page.locator("dialog.full .layers input[data-layer=predictions]").uncheck()
    expect(written).to_have_count(60)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(written).not_to_have_count(60)
    few = page.locator(".full-stage .picture").evaluate(SHOWN)
    assert disjoint([place for _, place in few if place])
    for _ in range(4):
        page.keyboard.press("+")
    expect(written).to_have_count(60)
