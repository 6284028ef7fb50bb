import numpy as np
import wandb
from matplotlib import pyplot as plt

hyperparameters = {"latent": 8, "lr_g": 2e-4, "lr_d": 1e-4}
with wandb.init(project="gan", config=hyperparameters, save_code=False) as run:
    run.define_metric("d/*", step_metric="iteration", summary="min")
    for iteration in range(4):
        run.log({"g": {"loss": 1.0 / (iteration + 1)}, "d/loss": 0.5, "iteration": iteration}, commit=False)
        run.log({"grad": np.random.randn(40), "few": [0.1, 0.2], "fakes": [wandb.Image(np.random.rand(8, 8)) for _ in range(2)]})
    fig, ax = plt.subplots(figsize=(1, 1))
    ax.plot([0, 1], [1, 0])
    run.log({"curve": fig, "curve_image": wandb.Image(fig)})
    run.log({"current": plt})
    plt.close("all")
