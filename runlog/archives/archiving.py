"""Run folders → one BagIt bag, a zip file or a folder, that a browser opens and that proves its integrity."""

from __future__ import annotations

import hashlib
import os
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
    """The site in a run folder, as it would be anew."""

    @property
    def revision(self) -> int:
        """That of the run that it shows."""

    @property
    def names(self) -> Sequence[str]:
        """Where its files are below the run folder."""

    def as_alone(self, name: str, content: bytes) -> bytes:
        """Return what one of its files would be if there were no other runs beside this one."""

    def are_still_so(self) -> bool:
        """Return whether all of its files are as they were when they were found."""


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
        """Whether `pack_in_place` may be asked for: one run is to become a zip file."""
        return is_zip(self._target) and len(self.run_folders) == 1

    def pack_in_place(self, pages: Pages, progress: Progress | None = None) -> Archive | None:
        """Write the bag of a run out of its folder, as it lies there; None if it is not what it must be.

        Nothing of it is held meanwhile: that all is as rows and pages say is seen once it is packed. What is
        not, `gather` tells.

        Parameters
        ----------
        pages
            Those in its folder.
        progress
            Called with the numbers of files packed and to pack.
        """
        rows = self._work / ROWS
        snapshot = take_rows(self.run_folders[0], rows)
        if snapshot.is_live or snapshot.revision != pages.revision:
            return None
        run_id, run, copied = snapshot.folder.name, SafeFolder(snapshot.source), SafeFolder(rows)
        sources = [Source(f"{run_id}/{DATABASE}", copied, f"{run_id}/{DATABASE}")]
        sources += (Source(f"{run_id}/{path}", run, str(path)) for path in snapshot.kept)
        for name in pages.names:
            sources.append(Source(f"{run_id}/{name}", run, name, partial(pages.as_alone, name)))
        try:
            packed = self._written((run_id,), sources, progress)
        except OSError:
            return None
        is_sound = not any(_problems(snapshot, packed)) and pages.are_still_so()
        return self._published((run_id,), packed, ()) if is_sound else None

    def gather(self) -> GatheredRuns:
        """Take snapshots of the runs; each may be live: what it holds at one moment is taken.

        In one are the run's database, media files, saved and logged files; other files of a run folder are
        left out.
        """
        group, may_link = self._work / GROUP, is_zip(self._target)
        return GatheredRuns(
            self, [take_snapshot(folder, group, may_link=may_link) for folder in self.run_folders]
        )

    def pack(self, snapshots: Sequence[Snapshot], progress: Progress | None) -> Archive:
        """Write the bag of snapshots, which lie in one folder; what else is in that goes with them."""
        work = SafeFolder(self._work)
        # Hidden files are the locks of whoever built the site.
        paths = (path for path, _ in work.walk(GROUP))
        sources = [Source(path.removeprefix(f"{GROUP}/"), work, path) for path in paths]
        run_ids = tuple(snapshot.folder.name for snapshot in snapshots)
        packed = self._written(run_ids, sources, progress)
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
