"""A folder → its site: the runs in it and, for a runs folder, their overview."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import runlog
from runlog.files.paths import absolute_path
from runlog.files.user_cache import make_user_cache, user_cache
from runlog_viewer.building import leftovers, publishing, site_files
from runlog_viewer.building.overview_writer import OverviewWriter
from runlog_viewer.building.run_site import RunResult, RunSite
from runlog_viewer.building.site_notes import SiteNotes, notes_of
from runlog_viewer.building.step_writer import Progress
from runlog_viewer.html.assets import assets
from runlog_viewer.html.scripts import OVERVIEW_PAGES
from runlog_viewer.launch_sites import LaunchesResult, LaunchSites
from runlog_viewer.launches import Launches
from runlog_viewer.pages import site_names
from runlog_viewer.pages.values import BrokenRun


@dataclass(frozen=True, slots=True)
class BuildResult:
    """The outcome of bringing a site up to date.

    Attributes
    ----------
    index
        The page to open.
    runs
        How many runs the site shows.
    pages_written
        How many HTML pages changed.
    problems
        One line for each run that cannot be shown, or not completely.
    """

    index: Path
    runs: int
    pages_written: int
    problems: tuple[str, ...]


class Site:
    """The site of a runs folder or of one run folder; it remembers what it wrote.

    Where the folder cannot be written, or lies in an archive, which must stay as it is, or a run folder is a
    link, or something else is where the site would be, the site goes to a cache folder of the user's.

    Parameters
    ----------
    folder
        The runs folder or run folder, or an unzipped archive.
    output
        A folder for the site and the media files it shows, apart from the runs.
    may_be_empty
        Whether there may be no run yet. Where a site shows runs that are gone, there may be none in any case.
    joins_ranks
        Whether the ranks of a launch show as one run.

    Raises
    ------
    StorageError
        If there is no such folder, or no run in it, or `output` cannot hold its site.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        output: str | os.PathLike[str] | None = None,
        *,
        may_be_empty: bool = False,
        joins_ranks: bool = True,
    ) -> None:
        self._folder = absolute_path(runlog.find_payload(folder))
        if not self._folder.exists():
            raise runlog.StorageError(
                f"{self._folder} does not exist; log a run first, or name the runs folder"
            )
        if not self._folder.is_dir():
            raise runlog.StorageError(
                f"{self._folder} must be a runs folder or a run folder, but is no folder"
            )
        self._is_run = site_files.is_run_folder(self._folder)
        runs = (self._folder,) if self._is_run else runlog.find_runs(self._folder)
        if not runs:
            self._check_without_runs(may_be_empty)
        self._is_published = output is not None
        self.target = self._own_target(runs) if output is None else absolute_path(output)
        if self._is_published:
            publishing.prepare(self.target, self._folder)
        self._sites: dict[Path, RunSite] = {}
        self._launch_sites = (
            LaunchSites(Launches(self._folder), self.target, is_published=self._is_published)
            if joins_ranks and not self._is_run
            else None
        )
        self._overview = OverviewWriter(self.target, self._folder.name, has_shared_assets=self._is_published)

    def _check_without_runs(self, may_be_empty: bool) -> None:
        has_site = (self._folder / site_names.VERSION_SCRIPT).is_file()
        if has_site and not (self._folder / site_names.data_script("overview")).is_file():
            raise runlog.StorageError(
                f"{self._folder} must hold runs, but holds the pages of one: open its "
                f"{site_names.INDEX_PAGE}, or name the runs folder"
            )
        if not (may_be_empty or has_site):
            raise runlog.StorageError(
                f"{self._folder} holds no run yet: there is no run.db in it, nor in a folder in it"
            )

    def _own_target(self, runs: Iterable[Path]) -> Path:
        may_write = runlog.find_bag(self._folder) is None and not any(map(Path.is_symlink, runs))
        is_free = self._is_run or site_files.is_free(self._folder, assets(OVERVIEW_PAGES))
        # One that may not be entered has no pages, and sends those of the others nowhere else.
        open_runs = [run for run in runs if os.access(run, os.X_OK)]
        writable = may_write and is_free and all(map(site_files.can_write, (self._folder, *open_runs)))
        return self._folder if writable else _cache_folder(self._folder)

    def update(self, progress: Progress | None = None) -> BuildResult:
        """Bring the site up to date.

        Parameters
        ----------
        progress
            Called with the numbers of step pages rendered and to render, of the run at work; and with those
            of media files before that, where the site is to have its own.

        Raises
        ------
        StorageError
            If the site is of one run, and it cannot be read; or if the site cannot be written.
        """
        try:
            if self.target != self._folder:
                if not self._is_published:
                    make_user_cache()
                self.target.mkdir(parents=True, exist_ok=True)
            return self._update_run(progress) if self._is_run else self._update_runs(progress)
        except runlog.RunlogError:
            raise
        except OSError as error:
            raise runlog.StorageError(f"{self.target}: the site cannot be written ({error})") from error

    def _update_run(self, progress: Progress | None) -> BuildResult:
        with notes_of(self.target.parent) as notes:
            result = self._site(self._folder).update(SiteNotes(notes), progress)
        return BuildResult(self.target / site_names.INDEX_PAGE, 1, result.pages_written, result.problems)

    def _update_runs(self, progress: Progress | None) -> BuildResult:
        runs = runlog.find_runs(self._folder)
        self._sites = {folder: self._site(folder) for folder in runs}
        results: list[RunResult] = []
        broken: list[BrokenRun] = []
        with notes_of(self.target) as notes:
            for folder, site in self._sites.items():
                try:
                    if self.target == self._folder and folder.is_symlink():
                        raise runlog.StorageError(f"{folder} has become a link; build again to show it")
                    results.append(site.update(SiteNotes(notes), progress))
                except (runlog.RunlogError, OSError) as error:
                    if folder.exists():  # else it was removed meanwhile
                        broken.append(BrokenRun(folder.name, str(error)))
            of_launches = (
                self._launch_sites.update(results, broken, SiteNotes(notes), progress)
                if self._launch_sites
                else LaunchesResult()
            )
        if self.target != self._folder and not self._is_published:
            of_all = self._launch_sites.names() if self._launch_sites else []
            leftovers.remove_runs(self.target, [*(folder.name for folder in runs), *of_all])
        shown = [result.run for result in results if result.run.card.folder not in of_launches.ranks]
        shown += [result.run for result in of_launches.results]
        written = self._overview.write(shown, broken)
        all_results = (*results, *of_launches.results)
        return BuildResult(
            index=self.target / site_names.INDEX_PAGE,
            runs=len(shown),
            pages_written=written + sum(result.pages_written for result in all_results),
            problems=(
                *(run.reason for run in broken),
                *(problem for result in all_results for problem in result.problems),
                *of_launches.problems,
            ),
        )

    def _site(self, folder: Path) -> RunSite:
        if folder in self._sites:
            return self._sites[folder]
        if self._is_run:
            part = (self.target.parent / site_names.data_script("overview")).exists()
            site = RunSite(folder, self.target, has_overview=part, has_own_media=self._is_published)
            return self._sites.setdefault(folder, site)
        target = self.target / folder.name
        return RunSite(folder, target, has_overview=True, has_own_media=self._is_published)


def build(
    folder: str | os.PathLike[str],
    *,
    output: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> BuildResult:
    """Bring the site of a runs folder or a run folder up to date, once.

    Where there is much to write, other processes help, one for each further processor this one may use.

    Parameters
    ----------
    folder
        The runs folder or run folder, or an unzipped archive.
    output
        A folder to publish from: it gets the site, with the media files as hard links, or as copies where it
        is on another file system, but no database. Without it the site is in `folder` itself or, of what
        cannot be written and of an archive, in a cache folder of the user's.
    progress
        Called with the numbers of step pages rendered and to render, of the run at work; with `output`, of
        media files before that.

    Raises
    ------
    StorageError
        If there is no such folder, no run in it, or the one run asked for cannot be read; or if `output` is
        inside of `folder` or around it, or holds something else than a site, or cannot be written.
    """
    return Site(folder, output).update(progress)


def _cache_folder(folder: Path) -> Path:
    return user_cache() / "sites" / hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
