"""The page of all runs, its data script, and what tells open pages that it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from runlog_viewer.building import leftovers, site_files
from runlog_viewer.building.shown_run import ShownRun
from runlog_viewer.building.site_seal import read_seal, write_seal
from runlog_viewer.html import data_scripts, render
from runlog_viewer.html.assets import assets
from runlog_viewer.html.scripts import OVERVIEW_PAGES, RUN_PAGES
from runlog_viewer.pages import run_and_overview, site_names
from runlog_viewer.pages.values import BrokenRun, Cell, Overview

RUNS_PER_BLOCK = 32
FIRST_ROWS = 100
"""How many of the newest runs have their rows in the page itself; those of the others are in data scripts."""
ROWS_PER_BLOCK = 128


@dataclass(frozen=True, slots=True)
class _Row:
    """A run, its cells and its row in the table, and as JSON that row with facts, and its columns."""

    run: ShownRun
    cells: tuple[Cell, ...]
    html: str
    script: str
    columns: str


class OverviewWriter:
    """Writes the overview of a runs folder, and remembers the rows of runs that did not change.

    Parameters
    ----------
    target
        The folder that holds the site.
    title
        The name of the runs folder.
    has_shared_assets
        Whether the styles and scripts of the runs are here, and not with each of them.
    """

    def __init__(self, target: Path, title: str, *, has_shared_assets: bool = False) -> None:
        self._target = target
        self._has_shared_assets = has_shared_assets
        self._title = title
        self._rows: dict[str, _Row] = {}
        self._written: tuple[Overview, Sequence[ShownRun]] | None = None

    def write(self, runs: Sequence[ShownRun], broken: Sequence[BrokenRun]) -> int:
        """Bring the overview up to date and return how many pages that changed."""
        page = run_and_overview.overview(self._title, [run.card for run in runs], broken)
        if (page, runs) == self._written and (self._target / site_names.VERSION_SCRIPT).exists():
            return 0
        rows = self._render_rows(page, {run.card.folder: run for run in runs})
        broken_html = render.overview_broken(page.broken)
        filters = {name: markup for run in runs for name, markup in run.filters.items()}
        row_blocks = _blocks([row.script for row in rows], ROWS_PER_BLOCK)
        line_blocks = _blocks([row.run.lines for row in rows], RUNS_PER_BLOCK)
        live = {
            "heads": render.overview_heads(page.columns),
            "runs": [(card.folder, card.name) for card in page.cards],
            "rows": list(map(_digest, row_blocks)),
            "broken": broken_html,
            "filters": filters,
        }
        aims = data_scripts.to_json(page.aims)
        scripts = {
            "overview": data_scripts.to_json(live),
            "columns": f'{{"values":[{",".join(row.columns for row in rows)}],"aims":{aims}}}',
        }
        digest = _digest("".join((render.generator(), *scripts.values(), *line_blocks)))
        state = "running" if any(card.state == "running" for card in page.cards) else "ended"
        version = {"revision": digest, "state": state, "generator": render.generator()}
        html = render.overview_page(
            page,
            [row.html for row in rows[:FIRST_ROWS]],
            broken_html,
            filters.values(),
            digest,
            has_images=any(run.thumbnail for run in runs),
        )
        files = {
            site_names.data_script(name): data_scripts.data_script(name, text)
            for name, text in scripts.items()
        }
        for number, text in enumerate(row_blocks):
            files[site_names.rows_script(number)] = data_scripts.data_script(f"rows-{number}", text)
        for number, text in enumerate(line_blocks):
            files[site_names.lines_script(number)] = data_scripts.data_script(f"lines-{number}", text)
        files[site_names.INDEX_PAGE] = html
        files[site_names.VERSION_SCRIPT] = data_scripts.data_script("version", data_scripts.to_json(version))
        changed = self._write_files(files)
        self._written = page, runs
        return changed

    def _write_files(self, files: Mapping[str, str]) -> int:
        site_files.make_viewer(self._target)
        with site_files.lock(self._target):
            if self._written is None and not self._is_of_this_version():
                site_files.clear(self._target)
            try:
                site_files.make_folder(self._target, site_names.DATA)
                site_files.fill_up(self._target, assets(OVERVIEW_PAGES))
                if self._has_shared_assets:
                    site_files.make_folder(self._target, site_names.SHARED_ASSETS)
                    site_files.fill_up(self._target, assets(RUN_PAGES), site_names.SHARED_ASSETS)
                leftovers.remove_blocks(self._target, files)
                return site_files.write_all(self._target, files)
            finally:
                write_seal(self._target)

    def _is_of_this_version(self) -> bool:
        """Return whether the site that is there is ours, with the style sheets and scripts of today."""
        try:
            version = data_scripts.read_data_script(
                (self._target / site_names.VERSION_SCRIPT).read_text("utf-8")
            )
            return bool(read_seal(self._target)) and version["generator"] == render.generator()
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def _render_rows(self, page: Overview, runs: Mapping[str, ShownRun]) -> list[_Row]:
        known, self._rows = self._rows, {}
        for card, cells in zip(page.cards, page.rows, strict=True):
            before, run = known.get(card.folder), runs[card.folder]
            is_same = before is not None and before.run == run and before.cells == cells
            self._rows[card.folder] = before if before and is_same else _row(run, cells)
        return list(self._rows.values())


def _row(run: ShownRun, cells: tuple[Cell, ...]) -> _Row:
    card = run.card
    html = render.overview_row(card, cells, run.thumbnail)
    facts = {
        "name": card.name,
        "project": card.project or None,
        "group": card.group or None,
        "tags": card.tags,
        "state": card.state,
        "steps": card.steps,
        "images": card.images,
        "started": card.started,
        "took": card.seconds,
        "duration": card.duration or "",
        "picture": bool(run.thumbnail),
    }
    script = data_scripts.to_json([card.folder, html, facts])
    return _Row(run, cells, html, script, data_scripts.to_json([card.folder, dict(card.columns)]))


def _blocks(values: Sequence[str], size: int) -> list[str]:
    """Return JSON of the runs in blocks, the oldest first, so that a new run rewrites the last alone."""
    oldest_first = values[::-1]
    return [f"[{','.join(oldest_first[start : start + size])}]" for start in range(0, len(values), size)]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
