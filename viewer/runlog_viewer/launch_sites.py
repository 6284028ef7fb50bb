"""The pages of the launches of a runs folder: of each those of the run of all its ranks."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import runlog
from runlog_viewer.building import site_files
from runlog_viewer.building.run_site import RunResult, RunSite
from runlog_viewer.building.site_notes import SiteNotes
from runlog_viewer.building.step_writer import Progress
from runlog_viewer.launches import JoinedLaunch, Launches
from runlog_viewer.pages.values import BrokenRun


@dataclass(frozen=True, slots=True)
class LaunchesResult:
    """The outcome of one pass: the runs of all ranks, the folders of those ranks, and what is wrong."""

    results: tuple[RunResult, ...] = ()
    ranks: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()


class LaunchSites:
    """The sites of the launches of a runs folder; it remembers what it wrote.

    Parameters
    ----------
    launches
        Those of the runs folder.
    target
        The folder of its site, which that of each launch lies in.
    is_published
        Whether that is a folder for the site apart from the runs, which gets the media files as well.
    """

    def __init__(self, launches: Launches, target: Path, *, is_published: bool) -> None:
        self._launches = launches
        self._target = target
        self._is_published = is_published
        # By the folder of the run of all ranks, and which time it was made.
        self._sites: dict[tuple[Path, str], RunSite] = {}

    def names(self) -> list[str]:
        """Return what the folders of the pages are called."""
        return [folder.name for folder, _ in self._sites]

    def update(
        self,
        runs: Sequence[RunResult],
        broken: Sequence[BrokenRun],
        notes: SiteNotes,
        progress: Progress | None,
    ) -> LaunchesResult:
        """Bring the pages of each launch up to date; where there are none, its ranks show by themselves."""
        results, ranks, problems, names = list[RunResult](), set[str](), list[str](), set[str]()
        known, self._sites = self._sites, {}
        cards = [result.run.card for result in runs]
        for launch in self._launches.join(cards, [run.folder for run in broken], progress):
            problems += launch.problems
            names.add(launch.name)
            if launch.folder is None:
                continue
            identity = launch.folder, launch.made
            site = known.get(identity) or self._new_site(launch, launch.folder)
            if site is None:
                target = self._target / launch.name
                problems.append(f"{target} must be free for the pages of all ranks, but holds something else")
                continue
            self._sites[identity] = site
            try:
                result = site.update(notes, progress)
            except (runlog.RunlogError, OSError) as error:
                problems.append(f"{launch.name}: {error}")
                continue
            if result.problems:  # something removed its pictures: at the next look it is made again
                self._launches.forget(launch.name)
            results.append(result)
            ranks.update(launch.ranks)
        self._remove_others(names)
        return LaunchesResult(tuple(results), frozenset(ranks), tuple(problems))

    def _new_site(self, launch: JoinedLaunch, folder: Path) -> RunSite | None:
        target = self._target / launch.name
        if not site_files.is_free_for_run(target):
            return None
        return RunSite(
            folder, target, has_overview=True, has_own_media=self._is_published, joined=launch.made
        )

    def _remove_others(self, names: Collection[str]) -> None:
        """Remove the pages of launches that are gone."""
        for name in self._launches.gone(names):
            if site_files.is_free_for_run(self._target / name):
                shutil.rmtree(self._target / name, ignore_errors=True)
            # That there are pages of it in the runs folder is known from the cache alone.
            if not self._is_published:
                self._launches.forget(name)
