"""Records → the values of the run page and the overview. Pure: no file is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Protocol, TypeGuard

import runlog
from runlog_viewer.pages import headline, logged_files, results_table, wording
from runlog_viewer.pages.columns import columns, flat
from runlog_viewer.pages.values import (
    BrokenRun,
    Chart,
    ChartSection,
    Fact,
    Gallery,
    HeadlineNumber,
    HeatMap,
    Overview,
    RunCard,
    RunHead,
    RunPage,
)

MAX_CHARTS = 100
# A run that names its keys by step would otherwise show all its images on its page.
MAX_LATEST_KEYS = 24
MAX_FILES = 100
_SUMMARY = "summary."
_RANK = re.compile("[0-9]{1,6}")
_HEADLINES = 4  # of a run, for the columns of the table of all runs


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run has so far: numbers of steps, of images and of their keys, and when it last logged."""

    steps: int
    images: int
    keys: int
    last_logged: datetime | None


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The files of the run as a whole: the first by path, and how many there are."""

    first: tuple[runlog.FileRecord, ...] = ()
    count: int = 0


_NO_FILES = RunFiles()


class Charts(Protocol):
    """The numbers of a run, of which those are drawn that a page shows."""

    def keys(self) -> Iterable[str]:
        """Return the keys that have numbers."""

    def chart(self, key: str) -> Chart:
        """Return the chart of a key."""

    def last(self, key: str) -> str:
        """Return the last number of a key, as pages show it."""


def run_head(run: runlog.RunRecord, *, has_overview: bool, shares_assets: bool = False) -> RunHead:
    """Return what names a run on each of its pages."""
    return RunHead(run.id, wording.clipped(run.name), has_overview, shares_assets)


def run_page(
    run: runlog.RunRecord,
    totals: Totals,
    latest: Gallery,
    charts: Charts,
    keys: Mapping[str, int],
    heat_maps: tuple[HeatMap, ...] = (),
    histogram_keys: int = 0,
    headline_numbers: tuple[HeadlineNumber, ...] = (),
    *,
    has_overview: bool,
    shares_assets: bool = False,
    files: RunFiles = _NO_FILES,
    system: tuple[Chart, ...] = (),
    console: str = "",
) -> RunPage:
    """Return the page of one run.

    Parameters
    ----------
    latest
        The latest values of all kinds.
    keys
        How many keys have some, by the name of the kind.
    system
        The numbers of the machine.
    console
        The end of what the script printed.
    histogram_keys
        How many keys of histograms there are, of which some have a heat map.
    """
    took = _took(run, totals)
    in_sight = {name: len({value.key for value in values}) for name, values in latest.rows.items()}
    return RunPage(
        run=run_head(run, has_overview=has_overview, shares_assets=shares_assets),
        state=run.state,
        revision=run.revision,
        project=_clipped(run.project),
        group=_clipped(run.group),
        tags=tuple(map(wording.clipped, run.tags)),
        notes=run.notes,
        created=wording.moment(run.created_at),
        duration=wording.duration(took) if took is not None else None,
        steps=totals.steps,
        images=totals.images,
        ranks=ranks(run) if has_overview else (),
        latest=replace(latest, rows={}) if latest.sections else None,
        more_keys=totals.keys - len(latest.sections),
        headline=headline_numbers,
        chart_sections=chart_sections(charts),
        rows=latest.rows,
        more_rows={name: count - in_sight.get(name, 0) for name, count in keys.items()},
        filters=latest.filters,
        heat_maps=heat_maps,
        more_histograms=histogram_keys - len(heat_maps),
        files=logged_files.named(files.first, ""),
        more_files=files.count - len(files.first),
        system=system,
        console=console,
        summary=_facts(run.summary),
        config=_facts(run.config),
        environment=_facts(run.environment),
    )


def chart_sections(charts: Charts) -> tuple[ChartSection, ...]:
    """Return charts by the first part of their key; those without a ``/`` come last.

    Past 100 charts a page would take long to open: of those it has the last number, and first of those of
    one of many things, such as classes.
    """
    ordered = headline.in_sections(charts.keys())
    drawn = set(ordered)
    if len(ordered) > MAX_CHARTS:
        of_one = headline.of_one_of_many(ordered)
        drawn = set([key for key in ordered if key not in of_one][:MAX_CHARTS])
    sections = []
    for prefix, group in groupby(ordered, headline.section):
        members = tuple(group)
        others = tuple(Fact(key, charts.last(key)) for key in members if key not in drawn)
        sections.append(ChartSection(prefix, tuple(charts.chart(k) for k in members if k in drawn), others))
    return tuple(sections)


def run_card(
    run: runlog.RunRecord,
    folder: str,
    totals: Totals,
    metrics: Sequence[runlog.Metric] = (),
) -> RunCard:
    """Return a run as the overview shows it; `folder` is the name of its run folder."""
    of_run = columns(run)
    numbers = [name.removeprefix(_SUMMARY) for name, value in of_run if _is_result(name, value)]
    took = _took(run, totals)
    return RunCard(
        folder=folder,
        href=wording.link(folder, "index.html"),
        name=wording.clipped(run.name),
        state=run.state,
        revision=run.revision,
        project=_clipped(run.project),
        group=_clipped(run.group),
        tags=tuple(map(wording.clipped, run.tags)),
        created=wording.moment(run.created_at),
        started=run.created_at.timestamp(),
        duration=wording.duration(took) if took is not None else None,
        seconds=round(took.total_seconds(), 1) if took is not None else None,
        steps=totals.steps,
        images=totals.images,
        headline=tuple(_SUMMARY + key for key in headline.ranked(numbers, metrics)[:_HEADLINES]),
        columns=of_run,
        aims=tuple((_SUMMARY + key, aim) for key in numbers if (aim := headline.aim(key, metrics))),
        rank=rank if type(rank := run.environment.get("rank")) is int else None,
        ranks=ranks(run),
    )


def ranks(run: runlog.RunRecord) -> tuple[tuple[int, str, str], ...]:
    """Return the ranks that a run was joined of, as it says: which, its run folder, its state."""
    note = run.environment.get("ranks")
    folders, states = (note.get(name) for name in ("folders", "states")) if _is_dict(note) else (None, None)
    if not (_is_dict(folders) and _is_dict(states)):
        return ()
    return tuple(
        (int(rank), folder, wording.clipped(str(states.get(rank, ""))))
        for rank, folder in folders.items()
        if _RANK.fullmatch(rank) and isinstance(folder, str) and _is_folder_name(folder)
    )


def _is_folder_name(name: str) -> bool:
    return name not in ("", ".", "..") and name.isprintable() and not {"/", "\\"} & set(name)


def _is_dict(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def overview(title: str, cards: Sequence[RunCard], broken: Iterable[BrokenRun]) -> Overview:
    """Return the page of all runs, the newest first."""
    ordered = tuple(sorted(cards, key=lambda card: (card.started, card.folder), reverse=True))
    shown = results_table.columns(ordered)
    return Overview(
        title=title,
        cards=ordered,
        columns=shown,
        rows=results_table.rows(ordered, shown),
        aims=results_table.aims(ordered),
        broken=tuple(broken),
    )


def _is_result(column: str, value: object) -> bool:
    return column.startswith(_SUMMARY) and isinstance(value, int | float)


def _facts(values: Mapping[str, Any]) -> tuple[Fact, ...]:
    return tuple(Fact(name, wording.data(value)) for name, value in flat(values))


def _clipped(value: str | None) -> str | None:
    return None if value is None else wording.clipped(value)


def _took(run: runlog.RunRecord, totals: Totals) -> timedelta | None:
    ended = run.finished_at or totals.last_logged
    return ended - run.created_at if ended else None
