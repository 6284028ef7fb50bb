"""Masks: a class id for each pixel, checked once, at construction, and frozen from then on."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar, TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from runlog.basics.frozen import frozen_array
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.checks import (
    MAX_CLASS_ID,
    ClassLabels,
    check_class_colors,
    check_class_labels,
    check_fields,
    check_layer_name,
)
from runlog.images.picture_file import MAX_PIXELS, check_size, read_picture
from runlog.images.pixels import AnyArray, to_numpy

LabelArray = NDArray[np.uint8] | NDArray[np.uint16]
_PART = 1 << 20


class MaskDict(TypedDict, total=False):
    """A mask as ``Image(masks={name: …})`` takes it: class ids, or the path of a picture of them."""

    mask_data: Any
    path: str | os.PathLike[str] | BinaryIO
    class_labels: Mapping[int, str] | None
    class_colors: Mapping[int, str] | None


@dataclass(frozen=True, init=False, repr=False, eq=False, slots=True)
class ImageMask:
    """One mask layer on an image: a class id for each pixel.

    Parameters
    ----------
    val
        ``{"mask_data": 2-D class ids, "class_labels": {id: name}}`` (integers, or floats that are whole; an
        axis of 1, first or last, is dropped), or ``"path"`` of a grey or palette image
        instead of ``"mask_data"`` (a palette image is read as indices). Class ids are 0 to 65535; booleans
        count as 0 and 1. The pixels are copied.
    key
        Name of the layer. In ``Image(masks={name: …})`` the name given there counts.

    Attributes
    ----------
    MAX_PIXELS
        Most pixels in all: 500 million. May be set.
    mask_data
        Read-only array of shape (height, width), uint8 where every id fits, else uint16.
    class_ids
        The distinct class ids in the mask, ascending.

    Raises
    ------
    InvalidTypeError, InvalidValueError, StorageError
        If the mask is not 2-D class ids in 0 … 65535, too large, or its file cannot be read or is a JPEG.
    """

    MAX_PIXELS: ClassVar[int] = MAX_PIXELS

    key: str
    mask_data: LabelArray
    class_ids: tuple[int, ...]
    class_labels: ClassLabels
    class_colors: Mapping[int, str]

    def __init__(self, val: MaskDict, key: str) -> None:
        key = check_layer_name(key, "masks")
        layer = f"masks[{shown(key)}]"
        source = "path" if isinstance(val, Mapping) and "path" in val else "mask_data"
        given = check_fields(val, layer, source, {source, "class_labels", "class_colors"})[source]
        where = f"{layer}[{source!r}]"
        data = _mask_file(given, where, self.MAX_PIXELS) if source == "path" else given
        ids = _label_array(data, where, self.MAX_PIXELS)
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "mask_data", ids)
        object.__setattr__(self, "class_ids", _distinct(ids))
        object.__setattr__(self, "class_labels", check_class_labels(val.get("class_labels"), layer))
        object.__setattr__(self, "class_colors", check_class_colors(val.get("class_colors"), layer))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ImageMask)
            and (self.key, self.class_labels, self.class_colors)
            == (other.key, other.class_labels, other.class_colors)
            and np.array_equal(self.mask_data, other.mask_data)
        )

    def __hash__(self) -> int:
        return hash((self.key, self.mask_data.shape, self.class_ids))

    def __repr__(self) -> str:
        height, width = self.mask_data.shape
        return f"ImageMask({shown(self.key)}, {width}×{height}, class ids {shown(self.class_ids)})"

    def __reduce__(self) -> tuple[Callable[..., ImageMask], tuple[object, ...]]:
        return _same_mask, (self.key, self.mask_data, self.class_ids, self.class_labels, self.class_colors)


def _same_mask(
    key: str,
    mask_data: LabelArray,
    class_ids: tuple[int, ...],
    labels: ClassLabels,
    colors: Mapping[int, str],
) -> ImageMask:
    """Make a mask of content that was checked before: to rename, copy and unpickle."""
    mask = object.__new__(ImageMask)
    object.__setattr__(mask, "key", key)
    object.__setattr__(mask, "mask_data", frozen_array(mask_data))
    object.__setattr__(mask, "class_ids", class_ids)
    object.__setattr__(mask, "class_labels", labels)
    object.__setattr__(mask, "class_colors", colors)
    return mask


def _label_array(value: object, where: str, max_pixels: int) -> LabelArray:
    """Return a read-only copy of a mask in as few bits as its class ids need."""
    ids = to_numpy(value, where)
    if ids.ndim == 3 and 1 in (ids.shape[0], ids.shape[-1]):
        ids = ids[0] if ids.shape[0] == 1 else ids[..., 0]
    if ids.ndim != 2 or ids.size == 0:
        raise InvalidTypeError(
            f"{where} must be a 2-D array of integers with at least one pixel, but got shape {ids.shape} of "
            f"{ids.dtype}{_axis_hint(ids)}"
        )
    ids = _whole(ids, where)
    check_size((ids.shape[1], ids.shape[0]), where, max_pixels, "ImageMask.MAX_PIXELS")
    if ids.dtype == np.uint8:
        return frozen_array(np.array(ids, order="C"))
    low, high = int(ids.min()), int(ids.max())
    if low < 0 or high > MAX_CLASS_ID:
        ignored = "; to ignore pixels, set them to 255" if low == -1 else ""
        raise InvalidValueError(
            f"{where} must hold class ids from 0 to {MAX_CLASS_ID}, but got {low} to {high}{ignored}"
        )
    if high <= np.iinfo(np.uint8).max:
        return frozen_array(np.array(ids, dtype=np.uint8, order="C"))
    return frozen_array(np.array(ids, dtype=np.uint16, order="C"))


def _whole(ids: AnyArray, where: str) -> AnyArray:
    """Return class ids as integers; floats count where they are whole, as loaders and losses leave them."""
    if ids.dtype.kind in "bui":
        return ids
    if ids.dtype.kind != "f" and not np.can_cast(ids.dtype, np.float64):
        raise InvalidTypeError(
            f"{where} must be a 2-D array of integers, but got shape {ids.shape} of {ids.dtype}"
        )
    numbers = ids.astype(np.float64)
    # NaN and the infinities are no whole numbers either.
    is_whole = np.isfinite(numbers) & (numbers == np.trunc(numbers))
    if not is_whole.all():
        wrong = numbers[~is_whole][0]
        raise InvalidValueError(
            f"{where} must hold whole class ids, but got {wrong:g} in {ids.dtype}; of scores by class, pass "
            "scores.argmax(axis), of one score a pixel (scores > 0.5).astype(int)"
        )
    return numbers.clip(-(2.0**62), 2.0**62).astype(np.int64)


def _axis_hint(ids: AnyArray) -> str:
    """Tell an array with an axis of classes or of instances, which is no mask yet."""
    if ids.ndim != 3:
        return ""
    axis = 0 if ids.shape[0] < ids.shape[-1] else -1
    return f"; of one-hot masks or scores by class, pass mask.argmax({axis})"


def _mask_file(value: object, where: str, max_pixels: int) -> AnyArray:
    """Return the pixels of a mask file: grey values, or the indices of a palette image."""
    file = read_picture(value, where, max_pixels)
    if file.format in ("JPEG", "MPO"):
        raise InvalidValueError(
            f"{where} must be a lossless picture of class ids, but {shown(value)} is a JPEG, which changes "
            "them; save masks as PNG"
        )
    if file.image.mode not in ("1", "L", "P", "I;16", "I;16B", "I"):
        raise InvalidValueError(
            f"{where} must be a grey or palette image whose pixels are class ids, "
            f"but got mode {file.image.mode} in {shown(value)}"
        )
    return np.asarray(file.upright())


def _distinct(ids: LabelArray) -> tuple[int, ...]:
    if ids.dtype == np.uint8:
        # Of the ways to count bytes by far the fastest.
        counts = PILImage.fromarray(ids).histogram()
        return tuple(class_id for class_id, count in enumerate(counts) if count)
    seen = np.zeros(MAX_CLASS_ID + 1, np.bool_)
    flat = ids.reshape(-1)
    # In parts: numpy widens an index to 64 bits.
    for start in range(0, flat.size, _PART):
        seen[flat[start : start + _PART]] = True
    return tuple(np.flatnonzero(seen).tolist())


def stretched(class_ids: LabelArray, height: int, width: int) -> LabelArray:
    """Return a mask in another size: each pixel has the class id that lies under its middle."""
    rows, columns = (
        (2 * np.arange(new) + 1) * old // (2 * new)
        for new, old in zip((height, width), class_ids.shape, strict=True)
    )
    return class_ids[np.ix_(rows, columns)]
