import wandb

for mode in ["offline", "online", "dryrun", "shared"]:
    run = wandb.init(project="modes", mode=mode, name=mode, reinit=True)
    run.log({"a": 1})
    assert run.offline and not run.disabled
run = wandb.init(project="modes", mode="disabled", reinit=True)
wandb.log({"anything": object()})
wandb.summary["x"] = 1
wandb.config.y = 2
wandb.save("nothing*")
wandb.alert("title", "text")
wandb.define_metric("a", summary="max")
wandb.watch(object())  # error: model must
run.finish()
wandb.init(mode="cloud")  # error: mode must be one of
first = wandb.init(project="modes", name="outer")
second = wandb.init(project="modes", name="inner", reinit="create_new")
first.log({"of": 1})
second.log({"of": 2})
second.finish()
assert wandb.run is first
wandb.setup()
wandb.require("core")
wandb.teardown()
wandb.log({"after": 1})  # error: call wandb.init()
