import os
from pathlib import Path
import numpy as np
import wandb

run = wandb.init(project="artifacts", job_type="upload")
Path("data/train").mkdir(parents=True)
Path("data/train/a.txt").write_text("a")
Path("data/.cache").write_text("hidden")
Path("model.pt").write_bytes(b"weights")
dataset = wandb.Artifact("mnist", type="dataset", description="digits", metadata={"rows": 10, "api_key": "k" * 20})
dataset.add_dir("data")
dataset.add_file("model.pt", name="weights/model.pt")
dataset.add_reference("s3://bucket/labels.csv", name="labels")
with dataset.new_file("README.md", mode="w") as file:
    file.write("# digits")
dataset.add(wandb.Table(columns=["a"], data=[[1]]), "samples")
dataset.add(wandb.Image(np.zeros((4, 4), np.uint8)), "first")
logged = run.log_artifact(dataset, aliases=["v1", "best"]).wait()
assert logged.version == "v0" and Path(logged.download()).is_dir()
run.log_artifact("model.pt", name="checkpoint", type="model")
again = wandb.log_artifact("model.pt", name="checkpoint", type="model")
assert again.version == "v1"
wandb.log_model("model.pt", name="resnet", aliases=["production"])
run.link_model("model.pt", registered_model_name="registry/resnet")
wandb.save("model.pt")
wandb.save(os.path.join(wandb.run.dir, "*.txt"))
dataset.add_file("nothing.bin")  # error: a file of artifact 'mnist' must be there
dataset.add(object(), "odd")  # error: what is added to an artifact must be
run.use_artifact("mnist:latest")  # error: runs/ID/files/artifacts/NAME/v0
wandb.Api().artifact("entity/project/mnist:latest")  # error: runlog.runs('runs') lists runs
wandb.finish()
