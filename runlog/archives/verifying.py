"""Is a run folder, a bag or a zip file what it was when it was written? Says what is not, line by line."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from runlog.archives import bag
from runlog.archives.threads import in_threads
from runlog.archives.trees import FolderTree, Tree, ZipTree
from runlog.archives.zips import is_meant_as_zip
from runlog.errors import InvalidValueError, RunlogError, StorageError, shown
from runlog.files.paths import absolute_path
from runlog.images.picture_file import read_picture
from runlog.storage import queries
from runlog.storage.file_records import FileRecord, MediaRecord
from runlog.storage.layout import (
    BAG_DECLARATION,
    BAG_PAYLOAD,
    DATABASE,
    find_runs,
    is_kept_path,
    refuse_unreachable,
)

Progress = Callable[[int, int], None]

_READING_THREADS = 8
# Each holds a decoded picture, which may be large.
_DECODING_THREADS = 2
# What makes a folder a bag; each of them may be what is missing.
_MARKS = (BAG_DECLARATION, bag.MANIFEST, bag.TAG_MANIFEST)


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found.

    Attributes
    ----------
    path
        What was verified.
    kind
        ``run`` (one run folder, or several, by their own rows) or ``bag`` (every file, by its manifests).
    runs
        How many runs there are.
    files, bytes
        How many files were read and compared, and their size.
    problems
        One line for each thing that is wrong; none if all is well.
    """

    path: Path
    kind: Literal["run", "bag"]
    runs: int
    files: int
    bytes: int
    problems: tuple[str, ...]


def verify(
    path: str | os.PathLike[str], *, deep: bool = False, progress: Progress | None = None
) -> Verification:
    """Verify that everything is there and as it was written: files, databases, and what they say of them.

    A bag (what `archive` writes) proves every byte. A run folder is judged by its own rows: its database
    must be sound and each media file have the size and sha256 that its row says; of the database itself only
    what SQLite can tell. Of a zip file nothing but the database is unpacked, for as long as that is read.

    Parameters
    ----------
    path
        A run folder, a runs folder, or a bag in a folder or zip file.
    deep
        Also decode every image.
    progress
        Called with the numbers of files read and to read.

    Raises
    ------
    StorageError
        If `path` is none of these: also a file that is neither named nor begins like a zip file.

    Examples
    --------
    >>> runlog.verify("run.zip").problems
    ()
    """
    place = absolute_path(path)
    refuse_unreachable(place)
    if place.is_dir():
        return _verify(FolderTree(place), deep, progress)
    if not place.exists():
        raise StorageError(
            f"{place} must be a run folder, a runs folder, a bag or a zip file, but does not exist"
        )
    if not place.is_file():
        # A device may have no end, and a FIFO no beginning.
        raise StorageError(f"{place} must be a folder or a plain file to be verified, but is neither")
    try:
        tree = ZipTree(place)
    except StorageError as error:
        if not is_meant_as_zip(place):
            raise
        return Verification(place, "bag", 0, 0, 0, (str(error),))
    with tree:
        return _verify(tree, deep, progress)


@dataclass(frozen=True, slots=True)
class _Run:
    """What the rows of one run say: its files by path in the tree, and what is wrong with the rows."""

    kept: Mapping[str, MediaRecord | FileRecord]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it was read; a problem if it could not be, or is no picture though it must be one."""

    name: str
    bytes: int
    sha256: str
    problem: str | None


def _verify(tree: Tree, deep: bool, progress: Progress | None) -> Verification:
    if unsafe := tree.problems():
        return Verification(tree.path, "bag", 0, 0, 0, unsafe)
    base = _bag_base(tree)
    folders = _run_folders(tree, base)
    if base is None and not folders:
        raise StorageError(f"{tree.path} must hold a run or be a bag, but there is no {DATABASE} in it")
    runs = [_inspect(tree, folder) for folder in folders]
    kept = {name: record for run in runs for name, record in run.kept.items()}
    names = tree.names() if base is not None else [name for name in kept if tree.size(name) is not None]
    pictures = {name: one for name, one in kept.items() if deep and isinstance(one, MediaRecord)}
    files = _read_all(tree, names, pictures, progress)
    in_bag = () if base is None else tuple(_bag_problems(tree, base, files))
    missing = kept.keys() - files.keys()
    if base is None and missing:
        # A live run may have replaced them since their rows were read.
        missing &= {name for folder in folders for name in _inspect(tree, folder).kept}
    said = {name for name, _ in in_bag}
    problems = (
        *tree.damage(),
        *(problem for run in runs for problem in run.problems),
        *(f"{name} {what}" for name, what in in_bag),
        *(f"{name} must be there, as a row of its run says, but is not" for name in sorted(missing - said)),
        *_file_problems(kept, {name: file for name, file in files.items() if name not in said}),
    )
    size = sum(file.bytes for file in files.values())
    return Verification(tree.path, "run" if base is None else "bag", len(runs), len(files), size, problems)


def _bag_base(tree: Tree) -> str | None:
    """Return the folder that is a bag, ``""`` or ending with ``/``; None if there is none."""
    if isinstance(tree, FolderTree):
        return "" if any(tree.size(mark) is not None for mark in _MARKS) else None
    found = {
        name.removesuffix(mark) for name in tree.names() for mark in _MARKS if f"/{name}".endswith(f"/{mark}")
    }
    return min(found, key=len, default=None)


def _run_folders(tree: Tree, base: str | None) -> list[str]:
    """Return the run folders, ``""`` or ending with ``/``."""
    if base is None and isinstance(tree, FolderTree):
        if tree.size(DATABASE) is not None:
            return [""]
        return [f"{folder.name}/" for folder in find_runs(tree.path)]
    names = (name for name in tree.names() if name == DATABASE or name.endswith(f"/{DATABASE}"))
    return [name.removesuffix(DATABASE) for name in names]


def _inspect(tree: Tree, folder: str) -> _Run:
    """Read what the rows of a run say, and let SQLite check them."""
    where = f"{folder}{DATABASE}"
    try:
        with tree.database(folder) as db:
            broken = queries.read_integrity_problems(db)
            count = queries.count_runs(db)
            kept = queries.read_kept(db)
    except StorageError as error:
        return _Run({}, (str(error),))
    problems = [f"{where} must be sound, but: {what}" for what in broken]
    if count != 1:
        problems.append(f"{where} must hold one run, but holds {count}")
    outside = [record.path for record in kept if not is_kept_path(record.path)]
    problems += (f"{where} must name files of its run, but names {shown(str(p))}" for p in outside)
    records = {f"{folder}{record.path}": record for record in kept if record.path not in outside}
    return _Run(records, tuple(problems))


def _read_all(
    tree: Tree, names: Sequence[str], pictures: Mapping[str, MediaRecord], progress: Progress | None
) -> dict[str, _File]:
    """Read files and hash them; decode those that are pictures."""
    files: dict[str, _File] = {}
    threads = _DECODING_THREADS if pictures else _READING_THREADS
    for file in in_threads(lambda name: _read(tree, name, pictures.get(name)), names, threads):
        files[file.name] = file
        if progress:
            progress(len(files), len(names))
    return files


def _read(tree: Tree, name: str, picture: MediaRecord | None) -> _File:
    digest, size, kept = hashlib.sha256(), 0, []
    try:
        if tree.size(name) is None:
            raise StorageError("it must be a plain file, but is a link or a device")
        for chunk in tree.chunks(name):
            digest.update(chunk)
            size += len(chunk)
            if picture is not None:
                kept.append(chunk)
        if picture is not None:
            _decode(b"".join(kept), picture)
    except RunlogError as error:
        return _File(name, size, "", str(error))
    return _File(name, size, digest.hexdigest(), None)


def _decode(data: bytes, media: MediaRecord) -> None:
    width, height = read_picture(io.BytesIO(data), "it", is_media=True).upright_size
    if (width, height) != (media.width, media.height):
        raise InvalidValueError(
            f"it must have {media.width}×{media.height} pixels, as its row says, but has {width}×{height}"
        )


def _bag_problems(tree: Tree, base: str, files: Mapping[str, _File]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a bag: the file, and what with it."""
    expected: dict[str, tuple[str, str]] = {}
    for manifest in (bag.MANIFEST, bag.TAG_MANIFEST):
        try:
            listed = bag.read_manifest(_text(tree, f"{base}{manifest}"), manifest)
        except RunlogError as error:
            yield f"{base}{manifest}", f"is not the manifest it must be: {error}"
            continue
        is_payload = manifest == bag.MANIFEST
        for path, digest in listed.items():
            if path.startswith(f"{BAG_PAYLOAD}/") == is_payload:
                expected[f"{base}{path}"] = digest, manifest
            else:
                yield f"{base}{path}", f"must not be named by {manifest}, but is"
    yield from _differences(expected, files, f"{base}{bag.TAG_MANIFEST}")
    yield from _declaration_problems(tree, base, files)


def _differences(
    expected: Mapping[str, tuple[str, str]], files: Mapping[str, _File], own: str
) -> Iterator[tuple[str, str]]:
    for name in sorted(expected.keys() - files.keys()):
        yield name, f"must be there, as {expected[name][1]} says, but is not"
    for name, file in files.items():
        if file.problem is not None:
            yield name, f"is not as it was archived: {file.problem}"
        elif name not in expected and name != own:
            yield name, "must be named by a manifest, but is not"
        elif name != own and file.sha256 != expected[name][0]:
            digest, manifest = expected[name]
            yield name, f"must have the sha256 {digest}, as {manifest} says, but has {file.sha256}"


def _declaration_problems(tree: Tree, base: str, files: Mapping[str, _File]) -> Iterator[tuple[str, str]]:
    declaration, info = f"{base}{BAG_DECLARATION}", f"{base}{bag.INFO}"
    readable = {name for name, file in files.items() if file.problem is None}
    if declaration in readable and _text(tree, declaration) != bag.DECLARED:
        yield declaration, "must declare BagIt 1.0 in UTF-8, but does not"
    payload = [file.bytes for name, file in files.items() if name.startswith(f"{base}{BAG_PAYLOAD}/")]
    if info in readable and bag.read_oxum(_text(tree, info)) not in (None, (sum(payload), len(payload))):
        yield (
            info,
            f"must say that the payload is {sum(payload)}.{len(payload)} (bytes, files), but does not",
        )


def _text(tree: Tree, name: str) -> str:
    if tree.size(name) is None:
        raise StorageError("it must be there, but is not")
    # What is no UTF-8 fits no file, which is said of the file then.
    return b"".join(tree.chunks(name)).decode(errors="replace")


def _file_problems(kept: Mapping[str, MediaRecord | FileRecord], files: Mapping[str, _File]) -> Iterator[str]:
    """Yield how files differ from what the rows say of them."""
    for name in kept.keys() & files.keys():
        file, record = files[name], kept[name]
        if file.problem is not None:
            yield f"{name} is not as it was logged: {file.problem}"
        elif file.bytes != record.bytes:
            yield f"{name} must have {record.bytes:,} bytes, as its row says, but has {file.bytes:,}"
        elif file.sha256 != record.sha256:
            yield f"{name} must have the sha256 {record.sha256}, as its row says, but has {file.sha256}"
