"""How masks are drawn: which file, and which table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import runlog
from runlog import palette
from runlog_viewer.pages import masks
from runlog_viewer.pages.masks import MaskSources
from runlog_viewer.pages.values import Canvas, Layer

Media = Callable[..., runlog.MediaRecord]


@pytest.fixture
def mask(media: Media) -> Callable[..., runlog.MaskLayerRecord]:
    def make(ids: tuple[int, ...], labels: dict[int, str] | None = None) -> runlog.MaskLayerRecord:
        return runlog.MaskLayerRecord("truth", media("media/masks/a/m.png"), ids, labels or {})

    return make


def sources(*records: runlog.MaskLayerRecord) -> MaskSources:
    """Return what the first of the masks of a key is drawn from."""
    rule = palette.mask_rule([(record.name, record.class_ids, record.class_labels) for record in records])
    return masks.sources(records[0], rule)


def drawn_channel(table: str, value: int) -> int:
    """Return what a discrete table makes of a channel, as the SVG specification has it, truncated."""
    values = [float(entry) for entry in table.split()]
    return int(min(1.0, values[min(int(value / 255 * len(values)), len(values) - 1)]) * 255)


def test_an_8_bit_mask_is_drawn_from_its_own_file(mask: Callable[..., runlog.MaskLayerRecord]) -> None:
    made_of = sources(mask((0, 1, 255)))
    assert made_of.drawn == made_of.own == "media/masks/a/m.png"


@pytest.mark.parametrize("class_id", [1, 2, 12, 13, 127, 254, 255])
def test_the_table_gives_each_id_its_class_colour(
    mask: Callable[..., runlog.MaskLayerRecord], class_id: int
) -> None:
    table = sources(mask((class_id,), {255: "sky"})).filter
    assert table is not None
    channels = tuple(drawn_channel(c, class_id) for c in (table.red, table.green, table.blue))
    assert channels == palette.channels(palette.colour(class_id))
    assert drawn_channel(table.alpha, class_id) == 255


def test_no_table_has_a_bare_1_with_a_point(mask: Callable[..., runlog.MaskLayerRecord]) -> None:
    table = sources(mask((1,))).filter
    assert table is not None
    for channel in (table.red, table.green, table.blue, table.alpha):
        assert not any(entry.endswith(".") for entry in channel.split())


def test_class_0_is_transparent_unless_it_has_a_label(mask: Callable[..., runlog.MaskLayerRecord]) -> None:
    without, labelled = sources(mask((0, 1))).filter, sources(mask((0, 1), {0: "sky"})).filter
    assert without is not None
    assert labelled is not None
    assert drawn_channel(without.alpha, 0) == 0
    assert drawn_channel(labelled.alpha, 0) == 255
    assert without.id != labelled.id


def test_masks_with_the_same_table_share_a_filter(mask: Callable[..., runlog.MaskLayerRecord]) -> None:
    one, other, third = mask((0, 1)), mask((0, 7), {7: "seven"}), mask((0,))
    assert sources(one).filter == sources(other).filter == sources(third, one).filter


def test_a_filter_over_dense_ids_says_which_they_are(mask: Callable[..., runlog.MaskLayerRecord]) -> None:
    own, dense = sources(mask((0, 1))).filter, sources(mask((0, 300, 65535))).filter
    alike = sources(mask((0, 340, 65535))).filter  # 300 and 340 have the same colour
    assert own is not None
    assert dense is not None
    assert alike is not None
    assert (own.ids, dense.ids) == ((), (0, 300, 65535))
    assert (dense.red, dense.green, dense.blue) == (alike.red, alike.green, alike.blue)
    assert dense.id != alike.id


def test_past_256_distinct_ids_the_ids_with_a_colour_have_a_copy_of_their_own(
    mask: Callable[..., runlog.MaskLayerRecord],
) -> None:
    many = tuple(range(400))
    unlabelled, labelled = sources(mask(many)), sources(mask(many, {0: "zero"}))
    assert unlabelled.filter is labelled.filter is None
    assert unlabelled.drawn != labelled.drawn


def test_classes_that_are_off_at_first_are_told_and_transparent(
    mask: Callable[..., runlog.MaskLayerRecord],
) -> None:
    made_of = sources(mask((1, 2, 255), {1: "car", 2: "Void", 3: "ignore"}))
    assert made_of.filter is not None
    assert (made_of.off, made_of.filter.off) == ((2, 255), (0, 2, 3, 255))
    assert [drawn_channel(made_of.filter.alpha, i) for i in (0, 1, 2, 3, 4, 255)] == [0, 255, 0, 0, 255, 0]


def test_255_is_drawn_where_the_masks_of_a_key_have_only_0_and_255(
    mask: Callable[..., runlog.MaskLayerRecord],
) -> None:
    found = mask((0, 255))
    alone, beside = sources(found).filter, sources(found, mask((0, 4))).filter
    assert alone is not None
    assert beside is not None
    assert (alone.off, beside.off) == ((0,), (0, 255))
    assert (drawn_channel(alone.alpha, 255), drawn_channel(beside.alpha, 255)) == (255, 0)


def test_ids_without_labels_that_are_too_many_for_classes_are_instances(
    mask: Callable[..., runlog.MaskLayerRecord],
) -> None:
    few, many = mask(tuple(range(256))), mask(tuple(range(300)))
    named = mask(tuple(range(300)), {i: f"class {i}" for i in range(300)})
    rules = {
        name: palette.mask_rule([(r.name, r.class_ids, r.class_labels) for r in records])
        for name, records in (("few", [few]), ("many", [few, many]), ("named", [named]))
    }
    assert masks.classes(few, rules["few"]) == [(i, i in (0, 255)) for i in range(256)]
    assert masks.classes(few, rules["many"]) == masks.classes(many, rules["many"]) == []
    assert len(masks.classes(named, rules["named"])) == 300
    as_classes, as_instances = (masks.sources(few, rules[name]).filter for name in ("few", "many"))
    assert as_classes is not None
    assert as_instances is not None
    assert (as_classes.id.partition("-")[0], as_instances.id.partition("-")[0]) == ("mask", "instances")
    assert (as_classes.off, as_instances.off) == ((0, 255), (0,))
    drawn = masks.draw(many, Layer("masks", "truth", 0), Canvas(64, 48, 280, ""), rules["many"])
    assert [fact.value for fact in drawn.facts] == ["64 × 48 px, 300 ids, m.png"]


def test_a_mask_of_another_size_says_that_it_is_stretched(media: Media) -> None:
    said = {}
    for name, width in (("truth", 32), ("prediction", 64)):
        record = runlog.MaskLayerRecord(name, media("media/masks/m.png", width=width), (0, 1), {})
        drawn = masks.draw(record, Layer("masks", name, 0), Canvas(64, 48, 280, ""), palette.MaskRule())
        said |= {fact.name: fact.value for fact in drawn.facts}
    assert said == {
        "mask truth": "32 × 48 px, m.png, drawn stretched",
        "mask prediction": "64 × 48 px, m.png",
    }
