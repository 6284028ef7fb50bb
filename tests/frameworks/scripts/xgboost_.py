"""xgboost, with the callback of ``wandb.integration.xgboost``."""

import runlog

runlog.as_wandb()

import numpy as np
import wandb
import xgboost
from wandb.integration.xgboost import WandbCallback

random = np.random.default_rng(0)
x = random.random((200, 4))
data = xgboost.DMatrix(x, label=(x[:, 0] > 0.5).astype(int))
with wandb.init(project="frameworks", id="xgboost"):
    xgboost.train(
        {"objective": "binary:logistic", "eval_metric": ["logloss", "auc"], "max_depth": 2},
        data,
        num_boost_round=6,
        evals=[(data, "train"), (data, "valid")],
        early_stopping_rounds=3,
        callbacks=[WandbCallback(log_model=True)],
    )
