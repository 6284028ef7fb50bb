"""Lightning, with our own logger; twice, so that the steps of the second training come again."""

from pathlib import Path

import numpy as np
import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import LearningRateMonitor
from lightning.pytorch.loggers import Logger
from torch.utils.data import DataLoader, TensorDataset

from runlog.integrations.lightning import RunlogLogger


class Line(LightningModule):
    def __init__(self, rate: float = 0.05) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch, index):
        loss = torch.nn.functional.mse_loss(self.layer(batch[0]), batch[1])
        self.log("train/loss", loss, on_step=True)
        return loss

    def validation_step(self, batch, index):
        self.log("val/loss", torch.nn.functional.mse_loss(self.layer(batch[0]), batch[1]))
        if index == 0:
            picture = np.full((6, 8, 3), 10 * self.current_epoch, np.uint8)
            box = {"position": {"minX": 0, "maxX": 0.5, "minY": 0, "maxY": 1}, "class_id": 1}
            boxes = {"predictions": {"box_data": [box]}}
            self.logger.log_image(
                "val/pictures", [picture], step=self.global_step, caption=["c"], boxes=[boxes]
            )

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), self.hparams.rate)
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1)]


runs = Path("runs").absolute()
torch.manual_seed(0)
x = torch.linspace(-1, 1, 32)[:, None]
data = DataLoader(TensorDataset(x, 3 * x + 1), batch_size=8)
logger = RunlogLogger("lines", name="line", dir=runs, quiet=True)
assert isinstance(logger, Logger)
model = Line()
monitor = LearningRateMonitor("epoch")
for _ in range(2):
    trainer = Trainer(
        max_epochs=3, logger=logger, log_every_n_steps=1, callbacks=[monitor], default_root_dir=runs.parent,
        accelerator="cpu", enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(model, data, data)
logger.log_table("rows", columns=["a", "b"], data=[[1, "x"]])
logger.log_text("say", ["hello", "there"])
