"""Where the files of an archive go: into a zip file or into a folder, on the disk before it gets its name."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from runlog.archives.threads import in_threads
from runlog.archives.zips import seal
from runlog.storage.layout import BAG_PAYLOAD, FILES, LOGGED_FILES
from runlog.storage.media_folder import start_writing

# The earliest time a zip file can name: the bytes of an archive must not depend on when it was made.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_KEPT = (f"{FILES}/", f"{LOGGED_FILES}/")
_PERMISSIONS = 0o100644 << 16
_COMPRESSED = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif")
_CHUNK = 1 << 20
# Pages become an eighth larger than at the usual level, in a third of the time.
_LEVEL = 3
# Small files keep a thread waiting for the disk most of the time; hashing lets the others run.
_THREADS = 8


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file as it went into an archive."""

    sha256: str
    bytes: int


class Sink(Protocol):
    """An archive that is being written."""

    def add_payload(self, folder: Path, names: Sequence[str]) -> Iterator[PackedFile]:
        """Add files of a folder to the payload, and yield what each is."""

    def add_text(self, name: str, text: str) -> None:
        """Add a tag file."""


class ZipSink:
    """A zip file whose bytes depend on nothing but names and content.

    Parameters
    ----------
    path
        The file to write.
    base
        The one folder that all is in.
    """

    def __init__(self, path: Path, base: str) -> None:
        self._base = base
        self._file = path.open("w+b")
        self._zip = zipfile.ZipFile(self._file, "w")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            self._zip.close()
            if kind is None:
                seal(self._file)
            self._file.flush()
            os.fsync(self._file.fileno())

    def add_payload(self, folder: Path, names: Sequence[str]) -> Iterator[PackedFile]:
        """Add files of a folder to the payload, and yield what each is."""
        for name in names:
            yield self._add_file(f"{BAG_PAYLOAD}/{name}", f"{folder}/{name}")

    def add_text(self, name: str, text: str) -> None:
        """Add a tag file."""
        self._zip.writestr(self._entry(name), text.encode())

    def _add_file(self, name: str, source: str) -> PackedFile:
        entry = self._entry(name)
        with open(source, "rb", buffering=0) as file:  # noqa: PTH123 - a path would take as long as the file
            entry.file_size = os.fstat(file.fileno()).st_size
            if entry.file_size > _CHUNK:
                return self._add_large(entry, file)
            content = file.read()
        self._zip.writestr(entry, content, compresslevel=_LEVEL)
        return PackedFile(hashlib.sha256(content).hexdigest(), len(content))

    def _add_large(self, entry: zipfile.ZipInfo, file: BinaryIO) -> PackedFile:
        digest = hashlib.sha256()
        with self._zip.open(entry, "w") as target:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                target.write(chunk)
        return PackedFile(digest.hexdigest(), entry.file_size)

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(f"{self._base}/{name}", _NO_TIME)
        # Else it is the system that the archive is written on.
        entry.create_system = 3
        entry.external_attr = _PERMISSIONS
        is_stored = name.endswith(_COMPRESSED) or _is_kept_as_it_is(name)
        entry.compress_type = zipfile.ZIP_STORED if is_stored else zipfile.ZIP_DEFLATED
        return entry


class FolderSink:
    """A folder that takes over the files it is given.

    Parameters
    ----------
    path
        The folder to make.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            # All data is on its way by now: one commit of the file system serves them all.
            for path in (*self._path.rglob("*"), self._path):
                sync(path)

    def add_payload(self, folder: Path, names: Sequence[str]) -> Iterator[PackedFile]:
        """Add files of a folder to the payload, and yield what each is."""
        for hidden in [path for path in folder.rglob(".*") if path.is_file()]:
            hidden.unlink()
        folder.rename(self._path / BAG_PAYLOAD)
        yield from in_threads(_digest, [self._path / BAG_PAYLOAD / name for name in names], _THREADS)

    def add_text(self, name: str, text: str) -> None:
        """Add a tag file."""
        (self._path / name).write_text(text, "utf-8", newline="\n")


def _is_kept_as_it_is(name: str) -> bool:
    """Return whether a file of a bag is one that a script saved or logged.

    Weights hardly become smaller, and what becomes 200 times smaller `verify` takes for a bomb.
    """
    _, _, in_run = name.partition("/")[2].partition("/")
    return in_run.startswith(_KEPT)


def sync(path: Path) -> None:
    """Bring a file or a folder to the disk."""
    # Not every system lets a folder be opened.
    with suppress(PermissionError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _digest(path: Path) -> PackedFile:
    """Return what a file is, and let it go to the disk."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        start_writing(file.fileno())
        return PackedFile(digest, file.tell())
