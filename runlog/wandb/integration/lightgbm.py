"""``wandb.integration.lightgbm``: a callback that logs what LightGBM evaluates; a summary of the model."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runlog.wandb import active, plot
from runlog.wandb.data_table import Table


def wandb_callback(log_params: bool = True, define_metric: bool = True) -> Callable[[Any], None]:
    """Return a callback for ``lightgbm.train``.

    Parameters
    ----------
    log_params
        Note the parameters in the config.
    define_metric
        Let the summary hold the best value of each metric, not the last.
    """
    started: list[bool] = []

    def callback(env: Any) -> None:
        run = active.current()
        results = [(f"{one[0]}_{one[1]}", one) for one in env.evaluation_result_list]
        if not started:
            started.append(True)
            if log_params:
                run.config.update(env.params)
            for key, one in results if define_metric else ():
                run.define_metric(key, summary="max" if one[3] else "min")
        values: dict[str, Any] = {"iteration": env.iteration}
        for key, one in results:
            values[key] = one[2]
            if len(one) > 4:  # of a cross-validation
                values[f"{key}-stdv"] = one[4]
        run.log(values)

    return callback


def log_summary(model: Any, feature_importance: bool = True, save_model_checkpoint: bool = False) -> None:
    """Log the best iteration of a booster, how much each feature counts and, if asked to, the model."""
    run = active.current()
    run.summary["best_iteration"] = model.best_iteration
    run.summary["best_score"] = {name: dict(scores) for name, scores in model.best_score.items()}
    if feature_importance:
        features = zip(model.feature_name(), model.feature_importance(), strict=True)
        table = Table(["feature", "importance"], [[name, float(value)] for name, value in features])
        chart = plot.bar(table, "feature", "importance", title="Feature Importance")
        run.log({"feature_importance": chart})
    if save_model_checkpoint:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"model_{run.id}.txt")
            model.save_model(path)
            run.log_artifact(path, f"model_{run.id}", "model")


__all__ = ["log_summary", "wandb_callback"]
