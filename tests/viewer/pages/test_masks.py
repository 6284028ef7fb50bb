"""How masks are drawn: which file, and which table."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog import palette
from runlog_viewer.pages import masks

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
    drawing = masks.drawing(mask((0, 1, 255)))
    assert drawing.path == drawing.own == "media/masks/a/m.png"


@pytest.mark.parametrize("class_id", [1, 2, 12, 13, 127, 254, 255])
def test_the_table_gives_each_id_its_class_colour(
    mask: Callable[..., runlog.MaskLayerRecord], class_id: int
) -> None:
    table = masks.drawing(mask((class_id,))).filter
    assert table is not None
    channels = tuple(drawn_channel(c, class_id) for c in (table.red, table.green, table.blue))
    assert channels == palette.channels(palette.colour(class_id))
    assert drawn_channel(table.alpha, class_id) == 255


def test_no_table_has_a_bare_1_with_a_point(mask: Callable[..., runlog.MaskLayerRecord]) -> None:
    table = masks.drawing(mask((1,))).filter
    assert table is not None
    for channel in (table.red, table.green, table.blue, table.alpha):
        assert not any(entry.endswith(".") for entry in channel.split())


def test_class_0_is_transparent_unless_it_has_a_label(mask: Callable[..., runlog.MaskLayerRecord]) -> None:
    without, labelled = masks.drawing(mask((0, 1))).filter, masks.drawing(mask((0, 1), {0: "sky"})).filter
    assert without is not None
    assert labelled is not None
    assert drawn_channel(without.alpha, 0) == 0
    assert drawn_channel(labelled.alpha, 0) == 255
    assert without.id != labelled.id


def test_masks_with_the_same_table_share_a_filter(mask: Callable[..., runlog.MaskLayerRecord]) -> None:
    assert masks.drawing(mask((0, 1))).filter == masks.drawing(mask((0, 7), {7: "seven"})).filter


def test_a_16_bit_mask_is_drawn_from_a_copy_with_dense_ids(
    mask: Callable[..., runlog.MaskLayerRecord], tmp_path: Path
) -> None:
    ids = np.array([[0, 300], [65535, 300]], dtype=np.uint16)
    PILImage.fromarray(ids).save(tmp_path / "mask.png")
    drawing = masks.drawing(mask((0, 300, 65535)))
    assert drawing.own == "media/masks/a/m.png"
    assert drawing.path.startswith("viewer/masks/")
    copy = PILImage.open(io.BytesIO(masks.encode_copy(tmp_path / "mask.png", drawing)))
    assert copy.mode == "L"
    np.testing.assert_array_equal(np.asarray(copy), [[0, 1], [2, 1]])
    assert drawing.filter is not None
    assert drawn_channel(drawing.filter.red, 2) == palette.channels(palette.colour(65535))[0]


def test_a_filter_over_dense_ids_says_which_they_are(mask: Callable[..., runlog.MaskLayerRecord]) -> None:
    own, dense = masks.drawing(mask((0, 1))).filter, masks.drawing(mask((0, 300, 65535))).filter
    alike = masks.drawing(mask((0, 340, 65535))).filter  # 300 and 340 have the same colour
    assert own is not None
    assert dense is not None
    assert alike is not None
    assert (own.ids, dense.ids) == ((), (0, 300, 65535))
    assert (dense.red, dense.green, dense.blue) == (alike.red, alike.green, alike.blue)
    assert dense.id != alike.id


@pytest.mark.parametrize(
    "ids", [(0, 3, 255), (0, 300, 65535), tuple(range(7, 407))], ids=["8-bit", "dense", "packed"]
)
def test_a_script_is_told_the_class_of_each_pixel(
    mask: Callable[..., runlog.MaskLayerRecord], tmp_path: Path, ids: tuple[int, ...]
) -> None:
    logged = np.array(ids)[np.arange(400).reshape(20, 20) % len(ids)]
    drawing = masks.drawing(mask(ids))
    for path in (drawing.own, drawing.path):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    PILImage.fromarray(logged.astype(np.uint16 if ids[-1] > 255 else np.uint8)).save(tmp_path / drawing.own)
    if drawing.path != drawing.own:
        (tmp_path / drawing.path).write_bytes(masks.encode_copy(tmp_path / drawing.own, drawing))
    value = masks.pixel_ids(tmp_path, drawing)
    head, _, data = value["png"].partition(",")
    assert head == "data:image/png;base64"
    pixels = np.asarray(PILImage.open(io.BytesIO(base64.b64decode(data)))).astype(int)
    read = pixels[..., 0] + 256 * pixels[..., 1] if value["packed"] else pixels
    np.testing.assert_array_equal(read if value["ids"] is None else np.array(value["ids"])[read], logged)


def test_the_script_of_an_8_bit_mask_holds_the_bytes_of_its_file(
    mask: Callable[..., runlog.MaskLayerRecord], tmp_path: Path
) -> None:
    drawing = masks.drawing(mask((0, 1)))
    (tmp_path / drawing.own).parent.mkdir(parents=True)
    (tmp_path / drawing.own).write_bytes(b"whatever is in it")
    data = masks.pixel_ids(tmp_path, drawing)["png"].partition(",")[2]
    assert base64.b64decode(data) == b"whatever is in it"


def test_a_damaged_16_bit_mask_is_refused_by_its_name(
    mask: Callable[..., runlog.MaskLayerRecord], tmp_path: Path
) -> None:
    (tmp_path / "m.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"m\.png must be a readable mask"):
        masks.encode_copy(tmp_path / "m.png", masks.drawing(mask((0, 300))))


@pytest.mark.parametrize("zero_has_label", [False, True])
def test_past_256_distinct_ids_the_copy_is_coloured(
    mask: Callable[..., runlog.MaskLayerRecord], tmp_path: Path, zero_has_label: bool
) -> None:
    ids = np.arange(400, dtype=np.uint16).reshape(20, 20)
    PILImage.fromarray(ids).save(tmp_path / "mask.png")
    drawing = masks.drawing(mask(tuple(range(400)), {0: "zero"} if zero_has_label else {}))
    assert drawing.filter is None
    copy = np.asarray(PILImage.open(io.BytesIO(masks.encode_copy(tmp_path / "mask.png", drawing))))
    assert copy.shape == (20, 20, 4)
    assert tuple(copy[17, 3, :3]) == palette.channels(palette.colour(343))
    assert (copy[0, 0, 3], copy[0, 1, 3]) == (255 * zero_has_label, 255)
