"""Runs, steps and layers side by side, or laid over each other: what differs is seen."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import numpy as np
import pytest
from PIL import Image as PILImage
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Address = Callable[[str], str]

SIZE = 24


def colour(*channels: int, size: int = SIZE) -> np.ndarray:
    return np.broadcast_to(np.array(channels, np.uint8), (size, size, 3)).copy()


def image(pixels: np.ndarray, caption: str = "") -> runlog.Image:
    return runlog.Image(pixels, caption=caption or None, normalize=False)


def log_colours(run: runlog.LocalRun, base: int, steps: tuple[int, ...]) -> None:
    for step in steps:
        pictures = [image(colour(base, step, 10 * n), f"{run.id} {step} {n}") for n in range(2)]
        run.log({"val/images": pictures, "loss": base / (step + 1)}, step=step)


@pytest.fixture(scope="module")
def site(start_shared: Start, shared_runs: Path) -> Path:
    """Build a site of three runs that logged at different steps, and return its folder."""
    with start_shared(id="a", name="first", config={"lr": 0.1, "model": "small"}) as run:
        log_colours(run, 100, (0, 10, 20))
        run.log({"only/a": image(colour(1, 2, 3))}, step=20)
    with start_shared(id="b", name="second", config={"lr": 0.2, "model": "small"}) as run:
        log_colours(run, 130, (5, 10, 25))
    with start_shared(id="c", name="third", config={"lr": 0.2, "model": "small", "seed": 7}) as run:
        log_colours(run, 160, (30,))
    runlog_viewer.build(shared_runs)
    return shared_runs


def compare(site: Path, end: str, run: str = "a") -> str:
    return (site / run / "viewer" / "compare.html").as_uri() + end


def expect_captions(page: Page, *texts: str) -> None:
    expect(page.locator(".pane figcaption")).to_have_text(list(texts))


def come_to_rest(page: Page, selector: str) -> None:
    """Wait until pictures stay where they are for some frames: a gesture glides to its end."""
    page.evaluate(
        """async (selector) => {
            const place = ({style}) => style.width + style.transform;
            const look = () => [...document.querySelectorAll(selector)].map(place).join();
            for (let before = look(), frames = 0; frames < 20; frames += 1) {
                await new Promise(requestAnimationFrame);
                if (look() !== before) [before, frames] = [look(), 0];
            }
        }""",
        selector,
    )


def looked_at(page: Page) -> dict[str, str]:
    """Return the values at the end of the address."""
    return dict(parse_qsl(page.evaluate("location.hash.slice(1)")))


def shot(page: Page, selector: str) -> np.ndarray:
    """Return the pixels of an element as they are on screen."""
    return np.asarray(PILImage.open(io.BytesIO(page.locator(selector).first.screenshot())).convert("RGB"))


def middle(page: Page, selector: str) -> tuple[int, ...]:
    """Return the colour on screen in the middle of an element."""
    pixels = shot(page, selector)
    return tuple(int(value) for value in pixels[pixels.shape[0] // 2, pixels.shape[1] // 2])


def test_runs_stand_side_by_side_at_one_step(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b&key=val/images&index=1&step=10"))
    expect_captions(page, "a 10 1", "b 10 1")
    assert page.locator(".pane").evaluate_all("all => all.map((p) => [p.dataset.run, p.dataset.step])") == [
        [".", "10"],
        ["b", "10"],
    ]
    assert middle(page, ".pane:nth-child(1) .frame") == (100, 10, 10)
    assert middle(page, ".pane:nth-child(2) .frame") == (130, 10, 10)
    figures = page.locator("figure.image[data-key='val/images'][data-step='10'][data-index='1']")
    expect(figures).to_have_count(2)


def test_the_slider_moves_all_panes_each_to_its_latest_step_at_or_before(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b,c&key=val/images"))
    expect_captions(page, "a 20 0", "b 25 0", "c 30 0")
    expect(page.locator("#place")).to_have_text("step 30, the latest")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#place")).to_have_text("step 25")
    missing = "No images of val/images at step 25 or before."
    expect(page.locator(".pane .nothing").nth(2)).to_have_text(missing)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect_captions(page, "a 10 0", "b 10 0", "")
    page.locator("#slider").fill("1")
    expect_captions(page, "a 0 0", "b 5 0", "")
    page.keyboard.press("Home")
    expect(page.locator("#place")).to_have_text("step 0")
    page.keyboard.press("End")
    expect_captions(page, "a 20 0", "b 25 0", "c 30 0")


def test_a_pane_can_stay_at_a_step_or_keep_its_distance(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.@0,.@-10,.&key=val/images"))
    expect_captions(page, "a 0 0", "a 10 0", "a 20 0")
    page.keyboard.press("ArrowLeft")
    expect_captions(page, "a 0 0", "a 0 0", "a 10 0")
    second = page.locator(".pane").nth(1)
    second.locator(".place").select_option("step")
    second.locator(".number").fill("20")
    second.locator(".number").press("Enter")
    expect_captions(page, "a 0 0", "a 20 0", "a 10 0")
    assert looked_at(page)["panes"] == ".@0,.@20,."


def test_images_are_matched_by_key_and_index(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b&step=10&key=val/images"))
    expect_captions(page, "a 10 0", "b 10 0")
    page.keyboard.press("ArrowDown")
    expect_captions(page, "a 10 1", "b 10 1")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#after")).to_be_disabled()
    expect_captions(page, "a 10 1", "b 10 1")
    assert page.locator("#key option").all_text_contents() == ["only/a", "val/images"]
    page.locator("#key").select_option("only/a")
    expect(page.locator(".pane").nth(1)).to_contain_text("No images of only/a in this run.")


def test_what_is_not_there_is_told_in_its_pane(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.@10,.&key=val/images&index=7"))
    expect(page.locator(".pane .nothing").first).to_have_text("No image 7 at this step: it has 2.")


def test_a_pane_is_of_a_run_folder_by_name_and_never_by_a_path(
    site: Path, open_page: Open, watched: Any
) -> None:
    page = open_page("about:blank")
    for path in ("..", "b/../b", "b\\..\\b"):  # more of them: tests/scripts/addresses.test.js
        page.goto(compare(site, f"#panes=.,{quote(path, safe='')}&key=val/images"))
        expect(page.locator(".pane").nth(1)).to_contain_text("This is not the name of a run folder.")
        page.goto("about:blank")
    assert watched.strangers(site / "a") == []


def test_a_run_that_is_gone_is_told_and_the_other_shows(site: Path, open_page: Open, watched: Any) -> None:
    page = open_page(compare(site, "#panes=.,gone&key=val/images"))
    expect(page.locator(".pane").nth(1)).to_contain_text("There is no run in a folder of this name.")
    expect(page.locator(".pane figcaption").first).to_have_text("a 20 0")
    assert all("ERR_FILE_NOT_FOUND" in complaint for complaint in watched.complaints)
    watched.complaints.clear()


def test_a_difference_is_that_of_the_pixels_and_can_be_amplified(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b&key=val/images&step=20&view=difference"))
    expect(page.locator("#pair .part")).to_have_count(2)
    assert middle(page, "#pair .frame") == (30, 10, 0)  # a shows step 20, b its step 10
    page.keyboard.press("]")
    page.keyboard.press("]")
    expect(page.locator("#gain-shown")).to_have_text("× 4")
    expect(page.locator("#pair .picture")).to_have_css("filter", "brightness(4)")
    assert middle(page, "#pair .frame") == (120, 40, 0)
    assert looked_at(page)["gain"] == "4"
    again = open_page(page)
    expect(again.locator("#pair .part")).to_have_count(2)
    assert middle(again, "#pair .frame") == (120, 40, 0)


def test_a_pair_blinks_by_hand_and_by_itself(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b&key=val/images&step=10"))
    expect_captions(page, "a 10 0", "b 10 0")
    page.keyboard.press("k")
    assert middle(page, "#pair .frame") == (100, 10, 0)
    page.keyboard.press("Space")
    assert middle(page, "#pair .frame") == (130, 10, 0)
    page.keyboard.press("Space")
    assert middle(page, "#pair .frame") == (100, 10, 0)
    page.get_by_role("button", name="Blink by itself").click()
    for shown in ("second", "first", "second"):
        expect(page.locator("#pair")).to_have_attribute("data-shown", shown)
    page.keyboard.press("s")
    expect(page.locator("#pair")).to_be_hidden()


def test_the_blink_button_flips_when_it_is_pressed_again(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b&key=val/images&step=10"))
    button = page.get_by_role("button", name="Blink", exact=True)
    button.click()
    assert middle(page, "#pair .frame") == (100, 10, 0)
    page.keyboard.press("Space")
    assert middle(page, "#pair .frame") == (130, 10, 0)
    button.click()
    assert middle(page, "#pair .frame") == (100, 10, 0)


def test_the_buttons_for_a_view_stay_where_they_are(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b&key=val/images&step=10"))
    expect_captions(page, "a 10 0", "b 10 0")
    place = page.locator("#views").bounding_box()
    for key, control in (("k", "#auto"), ("d", "#gain"), ("x", "#split")):
        page.keyboard.press(key)
        expect(page.locator(control)).to_be_visible()
        assert page.locator("#views").bounding_box() == place


def test_which_picture_is_shown_is_said_on_it_and_at_its_pane(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b&key=val/images&step=20&view=blink"))
    names = page.locator("#pair .names bdi:visible")
    heads = page.locator(".pane-head")
    for shown, text in ((0, "first · step 20"), (1, "second · step 10"), (0, "first · step 20")):
        expect(names).to_have_text([text])
        expect(heads.nth(1 - shown)).to_have_css("box-shadow", "none")
        expect(heads.nth(shown)).not_to_have_css("box-shadow", "none")
        page.keyboard.press("Space")
    page.keyboard.press("x")
    expect(names).to_have_text(["first · step 20", "second · step 10"])
    page.keyboard.press("d")
    expect(names).to_have_count(0)


def test_who_wants_no_motion_blinks_by_hand_only(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b&key=val/images&view=blink"), reduced_motion="reduce")
    expect(page.locator("#pair .part")).to_have_count(2)
    expect(page.locator("#auto")).to_be_hidden()
    page.keyboard.press("Space")
    expect(page.locator("#pair")).to_have_attribute("data-shown", "second")


def test_a_split_shows_one_on_each_side_of_a_line(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b&key=val/images&step=10&view=split"))
    expect(page.locator("#pair .part")).to_have_count(2)
    page.locator("#split").fill("0.9")
    assert middle(page, "#pair .frame") == (100, 10, 0)
    page.locator("#split").fill("0.1")
    assert middle(page, "#pair .frame") == (130, 10, 0)


def test_pictures_of_different_size_share_their_parts(start: Start, runs: Path, open_page: Open) -> None:
    for run_id, size in (("a", 20), ("b", 40)):
        pixels = colour(0, 0, 0, size=size)
        pixels[: size // 2] = 200
        with start(id=run_id) as run:
            run.log({"x": image(pixels)}, step=0)
    runlog_viewer.build(runs)
    page = open_page(compare(runs, "#panes=.,b&view=difference"))
    expect(page.locator("#pair .part")).to_have_count(2)
    assert shot(page, "#pair .picture").max() == 0
    page.keyboard.press("s")
    page.keyboard.press("+")
    come_to_rest(page, ".pane .picture")
    first, second = (shot(page, f".pane:nth-child({n}) .frame") for n in (1, 2))
    assert first.shape == second.shape
    bright = [picture[:, picture.shape[1] // 2, 0] > 150 for picture in (first, second)]
    assert np.count_nonzero(bright[0] != bright[1]) <= 2


def test_all_panes_zoom_and_move_as_one(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b&key=val/images"))
    expect_captions(page, "a 20 0", "b 25 0")
    frame = page.locator(".pane .frame").first
    box = frame.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.wheel(0, -600)

    def views() -> list[str]:
        come_to_rest(page, ".pane .picture")
        view = "all => all.map(({style}) => style.width + style.transform)"
        return page.locator(".pane .picture").evaluate_all(view)

    zoomed = views()
    assert zoomed[0] == zoomed[1]
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 100)
    page.mouse.up()
    moved = views()
    assert moved[0] == moved[1] != zoomed[0]
    page.keyboard.press("ArrowLeft")
    expect_captions(page, "a 20 0", "b 10 0")
    assert views() == moved


def seen_of(page: Page, selector: str) -> np.ndarray:
    """Return how wide each picture is laid out and where, a row for each, once that has come to rest."""
    what = (
        "all => all.map(({style}) => [style.width, ...style.transform.match(/-?[0-9.]+/g)].map(parseFloat))"
    )
    come_to_rest(page, selector)
    return np.array(page.locator(selector).evaluate_all(what))


def assert_same_place(page: Page, expected: np.ndarray) -> None:
    """Compare what panes show, to the pixel on screen."""
    np.testing.assert_allclose(seen_of(page, ".pane .picture"), expected, atol=1)


def test_the_address_holds_the_zoom_and_a_link_shows_the_same_place(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b&key=val/images&step=20"))
    expect_captions(page, "a 20 0", "b 10 0")
    whole = seen_of(page, ".pane .picture")
    assert "zoom" not in looked_at(page)
    box = page.locator(".pane .frame").nth(1).bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.wheel(0, -600)
    zoomed = seen_of(page, ".pane .picture")
    assert zoomed[0, 0] > whole[0, 0]
    assert np.array_equal(zoomed[0], zoomed[1])
    zoom = looked_at(page)["zoom"]
    x, y, scale = map(float, zoom.split(","))
    assert 0 < x < SIZE / 2
    assert 0 < y < SIZE / 2
    page.keyboard.press("ArrowLeft")
    expect_captions(page, "a 10 0", "b 10 0")
    assert_same_place(page, zoomed)
    assert looked_at(page)["zoom"] == zoom
    again = open_page(page)
    expect_captions(again, "a 10 0", "b 10 0")
    assert_same_place(again, zoomed)
    assert looked_at(again)["zoom"] == zoom
    for key in ("k", "d", "x"):  # also laid over each other, and after that
        again.keyboard.press(key)
        expect(again.locator("#pair .part")).to_have_count(2)
        seen_of(again, "#pair .picture")
        assert looked_at(again)["zoom"] == zoom
        width = again.locator("#pair .picture").evaluate("picture => picture.offsetWidth")
        assert width == pytest.approx(scale * SIZE, abs=1)
    again.reload()
    expect(again.locator("#pair .part")).to_have_count(2)
    seen_of(again, "#pair .picture")
    assert looked_at(again)["zoom"] == zoom
    again.keyboard.press("s")
    assert_same_place(again, zoomed)
    again.locator(".pane .frame").first.dblclick()
    assert_same_place(again, whole)
    assert "zoom" not in looked_at(again)


def test_a_pane_that_is_added_shows_the_place_of_the_others(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b&key=val/images&step=20&zoom=6,6,40"))
    expect_captions(page, "a 20 0", "b 10 0")
    page.get_by_role("button", name="Add a pane").click()
    expect_captions(page, "a 20 0", "b 10 0", "b 10 0")
    seen_of(page, ".pane .picture")
    widths = page.locator(".pane .picture").evaluate_all("all => all.map((one) => one.offsetWidth)")
    assert widths == [40 * SIZE] * 3


def test_a_zoom_that_makes_no_sense_shows_the_whole_picture(site: Path, open_page: Open) -> None:
    address = compare(site, "#panes=.,b&key=val/images")
    page = open_page(address)
    expect_captions(page, "a 20 0", "b 25 0")
    whole = seen_of(page, ".pane .picture")
    for zoom in ("a,b,c", "1,2,Infinity"):  # more of them: tests/scripts/addresses.test.js
        page.goto("about:blank")
        page.goto(f"{address}&zoom={zoom}")
        expect_captions(page, "a 20 0", "b 25 0")
        assert_same_place(page, whole)


def test_the_zoom_of_a_picture_is_not_that_of_one_of_another_size(
    start: Start, runs: Path, open_page: Open
) -> None:
    with start(id="a") as run:
        run.log({"small": image(colour(1, 2, 3), "small")}, step=0)
        run.log({"wide": image(colour(1, 2, 3, size=2 * SIZE), "wide")}, step=0)
    runlog_viewer.build(runs)
    page = open_page(compare(runs, "#panes=.,.&key=small&zoom=6,6,40"))
    expect_captions(page, "small", "small")
    seen_of(page, ".picture")
    assert looked_at(page)["zoom"] == "6,6,40"
    page.locator("#key").select_option("wide")
    expect_captions(page, "wide", "wide")
    seen_of(page, ".picture")
    assert "zoom" not in looked_at(page)


def test_the_step_that_is_said_is_one_that_there_is(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,.@0&key=val/images&step=999"))
    expect_captions(page, "a 20 0", "a 0 0")
    expect(page.locator("#place")).to_have_text("step 20")
    expect(page.locator("#slider")).to_have_attribute("aria-valuetext", "step 20")
    page = open_page(compare(site, "#panes=.,.@-10&key=val/images&step=19"))
    expect_captions(page, "a 10 0", "a 0 0")
    expect(page.locator("#place")).to_have_text("step 10")
    page.keyboard.press("ArrowRight")
    expect_captions(page, "a 20 0", "a 10 0")


def test_the_way_back_from_a_pane_for_each_layer_leads_to_the_panes_before(
    start: Start, runs: Path, open_page: Open
) -> None:
    masks = {name: {"mask_data": np.full((SIZE, SIZE), 1)} for name in ("found", "truth")}
    for name in ("a", "b"):
        with start(id=name) as run:
            run.log({"x": runlog.Image(colour(0, 0, 0), caption=name, masks=masks)}, step=0)
    runlog_viewer.build(runs)
    page = open_page(compare(runs, "#panes=.,b@0,.&key=x"))
    expect_captions(page, "a", "b", "a")
    page.get_by_role("button", name="A pane for each layer").click()
    expect_captions(page, "a", "a")
    page.get_by_role("button", name="A pane for each layer").click()  # they are there
    page.go_back()
    expect_captions(page, "a", "b", "a")
    assert looked_at(page)["panes"] == ".,b@0,."
    page.go_forward()
    expect_captions(page, "a", "a")
    assert looked_at(page)["panes"] == ".!found,.!truth"


def test_layers_of_an_image_stand_side_by_side(start: Start, runs: Path, open_page: Open) -> None:
    ids = np.zeros((SIZE, SIZE), np.uint8)
    found = ids.copy()
    ids[4:20, 4:20] = 1
    found[4:20, 8:20] = 1
    layers = {"truth": ids, "found": found}
    masks = {name: {"mask_data": data, "class_labels": {1: "coin"}} for name, data in layers.items()}
    with start(id="a") as run:
        run.log({"x": runlog.Image(colour(0, 0, 0), masks=masks)}, step=0)
    runlog_viewer.build(runs)
    page = open_page(compare(runs, ""))
    expect(page.locator("image.mask")).to_have_count(4)
    page.get_by_role("button", name="A pane for each layer").click()
    expect(page.locator("image.mask")).to_have_count(2)
    assert looked_at(page)["panes"] == ".!found,.!truth"
    page.locator("#opacity").fill("1")
    page.keyboard.press("d")
    expect(page.locator("#pair .part")).to_have_count(2)
    expect(page.locator("image.mask")).to_have_count(2)
    png = PILImage.open(io.BytesIO(page.locator("#pair .picture").screenshot())).convert("L")
    differs = np.asarray(png.resize((SIZE, SIZE), PILImage.Resampling.NEAREST)) > 0
    assert np.array_equal(differs, ids != found)
    page.keyboard.press("s")
    page.locator(".pane .only").first.select_option(label="all layers")
    expect(page.locator(".pane").first.locator("image.mask")).to_have_count(2)


def test_what_differs_between_the_runs_is_listed(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#panes=.,b,c"))
    rows = page.locator("#differences tr")
    expect(rows).to_have_count(6)
    assert [row.locator("th, td").all_text_contents() for row in rows.all()] == [
        ["", "first", "second", "third"],
        ["Configuration that differs"],
        ["lr", "0.1", "0.2", "0.2"],
        ["seed", "–", "–", "7"],
        ["Summary"],
        ["loss", "4.7619", "5", "5.16129"],
    ]
    heads = page.locator("#differences tbody > :first-child")
    expect(heads).to_have_text(["Configuration that differs", "Summary"])
    for head in heads.all():
        expect(head).to_have_css("border-left-width", "0px")
    page = open_page(compare(site, "#panes=.,.@0"))
    expect_captions(page, "a 20 0", "a 0 0")
    expect(page.locator("#differences tr")).to_have_count(0)


def test_runs_and_panes_are_chosen_on_the_page(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, "#key=val/images"))
    expect_captions(page, "a 0 0", "a 20 0")
    page.locator("#panes").hover()
    page.locator(".pane .run").nth(1).select_option(label="third")
    expect_captions(page, "a 20 0", "c 30 0")
    page.get_by_role("button", name="Add a pane").click()
    page.locator(".pane .run").nth(2).select_option(label="second")
    expect_captions(page, "a 20 0", "c 30 0", "b 25 0")
    expect(page.locator("#views button[data-view=blink]")).to_be_disabled()
    page.get_by_role("button", name="Remove this pane").first.click()
    expect_captions(page, "c 30 0", "b 25 0")
    assert looked_at(page)["panes"] == "c,b"
    expect_captions(open_page(page), "c 30 0", "b 25 0")


def test_the_key_with_the_latest_images_is_shown_first(start: Start, runs: Path, open_page: Open) -> None:
    for run_id in ("a", "b"):
        with start(id=run_id) as run:
            run.log({"early": image(colour(1, 2, 3))}, step=0)
            run.log({"late": image(colour(1, 2, 3), "late"), "later still": image(colour(1, 2, 3))}, step=5)
    with start(id="b", resume="must") as run:
        run.log({"alone": image(colour(1, 2, 3))}, step=9)
    runlog_viewer.build(runs)
    page = open_page(compare(runs, "#panes=.,b"))
    expect(page.locator("#key")).to_have_value("late")
    expect_captions(page, "late", "late")


def test_layers_and_classes_stand_before_scores_that_are_filtered(
    start: Start, runs: Path, open_page: Open
) -> None:
    box = {"minX": 0.1, "minY": 0.1, "maxX": 0.5, "maxY": 0.5}
    data = [{"position": box, "class_id": 1, "scores": {"confidence": score}} for score in (0.2, 0.9)]
    boxes = {"found": {"box_data": data, "class_labels": {1: "coin"}}}
    with start(id="a") as run:
        run.log({"x": runlog.Image(colour(0, 0, 0), boxes=boxes)}, step=0)
    runlog_viewer.build(runs)
    for end in ("#key=x", "#key=x&min=confidence:0.5"):
        page = open_page(compare(runs, end))
        expect(page.locator("#controls .legend li")).to_have_count(1)
        parts = page.locator("#controls .overlays > :not(button)")
        assert parts.evaluate_all("all => all.map((e) => e.className)") == ["layers", "legend", "scores"]


def test_the_overview_and_a_step_lead_here(site: Path, open_page: Open) -> None:
    page = open_page(site / "index.html")
    for name in ("second", "third"):
        page.get_by_label(f"Compare {name}").check()
    page.locator("#compare").click()
    expect_captions(page, "b 25 0", "c 30 0")
    page = open_page(site / "a/viewer/steps/000000010.html")
    page.get_by_role("link", name="Compare").click()
    expect_captions(page, "a 10 0", "a 20 0")


@pytest.mark.parametrize(
    ("link", "there"), [("This image over time", ".strip"), ("Compare with other steps", ".pane")]
)
@pytest.mark.parametrize(
    "end", ["viewer/steps/000000010.html", "viewer/key.html#key=val/images", "index.html"]
)
def test_full_view_leads_to_the_image_over_time_and_to_comparing_it(
    site: Path, open_page: Open, link: str, there: str, end: str
) -> None:
    page = open_page((site / "a").as_uri() + f"/{end}")
    page.locator("figure.image[data-key='val/images'][data-index='1'] .picture").last.click()
    page.get_by_role("link", name=link).click()
    expect(page.locator("dialog.full")).to_be_hidden()
    expect(page.locator(f"{there} figcaption").first).to_contain_text(" 1")
    assert looked_at(page)["index"] == "1"


def test_any_name_of_a_run_folder_can_be_compared_and_linked_to(
    site: Path, runs: Path, open_page: Open
) -> None:
    names = ("b c#d%41", "a,b@5!x", "ключ", "b'\"<i>&")
    shutil.copytree(site / "a", runs / "a")
    for name in names:
        shutil.copytree(site / "b", runs / name)
    runlog_viewer.build(runs)
    page = open_page(compare(runs, "#key=val/images"))
    expect_captions(page, "a 0 0", "a 20 0")
    for name in names:
        page.locator("#panes").hover()
        page.locator(".pane .run").nth(1).select_option(name)
        expect(page.locator(".pane").nth(1)).to_have_attribute("data-run", name)
        expect_captions(page, "a 20 0", "b 25 0")
        again = open_page(page)
        expect(again.locator(".pane").nth(1)).to_have_attribute("data-run", name)
        expect_captions(again, "a 20 0", "b 25 0")


def test_a_link_shows_the_same_in_a_copy_under_another_name(site: Path, open_page: Open, runs: Path) -> None:
    page = open_page(compare(site, "#panes=.@0,b&key=val/images"))
    expect_captions(page, "a 0 0", "b 25 0")
    end = page.evaluate("location.hash.slice(1)")
    shutil.copytree(site / "a", runs / "copy/of a")
    shutil.copytree(site / "b", runs / "copy/b")
    page = open_page(compare(runs / "copy", f"#{end}", run="of a"))
    expect_captions(page, "a 0 0", "b 25 0")


def test_a_run_that_stands_alone_asks_for_nothing_beside_it(
    start: Start, runs: Path, open_page: Open, watched: Any
) -> None:
    with start(id="a") as run:
        log_colours(run, 100, (0, 10))
    runlog_viewer.build(run.folder)
    page = open_page(compare(runs, "#panes=.@0,."))
    expect_captions(page, "a 0 0", "a 10 0")
    assert watched.strangers(run.folder) == []


def test_panes_follow_their_runs_while_they_go_on(start: Start, open_page: Open, live_site: Address) -> None:
    with start(id="a") as first, start(id="b") as second:
        log_colours(first, 100, (0,))
        log_colours(second, 130, (0,))
        page = open_page(live_site("a/viewer/compare.html") + "#panes=.,b,b@0&key=val/images")
        expect_captions(page, "a 0 0", "b 0 0", "b 0 0")
        log_colours(second, 130, (1,))
        expect(page.locator(".pane figcaption").nth(1)).to_have_text("b 1 0")
        log_colours(first, 100, (2,))
        expect(page.locator(".pane figcaption").nth(0)).to_have_text("a 2 0")
        expect_captions(page, "a 2 0", "b 1 0", "b 0 0")


def test_without_javascript_the_page_says_so(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, ""), java_script_enabled=False)
    expect(page.get_by_role("link", name="The pages of the steps")).to_be_visible()
    expect(page.locator("select:visible")).to_have_count(0)


def test_enter_shows_the_picture_in_full_with_the_steps_of_its_run_and_escape_returns(
    site: Path, open_page: Open
) -> None:
    page = open_page(compare(site, "#panes=.,b&key=val/images&step=10&view=blink"))
    expect(page.locator("#pair .part")).to_have_count(2)
    before = page.evaluate("location.href")
    page.keyboard.press(" ")
    page.keyboard.press("Enter")
    full = page.locator("dialog.full")
    expect(full.locator("figcaption")).to_have_text("b 10 0")
    page.keyboard.press("n")
    expect(full.locator("figcaption")).to_have_text("b 10 1")
    page.keyboard.press("]")
    expect(full.locator("figcaption")).to_have_text("b 25 1")
    page.wait_for_timeout(300)  # the address of another page would have followed by now
    page.keyboard.press("Escape")
    expect(full).to_be_hidden()
    expect(page).to_have_url(before)
    expect(page.locator("#pair .part")).to_have_count(2)


def test_a_pane_has_a_button_for_full_view_which_shows_the_layers_of_the_pane(
    start: Start, runs: Path, open_page: Open
) -> None:
    masks = {name: {"mask_data": np.full((SIZE, SIZE), 1)} for name in ("prediction", "truth")}
    with start(id="a") as run:
        for step in range(2):
            run.log({"val": runlog.Image(colour(9, 9, 9), masks=masks)}, step=step)
    runlog_viewer.build(runs)
    page = open_page(compare(runs, "#panes=.!truth,.!prediction"))
    page.get_by_role("button", name="Full view").nth(1).click()
    layers = page.locator("dialog.full .full-stage .mask")
    expect(page.locator(".full-step")).to_have_text("1")
    assert layers.evaluate_all("all => all.map((mask) => mask.dataset.layer)") == ["prediction"]
    page.keyboard.press("[")
    expect(page.locator(".full-step")).to_have_text("0")
    assert layers.evaluate_all("all => all.map((mask) => mask.dataset.layer)") == ["prediction"]
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Full view").nth(1)).to_be_focused()


def test_of_very_many_classes_those_past_the_first_are_folded_away(
    start: Start, runs: Path, open_page: Open
) -> None:
    everything = np.resize(np.arange(60), (SIZE, SIZE))
    masks = {"truth": {"mask_data": everything, "class_labels": {n: f"kind {n}" for n in range(60)}}}
    with start(id="a") as run:
        for step in range(2):
            run.log({"val": runlog.Image(colour(step, 0, 99), masks=masks)}, step=step)
    runlog_viewer.build(runs)
    page = open_page(compare(runs, "#panes=.@0,.@1"))
    expect(page.locator(".overlays .legend > li:visible")).to_have_count(16)
    page.get_by_text("44 more classes").click()
    expect(page.locator(".overlays .legend > li:visible")).to_have_count(60)
    expect(page.locator("#controls .legend > li > bdi")).to_have_text([f"kind {n}" for n in range(60)])


# Whether they are the same


def boxed(label: int) -> dict[str, Any]:
    position = {"minX": 0.1, "maxX": 0.6, "minY": 0.1, "maxY": 0.6}
    return {"truth": {"box_data": [{"position": position, "class_id": label}]}}


def test_pictures_without_a_difference_are_said_to_be_identical(
    start: Start, runs: Path, open_page: Open
) -> None:
    same, other = colour(90, 120, 150), colour(90, 120, 151)
    for name, label in (("a", 1), ("b", 2)):
        with start(id=name) as run:
            for step, pixels in enumerate((same, same, other)):
                run.log({"plain": image(pixels)}, step=step)
                run.log({"boxed": runlog.Image(same, boxes=boxed(label + step // 2))}, step=step)
    runlog_viewer.build(runs)
    page = open_page(compare(runs, "#panes=.@0,.@1&key=plain&view=difference"))
    said = page.get_by_role("status").filter(has_text="dentical")
    expect(said).to_have_text("Identical: the same pixels.")
    expect(said).to_be_in_viewport()
    for panes, key, words in (
        (".@0,.@2", "plain", None),
        (".@0,b@1", "plain", "Identical: the same pixels."),
        (".@0,b@2", "plain", None),
        (".@0,.@1", "boxed", "Identical, and so is what is drawn over the pictures."),
        (".@0,b@0", "boxed", "The pictures are identical, but not what is drawn over them."),
        (".@2,b@0", "boxed", "Identical, and so is what is drawn over the pictures."),
    ):
        page.goto(compare(runs, f"#panes={panes}&key={key}&view=difference"))
        expect(page.locator("#key")).to_have_value(key)
        expect(page.locator("#same")).to_have_text(words or "")


def test_masks_that_differ_are_not_said_to_be_identical(start: Start, runs: Path, open_page: Open) -> None:
    with start(id="a") as run:
        for step, label in enumerate((1, 1, 2)):
            mask = {"truth": {"mask_data": np.full((SIZE, SIZE), label)}}
            run.log({"val": runlog.Image(colour(9, 9, 9), masks=mask)}, step=step)
    runlog_viewer.build(runs)
    for other, words in (
        (1, "Identical, and so is what is drawn over the pictures."),
        (2, "The pictures are identical, but not what is drawn over them."),
    ):
        page = open_page(compare(runs, f"#panes=.@0,.@{other}&view=difference"))
        expect(page.locator("#same")).to_have_text(words)


def test_it_opens_with_the_latest_step_beside_the_first(site: Path, open_page: Open) -> None:
    page = open_page(compare(site, ""))
    expect_captions(page, "a 0 0", "a 20 0")
    assert looked_at(page).get("panes") in (None, ".@0,.")
    page.locator("#slider").fill("1")
    expect_captions(page, "a 0 0", "a 10 0")
    assert looked_at(page)["panes"] == ".@0,."
    step = open_page(site / "a/viewer/steps/000000020.html")
    step.get_by_role("link", name="Compare").click()
    expect_captions(step, "a 0 0", "a 20 0")
