import numpy as np
import pandas as pd
import wandb

wandb.init(project="tables", config={"model": "bert"})
frame = pd.DataFrame({"text": ["a", "b"], "label": [0, 1], "p": [0.25, float("nan")], "when": pd.to_datetime(["2026-01-01", None])})
wandb.log({"frame": wandb.Table(dataframe=frame), "plain": frame})
table = wandb.Table(columns=["step", "prompt", "answer"], log_mode="INCREMENTAL")
for step in range(3):
    table.add_data(step, "what?", f"answer {step}")
    wandb.log({"answers": table, "reward": step})
wide = wandb.Table(data=np.arange(6).reshape(2, 3), columns=["a", "b", "c"])
wide.add_column("name", ["x", "y"])
wide.add_computed_columns(lambda index, row: {"sum": row["a"] + row["b"]})
wandb.log({"wide": wide})
media = wandb.Table(["image", "video", "html", "audio", "list", "array"])
media.add_data(
    wandb.Image(np.zeros((4, 4, 3), np.uint8)), wandb.Video(np.zeros((2, 3, 4, 4), np.uint8)), wandb.Html("<b>x</b>"),
    wandb.Audio(np.zeros(10), sample_rate=8000), [1, 2], np.arange(3),
)
wandb.log({"media": media})
first = [row for _, row in wide.iterrows()][0]
wide.add_data(1)  # error: a row must have 5 cells
wide.get_column("nothing")  # error: a column must be one of
assert wide.get_dataframe().shape == (2, 5)
wandb.finish()
