"""The layers of an image: what ``Image(boxes=…, masks=…)`` takes, plain dicts and classes mixed at will."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from runlog.basics.frozen import FrozenDict
from runlog.errors import InvalidTypeError, shown
from runlog.images.checks import ClassLabels, check_layer_name


class Layer(Protocol):
    """A layer of any kind on an image: its name, and how its classes are called and coloured."""

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def class_labels(self) -> ClassLabels: ...  # noqa: D102
    @property
    def class_colors(self) -> Mapping[int, str]: ...  # noqa: D102


class _Made(Layer, Protocol):
    def __init__(self, val: Any, key: str) -> None: ...


L = TypeVar("L", bound=_Made)


def read_layers(value: object, argument: str, kind: type[L]) -> FrozenDict[str, L]:
    """Check an argument of `Image` that is a dict of layers, each one of its kind or what that takes."""
    if not isinstance(value, Mapping):
        raise InvalidTypeError(
            f"{argument} must be a dict of layer name to layer, but got {shown(value)}; "
            f"give the layer a name: {{'truth': …}}"
        )
    layers = [(check_layer_name(name, argument), layer) for name, layer in value.items()]
    return FrozenDict(
        {name: _named(one, name) if isinstance(one, kind) else kind(one, name) for name, one in layers}
    )


def _named(layer: L, key: str) -> L:
    """Return the layer under another name."""
    if layer.key == key:
        return layer
    renamed = copy.copy(layer)
    object.__setattr__(renamed, "key", key)
    return renamed
