"""Which folders of event files are a run, and which are pieces of the run in the folder above.

Two calls of TensorBoard's writer make folders of their own below that of the run: ``add_hparams`` one whose
name is a time, with the hyperparameters and a value of each metric; ``add_scalars`` one for each number,
``TAG_NAME`` (or ``TAG/NAME``), whose values are all under the one tag.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from runlog.errors import InvalidValueError, StorageError
from runlog.importers.events import Event, EventReader, Hyperparameters, Number
from runlog.importers.records import Record
from runlog.importers.sources import SourceFile
from runlog.importers.tfrecord import read_records


@dataclass(frozen=True, slots=True)
class EventFiles:
    """The event files of a folder.

    Attributes
    ----------
    name
        Where ``add_scalars`` wrote them: what is to stand behind their one tag.
    """

    files: Sequence[SourceFile]
    name: str | None = None


@dataclass(slots=True)
class RunFiles:
    """The event files of a run: those in its own folder, and those in folders of its pieces."""

    own: EventFiles
    hyperparameters: list[EventFiles] = field(default_factory=list)
    scalars: list[EventFiles] = field(default_factory=list)


def find_runs(files: Sequence[SourceFile]) -> dict[PurePosixPath, RunFiles]:
    """Return the event files of each run by its folder, in the order of their names, which begin with a time.

    A file that cannot be read is one of a run of its own, which says so.
    """
    by_folder: defaultdict[PurePosixPath, list[SourceFile]] = defaultdict(list)
    for file in files:
        by_folder[file.name.parent].append(file)
    runs: dict[PurePosixPath, RunFiles] = {}
    for folder, found in sorted(by_folder.items()):
        above = next((parent for parent in folder.parents if parent in runs), None)
        if above is None or not _is_piece(folder.relative_to(above), found, runs[above]):
            runs[folder] = RunFiles(EventFiles(found))
    return runs


def _is_piece(name: PurePosixPath, files: Sequence[SourceFile], run: RunFiles) -> bool:
    """Add the files to a run if they are a piece of it; return whether they are."""
    tags = _read_tags(files)
    if tags is None:
        return False
    if tags.have_hyperparameters:
        if max(tags.counts.values(), default=1) > 1:
            return False
        run.hyperparameters.append(EventFiles(files))
        return True
    behind = _behind(str(name), next(iter(tags.counts))) if len(tags.counts) == 1 else None
    if behind is None:
        return False
    run.scalars.append(EventFiles(files, behind))
    return True


def _behind(folder: str, tag: str) -> str | None:
    """Return what ``add_scalars`` was given for a number, if it made the folder for that and the tag."""
    for begin in (f"{tag}/", f"{tag.replace('/', '_')}_"):
        if folder.startswith(begin) and len(folder) > len(begin):
            return folder.removeprefix(begin)
    return None


@dataclass(frozen=True, slots=True)
class _Tags:
    """How many numbers are under each tag, where there is nothing else."""

    counts: Mapping[str, int]
    have_hyperparameters: bool


def _read_tags(files: Sequence[SourceFile]) -> _Tags | None:
    """Return the tags of the numbers in some files; None if something else is in them, or wrong with them."""
    counts, has_any = Counter[str](), False
    try:
        for event in _events(files):
            for value in event.values:
                if isinstance(value, Hyperparameters):
                    has_any = True
                elif isinstance(value, Number):
                    counts[value.tag] += 1
                else:
                    return None
            if not has_any and len(counts) > 1:
                return None
    except (InvalidValueError, StorageError):
        return None
    return _Tags(counts, has_any)


def _events(files: Sequence[SourceFile]) -> Iterator[Event]:
    events = EventReader()
    for file in files:
        for found in read_records(file):
            if isinstance(found, Record):
                yield events.read(found.data)
