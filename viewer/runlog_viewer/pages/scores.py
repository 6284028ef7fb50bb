"""The scores of boxes as pages have them, by their names as logged, and the range of each over a run."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from functools import lru_cache

import runlog
from runlog_viewer.pages import wording

Range = tuple[float, float]


def as_json(scores: Mapping[str, float]) -> str:
    """Return scores as a JSON object of exact numbers; those that JSON has none for are texts, as "NaN"."""
    names = _names_in_json(tuple(scores))
    # Of most scores, which have a fraction, no more is asked: this is called for each box of a run.
    numbers = [
        repr(score) if score % 1 and abs(score) < math.inf else _number(score) for score in scores.values()
    ]
    return f"{{{','.join(map(str.__add__, names, numbers))}}}"


def widen(ranges: dict[str, Range], images: Iterable[runlog.ImageRecord]) -> None:
    """Widen ranges, by the name of the score, so that all finite scores of the boxes of images fit."""
    by_names: dict[tuple[str, ...], list[Iterable[float]]] = {}
    for image in images:
        for layer in image.boxes:
            for box in layer.boxes:
                if box.scores:
                    by_names.setdefault(tuple(box.scores), []).append(box.scores.values())
    for names, rows in by_names.items():
        for name, column in zip(names, zip(*rows, strict=True), strict=True):
            finite = list(filter(math.isfinite, column))
            if finite:
                low, high = ranges.get(name, (math.inf, -math.inf))
                ranges[name] = min(low, *finite), max(high, *finite)


def _number(score: float) -> str:
    number = wording.exact_number(score)
    return number if math.isfinite(score) else f'"{number}"'


@lru_cache(maxsize=256)
def _names_in_json(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{json.dumps(name, ensure_ascii=False)}:" for name in names)
