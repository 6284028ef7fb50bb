import numpy as np
import wandb

CLASSES = {0: "person", 1: "car", 2: "dog"}
rng = np.random.default_rng(0)
run = wandb.init(project="detector", config={"lr": 0.01, "backbone": "resnet50"}, tags=["baseline"], job_type="train")
config = wandb.config
wandb.define_metric("epoch")
wandb.define_metric("val/*", step_metric="epoch")
wandb.define_metric("val/mAP", summary="max", step_metric="epoch")


def to_boxes(count):
    data = []
    for _ in range(count):
        x, y = rng.random(2) / 2
        class_id = int(rng.integers(3))
        data.append({
            "position": {"minX": x, "minY": y, "maxX": x + 0.3, "maxY": y + 0.3},
            "class_id": class_id,
            "box_caption": f"{CLASSES[class_id]} {x:.2f}",
            "scores": {"confidence": float(x), "iou": float(y)},
        })
    return {"box_data": data, "class_labels": CLASSES}


for epoch in range(2):
    for _ in range(3):
        wandb.log({"train/loss": rng.random(), "train/lr": config.lr})
    images = []
    for index in range(3):
        pixels = rng.integers(0, 255, (32, 48, 3), dtype=np.uint8)
        images.append(wandb.Image(pixels, caption=f"image {index}", boxes={"predictions": to_boxes(2), "ground_truth": to_boxes(1)}))
    wandb.log({"val/predictions": images, "val/mAP": 0.5 + epoch / 10, "epoch": epoch})
pixel_box = {"position": {"middle": (10, 12), "width": 8, "height": 6}, "domain": "pixel", "class_id": 1}
run.log({"val/one": wandb.Image(pixels, boxes={"predictions": {"box_data": [pixel_box]}})})
run.summary["best/mAP"] = run.summary["val/mAP"]
wandb.finish()
