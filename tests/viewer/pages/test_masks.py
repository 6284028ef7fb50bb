"""How masks are drawn: which file, and which table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import runlog
from runlog import palette
from runlog_viewer.pages import masks
from runlog_viewer.pages.values import Canvas, Layer

Media = Callable[..., runlog.MediaRecord]


@pytest.fixture
def mask(media: Media) -> Callable[..., runlog.MaskLayerRecord]:
    def make(ids: tuple[int, ...], labels: dict[int, str] | None = None) -> runlog.MaskLayerRecord:
        return runlog.MaskLayerRecord("truth", media("media/masks/a/m.png"), ids, labels or {})

    return make


def drawn_channel(table: str, value: int) -> int:
    """Return what a discrete table makes of a channel, as the SVG specification has it, truncated."""
    values = [float(entry) for entry in table.split()]
    return int(min(1.0, values[min(int(value / 255 * len(values)), len(values) - 1)]) * 255)


def test_an_8_bit_mask_is_drawn_from_its_own_file(mask: Callable[..., runlog.MaskLayerRecord]) -> None:
    made_of = masks.sources(mask((0, 1, 255)))
    assert made_of.drawn == made_of.own == "media/masks/a/m.png"


@pytest.mark.parametrize("class_id", [1, 2, 12, 13, 127, 254, 255])
def test_the_table_gives_each_id_its_class_colour(
    mask: Callable[..., runlog.MaskLayerRecord], class_id: int
) -> None:
    table = masks.sources(mask((class_id,))).filter
    assert table is not None
    channels = tuple(drawn_channel(c, class_id) for c in (table.red, table.green, table.blue))
    assert channels == palette.channels(palette.colour(class_id))
    assert drawn_channel(table.alpha, class_id) == 255


def test_no_table_has_a_bare_1_with_a_point(mask: Callable[..., runlog.MaskLayerRecord]) -> None:
    table = masks.sources(mask((1,))).filter
    assert table is not None
    for channel in (table.red, table.green, table.blue, table.alpha):
        assert not any(entry.endswith(".") for entry in channel.split())


def test_class_0_is_transparent_unless_it_has_a_label(mask: Callable[..., runlog.MaskLayerRecord]) -> None:
    without, labelled = masks.sources(mask((0, 1))).filter, masks.sources(mask((0, 1), {0: "sky"})).filter
    assert without is not None
    assert labelled is not None
    assert drawn_channel(without.alpha, 0) == 0
    assert drawn_channel(labelled.alpha, 0) == 255
    assert without.id != labelled.id


def test_masks_with_the_same_table_share_a_filter(mask: Callable[..., runlog.MaskLayerRecord]) -> None:
    assert masks.sources(mask((0, 1))).filter == masks.sources(mask((0, 7), {7: "seven"})).filter


def test_a_filter_over_dense_ids_says_which_they_are(mask: Callable[..., runlog.MaskLayerRecord]) -> None:
    own, dense = masks.sources(mask((0, 1))).filter, masks.sources(mask((0, 300, 65535))).filter
    alike = masks.sources(mask((0, 340, 65535))).filter  # 300 and 340 have the same colour
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
    unlabelled, labelled = masks.sources(mask(many)), masks.sources(mask(many, {0: "zero"}))
    assert unlabelled.filter is labelled.filter is None
    assert unlabelled.drawn != labelled.drawn


def test_a_mask_of_another_size_says_that_it_is_stretched(media: Media) -> None:
    said = {}
    for name, width in (("truth", 32), ("prediction", 64)):
        record = runlog.MaskLayerRecord(name, media("media/masks/m.png", width=width), (0, 1), {})
        drawn = masks.draw(record, Layer("masks", name, 0), Canvas(64, 48, 280, ""))
        said |= {fact.name: fact.value for fact in drawn.facts}
    assert said == {
        "mask truth": "32 × 48 px, m.png, drawn stretched",
        "mask prediction": "64 × 48 px, m.png",
    }
