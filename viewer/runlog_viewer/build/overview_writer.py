"""The page of all runs, its data script, and what tells open pages that it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runlog_viewer.build import site_files
from runlog_viewer.html import render
from runlog_viewer.html.assets import assets
from runlog_viewer.html.scripts import OVERVIEW_PAGES
from runlog_viewer.pages import run_and_overview, site_names
from runlog_viewer.pages.values import BrokenRun, Overview, RunCard


@dataclass(frozen=True, slots=True)
class _Row:
    """A run, its row in the table, and its columns as JSON."""

    card: RunCard
    html: str
    columns: str


class OverviewWriter:
    """Writes the overview of a runs folder, and remembers the rows of runs that did not change.

    Parameters
    ----------
    target
        The folder that holds the site.
    title
        The name of the runs folder.
    """

    def __init__(self, target: Path, title: str) -> None:
        self._target = target
        self._viewer = target / site_names.VIEWER
        self._title = title
        self._rows: dict[str, _Row] = {}
        self._written: Overview | None = None

    def write(self, cards: Sequence[RunCard], broken: Sequence[BrokenRun]) -> int:
        """Bring the overview up to date and return how many pages that changed."""
        page = run_and_overview.overview(self._title, cards, broken)
        if page == self._written and (self._target / site_names.VERSION_SCRIPT).exists():
            return 0
        rows = self._render_rows(page)
        broken_html = render.overview_broken(page.broken)
        live = {
            "rows": [[card.folder, row.html] for card, row in zip(page.cards, rows, strict=True)],
            "broken": broken_html,
            "filters": render.mask_filters(page.filters),
        }
        scripts = {
            "overview": render.to_json(live),
            "columns": f"[{','.join(row.columns for row in rows)}]",
        }
        digest = hashlib.sha256("".join((render.generator(), *scripts.values())).encode()).hexdigest()[:16]
        state = "running" if any(card.state == "running" for card in cards) else "ended"
        version = {"revision": digest, "state": state, "generator": render.generator()}
        html = render.overview_page(page, [row.html for row in rows], broken_html, digest)
        self._viewer.mkdir(exist_ok=True)
        with site_files.lock(self._viewer):
            (self._target / site_names.DATA).mkdir(exist_ok=True)
            site_files.fill(self._viewer, assets(OVERVIEW_PAGES))
            for name, encoded in scripts.items():
                site_files.write(
                    self._target / site_names.data_script(name), render.data_script(name, encoded)
                )
            changed = site_files.write(self._target / site_names.INDEX_PAGE, html)
            site_files.write(
                self._target / site_names.VERSION_SCRIPT,
                render.data_script("version", render.to_json(version)),
            )
        self._written = page
        return changed

    def _render_rows(self, page: Overview) -> list[_Row]:
        known, self._rows = self._rows, {}
        for card in page.cards:
            before = known.get(card.folder)
            self._rows[card.folder] = before if before and before.card == card else _row(card)
        return list(self._rows.values())


def _row(card: RunCard) -> _Row:
    columns = render.to_json([card.folder, dict(card.columns)])
    return _Row(card, render.overview_row(card), columns)
