"""The pages in a run folder, where they are what an archive would have anew: it takes them over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building import known_site
from runlog_viewer.building.overview_writer import OverviewWriter
from runlog_viewer.building.run_site import PART
from runlog_viewer.building.shown_run import ShownRun
from runlog_viewer.building.site_notes import SiteNotes, notes_of
from runlog_viewer.building.site_seal import Seal, file_names, read_seal
from runlog_viewer.html import overview_links, render
from runlog_viewer.pages import run_and_overview, site_names


@dataclass(frozen=True, slots=True)
class ReadyPages:
    """The pages in a run folder that are what they would be anew.

    Attributes
    ----------
    revision
        That of the run that they show.
    names
        Where they and what belongs to them are below the run folder.
    loses_others
        Whether the run is among others here, and will not be.
    """

    folder: Path
    seal: Seal
    revision: int
    names: tuple[str, ...]
    loses_others: bool

    def as_archived(self, name: str, content: bytes) -> bytes:
        """Return what one of the files would be where the run will be."""
        if self.loses_others and name.endswith(".html"):
            return overview_links.without_links(name, content.decode()).encode()
        if self.loses_others and name in (site_names.INDEX_SCRIPT, site_names.VERSION_SCRIPT):
            alone = render.generator()
            return content.replace(f'"{alone}{PART}"'.encode(), f'"{alone}"'.encode(), 1)
        return content

    def are_still_so(self) -> bool:
        """Return whether all of the files are as they were when they were found."""
        return read_seal(self.folder) == self.seal


@dataclass(frozen=True, slots=True)
class ReadySite:
    """The pages of runs, and the runs as the page of all shows them; none where there is one."""

    pages: tuple[ReadyPages, ...]
    shown: tuple[ShownRun, ...]

    def write_overview(self, folder: Path) -> None:
        """Write the page of all runs into a folder that is to be theirs, if there are several."""
        if self.shown:
            OverviewWriter(folder, folder.name).write(self.shown, ())


def find_ready_site(run_folders: Sequence[Path]) -> ReadySite | None:
    """Return the site of runs out of their folders; None unless all of it is known to be as it would be anew.

    Pages are so where one pass wrote all of them once the run had ended: what is written while a run goes on
    depends on when it was looked at. That all files of the runs are there is for the archive to see.
    """
    if len(run_folders) == 1:
        alone = _find(run_folders[0], "") or _find(run_folders[0], PART, loses_others=True)
        return ReadySite((alone,), ()) if alone else None
    notes = {folder.parent: SiteNotes(notes_of(folder.parent)) for folder in run_folders}
    pages, shown = [], []
    for folder in run_folders:
        known = notes[folder.parent].find(folder, folder, render.generator() + PART)
        ready = _find(folder, PART) if known else None
        if known is None or ready is None:
            return None
        pages.append(ready)
        shown.append(known)
    return ReadySite(tuple(pages), tuple(sorted(shown, key=lambda run: run.card.folder)))


def _find(run_folder: Path, suffix: str, *, loses_others: bool = False) -> ReadyPages | None:
    """Return the pages in a run folder, if this version of the viewer wrote them: among others, or not."""
    seal = read_seal(run_folder)
    if seal is None or seal.media is not None or seal.file_count is None:
        return None
    try:
        with runlog.open(run_folder) as reader:
            run = reader.run()
        site = known_site.recall(run_folder, run, render.generator() + suffix)
        names = tuple(file_names(SafeFolder(run_folder)))
    except (runlog.RunlogError, OSError):
        return None
    if len(names) != seal.file_count:  # what was removed leaves all others as they were
        return None
    if site is None or site.revision != run.revision or site.missing:
        return None
    # Pages of a run that was joined of ranks say more where they are among others.
    is_same = not (loses_others and run_and_overview.ranks(run))
    if not is_same or run.state not in ("finished", "failed") or run.id != run_folder.name:
        return None
    return ReadyPages(run_folder, seal, run.revision, names, loses_others)
