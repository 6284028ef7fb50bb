"""The layers of an image: what ``Image(boxes=…, masks=…)`` takes, plain dicts and classes mixed at will."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, TypeVar

from runlog.basics.frozen import FrozenDict
from runlog.errors import InvalidTypeError, shown
from runlog.images.boxes import BoundingBoxes2D
from runlog.images.checks import check_layer_name
from runlog.images.masks import ImageMask

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


def _layers(value: object, argument: str) -> list[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        raise InvalidTypeError(
            f"{argument} must be a dict of layer name to layer, but got {shown(value)}; "
            f"give the layer a name: {{'truth': …}}"
        )
    return [(check_layer_name(name, argument), layer) for name, layer in value.items()]
