"""What `verify` reads: the files of a folder or of a zip file, by their paths."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from sqlite3 import Connection
from tempfile import TemporaryDirectory
from typing import Protocol, Self

from runlog.archives.zips import find_unsafe, has_broken_seal, open_zip, read_member
from runlog.errors import StorageError
from runlog.files.safe_folder import SafeFolder
from runlog.storage.connections import open_for_reading, read_errors
from runlog.storage.layout import DATABASE, has_database, is_bag

_CHUNK = 1 << 20


class Tree(Protocol):
    """Files by path, relative, with ``/``.

    Attributes
    ----------
    path
        The folder or zip file.
    """

    path: Path

    def names(self) -> tuple[str, ...]:
        """Return the paths of all files."""

    def problems(self) -> tuple[str, ...]:
        """Return what forbids to read or unpack the files, one line each."""

    def damage(self) -> tuple[str, ...]:
        """Return what is wrong with it beside the content of its files, one line each."""

    def size(self, name: str) -> int | None:
        """Return the bytes of a file; None if there is none, or no plain one."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the content of a file in pieces.

        Raises
        ------
        StorageError
            If it cannot be read.
        """

    def database(self, folder: str) -> AbstractContextManager[Connection]:
        """Open the database of the run in a folder (``""``, or ending with ``/``) for reading.

        Raises
        ------
        StorageError
            If it cannot be read.
        """


class FolderTree:
    """The files of a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._holds_runs = not has_database(path) and not is_bag(path)

    def names(self) -> tuple[str, ...]:
        """Return the paths of all files, links included, which are not followed."""
        return tuple(sorted(map(str, SafeFolder(self.path).files())))

    def problems(self) -> tuple[str, ...]:
        """Return nothing: there is nothing to unpack."""
        return ()

    def damage(self) -> tuple[str, ...]:
        """Return nothing: there is nothing but files."""
        return ()

    def size(self, name: str) -> int | None:
        """Return the bytes of a file; None if there is none, or no plain one."""
        folder, rest = self._at(name)
        status = folder.status(rest)
        return status.st_size if status is not None and stat.S_ISREG(status.st_mode) else None

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the content of a file in pieces."""
        try:
            folder, rest = self._at(name)
            with folder.open(rest) as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except OSError as error:
            raise StorageError(f"it must be readable, but: {error.strerror or error}") from None

    @contextmanager
    def database(self, folder: str) -> Iterator[Connection]:
        """Open the database of the run in a folder for reading."""
        with ExitStack() as cleanup, read_errors(self.path / folder / DATABASE):
            yield open_for_reading(self.path / folder, cleanup)

    def _at(self, name: str) -> tuple[SafeFolder, str]:
        """Return the folder below which nothing may be a link, and where in it a file is."""
        run, _, rest = name.partition("/")
        # A run folder may be one; not so what is in it, nor anything in a bag.
        is_run = self._holds_runs and rest and has_database(self.path / run)
        return (SafeFolder(self.path / run), rest) if is_run else (SafeFolder(self.path), name)


class ZipTree:
    """The files of a zip file, which is open within a ``with``.

    Raises
    ------
    StorageError
        If it is no whole zip file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._zip = open_zip(path)
        self._files = {
            entry.filename: entry for entry in self._zip.infolist() if not entry.filename.endswith("/")
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def names(self) -> tuple[str, ...]:
        """Return the paths of all files."""
        return tuple(sorted(self._files))

    def problems(self) -> tuple[str, ...]:
        """Return what is unsafe in it, or contradicts itself."""
        return tuple(find_unsafe(self.path, self._zip))

    def damage(self) -> tuple[str, ...]:
        """Return that it is damaged, if it is sealed and not as it was then."""
        if not has_broken_seal(self.path, self._zip.comment):
            return ()
        return (f"{self.path.name} must have the sha256 that its comment gives, but has another",)

    def size(self, name: str) -> int | None:
        """Return the bytes that a file is declared to have; None if there is none."""
        entry = self._files.get(name)
        return None if entry is None else entry.file_size

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the content of a file in pieces."""
        return read_member(self._zip, self._files[name])

    @contextmanager
    def database(self, folder: str) -> Iterator[Connection]:
        """Open a copy of the database of a run, which SQLite wants as a file; it goes right afterwards."""
        name = f"{folder}{DATABASE}"
        if self.size(f"{name}-wal"):
            raise StorageError(
                f"{self.path / name} must hold all rows, but some are in {DATABASE}-wal: it was zipped while "
                "the run wrote; `runlog archive` takes a consistent copy"
            )
        with read_errors(self.path / name), TemporaryDirectory(prefix="runlog-") as place:
            copy = Path(place, DATABASE)
            with copy.open("wb") as file:
                file.writelines(self.chunks(name))
            try:
                with ExitStack() as cleanup, read_errors(copy):
                    yield open_for_reading(copy.parent, cleanup)
            except StorageError as error:
                raise StorageError(str(error).replace(str(copy), str(self.path / name))) from None
