"""Page values become HTML and scripts in which text stays text."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

import runlog
from runlog_viewer.building.series import AllSeries
from runlog_viewer.html import render
from runlog_viewer.pages import run_and_overview
from runlog_viewer.pages.gallery import gallery
from runlog_viewer.pages.values import StepPage

ImageOf = Callable[..., runlog.ImageRecord]
RunOf = Callable[..., runlog.RunRecord]

HOSTILE = "</script><script>alert(1)</script>\u2028\"'<!--&amp;\ud800"
TOTALS = run_and_overview.Totals(1, 1, 1, None)


class Elements(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture
def page_with(image: ImageOf, run_record: RunOf) -> Callable[[str], str]:
    """Return a function that renders a step page on which everything is called by a text."""

    def make(text: str) -> str:
        box = runlog.Box("min_max", "fraction", (0.1, 0.2, 0.1, 0.2), 1, text, {text: 0.5})
        layer = runlog.BoxLayerRecord(text, (box,), {1: text})
        value = gallery(0, [image(key=text, caption=text, boxes=(layer,))], "../../")
        head = run_and_overview.run_head(run_record(name=text), has_overview=True)
        return render.step_page(
            render.step_frame(head), StepPage(0, 1, None, 5, "now", value), render.gallery(value)
        )

    return make


def test_a_page_has_the_elements_it_promises(page_with: Callable[[str], str]) -> None:
    elements = Elements(page_with("name")).found
    body = next(attributes for tag, attributes in elements if tag == "body")
    assert (body["data-step"], body["data-revision"]) == ("0", "1")
    figure = next(attributes for tag, attributes in elements if tag == "figure")
    assert {"data-key": "name", "data-step": "0", "data-index": "0"}.items() <= figure.items()
    box = next(attributes for _, attributes in elements if "data-label" in attributes)
    assert {"data-class": "1", "data-label": "name", "data-scores": '{"name":0.5}'}.items() <= box.items()
    assert any(tag == "g" and a.get("data-layer") == "name" for tag, a in elements)
    assert any(tag == "a" and a.get("href") == "000000005.html" for tag, a in elements)


@settings(max_examples=50)
@given(text=st.text(st.characters(codec=None), min_size=1))
def test_no_text_becomes_an_element_or_an_attribute(text: str) -> None:
    conversion = runlog.Conversion("pil")
    media = runlog.MediaRecord(Path("m.png"), "0" * 64, "0" * 64, "png", 4, 4, 1)  # type: ignore[arg-type]
    box = runlog.Box("min_max", "fraction", (0.1, 0.2, 0.1, 0.2), 1, text, {"s": 0.5})

    def elements(of: str) -> list[str]:
        of_layer = runlog.BoxLayerRecord(of, (box,), {1: of})
        record = runlog.ImageRecord(of, 0, 0, "caption", None, media, conversion, (of_layer,), ())
        return [tag for tag, _ in Elements(render.gallery(gallery(0, [record], ""))).found]

    assert elements(text) == elements("plain")


@pytest.mark.parametrize("name", ["a run", HOSTILE, "<slot step>", "<slot gallery> <slot nothing>"])
def test_a_step_page_names_its_run_and_no_name_is_taken_for_a_part_of_the_page(
    run_record: RunOf, name: str
) -> None:
    value = gallery(3, [], "../../")
    for run in (run_record(name="another"), run_record(name=name)):
        head = run_and_overview.run_head(run, has_overview=True)
        html = render.step_page(
            render.step_frame(head), StepPage(3, 7, 2, None, "at noon", value), render.gallery(value)
        )
    shown = name.replace("\ud800", "\ufffd")
    (crumb,) = (a for _, a in Elements(html).found if a.get("href") == "../../index.html")
    assert crumb["title"] == shown
    assert f"<title>Step 3 &middot; {escape(shown)}</title>" in html
    assert (html.count("Nothing but numbers at this step"), html.count("at noon")) == (1, 1)


def test_a_step_page_links_to_the_steps_beside_it(run_record: RunOf) -> None:
    value = gallery(3, [], "../../")
    head = run_and_overview.run_head(run_record(), has_overview=True)

    def links(previous: int | None, following: int | None) -> list[str | None]:
        page = StepPage(3, 7, previous, following, "now", value)
        found = Elements(render.step_page(render.step_frame(head), page, render.gallery(value))).found
        by_id = {attributes["id"]: attributes.get("href") for _, attributes in found if "id" in attributes}
        return [by_id["previous"], by_id["next"]]

    assert links(2, 10) == ["000000002.html", "000000010.html"]
    assert links(None, None) == [None, None]


def test_pages_have_no_inline_script_style_or_handler(page_with: Callable[[str], str]) -> None:
    elements = Elements(page_with(HOSTILE)).found
    assert not any(name.startswith("on") or name == "style" for _, a in elements for name in a)
    assert not any(tag == "style" for tag, _ in elements)
    assert all("src" in attributes for tag, attributes in elements if tag == "script")


def test_the_policy_allows_nothing_but_the_folder(page_with: Callable[[str], str]) -> None:
    elements = Elements(page_with("x")).found
    policy = next(a["content"] for t, a in elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_no_page_holds_a_nul_which_no_html_may(page_with: Callable[[str], str]) -> None:
    html = page_with("a\0b")
    assert "\0" not in html
    assert "a\N{REPLACEMENT CHARACTER}b" in html


def test_every_page_can_be_encoded(page_with: Callable[[str], str]) -> None:
    assert b"\xef\xbf\xbd" in page_with(HOSTILE).encode()


def test_what_is_written_at_a_box_says_which_box_it_is(
    image: ImageOf, media: Callable[..., runlog.MediaRecord]
) -> None:
    corners = (0.1, 0.2, 0.1, 0.2)
    drawn = runlog.Box("min_max", "fraction", corners, 7, "seven")
    nameless = runlog.Box("min_max", "fraction", corners, None)
    not_drawn = runlog.Box("min_max", "fraction", (0.2, 0.1, 0.1, 0.2), 8, "eight")
    layer = runlog.BoxLayerRecord("truth", (nameless, not_drawn, drawn), {})
    elements = Elements(
        render.gallery(gallery(0, [image(media=media(width=640, height=480), boxes=(layer,))], ""))
    ).found
    (tag,) = (attributes for name, attributes in elements if name == "text")
    rects = [attributes for name, attributes in elements if "data-label" in attributes]
    assert rects[int(tag["data-box"] or "")]["data-class"] == "7"


def test_only_images_with_a_grouping_are_put_in_groups(image: ImageOf) -> None:
    images = [image(index=0, grouping=4), image(index=1), image(index=2, grouping=4)]
    elements = Elements(render.gallery(gallery(0, images, ""))).found
    groups = [a["data-grouping"] for name, a in elements if name == "div" and a.get("class") == "group"]
    assert groups == ["4"]
    of_figures = [(a["data-index"], a.get("data-grouping")) for name, a in elements if name == "figure"]
    assert of_figures == [("0", "4"), ("2", "4"), ("1", None)]
    assert "grouping" not in render.gallery(gallery(0, [image()], ""))


def test_a_thumbnail_is_shown_with_the_link_and_the_size_of_the_original(image: ImageOf) -> None:
    record = image()
    html = render.gallery(gallery(0, [record], "", thumbnails={record.media.pixel_hash: "t.webp"}))
    (img,) = (attributes for name, attributes in Elements(html).found if name == "img")
    assert (img["src"], img["data-full"], img["width"]) == ("t.webp", str(record.media.path), "64")


def test_a_filter_over_dense_ids_says_which_they_are(
    image: ImageOf, media: Callable[..., runlog.MediaRecord]
) -> None:
    layers = [runlog.MaskLayerRecord("m", media("m.png"), ids, {}) for ids in ((0, 5), (0, 300))]
    filters = [gallery(0, [image(masks=(layer,))], "").filters for layer in layers]
    own, dense = (Elements(render.mask_filters(of)[of[0].id]).found[0][1] for of in filters)
    assert "data-ids" not in own
    assert dense["data-ids"] == "0 300"


def test_a_step_without_images_says_so() -> None:
    assert "Nothing but numbers at this step" in render.gallery(gallery(0, [], ""))


@pytest.mark.parametrize(("count", "hidden"), [(16, 0), (50, 34)])
def test_a_long_legend_says_how_many_classes_it_folds_away(image: ImageOf, count: int, hidden: int) -> None:
    made = tuple(runlog.Box("min_max", "fraction", (0.1, 0.2, 0.1, 0.2), n) for n in range(count))
    layer = runlog.BoxLayerRecord("truth", made, {})
    html = render.gallery(gallery(0, [image(boxes=(layer,))], ""))
    assert html.count("<li data-class=") == count
    assert (f"{hidden} more classes" in html) == (hidden > 0)


@pytest.mark.parametrize(("count", "hidden"), [(12, 0), (46, 34)])
def test_many_numbers_of_a_step_say_how_many_are_folded_away(image: ImageOf, count: int, hidden: int) -> None:
    scalars = [(f"layer {n}", 1.0) for n in range(count)]
    html = render.gallery(gallery(0, [image()], "", scalars=scalars))
    assert html.count("<bdi>layer ") == count
    assert (f"{hidden} more numbers" in html) == (hidden > 0)


def test_a_run_page_shows_numbers_that_are_not_finite_by_name(run_record: RunOf) -> None:
    run = run_record(summary={"loss": float("nan"), "best": float("inf")})
    page = run_and_overview.run_page(run, TOTALS, gallery(0, [], ""), AllSeries(), {}, has_overview=False)
    html = render.run_details(page)
    assert "<dt>loss<dd>NaN" in html
    assert "<dt>best<dd>inf" in html
