"""Offline folders of W&B → run folders, without W&B.

A folder ``offline-run-…`` (or ``run-…``) becomes a run, with what it is called, its configuration and its
summary. What was logged keeps its step and its time. Where ``define_metric("*", step_metric=…)`` said that
all goes by a number of its own, as the loggers of Lightning and Hugging Face do, that number is the step.
Pictures keep their bytes, with captions, boxes, masks and the labels of both; tables, histograms and texts
are such here, too, and other media are logged files. What else lies in ``files`` is kept with the run.

A run that was killed ends as failed. What is not taken is listed. The id follows from W&B's own and from when
the run began: so a run is not imported twice by accident.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from runlog.importers.entry import ImportedRun, Log, Meter, Show, import_logs
from runlog.importers.sources import SourceFile, find_files
from runlog.importers.wandb_log import read_log

_SUFFIX = ".wandb"


def import_logdir(
    path: str | os.PathLike[str],
    dir: str | os.PathLike[str] | None = None,
    progress: Show | None = None,
) -> tuple[ImportedRun, ...]:
    """Import every offline run in a folder.

    Parameters
    ----------
    path
        A folder ``offline-run-…``, a folder of them at any depth, or a ``.wandb`` file. No link below it is
        followed.
    dir
        The runs folder; by default $RUNLOG_DIR, else ``./runs``.
    progress
        Called with how many bytes of the logs are read, and how many there are.

    Raises
    ------
    InvalidValueError
        If there are no ``.wandb`` files.
    StorageError
        If a file cannot be read, or the runs folder not be written. A run that is half imported is removed
        then, as it is when the import is interrupted.
    """
    root, files = find_files(path, lambda name: name.endswith(_SUFFIX), f"offline runs of W&B (*{_SUFFIX})")
    meter = Meter(files, progress)
    return import_logs([_log(root, file, meter) for file in files], dir)


def _log(root: Path, file: SourceFile, meter: Meter) -> Log:
    source = file.path.parent
    return Log(source, source.name, None, partial(read_log, file, meter.advance))
