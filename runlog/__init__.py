"""runlog: log what a model sees to a folder, and look at it in a browser, with no server and no network.

>>> import runlog
>>> with runlog.init("segmentation") as run:
...     run.log({"val/predictions": [runlog.Image(array, caption="a coin")]}, step=3)

A run folder is read back with `runlog.open`, those of a runs folder are listed by `runlog.runs`, and
``runlog view`` shows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runlog.errors import (
    InvalidTypeError,
    InvalidValueError,
    MissingPackageError,
    RunLockedError,
    RunlogError,
    RunlogWarning,
    StorageError,
)
from runlog.errors import RunChangedError as RunChangedError
from runlog.images.boxes import BoundingBoxes2D, Box
from runlog.images.classes import Classes
from runlog.images.image import Image
from runlog.images.masks import ImageMask
from runlog.images.picture_file import open_media as open_media
from runlog.images.pixels import Conversion
from runlog.storage.kinds import ROW_KINDS as ROW_KINDS
from runlog.storage.layout import find_bag as find_bag
from runlog.storage.layout import find_payload as find_payload
from runlog.storage.layout import find_runs
from runlog.storage.layout import is_stored_media_path as is_stored_media_path
from runlog.storage.metrics import Metric
from runlog.storage.run_signature import may_be_noted as may_be_noted
from runlog.storage.run_signature import run_signature as run_signature
from runlog.values.file import File
from runlog.values.histogram import Histogram
from runlog.values.table import Table
from runlog.values.video import Video
from runlog.writing.current import finish, init, log, open_run
from runlog.writing.local_run import LocalRun

if TYPE_CHECKING:
    from runlog.archives.verifying import verify
    from runlog.images.detections import boxes_from, mask_from
    from runlog.reading.logged_table import LoggedTable
    from runlog.reading.reader import RunReader
    from runlog.reading.reader import open_run as open
    from runlog.reading.runs import read_runs as runs
    from runlog.storage.file_records import FileRecord, MediaRecord
    from runlog.storage.records import (
        BoxLayerRecord,
        ImageRecord,
        MaskLayerRecord,
        RewindRecord,
        RunCounts,
        RunRecord,
        RunState,
        ScalarSeries,
        StepRecord,
        TextRecord,
    )
    from runlog.upkeep.checking import check
    from runlog.upkeep.migrating import migrate
    from runlog.wandb.standing_in import as_wandb
    from runlog_viewer.with_pages import archive, edit, prune, remove

run: LocalRun | None
"""The run that `init` started last; None without one, and after its end."""
__version__: str | None
"""The version of runlog; None for a source tree that is not installed."""

# Imported when first asked for: a script that logs starts without what reads.
_LATER = {
    "BoxLayerRecord": "runlog.storage.records",
    "FileRecord": "runlog.storage.file_records",
    "ImageRecord": "runlog.storage.records",
    "LoggedTable": "runlog.reading.logged_table",
    "MaskLayerRecord": "runlog.storage.records",
    "MediaRecord": "runlog.storage.file_records",
    "RewindRecord": "runlog.storage.records",
    "RunCounts": "runlog.storage.records",
    "RunReader": "runlog.reading.reader",
    "RunRecord": "runlog.storage.records",
    "RunState": "runlog.storage.records",
    "ScalarSeries": "runlog.storage.records",
    "StepRecord": "runlog.storage.records",
    "TextRecord": "runlog.storage.records",
    "archive": "runlog_viewer.with_pages",
    "as_wandb": "runlog.wandb.standing_in",
    "boxes_from": "runlog.images.detections",
    "check": "runlog.upkeep.checking",
    "edit": "runlog_viewer.with_pages",
    "mask_from": "runlog.images.detections",
    "migrate": "runlog.upkeep.migrating",
    "open": "runlog.reading.reader:open_run",
    "prune": "runlog_viewer.with_pages",
    "remove": "runlog_viewer.with_pages",
    "runs": "runlog.reading.runs:read_runs",
    "verify": "runlog.archives.verifying",
}

# What is imported above `as` its own name is for the viewer, and not listed.
__all__ = [
    "BoundingBoxes2D",
    "Box",
    "BoxLayerRecord",
    "Classes",
    "Conversion",
    "File",
    "FileRecord",
    "Histogram",
    "Image",
    "ImageMask",
    "ImageRecord",
    "InvalidTypeError",
    "InvalidValueError",
    "LocalRun",
    "LoggedTable",
    "MaskLayerRecord",
    "MediaRecord",
    "Metric",
    "MissingPackageError",
    "RewindRecord",
    "RunCounts",
    "RunLockedError",
    "RunReader",
    "RunRecord",
    "RunState",
    "RunlogError",
    "RunlogWarning",
    "ScalarSeries",
    "StepRecord",
    "StorageError",
    "Table",
    "TextRecord",
    "Video",
    "archive",
    "as_wandb",
    "boxes_from",
    "check",
    "edit",
    "find_runs",
    "finish",
    "init",
    "log",
    "mask_from",
    "migrate",
    "open",
    "prune",
    "remove",
    "run",
    "runs",
    "verify",
]


def __getattr__(name: str) -> object:
    """Return ``runlog.run``, the run that `init` started last, or what is imported when it is asked for."""
    if name == "run":
        return open_run()
    if name == "__version__":
        from runlog.basics.environment import runlog_version

        return runlog_version()
    if name in _LATER:
        from importlib import import_module

        module, _, other_name = _LATER[name].partition(":")
        return globals().setdefault(name, getattr(import_module(module), other_name or name))
    raise AttributeError(f"module 'runlog' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return what this module offers, and nothing that it uses."""
    return __all__
