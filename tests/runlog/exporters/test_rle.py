"""COCO's run-length encoding: byte for byte what pycocotools makes, for any mask."""

import numpy as np
import pycocotools.mask
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from runlog.exporters.rle import regions

# pycocotools 2.0.11 with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")

SHAPES = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40)
# Few ids make long runs, many make short ones.
MASKS = SHAPES.flatmap(
    lambda shape: st.sampled_from([1, 3, 255]).flatmap(
        lambda highest: arrays(np.uint8, shape, elements=st.integers(0, highest))
    )
)


def theirs(mask: np.ndarray) -> dict[str, object]:
    return pycocotools.mask.encode(np.asfortranarray(mask.astype(np.uint8)))


@given(MASKS)
def test_each_class_id_has_the_encoding_area_and_box_that_pycocotools_gives_it(mask: np.ndarray) -> None:
    found = list(regions(mask))
    assert [region.class_id for region in found] == sorted(set(mask.reshape(-1).tolist()))
    for region in found:
        expected = theirs(mask == region.class_id)
        assert region.counts.encode() == expected["counts"]
        assert region.area == pycocotools.mask.area(expected)
        assert list(region.box) == pycocotools.mask.toBbox(expected).tolist()


@given(MASKS)
def test_pycocotools_decodes_the_pixels_that_went_in(mask: np.ndarray) -> None:
    decoded = np.zeros_like(mask)
    for region in regions(mask):
        pixels = pycocotools.mask.decode({"size": list(mask.shape), "counts": region.counts})
        decoded += pixels * region.class_id
    assert np.array_equal(decoded, mask)


@pytest.mark.parametrize("shape", [(1, 1), (1, 70_000), (70_000, 1), (2000, 2000)])
def test_runs_that_need_many_groups_are_right_too(shape: tuple[int, int]) -> None:
    mask = np.zeros(shape, np.uint16)
    mask[shape[0] // 3 :, shape[1] // 3 :] = 60_000
    for region in regions(mask):
        assert region.counts.encode() == theirs(mask == region.class_id)["counts"]
