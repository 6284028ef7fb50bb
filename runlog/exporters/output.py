"""Where an export goes: a new folder, copies of pictures, and an account of it all."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from runlog.basics.frozen import FrozenDict
from runlog.errors import InvalidValueError, StorageError
from runlog.files.paths import absolute_path
from runlog.files.safe_folder import SafeFolder
from runlog.reading.reader import RunReader, open_run
from runlog.storage.file_records import MediaRecord

_PARTIAL = ".partial"


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What an export wrote, and what it did not.

    Attributes
    ----------
    path
        What to open: the JSON file of a COCO data set, else the folder.
    written
        How many of what: images, boxes, masks …
    left_out
        What of the choice the export does not have, and how many: boxes that cannot be drawn …
    notes
        What is in it in a way that may surprise, and how many: boxes beyond their image …
    problems
        What the run should have but has not, a line each: media files that are missing or broken.
    """

    path: Path
    written: Mapping[str, int]
    left_out: Mapping[str, int]
    notes: Mapping[str, int]
    problems: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """What an export counts on its way; see `ExportResult`."""

    written: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def leave_out_layers(self, kind: str, count: int = 1) -> None:
        """Count layers of a kind that the format has no place for."""
        self.left_out[f"{kind}: layers that the format has no place for"] += count

    def result(self, path: Path) -> ExportResult:
        """Return the account of an export that is done."""
        written, left_out, notes = map(FrozenDict, (self.written, self.left_out, self.notes))
        return ExportResult(path, written, left_out, notes, tuple(self.problems))


@contextlib.contextmanager
def opened(run: RunReader | str | os.PathLike[str]) -> Iterator[RunReader]:
    """Give a reader of a run folder; one that was passed stays open."""
    if isinstance(run, RunReader):
        yield run
        return
    with open_run(run) as reader:
        yield reader


def path_outside(out: str | os.PathLike[str], run_folders: Iterable[Path]) -> Path:
    """Return where an export goes, as an absolute path.

    Raises
    ------
    InvalidValueError
        If it lies in one of the run folders.
    """
    path = absolute_path(out)
    resolved = path.resolve()
    if any(resolved.is_relative_to(run_folder.resolve()) for run_folder in run_folders):
        raise InvalidValueError(f"an export must go outside the run folder, but got {path}")
    return path


@contextlib.contextmanager
def new_folder(out: str | os.PathLike[str], run_folder: Path) -> Iterator[Path]:
    """Give a folder to fill; what is in it moves to `out` at the end, and is removed after an error.

    Raises
    ------
    InvalidValueError
        If `out` holds anything, is no folder, or lies in the run folder.
    StorageError
        If it cannot be written.
    """
    folder = path_outside(out, [run_folder])
    try:
        is_new = not folder.exists()
        is_free = is_new or (folder.is_dir() and not any(folder.iterdir()))
    except OSError as error:
        raise StorageError(f"{folder} must be writable, but: {error.strerror or error}") from None
    if not is_free:
        raise InvalidValueError(f"an export must go to a new or empty folder, but {folder} is neither")
    partial = folder / _PARTIAL
    try:
        partial.mkdir(parents=True)
        yield partial
        # Folders first: who sees the file that leads to the pictures finds them.
        for entry in sorted(partial.iterdir(), key=Path.is_file):
            entry.rename(folder / entry.name)
        partial.rmdir()
    except BaseException as error:
        shutil.rmtree(folder if is_new else partial, ignore_errors=True)
        if isinstance(error, OSError) and not isinstance(error, StorageError):
            where = "" if error.filename is None else f"{error.filename}: "
            raise StorageError(f"{folder} must be writable, but {where}{error.strerror}") from None
        raise


class PictureFolder:
    """Copies media files of a run; one that is asked for again becomes one more name of its copy."""

    def __init__(self, run_folder: Path, folder: Path) -> None:
        self._run_folder, self._folder = SafeFolder(run_folder), SafeFolder(folder)
        self._copies: dict[PurePosixPath, PurePosixPath] = {}

    def add(self, media: MediaRecord, name: PurePosixPath) -> bool:
        """Copy a media file to a path in the folder; return False if it is missing."""
        if not self._run_folder.is_file(media.path):
            return False
        self._folder.make_folder(name.parent)
        if (copy := self._copies.get(media.path)) is not None:
            self._folder.bring(name, self._folder, copy)
        else:
            self._folder.bring(name, self._run_folder, media.path, may_link=False)
            self._copies[media.path] = name
        return True
