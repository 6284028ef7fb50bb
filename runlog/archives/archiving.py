"""Run folders → one BagIt bag, a zip file or a folder, that a browser opens and that proves its integrity."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from runlog.archives import bag
from runlog.archives.sinks import FolderSink, PackedFile, Sink, Source, ZipSink, sync
from runlog.archives.snapshot import Snapshot, take_rows, take_snapshot
from runlog.archives.work_folder import (
    GROUP,
    MADE,
    REPLACED,
    ROWS,
    check_target,
    is_zip,
    work_folder,
    writing,
)
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.files.paths import absolute_path
from runlog.files.safe_folder import SafeFolder
from runlog.storage.layout import BAG_PAYLOAD, DATABASE, run_folders
from runlog.storage.lock import RunLock

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive as it was written.

    Attributes
    ----------
    path
        The zip file or folder.
    runs
        The ids of the runs in it.
    files, bytes
        Number of its payload's files, and their size.
    problems
        One line for each media file that was missing or damaged in its run folder: it is so in the archive.
    """

    path: Path
    runs: tuple[str, ...]
    files: int
    bytes: int
    problems: tuple[str, ...]


class Pages(Protocol):
    """The pages in a run folder, as they would be anew."""

    @property
    def revision(self) -> int:
        """That of the run that it shows."""

    @property
    def names(self) -> Sequence[str]:
        """Where its files are below the run folder."""

    def as_archived(self, name: str, content: bytes) -> bytes:
        """Return what one of its files is in an archive."""

    def are_still_so(self) -> bool:
        """Return whether all of its files are as they were when they were found."""


class Site(Protocol):
    """The pages of runs in their folders, as they would be anew."""

    @property
    def pages(self) -> Sequence[Pages]:
        """Those of each run, in the order of the runs."""

    def write_overview(self, folder: Path) -> None:
        """Write the page of all runs into a folder that is to be theirs, if there are several."""


class Archiving:
    """An archive in the making, beside where it goes.

    Attributes
    ----------
    run_folders
        The runs that go into it.
    """

    def __init__(self, run_folders: Sequence[Path], work: Path, target: Path) -> None:
        self.run_folders = run_folders
        self._work, self._target = work, target

    @property
    def may_be_in_place(self) -> bool:
        """Whether `pack_in_place` may be asked for: they are to become a zip file."""
        return is_zip(self._target)

    def pack_in_place(self, site: Site, progress: Progress | None = None) -> Archive | None:
        """Write the bag of runs out of their folders, as they lie there; None if one is not what it must be.

        Nothing of it is held meanwhile: that all is as rows and pages say is seen once it is packed. What is
        not, `gather` tells.

        Parameters
        ----------
        site
            That of the runs.
        progress
            Called with the numbers of files packed and to pack.
        """
        work, rows = SafeFolder(self._work), self._work / ROWS
        snapshots = [take_rows(folder, rows) for folder in self.run_folders]
        sources: list[Source] = []
        for snapshot, pages in zip(snapshots, site.pages, strict=True):
            if snapshot.is_live or snapshot.revision != pages.revision:
                return None
            sources += _sources_in_place(snapshot, pages, work)
        (self._work / GROUP).mkdir()
        site.write_overview(self._work / GROUP)
        sources += _sources_of_group(work)
        run_ids = tuple(snapshot.folder.name for snapshot in snapshots)
        try:
            packed = self._written(run_ids, sources, progress)
        except OSError:
            return None
        has_problems = any(problem for snapshot in snapshots for problem in _problems(snapshot, packed))
        if has_problems or not all(pages.are_still_so() for pages in site.pages):
            return None
        return self._published(run_ids, packed, ())

    def gather(self) -> GatheredRuns:
        """Take snapshots of the runs; each may be live: what it holds at one moment is taken.

        In one are the run's database, media files, saved and logged files; other files of a run folder are
        left out.
        """
        group, may_link = self._work / GROUP, is_zip(self._target)
        # What `pack_in_place` may have left.
        shutil.rmtree(group, ignore_errors=True)
        return GatheredRuns(
            self, [take_snapshot(folder, group, may_link=may_link) for folder in self.run_folders]
        )

    def pack(self, snapshots: Sequence[Snapshot], progress: Progress | None) -> Archive:
        """Write the bag of snapshots, which lie in one folder; what else is in that goes with them."""
        run_ids = tuple(snapshot.folder.name for snapshot in snapshots)
        packed = self._written(run_ids, _sources_of_group(SafeFolder(self._work)), progress)
        problems = tuple(problem for snapshot in snapshots for problem in _problems(snapshot, packed))
        return self._published(run_ids, packed, problems)

    def _written(
        self, run_ids: Sequence[str], sources: Sequence[Source], progress: Progress | None
    ) -> dict[str, PackedFile]:
        made = self._work / MADE
        is_file = is_zip(self._target)
        with ZipSink(made, _base_name(run_ids)) if is_file else FolderSink(made, self._work / GROUP) as sink:
            return _pack(sink, sources, run_ids, progress)

    def _published(
        self, run_ids: tuple[str, ...], packed: Mapping[str, PackedFile], problems: tuple[str, ...]
    ) -> Archive:
        """Give what was written its name."""
        if self._target.is_dir():
            self._target.rename(self._work / REPLACED)
        (self._work / MADE).replace(self._target)
        sync(self._target.parent)
        size = sum(file.bytes for file in packed.values())
        return Archive(self._target, run_ids, len(packed), size, problems)


class GatheredRuns:
    """Snapshots of runs in a folder of their own; what is added to that folder is packed with them.

    Attributes
    ----------
    site_folder
        Where their site goes: the one run folder, or the runs folder of several.
    """

    def __init__(self, archiving: Archiving, snapshots: Sequence[Snapshot]) -> None:
        self._archiving, self._snapshots = archiving, snapshots
        self.site_folder = snapshots[0].folder if len(snapshots) == 1 else snapshots[0].folder.parent

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the locks of the snapshots of live runs: their pages would say that they crashed."""
        with ExitStack() as live:
            for snapshot in self._snapshots:
                if snapshot.is_live:
                    live.callback(RunLock(snapshot.folder).release)
            yield

    def pack(self, progress: Progress | None = None) -> Archive:
        """Write the bag: every file of the folder with its sha256.

        Parameters
        ----------
        progress
            Called with the numbers of files packed and to pack.
        """
        return self._archiving.pack(self._snapshots, progress)


@contextmanager
def archiving(
    runs: Iterable[str | os.PathLike[str]], out: str | os.PathLike[str], *, overwrite: bool = False
) -> Iterator[Archiving]:
    """Begin an archive of runs: one BagIt bag.

    Parameters
    ----------
    runs
        Run folders, or runs folders of which each run is taken.
    out
        A zip file to write, if the name ends with ``.zip``; else a folder to make.
    overwrite
        Replace what `out` is by now: a zip file, or the folder of another bag.

    Raises
    ------
    InvalidValueError
        If no run is given, or `out` exists already.
    StorageError
        If a run cannot be read, or the archive cannot be written; `out` is as it was then.
    """
    target = absolute_path(out)
    if isinstance(runs, (str, bytes, os.PathLike)) or not isinstance(runs, Iterable):
        raise InvalidTypeError(f"runs must be a list of run folders, but got {shown(runs)}")
    folders = [folder for given in runs for folder in run_folders(given)]
    if not folders:
        raise InvalidValueError("an archive must hold at least one run, but none is given")
    check_target(target, overwrite=overwrite)
    with writing(target), work_folder(target) as work:
        yield Archiving(folders, work, target)


def _sources_of_group(work: SafeFolder) -> list[Source]:
    """Return the files of the folder that holds the payload, or what of it is in no run folder."""
    # Hidden files are the locks of whoever built the site.
    return [Source(path.removeprefix(f"{GROUP}/"), work, path) for path, _ in work.walk(GROUP)]


def _sources_in_place(snapshot: Snapshot, pages: Pages, work: SafeFolder) -> Iterator[Source]:
    """Yield the files of a run out of its folder, but for its rows."""
    run_id, run = snapshot.folder.name, SafeFolder(snapshot.source)
    yield Source(f"{run_id}/{DATABASE}", work, f"{ROWS}/{run_id}/{DATABASE}")
    yield from (Source(f"{run_id}/{path}", run, str(path)) for path in snapshot.kept)
    for name in pages.names:
        yield Source(f"{run_id}/{name}", run, name, partial(pages.as_archived, name))


def _base_name(run_ids: Sequence[str]) -> str:
    return run_ids[0] if len(run_ids) == 1 else GROUP


def _pack(
    sink: Sink, sources: Iterable[Source], run_ids: Sequence[str], progress: Progress | None
) -> dict[str, PackedFile]:
    """Put the payload and then the tag files into an archive; return the payload's files by path."""
    ordered = sorted(sources, key=lambda source: source.name)
    packed: dict[str, PackedFile] = {}
    for source, file in zip(ordered, sink.add_payload(ordered), strict=True):
        packed[source.name] = file
        if progress:
            progress(len(packed), len(ordered))
    size = sum(file.bytes for file in packed.values())
    front = f"{BAG_PAYLOAD}/{run_ids[0]}/index.html" if len(run_ids) == 1 else f"{BAG_PAYLOAD}/index.html"
    texts = bag.tag_files(run_ids, front, len(packed), size)
    texts[bag.MANIFEST] = bag.manifest({f"{BAG_PAYLOAD}/{n}": file.sha256 for n, file in packed.items()})
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    texts[bag.TAG_MANIFEST] = bag.manifest(digests)
    for name in sorted(texts):
        sink.add_text(name, texts[name])
    return packed


def _problems(snapshot: Snapshot, packed: Mapping[str, PackedFile]) -> Iterator[str]:
    for path, media in snapshot.kept.items():
        file = packed.get(f"{snapshot.folder.name}/{path}")
        if file is None:
            yield f"{snapshot.source / path} must be a file of the run, but is missing"
        elif (file.bytes, file.sha256) != (media.bytes, media.sha256):
            yield f"{snapshot.source / path} must be as it was logged, but its bytes are others"
