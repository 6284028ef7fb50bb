"""Boxes, masks and classes: checked once, at construction, and frozen from then on.

The forms are those of the `Image` reference: plain dicts or the classes here, mixed at will. A malformed
structure is refused (naming layer, index, field and the value got); a bad number out of a diverging model
(NaN, infinite, inverted or empty box) is kept, not drawn, and counted.
"""

from __future__ import annotations

import copy
import math
import operator
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.files import MAX_PIXELS, check_size, read_picture
from runlog.frozen import FrozenDict, frozen_array
from runlog.jsontext import storable_text
from runlog.pixels import AnyArray, to_numpy

BoxForm = Literal["min_max", "middle"]
BoxDomain = Literal["fraction", "pixel"]
ClassLabels = Mapping[int, str]
LabelArray = NDArray[np.uint8] | NDArray[np.uint16]

MAX_CLASS_ID = 65535
_MIN_MAX = ("minX", "maxX", "minY", "maxY")
_BOX_FIELDS = frozenset({"position", "domain", "class_id", "box_caption", "scores"})
_PART = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """One box, with the four numbers as they were given.

    Equal to a box of the same content, where NaN is the same as NaN.

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
        if not (-math.inf < left < right < math.inf and -math.inf < top < bottom < math.inf):
            return None
        return left, top, right, bottom

    def __eq__(self, other: object) -> bool:
        return self._content() == other._content() if isinstance(other, Box) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.form, self.domain, self.class_id, self.caption))

    def _content(self) -> tuple[object, ...]:
        numbers = tuple(map(_comparable, self.numbers))
        scores = {name: _comparable(score) for name, score in self.scores.items()}
        return self.form, self.domain, numbers, self.class_id, self.caption, scores


def _comparable(number: float) -> float | None:
    return None if math.isnan(number) else number


@dataclass(frozen=True, init=False, repr=False, slots=True)
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

    def __repr__(self) -> str:
        return f"Classes({shown(dict(self.class_labels))})"


@dataclass(frozen=True, init=False, repr=False, slots=True)
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
        key = _layer_name(key, "boxes")
        layer = f"boxes[{shown(key)}]"
        _fields(val, layer, "box_data", {"box_data", "class_labels"})
        data = _listed(val["box_data"], f"{layer}['box_data']", "box dicts")
        object.__setattr__(self, "key", key)
        object.__setattr__(
            self, "boxes", tuple(_box(b, f"{layer}['box_data'][{i}]") for i, b in enumerate(data))
        )
        object.__setattr__(self, "class_labels", _class_labels(val.get("class_labels"), layer))

    def __repr__(self) -> str:
        return f"BoundingBoxes2D({shown(self.key)}, {len(self.boxes)} boxes)"


@dataclass(frozen=True, init=False, repr=False, eq=False, slots=True)
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
    MAX_PIXELS
        Most pixels in all: 500 million. May be set.
    mask_data
        Read-only array of shape (height, width), uint8 where every id fits, else uint16.
    class_ids
        The distinct class ids in the mask, ascending.

    Raises
    ------
    InvalidTypeError, InvalidValueError, StorageError
        If the mask is not 2-D integers in 0 … 65535, too large, or its file cannot be read.
    """

    MAX_PIXELS: ClassVar[int] = MAX_PIXELS

    key: str
    mask_data: LabelArray
    class_ids: tuple[int, ...]
    class_labels: ClassLabels

    def __init__(self, val: Mapping[str, Any], key: str) -> None:
        key = _layer_name(key, "masks")
        layer = f"masks[{shown(key)}]"
        source = "path" if isinstance(val, Mapping) and "path" in val else "mask_data"
        _fields(val, layer, source, {source, "class_labels"})
        where = f"{layer}[{source!r}]"
        data = _mask_file(val[source], where, self.MAX_PIXELS) if source == "path" else val[source]
        ids = _label_array(data, where, self.MAX_PIXELS)
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "mask_data", ids)
        object.__setattr__(self, "class_ids", _distinct(ids))
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
        return f"ImageMask({shown(self.key)}, {width}×{height}, class ids {shown(self.class_ids)})"

    def __reduce__(self) -> tuple[Callable[..., ImageMask], tuple[object, ...]]:
        return _same_mask, (self.key, self.mask_data, self.class_ids, self.class_labels)


def _same_mask(key: str, mask_data: LabelArray, class_ids: tuple[int, ...], labels: ClassLabels) -> ImageMask:
    """Make a mask of content that was checked before: to rename, copy and unpickle."""
    mask = object.__new__(ImageMask)
    object.__setattr__(mask, "key", key)
    object.__setattr__(mask, "mask_data", frozen_array(mask_data))
    object.__setattr__(mask, "class_ids", class_ids)
    object.__setattr__(mask, "class_labels", labels)
    return mask


L = TypeVar("L", BoundingBoxes2D, ImageMask)


def box_layers(value: object) -> FrozenDict[str, BoundingBoxes2D]:
    """Check an ``Image(boxes=…)`` argument: a dict of layers, each a dict or a `BoundingBoxes2D`."""
    layers = _layers(value, "boxes")
    return FrozenDict(
        {k: _named(v, k) if isinstance(v, BoundingBoxes2D) else BoundingBoxes2D(v, k) for k, v in layers}
    )


def mask_layers(value: object) -> FrozenDict[str, ImageMask]:
    """Check an ``Image(masks=…)`` argument: a dict of layers, each a dict or an `ImageMask`."""
    layers = _layers(value, "masks")
    return FrozenDict({k: _named(v, k) if isinstance(v, ImageMask) else ImageMask(v, k) for k, v in layers})


def _named(layer: L, key: str) -> L:
    """Return the layer under another name."""
    if layer.key == key:
        return layer
    renamed = copy.copy(layer)
    object.__setattr__(renamed, "key", key)
    return renamed


def box_layer_dict(boxes: Iterable[Box], class_labels: ClassLabels) -> dict[str, Any]:
    """Return a layer of boxes in the form ``Image(boxes={name: …})`` takes."""
    return {"box_data": [_box_dict(box) for box in boxes], "class_labels": dict(class_labels)}


def _box_dict(box: Box) -> dict[str, Any]:
    a, b, c, d = box.numbers
    if box.form == "min_max":
        position: dict[str, Any] = {"minX": a, "maxX": b, "minY": c, "maxY": d}
    else:
        position = {"middle": [a, b], "width": c, "height": d}
    entry: dict[str, Any] = {"position": position}
    if box.domain == "pixel":
        entry["domain"] = "pixel"
    if box.class_id is not None:
        entry["class_id"] = box.class_id
    if box.caption is not None:
        entry["box_caption"] = box.caption
    if box.scores:
        entry["scores"] = dict(box.scores)
    return entry


def caption_text(value: object, where: str) -> str | None:
    """Check a caption: a string or None; a number of any kind becomes its text, since labels often are."""
    if value is None:
        return None
    if isinstance(value, str):
        return _plain(value)
    number = _scalar(value)
    if not isinstance(number, (int, float)):
        raise InvalidTypeError(f"{where} must be a string or None, but got {shown(value)}")
    return str(number)


def _layers(value: object, argument: str) -> list[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        raise InvalidTypeError(f"{argument} must be a dict of layer name to layer, but got {shown(value)}")
    return [(_layer_name(name, argument), layer) for name, layer in value.items()]


def _layer_name(name: object, argument: str) -> str:
    text = _string(name, f"a layer name of {argument}")
    if not text or any(unicodedata.category(character) in ("Cc", "Cs") for character in str(name)):
        raise InvalidValueError(
            f"a layer name of {argument} must be a non-empty string without control characters and "
            f"surrogates, but got {shown(name)}"
        )
    return text


def _box(entry: object, where: str) -> Box:
    box = _fields(entry, where, "position", _BOX_FIELDS)
    form, numbers = _position(box["position"], f"{where}['position']")
    domain = box.get("domain")
    if domain is not None and not (isinstance(domain, str) and domain == "pixel"):
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
    if isinstance(value, Mapping) and value.keys() == set(_MIN_MAX):
        a, b, c, d = [_number(value[name], where, name) for name in _MIN_MAX]
        return "min_max", (a, b, c, d)
    if not isinstance(value, Mapping) or value.keys() != {"middle", "width", "height"}:
        raise InvalidTypeError(
            f"{where} must be a dict with minX, maxX, minY and maxY, or with middle, width and height, "
            f"but got {shown(value)}"
        )
    middle = value["middle"]
    if callable(getattr(middle, "tolist", None)):
        middle = middle.tolist()
    if not isinstance(middle, (list, tuple)) or len(middle) != 2:
        raise InvalidTypeError(f"{where}['middle'] must be two numbers, but got {shown(value['middle'])}")
    x, y = [_number(number, f"{where}['middle']", i) for i, number in enumerate(middle)]
    return "middle", (
        x,
        y,
        _number(value["width"], where, "width"),
        _number(value["height"], where, "height"),
    )


def _scores(value: object, where: str) -> FrozenDict[str, float]:
    if value is None:
        return FrozenDict()
    if not isinstance(value, Mapping):
        raise InvalidTypeError(f"{where} must be a dict of name to number, but got {shown(value)}")
    scores = {
        _string(name, f"a name in {where}"): _number(number, where, name) for name, number in value.items()
    }
    if len(scores) < len(value):
        raise InvalidValueError(f"{where} must have each name once, but got {shown(value)}")
    return FrozenDict(scores)


def _class_labels(value: object, layer: str) -> FrozenDict[int, str]:
    where = f"{layer}['class_labels']"
    if value is None:
        return FrozenDict()
    if not isinstance(value, Mapping):
        raise InvalidTypeError(f"{where} must be a dict of class id to name, but got {shown(value)}")
    labels = {
        _class_id(class_id, f"a class id in {where}"): _string(name, f"{where}[{class_id!r}]")
        for class_id, name in value.items()
    }
    if len(labels) < len(value):
        raise InvalidValueError(f"{where} must name each class id once, but got {shown(value)}")
    return FrozenDict(labels)


def _label_array(value: object, where: str, max_pixels: int) -> LabelArray:
    """Return a read-only copy of a mask in as few bits as its class ids need."""
    ids = to_numpy(value, where)
    if ids.ndim != 2 or ids.dtype.kind not in "bui" or ids.size == 0:
        raise InvalidTypeError(
            f"{where} must be a 2-D array of integers with at least one pixel, "
            f"but got shape {ids.shape} of {ids.dtype}"
        )
    check_size((ids.shape[1], ids.shape[0]), where, max_pixels, "ImageMask.MAX_PIXELS")
    if ids.dtype == np.uint8:
        return frozen_array(np.array(ids, order="C"))
    low, high = int(ids.min()), int(ids.max())
    if low < 0 or high > MAX_CLASS_ID:
        raise InvalidValueError(
            f"{where} must hold class ids from 0 to {MAX_CLASS_ID}, but got {low} to {high}"
        )
    if high <= np.iinfo(np.uint8).max:
        return frozen_array(np.array(ids, dtype=np.uint8, order="C"))
    return frozen_array(np.array(ids, dtype=np.uint16, order="C"))


def _mask_file(value: object, where: str, max_pixels: int) -> AnyArray:
    """Return the pixels of a mask file: grey values, or the indices of a palette image."""
    file = read_picture(value, where, max_pixels)
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


def _fields(value: object, where: str, required: str, allowed: Set[str]) -> Mapping[str, Any]:
    """Check that a dict has one field, and none but those allowed."""
    if not isinstance(value, Mapping):
        raise InvalidTypeError(f"{where} must be a dict, but got {shown(value)}")
    if required not in value:
        raise InvalidValueError(f"{where} must have {required!r}, but has only {shown(list(value))}")
    if not value.keys() <= allowed:
        unknown = sorted(str(name) for name in value if name not in allowed)
        raise InvalidValueError(
            f"{where} must have no fields but {', '.join(sorted(allowed))}, but got {shown(unknown)}"
        )
    return value


def _listed(value: object, where: str, what: str) -> list[Any]:
    try:
        if isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)):
            return list(value)
    except Exception:  # noqa: BLE001, S110 - foreign iterables raise what they like
        pass
    raise InvalidTypeError(f"{where} must be a list of {what}, but got {shown(value)}")


def _class_id(value: object, where: str) -> int:
    try:
        class_id = operator.index(value)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001 - foreign integers raise what they like
        raise InvalidTypeError(f"{where} must be an integer, but got {shown(value)}") from None
    if not 0 <= class_id <= MAX_CLASS_ID:
        raise InvalidValueError(f"{where} must be from 0 to {MAX_CLASS_ID}, but got {shown(class_id)}")
    return class_id


def _number(value: object, where: str, name: object) -> float:
    """Check a number; `where` is what it is in, under `name`."""
    if type(value) is float:
        return value
    number = _scalar(value)
    if not isinstance(number, (int, float)) and not hasattr(number, "__float__"):
        raise InvalidTypeError(f"{where}[{name!r}] must be a number, but got {shown(value)}")
    try:
        return float(number)
    except Exception:  # noqa: BLE001 - foreign numbers raise what they like
        raise InvalidValueError(f"{where}[{name!r}] must be a number, but got {shown(value)}") from None


def _scalar(value: object) -> object:
    """Return the Python number in a numpy, torch or JAX value of one element; anything else as it is."""
    if type(value) is int:
        return value
    item = getattr(value, "item", None)
    try:
        return item() if callable(item) else value
    except Exception:  # noqa: BLE001 - of more than one element, or without a value
        return None


def _string(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise InvalidTypeError(f"{where} must be a string, but got {shown(value)}")
    return _plain(value)


def _plain(text: str) -> str:
    """Return the text as it will be read back."""
    # A subclass (np.str_, an Enum) may print as something else.
    return storable_text(text if type(text) is str else str.__str__(text))
