"""The media folder of a run: whole files under final names, the same pixels under a key stored once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from runlog import formats
from runlog.annotations import ImageMask
from runlog.errors import StorageError
from runlog.image import Image
from runlog.layout import image_path, mask_path
from runlog.pixels import Conversion
from runlog.records import MediaRecord
from runlog.sources import Picture
from runlog.store import MediaKind, Store


@dataclass(frozen=True, slots=True)
class _Source:
    """A picture on its way into the media folder: what it is, and where it goes."""

    kind: MediaKind
    key: str
    picture: Picture
    format: str
    pixel_hash: str
    path: PurePosixPath


class MediaFolder:
    """Writes the media files of one run.

    A file is written under a temporary name and renamed, so a final name is always a whole file. Nothing is
    synced to the disk until `sync`.
    """

    def __init__(self, run_folder: Path, store: Store) -> None:
        self._folder = run_folder
        self._store = store
        self._new: dict[tuple[MediaKind, str, str], MediaRecord] = {}
        self._new_of_any_key: dict[tuple[MediaKind, str], MediaRecord] = {}
        self._synced_id = 0

    def add_image(self, image: Image, key: str, step: int, index: int) -> MediaRecord:
        """Put the file of an image in place, unless the key has these pixels already."""
        digest = formats.pixel_hash(image.picture, image.format)
        path = image_path(key, step, index, digest, image.format)
        return self._add(_Source("image", key, image.picture, image.format, digest, path))

    def add_mask(self, mask: ImageMask, key: str, step: int, index: int, layer: str) -> MediaRecord:
        """Put the label image of a mask in place, unless the key has these pixels already."""
        picture = Picture(mask.mask_data, Conversion("array"))
        digest = formats.pixel_hash(picture, "png")
        path = mask_path(key, step, index, layer, digest)
        return self._add(_Source("mask", key, picture, "png", digest, path))

    def settle(self) -> None:
        """Keep what was added since the last call: its rows are written."""
        self._new.clear()
        self._new_of_any_key.clear()

    def discard(self) -> None:
        """Remove what was added since `settle`: its rows were not written."""
        self.remove(media.path for media in self._new.values())
        self.settle()

    def remove(self, paths: Iterable[PurePosixPath]) -> None:
        """Remove files that no row needs; one that cannot be removed stays as an orphan."""
        for path in paths:
            with contextlib.suppress(OSError):
                (self._folder / path).unlink()

    def sync(self) -> None:
        """Bring the files added since the last `sync`, and their folders, to the disk."""
        synced_id, paths = self._store.media_paths_after(self._synced_id)
        files = [self._folder / path for path in paths]
        folders = {folder for file in files for folder in file.parents if folder.is_relative_to(self._folder)}
        for path in (*files, *folders):
            # A file may have been replaced since; a folder cannot be synced on every system.
            with contextlib.suppress(FileNotFoundError, PermissionError):
                _fsync(path)
        self._synced_id = synced_id

    def _add(self, source: _Source) -> MediaRecord:
        identity = (source.kind, source.key, source.pixel_hash)
        known = self._new.get(identity) or self._store.find_media(source.kind, source.pixel_hash, source.key)
        if known is not None:
            return known
        twin = self._new_of_any_key.get((source.kind, source.pixel_hash))
        twin = twin or self._store.find_media_of_any_key(source.kind, source.pixel_hash)
        try:
            media = self._write(source) if twin is None else self._link(twin, source)
        except OSError as error:
            raise StorageError(
                f"the media folder of {self._folder} must be writable, but {source.path}: {error.strerror}"
            ) from None
        self._new[identity] = self._new_of_any_key[source.kind, source.pixel_hash] = media
        return media

    def _write(self, source: _Source) -> MediaRecord:
        data = formats.encode(source.picture, source.format)
        self._place(source.path, lambda temporary: temporary.write_bytes(data))
        width, height = source.picture.size
        digest = hashlib.sha256(data).hexdigest()
        return MediaRecord(source.path, source.pixel_hash, digest, source.format, width, height, len(data))

    def _link(self, twin: MediaRecord, source: _Source) -> MediaRecord:
        """Give this key its own name for a file that another key has."""
        original = self._folder / twin.path

        def link(temporary: Path) -> None:
            try:
                os.link(original, temporary)
            except FileNotFoundError:
                raise
            except OSError:
                shutil.copyfile(original, temporary)

        if not original.is_file():
            return self._write(source)
        self._place(source.path, link)
        return replace(twin, path=source.path)

    def _place(self, path: PurePosixPath, make: Callable[[Path], object]) -> None:
        """Make a file under a temporary name beside its final one, then rename it."""
        final = self._folder / path
        temporary = final.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            try:
                make(temporary)
            except FileNotFoundError:
                if not self._folder.is_dir():
                    raise
                final.parent.mkdir(parents=True, exist_ok=True)
                make(temporary)
            temporary.replace(final)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
