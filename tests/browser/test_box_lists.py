"""The list of boxes of a picture is a table; what is counted, listed and sorted by follows the filters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
LABELS = {1: "cat", 2: "dog"}


def box(class_id: int, left: float, confidence: float | None, **fields: object) -> dict[str, object]:
    position = {"minX": left, "maxX": left + 0.125, "minY": 0.25, "maxY": 0.5}
    scores = {} if confidence is None else {"scores": {"confidence": confidence}}
    return {"position": position, "class_id": class_id, **scores, **fields}


def image(*predicted: dict[str, object]) -> runlog.Image:
    truth = {"box_data": [box(2, 0.5, None)], "class_labels": LABELS}
    layers = {"predictions": {"box_data": list(predicted), "class_labels": LABELS}, "truth": truth}
    return runlog.Image(np.full((80, 80), 90, np.uint8), boxes=layers)


@pytest.fixture(scope="module")
def site(start_shared: Start, shared_runs: Path) -> Path:
    """Build a run of two images, and return the page of its step."""
    lost = box(1, 0.1, 0.9) | {"position": {"minX": 0.5, "maxX": 0.2, "minY": 0.1, "maxY": 0.2}}
    said = box(1, 0.0, 0.8, box_caption="cat 0.80")  # as its class and its score say
    first = image(box(2, 0.25, 0.3, box_caption="a dog"), said, box(1, 0.75, 0.5), lost)
    with pytest.warns(runlog.RunlogWarning), start_shared(id="a") as run:
        run.log({"val": [first, image(box(2, 0.25, 0.6), box(2, 0.5, 0.7))]}, step=0)
    runlog_viewer.build(shared_runs)
    return run.folder / "viewer" / "steps" / "000000000.html"


@pytest.fixture
def runs(site: Path) -> Path:
    """Return the folder that pages may load from."""
    return site.parents[3]


def table(page: Page, within: str = "figure") -> list[list[str]]:
    """Return the words in the cells of each row that shows of the first table."""
    rows = page.locator(f"{within} .box-table").first.locator("tbody tr:visible")
    return rows.evaluate_all("rows => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))")


def test_a_list_that_is_opened_is_a_table_the_highest_scores_first(site: Path, open_page: Open) -> None:
    page = open_page(site)
    page.locator("details.boxes summary").first.click()
    heads = page.locator(".box-table thead th")
    expect(heads).to_have_text(["class", "confidence", "x", "y", "width", "height"])
    predictions, truth = ["predictions"], ["truth"]
    rows = [
        ["cat", "0.8", "0", "20", "10", "20"],
        ["cat", "0.5", "60", "20", "10", "20"],
        ["dog\na dog", "0.3", "20", "20", "10", "20"],
    ]
    found = table(page)
    assert found[:4] == [predictions, *rows]
    assert "not drawn" in found[4][0]
    assert found[5:] == [truth, ["dog", "", "40", "20", "10", "20"]]
    heads.filter(has_text="x").get_by_role("button").click()
    expect(heads.filter(has_text="x")).to_have_attribute("aria-sort", "descending")
    assert table(page)[1:4] == [rows[1], rows[2], rows[0]]
    page.keyboard.press("Enter")
    expect(heads.filter(has_text="x")).to_have_attribute("aria-sort", "ascending")
    assert table(page)[1:4] == [rows[0], rows[2], rows[1]]
    for place in (1, 0):  # what scrolls into sight for the first is in sight for the second
        page.locator("figure tr[data-box]").nth(place).locator("td").first.hover()
    expect(page.locator("rect.box[data-hovered]")).to_have_attribute("x", "0")


def test_without_scripts_the_list_is_lines_of_text(site: Path, open_page: Open) -> None:
    page = open_page(site, java_script_enabled=False)
    page.locator("details.boxes summary").first.click()
    lines = page.locator("details.boxes dd").first.inner_text().split("\n")
    assert lines[:2] == [
        "dog · a dog · confidence 0.3 · 10 × 20 px at 20, 20",
        "cat · cat 0.80 · confidence 0.8 · 10 × 20 px at 0, 20",
    ]
    assert lines[3].endswith("not drawn")


def test_counts_lists_sliders_and_the_order_follow_the_filters(site: Path, open_page: Open) -> None:
    page = open_page(site)
    how_many, counts = page.locator("details.boxes .how-many"), page.locator(".legend .count")
    page.locator("details.boxes summary").first.click()
    expect(how_many).to_have_text(["5 boxes", "3 boxes"])
    expect(counts).to_have_text(["3", "5"])
    words = page.locator("label.score output")
    expect(words).to_have_text("any · 5 boxes")
    page.locator(".layers input[data-layer=truth]").uncheck()
    expect(how_many).to_have_text(["3 of 5 boxes", "2 of 3 boxes"])
    expect(counts).to_have_text(["3", "3"])
    page.get_by_role("checkbox", name="cat").click()
    expect(how_many).to_have_text(["1 of 5 boxes", "2 of 3 boxes"])
    expect(words).to_have_text("any · 3 boxes")
    assert [row[0] for row in table(page)] == ["predictions", "dog\na dog", table(page)[2][0]]
    page.locator("#sort").select_option("boxes")
    figures = "all => all.map((one) => one.dataset.index)"
    assert page.locator("figure.image").evaluate_all(figures) == ["1", "0"]
    page.get_by_role("checkbox", name="cat").click()
    expect(page.locator("figure.image").first).to_have_attribute("data-index", "0")
    page.get_by_role("slider", name="confidence").fill("0.6")
    expect(how_many).to_have_text(["2 of 3 boxes", "1 of 5 boxes"])
    expect(counts).to_have_text(["2", "2"])  # one of the cats cannot be drawn, nor hidden
    page.get_by_role("button", name="Show all").click()
    expect(how_many).to_have_text(["5 boxes", "3 boxes"])
    expect(counts).to_have_text(["3", "5"])


def test_in_full_view_a_row_leads_to_its_box(site: Path, open_page: Open) -> None:
    page = open_page(site)
    page.locator("a.picture").first.click()
    expect(page.locator(".full-lists .box-table")).to_be_visible()
    assert table(page, ".full-lists")[1][:2] == ["cat", "0.8"]
    row = page.locator(".full-lists tr[data-box]").nth(1)
    row.get_by_role("button").focus()
    expect(page.locator(".full-stage rect.box[data-hovered]")).to_have_attribute("x", "60")
    page.keyboard.press("Enter")
    middle = """() => {
        const box = document.querySelector('.full-stage rect.box[data-hovered]').getBoundingClientRect();
        const stage = document.querySelector('.full-stage').getBoundingClientRect();
        return [box.y + box.height / 2 - stage.y - stage.height / 2, box.height / stage.height];
    }"""
    expect(page.locator(".full-scale")).not_to_have_text("1000 %")
    off, part = page.evaluate(middle)
    assert abs(off) < 2
    assert 0.25 < part < 0.4
    page.locator("dialog.full").get_by_role("checkbox", name="cat").click()
    assert [one[0] for one in table(page, ".full-lists")][1] == "dog\na dog"
