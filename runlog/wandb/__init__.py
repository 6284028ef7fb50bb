"""Scripts of wandb, with the import changed: ``from runlog import wandb``.

What a script logs goes to a run folder, and nothing leaves the machine. Of what such scripts use, most is
stored; some is accepted, and noted in the run; the rest is an error that says what to do instead.
docs/coming-from-wandb.md has the table.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any, Concatenate, ParamSpec, TypeVar

from runlog.errors import UnknownNameError
from runlog.images.boxes import BoundingBoxes2D
from runlog.images.classes import Classes
from runlog.images.masks import ImageMask
from runlog.wandb import active, data_types, env, errors, plot, sdk, util
from runlog.wandb.artifacts import Artifact
from runlog.wandb.data_table import Table
from runlog.wandb.data_types import Histogram
from runlog.wandb.errors import CommError, Error, UsageError
from runlog.wandb.kept_files import Audio, Bokeh, Graph, Html, Molecule, Object3D, Plotly, box3d
from runlog.wandb.picture import Image
from runlog.wandb.plot import plot_table, visualize
from runlog.wandb.run_mappings import Config, NotStarted
from runlog.wandb.settings import Settings
from runlog.wandb.starting import init, setup
from runlog.wandb.terminal import AlertLevel, login, require, termerror, termlog, termwarn
from runlog.wandb.unsupported import INSTEAD
from runlog.wandb.version import VERSION
from runlog.wandb.video import Video
from runlog.wandb.wandb_run import Run, refusing

P = ParamSpec("P")
R = TypeVar("R")

__version__ = VERSION

__all__ = [
    "AlertLevel",
    "Artifact",
    "Audio",
    "Bokeh",
    "BoundingBoxes2D",
    "Classes",
    "CommError",
    "Config",
    "Error",
    "Graph",
    "Histogram",
    "Html",
    "Image",
    "ImageMask",
    "Molecule",
    "Object3D",
    "Plotly",
    "Run",
    "Settings",
    "Table",
    "UsageError",
    "Video",
    "__version__",
    "alert",
    "box3d",
    "config",
    "data_types",
    "define_metric",
    "env",
    "errors",
    "finish",
    "init",
    "join",
    "link_model",
    "log",
    "log_artifact",
    "log_code",
    "log_model",
    "login",
    "mark_preempting",
    "plot",
    "plot_table",
    "require",
    "run",
    "save",
    "sdk",
    "setup",
    "summary",
    "teardown",
    "termerror",
    "termlog",
    "termwarn",
    "unwatch",
    "use_artifact",
    "util",
    "visualize",
    "watch",
]


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """End the run that goes on, if there is one; with an exit code that is not 0, as failed."""
    if (run := active.open_run()) is not None:
        run.finish(exit_code)


def teardown(exit_code: int | None = None) -> None:
    """End every run that goes on."""
    active.finish_all(exit_code)


def _of_current(method: Callable[Concatenate[Run, P], R]) -> Callable[P, R]:
    """Return a method of the run that goes on as a function of this module."""

    @wraps(method)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        return method(active.current(), *args, **kwargs)

    return called


join = finish
alert = _of_current(Run.alert)
define_metric = _of_current(Run.define_metric)
link_model = _of_current(Run.link_model)
log = _of_current(Run.log)
log_artifact = _of_current(Run.log_artifact)
log_code = _of_current(Run.log_code)
log_model = _of_current(Run.log_model)
mark_preempting = _of_current(Run.mark_preempting)
save = _of_current(Run.save)
unwatch = _of_current(Run.unwatch)
use_artifact = _of_current(Run.use_artifact)
watch = _of_current(Run.watch)


class _Module(ModuleType):
    """The module itself: what it has depends on which run goes on."""

    @property
    def run(self) -> Run | None:
        """The run that was started last; None without one, and after its end."""
        return active.open_run()

    @property
    def config(self) -> Any:
        """The configuration of the run that goes on; a dict given in its place is added to it."""
        return NotStarted("config") if (run := active.open_run()) is None else run.config

    @config.setter
    def config(self, config: Any) -> None:
        active.current().config.update(config)

    @property
    def summary(self) -> Any:
        """The summary of the run that goes on."""
        return NotStarted("summary") if (run := active.open_run()) is None else run.summary

    def __getattr__(self, name: str) -> Any:
        if name in INSTEAD:
            return refusing(name)
        raise UnknownNameError(
            f"module 'wandb' of runlog has no {name!r}; docs/coming-from-wandb.md says what there is"
        )

    def __dir__(self) -> list[str]:
        return __all__


sys.modules[__name__].__class__ = _Module
