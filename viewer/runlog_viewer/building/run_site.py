"""The site of one run: what changed in the run becomes HTML and data scripts, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building import known_site, leftovers, publishing, site_files, thumbs
from runlog_viewer.building.changes import read_changes
from runlog_viewer.building.known_run import KnownRun
from runlog_viewer.building.known_site import KnownSite, table_scripts
from runlog_viewer.building.run_files import (
    chart_files,
    histogram_files,
    index_files,
    run_files,
    steps_files,
)
from runlog_viewer.building.shown_run import ShownRun, shown_run
from runlog_viewer.building.site_notes import SiteNotes
from runlog_viewer.building.site_seal import file_names, read_seal, write_seal
from runlog_viewer.building.step_writer import Progress, StepWriter
from runlog_viewer.html import render
from runlog_viewer.html.assets import assets
from runlog_viewer.html.scripts import RUN_PAGES
from runlog_viewer.pages import logged_files, run_and_overview, site_names, wording
from runlog_viewer.pages.gallery import gallery, pictures_of
from runlog_viewer.pages.layers import mask_rules
from runlog_viewer.pages.system import system_charts
from runlog_viewer.pages.values import Gallery, RunPage

# What names the builder of a site that is among others, after what names it of one that is not.
PART = "-part"


def _linked(reader: runlog.RunReader) -> list[PurePosixPath]:
    """Return the files that pages show or link to: media, and of the others what a browser plays."""
    played = (file.path for file in reader.files() if logged_files.is_played(file))
    return [*(media.path for media in reader.media()), *played]


def _as_its_ranks(run: runlog.RunRecord) -> runlog.RunRecord:
    goes_on = any(state == "running" for _, _, state in run_and_overview.ranks(run))
    return replace(run, state="running", finished_at=None) if goes_on else run


@dataclass(frozen=True, slots=True)
class RunResult:
    """The outcome of one pass: the run for the overview, HTML pages written, and what is wrong."""

    run: ShownRun
    pages_written: int
    problems: tuple[str, ...]


class RunSite:
    """The site of one run folder.

    Parameters
    ----------
    folder
        The run folder.
    target
        Where its site goes: the run folder itself, or a folder that gets a link to its media.
    has_overview
        Whether the site is part of a runs folder's: its pages link to the overview then.
    has_own_media
        Whether the target gets the media files themselves.
    joined
        Not empty where the run was joined of the ranks of a launch by a viewer: another one each time it is
        made anew. Such a run goes on as long as one of its ranks.
    """

    def __init__(
        self,
        folder: Path,
        target: Path,
        *,
        has_overview: bool,
        has_own_media: bool = False,
        joined: str = "",
    ) -> None:
        self._folder = folder
        self._target = target
        self._has_overview = has_overview
        self._has_own_media = has_own_media
        self._is_joined = bool(joined)
        # A site that is published as a whole has the styles and scripts of its runs once.
        self._shares_assets = has_overview and has_own_media
        part = "-shared" if self._shares_assets else PART if has_overview else ""
        self._generator = render.generator() + part + joined
        self._run = KnownRun()
        self._site = KnownSite(self._generator)
        self._database_before: object = None
        self._site_before: object = None
        self._result: RunResult | None = None
        self._file_count: int | None = None  # of a site that one pass wrote

    def update(self, notes: SiteNotes, progress: Progress | None = None) -> RunResult:
        """Bring the site up to date.

        Parameters
        ----------
        notes
            What is known of the sites in the folder that this one is in.
        progress
            Called with the numbers of step pages rendered and to render, and of media files before that, if
            it has its own.

        Raises
        ------
        StorageError
            If the run cannot be read.
        OSError
            If the site cannot be written.
        """
        if self._result and self._is_as_it_was():
            return replace(self._result, pages_written=0)
        progress = progress or (lambda done, total: None)
        self._database_before, signature = self._database_signature(), runlog.run_signature(self._folder)
        if not self._result and (known := notes.find(self._folder, self._target, self._generator)):
            self._site_before = self._site_signature()
            self._result = RunResult(known, 0, ())
            return self._result
        # The run is read first: next to one that cannot be read, nothing is written.
        with runlog.open(self._folder) as reader:
            run = _as_its_ranks(reader.run()) if self._is_joined else reader.run()
            with self._locked_target():
                self._result = self._sealed_pass(reader, run, progress)
                self._site_before = self._site_signature()
                if not self._site.missing:
                    notes.keep(self._folder, self._target, self._generator, signature, self._result.run)
        return self._result

    def _is_as_it_was(self) -> bool:
        """Return whether there is nothing to do; that a running run was killed shows in no file."""
        return (
            self._run.state != "running"
            and not self._site.missing
            and self._database_before == self._database_signature()
            and self._site_before == self._site_signature()
        )

    def _database_signature(self) -> object:
        return site_files.signature(self._folder / "run.db", self._folder / "run.db-wal")

    def _site_signature(self) -> object:
        scripts = (site_names.INDEX_SCRIPT, site_names.VERSION_SCRIPT)
        return site_files.signature(*(self._target / script for script in scripts))

    @contextmanager
    def _locked_target(self) -> Iterator[None]:
        """Make the folder of the site, and hold its lock."""
        if self._target != self._folder:
            site_files.make_folder(self._target.parent, self._target.name)
        site_files.make_viewer(self._target)
        with site_files.lock(self._target):
            yield

    def _sealed_pass(self, reader: runlog.RunReader, run: runlog.RunRecord, progress: Progress) -> RunResult:
        """Bring the site up to date, after which all of it is ours; whatever else there was is gone."""
        is_known = self._run.revision >= 0 and self._site_before == self._site_signature()
        is_from_nothing = starts_anew = not is_known and not self._recall(run)
        is_as_of_now = self._site.revision == run.revision and not self._site.missing
        still_there, self._file_count = self._file_count if is_as_of_now else None, None
        if self._run.was_rewound(run):
            # Steps that are gone show in no revision: what is known of them is of no use.
            self._run, self._site, starts_anew = KnownRun(), KnownSite(self._generator), True
        elsewhere = self._target != self._folder and not self._has_own_media
        try:
            if self._has_own_media:
                publishing.update_media(_linked(reader), self._folder, self._target, progress)
            elif elsewhere:
                site_files.link(self._target / "media", self._folder / "media")
            site_files.make_folder(self._target, site_names.DATA)
            result = self._pass(reader, run, starts_anew, progress)
            self._file_count = self._counted() if is_from_nothing else still_there
            return result
        finally:
            media = self._folder / "media" if elsewhere else None
            write_seal(self._target, media, self._file_count)

    def _pass(
        self, reader: runlog.RunReader, run: runlog.RunRecord, starts_anew: bool, progress: Progress
    ) -> RunResult:
        """Go from what is known to what has changed, and from there to what is to be written."""
        self._site_before = None  # where this pass fails, what is known is ahead of the site
        known, site, before = self._run, self._site, (self._run.revision, self._run.state)

        changes = read_changes(reader, run, known.revision, known.steps, known.system.until())
        has_new_charts = known.add(changes)
        for latest in known.latest_values.values():
            latest.update(reader, changes.steps)
        stale = site.stale_steps(changes.steps, known.steps, self._folder)

        head = run_and_overview.run_head(
            run, has_overview=self._has_overview, shares_assets=self._shares_assets
        )
        written = StepWriter(reader, self._target, known, site, head).write(stale, progress)
        if stale or before != (run.revision, run.state):
            with_histograms = site.blocks.steps_by_key("histogram")
            has_new_maps = known.heat_maps.update(reader, with_histograms, {one.step for one in stale})
            if has_new_maps or (with_histograms and self._lacks(site_names.HISTOGRAMS_SCRIPT)):
                site_files.write_all(self._target, histogram_files(known.heat_maps.maps()))
            is_anew = self._lacks(site_names.CHARTS_SCRIPT)
            if has_new_charts or is_anew:
                site_files.write_all(self._target, chart_files(run, known, is_anew=is_anew))
            written += site_files.write_all(self._target, run_files(self._run_page(reader, run), site))
            written += site_files.write_all(self._target, steps_files(head, site))
            has_ended = run.state != "running" and (bool(stale) or before[1] == "running")
            # While a run goes on, that would cost more with each step than it saves.
            if starts_anew or has_ended:
                site.keep_tables(table.record.data_id for table in reader.tables())
                scripts = (*table_scripts(site.table_rows), *known.series.script_names())
                leftovers.remove_from_run(self._target, site.blocks, scripts, reader.media)
            site_files.write_all(self._target, index_files(run, known, site))
        return RunResult(self._shown(run), written, self._problems())

    def _counted(self) -> int:
        return len(file_names(SafeFolder(self._target)))

    def _lacks(self, script: str) -> bool:
        return site_files.signature(self._target / script) == (None,)

    def _recall(self, run: runlog.RunRecord) -> bool:
        """Begin with what the site itself says of it; return whether that was of any use."""
        seal = read_seal(self._target)
        is_ours = seal is not None
        recalled = known_site.recall(self._target, run, self._generator) if is_ours else None
        self._file_count = seal.file_count if seal else None
        if not recalled:
            site_files.clear(self._target)
        if self._has_own_media and not is_ours:
            publishing.remove_media(self._target)
        self._run, self._site = KnownRun(), recalled or KnownSite(self._generator)
        if not self._shares_assets:
            site_files.fill_up(self._target, assets(RUN_PAGES))
        return recalled is not None

    def _run_page(self, reader: runlog.RunReader, run: runlog.RunRecord) -> RunPage:
        known = self._run
        values = {name: latest.shown(reader, known.keys) for name, latest in known.latest_values.items()}
        return run_and_overview.run_page(
            run,
            known.totals(),
            self._gallery(known.latest.images, "", values),
            known.series,
            {name: len(latest.records) for name, latest in known.latest_values.items()},
            known.heat_maps.maps(),
            known.heat_maps.keys,
            known.series.headline(),
            has_overview=self._has_overview,
            shares_assets=self._shares_assets,
            files=known.files,
            system=system_charts(known.system.series(), run.created_at),
            console=known.console,
        )

    def _shown(self, run: runlog.RunRecord) -> ShownRun:
        known = self._run
        first = [image for image in known.latest.images if image.step == known.latest_step()][:1]
        to_run_folder = wording.link(self._folder.name) + "/"
        latest = self._gallery(first, to_run_folder) if first else None
        card = run_and_overview.run_card(run, self._folder.name, known.totals(), known.series.metrics)
        return shown_run(card, latest, known.series.lines())

    def _gallery(
        self,
        images: Sequence[runlog.ImageRecord],
        to_run_folder: str,
        values: Mapping[str, Sequence[Any]] = MappingProxyType({}),
    ) -> Gallery:
        pictures = [*images, *pictures_of(values)]
        thumbnails = thumbs.make(self._target, self._folder, (picture.media for picture in pictures))
        step, missing = self._run.latest_step(), self._site.missing_files()
        rules = mask_rules(self._run.latest.images)
        return gallery(
            step, images, to_run_folder, missing, thumbnails=thumbnails, values=values, rules=rules
        )

    def _problems(self) -> tuple[str, ...]:
        missing = sorted(self._site.missing_files())
        if not missing:
            return ()
        count = wording.plural(len(missing), "media file")
        return (f"{self._folder}: {count} missing, such as {missing[0]}",)
