"""``wandb.integration.catboost``: a callback that logs what CatBoost evaluates; a summary of the model."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from runlog.wandb import active, plot
from runlog.wandb.data_table import Table


class WandbCallback:
    """Log what is evaluated in each iteration.

    Parameters
    ----------
    metric_period
        Of how many iterations one is logged.
    """

    def __init__(self, metric_period: int = 1) -> None:
        self.run = active.current()
        self.metric_period = metric_period

    def after_iteration(self, info: Any) -> bool:
        """Log an iteration; always goes on."""
        if info.iteration % self.metric_period == 0:
            values: dict[str, Any] = {f"iteration@metric-period-{self.metric_period}": info.iteration}
            for data, metrics in (info.metrics or {}).items():
                for metric, history in metrics.items():
                    values[f"{data}-{metric}"] = history[-1]
            self.run.log(values)
        return True


def log_summary(
    model: Any,
    log_all_params: bool = True,
    save_model_checkpoint: bool = False,
    log_feature_importance: bool = True,
) -> None:
    """Log parameters, the best iteration, how much each feature counts and, if asked to, the model."""
    run = active.current()
    params = (model.get_all_params() if log_all_params else model.get_params()) if model.is_fitted() else {}
    run.config.update(params)
    run.summary["best_iteration"] = model.get_best_iteration()
    run.summary["best_score"] = model.get_best_score()
    if log_feature_importance:
        found = zip(model.feature_names_, model.feature_importances_, strict=True)
        table = Table(["feature", "importance"], [[str(name), float(value)] for name, value in found])
        run.log({"feature_importance": plot.bar(table, "feature", "importance", title="Feature Importance")})
    if save_model_checkpoint:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"model_{run.id}.cbm")
            model.save_model(str(path))
            run.log_artifact(path, f"model_{run.id}", "model")


__all__ = ["WandbCallback", "log_summary"]
