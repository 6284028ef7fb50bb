"""The site of one run: what changed in the run becomes HTML and data scripts, and nothing else does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import runlog
from runlog_viewer.build import leftovers, publishing, site_files, thumbs
from runlog_viewer.build.build_state import RunMemory, recall
from runlog_viewer.build.step_writer import Progress, StepWriter
from runlog_viewer.html import render
from runlog_viewer.html.assets import RUN_PAGES, assets
from runlog_viewer.pages import run_and_overview, wording
from runlog_viewer.pages.gallery import gallery
from runlog_viewer.pages.values import Gallery, RunCard, RunPage

# The page of a run links to each step of its last blocks. Links to all of 10,000 steps would be half a
# megabyte to write with each new one; from the ends of a block its pages lead on, and scripts know all steps.
LISTED_BLOCKS = 16


@dataclass(frozen=True, slots=True)
class RunResult:
    """The outcome of one pass: the run for the overview, HTML pages written, and what is wrong."""

    card: RunCard
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
    brings_media
        Whether the target gets the media files themselves.
    """

    def __init__(self, folder: Path, target: Path, *, has_overview: bool, brings_media: bool = False) -> None:
        self._folder = folder
        self._target = target
        self._viewer = target / "viewer"
        self._has_overview = has_overview
        self._brings_media = brings_media
        self._memory = RunMemory(render.generator() + ("-part" if has_overview else ""))
        self._database: object = None
        self._site: object = None
        self._result: RunResult | None = None

    def update(self, progress: Progress | None = None) -> RunResult:
        """Bring the site up to date.

        Parameters
        ----------
        progress
            Called with the numbers of step pages rendered and to render, and of media files before that, if
            it brings them.

        Raises
        ------
        StorageError
            If the run cannot be read.
        OSError
            If the site cannot be written.
        """
        if self._result and self._is_as_it_was():
            return replace(self._result, pages_written=0)
        self._database = self._look_at_database()
        # The run is read first: next to one that cannot be read, nothing is written.
        with runlog.open(self._folder) as reader:
            run = reader.run()
            progress = progress or (lambda done, total: None)
            if self._target != self._folder:
                self._target.mkdir(exist_ok=True)
            if self._brings_media:
                publishing.bring_media(reader.media(), self._folder, self._target, progress)
            elif self._target != self._folder:
                site_files.link(self._target / "media", self._folder / "media")
            self._viewer.mkdir(exist_ok=True)
            with site_files.lock(self._viewer):
                (self._viewer / "data").mkdir(exist_ok=True)
                self._result = self._pass(reader, run, progress)
                self._site = self._look_at_site()
        return self._result

    def _is_as_it_was(self) -> bool:
        """Return whether there is nothing to do; that a running run was killed shows in no file."""
        return (
            self._memory.state != "running"
            and not self._memory.missing
            and self._database == self._look_at_database()
            and self._site == self._look_at_site()
        )

    def _look_at_database(self) -> object:
        return site_files.signature(self._folder / "run.db", self._folder / "run.db-wal")

    def _look_at_site(self) -> object:
        return site_files.signature(self._viewer / "data" / "index.js", self._viewer / "version.js")

    def _pass(self, reader: runlog.RunReader, run: runlog.RunRecord, progress: Progress) -> RunResult:
        is_new = False
        if self._site is None or self._site != self._look_at_site():
            recalled = recall(self._viewer, run, self._memory.generator)
            self._memory = recalled or RunMemory(self._memory.generator)
            is_new = recalled is None
            (site_files.fill if is_new else site_files.fill_up)(self._viewer, assets(RUN_PAGES))
        self._site = None  # where this pass fails, memory is ahead of the site
        memory = self._memory
        changed = reader.steps(since_revision=memory.revision)
        stale = self._stale_steps(changed)
        numbers = reader.scalars(since_revision=memory.revision)
        has_new_numbers = memory.series.replace((record.step for record in changed), numbers)
        has_new_charts = memory.series.define(reader.metrics()) or has_new_numbers
        head = run_and_overview.run_head(run, has_overview=self._has_overview)
        written = StepWriter(reader, self._target, memory, head).write(stale, progress)
        if stale or (memory.revision, memory.state) != (run.revision, run.state):
            if stale or memory.revision < 0:
                latest_steps = reader.latest_steps()
                memory.latest, memory.keys = _latest_images(reader, latest_steps), len(latest_steps)
            self._keep_latest_texts(reader, changed)
            has_ended = run.state != "running" and (bool(stale) or memory.state == "running")
            memory.revision, memory.state = run.revision, run.state
            if has_new_charts or not (self._viewer / "data" / "charts.js").exists():
                self._write_charts(run)
            written += self._write_run_page(run)
            # While a run goes on, that would cost more with each step than it saves.
            if is_new or has_ended:
                leftovers.of_run(self._viewer, memory.blocks, reader.media)
            self._write_index(run)
        card = self._card(run)
        if self._result and self._result.card == card:
            card = self._result.card
        return RunResult(card, written, self._problems())

    def _stale_steps(self, changed: Iterable[runlog.StepRecord]) -> list[runlog.StepRecord]:
        """Return the steps to render: changed ones, and ones whose missing media files have come."""
        memory = self._memory
        memory.keep_steps(changed)
        stale = memory.stale(changed)
        mended = {
            step for step, paths in memory.missing.items() if any((self._folder / p).exists() for p in paths)
        }.difference(record.step for record in stale)
        return stale + [memory.steps[step] for step in sorted(mended)]

    def _keep_latest_texts(self, reader: runlog.RunReader, changed: Collection[runlog.StepRecord]) -> None:
        """Note the latest text of each key; all are looked for again only where one is no longer there."""
        memory = self._memory
        if memory.revision >= 0:
            texts = reader.texts([record.step for record in changed if record.text_count])
            places = {(text.key, text.step) for text in texts}
            steps = {record.step for record in changed}
            if all(t.step not in steps or (t.key, t.step) in places for t in memory.texts.values()):
                memory.keep_newest(texts)
                return
        memory.texts = {text.key: text for text in reader.latest_texts()}

    def _write_run_page(self, run: runlog.RunRecord) -> int:
        memory = self._memory
        blocks = memory.blocks
        page = self._run_page(run)
        main_html, details_html = render.run_main(page), render.run_details(page)
        links = [self._links(number, len(blocks.numbers()) - LISTED_BLOCKS) for number in blocks.numbers()]
        live = {
            "html": main_html,
            "details": details_html,
            "filters": render.mask_filters(page.latest.filters if page.latest else ()),
            "step": page.latest.step if page.latest else "",
            "title": page.run.name,
        }
        site_files.write(self._viewer / "data" / "run.js", render.data_script("run", render.to_json(live)))
        html = render.run_page(page, main_html, details_html, links, len(blocks))
        return site_files.write(self._target / "index.html", html) + self._write_drawn_pages(page)

    def _links(self, number: int, first_listed: int) -> str:
        memory = self._memory
        key = (number, number < first_listed)
        if key not in memory.links:
            steps = memory.blocks.steps(number)
            memory.links[key] = render.step_block(number, steps, only_ends=key[1]) if steps else ""
        return memory.links[key]

    def _write_charts(self, run: runlog.RunRecord) -> None:
        """Write the points of the charts, for pages that draw them larger, by time or on a log scale."""
        steps = self._memory.steps
        series = self._memory.series.encoded(
            lambda step: (steps[step].logged_at - run.created_at).total_seconds()
        )
        site_files.write(self._viewer / "data" / "charts.js", render.data_script("charts", series))

    def _write_drawn_pages(self, page: RunPage) -> int:
        """Write the pages that scripts fill from the data, and what those say of the run as a whole."""
        site_files.write(self._viewer / "data" / "about.js", render.data_script("about", render.about(page)))
        drawn = render.drawn_pages(page.run)
        return sum(site_files.write(self._viewer / name, html) for name, html in drawn.items())

    def _run_page(self, run: runlog.RunRecord) -> RunPage:
        memory = self._memory
        return run_and_overview.run_page(
            run,
            memory.totals(),
            self._gallery(memory.latest, "") if memory.latest else None,
            memory.series.charts(),
            memory.texts.values(),
            has_overview=self._has_overview,
        )

    def _card(self, run: runlog.RunRecord) -> RunCard:
        memory = self._memory
        first = [image for image in memory.latest if image.step == memory.latest_step()][:1]
        to_run_folder = wording.link(self._folder.name) + "/"
        latest = self._gallery(first, to_run_folder) if first else None
        return run_and_overview.run_card(run, self._folder.name, memory.totals(), latest)

    def _gallery(self, latest: Sequence[runlog.ImageRecord], to_run_folder: str) -> Gallery:
        thumbnails = thumbs.make(self._target, (image.media for image in latest))
        step = self._memory.latest_step()
        return gallery(step, latest, to_run_folder, self._missing(), thumbnails=thumbnails)

    def _write_index(self, run: runlog.RunRecord) -> None:
        """Write the scripts that tell open pages what is new, and the next builder what there is."""
        site_files.write(self._viewer / "data" / "index.js", self._memory.index_script(run.id))
        version = {"revision": run.revision, "state": run.state, "generator": self._memory.generator}
        site_files.write(self._viewer / "version.js", render.data_script("version", render.to_json(version)))

    def _missing(self) -> frozenset[PurePosixPath]:
        return frozenset(path for paths in self._memory.missing.values() for path in paths)

    def _problems(self) -> tuple[str, ...]:
        missing = sorted(self._missing())
        if not missing:
            return ()
        count = wording.plural(len(missing), "media file")
        return (f"{self._folder}: {count} missing, such as {missing[0]}",)


def _latest_images(reader: runlog.RunReader, steps: Mapping[str, int]) -> tuple[runlog.ImageRecord, ...]:
    """Return the images of each key at its latest step, by key and index; of many keys, those logged last."""
    shown = sorted(steps, key=lambda key: (-steps[key], key))[: run_and_overview.MAX_LATEST_KEYS]
    images = reader.images(sorted({steps[key] for key in shown}))
    latest = (image for image in images if image.key in shown and image.step == steps[image.key])
    return tuple(sorted(latest, key=lambda image: (image.key, image.index)))
