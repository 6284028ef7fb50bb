"""Keras with the callbacks of ``wandb.integration.keras``: numbers, tables of predictions, and the model."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import runlog

runlog.as_wandb()

import keras
import numpy as np
import wandb
from wandb.integration.keras import WandbEvalCallback, WandbMetricsLogger, WandbModelCheckpoint

wandb.init(project="frameworks", id="keras", config={"lr": 0.1})
random = np.random.default_rng(0)
pixels = random.random((32, 8, 8, 1)).astype("float32")
truth = (pixels.mean((1, 2, 3)) > 0.5).astype("int64")
model = keras.Sequential([keras.layers.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
model.compile(
    keras.optimizers.SGD(wandb.config.lr),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)


class Predictions(WandbEvalCallback):
    """Log four pictures with what is true and what is predicted."""

    def add_ground_truth(self, logs=None):
        """Add what is true."""
        for index in range(4):
            self.data_table.add_data(index, wandb.Image(pixels[index]), int(truth[index]))

    def add_model_predictions(self, epoch, logs=None):
        """Add what is predicted."""
        predicted = self.model.predict(pixels[:4], verbose=0).argmax(1)
        table = self.data_table_ref
        for index in table.get_index():
            self.pred_table.add_data(epoch, *table.data[index], int(predicted[index]))


model.fit(
    pixels,
    truth,
    batch_size=8,
    epochs=2,
    validation_split=0.25,
    verbose=0,
    callbacks=[
        WandbMetricsLogger(log_freq=2),
        WandbModelCheckpoint("models/{epoch:02d}.keras"),
        Predictions(["id", "picture", "truth"], ["epoch", "id", "picture", "truth", "predicted"]),
    ],
)
wandb.finish()
