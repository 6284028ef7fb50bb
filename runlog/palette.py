"""How a class is shown, the same everywhere: its colour, its name, and whether a mask draws it at all.

Its colour is ``COLOURS[id mod N]``. The first seven are Okabe and Ito's. Any two of all differ by a CIEDE2000
of 12 and more, where 10 is told apart at a glance, and the first eight do so for the red-blind and the
green-blind too. The rest were chosen one by one, each as far as possible from all before it, so that the
first 20 lie further apart than all 40.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def is_drawn(class_id: int, labels: Mapping[int, str]) -> bool:
    """Return whether a mask shows a class: class 0 without a label is background, and transparent."""
    return class_id != 0 or 0 in labels


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
