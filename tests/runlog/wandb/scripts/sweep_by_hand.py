import itertools
import wandb

sweep_config = {"method": "grid", "metric": {"name": "loss", "goal": "minimize"}, "parameters": {"lr": {"values": [0.1, 0.01]}}}
sweep_id = wandb.sweep(sweep_config, project="sweeps")  # error: start a run a trial
wandb.agent("abc", function=lambda: None, count=2)  # error: call the function in a loop


def train(config=None):
    with wandb.init(project="sweeps", group="grid", config=config, reinit=True) as run:
        config = wandb.config
        for step in range(2):
            run.log({"loss": config.lr / (step + 1)})
        return run.summary["loss"]


results = {}
for lr, layers in itertools.product([0.1, 0.01], [1, 2]):
    results[lr, layers] = train({"lr": lr, "layers": layers})
assert wandb.run is None
