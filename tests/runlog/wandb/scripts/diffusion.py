import numpy as np
from PIL import Image
import wandb

run = wandb.init(
    entity="lab", project="ddpm", group="cifar", mode="offline",
    config={"timesteps": 1000, "schedule": "cosine", "betas": (0.0001, 0.02), "sampler": {"name": "ddim", "eta": 0.0}},
    settings=wandb.Settings(start_method="thread", _disable_stats=True, console="off"),
)
for step in range(0, 30, 10):
    batch = np.random.rand(4, 8, 8, 3) * 2 - 1
    grid = np.concatenate(list(batch), axis=1)
    run.log({
        "samples": [wandb.Image(sample, caption=f"t={step}", grouping=index) for index, sample in enumerate(batch)],
        "grid": wandb.Image(Image.fromarray(((grid + 1) * 127.5).astype(np.uint8)), file_type="jpg"),
        "denoising": wandb.Video((np.random.rand(6, 3, 8, 8) * 255).astype(np.uint8), fps=4, format="gif", caption="reverse"),
        "loss": np.float32(0.1),
        "ema/decay": 0.999,
        "noise": wandb.Histogram(np.random.randn(1000), num_bins=32),
    }, step=step)
run.log({"fid": 12.5, "prompt": "a cat, oil on canvas"}, step=20)
run.config.update({"seed": 1}, allow_val_change=True)
run.finish()
