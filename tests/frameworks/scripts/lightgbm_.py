"""LightGBM, with the callback and the summary of ``wandb.integration.lightgbm``."""

import runlog

runlog.as_wandb()

import lightgbm
import numpy as np
import wandb
from wandb.integration.lightgbm import log_summary, wandb_callback

random = np.random.default_rng(0)
x = random.random((200, 4))
data = lightgbm.Dataset(x, label=(x[:, 0] > 0.5).astype(int))
with wandb.init(project="frameworks", id="lightgbm"):
    model = lightgbm.train(
        {"objective": "binary", "metric": ["binary_logloss", "auc"], "num_threads": 1, "verbose": -1},
        data,
        num_boost_round=6,
        valid_sets=[data],
        valid_names=["valid"],
        callbacks=[wandb_callback()],
    )
    log_summary(model, save_model_checkpoint=True)
