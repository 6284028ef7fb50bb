"""runlog: log what a model sees to a folder, and look at it in a browser, with no server and no network.

>>> import runlog
>>> with runlog.init("segmentation") as run:
...     run.log({"val/predictions": [runlog.Image(array, caption="a coin")]}, step=3)

A run folder is read back with `runlog.open`, those of a runs folder are listed by `runlog.runs`, and
``runlog view`` shows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runlog.annotations import BoundingBoxes2D, Box, Classes, ImageMask
from runlog.current import current, finish, init, log
from runlog.errors import (
    InvalidTypeError,
    InvalidValueError,
    MissingPackageError,
    RunLockedError,
    RunlogError,
    RunlogWarning,
    StorageError,
)
from runlog.image import Image
from runlog.layout import find_bag, find_payload, find_runs
from runlog.local_run import LocalRun
from runlog.metrics import Metric
from runlog.pixels import Conversion
from runlog.reader import RunReader
from runlog.reader import open_run as open
from runlog.reader import read_runs as runs
from runlog.records import (
    BoxLayerRecord,
    ImageRecord,
    MaskLayerRecord,
    MediaRecord,
    RunCounts,
    RunRecord,
    RunState,
    ScalarSeries,
    StepRecord,
    TextRecord,
)

if TYPE_CHECKING:
    from runlog.keeping.archiving import archive
    from runlog.keeping.checking import check
    from runlog.keeping.migrating import migrate
    from runlog.keeping.pruning import prune
    from runlog.keeping.verifying import verify

    run: LocalRun

# Needed by no training script: imported when first asked for.
_LATER = {
    "archive": "runlog.keeping.archiving",
    "check": "runlog.keeping.checking",
    "migrate": "runlog.keeping.migrating",
    "prune": "runlog.keeping.pruning",
    "verify": "runlog.keeping.verifying",
}

__all__ = [
    "BoundingBoxes2D",
    "Box",
    "BoxLayerRecord",
    "Classes",
    "Conversion",
    "Image",
    "ImageMask",
    "ImageRecord",
    "InvalidTypeError",
    "InvalidValueError",
    "LocalRun",
    "MaskLayerRecord",
    "MediaRecord",
    "Metric",
    "MissingPackageError",
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
    "TextRecord",
    "archive",
    "check",
    "find_bag",
    "find_payload",
    "find_runs",
    "finish",
    "init",
    "log",
    "migrate",
    "open",
    "prune",
    "run",
    "runs",
    "verify",
]


def __getattr__(name: str) -> object:
    """Return ``runlog.run``, the run that `init` started last, or what is imported when it is asked for."""
    if name == "run":
        return current()
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'runlog' has no attribute {name!r}")
