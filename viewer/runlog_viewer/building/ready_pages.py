"""The pages in a run folder, where they are what an archive would have anew: it takes them over."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

import runlog
from runlog.files.safe_folder import SafeFolder
from runlog_viewer.building import known_site
from runlog_viewer.building.known_site import KnownSite
from runlog_viewer.building.run_site import PART
from runlog_viewer.building.site_seal import Seal, read_seal, site_entries
from runlog_viewer.html import overview_links, render
from runlog_viewer.pages import run_and_overview, site_names


@dataclass(frozen=True, slots=True)
class ReadyPages:
    """The site in a run folder, as it would be of the run on its own.

    Attributes
    ----------
    revision
        That of the run that they show.
    names
        Where its files are below the run folder.
    """

    folder: Path
    seal: Seal
    revision: int
    names: tuple[str, ...]
    is_part: bool

    def as_alone(self, name: str, content: bytes) -> bytes:
        """Return what one of its files would be if there were no other runs beside this one."""
        if self.is_part and name.endswith(".html"):
            return overview_links.without_links(name, content.decode()).encode()
        if self.is_part and name in (site_names.INDEX_SCRIPT, site_names.VERSION_SCRIPT):
            alone = render.generator()
            return content.replace(f'"{alone}{PART}"'.encode(), f'"{alone}"'.encode(), 1)
        return content

    def are_still_so(self) -> bool:
        """Return whether all of its files are as they were when they were found."""
        return read_seal(self.folder) == self.seal


def find_ready_pages(run_folder: Path) -> ReadyPages | None:
    """Return the pages in a run folder if they are what they would be anew; None where that is not known.

    They are where one pass wrote all of them once the run had ended: what is written while a run goes on
    depends on when it was looked at. That all files of the run are there is for the archive to see.
    """
    seal = read_seal(run_folder)
    if seal is None or seal.media is not None or not seal.is_of_one_pass:
        return None
    try:
        with runlog.open(run_folder) as reader:
            run = reader.run()
        alone, part = (_recalled(run_folder, run, suffix) for suffix in ("", PART))
        entries = list(site_entries(SafeFolder(run_folder)))
    except (runlog.RunlogError, OSError):
        return None
    # Pages of a run that was joined of ranks say more where they are among others.
    is_known = alone or (part and not run_and_overview.ranks(run))
    if not is_known or run.state not in ("finished", "failed") or run.id != run_folder.name:
        return None
    names = (name for name, status in entries if stat.S_ISREG(status.st_mode))
    shown = tuple(name for name in names if not name.rpartition("/")[2].startswith("."))
    return ReadyPages(run_folder, seal, run.revision, shown, is_part=alone is None)


def _recalled(run_folder: Path, run: runlog.RunRecord, suffix: str) -> KnownSite | None:
    site = known_site.recall(run_folder, run, render.generator() + suffix)
    return site if site and site.revision == run.revision and not site.missing else None
