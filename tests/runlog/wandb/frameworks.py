"""What the loggers of frameworks call of wandb, in small: through ``import wandb``, without the framework."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

PIXELS = np.full((8, 8, 3), 7, np.uint8)


def _wandb() -> Any:
    return importlib.import_module("wandb")


def lightning() -> None:
    """Log as `WandbLogger` of Lightning does."""
    wandb = _wandb()
    RunDisabled = importlib.import_module("wandb.sdk.lib").RunDisabled  # noqa: N806
    Run = importlib.import_module("wandb.wandb_run").Run  # noqa: N806
    wandb.require("service")
    assert wandb.run is None
    experiment = wandb.init(
        name=None,
        project="lightning_logs",
        dir="out",
        id="lightning",
        resume="allow",
        anonymous=None,
        job_type="train",
    )
    assert isinstance(experiment, (Run, RunDisabled))
    assert getattr(experiment, "define_metric", None)
    experiment.define_metric("trainer/global_step")
    experiment.define_metric("*", step_metric="trainer/global_step", step_sync=True)
    experiment.config.update({"lr": 0.1, "optimizer/name": "SGD"}, allow_val_change=True)
    for step in (9, 19):
        experiment.log({"train/loss": 1 / step, "epoch": step // 10, "trainer/global_step": step})
    box = {"position": {"minX": 0.1, "maxX": 0.5, "minY": 0.2, "maxY": 0.6}, "class_id": 0}
    layers = {
        "boxes": {"predictions": {"box_data": [box], "class_labels": {0: "cat"}}},
        "masks": {"truth": {"mask_data": np.eye(8, dtype=np.uint8), "class_labels": {1: "dog"}}},
    }
    images = [wandb.Image(PIXELS, caption=f"picture {index}", **layers) for index in range(2)]
    experiment.log({"samples": images, "trainer/global_step": 19})
    experiment.log(
        {"answers": wandb.Table(columns=["a"], data=[["x"]], dataframe=None), "trainer/global_step": 19}
    )
    experiment.log(
        {"sounds": [wandb.Audio(np.zeros(10), sample_rate=8000, caption="c")], "trainer/global_step": 19}
    )
    experiment.log({"val/loss": 0.5, "epoch": 1, "trainer/global_step": 19})
    Path("last.ckpt").write_bytes(b"weights")
    artifact = wandb.Artifact(name=f"model-{experiment.id}", type="model", metadata={"score": 0.5})
    artifact.add_file("last.ckpt", name="model.ckpt")
    experiment.log_artifact(artifact, aliases=["latest", "best"])
    assert (experiment.name, experiment.id, experiment.project_name()) == (
        experiment.name,
        "lightning",
        "lightning_logs",
    )
    wandb.finish()


def transformers() -> None:
    """Log as `WandbCallback` of Hugging Face does."""
    assert importlib.util.find_spec("wandb") is not None
    wandb = _wandb()
    assert importlib.import_module("wandb.sdk.lib.config_util").ConfigError
    os.environ.update(WANDB_PROJECT="huggingface", WANDB_DIR="out", WANDB_RUN_ID="transformers")
    wandb.init(project=os.getenv("WANDB_PROJECT", "huggingface"), name="a run")
    wandb.config.update(
        {"hidden_size": 8, "eos_token_id": 2, "hub_token": "<HUB_TOKEN>"}, allow_val_change=True
    )
    wandb.define_metric("train/global_step")
    wandb.define_metric("*", step_metric="train/global_step", step_sync=True)
    wandb.run._label(code="transformers_trainer")
    wandb.config["model/num_parameters"] = 12
    artifact = wandb.Artifact(
        name=f"model-{wandb.run.name}", type="model", metadata={"n": wandb.config.get("n")}
    )
    with artifact.new_file("model_architecture.txt") as file:
        file.write("Bert()")
    wandb.run.log_artifact(artifact, aliases=["base_model"])
    for step in (2, 4):
        wandb.log({"train/loss": 1 / step, "train/epoch": step / 4, "train/global_step": step})
    wandb.log({"eval/loss": 0.5, "train/epoch": 1.0, "train/global_step": 4})
    wandb.run.summary["train_runtime"] = 1.5
    assert {"eval/loss", "train_runtime"} <= {key for key, _ in dict(wandb.summary).items()}
    assert "huggingface" in str(wandb.run.path)
    wandb.finish()


def trl() -> None:
    """Log as TRL does beside that: completions as a table of a data frame, and its profiler's times."""
    wandb = _wandb()
    wandb.init(project="trl", dir="out", id="trl")
    wandb.define_metric("*", step_metric="train/global_step", step_sync=True)
    wandb.log({"train/reward": 0.5, "train/global_step": 1})
    if wandb.run is not None:
        wandb.log({"profiling/Time taken: step": 0.25})
        frame = pd.DataFrame({"step": ["1", "1"], "prompt": ["a", "b"], "reward": [0.5, float("nan")]})
        wandb.log({"completions": wandb.Table(dataframe=frame)})
        wandb.log({"game_log": wandb.Table(data=frame[["prompt"]])})
    assert isinstance(wandb.run.entity + "/" + wandb.run.project, str)
    wandb.finish()


def accelerate() -> None:
    """Log as the tracker of Accelerate does."""
    wandb = _wandb()
    run = wandb.init(project="accelerate", dir="out", id="accelerate")
    wandb.config.update({"lr": 0.1}, allow_val_change=True)
    for step in range(2):
        run.log({"train/loss": 1 / (step + 1)}, step=step)
    run.log({"samples": [wandb.Image(image) for image in [PIXELS]]}, step=1)
    run.log({"answers": wandb.Table(columns=["id"], data=[[1]], dataframe=None)}, step=1)
    run.finish()


def ultralytics() -> None:
    """Log as the callbacks of Ultralytics do."""
    wb = _wandb()
    assert hasattr(wb, "__version__")
    if not wb.run:
        wb.init(
            project="runs-detect",
            name="train",
            id="ultralytics",
            dir="out",
            config={"epochs": 2},
            resume="allow",
        )
    wb.run.define_metric("metrics/*", step_metric="epoch")
    wb.run.config.setdefaults(vars(argparse.Namespace(epochs=9, imgsz=64)))
    Path("plot.png").write_bytes(_png())
    for epoch in range(2):
        wb.run.log({"train/box_loss": 1.0, "epoch": epoch + 1}, commit=False)
        wb.run.log({"lr/pg0": 0.01}, commit=False)
        wb.run.log({"labels": wb.Image("plot.png")}, commit=False)
        wb.run.log({"metrics/mAP50(B)": 0.5 * epoch, "epoch": epoch + 1}, commit=True)
    table = wb.Table(data=[["mean", 0.0, 1.0], ["mean", 1.0, 0.5]], columns=["class", "y", "x"])
    fields = {"x": "x", "y": "y", "class": "class"}
    strings = {"title": "Precision Recall", "x-axis-title": "Recall", "y-axis-title": "Precision"}
    chart = wb.plot_table("wandb/area-under-curve/v0", table, fields=fields, string_fields=strings)
    wb.log({"curves/PR(B)": chart}, commit=False)
    artifact = wb.Artifact(type="model", name=f"run_{wb.run.id}_model")
    artifact.add_file("plot.png")
    wb.run.log_artifact(artifact, aliases=["best"])
    wb.run.log({"epoch": 2}, commit=True)
    wb.finish()
    wb.finish(exit_code=1)


def fastai() -> None:
    """Log as `WandbCallback` of fastai does."""
    wandb = _wandb()
    wandb.init(dir="out", id="fastai")
    step = wandb.run.step - 1
    wandb.config.update({"Learner": {"_name": "a learner"}, "frozen": True}, allow_val_change=True)
    for batch in range(2):
        step += 1
        wandb.log({"epoch": batch / 2, "train_loss": 1.0, "lr_0": 0.1}, step=step)
        wandb.log({"train_samples_per_sec": 9.0}, step=step)
    wandb.log({"epoch": 1}, step=step)
    table = wandb.Table(columns=["Input image", "Ground_Truth", "Predictions"])
    classes = [{"name": name, "id": index} for index, name in enumerate([0, 1])]
    mask = {"Ground_Truth": {"mask_data": np.eye(8, dtype=np.uint8)}}
    table.add_data(wandb.Image(PIXELS), wandb.Image(PIXELS, masks=mask, classes=classes), "b")
    wandb.log({"Prediction_Samples": table}, step=step)
    Path("data").mkdir()
    Path("data", "a.txt").write_text("a")
    dataset = wandb.Artifact(
        name="data", type="dataset", metadata={"path": "data"}, description="raw dataset"
    )
    dataset.add_dir(str(Path("data").resolve()), name="data")
    wandb.run.use_artifact(dataset)
    wandb.log({})
    wandb.finish()


def timm() -> None:
    """Log as ``train.py`` of timm does: a row an epoch, and the arguments as config."""
    wandb = _wandb()
    arguments = argparse.Namespace(model="vit", lr=0.1, wandb_tags=["a"], wandb_resume_id=None)
    wandb.init(
        project="timm",
        name="vit",
        config=arguments,
        tags=arguments.wandb_tags,
        resume=None,
        id="timm",
        dir="out",
    )
    for epoch in range(2):
        row = OrderedDict(epoch=epoch)
        row.update([("train_loss", 1.0), ("eval_top1", 50.0)])
        wandb.log(row)
    wandb.finish()


def xgboost() -> None:
    """Train as xgboost calls the callback of ``wandb.integration.xgboost``."""
    wandb = _wandb()
    callback_of = importlib.import_module("wandb.integration.xgboost").WandbCallback
    assert importlib.import_module("wandb.xgboost").WandbCallback is callback_of
    wandb.init(dir="out", id="xgboost")
    callback = callback_of(log_model=True)
    model = SimpleNamespace(
        save_config=lambda: '{"learner": {"objective": "binary"}}',
        get_score=lambda importance_type: {"f0": 3.0, "f1": [1.0]},
        save_model=lambda path: Path(path).write_text("{}"),
        attr={"best_score": "0.25", "best_iteration": "1"}.get,
    )
    callback.before_training(model)
    for epoch, loss in enumerate((0.5, 0.25, 0.75)):
        history = {"valid": {"logloss": [*(9.0,) * epoch, loss], "auc": [(loss, 0.1)]}}
        assert callback.after_iteration(model, epoch, history) is False
    callback.after_training(model)
    wandb.finish()


def lightgbm() -> None:
    """Train as LightGBM calls the callback of ``wandb.integration.lightgbm``."""
    wandb = _wandb()
    integration = importlib.import_module("wandb.integration.lightgbm")
    assert importlib.import_module("wandb.lightgbm").log_summary is integration.log_summary
    wandb.init(dir="out", id="lightgbm")
    callback = integration.wandb_callback()
    for iteration, loss in enumerate((0.5, 0.25, 0.75)):
        results = [("valid", "logloss", loss, False), ("cv_agg", "auc", loss, True, 0.1)]
        callback(SimpleNamespace(params={"lr": 0.1}, iteration=iteration, evaluation_result_list=results))
    model = SimpleNamespace(
        best_iteration=1,
        best_score={"valid": {"logloss": 0.25}},
        feature_name=lambda: ["a", "b"],
        feature_importance=lambda: np.array([3, 1]),
        save_model=lambda path: Path(path).write_text("tree"),
    )
    integration.log_summary(model, save_model_checkpoint=True)
    wandb.finish()


def catboost() -> None:
    """Train as CatBoost calls the callback of ``wandb.integration.catboost``."""
    wandb = _wandb()
    integration = importlib.import_module("wandb.integration.catboost")
    assert importlib.import_module("wandb.catboost").WandbCallback is integration.WandbCallback
    wandb.init(dir="out", id="catboost")
    callback = integration.WandbCallback(metric_period=2)
    for iteration in (1, 2, 3, 4):
        metrics = {"learn": {"Logloss": [1 / iteration]}}
        assert callback.after_iteration(SimpleNamespace(iteration=iteration, metrics=metrics)) is True
    model = SimpleNamespace(
        is_fitted=lambda: True,
        get_all_params=lambda: {"depth": 2},
        get_best_iteration=lambda: 3,
        get_best_score=lambda: {"learn": {"Logloss": 0.25}},
        feature_names_=["a", "b"],
        feature_importances_=[90.0, 10.0],
        save_model=lambda path: Path(path).write_bytes(b"cbm"),
    )
    integration.log_summary(model, save_model_checkpoint=True)
    wandb.finish()


def sb3() -> None:
    """Train as stable-baselines3 calls the callback of ``wandb.integration.sb3``."""
    wandb = _wandb()
    wandb.init(dir="out", id="sb3", sync_tensorboard=False, monitor_gym=True, save_code=False)
    callback = importlib.import_module("wandb.integration.sb3").WandbCallback(
        model_save_path="models", model_save_freq=2, verbose=0
    )
    logger = SimpleNamespace(output_formats=[])
    model = SimpleNamespace(
        logger=logger, seed=3, gamma=0.9, save=lambda path: Path(path).write_bytes(b"zip")
    )
    callback.init_callback(model)
    for step in (64, 128):
        callback.step()
        (writer,) = logger.output_formats
        excluded = {"rollout/reward": (), "time/fps": ("wandb",), "picture": ()}
        writer.write({"rollout/reward": step / 10, "time/fps": 9, "picture": object()}, excluded, step)
    callback.on_training_end()
    wandb.finish()


def keras() -> None:
    """Train as Keras calls the callbacks of ``wandb.integration.keras``, and the one of older scripts."""
    wandb = _wandb()
    callbacks = importlib.import_module("wandb.integration.keras")
    older = importlib.import_module("wandb.keras")
    assert older.WandbCallback is callbacks.WandbCallback
    wandb.init(dir="out", id="keras")

    class Predictions(callbacks.WandbEvalCallback):  # type: ignore[misc, name-defined]
        def add_ground_truth(self, logs: Any = None) -> None:
            self.data_table.add_data(0, wandb.Image(PIXELS))

        def add_model_predictions(self, epoch: int, logs: Any = None) -> None:
            self.pred_table.add_data(epoch, *self.data_table_ref.data[0])

    together = [
        Predictions(["id", "picture"], ["epoch", "id", "picture"]),
        callbacks.WandbMetricsLogger(log_freq=np.int64(2), initial_global_step=7),
        callbacks.WandbModelCheckpoint("models/{epoch}.keras"),
    ]
    together[0].on_train_begin()
    for epoch, loss in enumerate((0.5, 0.25)):
        for batch in range(3):
            for callback in together[1:]:
                callback.on_train_batch_end(batch, {"loss": loss * 2})
        for callback in together:
            callback.on_epoch_end(epoch, {"loss": loss})
    alone = callbacks.WandbCallback(monitor="loss", validation_data=None)
    for epoch, loss in enumerate((0.5, 0.75, 0.25)):
        alone.on_epoch_end(epoch, {"loss": loss})
    wandb.finish()


def _png() -> bytes:
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, "PNG")
    return file.getvalue()
