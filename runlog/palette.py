"""How a class is shown, the same everywhere: its colour, its name, and whether a mask draws it at first.

Its colour is ``COLOURS[id mod N]``. The first seven are Okabe and Ito's. Any two of all differ by a CIEDE2000
of 12 and more, where 10 is told apart at a glance, and the first eight do so for the red-blind and the
green-blind too. The rest were chosen one by one, each as far as possible from all before it, so that the
first 20 lie further apart than all 40.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

COLOURS = (
    "#0072b2",
    "#e69f00",
    "#56b4e9",
    "#009e73",
    "#d55e00",
    "#cc79a7",
    "#f0e442",
    "#78f0e1",
    "#a53c2d",
    "#9678ff",
    "#c3d287",
    "#8700ff",
    "#5a5a00",
    "#f0e1ff",
    "#694b69",
    "#ffa596",
    "#006969",
    "#968769",
    "#00ff00",
    "#699600",
    "#ffe1c3",
    "#00692d",
    "#b4005a",
    "#ff3c4b",
    "#9696b4",
    "#874b00",
    "#f000ff",
    "#e1a5ff",
    "#0096a5",
    "#b47869",
    "#5a5aa5",
    "#c3e1ff",
    "#5ad287",
    "#a54ba5",
    "#87b4a5",
    "#ffb4d2",
    "#a57800",
    "#69785a",
    "#b4a500",
    "#785a4b",
)
NO_CLASS = "#ff2d95"
NO_CLASS_LABEL = "no class"
BLACK, WHITE = "#000000", "#ffffff"
MOST_CLASSES = 256
"""More ids without a label than these, in the masks of one layer, are no classes but instances."""
_BACKGROUND, _IGNORED = 0, 255
_IGNORED_NAMES = frozenset({"void", "ignore", "unlabelled", "unlabeled"})
_UNDRAWN_NAMES = _IGNORED_NAMES | {"background"}


@dataclass(frozen=True, slots=True)
class MaskRule:
    """What is drawn of the masks of one key, as it follows from all of them that were logged at a step.

    Attributes
    ----------
    has_classes
        Whether any of them has ids, or labels of ids, besides 0 and 255. Then 255 is what is ignored; else it
        is what was found.
    instances
        The layers whose ids are not classes but instances: more than `MOST_CLASSES` without a label.
    """

    has_classes: bool = False
    instances: frozenset[str] = frozenset()

    def is_off_at_first(self, layer: str, class_id: int, labels: Mapping[int, str]) -> bool:
        """Return whether a mask draws a class only when asked to: one that means nothing in particular."""
        if class_id in labels:
            return labels[class_id].strip().casefold() in _UNDRAWN_NAMES
        return self.is_ignored(layer, class_id, labels) or is_background(class_id, labels)

    def is_ignored(self, layer: str, class_id: int, labels: Mapping[int, str]) -> bool:
        """Return whether a class says that nobody knows what is there; background says that nothing is."""
        if class_id in labels:
            return labels[class_id].strip().casefold() in _IGNORED_NAMES
        return class_id == _IGNORED and self.has_classes and layer not in self.instances

    def off_at_first(self, layer: str, labels: Mapping[int, str]) -> tuple[int, ...]:
        """Return all ids that are off at first in a mask with these labels, whether or not it has them."""
        candidates = sorted({_BACKGROUND, _IGNORED, *labels})
        return tuple([class_id for class_id in candidates if self.is_off_at_first(layer, class_id, labels)])


def mask_rule(masks: Iterable[tuple[str, Sequence[int], Mapping[int, str]]]) -> MaskRule:
    """Return what is drawn of the masks of a key: the layer, the distinct ids and the labels of each."""
    has_classes, unnamed = False, dict[str, set[int]]()
    for layer, ids, labels in masks:
        has_classes = has_classes or any(i not in (_BACKGROUND, _IGNORED) for i in (*ids, *labels))
        unnamed.setdefault(layer, set()).update(i for i in ids if i not in labels)
    instances = (layer for layer, unlabelled in unnamed.items() if len(unlabelled) > MOST_CLASSES)
    return MaskRule(has_classes, frozenset(instances))


def colour(class_id: int | None, chosen: Mapping[int, str] = MappingProxyType({})) -> str:
    """Return the colour of a class, as ``#rrggbb``: that which a script chose, else its own of all."""
    if class_id is None:
        return NO_CLASS
    return chosen.get(class_id) or COLOURS[class_id % len(COLOURS)]


def class_label(class_id: int | None, labels: Mapping[int, str]) -> str:
    """Return the name of a class: its label, or ``class_<id>``; ``no class`` where there is none."""
    if class_id is None:
        return NO_CLASS_LABEL
    label = labels.get(class_id)
    return f"class_{class_id}" if label is None else label


def is_background(class_id: int, labels: Mapping[int, str]) -> bool:
    """Return whether an id of a mask is no class at all: 0 without a label."""
    return class_id == _BACKGROUND and _BACKGROUND not in labels


def channels(colour: str) -> tuple[int, int, int]:
    """Return the red, green and blue of ``#rrggbb``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@cache
def ink(background: str) -> str:
    """Return black or white, whichever reads better on a colour."""
    return max((BLACK, WHITE), key=lambda candidate: contrast(candidate, background))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
