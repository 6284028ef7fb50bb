"""Charts of the run page: values under the pointer, scales, smoothing, one enlarged, and new numbers."""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import runlog
import runlog_viewer
from runlog_viewer.pages import wording

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Address = Callable[[str], str]

KEYS = ("loss", "train/error", "val/iou", "val/loss")


@pytest.fixture(scope="module")
def page_file(start_shared: Start) -> Path:
    """Build the site of a run with four series of eleven steps, and return its page."""
    with start_shared(id="a") as run:
        for step in range(0, 101, 10):
            values = {"train/error": 10 ** -(step / 50), "val/iou": step / 100, "loss": -step}
            run.log({**values, "val/loss": math.nan if step == 50 else 1.0}, step=step)
    take_longer_and_longer(run.folder)
    runlog_viewer.build(run.folder)
    return run.folder / "index.html"


def take_longer_and_longer(run_folder: Path) -> None:
    """Have each step logged later after the one before: as they were, all are within a few milliseconds."""
    with runlog.open(run_folder) as reader:
        began, steps = reader.run().created_at, [record.step for record in reader.steps()]
    times = [((began + timedelta(seconds=step**2 / 250)).isoformat(), step) for step in steps]
    with closing(sqlite3.connect(run_folder / "run.db")) as db, db:
        db.executemany("UPDATE steps SET logged_at = ? WHERE step = ?", times)


def chart(page: Page, key: str) -> Locator:
    return page.locator(f'#charts .chart[data-key="{key}"]')


def ready(page: Page) -> Page:
    """Wait for the numbers, which come after the page."""
    expect(page.get_by_role("slider", name="loss", exact=True)).to_have_attribute("aria-valuenow", "10")
    return page


def point_at(page: Page, key: str, part: float) -> None:
    plot = chart(page, key).locator(".plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + part * box["width"], box["y"] + 30)


def labels(page: Page, key: str, axis: str) -> list[str]:
    return chart(page, key).locator(f"text.{axis}").all_text_contents()


def heights(page: Page, key: str) -> list[float]:
    path = chart(page, key).locator(".line").get_attribute("d")
    return [float(point.split(",")[1]) for point in path.replace("M", "L").split("L")[1:]]


def test_the_value_nearest_to_the_pointer_shows_on_all_charts(page_file: Path, open_page: Open) -> None:
    page = ready(open_page(page_file))
    point_at(page, "val/iou", 0.42)
    expect(chart(page, "val/iou").locator("output")).to_have_text("0.4")
    expect(chart(page, "val/iou").locator("output")).to_have_attribute("data-at", "step 40")
    expect(chart(page, "loss").locator("output")).to_have_text("-40")
    for key in KEYS:
        expect(chart(page, key).locator(".cursor line")).to_have_attribute("x1", "40%")
    page.mouse.move(5, 5)
    expect(chart(page, "val/iou").locator("output")).to_have_text("1")
    expect(page.locator(".cursor")).to_have_count(0)


def test_what_is_read_at_the_pointer_moves_no_chart(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        for step in range(4):
            run.log({f"t/{'n' * length}": step / 7 for length in range(8, 44, 4)}, step=step)
    page = open_page(runlog_viewer.build(run.folder).index)
    headings = page.locator("#charts h3")
    expect(headings.locator(".enlarge")).to_have_count(9)
    before = headings.evaluate_all("all => all.map(({offsetHeight}) => offsetHeight)")
    point_at(page, "t/" + "n" * 8, 0.4)
    expect(headings.first.locator("output")).to_have_text("0.142857")
    assert headings.evaluate_all("all => all.map(({offsetHeight}) => offsetHeight)") == before


def test_a_value_that_is_not_finite_is_a_gap_that_can_be_looked_at(page_file: Path, open_page: Open) -> None:
    page = ready(open_page(page_file))
    assert chart(page, "val/loss").locator(".line").get_attribute("d").count("M") == 2
    assert chart(page, "val/loss").locator(".breaks").get_attribute("d").startswith("M150,")
    expect(chart(page, "val/loss").locator(".warn")).to_have_text("1 not finite")
    point_at(page, "val/loss", 0.5)
    expect(chart(page, "val/loss").locator("output")).to_have_text("NaN")


def test_the_keyboard_goes_through_the_points(page_file: Path, open_page: Open) -> None:
    page = ready(open_page(page_file))
    plot = page.get_by_role("slider", name="val/iou")
    plot.focus()
    for key, step, value in (
        ("ArrowLeft", 90, "0.9"),
        ("ArrowLeft", 80, "0.8"),
        ("Home", 0, "0"),
        ("ArrowRight", 10, "0.1"),
        ("Shift+ArrowRight", 100, "1"),
        ("End", 100, "1"),
    ):
        page.keyboard.press(key)
        expect(chart(page, "val/iou").locator("output")).to_have_text(value)
        expect(chart(page, "loss").locator("output")).to_have_text(str(-step))
    assert plot.get_attribute("aria-valuetext").startswith("1 at step 100, ")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(chart(page, "val/loss").locator("output")).to_have_attribute("data-at", "step 100")


def test_on_a_log_scale_equal_ratios_are_equal_distances_and_what_is_not_above_0_has_no_place(
    page_file: Path, open_page: Open
) -> None:
    page = ready(open_page(page_file))
    page.get_by_label("Log scale").check()
    found = heights(page, "train/error")
    assert found == pytest.approx([4 + 92 * n / 10 for n in range(11)], abs=0.02)
    assert labels(page, "train/error", "y") == ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]
    assert chart(page, "loss").locator(".line").get_attribute("d") == ""
    assert len(heights(page, "val/iou")) == 10
    page.get_by_label("Log scale").uncheck()
    assert len(heights(page, "loss")) == 11


def test_over_time_points_stand_when_their_steps_were_logged(page_file: Path, open_page: Open) -> None:
    with runlog.open(page_file.parent) as reader:
        started = reader.run().created_at
        logged = [(record.logged_at - started).total_seconds() for record in reader.steps()]
    seconds = [round(time, 3) for time in logged]
    page = ready(open_page(page_file))
    page.get_by_label("Over").select_option("time")
    path = chart(page, "loss").locator(".line").get_attribute("d")
    places = [float(point.split(",")[0]) for point in path.replace("M", "L").split("L")[1:]]
    span = seconds[-1] - seconds[0]
    assert places == pytest.approx([300 * (time - seconds[0]) / span for time in seconds], abs=0.01)
    assert all(label == "0" or label.endswith("s") for label in labels(page, "loss", "x"))


@pytest.fixture(scope="module")
def epoch_page(start_shared: Start) -> Path:
    """Build the site of a run whose training loss has a step metric, logged at steps 2, 4 and 6."""
    with start_shared(id="epoch") as run:
        run.define_metric("train/*", step_metric="epoch")
        for step in range(8):
            values = {"train/error": 8 - step, "val/loss": step}
            run.log(values | ({"epoch": step / 2} if step and step % 2 == 0 else {}), step=step)
    runlog_viewer.build(run.folder)
    return run.folder / "index.html"


def places(page: Page, key: str) -> list[float]:
    path = chart(page, key).locator(".line").get_attribute("d")
    return [float(point.split(",")[0]) for point in path.replace("M", "L").split("L")[1:]]


def test_a_series_with_a_step_metric_is_drawn_over_it_unless_steps_or_time_are_asked_for(
    epoch_page: Path, open_page: Open
) -> None:
    page = open_page(epoch_page)
    over = page.get_by_label("Over")
    expect(over).to_have_value("own")
    expect(over.locator("option:checked")).to_have_text("epoch, else steps")
    assert places(page, "train/error") == [0, 0, 150, 150, 300, 300]
    assert labels(page, "train/error", "x") == ["1", "2", "3"]
    expect(chart(page, "train/error").locator(".over")).to_have_text("epoch")
    expect(chart(page, "train/error").locator(".warn")).to_have_text("2 without epoch")
    expect(chart(page, "val/loss").locator(".over")).to_have_count(0)
    assert len(places(page, "val/loss")) == 8
    over.select_option("step")
    assert len(places(page, "train/error")) == 8
    expect(chart(page, "train/error").locator(".over, .warn")).to_have_count(0)
    expect(page).to_have_url(re.compile("#x=step$"))
    expect(open_page(page).get_by_label("Over")).to_have_value("step")
    over.select_option("own")
    expect(page).not_to_have_url(re.compile("x="))
    expect(chart(page, "train/error").locator(".over")).to_have_text("epoch")


def test_charts_over_different_places_show_the_same_step(epoch_page: Path, open_page: Open) -> None:
    page = open_page(epoch_page)
    page.get_by_role("slider", name="train/error").press("Home")
    for place, loss, step in (("epoch 1", "6", "2"), ("epoch 1", "5", "3"), ("epoch 2", "4", "4")):
        reading = chart(page, "train/error").locator("output")
        expect(reading).to_have_attribute("data-at", place)
        expect(reading).to_have_text(loss)
        expect(chart(page, "val/loss").locator("output")).to_have_text(step)
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("slider", name="train/error")).to_have_attribute(
        "aria-valuetext", re.compile("^3 at epoch 2, step 5, ")
    )


def test_without_javascript_a_chart_is_drawn_over_its_step_metric_too(
    epoch_page: Path, open_page: Open
) -> None:
    page = open_page(epoch_page, java_script_enabled=False)
    assert places(page, "train/error") == [0, 0, 150, 150, 300, 300]
    expect(chart(page, "train/error").locator(".over")).to_have_text("epoch")
    expect(chart(page, "train/error").locator(".warn")).to_have_text("2 without epoch")
    expect(page.get_by_role("img", name="train/error from epoch 1 to 3: 1 to 6, last 1")).to_have_count(1)


# Ranges that took more room than there was, or read alike: large, tiny, narrow, negative, of one value.
EXTREMES = {
    "parameters": (124_439_808, 124_439_808),
    "tokens": (1.1e9, 1.9e9),
    "tiny": (-1.75e-12, 1.25e-9),
    "narrow": (-1e-12, -1.000001e-12),
    "drift": (-999_950_000, -999_949_000),
    "huge": (-1e15, 1e15),
    "lone": (-1.2345678e-12, -1.2345678e-12),
}


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("is_log", [False, True])
def test_labels_of_axes_are_never_cut_nor_stand_on_one_another(
    start: Start, open_page: Open, width: int, *, is_log: bool
) -> None:
    with start(id="a") as run:
        run.define_metric("narrow", step_metric="seen")
        run.define_metric("drift", step_metric="drift")
        for step, part in ((10_000_000, 0), (10_000_100, 0.4), (10_000_250, 1)):
            values = {key: low + part * (high - low) for key, (low, high) in EXTREMES.items()}
            run.log({**values, "seen": 41_234_567.25 + part}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html", viewport={"width": width, "height": 900})
    if is_log:
        page.get_by_label("Log scale").check()
    for key in EXTREMES:
        chart(page, key).scroll_into_view_if_needed()
        expect(chart(page, key).locator(".plot")).to_have_attribute("role", "slider")
        outside = chart(page, key).evaluate("""chart => {
            const room = chart.getBoundingClientRect();
            const texts = [...chart.querySelectorAll('.grid text')];
            const boxes = texts.map((text) => [text.textContent, text.getBoundingClientRect()]);
            const isCut = (box) => box.left < room.left || box.right > room.right
                || box.top < room.top || box.bottom > room.bottom;
            const meet = (a, b) => a.left < b.right && b.left < a.right
                && a.top + 2 < b.bottom && b.top + 2 < a.bottom;
            const isHit = (box, n) => boxes.slice(n + 1).some(([, other]) => meet(box, other));
            return boxes.filter(([, box], n) => isCut(box) || isHit(box, n)).map(([text]) => text);
        }""")
        assert outside == [], key
        for axis in "xy":
            assert len(set(labels(page, key, axis))) == len(labels(page, key, axis))


def test_smoothing_draws_a_moving_average_over_the_values(page_file: Path, open_page: Open) -> None:
    page = ready(open_page(page_file))
    page.get_by_label("Smooth").fill("0.5")
    expect(chart(page, "val/iou").locator(".raw")).to_have_count(1)
    average, expected = 0.0, []
    for n in range(11):
        average = 0.5 * average + 0.5 * n / 10
        expected.append(96 - 92 * average)
    assert heights(page, "val/iou") == pytest.approx(expected, abs=0.02)


def test_scales_stay_when_the_page_is_opened_again_and_are_in_the_address(
    page_file: Path, open_page: Open
) -> None:
    page = ready(open_page(page_file))
    page.get_by_label("Log scale").check()
    page.get_by_label("Over").select_option("time")
    other = ready(open_page(page))
    expect(other.get_by_label("Log scale")).to_be_checked()
    expect(other.get_by_label("Over")).to_have_value("time")
    page.goto("about:blank")
    page.goto(page_file.as_uri())
    expect(page.get_by_label("Log scale")).to_be_checked()


def test_a_chart_is_enlarged_and_can_be_read_there(page_file: Path, open_page: Open) -> None:
    page = ready(open_page(page_file))
    plot = page.locator("#charts").get_by_role("slider", name="val/iou", include_hidden=True)
    dialog = page.get_by_role("dialog", name="val/iou")
    for enlarge in (
        lambda: plot.click(position={"x": 20, "y": 20}),
        lambda: plot.press("Enter"),
        lambda: page.get_by_role("button", name="Enlarge val/iou").click(),
        lambda: page.goto(f"{page_file.as_uri()}?#chart=val/iou"),  # another address: the page is loaded
    ):
        enlarge()
        expect(dialog).to_be_visible()
        expect(dialog.locator("#chart-about")).to_have_text(
            "11 values · lowest 0 at step 0 · highest 1 at step 100"
        )
        dialog.get_by_role("slider", name="val/iou").press("Home")
        expect(dialog.locator("output")).to_have_text("0")
        dialog.get_by_label("Log scale").check()
        assert dialog.locator(".line").get_attribute("d").count("L") == 9
        expect(page).to_have_url(re.compile("#chart=val/iou&y=log$"))
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(page).not_to_have_url(re.compile("chart="))
        expect(page.get_by_label("Log scale")).to_be_visible()
        page.get_by_label("Log scale").uncheck()
        expect(page).not_to_have_url(re.compile("y=log"))


def test_the_enlarged_chart_keeps_the_last_reading(page_file: Path, open_page: Open) -> None:
    page = ready(open_page(page_file))
    point_at(page, "val/loss", 0.5)
    page.mouse.down()
    page.mouse.up()
    dialog = page.get_by_role("dialog", name="val/loss")
    reading = dialog.locator("output")
    expect(reading).to_have_attribute("data-at", "step 50")
    expect(dialog.locator(".warn")).to_have_text("1 not finite")
    box = dialog.locator(".plot").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 60)
    page.mouse.up()
    expect(reading).to_have_attribute("data-at", "step 30")
    page.mouse.move(5, 5)
    dialog.get_by_label("Log scale").check()
    expect(reading).to_have_attribute("data-at", "step 30")
    expect(chart(page, "val/iou").locator("output")).to_have_text("1")


@pytest.fixture(scope="module")
def image_page(start_shared: Start) -> Path:
    """Build the site of a run with a number at steps 0 to 9, and images at steps 2 and 6; return its page."""
    with start_shared(id="image") as run:
        for step in range(10):
            images = {"image": runlog.Image(np.zeros((4, 4), np.uint8))} if step in {2, 6} else {}
            run.log({"loss": step, **images}, step=step)
    runlog_viewer.build(run.folder)
    return run.folder / "index.html"


def test_a_point_of_the_enlarged_chart_leads_to_the_images_at_or_before_its_step(
    image_page: Path, open_page: Open
) -> None:
    page = open_page(image_page.as_uri() + "#chart=loss")
    dialog = page.get_by_role("dialog", name="loss")
    plot = dialog.get_by_role("slider", name="loss")
    link = dialog.locator("#chart-step")
    expect(plot).to_be_visible()
    expect(link).to_be_hidden()
    box = plot.bounding_box()
    for step, images in ((9, 6), (6, 6), (5, 2)):
        page.mouse.move(box["x"] + (box["width"] - 1) * step / 9, box["y"] + 50)
        expect(link).to_have_text(f"Images of step {images}")
    plot.press("Home")
    expect(link).to_be_hidden()
    plot.press("Enter")
    plot.press("Shift+ArrowRight")
    plot.press("ArrowLeft")
    expect(link).to_have_text("Images of step 6")
    plot.press("Enter")
    expect(page.locator("#step")).to_have_text("6")
    page.go_back()
    expect(dialog).to_be_visible()


def test_dragging_across_the_enlarged_chart_shows_that_part_which_the_address_holds(
    page_file: Path, open_page: Open
) -> None:
    page = open_page(page_file.as_uri() + "#chart=val/iou")
    dialog = page.get_by_role("dialog", name="val/iou")
    expect(dialog.locator("text.x").last).to_have_text("100")
    box = dialog.locator(".plot").bounding_box()
    page.mouse.move(box["x"] + 0.18 * box["width"], box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.62 * box["width"], box["y"] + 60, steps=3)
    expect(dialog.locator(".selected")).to_be_visible()
    page.mouse.up()
    expect(dialog.locator(".selected")).to_be_hidden()
    expect(dialog.locator("text.x")).to_have_text(["20", "30", "40", "50", "60"])
    expect(dialog.locator("text.y")).to_have_text(["0.2", "0.4", "0.6"])
    expect(page).to_have_url(re.compile(r"zoom=1[78]\.\d+\.\.6[12]"))
    other = open_page(page)
    expect(other.locator("#chart-dialog text.x")).to_have_text(["20", "30", "40", "50", "60"])
    page.keyboard.press("Escape")
    expect(dialog.locator("text.x").last).to_have_text("100")
    expect(page).to_have_url(re.compile("#chart=val/iou$"))
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_enlarged_chart_comes_closer_around_the_place_that_is_read(
    page_file: Path, open_page: Open
) -> None:
    page = open_page(page_file.as_uri() + "#chart=val/iou")
    dialog = page.get_by_role("dialog", name="val/iou")
    zoom_out = dialog.get_by_role("button", name="Zoom out")
    expect(zoom_out).to_be_disabled()
    dialog.get_by_role("slider", name="val/iou").press("Home")
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile(r"zoom=0\.\.50$"))
    dialog.get_by_role("button", name="Zoom in").click()
    expect(page).to_have_url(re.compile(r"zoom=0\.\.25$"))
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile(r"zoom=0\.\.12\.5$"))
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile(r"zoom=0\.\.12\.5$"))
    page.keyboard.press("-")
    zoom_out.click()
    zoom_out.click()
    expect(zoom_out).to_be_disabled()
    expect(page).not_to_have_url(re.compile("zoom"))


def test_numbers_are_written_as_in_the_table_of_the_summary(start: Start, open_page: Open) -> None:
    values = (5.000000000000016e-05, 0.00012345678, 123456.78, -1e-7, 1e300, 1e6, 0.1 + 0.2)
    with start(id="a") as run:
        run.log({f"loss{n}": value for n, value in enumerate(values)}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html")
    for n, value in enumerate(values):
        plot = page.get_by_role("slider", name=f"loss{n}", exact=True)
        plot.scroll_into_view_if_needed()
        words = re.compile(f"^{re.escape(wording.number(value))} at")
        expect(plot).to_have_attribute("aria-valuetext", words)
        expect(chart(page, f"loss{n}").locator("output")).to_have_text(wording.number(value, 4))


def test_many_charts_can_be_filtered_and_sections_closed(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        run.log({f"layer{n % 5}/w{n}": n for n in range(150)}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html")
    closed = page.locator('details.charts[data-key="layer4"]')
    expect(page.locator("#charts .chart")).to_have_count(120)
    words = page.get_by_label("Filter charts")
    titles = page.locator("#charts .chart:visible h3 bdi")
    words.fill("layer3 w13")
    expect(titles).to_have_text(["layer3/w13", "layer3/w133", "layer3/w138"])
    words.fill("/^layer[34].w[12]?[34]$/")
    expect(titles).to_have_text(
        ["layer3/w3", "layer3/w13", "layer3/w23", "layer4/w4", "layer4/w14", "layer4/w24"]
    )
    words.fill("/w(/")
    expect(words).to_have_attribute("aria-invalid", "true")
    words.fill("")
    expect(closed).not_to_have_attribute("open", re.compile(""))
    closed.locator("summary").click()
    expect(closed.locator(".chart")).to_have_count(30)
    expect(closed.get_by_role("slider", name="layer4/w4", exact=True)).to_have_attribute("aria-valuenow", "0")
    section = page.locator('details.charts[data-key="layer0"]')
    section.locator("summary").click()
    expect(section.locator(".chart").first).to_be_hidden()


def test_of_a_section_of_a_thousand_the_first_hundred_are_there_until_all_are_asked_for(
    start: Start, open_page: Open
) -> None:
    with start(id="a") as run:
        run.log({f"w{n:04d}": n for n in range(1000)}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html")
    expect(page.get_by_role("button", name="All 1,000 charts")).to_be_visible()
    expect(page.locator("#charts .chart")).to_have_count(100)
    page.get_by_label("Filter charts").fill("w0999")
    expect(page.locator("#charts .chart h3 bdi")).to_have_text(["w0999"])
    page.get_by_label("Filter charts").fill("")
    page.get_by_role("button", name="All 1,000 charts").click()
    expect(page.locator("#charts .chart")).to_have_count(1000)


@pytest.fixture(scope="module")
def pair_page(start_shared: Start) -> Path:
    """Build the site of a run with a loss of training and one of validation, which is logged less often."""
    with start_shared(id="pair") as run:
        for step in range(5):
            held_out = {"val/loss": 10 - step} if step % 2 == 0 else {}
            run.log({"train/loss": step, "lr": 0.1, **held_out}, step=step)
    runlog_viewer.build(run.folder)
    return run.folder / "index.html"


def test_what_was_held_out_stands_in_one_chart_with_what_was_trained_on(
    pair_page: Path, open_page: Open
) -> None:
    page = open_page(pair_page)
    pair = chart(page, "train/loss")
    expect(pair.locator(".line-key bdi")).to_have_text(["train/loss", "val/loss"])
    expect(pair.locator(".line-key .value")).to_have_text(["4", "6"])
    assert [len(points(page, "train/loss", line)) for line in (0, 1)] == [5, 3]
    assert points(page, "train/loss", 1)[0] == (0, 4)
    expect(chart(page, "val/loss").locator(".line-key")).to_have_count(0)
    page.get_by_role("slider", name="train/loss").press("Home")
    expect(pair.locator(".line-key .value")).to_have_text(["0", "10"])
    expect(chart(page, "lr").locator("output")).to_have_text("0.1")


def points(page: Page, key: str, line: int) -> list[tuple[float, float]]:
    path = chart(page, key).locator(f".line[data-line='{line}']").get_attribute("d")
    found = [point.split(",") for point in path.replace("M", "L").split("L")[1:]]
    return [(float(x), float(y)) for x, y in found]


def test_other_keys_can_be_drawn_in_the_enlarged_chart_and_the_address_holds_them(
    pair_page: Path, open_page: Open
) -> None:
    page = open_page(pair_page.as_uri() + "#chart=lr")
    dialog = page.get_by_role("dialog", name="lr")
    expect(dialog.locator(".line")).to_have_count(1)
    dialog.get_by_label("With").select_option("val/loss")
    expect(dialog.locator(".line-key bdi")).to_have_text(["lr", "val/loss"])
    expect(page).to_have_url(re.compile("#chart=lr&with=val/loss$"))
    other = open_page(page)
    expect(other.locator("#chart-dialog .line-key bdi")).to_have_text(["lr", "val/loss"])
    dialog.get_by_role("button", name="Added lines off").click()
    expect(dialog.locator(".line-key")).to_have_count(0)
    expect(page).to_have_url(re.compile("#chart=lr$"))


def test_without_javascript_what_is_past_a_hundred_charts_is_a_number(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        run.log({f"w{n:03d}": n for n in range(103)}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html", java_script_enabled=False)
    expect(page.locator("#charts .chart")).to_have_count(100)
    expect(page.locator("#charts dt:visible")).to_have_text(["w100", "w101", "w102"])
    expect(page.locator("#chart-bar")).to_be_hidden()


def test_charts_follow_a_run_and_new_keys_come_in_their_place(
    start: Start, open_page: Open, live_site: Address
) -> None:
    with start(id="a") as run:
        for step in range(3):
            run.log({"b": step, "val/iou": step}, step=step)
        page = open_page(live_site("a/index.html"))
        expect(page.get_by_role("slider", name="b", exact=True)).to_have_attribute("aria-valuenow", "2")
        page.get_by_role("slider", name="b", exact=True).focus()
        page.keyboard.press("Home")
        page.evaluate("document.querySelector('.chart[data-key=b]').wasHere = true")
        run.log({"b": 7.5, "a": 1, "c/d": 2}, step=3)
        titles = page.locator("#charts .chart h3 bdi")
        expect(titles).to_have_text(["c/d", "val/iou", "b", "a"])
        assert page.evaluate("document.querySelector('.chart[data-key=b]').wasHere") is True
        expect(page.get_by_role("slider", name="b", exact=True)).to_be_focused()
        # Titles come at once, numbers once they are loaded.
        expect(page.get_by_role("slider", name="b", exact=True)).to_have_attribute("aria-valuemax", "3")
        expect(chart(page, "b").locator("output")).to_have_text("0")
        page.keyboard.press("End")
        expect(chart(page, "b").locator("output")).to_have_text("7.5")
