"""Where the files of an archive go: into a zip file or into a folder, on the disk before it gets its name."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from runlog.archives.threads import in_threads
from runlog.archives.zips import seal
from runlog.files.safe_folder import OpenFolder, SafeFolder
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
class Source:
    """A file on its way into an archive.

    Attributes
    ----------
    name
        Where it goes in the payload.
    folder, path
        What it lies in, and where in it.
    change
        What is made of its content on the way; None leaves it as it is.
    """

    name: str
    folder: SafeFolder
    path: str
    change: Callable[[bytes], bytes] | None = None

    @property
    def place(self) -> tuple[SafeFolder, str]:
        """The folder that the file itself is in."""
        return self.folder, self.path.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file as it went into an archive."""

    sha256: str
    bytes: int


class Sink(Protocol):
    """An archive that is being written."""

    def add_payload(self, sources: Sequence[Source]) -> Iterator[PackedFile]:
        """Add files to the payload, and yield what each is."""

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
        self._file = path.open("w+b", buffering=_CHUNK)
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

    def add_payload(self, sources: Sequence[Source]) -> Iterator[PackedFile]:
        """Add files to the payload, and yield what each is."""
        for (root, place), some in groupby(sources, lambda source: source.place):
            with root.inside(place) as folder:
                for source in some:
                    yield self._add_file(source, folder)

    def add_text(self, name: str, text: str) -> None:
        """Add a tag file."""
        self._zip.writestr(self._entry(name), text.encode())

    def _add_file(self, source: Source, folder: OpenFolder) -> PackedFile:
        entry, name = self._entry(f"{BAG_PAYLOAD}/{source.name}"), source.path.rpartition("/")[2]
        content = folder.read(name, most=None if source.change else _CHUNK)
        if content is None:
            with folder.open(name) as file:
                return self._add_large(entry, file)
        if source.change is not None:
            content = source.change(content)
        self._add_small(entry, content)
        return PackedFile(hashlib.sha256(content).hexdigest(), len(content))

    def _add_small(self, entry: zipfile.ZipInfo, content: bytes) -> None:
        """Write a file as `zipfile` does, which first writes a header that it comes back to later."""
        is_deflated = entry.compress_type == zipfile.ZIP_DEFLATED
        packed = zlib.compress(content, _LEVEL, -zlib.MAX_WBITS) if is_deflated else content
        entry.file_size, entry.compress_size, entry.CRC = len(content), len(packed), zlib.crc32(content)
        entry.header_offset = self._zip.start_dir
        header = entry.FileHeader()
        self._file.write(header)
        self._file.write(packed)
        self._zip.start_dir += len(header) + len(packed)
        self._zip.filelist.append(entry)
        self._zip.NameToInfo[entry.filename] = entry

    def _add_large(self, entry: zipfile.ZipInfo, file: BinaryIO) -> PackedFile:
        digest = hashlib.sha256()
        entry.file_size = os.fstat(file.fileno()).st_size
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
    """A folder that takes over the one that holds its payload.

    Parameters
    ----------
    path
        The folder to make.
    payload
        Holds all that `add_payload` is given, and nothing else but hidden files, which go.
    """

    def __init__(self, path: Path, payload: Path) -> None:
        self._path, self._payload = path, payload
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

    def add_payload(self, sources: Sequence[Source]) -> Iterator[PackedFile]:
        """Add files to the payload, and yield what each is."""
        for hidden in [path for path in self._payload.rglob(".*") if path.is_file()]:
            hidden.unlink()
        self._payload.rename(self._path / BAG_PAYLOAD)
        paths = [self._path / BAG_PAYLOAD / source.name for source in sources]
        yield from in_threads(_digest, paths, _THREADS)

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
