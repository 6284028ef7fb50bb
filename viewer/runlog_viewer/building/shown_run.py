"""A run as the overview shows it: what is compared with other runs, and strings that stand as they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from runlog_viewer.html import data_scripts, render
from runlog_viewer.pages.values import Gallery, RunCard, RunLine


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run in the overview.

    Attributes
    ----------
    thumbnail
        Its picture as HTML; empty where it has none.
    filters
        The markup of what its picture is coloured by, by id.
    lines
        The numbers that say its result, as JSON.
    """

    card: RunCard
    thumbnail: str
    filters: Mapping[str, str]
    lines: str


def shown_run(card: RunCard, latest: Gallery | None, lines: Iterable[RunLine]) -> ShownRun:
    """Return a run with the first of its latest images and its lines."""
    found = latest.sections[0].figures[0] if latest and latest.sections else None
    return ShownRun(
        card,
        render.overview_thumbnail(found, card.href) if found else "",
        render.mask_filters(latest.filters) if latest and found else {},
        data_scripts.to_json([card.folder, {line.key: (line.steps, line.values) for line in lines}]),
    )


def encoded(run: ShownRun) -> str:
    """Return a run as text, from which `decoded` makes it again."""
    return json.dumps([asdict(run.card), run.thumbnail, run.filters, run.lines])


def decoded(text: str) -> ShownRun | None:
    """Return the run that a text was made of; None where it is none."""
    try:
        card, thumbnail, filters, lines = json.loads(text)
        card = RunCard(**{name: _frozen(value) for name, value in card.items()})
        return ShownRun(card, thumbnail, filters, lines)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _frozen(value: Any) -> Any:
    """Return the tuple that JSON made a list of."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
