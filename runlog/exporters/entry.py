"""The one way into every export: what it was told is checked, the run opened, the folder made or removed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from runlog.errors import InvalidValueError
from runlog.exporters.output import ExportResult, Tally, new_folder, opened
from runlog.exporters.selection import Progress, Selection, read_selection
from runlog.files.paths import absolute_path
from runlog.reading.reader import RunReader

Write = Callable[[RunReader, Selection, Path, Progress | None], Tally]


@dataclass(frozen=True, slots=True)
class Exporter:
    """What ``export`` of each format is: a function of a run, of where it goes, and of what is chosen.

    Attributes
    ----------
    write
        Writes a selection of a run into an empty folder.
    opens
        The file in the folder that is to be opened; empty for the folder itself.
    """

    write: Write
    opens: str

    def __call__(
        self,
        run: RunReader | str | os.PathLike[str],
        out: str | os.PathLike[str],
        *,
        keys: str | Iterable[str] | None = None,
        steps: int | str | None = None,
        layers: str | Iterable[str] | None = None,
        min_score: float | str | None = None,
        progress: Progress | None = None,
    ) -> ExportResult:
        """Write what is chosen of a run in this format; see its module for what goes where.

        Parameters
        ----------
        run
            A run folder, or a reader of one.
        out
            A new or empty folder.
        keys, steps, layers, min_score
            What to export; see `runlog.exporters.selection.read_selection`.
        progress
            Called with how many steps are done, and how many there are.

        Raises
        ------
        InvalidTypeError, InvalidValueError, StorageError
            If the choice stands for nothing, or a folder cannot be read or written; `out` is as it was then.
        """
        selection = read_selection(keys, steps, layers, min_score)
        with opened(run) as reader, new_folder(out, reader.folder) as folder:
            tally = self.write(reader, selection, folder, progress)
            if not any(tally.written.values()):
                raise InvalidValueError(
                    "an export must have something to write, but there is nothing at these keys and steps"
                )
        return tally.result(absolute_path(out) / self.opens)


def exporter(*, opens: str = "") -> Callable[[Write], Exporter]:
    """Make the exporter of a format of the function that writes it; see `Exporter`."""
    return lambda write: Exporter(write, opens)
