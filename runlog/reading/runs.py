"""The runs of a folder: their records, and what all of them hold."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from runlog.errors import RunlogError, warn
from runlog.files.paths import absolute_path
from runlog.reading.reader import Keys, Progress, RunReader
from runlog.reading.run_filter import flat_values
from runlog.storage.connections import read_errors
from runlog.storage.layout import DATABASE, find_runs, runs_folder
from runlog.storage.lock import is_locked
from runlog.storage.records import RunRecord
from runlog.storage.run_rows import RunRows, run_record
from runlog.storage.run_signature import run_signature

if TYPE_CHECKING:
    from pandas import DataFrame

    from runlog.reading.frames_of_runs import RunFrameRows

_MAX_RUNS, _MAX_VALUES, _MAX_TEXT = 100, 8, 60
_CELL = 'style="text-align:left;vertical-align:top;white-space:nowrap"'


class RunRecords(tuple[RunRecord, ...]):
    """Runs, as a tuple; a notebook shows a table of them, with the first values of their summaries.

    Examples
    --------
    >>> runs = runlog.runs("runs")
    >>> runs.frame().sort_values("summary.val/iou")
    >>> good = runs.where(lambda run: run.summary.get("val/iou", 0) > 0.7)
    >>> good.frame("scalars", keys=["loss", "val/*"])
    >>> good.table("val/mistakes")
    """

    def where(self, is_chosen: Callable[[RunRecord], object]) -> RunRecords:
        """Return the runs of which a function says that they are chosen."""
        return RunRecords(filter(is_chosen, self))

    def frame(
        self, rows: RunFrameRows = "runs", keys: Keys | None = None, *, progress: Progress | None = None
    ) -> DataFrame:
        """Return the runs, or what was logged in all of them, as a pandas data frame.

        A run that cannot be read by then is left out, with a warning that says why.

        Parameters
        ----------
        rows
            ``runs``: a row a run, with a column ``config.NAME`` for each value of a configuration and
            ``summary.NAME`` for each of a summary (names of what is nested are joined with ``.``), its state,
            its times, and how many seconds it took. ``scalars``: a row a step of a run (the index has both),
            a column a key. Any other of `RunReader.frame`: its rows, with the name of the run folder before
            them, in a column ``run``.
        keys
            One key or several; ``*`` and ``?`` stand for any characters, or any one. By default all.
        progress
            Called with how many runs are read, and how many there are.

        Raises
        ------
        MissingPackageError
            If pandas is not installed; it is an `ImportError`.
        InvalidTypeError, InvalidValueError
            If `rows` is none of these, or `keys` are no strings.
        """
        from runlog.reading.frames_of_runs import frame_of_runs

        return frame_of_runs(self, rows, keys, progress)

    def table(self, key: str, *, progress: Progress | None = None) -> DataFrame:
        """Return the last table that each run has under a key as one data frame.

        Its index has the name of the run folder, the step of the table and the number of the row; a run
        without one has no row.

        Parameters
        ----------
        key
            The key.
        progress
            Called with how many runs are read, and how many there are.

        Raises
        ------
        MissingPackageError
            If pandas is not installed; it is an `ImportError`.
        InvalidTypeError, InvalidValueError
            If `key` can be none.
        """
        from runlog.reading.frames_of_runs import table_of_runs

        return table_of_runs(self, key, progress)

    def _repr_html_(self) -> str:
        shown = self[:_MAX_RUNS]
        values = [flat_values("", run.summary) for run in shown]
        names = list(dict.fromkeys(name for one in values for name in one))[:_MAX_VALUES]
        head = ("name", "id", "state", "created (UTC)", "tags", *(name.removeprefix(".") for name in names))
        rows = (
            [
                *(run.name, run.id, run.state, f"{run.created_at:%Y-%m-%d %H:%M}", ", ".join(run.tags)),
                *(_short(one.get(name, "")) for name in names),
            ]
            for run, one in zip(shown, values, strict=True)
        )
        body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in rows)
        more = len(self) - len(shown)
        rest = f"<p>and {more:,} more runs</p>" if more else ""
        return f"<table><thead><tr>{_cells('th', head)}</tr></thead><tbody>{body}</tbody></table>{rest}"


def read_runs(
    folder: str | os.PathLike[str] | None = None, *, progress: Progress | None = None
) -> RunRecords:
    """Return every run of a runs folder as it is now, by the name of its folder; a notebook shows a table.

    A run folder that cannot be read is left out, with a warning that says why. Of runs that have ended and
    whose files are as they were, what was read the last time is taken from an index in the user's cache.

    Parameters
    ----------
    folder
        The runs folder, or an unzipped archive; by default $RUNLOG_DIR, else ``./runs``.
    progress
        Called with how many runs are read, and how many there are.

    Returns
    -------
    RunRecords
        A tuple of `RunRecord`; `frame` has one row a run, or what all of them logged, `where` some of them.

    Raises
    ------
    StorageError
        If the runs folder cannot be listed.

    Examples
    --------
    >>> best = max(runlog.runs("runs"), key=lambda run: run.summary["val.accuracy"])
    >>> reader = runlog.open(best.folder)
    >>> runlog.runs("runs").frame()[["run", "config.lr", "summary.val.accuracy"]]
    """
    problems: list[str] = []
    records = read_records(find_runs(runs_folder(folder)), problems, progress)
    for problem in problems:
        warn(problem)
    return records


def read_records(
    run_folders: Sequence[Path], problems: list[str], progress: Progress | None = None
) -> RunRecords:
    """Return the runs of some run folders, in their order.

    Parameters
    ----------
    run_folders
        The folders.
    problems
        Gets a line for each run that cannot be read, and is left out.
    progress
        Called with how many runs are read, and how many there are.
    """
    from runlog.files.folder_notes import FolderNotes
    from runlog.reading import run_index

    records: list[RunRecord] = []
    done = 0
    for parent, members in groupby(map(absolute_path, run_folders), attrgetter("parent")):
        with FolderNotes(run_index.INDEX, parent) as index:
            for run_folder in members:
                try:
                    before = run_signature(run_folder)
                    if (rows := run_index.find(index, run_folder, before)) is None:
                        with RunReader(run_folder) as reader:
                            rows = reader._rows()
                        run_index.keep(index, run_folder, before, rows)
                    records.append(_record(rows, run_folder))
                except RunlogError as error:
                    problems.append(f"{run_folder.name} is left out: {error}")
                done += 1
                if progress is not None:
                    progress(done, len(run_folders))
    return RunRecords(records)


def _record(rows: RunRows, run_folder: Path) -> RunRecord:
    """Return the record of a run; only of one that is not said to have ended, its lock is looked at."""
    with read_errors(run_folder / DATABASE):
        locked = rows.state == "running" and is_locked(run_folder)
        return run_record(rows, folder=run_folder, locked=locked, host=platform.node())


def _cells(tag: str, texts: Iterable[str]) -> str:
    from runlog.images.html import escaped

    return "".join(f"<{tag} {_CELL}>{escaped(text)}</{tag}>" for text in texts)


def _short(value: object) -> str:
    text = f"{value:.5g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"
