"""Files of a site: replaced whole, written only when they changed, by one builder at a time.

No function here makes folders: a run that is removed while its site is written must not come back.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath

import runlog
from runlog.files.locks import FileLock, LockHeldError

# Another builder's pass over a live run takes a moment; who builds a long run for the first time, minutes.
_PATIENCE_SECONDS = 10.0


def write(path: Path, content: str | bytes) -> bool:
    """Make `content` the content of a file, in one move, and return whether that changed it.

    Raises
    ------
    OSError
        If it cannot be written, or its folder is gone.
    """
    data = content.encode() if isinstance(content, str) else content
    with suppress(FileNotFoundError):
        if path.read_bytes() == data:
            return False
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        partial.write_bytes(data)
        os.replace(partial, path)  # noqa: PTH105
    except BaseException:  # Ctrl-C as well
        partial.unlink(missing_ok=True)
        raise
    return True


def write_all(folder: Path, contents: Mapping[str, str]) -> int:
    """Write files in their order, each given by its path in a folder; return how many pages changed."""
    changed = [path for path, content in contents.items() if write(folder / path, content)]
    return sum(path.endswith(".html") for path in changed)


def fill(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Make a folder hold files of some names and contents; those that it was filled with before go."""
    for name, content in contents.items():
        write(folder / name, content)
    record = folder / ".files"
    with suppress(FileNotFoundError):
        for name in set(record.read_text("utf-8").splitlines()) - contents.keys():
            if PurePath(name).name == name:
                (folder / name).unlink(missing_ok=True)
    write(record, "\n".join(contents))


def fill_up(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write those of some files that a folder does not have."""
    for name, content in contents.items():
        if not (folder / name).exists():
            write(folder / name, content)


def link(path: Path, to: Path) -> None:
    """Make `path` a symbolic link to a folder."""
    if path.is_symlink() and path.readlink() == to:
        return
    path.unlink(missing_ok=True)
    path.symlink_to(to, target_is_directory=True)


def can_write(folder: Path) -> bool:
    """Return whether files can be made in a folder, found out by making one."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def signature(*paths: Path) -> tuple[tuple[int, int, int] | None, ...]:
    """Return what changes when one of the files is written, replaced, made or removed."""
    return tuple(map(_signature, paths))


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


@contextmanager
def lock(viewer: Path) -> Iterator[None]:
    """Keep other builders from writing to the ``viewer`` folder of a site.

    Raises
    ------
    StorageError
        If another builder is still at it after some time.
    """
    try:
        held = FileLock(viewer / ".lock", _PATIENCE_SECONDS)
    except LockHeldError as error:
        raise runlog.StorageError(
            f"one process at a time may write a site, but {error.holder} is writing that of {viewer.parent}; "
            "build again when it is done"
        ) from None
    try:
        yield
    finally:
        held.release()
