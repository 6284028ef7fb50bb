import argparse
import numpy as np
import wandb

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=2)
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--wandb-key", default="f" * 40)
args = parser.parse_args([])
wandb.login(key=args.wandb_key, relogin=True)
wandb.init(project="classify", config=args)
wandb.config.update(args, allow_val_change=True)
config = wandb.config
best = 0
for epoch in range(config.epochs):
    metrics = {f"{split}/{name}": np.random.rand() for split in ("train", "val") for name in ("loss", "acc")}
    wandb.log({**metrics, "epoch": epoch, "lr": config["lr"], "classes": [1, 2, 3], "ok": True, "none": None, "inf": float("inf")})
    if metrics["val/acc"] > best:
        best = metrics["val/acc"]
        wandb.run.summary["best_accuracy"] = best
        wandb.run.summary["best_epoch"] = epoch
wrong = [wandb.Image(np.random.rand(8, 8), caption=f"Pred: {i} Truth: {i + 1}") for i in range(4)]
wandb.log({"mistakes": wrong, "confidence": wandb.Histogram(np.random.rand(50))}, commit=False)
wandb.log({"test/acc": 0.75})
wandb.log({"unknown": {1, 2}, "nested": {"a": {"b": 1}}, "matrix": np.eye(3), "mixed": [1, "a", None]})
assert "lr" in wandb.config.keys() and wandb.config.get("momentum", 0.9) == 0.9
assert dict(wandb.config)["wandb_key"] == "***"
wandb.join()
