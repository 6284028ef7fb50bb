"""Boxes: checked once, at construction, and frozen from then on.

The forms are those of the `Image` reference: plain dicts or the class here. A malformed structure is refused
(naming layer, index, field and the value got); a bad number out of a diverging model (NaN, infinite, inverted
or empty box) is kept, not drawn, and counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, Required, SupportsFloat, SupportsIndex, TypedDict

from runlog.basics.frozen import FrozenDict
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.checks import (
    ClassLabels,
    caption_text,
    check_class_colors,
    check_class_id,
    check_class_labels,
    check_fields,
    check_layer_name,
    check_list,
    check_number,
    check_string,
    python_number,
)
from runlog.images.pixels import AnyArray

BoxForm = Literal["min_max", "middle"]
BoxDomain = Literal["fraction", "pixel"]
Verdict = Literal["true_positive", "false_positive", "missed", "ignored", "below"]
"""What is said of a box that was judged; see `runlog.evaluation.verdicts`."""
_MIN_MAX = ("minX", "maxX", "minY", "maxY")
_POSITION_FIX = "; of x1, y1, x2, y2 in pixels, runlog.boxes_from(corners) makes a layer"
_POSITION_NAMES: Mapping[BoxForm, tuple[str, ...]] = {
    "min_max": _MIN_MAX,
    "middle": ("middle x", "middle y", "width", "height"),
}
BOX_FIELDS = ("position", "domain", "class_id", "box_caption", "scores", "iscrowd", "ignore")
_FIELD_SET = frozenset(BOX_FIELDS)


class MinMaxPosition(TypedDict):
    """Where a box is, by its edges; all four are fractions of the image, or pixels."""

    minX: SupportsFloat
    maxX: SupportsFloat
    minY: SupportsFloat
    maxY: SupportsFloat


class MiddlePosition(TypedDict):
    """Where a box is, by its middle (x, y) and size; fractions of the image, or pixels."""

    middle: Sequence[SupportsFloat] | AnyArray
    width: SupportsFloat
    height: SupportsFloat


class BoxDict(TypedDict, total=False):
    """One box as ``box_data`` takes it; all but the position is optional."""

    position: Required[MinMaxPosition | MiddlePosition]
    domain: Literal["pixel"] | None
    class_id: SupportsIndex | None
    box_caption: str | float | None
    scores: Mapping[str, SupportsFloat] | None
    iscrowd: bool | SupportsIndex
    ignore: bool | SupportsIndex


class BoxLayerDict(TypedDict, total=False):
    """A layer of boxes as ``Image(boxes={name: …})`` takes it."""

    box_data: Required[Iterable[BoxDict]]
    class_labels: Mapping[int, str] | None
    class_colors: Mapping[int, str] | None


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
    iscrowd
        Whether it is around many things of its class, as in COCO: any number of predictions may lie in it.
    ignore
        Whether it counts neither as found nor as missed.
    """

    form: BoxForm
    domain: BoxDomain
    numbers: tuple[float, float, float, float]
    class_id: int | None = None
    caption: str | None = None
    scores: Mapping[str, float] = field(default_factory=FrozenDict)
    iscrowd: bool = False
    ignore: bool = False

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

    def in_words(self) -> str:
        """Return the four numbers with their names, such as ``minX 1, maxX 2, minY 3, maxY 4``."""
        pairs = zip(_POSITION_NAMES[self.form], self.numbers, strict=True)
        return ", ".join(f"{name} {number:g}" for name, number in pairs)

    def __eq__(self, other: object) -> bool:
        return self._content() == other._content() if isinstance(other, Box) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.form, self.domain, self.class_id, self.caption))

    def _content(self) -> tuple[object, ...]:
        numbers = tuple(map(_comparable, self.numbers))
        scores = {name: _comparable(score) for name, score in self.scores.items()}
        marks = (self.iscrowd, self.ignore)
        return self.form, self.domain, numbers, self.class_id, self.caption, scores, marks


def _comparable(number: float) -> float | None:
    return None if math.isnan(number) else number


@dataclass(frozen=True, init=False, repr=False, slots=True)
class BoundingBoxes2D:
    """One layer of boxes on an image.

    Parameters
    ----------
    val
        ``{"box_data": [box, …], "class_labels": {id: name}, "class_colors": {id: "#rrggbb"}}``; all but the
        first is optional. A box is ``{"position": …, "domain":
        None | "pixel", "class_id": int, "box_caption": str, "scores": {name: number}, "iscrowd": bool,
        "ignore": bool}``; its position is
        ``{"minX", "maxX", "minY", "maxY"}`` or ``{"middle": [x, y], "width", "height"}``. Domain None means
        fractions of the image. All but the position is optional; other fields are ignored.
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
    class_colors: Mapping[int, str]
    ignored_fields: tuple[str, ...] = field(compare=False)

    def __init__(self, val: BoxLayerDict, key: str) -> None:
        key = check_layer_name(key, "boxes")
        layer = f"boxes[{shown(key)}]"
        check_fields(val, layer, "box_data", {"box_data", "class_labels", "class_colors"})
        data = check_list(val["box_data"], f"{layer}['box_data']", "box dicts")
        object.__setattr__(self, "key", key)
        object.__setattr__(
            self, "boxes", tuple(_box(b, f"{layer}['box_data'][{i}]") for i, b in enumerate(data))
        )
        object.__setattr__(self, "class_labels", check_class_labels(val.get("class_labels"), layer))
        object.__setattr__(self, "class_colors", check_class_colors(val.get("class_colors"), layer))
        object.__setattr__(self, "ignored_fields", _unknown_fields(data))

    def __repr__(self) -> str:
        return f"BoundingBoxes2D({shown(self.key)}, {len(self.boxes)} boxes)"


class BoxLayer(Protocol):
    """A layer of boxes, as it was logged or as it was read."""

    @property
    def boxes(self) -> Sequence[Box]: ...  # noqa: D102
    @property
    def class_labels(self) -> Mapping[int, str]: ...  # noqa: D102
    @property
    def class_colors(self) -> Mapping[int, str]: ...  # noqa: D102


def box_layer_dict(layer: BoxLayer) -> BoxLayerDict:
    """Return a layer of boxes in the form ``Image(boxes={name: …})`` takes."""
    made: BoxLayerDict = {"box_data": [_box_dict(box) for box in layer.boxes]}
    made["class_labels"] = dict(layer.class_labels)
    if layer.class_colors:
        made["class_colors"] = dict(layer.class_colors)
    return made


def _box_dict(box: Box) -> BoxDict:
    a, b, c, d = box.numbers
    if box.form == "min_max":
        position: MinMaxPosition | MiddlePosition = {"minX": a, "maxX": b, "minY": c, "maxY": d}
    else:
        position = {"middle": [a, b], "width": c, "height": d}
    entry: BoxDict = {"position": position}
    if box.domain == "pixel":
        entry["domain"] = "pixel"
    if box.class_id is not None:
        entry["class_id"] = box.class_id
    if box.caption is not None:
        entry["box_caption"] = box.caption
    if box.scores:
        entry["scores"] = dict(box.scores)
    if box.iscrowd:
        entry["iscrowd"] = True
    if box.ignore:
        entry["ignore"] = True
    return entry


def _box(entry: object, where: str) -> Box:
    box = check_fields(entry, where, "position")
    form, numbers = _position(box["position"], f"{where}['position']")
    domain = box.get("domain")
    if domain is not None and not (isinstance(domain, str) and domain == "pixel"):
        raise InvalidValueError(f"{where}['domain'] must be None or 'pixel', but got {shown(domain)}")
    class_id = box.get("class_id")
    return Box(
        form=form,
        domain="pixel" if domain == "pixel" else "fraction",
        numbers=numbers,
        class_id=None if class_id is None else check_class_id(class_id, f"{where}['class_id']"),
        caption=caption_text(box.get("box_caption"), f"{where}['box_caption']"),
        scores=_scores(box.get("scores"), f"{where}['scores']"),
        iscrowd=_mark(box, "iscrowd", where),
        ignore=_mark(box, "ignore", where),
    )


def _mark(box: Mapping[str, Any], name: str, where: str) -> bool:
    """Return what a box says of itself by True or False, or 1 or 0 as COCO has it; None is False."""
    if (value := box.get(name)) is None:
        return False
    mark = python_number(value)
    if not isinstance(mark, int) or mark not in (0, 1):
        raise InvalidValueError(f"{where}[{name!r}] must be True or False, but got {shown(value)}")
    return bool(mark)


def _unknown_fields(data: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    unknown = {str(name) for box in data if len(box) > 1 for name in box.keys() - _FIELD_SET}
    return tuple(sorted(unknown))


def _position(value: object, where: str) -> tuple[BoxForm, tuple[float, float, float, float]]:
    if isinstance(value, Mapping) and value.keys() == set(_MIN_MAX):
        a, b, c, d = [check_number(value[name], where, name) for name in _MIN_MAX]
        return "min_max", (a, b, c, d)
    if not isinstance(value, Mapping) or value.keys() != {"middle", "width", "height"}:
        raise InvalidTypeError(
            f"{where} must be a dict with minX, maxX, minY and maxY, or with middle, width and height, "
            f"but got {shown(value)}{_POSITION_FIX if _is_row(value) else ''}"
        )
    middle = value["middle"]
    if callable(getattr(middle, "tolist", None)):
        middle = middle.tolist()
    if not isinstance(middle, (list, tuple)) or len(middle) != 2:
        raise InvalidTypeError(f"{where}['middle'] must be two numbers, but got {shown(value['middle'])}")
    x, y = [check_number(number, f"{where}['middle']", i) for i, number in enumerate(middle)]
    return "middle", (
        x,
        y,
        check_number(value["width"], where, "width"),
        check_number(value["height"], where, "height"),
    )


def _is_row(value: object) -> bool:
    """Return whether a position is four numbers, as detectors give it."""
    return not isinstance(value, (str, Mapping)) and hasattr(value, "__len__") and len(value) == 4


def _scores(value: object, where: str) -> FrozenDict[str, float]:
    if value is None:
        return FrozenDict()
    if not isinstance(value, Mapping):
        fix = f"; give it a name: {{'score': {value}}}" if isinstance(value, (int, float)) else ""
        raise InvalidTypeError(f"{where} must be a dict of name to number, but got {shown(value)}{fix}")
    scores = {
        check_string(name, f"a name in {where}"): check_number(number, where, name)
        for name, number in value.items()
    }
    if len(scores) < len(value):
        raise InvalidValueError(f"{where} must have each name once, but got {shown(value)}")
    return FrozenDict(scores)
