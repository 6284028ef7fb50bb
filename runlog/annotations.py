"""Boxes, masks and classes: checked once, at construction, and frozen from then on.

The forms are those of the `Image` reference: plain dicts or the classes here, mixed at will. A malformed
structure is refused (naming layer, index, field and the value got); a bad number out of a diverging model
(NaN, infinite, inverted or empty box) is kept, not drawn, and counted.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.files import open_picture
from runlog.frozen import FrozenDict
from runlog.pixels import to_numpy

BoxForm = Literal["min_max", "middle"]
BoxDomain = Literal["fraction", "pixel"]
ClassLabels = Mapping[int, str]
LabelArray = NDArray[np.uint8] | NDArray[np.uint16]

MAX_CLASS_ID = 65535
_MIN_MAX = ("minX", "maxX", "minY", "maxY")


@dataclass(frozen=True, slots=True)
class Box:
    """One box, with the four numbers as they were given.

    Attributes
    ----------
    form
        ``min_max``: `numbers` are minX, maxX, minY, maxY; ``middle``: middle x, middle y, width, height.
    domain
        ``fraction`` of the image, or ``pixel``.
    numbers
        Four floats; they may be NaN or infinite.
    scores
        Score name to number.
    """

    form: BoxForm
    domain: BoxDomain
    numbers: tuple[float, float, float, float]
    class_id: int | None = None
    caption: str | None = None
    scores: Mapping[str, float] = field(default_factory=FrozenDict)

    def pixel_corners(self, width: int, height: int) -> tuple[float, float, float, float] | None:
        """Return (left, top, right, bottom) in pixels of a width × height image.

        Returns
        -------
        tuple of float or None
            None for a box that cannot be drawn: a corner that is NaN or infinite, or right ≤ left, or
            bottom ≤ top.
        """
        a, b, c, d = self.numbers
        if self.form == "min_max":
            left, right, top, bottom = a, b, c, d
        else:
            left, right, top, bottom = a - c / 2, a + c / 2, b - d / 2, b + d / 2
        if self.domain == "fraction":
            left, right, top, bottom = left * width, right * width, top * height, bottom * height
        if not all(map(math.isfinite, (left, right, top, bottom))) or right <= left or bottom <= top:
            return None
        return left, top, right, bottom


@dataclass(frozen=True, init=False, slots=True)
class Classes:
    """The names of class ids, shared by every layer of an image that brings no labels of its own.

    Parameters
    ----------
    class_set
        One ``{"id": int, "name": str}`` per class.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If an entry is not such a dict, or an id stands twice.
    """

    class_labels: ClassLabels

    def __init__(self, class_set: Iterable[Mapping[str, Any]]) -> None:
        labels: dict[int, str] = {}
        for index, entry in enumerate(_listed(class_set, "classes", "{'id': int, 'name': str}")):
            where = f"classes[{index}]"
            if not isinstance(entry, Mapping) or not {"id", "name"} <= set(entry):
                raise InvalidTypeError(f"{where} must be a dict with 'id' and 'name', but got {shown(entry)}")
            class_id = _class_id(entry["id"], f"{where}['id']")
            if class_id in labels:
                raise InvalidValueError(f"{where}['id'] must be unique, but {class_id} came before")
            labels[class_id] = _string(entry["name"], f"{where}['name']")
        object.__setattr__(self, "class_labels", FrozenDict(labels))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return ({"id": class_id, "name": name} for class_id, name in self.class_labels.items())


@dataclass(frozen=True, init=False, slots=True)
class BoundingBoxes2D:
    """One layer of boxes on an image.

    Parameters
    ----------
    val
        ``{"box_data": [box, …], "class_labels": {id: name}}``. A box is ``{"position": …, "domain":
        None | "pixel", "class_id": int, "box_caption": str, "scores": {name: number}}``; its position is
        ``{"minX", "maxX", "minY", "maxY"}`` or ``{"middle": [x, y], "width", "height"}``. Domain None means
        fractions of the image. All but the position is optional.
    key
        Name of the layer. In ``Image(boxes={name: …})`` the name given there counts.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the structure is malformed; the message names layer, index, field and the value got.
    """

    key: str
    boxes: tuple[Box, ...]
    class_labels: ClassLabels

    def __init__(self, val: Mapping[str, Any], key: str) -> None:
        layer = f"boxes[{shown(_layer_name(key, 'boxes'))}]"
        _fields(val, layer, required={"box_data"}, optional={"class_labels"})
        data = _listed(val["box_data"], f"{layer}['box_data']", "box dicts")
        object.__setattr__(self, "key", key)
        object.__setattr__(
            self, "boxes", tuple(_box(b, f"{layer}['box_data'][{i}]") for i, b in enumerate(data))
        )
        object.__setattr__(self, "class_labels", _class_labels(val.get("class_labels"), layer))


@dataclass(frozen=True, init=False, eq=False, slots=True)
class ImageMask:
    """One mask layer on an image: a class id for each pixel.

    Parameters
    ----------
    val
        ``{"mask_data": 2-D integers, "class_labels": {id: name}}``, or ``"path"`` of a grey or palette image
        instead of ``"mask_data"`` (a palette image is read as indices). Class ids are 0 to 65535; booleans
        count as 0 and 1. The pixels are copied.
    key
        Name of the layer. In ``Image(masks={name: …})`` the name given there counts.

    Attributes
    ----------
    mask_data
        Read-only array of shape (height, width), uint8 where every id fits, else uint16.
    class_ids
        The distinct class ids in the mask, ascending.

    Raises
    ------
    InvalidTypeError, InvalidValueError, StorageError
        If the mask is not 2-D integers in 0 … 65535, or its file cannot be read.
    """

    key: str
    mask_data: LabelArray
    class_ids: tuple[int, ...]
    class_labels: ClassLabels

    def __init__(self, val: Mapping[str, Any], key: str) -> None:
        layer = f"masks[{shown(_layer_name(key, 'masks'))}]"
        source = "path" if isinstance(val, Mapping) and "path" in val else "mask_data"
        _fields(val, layer, required={source}, optional={"class_labels"})
        read = _mask_from_file if source == "path" else _mask_from_data
        ids = read(val[source], f"{layer}[{source!r}]")
        ids.flags.writeable = False
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "mask_data", ids)
        object.__setattr__(self, "class_ids", tuple(np.flatnonzero(np.bincount(ids.ravel())).tolist()))
        object.__setattr__(self, "class_labels", _class_labels(val.get("class_labels"), layer))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ImageMask)
            and (self.key, self.class_labels) == (other.key, other.class_labels)
            and np.array_equal(self.mask_data, other.mask_data)
        )

    def __hash__(self) -> int:
        return hash((self.key, self.mask_data.shape, self.class_ids))

    def __repr__(self) -> str:
        height, width = self.mask_data.shape
        return f"ImageMask({self.key!r}, {width}×{height}, class ids {shown(self.class_ids)})"


def box_layers(value: object) -> FrozenDict[str, BoundingBoxes2D]:
    """Check an ``Image(boxes=…)`` argument: a dict of layers, each a dict or a `BoundingBoxes2D`."""
    layers = _layers(value, "boxes")
    return FrozenDict(
        {k: v if isinstance(v, BoundingBoxes2D) else BoundingBoxes2D(v, k) for k, v in layers.items()}
    )


def mask_layers(value: object) -> FrozenDict[str, ImageMask]:
    """Check an ``Image(masks=…)`` argument: a dict of layers, each a dict or an `ImageMask`."""
    layers = _layers(value, "masks")
    return FrozenDict({k: v if isinstance(v, ImageMask) else ImageMask(v, k) for k, v in layers.items()})


def caption_text(value: object, where: str) -> str | None:
    """Check a caption: a string or None; a number becomes its text, since labels are often numbers."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float, np.number, np.bool_)):
        return str(value)
    raise InvalidTypeError(f"{where} must be a string or None, but got {shown(value)}")


def _layers(value: object, argument: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidTypeError(f"{argument} must be a dict of layer name to layer, but got {shown(value)}")
    for name in value:
        _layer_name(name, argument)
    return value


def _layer_name(name: object, argument: str) -> str:
    text = _string(name, f"a layer name of {argument}")
    if not text or "\0" in text:
        raise InvalidValueError(
            f"a layer name of {argument} must be a non-empty string without NUL, but got {shown(text)}"
        )
    return text


def _box(entry: object, where: str) -> Box:
    box = _fields(
        entry, where, required={"position"}, optional={"domain", "class_id", "box_caption", "scores"}
    )
    form, numbers = _position(box["position"], f"{where}['position']")
    domain = box.get("domain")
    if domain not in (None, "pixel"):
        raise InvalidValueError(f"{where}['domain'] must be None or 'pixel', but got {shown(domain)}")
    class_id = box.get("class_id")
    return Box(
        form=form,
        domain="pixel" if domain == "pixel" else "fraction",
        numbers=numbers,
        class_id=None if class_id is None else _class_id(class_id, f"{where}['class_id']"),
        caption=caption_text(box.get("box_caption"), f"{where}['box_caption']"),
        scores=_scores(box.get("scores"), f"{where}['scores']"),
    )


def _position(value: object, where: str) -> tuple[BoxForm, tuple[float, float, float, float]]:
    if isinstance(value, Mapping) and set(value) == set(_MIN_MAX):
        a, b, c, d = (_number(value[name], f"{where}[{name!r}]") for name in _MIN_MAX)
        return "min_max", (a, b, c, d)
    if not isinstance(value, Mapping) or set(value) != {"middle", "width", "height"}:
        raise InvalidTypeError(
            f"{where} must be a dict with minX, maxX, minY and maxY, or with middle, width and height, "
            f"but got {shown(value)}"
        )
    middle = value["middle"]
    middle = middle.tolist() if hasattr(middle, "tolist") else middle
    if not isinstance(middle, (list, tuple)) or len(middle) != 2:
        raise InvalidTypeError(f"{where}['middle'] must be two numbers, but got {shown(value['middle'])}")
    x, y = (_number(number, f"{where}['middle'][{i}]") for i, number in enumerate(middle))
    width, height = (_number(value[name], f"{where}[{name!r}]") for name in ("width", "height"))
    return "middle", (x, y, width, height)


def _scores(value: object, where: str) -> FrozenDict[str, float]:
    if value is None:
        return FrozenDict()
    if not isinstance(value, Mapping):
        raise InvalidTypeError(f"{where} must be a dict of name to number, but got {shown(value)}")
    return FrozenDict(
        {
            _string(name, f"a name in {where}"): _number(number, f"{where}[{name!r}]")
            for name, number in value.items()
        }
    )


def _class_labels(value: object, layer: str) -> FrozenDict[int, str]:
    where = f"{layer}['class_labels']"
    if value is None:
        return FrozenDict()
    if not isinstance(value, Mapping):
        raise InvalidTypeError(f"{where} must be a dict of class id to name, but got {shown(value)}")
    return FrozenDict(
        {
            _class_id(class_id, f"a class id in {where}"): _string(name, f"{where}[{class_id!r}]")
            for class_id, name in value.items()
        }
    )


def _mask_from_data(value: object, where: str) -> LabelArray:
    ids = to_numpy(value, where)
    if ids.ndim != 2 or ids.dtype.kind not in "bui" or ids.size == 0:
        raise InvalidTypeError(
            f"{where} must be a 2-D array of integers with at least one pixel, "
            f"but got shape {ids.shape} of {ids.dtype}"
        )
    low, high = int(ids.min()), int(ids.max())
    if low < 0 or high > MAX_CLASS_ID:
        raise InvalidValueError(
            f"{where} must hold class ids from 0 to {MAX_CLASS_ID}, but got {low} to {high}"
        )
    if high <= np.iinfo(np.uint8).max:
        return np.array(ids, dtype=np.uint8, order="C")
    return np.array(ids, dtype=np.uint16, order="C")


def _mask_from_file(value: object, where: str) -> LabelArray:
    picture = open_picture(value, where)
    if picture.mode not in ("1", "L", "P", "I;16", "I"):
        raise InvalidValueError(
            f"{where} must be a grey or palette image whose pixels are class ids, "
            f"but got mode {picture.mode} in {shown(value)}"
        )
    return _mask_from_data(np.asarray(picture), where)


def _fields(value: object, where: str, *, required: set[str], optional: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidTypeError(f"{where} must be a dict, but got {shown(value)}")
    if missing := sorted(required - set(value)):
        raise InvalidValueError(f"{where} must have {missing[0]!r}, but has only {shown(list(value))}")
    if unknown := set(value) - required - optional:
        raise InvalidValueError(
            f"{where} must have no fields but {', '.join(sorted(required | optional))}, "
            f"but got {shown(sorted(map(str, unknown)))}"
        )
    return value


def _listed(value: object, where: str, what: str) -> Iterable[Any]:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise InvalidTypeError(f"{where} must be a list of {what}, but got {shown(value)}")
    return value


def _class_id(value: object, where: str) -> int:
    try:
        class_id = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise InvalidTypeError(f"{where} must be an integer, but got {shown(value)}") from None
    if not 0 <= class_id <= MAX_CLASS_ID:
        raise InvalidValueError(f"{where} must be from 0 to {MAX_CLASS_ID}, but got {class_id}")
    return class_id


def _number(value: object, where: str) -> float:
    item = getattr(value, "item", None)
    try:
        number = item() if callable(item) else value
    except (TypeError, ValueError, RuntimeError):
        number = None
    if not isinstance(number, (int, float)) and not hasattr(number, "__float__"):
        raise InvalidTypeError(f"{where} must be a number, but got {shown(value)}")
    try:
        return float(number)
    except (TypeError, ValueError, OverflowError):
        raise InvalidValueError(f"{where} must be a number, but got {shown(value)}") from None


def _string(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise InvalidTypeError(f"{where} must be a string, but got {shown(value)}")
    return value
