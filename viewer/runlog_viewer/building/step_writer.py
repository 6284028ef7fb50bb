"""The steps of a run that changed → their pages and blocks, and what is known of the run afterwards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from pathlib import Path, PurePosixPath

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building import site_files, table_writer, workers
from runlog_viewer.building.block_writer import BlockJob, BlockResult, BlockWriter, StepJob
from runlog_viewer.building.known_run import KnownRun
from runlog_viewer.building.known_site import KnownSite
from runlog_viewer.html import render
from runlog_viewer.pages import site_names
from runlog_viewer.pages.values import RunHead

Progress = Callable[[int, int], None]

# Some two seconds of work for one process; another one needs a third of a second to start.
MANY_IMAGES = 4000


class StepWriter:
    """Writes the steps of one run that changed; one is made for each pass.

    Parameters
    ----------
    reader
        The run, open.
    target
        The folder that holds the site, and the media or a link to them.
    run
        What is known of the run.
    site
        What is known of its site, and where to note what was written.
    head
        What names the run on its pages.
    """

    def __init__(
        self, reader: runlog.RunReader, target: Path, run: KnownRun, site: KnownSite, head: RunHead
    ) -> None:
        self._run = run
        self._site = site
        self._reader = reader
        self._target = target
        self._head = head

    def write(self, stale: Sequence[runlog.StepRecord], progress: Progress) -> int:
        """Write the pages of steps, and the blocks they are in; return how many pages changed."""
        if not stale:
            return 0
        site_files.make_folder(self._target, site_names.STEPS)
        blocks, gone, others = self._expect(stale)
        total = sum(map(len, blocks.values()))
        images = sum(max(1, record.image_count) for record in stale)  # a page is about as much work as one
        results: list[BlockResult] = []
        done = 0
        for result in self._written(sorted(blocks.items()), workers.count() if images >= MANY_IMAGES else 0):
            results.append(result)
            done += len(blocks[result.number])
            progress(done, total)
        missing = self._write_tables([record.step for record in stale if record.table_count])
        for result in sorted(results, key=lambda result: result.number):
            self._site.add(result)
        for step, paths in missing.items():
            self._site.add_missing(step, paths)
        for step in gone:
            (self._target / site_names.step_page(step)).unlink(missing_ok=True)
        return sum(result.pages_written for result in results) + sum(map(self._relink, others))

    def _relink(self, step: int) -> bool:
        """Let the page of a step lead to those that are beside it now; return whether that changed it."""
        name = site_names.step_page(step)
        try:
            html = SafeFolder(self._target).read(name).decode()
        except FileNotFoundError:  # the next pass finds that
            return False
        return site_files.write(
            self._target, name, render.relinked(html, *self._site.blocks.neighbours(step))
        )

    def _write_tables(self, steps: Collection[int]) -> Mapping[int, tuple[PurePosixPath, ...]]:
        """Write the rows of the tables of some steps; return the media files that are missing, by step."""
        if not steps:
            return {}
        incomplete = self._site.missing.keys() & steps
        # Later steps may have more rows of a table that is written again.
        tables = self._reader.tables(None if incomplete else steps)
        return table_writer.write(
            self._reader.folder, self._target, tables, self._site.table_rows, incomplete
        )

    def _expect(self, stale: Sequence[runlog.StepRecord]) -> tuple[dict[int, set[int]], list[int], set[int]]:
        """Note what is about to be written.

        Returns
        -------
        The steps to write, by block; those whose page goes; and the others whose page is beside one that
        comes or goes.
        """
        known = self._site.blocks
        there = {record.step for record in stale if known.revision(record.step) is not None}
        blocks: dict[int, set[int]] = {}
        gone: list[int] = []
        for record in stale:
            steps = blocks.setdefault(self._site.expect(record), set())
            if known.revision(record.step) is None:
                gone.append(record.step)
            else:
                steps.add(record.step)
        written = set().union(*blocks.values())
        beside = {one for step in (*gone, *(written - there)) for one in known.neighbours(step)}
        return blocks, gone, {step for step in beside - written if step is not None}

    def _written(self, blocks: Sequence[tuple[int, Set[int]]], processes: int) -> Iterator[BlockResult]:
        """Write blocks, each given by its number and its stale steps, the last one by this process."""
        frame = render.step_frame(self._head)
        here = BlockWriter(self._reader, self._target, frame)
        others = (self._job(number, stale) for number, stale in blocks[:-1])
        if processes:
            start = (self._reader.folder, self._target, frame)
            yield from workers.write_blocks(others, here, start, processes)
        else:
            yield from map(here.write, others)
        yield here.write(self._job(*blocks[-1]))
        # Most often the next step goes to the last block, too.
        self._site.last_block = here.last

    def _job(self, number: int, stale: Set[int]) -> BlockJob:
        """Return what is to be written of a block."""
        site = self._site
        members = tuple(site.blocks.steps(number))
        last = site.last_block
        if last and not (last.number == number and last.has_sample_of(members) and members[0] not in stale):
            last = None
        entries = last.entries if last else {}
        known = {step: entries[step] for step in members if step in entries and step not in stale}
        to_render = sorted(stale | (set(members) - known.keys()))
        steps = tuple(self._step_job(step, step in stale) for step in to_render)
        return BlockJob(number, members, steps, known, last.sample if last else None)

    def _step_job(self, step: int, is_stale: bool) -> StepJob:
        numbers = tuple(self._run.series.at(step))
        return StepJob(self._run.steps[step], *self._site.blocks.neighbours(step), numbers, is_stale)
