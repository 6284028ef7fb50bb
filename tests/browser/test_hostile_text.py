"""Whatever people log as text stays text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]


class Watched(Protocol):
    complaints: list[str]


HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>'",
    "<svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "</title></style></textarea><!--",
    "javascript:alert(1)",
    "line\u2028separator\u2029s",
    "\u202eright to left\u2066 and more",
    "a'b\"c`d&amp;e\\f",
    "]]>;runlog.receive=alert;//",
)


def as_key(text: str) -> str:
    return text.replace("\u2028", " ").replace("\u2029", " ")


def assert_no_element_of_it(page: Page) -> None:
    assert page.locator("main script, main img[onerror]").count() == 0


def test_a_hostile_name_shows_as_it_is_and_runs_nothing(start: Start, open_page: Open) -> None:
    for n, text in enumerate(HOSTILE):
        about = {"project": text, "name": text, "group": text, "tags": [text], "notes": text}
        with start(id=f"run-{n}", config={text: {text: [text]}}, **about) as run:
            run.log({f"{as_key(text)}/text": text, "loss": 0.5}, step=0)
            run.summary["s"] = text
    runs = run.folder.parent
    runlog_viewer.build(runs)
    page = open_page(runs / "index.html")
    expect(page.locator("tbody th a")).to_have_text([*reversed(HOSTILE)])
    assert_no_element_of_it(page)
    for n, text in enumerate(HOSTILE):
        page.goto((runs / f"run-{n}/index.html").as_uri())
        expect(page.locator("h1")).to_have_text(text)
        expect(page.locator(".text .words")).to_have_text(text)
        assert_no_element_of_it(page)


def test_hostile_text_in_pictures_layers_and_texts_shows_as_it_is_and_runs_nothing(
    start: Start, open_page: Open
) -> None:
    logged: dict[str, object] = {}
    for class_id, text in enumerate(HOSTILE, 1):
        box = {
            "position": {"minX": 0.1, "maxX": 0.6, "minY": 0.1, "maxY": 0.6},
            "class_id": class_id,
            "box_caption": text,
            "scores": {text: 0.5},
        }
        mask = np.full((32, 32), class_id, np.uint8)
        image = runlog.Image(
            np.zeros((32, 32), np.uint8),
            caption=text,
            boxes={text: {"box_data": [box], "class_labels": {class_id: text}}},
            masks={text: {"mask_data": mask, "class_labels": {class_id: text}}},
        )
        logged |= {as_key(text): [image], f"{as_key(text)}/text": text}
    with start(id="a") as run:
        for step in range(2):
            run.log(logged, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html")
    expect(page.locator("figcaption")).to_have_count(len(HOSTILE))
    assert sorted(page.locator("figcaption").all_text_contents()) == sorted(HOSTILE)
    assert sorted(page.locator(".text .words").all_text_contents()) == sorted(HOSTILE)
    assert_no_element_of_it(page)
    page.goto((run.folder / "viewer/steps/000000000.html").as_uri())
    expect(page.locator("#place")).to_have_text("1 of 2")
    for _ in range(2):  # as the page has it, and as the data script has it
        shown = page.locator("figure.image").evaluate_all(
            """all => all.map((figure) => {
                const part = (selector) => figure.querySelector(selector);
                const {layer} = part('g.layer').dataset;
                const {label} = part('rect.box').dataset;
                return [figure.dataset.key, part('figcaption').textContent, layer, label];
            })"""
        )
        assert sorted(shown) == sorted([as_key(text), text, text, text] for text in HOSTILE)
        texts = page.locator(".text").evaluate_all(
            "all => all.map((text) => [text.dataset.key, text.querySelector('.words').textContent])"
        )
        assert sorted(texts) == sorted([f"{as_key(text)}/text", text] for text in HOSTILE)
        assert_no_element_of_it(page)
        page.locator("input[data-kind=masks]").first.click()
        page.locator("details.boxes summary").first.click()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#place")).to_have_text("2 of 2")
    assert_no_element_of_it(page)


# Each of these does what another one does, in these places; all of them go through the pages above.
ALIKE = tuple(HOSTILE[n] for n in (0, 3, 4, 5, 6, 10))


@pytest.mark.parametrize(
    "text",
    [pytest.param(text, marks=[pytest.mark.browser_matrix] * (text in ALIKE)) for text in HOSTILE],
)
def test_hostile_text_shows_as_it_is_in_columns_charts_and_search(
    start: Start, open_page: Open, text: str
) -> None:
    key = as_key(text)
    for run_id in ("a", "b"):
        with start(id=run_id, name=text, group=text, tags=[text], config={text: text, "x": {text: 1}}) as run:
            run.log({f"{key}/loss": 0.5, "a": runlog.Image(np.zeros((8, 8), np.uint8), caption=text)}, step=0)
    runlog_viewer.build(run.folder.parent)
    page = open_page(run.folder.parent / "index.html")
    expect(page.locator("tr.group button bdi")).to_have_text(text)
    page.locator("#columns").click()
    choice = page.get_by_role("group", name="Configuration").locator("bdi", has_text=text).first
    expect(choice).to_have_text(text)
    choice.click()
    page.keyboard.press("Escape")
    page.locator("#filter").fill(text)
    configured = page.locator('tr.group td.value[data-column^="config."]')
    expect(configured).to_have_text(text)
    page.reload()
    expect(configured).to_have_text(text)
    expect(page.locator("thead th.value bdi").first).to_have_text(f"{key}/loss")
    page.get_by_role("button", name="Plots").click()
    expect(page.locator("#plot-number option")).to_have_text(f"{key}/loss")
    page.goto((run.folder / "index.html").as_uri())
    slider = page.get_by_role("slider", name=f"{key}/loss", exact=True)
    slider.press("Enter")
    expect(page.locator("#chart-title")).to_have_text(f"{key}/loss")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.insert_text(text)
    expect(page.locator(".search .words").last).to_have_text(text)
    page.locator(".search li a").last.click()
    expect(page.locator("h1")).to_have_text("Step 0")
    assert_no_element_of_it(page)


def test_a_megabyte_as_name_tag_and_configuration_leaves_the_pages_usable(
    start: Start, open_page: Open
) -> None:
    long = "word " * 200_000
    with start(id="a", name=long, tags=[long], notes=long, config={"a": long, "b": {"c": long}}) as run:
        run.log({"a": runlog.Image(np.zeros((8, 8), np.uint8))}, step=0)
    runlog_viewer.build(run.folder.parent)
    page = open_page(f"{(run.folder.parent / 'index.html').as_uri()}#columns=config.a,config.b.c")
    expect(page.locator("tbody td.value").first).to_contain_text("word")
    assert page.locator("tbody tr").bounding_box()["height"] < 300
    page.locator("tbody th a").click()
    expect(page.locator("#live")).to_have_text("finished")
    assert page.locator("header").first.bounding_box()["height"] < 300
    assert page.locator("#config").bounding_box()["height"] < 400
    assert page.locator("section.head").bounding_box()["height"] < 600


def test_a_caption_of_a_megabyte_is_clamped_and_opens_whole(start: Start, open_page: Open) -> None:
    caption = "word " * 200_000
    with start(id="a") as run:
        run.log({"a": runlog.Image(np.zeros((8, 8), np.uint8), caption=caption)}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "viewer/steps/000000000.html")
    figcaption, summary = page.locator("figcaption"), page.locator("figcaption summary")
    assert figcaption.bounding_box()["height"] < 80
    assert summary.inner_text() == caption[:500] + "…"
    summary.click()
    assert figcaption.bounding_box()["height"] > 1000
    assert figcaption.locator("details > bdi").inner_text() == caption
    summary.click()
    assert figcaption.bounding_box()["height"] < 80


def test_names_that_links_could_trip_over_lead_to_their_files(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        for n, key in enumerate(("a b#c?d%20e", "ü/ö ä", "x:y", "&amp;", "..", "a//b")):
            run.log({key: runlog.Image(np.zeros((n + 1, 8), np.uint8))}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "viewer/steps/000000000.html")
    for image in page.locator("figure.image img").all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("naturalWidth", 8)


def test_a_script_that_got_into_a_page_would_not_run(
    start: Start, open_page: Open, live_site: Callable[[str], str], watched: Watched
) -> None:
    with start(id="a") as run:
        run.log({"a": runlog.Image(np.zeros((8, 8), np.uint8))}, step=0)
    page = open_page(live_site("a/index.html"))
    page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.head.append(script);
            document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.ran = true">');
        }"""
    )
    expect(page.locator("#live")).to_have_text("finished")
    assert page.evaluate("window.ran") is None
    assert len(watched.complaints) >= 2
    assert all("Content Security Policy" in complaint for complaint in watched.complaints)
    watched.complaints.clear()
