"""The classes of all layers of a gallery → its legend. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache

import runlog
from runlog import palette
from runlog_viewer.pages import wording
from runlog_viewer.pages.layers import KINDS
from runlog_viewer.pages.values import LegendEntry

MAX_CLASSES = 16
"""How many classes of a legend are in sight, above the pictures; the others are folded away."""


def legend(images: Sequence[runlog.ImageRecord]) -> tuple[LegendEntry, ...]:
    """Return the classes of the things in layers that have a colour, by ascending id."""
    found = {
        kind.name: [
            (class_id, record)
            for image in images
            for record in kind.records(image)
            for class_id in kind.class_ids(record)
        ]
        for kind in KINDS
    }
    names: defaultdict[int, list[str]] = defaultdict(list)
    everywhere = [(i, record) for classes in found.values() for i, record in classes]
    labelled = {(i, record.class_labels[i]) for i, record in everywhere if i in record.class_labels}
    colors = {i: record.class_colors[i] for i, record in everywhere if i in record.class_colors}
    for class_id, name in sorted(labelled):
        names[class_id].append(name)
    counters = [(kind, Counter([class_id for class_id, _ in classes])) for kind, classes in found.items()]
    entries = []
    for class_id in sorted({class_id for _, counter in counters for class_id in counter}):
        counts = tuple([(kind, counter[class_id]) for kind, counter in counters])
        label = " / ".join(names[class_id]) or palette.class_label(class_id, {})
        entries.append(
            LegendEntry(class_id, label, palette.colour(class_id, colors), counts, *_in_words(counts))
        )
    return tuple(entries)


@lru_cache(maxsize=1024)
def _in_words(counts: tuple[tuple[str, int], ...]) -> tuple[int, str]:
    """Return the first of some counts, by kind, that is not zero, and all of those in words."""
    singular = {kind.name: kind.one for kind in KINDS}
    words = [wording.plural(count, singular[kind], kind) for kind, count in counts if count]
    return next(count for _, count in counts if count), ", ".join(words)
