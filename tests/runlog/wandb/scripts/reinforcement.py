import numpy as np
import wandb

run = wandb.init(project="cartpole", monitor_gym=True, sync_tensorboard=False, settings={"silent": True})
wandb.define_metric("global_step")
wandb.define_metric("*", step_metric="global_step", step_sync=True)
for episode in range(3):
    wandb.log({"charts/episodic_return": float(episode), "global_step": 100 * (episode + 1)})
    wandb.log({"losses/value_loss": 0.1, "global_step": 100 * (episode + 1)})
    wandb.log({"video": wandb.Video(np.zeros((4, 3, 8, 8), dtype=np.uint8), fps=4), "global_step": 100 * (episode + 1)})
wandb.log({"eval": 1})
wandb.log({"eval": 2})
run.finish(exit_code=0)
