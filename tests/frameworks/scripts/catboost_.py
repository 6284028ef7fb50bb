"""CatBoost, with the callback and the summary of ``wandb.integration.catboost``."""

import runlog

runlog.as_wandb()

import catboost
import numpy as np
import wandb
from wandb.integration.catboost import WandbCallback, log_summary

random = np.random.default_rng(0)
x = random.random((200, 4))
y = (x[:, 0] > 0.5).astype(int)
with wandb.init(project="frameworks", id="catboost"):
    model = catboost.CatBoostClassifier(
        iterations=6, depth=2, thread_count=1, verbose=False, allow_writing_files=False
    )
    model.fit(x, y, eval_set=(x, y), callbacks=[WandbCallback()])
    log_summary(model, save_model_checkpoint=True)
