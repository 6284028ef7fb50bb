"""The gate through which everything passes that reads, writes or removes files below a run or runs folder.

Run folders are copied, unzipped and received from strangers: a name below one may be a link to anywhere, or a
FIFO or device that is waited for in vain. The folder that a user names may itself be reached through links;
below it no part of a path may be one, and only plain files are opened, none of them in a way that waits.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, TypeAlias

from runlog.errors import StorageError

# Relative to a folder, with `/`.
Name: TypeAlias = "str | PurePosixPath"
# Of an open folder, and what it is called in messages.
Check: TypeAlias = "Callable[[int, Path], None]"

_OPEN = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NOT_A_LINK = getattr(os, "O_NOFOLLOW", 0)
_NEVER_WAIT = getattr(os, "O_NONBLOCK", 0)
_CREATE = os.O_CREAT | os.O_EXCL | _OPEN | _NOT_A_LINK
# To walk through a folder one need not be allowed to list it.
_WALK = _OPEN | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_PATH", os.O_RDONLY)
# Else (Windows) each part is looked at before the whole path is used.
_HAS_DESCRIPTORS = _NOT_A_LINK != 0 and {os.open, os.stat, os.mkdir, os.unlink, os.link} <= os.supports_dir_fd
_STRANGE = {errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO}
_COPY_BYTES = 1 << 20
_TEMPORARY_BYTES = 8
_TEMPORARY = re.compile(rf"\.[0-9a-f]{{{2 * _TEMPORARY_BYTES}}}\.tmp")
# Linux: make a file share the blocks of another, on file systems that can (ioctl_ficlone(2)).
_FICLONE = 0x40049409


@dataclass(frozen=True, slots=True)
class Copied:
    """A file that was copied into a folder: where it is, what is in it, and whether nothing had its name."""

    name: PurePosixPath
    sha256: str
    bytes: int
    is_new: bool


class SafeFolder:
    """The files below a folder that anybody may have made, reached through no link.

    Names are relative to the folder, with ``/``. Each method raises `StorageError` where a name leads through
    a link, or is one and must be a plain file, and else `OSError` as the function of `os` beneath it.

    Parameters
    ----------
    path
        The folder, as it was named; what it is called by may be a link.
    """

    __slots__ = ("path",)

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, name: Name) -> BinaryIO:
        """Open a plain file for reading."""
        with self._reach(name) as (folder, last):
            descriptor = open_plain(last, os.O_RDONLY, self._named(name), folder)
        # By its path, the file has a name in messages.
        return open(self._named(name), "rb", opener=lambda *_: descriptor)

    def read(self, name: Name) -> bytes:
        """Return the content of a plain file."""
        with self.open(name) as file:
            return file.read()

    def descriptor(self, name: Name) -> int:
        """Open a file or a folder for reading, or for syncing it; the caller closes the descriptor."""
        with self._reach(name) as (folder, last):
            return _descriptor(folder, last, self._named(name))

    def status(self, name: Name) -> os.stat_result | None:
        """Return what is known of a file, folder or link itself; None if it is missing or behind a link."""
        try:
            # Of what lies in the folder itself, there is nothing to walk through.
            if "/" not in (only := str(name)):
                return os.lstat(f"{self.path}{os.sep}{_only_name(only)}")
            with self._reach(name) as (folder, last):
                return os.stat(last, dir_fd=folder, follow_symlinks=False)
        except OSError:
            return None

    def is_file(self, name: Name) -> bool:
        """Return whether there is a plain file of that name."""
        status = self.status(name)
        return status is not None and stat.S_ISREG(status.st_mode)

    def is_folder(self, name: Name) -> bool:
        """Return whether there is a folder of that name, and no link to one."""
        status = self.status(name)
        return status is not None and stat.S_ISDIR(status.st_mode)

    def refuse_strange(self, *names: Name) -> None:
        """Raise `StorageError` if one of several files is there, but is no plain one."""
        for name in names:
            status = self.status(name)
            if status is not None and not stat.S_ISREG(status.st_mode):
                raise StorageError(
                    f"{self.path / name} must be a plain file, but is a link or something else"
                )

    def files(self, name: Name = "") -> Iterator[PurePosixPath]:
        """Yield all names below a folder that are no folders: files and, not followed, links and devices.

        What cannot be listed is left out.
        """
        if name and not self.is_folder(name):
            return
        waiting = [PurePosixPath(name)]
        while waiting:
            place = waiting.pop()
            with contextlib.suppress(OSError), os.scandir(self.path / place) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(place / entry.name)
                    else:
                        yield place / entry.name

    def walk(self, name: str) -> Iterator[tuple[str, os.stat_result]]:
        """Yield all names below a folder that are no folders, each with what is known of it; none is hidden.

        A name that begins with a dot, and what is in a folder of such a name, is left out; so is what cannot
        be listed. Links are told, and not followed.
        """
        waiting = [name] if self.is_folder(name) else []
        while waiting:
            place = waiting.pop()
            with contextlib.suppress(OSError), os.scandir(self.path / place) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except OSError:  # it is gone by now
                        continue
                    if stat.S_ISDIR(status.st_mode):
                        waiting.append(f"{place}/{entry.name}")
                    else:
                        yield f"{place}/{entry.name}", status

    def make_folder(self, name: Name) -> None:
        """Make a folder, and those that it lies in, where they are not there yet."""
        with self._reach(f"{name}/.", make=True):
            pass

    def write(self, name: Name, data: bytes, *, is_synced: bool = False) -> None:
        """Write a file into a folder that is there; it gets its name, or takes it over, when it is whole.

        Until then it has a name that nobody can foresee. With `is_synced` it is on the disk before.
        """
        with self._reach(name) as (folder, last):
            _write_whole(folder, last, data, is_synced=is_synced)

    def renew(self, name: Name, data: bytes) -> bool:
        """Write a file, as `write` does, unless it has that content; return whether it had not.

        What has the name and is no plain file is replaced.
        """
        with self._reach(name) as (folder, last):
            with contextlib.suppress(FileNotFoundError, StorageError):
                descriptor = open_plain(last, os.O_RDONLY, self._named(name), folder)
                with os.fdopen(descriptor, "rb") as file:
                    if file.read() == data:
                        return False
            _write_whole(folder, last, data)
        return True

    @contextlib.contextmanager
    def inside(
        self, name: Name, *, make: bool = False, mode: int = 0o777, check: Check | None = None
    ) -> Iterator[OpenFolder]:
        """Hold a folder open for several files in it; with `make` it is made where it is not there yet.

        Parameters
        ----------
        name
            The folder.
        make
            Whether it is made, and those that it lies in.
        mode
            Who may do what in a folder that is made, as of `os.mkdir`.
        check
            Raises an error for a folder on the way, the last one included, that must not be gone through. It
            gets an open descriptor and the path; where the system knows no such descriptors, it is not asked.
        """
        inner = PurePosixPath(name) / "_"
        with contextlib.ExitStack() as held:
            try:
                folder, last = held.enter_context(self._reach(inner, check=check))
            except FileNotFoundError:
                if not make:
                    raise
                reached = self._reach(inner, make=True, mode=mode, check=check)
                folder, last = held.enter_context(reached)
            yield OpenFolder(folder, last, self.path / name)

    def bring(self, name: Name, source: SafeFolder, source_name: Name, *, may_link: bool = True) -> None:
        """Let a file be the same as another: one more name of it or, where that cannot be, a copy of it."""
        with source._reach(source_name) as (source_folder, source_last), self._reach(name) as (folder, last):
            _bring(folder, last, source_folder, source_last, source._named(source_name), may_link=may_link)

    def take(
        self, source: BinaryIO, name_of: Callable[[str], PurePosixPath], check: Callable[[], None]
    ) -> Copied:
        """Copy an open file into a folder, which is made; it gets its name when it is whole.

        Parameters
        ----------
        source
            Read from its start. Where the file system can, the copy shares its blocks.
        name_of
            The sha256 of the content → the name, always in one folder; what has it is replaced.
        check
            Called between parts: what it raises gives the copy up, and nothing is left of it.
        """
        target = name_of(hashlib.sha256().hexdigest()).parent
        if target.parts:
            self.make_folder(target)
        with self._reach(target / "_") as (folder, last), _temporary(folder, last) as temporary:
            with _new_file(temporary, folder) as copy:
                # A copy that shares blocks is of one moment, so it is what is hashed.
                is_clone = _cloned(source, copy)
                sha256, size = hashed(copy, check) if is_clone else hashed(source, check, copy)
            name = name_of(sha256)
            is_new = self.status(name) is None
            os.replace(temporary, _beside(last, name.name), src_dir_fd=folder, dst_dir_fd=folder)
        return Copied(name, sha256, size, is_new)

    def rename(self, name: Name, to: Name) -> None:
        """Give a file another name, whose folder must be there; what has that name is replaced."""
        with self._reach(name) as (folder, last), self._reach(to) as (to_folder, to_last):
            os.replace(last, to_last, src_dir_fd=folder, dst_dir_fd=to_folder)

    def remove(self, name: Name) -> None:
        """Remove a file or a link, if it is there."""
        with contextlib.suppress(FileNotFoundError), self._reach(name) as (folder, last):
            os.unlink(last, dir_fd=folder)

    def remove_all(self, name: Name) -> None:
        """Remove whatever has a name, a folder with all that is in it; links are removed, not followed."""
        with contextlib.suppress(FileNotFoundError), self._reach(name) as (folder, last):
            if stat.S_ISDIR(os.stat(last, dir_fd=folder, follow_symlinks=False).st_mode):
                import shutil

                shutil.rmtree(last, dir_fd=folder)
            else:
                os.unlink(last, dir_fd=folder)

    def _named(self, name: Name) -> str:
        """Return what a file is called in messages; a `Path` of each would take as long as to open it."""
        return f"{self.path}{os.sep}{name}"

    @contextlib.contextmanager
    def _reach(
        self, name: Name, *, make: bool = False, mode: int = 0o777, check: Check | None = None
    ) -> Iterator[tuple[int | None, str]]:
        """Give the folder that a name is in, as an open descriptor, and the last part of the name.

        Where the system knows no such descriptors, that is None, and the last part a whole path.
        """
        *folders, last = _parts(name)
        if not _HAS_DESCRIPTORS:
            yield None, str(self._checked(folders, make=make, mode=mode) / last)
            return
        descriptor = os.open(self.path, _WALK)
        try:
            for number, part in enumerate(folders, 1):
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(part, mode, dir_fd=descriptor)
                try:
                    inner = os.open(part, _WALK | _NOT_A_LINK, dir_fd=descriptor)
                except OSError as error:
                    raise _explained(error, self.path.joinpath(*folders[:number]), "a folder") from None
                os.close(descriptor)
                descriptor = inner
                if check is not None:
                    check(descriptor, self.path.joinpath(*folders[:number]))
            yield descriptor, last
        finally:
            os.close(descriptor)

    def _checked(self, folders: list[str], *, make: bool, mode: int) -> Path:
        path = self.path
        for part in folders:
            path /= part
            if make:
                with contextlib.suppress(FileExistsError):
                    path.mkdir(mode)
            if not stat.S_ISDIR(path.lstat().st_mode):
                raise StorageError(f"{path} must be a folder, but is a link or a file")
        return path


class OpenFolder:
    """A folder that was reached through no link, and is held open; `SafeFolder.inside` gives one.

    Its files have one name, without ``/``.
    """

    __slots__ = ("_folder", "_last", "_path")

    def __init__(self, folder: int | None, last: str, path: Path) -> None:
        self._folder, self._last, self._path = folder, last, path

    def write(self, name: str, data: bytes, *, mode: int = 0o666) -> None:
        """Write a file, as `SafeFolder.write` does; `mode`, as of `os.open`, says who may do what."""
        _write_whole(self._folder, _beside(self._last, _only_name(name)), data, mode=mode)

    def open(self, name: str) -> BinaryIO:
        """Open a plain file for reading."""
        return os.fdopen(self._plain(name)[0], "rb")

    def read(
        self, name: str, *, most: int | None = None, wanted: Callable[[os.stat_result], bool] | None = None
    ) -> bytes | None:
        """Return the content of a plain file, in few calls of the system; None past `most` bytes.

        So it is where the file is not `wanted`, by what is known of it.
        """
        descriptor, status = self._plain(name)
        try:
            if (most is not None and status.st_size > most) or not (wanted is None or wanted(status)):
                return None
            content = b""
            # What the system gives of it at once may be a part.
            while len(content) < status.st_size and (part := os.read(descriptor, status.st_size)):
                content += part
            return content
        finally:
            os.close(descriptor)

    def _plain(self, name: str) -> tuple[int, os.stat_result]:
        last = _beside(self._last, _only_name(name))
        return _open_plain(last, os.O_RDONLY, self._named(name), self._folder)

    def _named(self, name: str) -> str:
        return f"{self._path}{os.sep}{name}"

    def is_file(self, name: str) -> bool:
        """Return whether there is a plain file of that name."""
        last = _beside(self._last, _only_name(name))
        try:
            return stat.S_ISREG(os.stat(last, dir_fd=self._folder, follow_symlinks=False).st_mode)
        except OSError:
            return False

    def bring(self, name: str, source: OpenFolder, *, may_link: bool = True) -> None:
        """Let a file be the same as that of its name in another folder, as `SafeFolder.bring` does."""
        last, source_last = _beside(self._last, _only_name(name)), _beside(source._last, name)
        _bring(self._folder, last, source._folder, source_last, source._named(name), may_link=may_link)

    def descriptor(self, name: str) -> int:
        """Open a file, as `SafeFolder.descriptor` does."""
        return _descriptor(self._folder, _beside(self._last, _only_name(name)), self._named(name))


def open_plain(name: str | os.PathLike[str], flags: int, path: str | Path, folder: int | None = None) -> int:
    """Open a plain file that is there, and return its descriptor.

    Parameters
    ----------
    name, folder
        A path, or a name in the folder of a descriptor.
    flags
        As of `os.open`.
    path
        What it is called in messages.

    Raises
    ------
    StorageError
        If it is no plain file.
    OSError
        If it cannot be opened.
    """
    return _open_plain(name, flags, path, folder)[0]


def _open_plain(
    name: str | os.PathLike[str], flags: int, path: str | Path, folder: int | None
) -> tuple[int, os.stat_result]:
    try:
        descriptor = os.open(name, flags | _OPEN | _NOT_A_LINK | _NEVER_WAIT, 0o666, dir_fd=folder)
    except OSError as error:
        raise _explained(error, path, "a plain file") from None
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        return descriptor, status
    os.close(descriptor)
    raise StorageError(f"{path} must be a plain file, but is a folder, a FIFO or a device")


def _descriptor(folder: int | None, last: str, path: str) -> int:
    try:
        return os.open(last, os.O_RDONLY | _OPEN | _NOT_A_LINK | _NEVER_WAIT, dir_fd=folder)
    except OSError as error:
        raise _explained(error, path, "a file or a folder") from None


def _explained(error: OSError, path: str | Path, wanted: str) -> OSError:
    """Return an error in words where the system's would speak of levels of links."""
    if error.errno in _STRANGE:
        return StorageError(f"{path} must be {wanted}, but is a link or something else")
    error.filename = str(path)
    return error


def _parts(name: Name) -> list[str]:
    """Return the parts of a name that leads nowhere but down."""
    parts = str(name).split("/")
    last = parts.pop() if parts[-1] == "." else None  # the folder itself
    if any(part in ("", ".", "..") or "\0" in part or os.sep in part for part in parts):
        raise StorageError(f"a file must have a name below its folder, but got {str(name)!r}")
    return parts if last is None else [*parts, last]


def _only_name(name: str) -> str:
    """Return the one part that a name must have."""
    if len(_parts(name)) != 1:
        raise StorageError(f"a file must have a name in its folder, but got {name!r}")
    return name


def is_temporary(name: str) -> bool:
    """Return whether a file may be one of ours that is half-written, by its name."""
    return _TEMPORARY.fullmatch(name) is not None


@contextlib.contextmanager
def _replacing(folder: int | None, last: str) -> Iterator[str]:
    """Give a name that nobody can foresee; what has it in the end takes the place of `last`."""
    with _temporary(folder, last) as temporary:
        yield temporary
        os.replace(temporary, last, src_dir_fd=folder, dst_dir_fd=folder)


@contextlib.contextmanager
def _temporary(folder: int | None, last: str) -> Iterator[str]:
    """Give a name beside `last` that nobody can foresee; what still has it in the end is removed."""
    temporary = _temporary_name(last)
    try:
        yield temporary
    finally:
        # After an error, Ctrl-C included, or where both were names of one file.
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)


def _temporary_name(last: str) -> str:
    return _beside(last, f".{os.urandom(_TEMPORARY_BYTES).hex()}.tmp")


def _beside(last: str, name: str) -> str:
    """Return a name in the folder of `last`, which is a whole path where there are no descriptors."""
    return name if _HAS_DESCRIPTORS else str(Path(last).parent / name)


def _write_whole(
    folder: int | None, last: str, data: bytes, *, is_synced: bool = False, mode: int = 0o666
) -> None:
    """Write a file that has its name once it is whole; in as few calls of the system as that takes."""
    temporary = _temporary_name(last)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | _CREATE, mode, dir_fd=folder)
        try:
            # What the system takes of it at once may be a part.
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            if is_synced:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, last, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise


def _new_file(name: str, folder: int | None) -> BinaryIO:
    return os.fdopen(os.open(name, os.O_RDWR | _CREATE, 0o666, dir_fd=folder), "w+b")


def _cloned(source: BinaryIO, copy: BinaryIO) -> bool:
    """Let a new file share the blocks of another; return whether the file system can do that."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.ioctl(copy.fileno(), _FICLONE, source.fileno())
    except OSError:
        return False
    return True


def hashed(source: BinaryIO, check: Callable[[], None], copy: BinaryIO | None = None) -> tuple[str, int]:
    """Return the sha256 and the bytes of an open file, from where it stands; copy it on the way if asked to.

    `check` is called between parts, and may raise.
    """
    digest, size = hashlib.sha256(), 0
    while part := source.read(_COPY_BYTES):
        check()
        digest.update(part)
        size += len(part)
        if copy is not None:
            copy.write(part)
    return digest.hexdigest(), size


def _bring(
    folder: int | None, last: str, source_folder: int | None, source_last: str, where: str, *, may_link: bool
) -> None:
    descriptor = open_plain(source_last, os.O_RDONLY, where, source_folder)
    with os.fdopen(descriptor, "rb") as file:
        if may_link and _linked(source_last, source_folder, last, folder):
            return
        with _replacing(folder, last) as temporary:
            # On another file system, or one without hard links or no more of them, it is copied.
            if not (may_link and _linked(source_last, source_folder, temporary, folder)):
                import shutil

                with _new_file(temporary, folder) as copy:
                    shutil.copyfileobj(file, copy, _COPY_BYTES)


def _linked(name: str, folder: int | None, to: str, to_folder: int | None) -> bool:
    try:
        os.link(name, to, src_dir_fd=folder, dst_dir_fd=to_folder, follow_symlinks=False)
    except OSError:
        return False
    return True
