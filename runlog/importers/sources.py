"""The files of logs, which anybody may have made: found and opened below the folder that was named alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from runlog.errors import InvalidValueError, StorageError
from runlog.files.paths import absolute_path
from runlog.files.safe_folder import SafeFolder
from runlog.storage.layout import refuse_unreachable


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a log: its name below the folder that was named, or that the file lies in that was."""

    folder: SafeFolder
    name: PurePosixPath

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.folder.path / self.name

    @property
    def size(self) -> int:
        """How many bytes it has; 0 if that cannot be told: whoever reads it will say why."""
        status = self.folder.status(self.name)
        return 0 if status is None else status.st_size

    def beside(self, name: str) -> SourceFile:
        """Return the file of a name, with ``/``, below the folder that this one lies in."""
        return SourceFile(self.folder, self.name.parent / name)

    def open(self) -> BinaryIO:
        """Open it for reading.

        Raises
        ------
        StorageError
            If it is no plain file, or cannot be read.
        """
        try:
            return self.folder.open(self.name)
        except StorageError:
            raise
        except OSError as error:
            raise StorageError(
                f"a file of a log must be readable, but {self.path}: {error.strerror}"
            ) from None

    def read(self, most_bytes: int) -> bytes:
        """Return what is in it.

        Raises
        ------
        StorageError
            If it is no plain file, or cannot be read.
        InvalidValueError
            If it has more bytes than that.
        """
        with self.open() as file:
            data = file.read(most_bytes + 1)
        if len(data) > most_bytes:
            raise InvalidValueError(
                f"{self.path} must have at most {most_bytes:,} bytes, but has {self.size:,}"
            )
        return data


def find_files(
    path: str | os.PathLike[str], is_log: Callable[[str], bool], what: str
) -> tuple[Path, tuple[SourceFile, ...]]:
    """Return what was named, as an absolute path, and the files of logs that it is or holds, by name.

    Parameters
    ----------
    path
        A folder, or a file, whatever it is called; only the way to it may lead through links.
    is_log
        Tells by the name of a file whether it is one of a log.
    what
        What such files are, in words.

    Raises
    ------
    InvalidValueError
        If there are none.
    StorageError
        If one may not look.
    """
    root = absolute_path(path)
    refuse_unreachable(root)
    if root.is_file():
        file = Path(os.path.realpath(root))
        return root, (SourceFile(SafeFolder(file.parent), PurePosixPath(file.name)),)
    folder = SafeFolder(root)
    names = sorted(name for name in folder.files() if is_log(name.name))
    files = tuple(SourceFile(folder, name) for name in names if folder.is_file(name))
    if not files:
        raise InvalidValueError(f"{root} must be or hold {what}, but there are none")
    return root, files
