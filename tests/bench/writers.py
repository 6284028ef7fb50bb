"""Who takes part in the benchmark: runlog, and what a script without a logger would write itself."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage


@dataclass(frozen=True)
class Payload:
    """What one step logs: pictures, each with the same layers of boxes and masks, and numbers."""

    pictures: Sequence[NDArray[Any]] = ()
    boxes: Mapping[str, Any] = field(default_factory=dict)
    masks: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    scalars: Mapping[str, float] = field(default_factory=dict)


class Writer(Protocol):
    """Writes steps into a folder; after `finish` they are on the disk, power loss included."""

    def log(self, step: int, payload: Payload) -> None:
        """Write one step, and return when the kernel has it."""

    def finish(self) -> None:
        """Bring everything to the disk and close."""


class Runlog:
    """Ours."""

    def __init__(self, folder: Path, encode_threads: int | None = None) -> None:
        import runlog

        self._image = runlog.Image
        self._run = runlog.init(dir=folder, quiet=True, encode_threads=encode_threads)

    def log(self, step: int, payload: Payload) -> None:
        """Log the pictures under one key."""
        data: dict[str, Any] = dict(payload.scalars)
        if payload.pictures:
            masks = {name: {"mask_data": mask} for name, mask in payload.masks.items()}
            data["val/pictures"] = [
                self._image(picture, boxes=payload.boxes, masks=masks) for picture in payload.pictures
            ]
        self._run.log(data, step=step)

    def finish(self) -> None:
        """Finish the run."""
        self._run.finish()


class _Database:
    """One table in a database of the writer's own, with the settings that runlog uses."""

    def __init__(self, folder: Path, columns: str) -> None:
        self.connection = sqlite3.connect(folder / "log.db", isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.execute(f"CREATE TABLE log ({columns})")

    def finish(self) -> None:
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()


class Pillow:
    """Each picture and mask saved by Pillow, and one row a picture."""

    options: Mapping[str, Any] = {}

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._database = _Database(folder, "step INTEGER, place INTEGER, path TEXT, boxes TEXT, masks TEXT")

    def log(self, step: int, payload: Payload) -> None:
        """Save the files, then insert the rows in one transaction."""
        rows = []
        for place, picture in enumerate(payload.pictures):
            path = f"{step:09d}-{place:04d}.png"
            self._save(_eight_bits(picture), path)
            masks = {}
            for name, mask in payload.masks.items():
                masks[name] = f"{step:09d}-{place:04d}-{name}.png"
                self._save(mask, masks[name])
            rows.append((step, place, path, json.dumps(payload.boxes), json.dumps(masks)))
        connection = self._database.connection
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")

    def finish(self) -> None:
        """Sync the files, the folder and the rows."""
        _sync(self._folder)
        self._database.finish()

    def _save(self, picture: NDArray[Any], path: str) -> None:
        PILImage.fromarray(picture).save(self._folder / path, **self.options)


class Pillow1(Pillow):
    """The same with the fastest compression that Pillow has."""

    options: Mapping[str, Any] = {"compress_level": 1}


class Raw:
    """The bytes of each picture and mask to a file, and a committed row for it: no encoding, no checks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._database = _Database(folder, "step INTEGER, place INTEGER, path TEXT")

    def log(self, step: int, payload: Payload) -> None:
        """Write the file of each, then commit its row."""
        for place, picture in enumerate((*payload.pictures, *payload.masks.values())):
            path = f"{step:09d}-{place:04d}.raw"
            (self._folder / path).write_bytes(picture.tobytes())
            self._database.connection.execute("INSERT INTO log VALUES (?, ?, ?)", (step, place, path))

    def finish(self) -> None:
        """Sync the files, the folder and the rows."""
        _sync(self._folder)
        self._database.finish()


class RawRows:
    """Numbers through sqlite3: one executemany and one commit a step."""

    def __init__(self, folder: Path) -> None:
        self._database = _Database(folder, "step INTEGER, key TEXT, value REAL, PRIMARY KEY (step, key)")

    def log(self, step: int, payload: Payload) -> None:
        """Insert a row a number."""
        connection = self._database.connection
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO log VALUES (?, ?, ?)", [(step, key, value) for key, value in payload.scalars.items()]
        )
        connection.execute("COMMIT")

    def finish(self) -> None:
        """Sync the rows."""
        self._database.finish()


WRITERS: dict[str, Callable[[Path], Writer]] = {
    "runlog": Runlog,
    "runlog, 1 thread": partial(Runlog, encode_threads=1),
    "pillow": Pillow,
    "pillow1": Pillow1,
    "raw": Raw,
    "raw rows": RawRows,
}


def _eight_bits(picture: NDArray[Any]) -> NDArray[Any]:
    return (picture * 255).astype(np.uint8) if picture.dtype.kind == "f" else picture


def _sync(folder: Path) -> None:
    for path in (*sorted(folder.iterdir()), folder):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
