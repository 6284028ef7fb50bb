"""What timm's ``train.py`` does with wandb: its `update_summary`, which logs a row an epoch."""

import runlog

runlog.as_wandb()

import argparse
from collections import OrderedDict

import timm
import torch
import wandb
from timm.utils import update_summary

arguments = argparse.Namespace(experiment="frameworks", model="test_vit", lr=0.1, log_wandb=True)
wandb.init(project=arguments.experiment, id="timm", config=arguments)
model = timm.create_model("test_vit", num_classes=2)
optimizer = torch.optim.SGD(model.parameters(), arguments.lr)
for epoch in range(2):
    loss = torch.nn.functional.cross_entropy(model(torch.zeros(2, 3, 160, 160)), torch.tensor([0, 1]))
    loss.backward()
    optimizer.step()
    update_summary(
        epoch,
        OrderedDict(loss=loss.item()),
        OrderedDict(loss=loss.item(), top1=50.0),
        "summary.csv",
        lr=arguments.lr,
        write_header=epoch == 0,
        log_wandb=True,
    )
wandb.finish()
