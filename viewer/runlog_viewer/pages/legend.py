"""The classes of all layers of a gallery → its legend. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import runlog
from runlog import palette
from runlog_viewer.pages import wording
from runlog_viewer.pages.layers import KINDS
from runlog_viewer.pages.values import LegendEntry


def legend(images: Sequence[runlog.ImageRecord]) -> tuple[LegendEntry, ...]:
    """Return the classes of the things in layers that have a colour, by ascending id."""
    found = {
        kind.name: [
            (class_id, record.class_labels)
            for image in images
            for record in kind.records(image)
            for class_id in kind.class_ids(record)
        ]
        for kind in KINDS
    }
    names: defaultdict[int, list[str]] = defaultdict(list)
    labelled = {(i, labels[i]) for classes in found.values() for i, labels in classes if i in labels}
    for class_id, name in sorted(labelled):
        names[class_id].append(name)
    counters = {kind: Counter([class_id for class_id, _ in classes]) for kind, classes in found.items()}
    return tuple(
        _entry(
            class_id,
            " / ".join(names[class_id]),
            {kind: counter[class_id] for kind, counter in counters.items()},
        )
        for class_id in sorted(set().union(*counters.values()))
    )


def _entry(class_id: int, name: str, counts: dict[str, int]) -> LegendEntry:
    words = [wording.plural(counts[kind.name], kind.one, kind.name) for kind in KINDS if counts[kind.name]]
    return LegendEntry(
        class_id=class_id,
        label=name or palette.class_label(class_id, {}),
        colour=palette.colour(class_id),
        counts=tuple(counts.items()),
        count=next(filter(None, counts.values())),
        in_words=", ".join(words),
    )
