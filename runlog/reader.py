"""`RunReader`: a run folder read back as frozen records."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Self, TypeVar

from runlog import queries
from runlog.database import open_for_reading, read_errors, transaction
from runlog.errors import StorageError
from runlog.layout import DATABASE
from runlog.lock import is_locked
from runlog.metrics import Metric
from runlog.records import ImageRecord, MediaRecord, RunRecord, ScalarSeries, StepRecord, TextRecord

T = TypeVar("T")


class RunReader:
    """A run folder, open for reading; nothing in it is ever changed.

    The run may be live, finished, read-only or a copy. Close it, or use it as a context manager.

    Parameters
    ----------
    run_folder
        The folder that holds ``run.db``.

    Raises
    ------
    StorageError
        If there is no run in it, or it is corrupt, or another version of runlog wrote it.

    Examples
    --------
    >>> with runlog.open("runs/20261122-101502-3f9c17ab") as reader:
    ...     print(reader.run().name, len(reader.steps()))
    """

    def __init__(self, run_folder: str | os.PathLike[str]) -> None:
        self.folder = Path(run_folder).absolute()
        self._path = self.folder / DATABASE
        with ExitStack() as cleanup:
            self._db = open_for_reading(self.folder, cleanup)
            if self._read(queries.count_runs) != 1:
                raise StorageError(f"{self._path} must hold one run, but has none")
            self._cleanup = cleanup.pop_all()

    def close(self) -> None:
        """Let go of the database."""
        self._cleanup.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self) -> RunRecord:
        """Return the run as it is now, its state included."""
        return self._read(partial(queries.read_run, locked=is_locked(self.folder), host=socket.gethostname()))

    def revision(self) -> int:
        """Return a number that grows with every change of the run."""
        return self._read(queries.read_revision)

    def steps(self, since_revision: int = -1) -> tuple[StepRecord, ...]:
        """Return the steps, ascending; with `since_revision`, those that changed after it."""
        return self._read(partial(queries.read_steps, since_revision=since_revision))

    def latest_steps(self) -> dict[str, int]:
        """Return the highest step at which each key has images."""
        return self._read(queries.read_latest_steps)

    def images(self, steps: Sequence[int] | None = None) -> tuple[ImageRecord, ...]:
        """Return the images logged at some steps, or all of them, by step, key and index."""
        if steps is None:
            steps = self._read(queries.read_steps_with_images)
        return self._read(partial(queries.read_images, steps=steps))

    def scalars(self, since_revision: int = -1) -> tuple[ScalarSeries, ...]:
        """Return the numbers by key; with `since_revision`, those of steps that changed after it."""
        return self._read(partial(queries.read_scalars, since_revision=since_revision))

    def texts(self, since_revision: int = -1) -> tuple[TextRecord, ...]:
        """Return the texts by step and key; with `since_revision`, those of steps that changed after it."""
        return self._read(partial(queries.read_texts, since_revision=since_revision))

    def metrics(self) -> tuple[Metric, ...]:
        """Return what `define_metric` said, the oldest first; the last one that matches a key counts."""
        return self._read(queries.read_metrics)

    def media(self) -> tuple[MediaRecord, ...]:
        """Return every media file that the run folder should hold, in the order they were added."""
        return self._read(queries.read_media)

    def __repr__(self) -> str:
        return f"RunReader({str(self.folder)!r})"

    def _read(self, query: Callable[[Connection], T]) -> T:
        with read_errors(self._path), transaction(self._db):
            return query(self._db)


def open_run(run_folder: str | os.PathLike[str]) -> RunReader:
    """Open a run folder for reading; see `RunReader`."""
    return RunReader(run_folder)
