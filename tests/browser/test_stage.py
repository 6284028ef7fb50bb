"""A picture on a stage: zoomed and moved by hand, with its pixels, masks and boxes where they belong."""

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
Size = tuple[int, int]

WIDTH, HEIGHT = 96, 64
FRAME = (480, 320)  # css pixels: five times the picture
BOX = (20, 30, 61, 53)

LOAD_STAGES = """() => {
    const script = document.createElement('script');
    script.src = document.querySelector('script[src$="/common.js"]').src.replace('common.js', 'stage.js');
    return new Promise((done, failed) => {
        Object.assign(script, {onload: () => done(), onerror: failed});
        document.head.append(script);
    });
}"""
PUT_ON_STAGE = """([width, height]) => {
    const element = Object.assign(document.createElement('div'), {id: 'stage', tabIndex: 0});
    Object.assign(element.style, {position: 'fixed', left: 0, top: 0, zIndex: 9, outline: 'none'});
    Object.assign(element.style, {background: '#000', width: `${width}px`, height: `${height}px`});
    document.body.append(element);
    window.moves = [];
    window.stage = modules["stage"].makeStage(element, {onMove: (view) => moves.push(view)});
    stage.show(document.querySelector('figure.image'));
    return stage.picture.querySelector('img').decode();
}"""


def noise(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def ids(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    return (np.arange(width * height).reshape(height, width) * 7 % 12).astype(np.uint8)


def in_colours(ids: np.ndarray) -> np.ndarray:
    table = np.array([palette.channels(palette.colour(i)) for i in range(int(ids.max()) + 1)], dtype=np.uint8)
    return table[ids]


def box_of(corners: tuple[int, int, int, int]) -> dict[str, object]:
    left, top, right, bottom = corners
    position = {"minX": left, "minY": top, "maxX": right, "maxY": bottom}
    return {"b": {"box_data": [{"position": position, "domain": "pixel", "class_id": 3}]}}


@pytest.fixture
def stage(start: Start, open_page: Open) -> Callable[..., Page]:
    """Return a function that puts an image on a stage over its page: `stage` in the page."""

    def put(image: runlog.Image, frame: tuple[int, int] = FRAME, **options: object) -> Page:
        with start() as run:
            run.log({"a": image}, step=0)
        runlog_viewer.build(run.folder)
        page = open_page(Path(run.folder) / "viewer/steps/000000000.html", **options)
        page.evaluate("runlog.settings.set('opacity', 1)")
        page.evaluate("runlog.settings.set('tags', false)")
        page.evaluate(LOAD_STAGES)
        page.evaluate(PUT_ON_STAGE, frame)
        expect(page.locator("#stage img")).to_have_js_property("complete", True)
        return page

    return put


def view(page: Page) -> tuple[float, float, float]:
    """Return what is shown, once it is on screen."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    seen = page.evaluate("stage.view")
    return seen["x"], seen["y"], seen["scale"]


def wait_for(page: Page, condition: str) -> None:
    """Wait until an expression is true; the policy of the pages forbids Playwright's own way."""
    page.evaluate(
        f"async () => {{ while (!({condition})) await new Promise(done => requestAnimationFrame(done)); }}"
    )


def set_view(page: Page, x: float, y: float, scale: float) -> None:
    page.evaluate("view => stage.setView(view)", {"x": x, "y": y, "scale": scale})
    view(page)


def on_screen(pixels: np.ndarray, centre: tuple[float, float], scale: int, frame: Size) -> np.ndarray:
    """Return the frame as it must look: `pixels` H×W×3 enlarged around a place, on black."""
    width, height = frame
    seen = np.zeros((height, width, 3), np.uint8)
    left, top = (round(side / 2 - at * scale) for side, at in zip((width, height), centre, strict=True))
    # Only what is seen is enlarged: 4096² pixels at 16:1 are 13 GB.
    ys, xs = (np.arange(height) - top) // scale, (np.arange(width) - left) // scale
    rows, columns = (ys >= 0) & (ys < pixels.shape[0]), (xs >= 0) & (xs < pixels.shape[1])
    seen[np.ix_(rows, columns)] = pixels[np.ix_(ys[rows], xs[columns])]
    return seen


def with_box(seen: np.ndarray, centre: tuple[float, float], scale: int, line: int) -> np.ndarray:
    """Return a frame with the edges of BOX drawn `line` device pixels wide, half on either side."""
    height, width = seen.shape[:2]
    left, top, right, bottom = (
        round(side / 2 + (edge - at) * scale)
        for edge, at, side in zip(BOX, centre * 2, (width, height) * 2, strict=True)
    )
    half = line // 2
    framed = np.zeros((height, width), bool)
    framed[max(0, top - half) : max(0, bottom + half), max(0, left - half) : max(0, right + half)] = True
    framed[max(0, top + half) : max(0, bottom - half), max(0, left + half) : max(0, right - half)] = False
    drawn = seen.copy()
    drawn[framed] = palette.channels(palette.colour(3))
    return drawn


@pytest.mark.parametrize("device", [1, 2])
@pytest.mark.parametrize("layer", ["picture", "mask", "box"])
def test_picture_mask_and_box_are_exact_at_whole_scales(
    stage: Callable[..., Page], shoot: Shoot, device: int, layer: str
) -> None:
    logged = noise()
    masks = {"m": {"mask_data": ids(), "class_labels": {0: "zero"}}} if layer == "mask" else None
    image = runlog.Image(logged, masks=masks, boxes=box_of(BOX) if layer == "box" else None)
    page = stage(image, device_scale_factor=device)
    frame = (FRAME[0] * device, FRAME[1] * device)
    for scale in (1, 2, 3, 8, 32):
        centre = (33.5, 37.25) if scale > 5 * device else (48.0, 32.0)
        set_view(page, *centre, scale)
        seen = on_screen(in_colours(ids()) if layer == "mask" else logged, centre, scale, frame)
        if layer == "box":
            seen = with_box(seen, centre, scale, 2 * device)
        np.testing.assert_array_equal(shoot(page, "#stage"), seen, err_msg=f"at {scale}:1")


def test_a_frame_of_odd_size_shows_whole_pixels(stage: Callable[..., Page], shoot: Shoot) -> None:
    page = stage(runlog.Image(noise()), frame=(481, 319))
    set_view(page, 40, 30, 8)
    shown = shoot(page, "#stage")
    left, top = 241 - 40 * 8, 160 - 30 * 8  # half a pixel is rounded up
    whole = shown[top % 8 :, left % 8 :][: 8 * 39, : 8 * 59]
    pixels = noise()[-(top // 8) :, -(left // 8) :][:39, :59]
    np.testing.assert_array_equal(whole, pixels.repeat(8, 0).repeat(8, 1))


def test_a_small_picture_first_fills_the_frame_by_a_whole_number(stage: Callable[..., Page]) -> None:
    page = stage(runlog.Image(noise()), frame=(500, 400))
    assert view(page) == (48, 32, 5)


def test_a_large_picture_is_first_seen_whole(stage: Callable[..., Page], shoot: Shoot) -> None:
    grey = np.full((1000, 4000, 3), 99, np.uint8)
    page = stage(runlog.Image(grey))
    assert view(page) == (2000, 500, 480 / 4000)
    shown = shoot(page, "#stage")
    assert (shown[100:220] == 99).all()
    assert (shown[:100] == 0).all()
    assert (shown[220:] == 0).all()


def wheel_at(page: Page, x: float, y: float, turn: float) -> None:
    page.mouse.move(x, y)
    page.mouse.wheel(0, turn)


@pytest.mark.parametrize("modifier", [None, "Control"])
def test_the_wheel_keeps_the_pixel_under_the_pointer(
    stage: Callable[..., Page], modifier: str | None
) -> None:
    page = stage(runlog.Image(noise()))
    set_view(page, 40, 30, 8)
    pointer = (200, 130)
    at = "([clientX, clientY]) => stage.at({clientX, clientY})"
    before = page.evaluate(at, pointer)
    if modifier:
        page.keyboard.down(modifier)
    for turn in (-30, -30, 20):
        wheel_at(page, *pointer, turn)
        *_, scale = view(page)
        after = page.evaluate(at, pointer)
        assert abs(after["x"] - before["x"]) <= 1 / scale
        assert abs(after["y"] - before["y"]) <= 1 / scale
    assert scale > 8


def test_the_wheel_stops_at_the_whole_picture_and_at_64(stage: Callable[..., Page]) -> None:
    page = stage(runlog.Image(noise(960, 640)))
    wheel_at(page, 100, 100, 5000)
    assert view(page) == (480, 320, 0.5)
    assert page.evaluate("stage.isWhole")
    wheel_at(page, 100, 100, -9000)
    assert view(page)[2] == 64
    assert not page.evaluate("stage.isWhole")


def test_a_drag_moves_the_picture_with_the_pointer_and_not_past_its_edge(stage: Callable[..., Page]) -> None:
    page = stage(runlog.Image(noise()))
    set_view(page, 48, 32, 10)
    page.mouse.move(200, 200)
    page.mouse.down()
    page.mouse.move(170, 220)
    assert view(page) == (51, 30, 10)
    page.mouse.move(-900, 900)
    assert view(page) == (96 - 24, 16, 10)
    page.mouse.up()
    page.mouse.move(300, 300)
    assert view(page) == (96 - 24, 16, 10)


def test_a_picture_that_is_all_in_sight_stays_in_the_middle(stage: Callable[..., Page]) -> None:
    page = stage(runlog.Image(noise()))
    page.mouse.move(200, 200)
    page.mouse.down()
    page.mouse.move(100, 100)
    page.mouse.up()
    assert view(page) == (48, 32, 5)
    page.locator("#stage").focus()
    page.keyboard.press("1")
    page.keyboard.press("ArrowRight")
    wait_for(page, "stage.view.scale === 1")
    assert view(page) == (48, 32, 1)


TWO_FINGERS = """places => {
    const element = document.getElementById('stage');
    const send = (type, pointerId, [clientX, clientY]) => element.dispatchEvent(
        new PointerEvent(type, {pointerId, clientX, clientY, button: type === 'pointermove' ? -1 : 0})
    );
    element.setPointerCapture = () => {};  // these fingers are not there
    places.forEach(([from], id) => send('pointerdown', id, from));
    places.forEach(([, to], id) => send('pointermove', id, to));
    places.forEach(([, to], id) => send('pointerup', id, to));
}"""


def test_two_fingers_zoom_and_move(stage: Callable[..., Page]) -> None:
    page = stage(runlog.Image(noise()))
    set_view(page, 48, 32, 8)
    # the fingers lie on the pixels 43 and 53 of row 32, and end on the same pixels
    page.evaluate(TWO_FINGERS, [[[200, 160], [170, 180]], [[280, 160], [330, 180]]])
    *_, scale = view(page)
    assert scale == pytest.approx(16)
    place = page.evaluate("stage.at({clientX: 170, clientY: 180})")
    assert (place["x"], place["y"]) == pytest.approx((43, 32), abs=0.1)
    place = page.evaluate("stage.at({clientX: 330, clientY: 180})")
    assert (place["x"], place["y"]) == pytest.approx((53, 32), abs=0.1)


def test_keys_zoom_by_even_stops_and_move(stage: Callable[..., Page]) -> None:
    page = stage(runlog.Image(noise()), reduced_motion="reduce")
    page.locator("#stage").focus()
    for key, scale in (("+", 6), ("+", 8), ("-", 6), ("1", 1), ("+", 2), ("0", 5), ("-", 4)):
        page.keyboard.press(key)
        assert view(page) == (48, 32, scale), key
    for _ in range(6):
        page.keyboard.press("+")
    assert view(page) == (48, 32, 24)
    for key, place in (
        ("ArrowRight", (50.5, 32)),
        ("ArrowDown", (50.5, 32 + 5 / 3)),
        ("ArrowLeft", (48, 32 + 5 / 3)),
        ("ArrowUp", (48, 32)),
    ):
        page.keyboard.press(key)
        assert view(page) == pytest.approx((*place, 24)), key


def test_keys_with_a_modifier_are_left_to_the_browser(stage: Callable[..., Page]) -> None:
    page = stage(runlog.Image(noise()))
    page.locator("#stage").focus()
    page.keyboard.press("Alt+1")
    assert view(page) == (48, 32, 5)


def test_a_double_click_goes_to_the_pixels_at_the_point_and_back(stage: Callable[..., Page]) -> None:
    page = stage(runlog.Image(noise(960, 640)), reduced_motion="reduce")
    at = "stage.at({clientX: 100, clientY: 250})"
    before = page.evaluate(at)
    page.mouse.dblclick(100, 250)
    *_, scale = view(page)
    assert scale == 1
    after = page.evaluate(at)
    assert (after["x"], after["y"]) == pytest.approx((before["x"], before["y"]), abs=1)
    page.mouse.dblclick(100, 250)
    assert view(page) == (480, 320, 0.5)


def test_a_glide_ends_where_it_should(stage: Callable[..., Page]) -> None:
    page = stage(runlog.Image(noise(960, 640)), reduced_motion="no-preference")
    page.mouse.dblclick(240, 160)
    wait_for(page, "stage.view.scale === 1")
    assert view(page) == (480, 320, 1)
    page.mouse.dblclick(240, 160)
    wait_for(page, "stage.isWhole")
    scales = [move["scale"] if move else 0.5 for move in page.evaluate("moves")]
    turn = scales.index(1)
    assert scales[:turn] == sorted(scales[:turn])
    assert scales[turn:] == sorted(scales[turn:], reverse=True)


def test_a_picture_seen_whole_stays_so_when_the_frame_changes(stage: Callable[..., Page]) -> None:
    page = stage(runlog.Image(noise()))
    page.evaluate("document.getElementById('stage').style.width = '200px'")
    wait_for(page, "stage.view.scale === 2")
    assert view(page) == (48, 32, 2)


def test_the_place_under_the_pointer_is_the_pixel_seen_there(
    stage: Callable[..., Page], shoot: Shoot
) -> None:
    logged = noise()
    page = stage(runlog.Image(logged))
    set_view(page, 31.3, 40.7, 12)
    shown = shoot(page, "#stage")
    for x, y in ((0, 0), (5, 300), (240, 160), (479, 319), (333, 77)):
        place = page.evaluate("([x, y]) => stage.at({clientX: x + 0.5, clientY: y + 0.5})", [x, y])
        np.testing.assert_array_equal(shown[y, x], logged[int(place["y"]), int(place["x"])])
    set_view(page, 48, 32, 1)
    assert page.evaluate("stage.at({clientX: 10, clientY: 160})") is None


@pytest.mark.parametrize("size", [(96, 64), (192, 128)])
def test_one_stage_follows_another(stage: Callable[..., Page], size: tuple[int, int]) -> None:
    page = stage(runlog.Image(noise()))
    page.evaluate(
        PUT_ON_STAGE.replace("window.stage", "window.other").replace("stage.", "other."), [480, 320]
    )
    page.evaluate(
        """([width, height]) => {
            const figure = document.querySelector('figure.image').cloneNode(true);
            Object.assign(figure.querySelector('img'), {width, height});
            other.show(figure);
        }""",
        size,
    )
    set_view(page, 24, 48, 10)
    page.evaluate("other.follow(stage)")
    # the same pixels, or the same part of the picture in the same room
    by = size[0] / WIDTH
    assert page.evaluate("other.view") == {"x": 24 * by, "y": 48 * by, "scale": 10 / by}
    page.evaluate("stage.setView(null)")
    page.evaluate("other.follow(stage)")
    assert page.evaluate("other.isWhole")


def test_the_line_of_a_box_is_as_wide_at_every_scale(stage: Callable[..., Page], shoot: Shoot) -> None:
    grey = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    page = stage(runlog.Image(grey, boxes=box_of(BOX)))
    colour = palette.channels(palette.colour(3))
    for scale in (0.5, 1, 1.7, 4.4, 20):
        set_view(page, BOX[0], 40, scale)
        row = shoot(page, "#stage")[160]
        on_line = (row == colour).all(-1)
        assert on_line[:300].sum() in (2, 4), scale  # one edge, or both
        edges = np.flatnonzero(np.diff(np.concatenate([[0], on_line, [0]]))).reshape(-1, 2)
        assert {int(end - begin) for begin, end in edges} == {2}, scale


def test_4096_pixels_a_side_go_down_to_single_pixels(stage: Callable[..., Page], shoot: Shoot) -> None:
    side = np.arange(4096, dtype=np.uint16)
    large = ((side[:, None] + side) % 251).astype(np.uint8)[..., None].repeat(3, -1)
    page = stage(runlog.Image(large))
    assert view(page)[2] == 320 / 4096
    set_view(page, 4000.5, 3999.5, 16)
    seen = on_screen(large, (4000.5, 3999.5), 16, FRAME)
    # Chromium shows of so large a picture what it has at first, and sharp pixels once they are decoded.
    until = time.monotonic() + 10
    while not np.array_equal(shown := shoot(page, "#stage"), seen) and time.monotonic() < until:
        page.wait_for_timeout(100)
    np.testing.assert_array_equal(shown, seen)
