"""What masks are drawn and read from holds every pixel as it was logged."""

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
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building import mask_files
from runlog_viewer.pages import masks

Media = Callable[..., runlog.MediaRecord]
RULE = palette.MaskRule(has_classes=True)


@pytest.fixture
def mask(media: Media) -> Callable[..., runlog.MaskLayerRecord]:
    def make(ids: tuple[int, ...], labels: dict[int, str] | None = None) -> runlog.MaskLayerRecord:
        return runlog.MaskLayerRecord("truth", media("media/masks/a/m.png"), ids, labels or {})

    return make


def media_file(folder: Path) -> Path:
    """Return where the file of a mask is, in a folder that is there."""
    path = folder / "media/masks/a/m.png"
    path.parent.mkdir(parents=True)
    return path


def test_a_16_bit_mask_is_drawn_from_a_copy_with_dense_ids(
    mask: Callable[..., runlog.MaskLayerRecord], tmp_path: Path
) -> None:
    ids = np.array([[0, 300], [65535, 300]], dtype=np.uint16)
    PILImage.fromarray(ids).save(media_file(tmp_path))
    made_of = masks.sources(mask((0, 300, 65535)), RULE)
    assert made_of.own == "media/masks/a/m.png"
    assert made_of.drawn.startswith("viewer/masks/")
    copy = PILImage.open(io.BytesIO(mask_files.encode_copy(SafeFolder(tmp_path), made_of)))
    assert copy.mode == "L"
    np.testing.assert_array_equal(np.asarray(copy), [[0, 1], [2, 1]])
    assert made_of.filter is not None
    assert made_of.filter.ids == (0, 300, 65535)


@pytest.mark.parametrize(
    "ids", [(0, 3, 255), (0, 300, 65535), tuple(range(7, 407))], ids=["8-bit", "dense", "packed"]
)
def test_a_script_is_told_the_class_of_each_pixel(
    mask: Callable[..., runlog.MaskLayerRecord], tmp_path: Path, ids: tuple[int, ...]
) -> None:
    logged = np.array(ids)[np.arange(400).reshape(20, 20) % len(ids)]
    made_of = masks.sources(mask(ids), RULE)
    for path in (made_of.own, made_of.drawn):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    PILImage.fromarray(logged.astype(np.uint16 if ids[-1] > 255 else np.uint8)).save(tmp_path / made_of.own)
    if made_of.drawn != made_of.own:
        (tmp_path / made_of.drawn).write_bytes(mask_files.encode_copy(SafeFolder(tmp_path), made_of))
    value = mask_files.pixel_ids(SafeFolder(tmp_path), SafeFolder(tmp_path), made_of)
    head, _, data = value["png"].partition(",")
    assert head == "data:image/png;base64"
    pixels = np.asarray(PILImage.open(io.BytesIO(base64.b64decode(data)))).astype(int)
    read = pixels[..., 0] + 256 * pixels[..., 1] if value["packed"] else pixels
    np.testing.assert_array_equal(read if value["ids"] is None else np.array(value["ids"])[read], logged)


def test_the_script_of_an_8_bit_mask_holds_the_bytes_of_its_file(
    mask: Callable[..., runlog.MaskLayerRecord], tmp_path: Path
) -> None:
    made_of = masks.sources(mask((0, 1)), RULE)
    (tmp_path / made_of.own).parent.mkdir(parents=True)
    (tmp_path / made_of.own).write_bytes(b"whatever is in it")
    data = mask_files.pixel_ids(SafeFolder(tmp_path), SafeFolder(tmp_path), made_of)["png"].partition(",")[2]
    assert base64.b64decode(data) == b"whatever is in it"


def test_a_damaged_16_bit_mask_is_refused_by_its_name(
    mask: Callable[..., runlog.MaskLayerRecord], tmp_path: Path
) -> None:
    media_file(tmp_path).write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"m\.png must be a readable mask"):
        mask_files.encode_copy(SafeFolder(tmp_path), masks.sources(mask((0, 300)), RULE))


@pytest.mark.parametrize("zero_has_label", [False, True])
def test_past_256_distinct_ids_the_copy_is_coloured(
    mask: Callable[..., runlog.MaskLayerRecord], tmp_path: Path, zero_has_label: bool
) -> None:
    ids = np.arange(400, dtype=np.uint16).reshape(20, 20)
    PILImage.fromarray(ids).save(media_file(tmp_path))
    made_of = masks.sources(mask(tuple(range(400)), {0: "zero"} if zero_has_label else {}), RULE)
    assert made_of.filter is None
    copy = np.asarray(PILImage.open(io.BytesIO(mask_files.encode_copy(SafeFolder(tmp_path), made_of))))
    assert copy.shape == (20, 20, 4)
    assert tuple(copy[17, 3, :3]) == palette.channels(palette.colour(343))
    assert (copy[0, 0, 3], copy[0, 1, 3]) == (255 * zero_has_label, 255)
