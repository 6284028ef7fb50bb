import wandb

run_id = wandb.util.generate_id()
run = wandb.init(project="resume", id=run_id, resume="allow", config={"epochs": 4})
assert not run.resumed
for epoch in range(2):
    run.log({"loss": 1 / (epoch + 1), "epoch": epoch})
run.finish()
run = wandb.init(project="resume", id=run_id, resume="must")
assert wandb.run.resumed and wandb.run.starting_step == 2
for epoch in range(run.step, run.config["epochs"]):
    wandb.log({"loss": 1 / (epoch + 1), "epoch": epoch})
wandb.finish()
run = wandb.init(project="resume", resume_from=f"{run_id}?_step=1")
run.log({"loss": 9.0})
run.finish()
wandb.init(project="resume", id=run_id, resume="never")  # error: id must be new in its runs folder
wandb.init(project="resume", id="other", resume="must")  # error: id must be that of a run to resume
wandb.init(project="resume", fork_from=f"{run_id}?_step=1")  # error: fork_from= does not exist here
wandb.restore("model.pt")  # error: does not exist here: open the file
wandb.init(project="resume", resume="auto").finish()
