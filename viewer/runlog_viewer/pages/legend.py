"""The classes of all layers of a gallery → its legend. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

import runlog
from runlog import palette
from runlog_viewer.pages import wording
from runlog_viewer.pages.layers import KINDS
from runlog_viewer.pages.values import LegendEntry

MAX_CLASSES = 16
"""How many classes of a legend are in sight, above the pictures; the others are folded away."""


def legend(
    images: Sequence[runlog.ImageRecord], rules: Mapping[str, palette.MaskRule]
) -> tuple[LegendEntry, ...]:
    """Return the classes of the things in layers, by ascending id; those apart that are off at first."""
    found = {
        kind.name: [
            (shown, record)
            for image in images
            for record in kind.records(image)
            for shown in kind.classes(record, rules[image.key])
        ]
        for kind in KINDS
    }
    names: defaultdict[tuple[int, bool], list[str]] = defaultdict(list)
    everywhere = [(shown, record) for classes in found.values() for shown, record in classes]
    labelled = {(c, record.class_labels[c[0]]) for c, record in everywhere if c[0] in record.class_labels}
    colors = {i: record.class_colors[i] for (i, _), record in everywhere if i in record.class_colors}
    for shown, name in sorted(labelled):
        names[shown].append(name)
    counters = [(kind, Counter([shown for shown, _ in classes])) for kind, classes in found.items()]
    entries = []
    for shown in sorted({shown for _, counter in counters for shown in counter}):
        class_id, is_off = shown
        counts = tuple([(kind, counter[shown]) for kind, counter in counters])
        label = " / ".join(names[shown]) or palette.class_label(class_id, {})
        colour = palette.colour(class_id, colors)
        entries.append(LegendEntry(class_id, is_off, label, colour, counts, *_in_words(counts)))
    return tuple(entries)


@lru_cache(maxsize=1024)
def _in_words(counts: tuple[tuple[str, int], ...]) -> tuple[int, str]:
    """Return the first of some counts, by kind, that is not zero, and all of those in words."""
    singular = {kind.name: kind.one for kind in KINDS}
    words = [wording.plural(count, singular[kind], kind) for kind, count in counts if count]
    return next(count for _, count in counts if count), ", ".join(words)
