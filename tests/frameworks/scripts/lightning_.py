"""Lightning's own `WandbLogger`."""

import runlog

runlog.as_wandb()

import lightning
import numpy as np
import torch
import wandb
from lightning.pytorch.loggers import WandbLogger


class Model(lightning.LightningModule):
    """A linear layer, with a picture a validation batch."""

    def __init__(self, lr: float = 0.1) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(4, 2)

    def training_step(self, batch, index):
        loss = torch.nn.functional.cross_entropy(self.layer(batch[0]), batch[1])
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch, index):
        self.log("val/loss", torch.nn.functional.cross_entropy(self.layer(batch[0]), batch[1]))
        box = {"position": {"minX": 0.1, "maxX": 0.5, "minY": 0.2, "maxY": 0.6}, "class_id": 0}
        boxes = {"predictions": {"box_data": [box], "class_labels": {0: "cat"}}}
        masks = {"truth": {"mask_data": np.eye(16, dtype=np.uint8), "class_labels": {1: "dog"}}}
        pixels = np.full((16, 16, 3), 100 + index, np.uint8)
        self.logger.log_image("samples", [pixels], caption=[f"batch {index}"], boxes=[boxes], masks=[masks])
        if index == 0:
            self.logger.log_table("answers", columns=["id", "text"], data=[[1, "a"], [2, "b"]])
            self.logger.log_text("said", columns=["text"], data=[["hello"]])

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), self.hparams.lr)


torch.manual_seed(0)
data = torch.utils.data.TensorDataset(torch.randn(32, 4), torch.randint(0, 2, (32,)))
loader = torch.utils.data.DataLoader(data, 8)
logger = WandbLogger(project="frameworks", version="lightning", log_model=True, job_type="train")
model = Model()
logger.watch(model, log="all", log_freq=2, log_graph=False)
trainer = lightning.Trainer(
    max_epochs=2, logger=logger, accelerator="cpu", log_every_n_steps=2, num_sanity_val_steps=0
)
trainer.fit(model, loader, loader)
assert wandb.run is logger.experiment
wandb.finish()
