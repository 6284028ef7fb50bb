"""Run folders → one BagIt bag, a zip file or a folder, that a browser opens and that proves its integrity."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from runlog.archives import bag
from runlog.archives.sinks import FolderSink, PackedFile, Sink, ZipSink, sync
from runlog.archives.snapshot import Snapshot, take_snapshot
from runlog.errors import InvalidTypeError, InvalidValueError, RunlogError, StorageError, shown
from runlog.files.paths import absolute_path
from runlog.files.safe_folder import SafeFolder
from runlog.storage.layout import BAG_DECLARATION, BAG_PAYLOAD, LOCK, run_folders
from runlog.storage.lock import RunLock, is_locked

Progress = Callable[[int, int], None]

# What several runs are called together.
_GROUP = "runs"
# What is in a work folder.
_MADE, _REPLACED = "made", "replaced"
_WORK_NAMES = frozenset((_GROUP, _MADE, _REPLACED, LOCK))


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


class GatheredRuns:
    """Snapshots of runs in a folder of their own; what is added to that folder is packed with them.

    Attributes
    ----------
    site_folder
        Where their site goes: the one run folder, or the runs folder of several.
    """

    def __init__(self, snapshots: Sequence[Snapshot], work: Path, target: Path) -> None:
        self._snapshots, self._work, self._target = snapshots, work, target
        self._payload = snapshots[0].folder.parent
        self.site_folder = snapshots[0].folder if len(snapshots) == 1 else self._payload

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
        made = self._work / _MADE
        run_ids = tuple(snapshot.folder.name for snapshot in self._snapshots)
        is_zip = _is_zip(self._target)
        with ZipSink(made, _base_name(run_ids)) if is_zip else FolderSink(made) as sink:
            packed = _pack(sink, self._payload, run_ids, progress)
        if self._target.is_dir():
            self._target.rename(self._work / _REPLACED)
        made.replace(self._target)
        sync(self._target.parent)
        problems = tuple(problem for snapshot in self._snapshots for problem in _problems(snapshot, packed))
        size = sum(file.bytes for file in packed.values())
        return Archive(self._target, run_ids, len(packed), size, problems)


@contextmanager
def gather(
    runs: Iterable[str | os.PathLike[str]], out: str | os.PathLike[str], *, overwrite: bool = False
) -> Iterator[GatheredRuns]:
    """Take snapshots of runs, to be packed into one BagIt bag.

    A run may be live: what it holds at one moment is taken. In a snapshot are the run's database, media
    files, saved and logged files; other files of a run folder are left out.

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
    _check_target(target, overwrite=overwrite)
    with _writing(target), _work_folder(target) as work:
        snapshots = [take_snapshot(folder, work / _GROUP, may_link=_is_zip(target)) for folder in folders]
        yield GatheredRuns(snapshots, work, target)


def _is_zip(target: Path) -> bool:
    return target.suffix.lower() == ".zip"


def _check_target(target: Path, *, overwrite: bool) -> None:
    if not (target.exists() or target.is_symlink()):
        return
    if not overwrite:
        raise InvalidValueError(
            f"an archive must not exist yet, but {target} does; overwrite (`--overwrite`) replaces it"
        )
    if target.is_dir() and (_is_zip(target) or not (target / BAG_DECLARATION).exists()):
        raise InvalidValueError(f"only an archive is overwritten, but {target} is a folder of something else")
    if target.exists() and not target.is_dir() and not _is_zip(target):
        raise InvalidValueError(f"an archive in a folder must replace a folder, but {target} is a file")


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if isinstance(error, RunlogError):
            raise
        raise StorageError(
            f"an archive must be written whole, but {target}: {error.strerror or error}"
        ) from None


@contextmanager
def _work_folder(target: Path) -> Iterator[Path]:
    """Give a folder beside the target, on its file system; it goes in the end, after a kill with the next."""
    _tidy(target.parent)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent) as work:
        # It tells the work folders of the dead from those of the living.
        lock = RunLock(Path(work))
        try:
            yield Path(work)
        finally:
            lock.release()


def _tidy(folder: Path) -> None:
    """Remove the work folders of archives that were killed; what one was to replace gets its name back."""
    for work in folder.glob(".?*.????????.tmp"):
        with suppress(OSError):
            names = {path.name for path in work.iterdir()}
            if work.is_symlink() or LOCK not in names or not names <= _WORK_NAMES or is_locked(work):
                continue
            replaced, target = work / _REPLACED, folder / work.name[1 : -len(".????????.tmp")]
            if replaced.is_dir() and not target.exists():
                replaced.rename(target)
            shutil.rmtree(work)


def _base_name(run_ids: Sequence[str]) -> str:
    return run_ids[0] if len(run_ids) == 1 else _GROUP


def _pack(
    sink: Sink, payload: Path, run_ids: Sequence[str], progress: Progress | None
) -> dict[str, PackedFile]:
    """Put the payload and then the tag files into an archive; return the payload's files by path."""
    # Hidden files are the locks of whoever built the site.
    names = sorted(str(path) for path in SafeFolder(payload).files() if not path.name.startswith("."))
    packed: dict[str, PackedFile] = {}
    for name, file in zip(names, sink.add_payload(payload, names), strict=True):
        packed[name] = file
        if progress:
            progress(len(packed), len(names))
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
