"""The scores of boxes: their names as pages have them, and the range of each over a run."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

import runlog
from runlog_viewer.pages import wording

Range = tuple[float, float]

_PREFIX = "data-score-"


def attributes(scores: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    """Return ``data-score-NAME`` attributes: names made safe for HTML and kept apart, exact values."""
    names = _attribute_names(tuple(scores))
    return tuple(zip(names, map(wording.exact_number, scores.values()), strict=True))


def widen(ranges: dict[str, Range], images: Iterable[runlog.ImageRecord]) -> None:
    """Widen ranges, by the NAME of the attribute, so that all finite scores of the boxes of images fit."""
    by_names: dict[tuple[str, ...], list[Iterable[float]]] = {}
    for image in images:
        for layer in image.boxes:
            for box in layer.boxes:
                if box.scores:
                    by_names.setdefault(tuple(box.scores), []).append(box.scores.values())
    for names, rows in by_names.items():
        for name, column in zip(_attribute_names(names), zip(*rows, strict=True), strict=True):
            finite = list(filter(math.isfinite, column))
            if finite:
                short = name.removeprefix(_PREFIX)
                low, high = ranges.get(short, (math.inf, -math.inf))
                ranges[short] = min(low, *finite), max(high, *finite)


@lru_cache(maxsize=256)
def _attribute_names(names: tuple[str, ...]) -> tuple[str, ...]:
    attributes: dict[str, None] = {}
    for name in names:
        base = candidate = _PREFIX + re.sub(r"[^a-z0-9_.-]", "-", name.lower())
        count = 2
        while candidate in attributes:
            candidate, count = f"{base}-{count}", count + 1
        attributes[candidate] = None
    return tuple(attributes)
