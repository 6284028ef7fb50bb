"""Image records become figures: nothing is lost, and what cannot be drawn is said."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

import runlog
from runlog_viewer.pages.gallery import gallery

ImageOf = Callable[..., runlog.ImageRecord]
MediaOf = Callable[..., runlog.MediaRecord]
Numbers = tuple[float, float, float, float]


def boxes(
    *numbers: Numbers, labels: Mapping[int, str] | None = None, name: str = "truth", **fields: object
) -> runlog.BoxLayerRecord:
    made = tuple(runlog.Box("min_max", "pixel", n, **{"class_id": 1, **fields}) for n in numbers)
    return runlog.BoxLayerRecord(name, made, labels or {})


def test_images_are_grouped_by_key_in_list_order(image: ImageOf) -> None:
    images = [image(key=key, index=index) for key in ("a", "b") for index in range(3)]
    sections = gallery(0, images, "").sections
    assert [(s.key, [f.index for f in s.figures]) for s in sections] == [("a", [0, 1, 2]), ("b", [0, 1, 2])]


def test_a_step_without_images_is_an_empty_gallery() -> None:
    assert gallery(4, [], "").sections == ()


def test_a_link_to_a_media_file_survives_any_name(image: ImageOf, media: MediaOf) -> None:
    of = media("media/images/a b#c?d%20/ü:x.png")
    figure = gallery(0, [image(media=of)], "../../").sections[0].figures[0]
    assert figure.href == "../../media/images/a%20b%23c%3Fd%2520/%C3%BC%3Ax.png"


@pytest.mark.parametrize(
    "numbers",
    [(math.nan, 3, 0, 3), (0, math.inf, 0, 3), (3, 1, 0, 3), (0, 3, 2, 2)],
    ids=["NaN", "infinite", "inverted", "empty"],
)
def test_a_box_that_cannot_be_drawn_is_counted_and_listed_with_its_numbers(
    image: ImageOf, numbers: Numbers
) -> None:
    figure = gallery(0, [image(boxes=(boxes((1, 2, 3, 4), numbers),))], "").sections[0].figures[0]
    assert len(figure.layers[0].shapes) == 1
    (listing,) = figure.listings
    assert (listing.kind, listing.how_many) == ("boxes", "2 boxes")
    (drawn,), (not_drawn,) = listing.layers[0].drawn, listing.layers[0].not_drawn
    assert "not drawn" not in drawn
    assert "minX " in not_drawn
    assert not_drawn.endswith(", not drawn")


def test_of_all_layers_of_a_picture_the_tags_of_the_highest_scores_are_placed(
    image: ImageOf, media: MediaOf
) -> None:
    at = (80.0, 400.0, 200.0, 400.0)
    layers = (
        boxes(at, caption="the truth"),
        boxes(at, caption="less", scores={"confidence": 0.4}),
        boxes(at, caption="more", scores={"confidence": 0.6}),
    )
    of = image(media=media(width=640, height=480), boxes=layers)
    drawn = gallery(0, [of], "").sections[0].figures[0].layers
    placed = [(tag.tag.text, tag.x, tag.y) for layer in drawn for tag in layer.placed]
    upper = f"{100 * (200 / 480 - 15 / (0.72 * 210)):.3f}"
    assert placed == [("more", "12.5", upper)]


def test_a_box_without_a_class_is_not_in_the_legend(image: ImageOf) -> None:
    assert gallery(0, [image(boxes=(boxes((1, 2, 3, 4), class_id=None),))], "").legend == ()


def test_the_legend_has_each_class_that_appears_once(image: ImageOf, media: MediaOf) -> None:
    labels = {0: "sky", 1: "cat", 2: "dog", 3: "not here"}
    mask = runlog.MaskLayerRecord("m", media("media/masks/m.png"), (0, 2), labels)
    unlabelled = runlog.MaskLayerRecord("n", media("media/masks/n.png"), (0, 2), {2: "dog"})
    images = [image(boxes=(boxes((1, 2, 3, 4), labels=labels),), masks=(mask, unlabelled))] * 2
    entries = gallery(0, images, "").legend
    assert [(entry.class_id, entry.label, entry.is_off) for entry in entries] == [
        (0, "sky", False), (0, "class_0", True), (1, "cat", False), (2, "dog", False)
    ]  # fmt: skip


def test_background_is_apart_from_boxes_of_the_same_id_and_off_at_first(
    image: ImageOf, media: MediaOf
) -> None:
    labels = {0: "Background", 1: "cat", 9: "VOID"}
    mask = runlog.MaskLayerRecord("m", media("media/masks/m.png"), (0, 1, 9, 255), labels)
    person = boxes((1, 2, 3, 4), class_id=0, labels={0: "person"})
    entries = gallery(0, [image(boxes=(person,), masks=(mask,))], "").legend
    assert [(entry.class_id, entry.label, entry.is_off, entry.in_words) for entry in entries] == [
        (0, "person", False, "1 box"),
        (0, "Background", True, "1 mask"),
        (1, "cat", False, "1 mask"),
        (9, "VOID", True, "1 mask"),
        (255, "class_255", True, "1 mask"),
    ]


def test_what_masks_of_one_key_hold_says_nothing_of_those_of_another(image: ImageOf, media: MediaOf) -> None:
    file = media("media/masks/m.png")
    found = image(key="found", masks=(runlog.MaskLayerRecord("m", file, (0, 255), {}),))
    classes = image(key="classes", masks=(runlog.MaskLayerRecord("m", file, (0, 3, 255), {}),))
    entries = gallery(0, [classes, found], "").legend
    shown = [(entry.class_id, entry.is_off, entry.count) for entry in entries]
    assert shown == [(0, True, 2), (3, False, 1), (255, False, 1), (255, True, 1)]


def test_ten_thousand_instances_are_one_switch(image: ImageOf, media: MediaOf) -> None:
    mask = runlog.MaskLayerRecord("cells", media("media/masks/m.png"), tuple(range(10_000)), {})
    value = gallery(0, [image(masks=(mask,))], "")
    assert (value.legend, [layer.name for layer in value.layers]) == ((), ["cells"])


def test_the_legend_names_a_class_as_every_layer_does_and_counts_its_boxes_and_masks(
    image: ImageOf, media: MediaOf
) -> None:
    corners = (1, 2, 3, 4)
    drawn, unnamed = boxes(corners, corners, labels={1: "cat"}), boxes(corners, name="predictions")
    mask = runlog.MaskLayerRecord("m", media("media/masks/m.png"), (0, 1, 5), {1: "tomcat"})
    entries = gallery(0, [image(boxes=(unnamed, drawn), masks=(mask,)), image(boxes=(drawn,))], "").legend
    counted = [(e.class_id, e.label, dict(e.counts), e.count, e.in_words) for e in entries]
    assert counted == [
        (0, "class_0", {"boxes": 0, "masks": 1}, 1, "1 mask"),
        (1, "cat / tomcat", {"boxes": 5, "masks": 1}, 5, "5 boxes, 1 mask"),
        (5, "class_5", {"boxes": 0, "masks": 1}, 1, "1 mask"),
    ]


def test_images_of_one_grouping_stand_together(image: ImageOf) -> None:
    groupings = (None, None, 3, None, 7, 3, None)
    images = [image(index=index, grouping=grouping) for index, grouping in enumerate(groupings)]
    (section,) = gallery(0, images, "").sections
    assert [(g.grouping, [f.index for f in g.figures]) for g in section.groups] == [
        (None, [0, 1]),
        (3, [2, 5]),
        (None, [3]),
        (7, [4]),
        (None, [6]),
    ]


@given(st.lists(st.none() | st.integers(0, 3), max_size=12))
def test_grouping_loses_no_image_and_keeps_the_order_in_each_group(groupings: list[int | None]) -> None:
    media = runlog.MediaRecord(PurePosixPath("m.png"), "0" * 64, "0" * 64, "png", 64, 48, 1)
    conversion = runlog.Conversion("pil")
    images = [
        runlog.ImageRecord("a", 0, index, None, grouping, media, conversion, (), ())
        for index, grouping in enumerate(groupings)
    ]
    for section in gallery(0, images, "").sections:
        assert sorted(figure.index for figure in section.figures) == list(range(len(groupings)))
        named = [group.grouping for group in section.groups if group.grouping is not None]
        assert len(named) == len(set(named))
        for group in section.groups:
            indexes = [figure.index for figure in group.figures]
            assert indexes == sorted(indexes)
            assert {groupings[index] for index in indexes} == {group.grouping}


def test_a_picture_with_a_thumbnail_keeps_the_link_to_its_file(image: ImageOf) -> None:
    record = image()
    thumbnails = {record.media.pixel_hash: "viewer/thumbs/t.webp"}
    figure = gallery(0, [record], "../../", thumbnails=thumbnails).sections[0].figures[0]
    assert figure.thumbnail == "../../viewer/thumbs/t.webp"
    assert figure.href.startswith("../../media/")


def test_box_layers_and_mask_layers_of_one_name_are_two(image: ImageOf, media: MediaOf) -> None:
    mask = runlog.MaskLayerRecord("truth", media("media/masks/m.png"), (0, 1), {})
    layers = gallery(0, [image(boxes=(boxes((1, 2, 3, 4)),), masks=(mask,))], "").layers
    assert [(layer.kind, layer.name) for layer in layers] == [("boxes", "truth"), ("masks", "truth")]


def test_boxes_are_drawn_over_masks(image: ImageOf, media: MediaOf) -> None:
    mask = runlog.MaskLayerRecord("areas", media("media/masks/m.png"), (0, 1), {})
    figure = gallery(0, [image(boxes=(boxes((1, 2, 3, 4)),), masks=(mask,))], "").sections[0].figures[0]
    assert [drawn.layer.kind for drawn in figure.layers] == ["masks", "boxes"]


def test_a_second_box_layer_has_another_line(image: ImageOf) -> None:
    layers = (boxes((1, 2, 3, 4), name="truth"), boxes((1, 2, 3, 4), name="predictions"))
    drawn = gallery(0, [image(boxes=layers)], "").sections[0].figures[0].layers
    assert {of.layer.name: of.layer.line for of in drawn} == {"predictions": 0, "truth": 1}


def test_the_latest_of_keys_logged_at_different_steps_say_their_step(image: ImageOf) -> None:
    images = [image(key="a", step=3), image(key="b", step=7)]
    sections = gallery(7, images, "run/").sections
    assert [(s.key, s.step, s.href) for s in sections] == [
        ("a", 3, "run/viewer/steps/000000003.html"),
        ("b", 7, "run/viewer/steps/000000007.html"),
    ]


def test_the_numbers_of_a_step_are_short_and_those_on_held_out_data_come_first(image: ImageOf) -> None:
    numbers = gallery(0, [image()], "", scalars=[("acc", math.nan), ("val/loss", 0.123456)]).numbers
    assert [(fact.name, fact.value) for fact in numbers] == [("val/loss", "0.1235"), ("acc", "NaN")]


def test_a_missing_media_file_is_marked(image: ImageOf) -> None:
    record = image()
    figure = gallery(0, [record], "", {record.media.path}).sections[0].figures[0]
    assert figure.is_missing


@pytest.mark.parametrize(("size", "shape"), [((64, 64), "even"), ((200, 20), "wide"), ((20, 200), "tall")])
def test_long_pictures_are_told_apart(
    image: ImageOf, media: MediaOf, size: tuple[int, int], shape: str
) -> None:
    of = dataclasses.replace(media(), width=size[0], height=size[1])
    assert gallery(0, [image(media=of)], "").sections[0].figures[0].shape == shape


def test_the_alternative_text_is_the_caption_or_where_the_image_is(image: ImageOf) -> None:
    with_caption, without, long = (
        gallery(0, [image(caption=caption)], "").sections[0].figures[0]
        for caption in ("a cat", None, "x" * 999)
    )
    assert (with_caption.alt, without.alt) == ("a cat", "a, step 0, 0")
    assert len(long.alt) < 250
    assert long.caption == "x" * 999
