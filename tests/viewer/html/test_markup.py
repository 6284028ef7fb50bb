"""Markup written by hand says what the values say: every text comes out as it went in, and only as text."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import PurePosixPath
from urllib.parse import unquote

from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

import runlog
from runlog_viewer.html import markup
from runlog_viewer.pages import box_tags
from runlog_viewer.pages.gallery import gallery
from runlog_viewer.pages.values import Fact, KeySection, Layer, LegendEntry

# What a parser of HTML itself changes is left out: no escape could keep it.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), min_size=1, max_size=30)


class Parsed(HTMLParser):
    """The attributes of each element by name, and the text in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.is_inside = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.append("")
        self.is_inside = True

    def handle_endtag(self, tag: str) -> None:
        self.is_inside = False

    def handle_data(self, data: str) -> None:
        if self.is_inside:
            self.texts[-1] += data

    def of(self, tag: str, **attributes: str) -> tuple[dict[str, str | None], str]:
        (place,) = (
            place
            for place, (name, found) in enumerate(self.elements)
            if name == tag and attributes.items() <= found.items()
        )
        return self.elements[place][1], self.texts[place]

    def all(self, tag: str) -> list[str]:
        """Return the text in each element of a name."""
        return [text for (name, _), text in zip(self.elements, self.texts, strict=True) if name == tag]


def drawn_box(text: str) -> runlog.Box:
    return runlog.Box("min_max", "fraction", (0.1, 0.2, 0.1, 0.2), 1, text, {"s": 0.5})


def section(text: str, **fields: object) -> KeySection:
    """Return the images of a key, one, on which everything is called by a text."""
    conversion = runlog.Conversion(text, text, (4, 4), 0, 1, "unit")
    # So large that there is room for every text at its box.
    media = runlog.MediaRecord(PurePosixPath("m.png"), "0" * 64, "0" * 64, "png", 1900, 1000, 1)
    boxes = runlog.BoxLayerRecord(text, (drawn_box(text),), {1: text})
    mask = runlog.MaskLayerRecord(text, media, (0, 1), {})
    values = {"grouping": None, "caption": text, "boxes": (boxes,), "masks": (mask,), **fields}
    record = runlog.ImageRecord(key=text, step=3, index=2, media=media, conversion=conversion, **values)  # type: ignore[arg-type]
    return gallery(3, [record], "").sections[0]


@settings(max_examples=50)
@given(TEXTS)
def test_every_text_is_read_back_as_it_was(text: str) -> None:
    parsed = Parsed(markup.key_section(section(text), 3))
    assert parsed.of("section")[0]["data-key"] == text
    assert parsed.of("figure")[0]["data-key"] == text
    assert parsed.of("img")[0]["alt"] == text
    rect, _ = parsed.of("rect", **{"class": "box"})
    assert (rect["data-label"], rect["data-caption"]) == (text, text)
    assert parsed.of("g", **{"class": "layer"})[0]["data-layer"] == text
    assert parsed.of("g", **{"class": "tag-layer"})[0]["data-layer"] == text
    assert parsed.of("image")[0]["data-layer"] == text
    assert parsed.of("text")[1] == box_tags.text_of(drawn_box(text), "")
    assert parsed.all("bdi") == [text, text]  # the key and the caption
    listed = parsed.all("dd")
    assert f"{text}, {text}, 4 × 4" in listed
    assert any(value.startswith(f"{text} · {text} · s 0.5 · ") for value in listed)


@given(TEXTS, st.sampled_from(["boxes", "masks"]))
def test_the_name_of_a_layer_is_read_back_as_it_was(text: str, kind: str) -> None:
    parsed = Parsed(markup.layer_switches([Layer(kind, text, 2)]))
    switch, _ = parsed.of("input")
    assert (switch["data-kind"], switch["data-layer"]) == (kind, text)
    assert parsed.of("bdi")[1] == text
    assert parsed.of("small")[1] == kind
    assert ("data-line" in parsed.of("rect")[0]) == (kind == "boxes")


@given(TEXTS)
def test_every_element_of_a_layer_says_its_kind_and_its_name_as_its_switch_does(text: str) -> None:
    drawn = Parsed(markup.key_section(section(text), 3)).elements
    said = [
        (tag, attributes["data-kind"], attributes["data-layer"])
        for tag, attributes in drawn
        if "data-layer" in attributes
    ]
    assert said == [("image", "masks", text), ("g", "boxes", text), ("g", "boxes", text)]
    for kind in ("boxes", "masks"):
        switch, _ = Parsed(markup.layer_switches([Layer(kind, text, 0)])).of("input")
        assert (switch["data-kind"], switch["data-layer"]) == (kind, text)


@given(TEXTS)
def test_the_label_of_a_class_is_read_back_as_it_was(text: str) -> None:
    parsed = Parsed(
        markup.legend_entries([LegendEntry(65535, False, text, "#0072b2", (("boxes", 1),), 1, "1 box")])
    )
    assert [tag for tag, _ in parsed.elements] == ["li", "svg", "rect", "bdi", "small"]
    assert parsed.of("li")[0]["data-class"] == "65535"
    assert parsed.of("bdi")[1] == text


@given(st.lists(st.tuples(TEXTS, TEXTS)))
def test_pairs_are_read_back_as_they_were(pairs: list[tuple[str, str]]) -> None:
    parsed = Parsed(markup.pairs([Fact(*pair) for pair in pairs]))
    assert list(zip(parsed.all("bdi"), parsed.all("dd"), strict=True)) == pairs


@given(TEXTS)
def test_a_key_links_to_all_its_steps_and_to_the_table_of_its_images(text: str) -> None:
    parsed = Parsed(markup.key_section(section(text), 3))
    for name, more in (("all-steps", ""), ("in-table", "&view=table")):
        link = parsed.of("a", **{"class": name})[0]["href"]
        assert link is not None
        path, _, value = link.removesuffix(more).partition("#key=")
        assert (path, unquote(value), link.endswith(more)) == ("viewer/key.html", text, True)


def test_images_of_an_earlier_step_say_which() -> None:
    of = section("a")
    assert "from step" not in markup.key_section(of, 3)
    parsed = Parsed(markup.key_section(of, 4))
    assert parsed.of("section")[0]["data-from"] == "3"
    assert parsed.of("a", **{"class": "from"}) == (
        {"class": "from", "href": "viewer/steps/000000003.html"},
        "from step 3",
    )


def test_a_class_says_how_many_things_of_each_kind_are_of_it() -> None:
    entry = LegendEntry(
        1, False, "cat", "#0072b2", (("boxes", 1200), ("masks", 1)), 1200, "1,200 boxes, 1 mask"
    )
    attributes, count = Parsed(markup.legend_entries([entry])).of("small")
    assert attributes["title"] == attributes["aria-label"] == "1,200 boxes, 1 mask"
    assert (attributes["data-boxes"], attributes["data-masks"], count) == ("1200", "1", "1200")


def test_a_class_that_is_off_at_first_says_so_by_its_name() -> None:
    for is_off, name in ((False, "0"), (True, "0~")):
        entry = LegendEntry(0, is_off, "sea", "#0072b2", (("masks", 1),), 1, "1 mask")
        assert Parsed(markup.legend_entries([entry])).of("li")[0]["data-class"] == name


@settings(max_examples=50)
@given(TEXTS, st.integers(1, 400))
def test_texts_of_any_length_are_escaped_as_a_template_would(text: str, times: int) -> None:
    template = Environment(autoescape=True).from_string('<img alt="{{ alt }}">')
    (shown,) = section(text * times).figures
    assert f'alt="{template.render(alt=shown.alt)[10:-2]}"' in markup.picture(shown, "x.html")


def test_nothing_is_written_at_boxes_but_in_galleries() -> None:
    of = section("a")
    assert "<text" in markup.key_section(of, 3)
    assert "<text" not in markup.picture(of.figures[0], "x.html")


def test_an_image_without_overlays_has_none() -> None:
    html = markup.key_section(section("a", boxes=(), masks=()), 3)
    assert "<svg" not in html
    assert "boxes" not in html
