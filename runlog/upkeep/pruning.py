"""Removing old images of a run that has ended, to get its disk space back."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from runlog.basics.integers import integer
from runlog.basics.patterns import matches
from runlog.errors import InvalidTypeError, InvalidValueError, StorageError, shown
from runlog.files.paths import absolute_path
from runlog.files.safe_folder import SafeFolder
from runlog.storage import queries
from runlog.storage.connections import open_for_reading, read_errors
from runlog.storage.layout import DATABASE, is_kept_path, refuse_bag
from runlog.storage.run_details import check_strings
from runlog.storage.writes import Store
from runlog.upkeep.exclusive import refuse_live, refuse_other_host, writing

# Galleries of one transaction: few where the disk is so full that their journal might not fit.
_AT_ONCE, _FEW_AT_ONCE = 500, 5
_PLENTY_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class PrunedKey:
    """What goes of one key: how many images and files, of which steps."""

    key: str
    images: int
    files: int
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pruning:
    """What `prune` removed or, of a dry run, would remove.

    Attributes
    ----------
    keys
        The keys that images or files go of.
    files, bytes
        Number of the media files that go, those that were logged as files among them, and their size.
    is_done
        False for a dry run.
    """

    keys: tuple[PrunedKey, ...]
    files: int
    bytes: int
    is_done: bool


def prune(
    run_folder: str | os.PathLike[str],
    *,
    keep_last: int,
    keys: Sequence[str] | None = None,
    dry_run: bool = True,
) -> Pruning:
    """Remove the images and files of all but the last steps of each key; all else stays.

    Rows go first, some galleries at a time, then the media files that no row needs any more: so it gets by
    with little room, and goes on where it was stopped. The site, built again, does not show them.

    Parameters
    ----------
    run_folder
        The folder of a run that has ended.
    keep_last
        How many steps of each key keep their images or files: the highest that have some. 0 or more.
    keys
        Only these keys; ``*`` and ``?`` stand for others. By default all.
    dry_run
        Remove nothing, only say what would go.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If `keep_last` is no number of steps, no key with images or files is meant, the run may still be
        written on another host, or the folder lies in an archive.
    RunLockedError
        If the run is being written.
    StorageError
        If there is no run, or it cannot be read or written.
    """
    if (kept_steps := integer(keep_last)) is None:
        raise InvalidTypeError(f"keep_last must be an integer, but got {shown(keep_last)}")
    if kept_steps < 0:
        raise InvalidValueError(f"keep_last must be 0 or more, but got {shown(keep_last)}")
    if keys is not None:
        keys = check_strings(keys, "keys")
    folder = absolute_path(run_folder)
    refuse_bag(folder)
    refuse_live(folder)
    if dry_run:
        return _plan(folder, kept_steps, keys)
    with writing(folder) as store:
        plan = _plan(folder, kept_steps, keys)
        galleries = [(pruned.key, step) for pruned in plan.keys for step in pruned.steps]
        at_once = _AT_ONCE if shutil.disk_usage(folder).free >= _PLENTY_BYTES else _FEW_AT_ONCE
        for begin in range(0, len(galleries), at_once):
            _remove(folder, store, galleries[begin : begin + at_once])
        # On a disk that is still full, the space of the rows is free for new ones all the same.
        with suppress(StorageError):
            store.compact()
    return Pruning(plan.keys, plan.files, plan.bytes, is_done=True)


class _Count(NamedTuple):
    """What a key has at a step."""

    images: int
    files: int


def _plan(folder: Path, keep_last: int, keys: Sequence[str] | None) -> Pruning:
    with ExitStack() as cleanup, read_errors(folder / DATABASE):
        db = open_for_reading(folder, cleanup)
        refuse_other_host(folder, queries.read_unfinished_host(db))
        counts: defaultdict[str, dict[int, _Count]] = defaultdict(dict)
        for key, step, images in queries.read_galleries(db):
            counts[key][step] = _Count(images, 0)
        for file in queries.read_files(db):
            if file.key is not None and file.step is not None:
                images, files = counts[file.key].get(file.step, _Count(0, 0))
                counts[file.key][file.step] = _Count(images, files + 1)
        chosen = _chosen(counts, keys)
        going = {key: sorted(counts[key])[: max(0, len(counts[key]) - keep_last)] for key in chosen}
        users: defaultdict[tuple[PurePosixPath, int], set[tuple[str, int | None]]] = defaultdict(set)
        for path, size, key, at in queries.read_media_uses(db):
            users[path, size].add((key, at))
    galleries: set[tuple[str, int | None]] = {(key, step) for key, steps in going.items() for step in steps}
    freed = [size for (_, size), used in users.items() if used <= galleries]
    pruned = (
        PrunedKey(
            key,
            sum(counts[key][step].images for step in steps),
            sum(counts[key][step].files for step in steps),
            tuple(steps),
        )
        for key, steps in going.items()
        if steps
    )
    return Pruning(tuple(pruned), len(freed), sum(freed), is_done=False)


def _chosen(keys: Collection[str], patterns: Sequence[str] | None) -> list[str]:
    if patterns is None:
        return sorted(keys)
    for pattern in patterns:
        if not any(matches(key, pattern) for key in keys):
            raise InvalidValueError(
                "keys must name keys that have images or files, "
                f"but {shown(pattern)} is none of {shown(sorted(keys))}"
            )
    return sorted(key for key in keys if any(matches(key, pattern) for pattern in patterns))


def _remove(folder: Path, store: Store, galleries: Sequence[tuple[str, int]]) -> None:
    for path in store.remove_images_and_files(galleries):
        # What cannot be removed stays as an orphan, which `check` finds.
        with suppress(OSError):
            if is_kept_path(path):
                SafeFolder(folder).remove(path)
    # The journal begins anew: it must not grow on a disk that is full.
    store.sync()
