"""``wandb.integration.xgboost``: a callback that logs what xgboost evaluates."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from xgboost.callback import TrainingCallback

from runlog.wandb import active, plot
from runlog.wandb.data_table import Table
from runlog.wandb.wandb_run import Run

_MINIMIZED = ("logloss", "mlogloss", "error", "merror", "rmse", "rmsle", "mae", "mape", "mphe")


class WandbCallback(TrainingCallback):  # type: ignore[misc]
    """Log each evaluation, how much each feature counts, the best iteration and, if asked to, the model.

    Parameters
    ----------
    log_model
        Keep the model as an artifact.
    log_feature_importance
        Log a bar chart of the features.
    importance_type
        ``gain``, ``weight``, ``cover``, ``total_gain`` or ``total_cover``.
    define_metric
        Let the summary hold the best value of each metric, not the last.
    """

    def __init__(
        self,
        log_model: bool = False,
        log_feature_importance: bool = True,
        importance_type: str = "gain",
        define_metric: bool = True,
    ) -> None:
        super().__init__()
        self.run: Run = active.current()
        self._log_model, self._define_metric = log_model, define_metric
        self._importance = importance_type if log_feature_importance else None
        self._defined: set[str] = set()

    def before_training(self, model: Any) -> Any:
        """Note the parameters of the model in the config."""
        self.run.config.update({"xgboost": json.loads(model.save_config())})
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: dict[str, dict[str, list[Any]]]) -> bool:
        """Log what was evaluated; never stops the training."""
        values: dict[str, Any] = {"epoch": epoch}
        for data, metrics in evals_log.items():
            for metric, history in metrics.items():
                key, last = f"{data}-{metric}", history[-1]
                if self._define_metric and key not in self._defined:
                    self._defined.add(key)
                    self.run.define_metric(key, summary="min" if metric in _MINIMIZED else "max")
                values[key] = last[0] if isinstance(last, tuple) else last
        self.run.log(values)
        return False

    def after_training(self, model: Any) -> Any:
        """Log what the whole training came to."""
        if self._importance is not None:
            scores = model.get_score(importance_type=self._importance)
            table = Table(
                ["Feature", "Importance"], [[name, _number(score)] for name, score in scores.items()]
            )
            chart = plot.bar(table, "Feature", "Importance", title="Feature Importance")
            self.run.log({"Feature Importance": chart})
        if self._log_model:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, f"{self.run.id}_model.json")
                model.save_model(path)
                self.run.log_artifact(path, f"model_{self.run.id}", "model")
        if model.attr("best_score") is not None:
            self.run.summary.update(
                {
                    "best_score": float(model.attr("best_score")),
                    "best_iteration": int(model.attr("best_iteration")),
                }
            )
        return model


def wandb_callback() -> Any:
    """Return a callback: what older scripts call."""
    return WandbCallback()


def _number(score: Any) -> float:
    return float(score[0] if isinstance(score, list) else score)


__all__ = ["WandbCallback", "wandb_callback"]
