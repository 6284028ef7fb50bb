"""Ultralytics' own callbacks: a detector that trains on eight pictures."""

import runlog

runlog.as_wandb()

from pathlib import Path

import numpy as np
from PIL import Image
from ultralytics import YOLO, settings

settings.update({"wandb": True})
random = np.random.default_rng(0)
for split in ("train", "val"):
    for kind in ("images", "labels"):
        Path("data", kind, split).mkdir(parents=True)
    for index in range(4):
        pixels = random.integers(0, 60, (64, 64, 3), dtype=np.uint8)
        pixels[16:48, 16:48] = 255
        Image.fromarray(pixels).save(f"data/images/{split}/{index}.png")
        Path(f"data/labels/{split}/{index}.txt").write_text("0 0.5 0.5 0.5 0.5\n")
Path("data.yaml").write_text(
    f"path: {Path('data').absolute()}\ntrain: images/train\nval: images/val\nnames: [square]\n"
)
YOLO("yolo11n.yaml").train(
    data="data.yaml", epochs=2, imgsz=64, batch=4, device="cpu", workers=0, project="frameworks", name="yolo"
)
