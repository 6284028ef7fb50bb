"""fastai's own `WandbCallback`, with a table of predicted pictures, the dataset and the model."""

import runlog

runlog.as_wandb()

from pathlib import Path

import numpy as np
import wandb
from fastai.callback.wandb import WandbCallback
from fastai.learner import Learner
from fastai.metrics import accuracy
from fastai.vision.data import ImageDataLoaders
from PIL import Image
from torch import nn

Path("pictures").mkdir()
for index in range(16):
    Image.fromarray(np.full((8, 8, 3), 200 * (index % 2), np.uint8)).save(f"pictures/{index}.png")
loaders = ImageDataLoaders.from_name_func(
    "pictures",
    sorted(Path("pictures").iterdir()),
    lambda name: "ab"[int(Path(name).stem) % 2],
    bs=4,
    num_workers=0,
)
wandb.init(project="frameworks", id="fastai")
model = nn.Sequential(nn.Flatten(), nn.Linear(192, 2))
callback = WandbCallback(log="all", log_dataset="pictures", log_model=True)
learner = Learner(loaders, model, loss_func=nn.CrossEntropyLoss(), metrics=accuracy, cbs=callback)
learner.fit(2)
wandb.finish()
