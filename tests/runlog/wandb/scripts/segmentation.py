import numpy as np
import wandb

labels = {0: "background", 1: "road", 2: "sky"}
wandb.init(project="segmenter", name="unet", notes="two classes", config=dict(depth=4, classes=labels))
class_set = wandb.Classes([{"id": id, "name": name} for id, name in labels.items()])
mask = np.zeros((24, 24), dtype=np.uint8)
mask[:12] = 2
mask[18:] = 1


def overlay(pixels, truth, guess):
    return wandb.Image(pixels, masks={
        "ground_truth": {"mask_data": truth, "class_labels": labels},
        "prediction": {"mask_data": guess, "class_labels": labels},
    }, classes=class_set)


table = wandb.Table(columns=["id", "image", "dice"])
for epoch in range(2):
    guess = np.roll(mask, epoch, axis=0)
    image = np.random.rand(24, 24, 3)
    wandb.log({"epoch": epoch, "val/dice": float((guess == mask).mean()), "val/overlay": [overlay(image, mask, guess)]})
    table.add_data(epoch, overlay(image, mask, guess), (guess == mask).mean())
wandb.log({"val/table": table})
wandb.log({"val/mask_only": wandb.Image(np.zeros((24, 24), np.uint8), masks={"m": {"mask_data": mask}})})
wandb.run.summary.update({"best_dice": 0.9, "final": True})
wandb.finish()
