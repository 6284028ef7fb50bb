"""`RunlogLogger`: the logger of a Lightning ``Trainer`` (``lightning.pytorch`` and ``pytorch_lightning``)."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from runlog.basics.jsontext import is_namespace
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.image import Image
from runlog.integrations.used_run import UsedRun
from runlog.values.table import Table
from runlog.writing.local_run import LocalRun
from runlog.writing.synced_steps import SyncedSteps
from runlog.writing.watching import Watched

_BASES = (
    "lightning.pytorch.loggers.logger",
    "pytorch_lightning.loggers.logger",
    "lightning.fabric.loggers.logger",
)
_RANKS = ("lightning_utilities.core.rank_zero", "lightning.fabric.utilities.rank_zero")
_RANK_VARIABLES = ("RANK", "LOCAL_RANK", "SLURM_PROCID")


class RunlogLogger:
    """What a Lightning ``Trainer`` logs to, into a run: ``Trainer(logger=RunlogLogger("segmentation"))``.

    Numbers go to the step that Lightning says, ``trainer.global_step``. What would replace another value of
    its key there, as the second ``fit`` of one logger does, goes to the next step that has none. Of several
    processes, that of rank 0 logs.

    Parameters
    ----------
    project
        As of `runlog.init`.
    run
        A run that is there already. Without one, the run that `runlog.init` started last is logged to, and
        without that one of its own, which ends with the training if that fails, else with the script.
    prefix
        What stands before each key of a metric, and a ``/``.
    settings
        What else `runlog.init` is to be told: ``name``, ``dir``, ``config``, ``tags`` …

    Attributes
    ----------
    experiment
        The `runlog.LocalRun`; None in other processes than that of rank 0.
    """

    group_separator = "/"

    def __init__(
        self, project: str | None = None, *, run: LocalRun | None = None, prefix: str = "", **settings: Any
    ) -> None:
        self._project = project
        self._run = UsedRun(run, {"project": project, **settings})
        self._prefix = f"{prefix}/" if prefix else ""
        self._steps = SyncedSteps()
        _register(type(self))

    @property
    def experiment(self) -> LocalRun | None:
        """The run that is logged to."""
        return self._run.get() if _rank() == 0 else None

    @property
    def name(self) -> str:
        """The project, which names the folder of checkpoints."""
        return self._project or "runlog"

    @property
    def version(self) -> str | None:
        """The id of the run, which names the folder of its checkpoints within that."""
        run = self.experiment
        return None if run is None else run.id

    @property
    def save_dir(self) -> str | None:
        """None: checkpoints go to the ``default_root_dir`` of the ``Trainer``."""
        return None

    @property
    def root_dir(self) -> str | None:
        """None, as `save_dir`."""
        return None

    @property
    def log_dir(self) -> str | None:
        """The run folder."""
        run = self.experiment
        return None if run is None else str(run.folder)

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Log numbers at a step; without one, at the current step of the run."""
        self._log({f"{self._prefix}{key}": value for key, value in metrics.items()}, step)

    def log_hyperparams(self, params: Any = None, *args: Any, **more: Any) -> None:
        """Add hyperparameters, a mapping or a namespace, to the configuration; `more` has them by name."""
        run = self.experiment
        if run is not None:
            given = vars(params) if is_namespace(params) else dict(params or {})
            metrics = more.pop("metrics", None)
            run.config.update({str(key): value for key, value in (given | more).items()})
            if metrics:
                self.log_metrics(metrics)

    def log_image(
        self, key: str, images: Sequence[Any], step: int | None = None, **each: Sequence[Any]
    ) -> None:
        """Log images under a key.

        Parameters
        ----------
        images
            A list of what `runlog.Image` takes.
        each
            Lists as long as that one, of the arguments of `runlog.Image`: ``caption``, ``boxes``, ``masks``,
            ``id`` …

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If they are no such lists.
        """
        if not isinstance(images, (list, tuple)):
            raise InvalidTypeError(f"images must be a list, but got {shown(images)}; pass [image]")
        for name, values in each.items():
            if not isinstance(values, (list, tuple)) or len(values) != len(images):
                raise InvalidValueError(
                    f"{name} must be a list of {len(images)}, one for each image, but got {shown(values)}"
                )
        made = [
            Image(image, **{name: values[place] for name, values in each.items()})
            for place, image in enumerate(images)
        ]
        self._log({key: made}, step)

    def log_table(
        self,
        key: str,
        columns: Sequence[str] | None = None,
        data: Any = None,
        dataframe: Any = None,
        step: int | None = None,
    ) -> None:
        """Log a table of rows, or of a data frame, under a key."""
        self._log({key: Table(columns, data, dataframe)}, step)

    def log_text(
        self,
        key: str,
        columns: Sequence[str] | str | None = None,
        data: Any = None,
        dataframe: Any = None,
        step: int | None = None,
    ) -> None:
        """Log a table of texts under a key; without rows a text, or a list of them: ``("say", "hi")``."""
        if data is None and dataframe is None:
            self._log({key: columns}, step)
        else:
            self.log_table(key, columns, data, dataframe, step)

    def watch(self, model: Any, log: Watched = "gradients", log_freq: int = 1000) -> None:
        """Log histograms of a model as it learns; see `LocalRun.watch`."""
        run = self.experiment
        if run is not None:
            run.watch(model, log, log_freq)

    def log_graph(self, model: Any, input_array: Any = None) -> None:
        """Do nothing: graphs are not logged."""

    def after_save_checkpoint(self, checkpoint_callback: Any) -> None:
        """Do nothing: checkpoints stay where they are."""

    def save(self) -> None:
        """Bring all that was logged to the disk."""
        run = self.experiment
        if run is not None:
            run.flush()

    def finalize(self, status: str) -> None:
        """Bring all to the disk and, after a training that failed, end a run of its own as failed."""
        self.save()
        if status != "success":
            self._run.finish("failed")

    def _log(self, values: dict[str, Any], step: int | None) -> None:
        run = self.experiment
        if run is not None:
            run.log(values, step=None if step is None else self._steps.free(values, step))


def _rank() -> int:
    """Return the rank of this process, as Lightning knows it, or a launcher said it."""
    known = (getattr(sys.modules.get(name), "rank_zero_only", None) for name in _RANKS)
    rank = next((rank for found in known if (rank := getattr(found, "rank", None)) is not None), None)
    if rank is None:
        rank = next((value for name in _RANK_VARIABLES if (value := os.environ.get(name))), 0)
    return int(rank)


def _register(logger: type) -> None:
    """Let a class be a logger to each Lightning that is imported; without one it is not needed."""
    for name in _BASES:
        base = getattr(sys.modules.get(name), "Logger", None)
        if base is not None and not issubclass(logger, base):
            base.register(logger)
