"""``wandb.integration.keras``: callbacks that log what Keras measures, and keep its models."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras.callbacks import Callback, ModelCheckpoint

from runlog.basics.integers import integer
from runlog.errors import InvalidTypeError, shown
from runlog.wandb import active
from runlog.wandb.data_table import Table
from runlog.wandb.wandb_run import Run

# Of how many batches one is logged, besides epochs.
_PASSES = {"epoch": 0, "batch": 1}
# Of the older callback, what pictures and histograms were made for.
_NOT_KEPT = (
    *("log_weights", "log_gradients", "log_evaluation"),
    *("training_data", "validation_data", "generator"),
)


class WandbMetricsLogger(Callback):  # type: ignore[misc]
    """Log what ``fit`` measures: under ``epoch/`` after each epoch and, if asked to, under ``batch/``.

    Parameters
    ----------
    log_freq
        ``epoch``; ``batch``; or of how many batches one is logged, besides epochs.
    initial_global_step
        What batches are counted from, where a training goes on.
    options
        Accepted.
    """

    def __init__(self, log_freq: str | int = "epoch", initial_global_step: int = 0, **options: Any) -> None:
        super().__init__()
        passes = _PASSES.get(log_freq) if isinstance(log_freq, str) else log_freq
        if (every := integer(passes, may_be_bool=True)) is None:
            raise InvalidTypeError(
                f"log_freq must be 'epoch', 'batch' or a number, but got {shown(log_freq)}"
            )
        self._run: Run = active.current()
        self._every = every
        self._batches = initial_global_step
        counters = ("epoch/epoch", "batch/batch_step") if self._every else ("epoch/epoch",)
        for counter in counters:
            self._run.define_metric(f"{counter.partition('/')[0]}/*", step_metric=counter)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log what was measured of an epoch."""
        self._log("epoch", logs, {"epoch/epoch": epoch})

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log what was measured of a batch."""
        if self._every and batch % self._every == 0:
            self._log("batch", logs, {"batch/batch_step": self._batches})
        self._batches += 1

    def _log(self, kind: str, logs: Mapping[str, Any] | None, counted: Mapping[str, int]) -> None:
        measured = {**(logs or {}), **_learning_rate(self.model)}
        self._run.log({**{f"{kind}/{name}": value for name, value in measured.items()}, **counted})


class WandbModelCheckpoint(ModelCheckpoint):  # type: ignore[misc]
    """Save the model when ``keras.callbacks.ModelCheckpoint`` does, and keep each with the run."""

    def __init__(self, filepath: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(str(filepath), *arguments, **options)
        self._run: Run = active.current()
        self._folder = Path(str(filepath)).parent
        self._seen = self._there()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Save as asked, and keep what is new."""
        super().on_train_batch_end(batch, logs)
        if self.save_freq != "epoch":
            self._keep(f"batch_{batch}")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save as asked, and keep what is new."""
        super().on_epoch_end(epoch, logs)
        self._keep(f"epoch_{epoch}")

    def _there(self) -> dict[Path, int]:
        kinds = (".keras", ".h5", ".hdf5", ".tf")
        files = (path for path in self._folder.glob("*") if path.suffix in kinds)
        return {path: path.stat().st_mtime_ns for path in files}

    def _keep(self, alias: str) -> None:
        there = self._there()
        for path, time in there.items():
            if self._seen.get(path) != time:
                self._run.log_artifact(path, f"run_{self._run.id}_model", "model", ["latest", alias])
        self._seen = there


class WandbEvalCallback(Callback, ABC):  # type: ignore[misc]
    """What a script derives its own callback from, which logs tables of predictions after each epoch.

    Parameters
    ----------
    data_table_columns, pred_table_columns
        Columns of the table of what is true, and of that of what is predicted.
    """

    def __init__(
        self, data_table_columns: list[str], pred_table_columns: list[str], *arguments: Any, **options: Any
    ) -> None:
        super().__init__()
        self._run: Run = active.current()
        self.data_table_columns, self.pred_table_columns = data_table_columns, pred_table_columns

    @abstractmethod
    def add_ground_truth(self, logs: Mapping[str, Any] | None = None) -> None:
        """Add rows to ``data_table``."""

    @abstractmethod
    def add_model_predictions(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Add rows to ``pred_table``."""

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Log the table of what is true."""
        self.init_data_table(self.data_table_columns)
        self.add_ground_truth(logs)
        self.log_data_table()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log the table of what is predicted."""
        self.init_pred_table(self.pred_table_columns)
        self.add_model_predictions(epoch, logs)
        self.log_pred_table()

    def init_data_table(self, column_names: list[str]) -> None:
        """Begin the table of what is true."""
        self.data_table = Table(columns=column_names, allow_mixed_types=True)

    def init_pred_table(self, column_names: list[str]) -> None:
        """Begin the table of what is predicted."""
        self.pred_table = Table(columns=column_names)

    def log_data_table(self, name: str = "val", type: str = "dataset", table_name: str = "val_data") -> None:
        """Log the table of what is true; ``data_table_ref`` is it."""
        self._run.log({table_name: self.data_table})
        self.data_table_ref = self.data_table

    def log_pred_table(
        self, type: str = "evaluation", table_name: str = "eval_data", aliases: list[str] | None = None
    ) -> None:
        """Log the table of what is predicted, at a step of its own."""
        self._run.log({table_name: self.pred_table})


class WandbCallback(Callback):  # type: ignore[misc]
    """The callback of older scripts: log what ``fit`` measures, and keep the best model.

    Parameters
    ----------
    monitor, mode, log_best_prefix
        Of which metric the best value, and its epoch, are in the summary; ``auto``, ``min`` or ``max``.
    save_model, save_weights_only
        Whether the best model is kept with the run.
    log_batch_frequency
        Of how many batches one is logged.
    options
        Accepted; what makes pictures or histograms is noted in the run.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        verbose: int = 0,
        mode: str = "auto",
        save_weights_only: bool = False,
        save_model: bool = True,
        log_batch_frequency: int | None = None,
        log_best_prefix: str | None = "best_",
        **options: Any,
    ) -> None:
        super().__init__()
        self._run: Run = active.current()
        self._monitor, self._best = monitor, math.nan
        self._is_max = mode == "max" or (mode == "auto" and any(word in monitor for word in ("acc", "auc")))
        self._saves, self._only_weights = save_model, save_weights_only
        self._every, self._prefix = log_batch_frequency, log_best_prefix
        for name in _NOT_KEPT:
            if options.get(name) is not None and options[name] is not False:
                self._run.note(f"WandbCallback({name}=…)", "log pictures and histograms with wandb.log()")

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log what was measured of a batch."""
        if self._every and batch % self._every == 0:
            self._run.log(dict(logs or {}))

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log what was measured of an epoch, and keep the model if it is the best."""
        self._run.log({"epoch": epoch, **(logs or {})})
        value = (logs or {}).get(self._monitor)
        if value is None or not self._is_better(float(value)):
            return
        self._best = float(value)
        if self._prefix:
            self._run.summary.update(
                {f"{self._prefix}{self._monitor}": self._best, f"{self._prefix}epoch": epoch}
            )
        if self._saves:
            if self._only_weights:
                self.model.save_weights(Path(self._run.dir, "model-best.weights.h5"))
            else:
                self.model.save(Path(self._run.dir, "model-best.keras"))

    def _is_better(self, value: float) -> bool:
        is_first = math.isnan(self._best)
        return is_first or (value > self._best if self._is_max else value < self._best)


def _learning_rate(model: Any) -> dict[str, float]:
    """Return the learning rate of a model under its name; nothing where it has none that is a number."""
    rate: Any = getattr(getattr(model, "optimizer", None), "learning_rate", None)
    try:
        return {"learning_rate": float(rate.numpy() if callable(getattr(rate, "numpy", None)) else rate)}
    except (TypeError, ValueError):
        return {}


__all__ = ["WandbCallback", "WandbEvalCallback", "WandbMetricsLogger", "WandbModelCheckpoint"]
