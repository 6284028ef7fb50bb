"""How the images of a step stand on its page: in full rows, with what is known of each at the pointer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Shoot = Callable[[Page, str], np.ndarray]

# Of the figures of a key: where each picture begins and ends.
SIDES = """figures => figures.map((figure) => {
    const {left, right, top, bottom} = figure.querySelector('.picture').getBoundingClientRect();
    return [left, right, top, bottom];
})"""
SIZES = {"large": (480, 640, 7), "small": (128, 128, 40), "tiny": (28, 28, 30), "wide": (90, 400, 3)}
# Upright and lying, height by width.
STRIPS = ((256, 1), (800, 4), (5000, 9), (1, 256), (4, 800), (9, 5000))
FEW = (2, 3, 4, 5, 6, 7, 8, 9, 11)


def strip(high: int, wide: int) -> runlog.Image:
    """Return a picture with a mask and a box over all of it."""
    position = {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}
    return runlog.Image(
        np.full((high, wide), 200, np.uint8),
        boxes={"b": {"box_data": [{"position": position, "class_id": 1}]}},
        masks={"m": {"mask_data": np.ones((high, wide), np.uint8)}},
    )


@pytest.fixture(scope="module")
def site(start_shared: Start, shared_runs: Path) -> Path:
    """Build the site of a run with pictures of many sizes, and return the page of its step."""
    keys: dict[str, object] = {
        key: [runlog.Image(np.full((high, wide), 200, np.uint8), caption=f"{key} {n}") for n in range(count)]
        for key, (high, wide, count) in SIZES.items()
    }
    keys["strips"] = [strip(*size) for size in STRIPS]
    keys["among"] = [runlog.Image(np.full((64, 64), 200, np.uint8)), strip(256, 1)]
    keys["high"] = [strip(1000, 100), strip(600, 150), strip(440, 200)]
    keys["clear"] = runlog.Image(np.zeros((64, 64, 4), np.uint8))
    keys["clipped"] = runlog.Image(np.full((64, 64), 900.0, np.float32))
    with pytest.warns(runlog.RunlogWarning, match="clipped"), start_shared() as run:
        run.log(keys, step=0)
        one = runlog.Image(np.full((300, 400), 200, np.uint8))
        run.log({f"of/{count}": [one] * count for count in FEW}, step=1)
    runlog_viewer.build(run.folder)
    return run.folder / "viewer/steps/000000000.html"


@pytest.fixture
def runs(shared_runs: Path) -> Path:
    return shared_runs


def figures(page: Page, key: str) -> Locator:
    return page.locator(f"section.key[data-key='{key}'] figure.image")


def rows(page: Page, key: str) -> list[np.ndarray]:
    """Return left, right, top and bottom of the pictures of a key, by row."""
    sides = np.array(figures(page, key).evaluate_all(SIDES))
    return [sides[sides[:, 2] == top] for top in np.unique(sides[:, 2])]


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_rows_are_full_at_any_width_of_the_window(site: Path, open_page: Open, javascript: bool) -> None:
    page = open_page(site, java_script_enabled=javascript)
    for width in (1920, 1440, 1111, 768, 390):
        page.set_viewport_size({"width": width, "height": 900})
        margin = 14 if width < 640 else 20
        for key, (_, _, count) in SIZES.items():
            found = rows(page, key)
            assert sum(map(len, found)) == count
            for row in found[:-1]:
                assert row[0, 0] == pytest.approx(margin, abs=0.5)
                assert row[-1, 1] == pytest.approx(width - margin, abs=1)
            assert len({len(row) for row in found[:-1]}) <= 1


def test_few_pictures_stand_in_rows_of_about_as_many(site: Path, open_page: Open) -> None:
    page = open_page(site.with_name("000000001.html"))
    page.set_viewport_size({"width": 1440, "height": 900})
    found = {count: [len(row) for row in rows(page, f"of/{count}")] for count in FEW}
    assert found == {
        2: [2], 3: [3], 4: [4], 5: [5], 6: [6], 7: [4, 3], 8: [4, 4], 9: [5, 4], 11: [6, 5],
    }  # fmt: skip
    for count in (4, 5, 6, 8):
        assert rows(page, f"of/{count}")[0][-1, 1] == pytest.approx(1420, abs=1)
    page.locator("#size").fill("560")
    assert [len(row) for row in rows(page, "of/8")] == [2, 2, 2, 2]


def test_pictures_are_about_as_large_as_suits_them(site: Path, open_page: Open) -> None:
    page = open_page(site)
    for key, width in {"large": 280, "small": 128, "tiny": 96, "wide": 400}.items():
        ((left, right, *_), *_), *_ = rows(page, key)
        assert right - left == pytest.approx(width, rel=0.16)
    page.set_viewport_size({"width": 390, "height": 844})
    ((left, right, *_),), *_ = rows(page, "large")
    assert (left, right) == (14, 376)


def test_the_slider_enlarges_tiny_pictures_too(site: Path, open_page: Open) -> None:
    page = open_page(site)
    page.locator("#size").fill("560")
    for key, least in {"large": 480, "tiny": 260}.items():
        ((left, right, *_), *_), *_ = rows(page, key)
        assert right - left > least


def test_what_is_known_of_a_picture_is_there_at_the_pointer_and_where_the_keyboard_is(
    site: Path, open_page: Open
) -> None:
    page = open_page(site)
    figure, other = figures(page, "small").nth(0), figures(page, "small").nth(1)
    facts = figure.locator(".about")
    at = "figure => figure.offsetTop"
    below = figures(page, "small").nth(20).evaluate(at)
    expect(facts).to_have_css("opacity", "0")
    figure.hover()
    expect(facts).to_have_css("opacity", "1")
    assert figures(page, "small").nth(20).evaluate(at) == below  # nothing moves
    other.hover()
    expect(facts).to_have_css("opacity", "0")
    figure.locator("a.picture").focus()
    expect(facts).to_have_css("opacity", "1")
    page.keyboard.press("Tab")
    expect(facts.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    other.hover()
    other.locator("a.picture").focus()
    expect(facts.locator(".facts")).to_be_visible()
    expect(facts).to_have_css("opacity", "1")  # what was opened stays
    warned = figures(page, "clipped").locator(".about")
    expect(warned).to_have_css("opacity", "1")  # and what warns is always there


def test_on_a_screen_without_a_pointer_what_is_known_is_always_there(site: Path, open_page: Open) -> None:
    page = open_page(site, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    expect(figures(page, "large").nth(3).locator(".about")).to_have_css("opacity", "1")


def test_a_contact_sheet_has_no_gaps(site: Path, open_page: Open) -> None:
    page = open_page(site)
    page.keyboard.press("g")
    expect(page.get_by_label("Contact sheet")).to_be_checked()
    expect(page.locator("figcaption:visible, .about:visible")).to_have_count(0)
    found = rows(page, "small")
    for row in found:
        assert row[1:, 0] == pytest.approx(row[:-1, 1], abs=0.05)
    tops = [row[0, 2] for row in found]
    assert tops[1:] == pytest.approx([row[0, 3] for row in found[:-1]], abs=0.05)
    assert found[0][-1, 1] == pytest.approx(1260, abs=0.5)
    page.reload()
    expect(page.get_by_label("Contact sheet")).to_be_checked()
    page.keyboard.press("g")
    expect(page.locator("figcaption").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_transparent_picture_stands_on_a_light_ground(
    site: Path, open_page: Open, shoot: Shoot, theme: str
) -> None:
    page = open_page(site, color_scheme=theme)
    expect(figures(page, "clear").locator("img[data-loaded]")).to_have_count(1)
    assert shoot(page, "[data-key='clear'] .picture img")[4:-4, 4:-4].min() >= 220


# Of the figures of a key: the sides of the picture, of what lies over it and of its link, in px.
LAID = """figures => figures.map((figure) => {
    const sides = ({left, top, width, height}) => [left, top, width, height];
    const link = figure.querySelector('.picture');
    const {x, y, width, height} = link.getBoundingClientRect();
    const [centre, middle] = [x + width / 2, y + height / 2];
    const hit = [[x + 12, middle], [centre, middle - 11], [centre, middle + 11]];
    return {
        picture: sides(link.querySelector('img').getBoundingClientRect()),
        over: ['.overlay', 'rect.box'].map((one) => sides(link.querySelector(one).getBoundingClientRect())),
        isHit: hit.map(([left, top]) => document.elementFromPoint(left, top)?.closest('.picture') === link),
    };
})"""


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_strip_is_no_higher_than_one_and_a_half_sizes_and_can_be_hit_beside_its_pixels(
    javascript: bool, width: int, site: Path, open_page: Open
) -> None:
    viewport = {"width": width, "height": 900}
    page = open_page(site, java_script_enabled=javascript, viewport=viewport)
    for key, sizes in (("strips", STRIPS), ("among", ((64, 64), (256, 1)))):
        for place, (high, wide) in enumerate(sizes):
            figure = figures(page, key).nth(place)
            figure.scroll_into_view_if_needed()
            expect(figure.locator("img").first).to_have_js_property("complete", True)
            if (high, wide) == (64, 64):
                continue
            (laid,) = figure.evaluate_all(LAID)
            left, top, across, down = laid["picture"]
            assert down <= 420.01
            assert across <= width
            is_whole = min(high, wide) == 1  # else a thumbnail is a pixel thin
            assert down / across == pytest.approx(high / wide, rel=0.06 if is_whole else 0.3)
            over, box = laid["over"]
            assert over == pytest.approx([left, top, across, down], abs=0.1)
            assert box[2:] == pytest.approx([across, down], abs=0.1)
            assert all(laid["isHit"] if high < wide else laid["isHit"][:1])


@pytest.mark.parametrize("size", [64, 400, 1024])
def test_whatever_size_is_asked_for_no_picture_is_thrice_as_high_and_a_thin_one_no_higher_than_the_window(
    size: int, site: Path, open_page: Open
) -> None:
    page = open_page(site, viewport={"width": 1440, "height": 900})
    page.locator("#size").fill(str(size))
    for key in ("strips", "among", "high"):
        sizes = page.locator(f"section.key[data-key='{key}'] .picture > img").evaluate_all(
            "all => all.map(({height, attributes: is}) => [height, is.height.value / is.width.value])"
        )
        for height, times in sizes:
            assert height <= 3 * size
            assert height <= 900 or times < 3
