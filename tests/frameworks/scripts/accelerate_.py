"""The tracker of Accelerate, started by ``runlog as-wandb -- accelerate launch``: not a line about runlog."""

import numpy as np
import torch
from accelerate import Accelerator

accelerator = Accelerator(log_with="wandb", cpu=True)
accelerator.init_trackers("frameworks", config={"lr": 0.1}, init_kwargs={"wandb": {"id": "accelerate"}})
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), 0.1)
model, optimizer = accelerator.prepare(model, optimizer)
for step in range(4):
    loss = model(torch.ones(2, 4)).square().mean()
    accelerator.backward(loss)
    optimizer.step()
    optimizer.zero_grad()
    accelerator.log({"train/loss": loss.item()}, step=step)
tracker = accelerator.get_tracker("wandb")
tracker.log_images({"samples": [np.zeros((8, 8, 3), np.uint8)]}, step=3)
tracker.log_table("answers", columns=["id", "text"], data=[[1, "a"]], step=3)
accelerator.end_training()
