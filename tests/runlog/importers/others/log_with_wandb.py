"""Log two steps of every kind of value with W&B itself: ``log_with_wandb.py FOLDER finished|killed``.

The folders in ``frozen/`` were made by this with wandb 0.31.0.
"""

import math
import os
import signal
import sys
import time

import numpy as np
import wandb

folder, end = sys.argv[1:]
settings = wandb.Settings(
    host="host", disable_git=True, x_disable_meta=True, x_disable_stats=True, x_save_requirements=False
)
run = wandb.init(
    project="shapes",
    name=end,
    group="pairs",
    tags=["small"],
    notes="two steps",
    job_type="train",
    config={"rate": 0.1, "net": {"depth": 3}},
    mode="offline",
    dir=folder,
    settings=settings,
)
run.define_metric("epoch")
run.define_metric("loss", step_metric="epoch", summary="min")
names = {0: "ground", 1: "cat", 2: "dog"}
rows = np.arange(6 * 8).reshape(6, 8)
sys.stdout.write("begun\n")
for step in range(2):
    pixels = np.stack([rows * 5, rows * 3, rows + 40 * step], 2).astype(np.uint8)
    cat = {
        "position": {"minX": 0.25, "maxX": 0.5, "minY": 0.1, "maxY": 0.9},
        "class_id": 1,
        "box_caption": "a cat",
        "scores": {"confidence": 0.75},
    }
    dog = {"position": {"middle": [4, 3], "width": 2, "height": 3}, "domain": "pixel", "class_id": 2}
    boxes = {"predictions": {"box_data": [cat, dog], "class_labels": names}}
    masks = {"truth": {"mask_data": (rows % 3).astype(np.uint8), "class_labels": names}}
    run.log(
        {
            "loss": 1 / (step + 1),
            "epoch": step / 2,
            "bad": math.nan,
            "far": -math.inf,
            "nested": {"a": step},
            "val/one": wandb.Image(pixels, caption=f"step {step}", boxes=boxes, masks=masks),
            "val/two": [wandb.Image(pixels, caption="left", masks=masks), wandb.Image(255 - pixels)],
            "weights": wandb.Histogram(np_histogram=([1, 0, 2], [0.0, 0.5, 1.0, 2.0])),
            "rows": wandb.Table(columns=["word", "number"], data=[["a", 1], ["b", 2.5 + step], [None, -1]]),
            "say": f"step {step}",
            "page": wandb.Html("<b>hi</b>", inject=False),
        }
    )
run.summary["best"] = 0.5
if end == "killed":
    for step in range(2, 60):
        run.log({"loss": 1 / (step + 1), "epoch": step / 2})
    # The program beside the script writes whole blocks only.
    time.sleep(3)
    os.kill(os.getpid(), signal.SIGKILL)
run.finish()
