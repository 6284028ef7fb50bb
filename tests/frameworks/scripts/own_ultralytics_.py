"""Ultralytics, with our own callbacks: a detector and a segmenter of squares."""

from pathlib import Path

import numpy as np
from PIL import Image
from ultralytics import YOLO

from runlog.integrations.ultralytics import log_training

here = Path.cwd()


def make_squares(task: str) -> Path:
    """Write four pictures of squares for training and for validation, with labels; return what says where."""
    data, rng = here / task, np.random.default_rng(0)
    for part in ("train", "val"):
        for kind in ("images", "labels"):
            (data / kind / part).mkdir(parents=True)
        for number in range(4):
            pixels = np.full((64, 64, 3), 40, np.uint8)
            x, y = 4 + 8 * number, rng.integers(4, 30)
            pixels[y : y + 24, x : x + 24] = (200, 60, 60) if number % 2 else (60, 200, 60)
            Image.fromarray(pixels).save(data / "images" / part / f"{number}.png")
            corners = [(x, y), (x + 24, y), (x + 24, y + 24), (x, y + 24)]
            middle = [(x + 12) / 64, (y + 12) / 64, 24 / 64, 24 / 64]
            place = middle if task == "detect" else [value / 64 for corner in corners for value in corner]
            (data / "labels" / part / f"{number}.txt").write_text(" ".join(map(str, [number % 2, *place])))
    file = data / "data.yaml"
    file.write_text(f"path: {data}\ntrain: images/train\nval: images/val\nnames: [green, red]\n")
    return file


for task, architecture in (("detect", "yolov8n.yaml"), ("segment", "yolov8n-seg.yaml")):
    model = YOLO(architecture, task=task)
    log_training(model, "squares", name=task, dir=here / "runs", quiet=True)
    model.train(
        data=str(make_squares(task)), epochs=2, imgsz=64, batch=4, workers=0, device="cpu",
        project=str(here / "out"), name=task, plots=True, verbose=False, val=True, amp=False,
    )  # fmt: skip
