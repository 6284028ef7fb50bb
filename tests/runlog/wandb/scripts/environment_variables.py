import os
import wandb

os.environ["WANDB_API_KEY"] = "0123456789abcdef0123456789abcdef01234567"
os.environ["WANDB_PROJECT"] = "from-environment"
os.environ["WANDB_NAME"] = "named"
os.environ["WANDB_NOTES"] = "notes of it"
os.environ["WANDB_TAGS"] = "one,two"
os.environ["WANDB_RUN_GROUP"] = "together"
os.environ["WANDB_JOB_TYPE"] = "evaluation"
os.environ["WANDB_DIR"] = "elsewhere"
os.environ["WANDB_ENTITY"] = "somebody"
os.environ["WANDB_CONSOLE"] = "off"
os.environ["WANDB_START_METHOD"] = "thread"
wandb.login(key=os.environ["WANDB_API_KEY"])
run = wandb.init()
assert (run.project, run.name, run.notes, run.group) == ("from-environment", "named", "notes of it", "together")
assert run.tags == ("one", "two") and run.job_type == "evaluation" and run.entity == "somebody"
assert wandb.env.get_project() == "from-environment" and wandb.env.is_offline()
run.log({"a": 1})
run.finish()
os.environ["WANDB_MODE"] = "disabled"
assert wandb.init().disabled
wandb.finish()
