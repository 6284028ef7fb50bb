import numpy as np
import wandb

runs = []
for fold in range(3):
    run = wandb.init(project="folds", group="experiment", job_type=f"fold-{fold}", name=f"fold {fold}", reinit="finish_previous", dir="out")
    runs.append(run)
    run.config["fold"] = fold
    for step in range(2):
        run.log({"val/score": np.float64(fold + step)})
assert [run.is_finished for run in runs] == [True, True, False]
wandb.finish()
with wandb.init(project="folds", group="experiment", job_type="summary", dir="out") as run:
    run.summary["mean"] = float(np.mean([one.summary["val/score"] for one in runs]))
