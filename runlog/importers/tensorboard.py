"""TensorBoard event files → run folders, without TensorFlow.

A folder with event files becomes a run (several files in it, as after a restart, become one), a folder of
such folders a group of runs. Tags become keys; numbers become scalars, texts texts, pictures images whose
bytes are kept, with the description of their tag as caption. Steps have the time at which they were logged. A
value that is logged again under the same tag and step replaces the one before. A text of several parts is
one with as many entries, and the buckets of histograms are their bins (past 512, neighbours become one).

Hyperparameters are the configuration, and their metrics are in the summary. What ``add_hparams`` and
``add_scalars`` put in folders of their own is a part of the run in the folder above; numbers of the latter
have the keys ``TAG/NAME``.

The run's id follows from what was logged first, and when: so a log is not imported twice by accident.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path, PurePosixPath

from runlog.importers.entry import ImportedRun, Log, Meter, Show, import_logs
from runlog.importers.event_folders import RunFiles, find_runs
from runlog.importers.event_log import read_log
from runlog.importers.sources import find_files

_IN_NAME = "tfevents"


def import_logdir(
    path: str | os.PathLike[str],
    dir: str | os.PathLike[str] | None = None,
    progress: Show | None = None,
) -> tuple[ImportedRun, ...]:
    """Import every log in a folder as a run.

    Parameters
    ----------
    path
        A log folder, a folder of them at any depth, or an event file. No link below it is followed.
    dir
        The runs folder; by default $RUNLOG_DIR, else ``./runs``.
    progress
        Called with how many bytes are read, and how many there are.

    Raises
    ------
    InvalidValueError
        If there are no event files.
    StorageError
        If a file cannot be read, or the runs folder not be written. A run that is half imported is removed
        then, as it is when the import is interrupted.
    """
    root, files = find_files(path, lambda name: _IN_NAME in name, f"event files (*{_IN_NAME}*)")
    meter = Meter(files, progress)
    runs = find_runs(files)
    group = root.name if len(runs) > 1 else None
    return import_logs([_log(root, folder, run, group, meter) for folder, run in runs.items()], dir)


def _log(root: Path, folder: PurePosixPath, run: RunFiles, group: str | None, meter: Meter) -> Log:
    is_root = not folder.parts
    return Log(
        source=root if is_root else root / folder,
        name=root.name if is_root else str(folder),
        group=group,
        read=partial(read_log, run, meter.advance),
    )
