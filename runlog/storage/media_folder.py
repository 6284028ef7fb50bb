"""The media folder of a run: whole files under final names, the same pixels under a key stored once."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from runlog.basics.uninterrupted import give_up_check
from runlog.errors import StorageError
from runlog.files.safe_folder import OpenFolder, SafeFolder
from runlog.images import formats
from runlog.images.image import Image
from runlog.images.masks import ImageMask
from runlog.images.pixels import Conversion
from runlog.images.sources import Picture
from runlog.storage.file_records import MediaRecord
from runlog.storage.image_rows import MediaKind, StoredImage
from runlog.storage.layout import image_path, mask_path
from runlog.storage.writes import Store

S = TypeVar("S")
T = TypeVar("T")

# Fewer pixels beside those of the largest picture are encoded before threads have started.
_WORTH_THREADS = 50_000
# A smaller picture, such as one of 128², is encoded before another thread has got Python's lock.
_WORTH_A_THREAD = 40_000
_MOST_FOLDERS = 32


@dataclass(frozen=True, slots=True)
class _Source:
    """A picture on its way into the media folder: what it is, and where it belongs."""

    kind: MediaKind
    key: str
    picture: Picture
    format: str
    pixel_hash: str
    path: PurePosixPath

    @property
    def place(self) -> tuple[MediaKind, str]:
        """What has a folder of its own."""
        return self.kind, self.key

    @property
    def content(self) -> tuple[MediaKind, str]:
        return self.kind, self.pixel_hash

    @property
    def identity(self) -> tuple[MediaKind, str, str]:
        return self.kind, self.pixel_hash, self.key


class MediaFolder:
    """Writes the media files of one run.

    A file is written under a temporary name and renamed, so a final name is always a whole file. Nothing is
    synced to the disk until `sync`.

    Parameters
    ----------
    run_folder
        The run folder.
    store
        Knows which media files there are.
    encode_threads
        How many threads may encode the pictures of one call; by default one a core that the process may use.
    """

    def __init__(self, run_folder: Path, store: Store, encode_threads: int | None = None) -> None:
        self._folder = run_folder
        self._files = SafeFolder(run_folder)
        self._store = store
        self._threads = _usable_cores() if encode_threads is None else encode_threads
        self._new: dict[tuple[MediaKind, str, str], MediaRecord] = {}
        self._new_of_any_key: dict[tuple[MediaKind, str], MediaRecord] = {}
        self._synced_id = 0

    def add_images(
        self, images: Mapping[str, Iterable[tuple[int, Image]]], step: int
    ) -> dict[str, tuple[StoredImage, ...]]:
        """Put the files of images and of their masks in place, but for pixels that their key has already.

        Parameters
        ----------
        images
            By key, each image with the index by which its files are called.
        """
        places = [(key, index, image) for key, indexed in images.items() for index, image in indexed]
        sources = [source for key, index, image in places for source in _sources(image, key, step, index)]
        media = iter(self._add(sources))
        stored: dict[str, list[StoredImage]] = {key: [] for key in images}
        for key, _, image in places:
            stored[key].append(StoredImage(image, next(media), {layer: next(media) for layer in image.masks}))
        return {key: tuple(of_key) for key, of_key in stored.items()}

    def add_masks(
        self, masks: Mapping[str, ImageMask], key: str, step: int, index: int
    ) -> dict[str, MediaRecord]:
        """Put the label images of masks in place, but for pixels that the key has already."""
        return dict(zip(masks, self._add(list(_mask_sources(masks, key, step, index))), strict=True))

    def settle(self) -> None:
        """Keep what was added since the last call: its rows are written."""
        self._new.clear()
        self._new_of_any_key.clear()

    def discard(self) -> None:
        """Remove what was added since `settle`: its rows were not written."""
        self._unlink(media.path for media in self._new.values())
        self.settle()

    def remove(self, paths: Collection[PurePosixPath]) -> None:
        """Remove files whose rows are gone; one that cannot be removed stays as an orphan."""
        if paths:
            # The ids of the last rows come again, for files that are on no disk yet.
            self._synced_id = min(self._synced_id, self._store.last_media_id())
            self._unlink(paths)

    def _unlink(self, paths: Iterable[PurePosixPath]) -> None:
        for path in paths:
            with contextlib.suppress(OSError):
                self._files.remove(path)

    def sync(self) -> None:
        """Bring the files added since the last `sync`, and their folders, to the disk."""
        synced_id, paths = self._store.media_paths_after(self._synced_id)
        sync_files(self._folder, paths)
        self._synced_id = synced_id

    def _add(self, sources: Sequence[_Source]) -> list[MediaRecord]:
        known = self._store.find_media([source.identity for source in sources])
        unseen: dict[tuple[MediaKind, str], _Source] = {}
        for source in sources:
            if source.identity not in known:
                unseen.setdefault(source.content, source)
        for some in _of_few_folders(unseen.values()):
            self._write_all(some)
        return [self._own(source, known.get(source.identity)) for source in sources]

    def _write_all(self, sources: Sequence[_Source]) -> None:
        """Encode pictures and write their files, in threads where that is worth it."""
        threads = self._threads if _pixels_to_share(sources) >= _WORTH_THREADS else 1
        with contextlib.ExitStack() as held:
            folders: dict[tuple[MediaKind, str], OpenFolder] = {}
            for source in sources:
                if source.place not in folders:
                    with _storage_errors(self._folder, source.path):
                        folder = self._files.inside(source.path.parent, make=True)
                        folders[source.place] = held.enter_context(folder)
            _in_threads(partial(self._write, folders, give_up_check()), sources, threads)

    def _write(
        self, folders: Mapping[tuple[MediaKind, str], OpenFolder], check: Callable[[], None], source: _Source
    ) -> None:
        check()
        data = formats.encode(source.picture, source.format, is_mask=source.kind == "mask")
        digest = hashlib.sha256(data).hexdigest()
        path = source.path
        media = MediaRecord(path, source.pixel_hash, digest, source.format, *source.picture.size, len(data))
        self._note(source, media)
        with _storage_errors(self._folder, path):
            folders[source.place].write(path.name, data)

    def _own(self, source: _Source, known: tuple[MediaRecord, str] | None) -> MediaRecord:
        """Return the file that the key has by now, or give it a name of its own for that of another key."""
        if (new := self._new.get(source.identity)) is not None:
            return new
        twin, key = (self._new_of_any_key[source.content], None) if known is None else known
        return twin if key == source.key else self._link(twin, source)

    def _link(self, twin: MediaRecord, source: _Source) -> MediaRecord:
        if not self._files.is_file(twin.path):
            self._write_all([source])
            return self._new[source.identity]
        media = replace(twin, path=source.path)
        self._note(source, media)
        with _storage_errors(self._folder, source.path):
            self._files.make_folder(source.path.parent)
            self._files.bring(source.path, self._files, twin.path)
        return media

    def _note(self, source: _Source, media: MediaRecord) -> None:
        """Note a file before it is made: one that is interrupted then is removed by `discard`."""
        self._new[source.identity] = self._new_of_any_key[source.content] = media


def sync_files(run_folder: Path, paths: Collection[PurePosixPath]) -> None:
    """Bring files below a run folder, and the folders that they are in, to the disk.

    Raises
    ------
    StorageError
        If the disk does not take them.
    """
    files = SafeFolder(run_folder)
    by_folder: dict[PurePosixPath, list[str]] = {}
    for path in paths:
        by_folder.setdefault(path.parent, []).append(path.name)
    # First all, then each: with all data on their way, one commit of the file system serves them all.
    for call in (start_writing, os.fsync):
        for folder, names in by_folder.items():
            _call_each(call, files, folder, names)
    for folder in {folder for leaf in by_folder for folder in (leaf, *leaf.parents)}:
        _call_each(os.fsync, files, folder, (".",))


def _call_each(
    call: Callable[[int], object], files: SafeFolder, folder: PurePosixPath, names: Sequence[str]
) -> None:
    """Call a function with the descriptor of each file in a folder that is still there."""
    check = give_up_check()
    with contextlib.ExitStack() as held:
        opened: OpenFolder | None = None
        for name in names:
            check()
            # A file may have been replaced since; a folder cannot be synced on every system.
            with (
                _storage_errors(files.path, folder / name),
                contextlib.suppress(FileNotFoundError, PermissionError),
            ):
                opened = opened or held.enter_context(files.inside(folder))
                descriptor = opened.descriptor(name)
                try:
                    call(descriptor)
                finally:
                    os.close(descriptor)


@contextlib.contextmanager
def _storage_errors(run_folder: Path, path: PurePosixPath) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"the media folder of {run_folder} must be writable, but {path}: {error.strerror or error}"
        ) from None


def _sources(image: Image, key: str, step: int, index: int) -> Iterator[_Source]:
    pixel_hash = formats.pixel_hash(image.picture, image.format)
    path = image_path(key, step, index, pixel_hash, image.format)
    yield _Source("image", key, image.picture, image.format, pixel_hash, path)
    yield from _mask_sources(image.masks, key, step, index)


def _mask_sources(masks: Mapping[str, ImageMask], key: str, step: int, index: int) -> Iterator[_Source]:
    for layer, mask in masks.items():
        picture = Picture(mask.mask_data, Conversion("array"))
        pixel_hash = formats.pixel_hash(picture, "png")
        path = mask_path(key, step, index, layer, pixel_hash)
        yield _Source("mask", key, picture, "png", pixel_hash, path)


def _of_few_folders(sources: Iterable[_Source]) -> Iterator[list[_Source]]:
    """Yield sources in parts of so few folders that a process may hold them open."""
    part: list[_Source] = []
    places: set[tuple[MediaKind, str]] = set()
    for source in sources:
        places.add(source.place)
        if len(places) > _MOST_FOLDERS:
            yield part
            part, places = [], {source.place}
        part.append(source)
    yield part


def _in_threads(call: Callable[[S], T], items: Sequence[S], threads: int) -> list[T]:
    """Call a function with each item; whatever happens, all calls have ended when this returns."""
    # Once the interpreter exits it starts no threads, but runs are still finished then, or even logged to.
    if min(threads, len(items)) < 2 or not threading.main_thread().is_alive():
        return [call(item) for item in items]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(threads, len(items)), "runlog-media") as pool:
        return list(pool.map(call, items))


def _pixels_to_share(sources: Sequence[_Source]) -> int:
    """Return the pixels of all large images but the largest; masks take too little time to count."""
    sizes = [math.prod(source.picture.size) for source in sources if source.kind == "image"]
    pixels = [size for size in sizes if size >= _WORTH_A_THREAD]
    return sum(pixels) - max(pixels, default=0)


def _usable_cores() -> int:
    # Fewer than the machine has where a scheduler or a container says so; macOS does not tell.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def start_writing(descriptor: int) -> None:
    """Let the kernel write a file to the disk, without waiting for it."""
    # Linux, told that a file is not needed in memory, begins to write it; macOS has no such call.
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):  # only a hint, which a file system may refuse
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
