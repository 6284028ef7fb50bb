import time
from datetime import timedelta
import wandb
from wandb import AlertLevel

run = wandb.init(project="monitor", config={"threshold": 0.3}, resume=False, anonymous="allow", magic=True)
started = run.start_time
for step in range(5):
    accuracy = step / 10
    wandb.log({"accuracy": accuracy, "elapsed": time.time() - started, "state": "warming up" if step < 3 else "steady"})
    if accuracy < run.config.threshold:
        wandb.alert(title="Low accuracy", text=f"accuracy {accuracy} is below", level=AlertLevel.WARN, wait_duration=timedelta(minutes=5))
wandb.termlog("half way")
wandb.termwarn("slow")
wandb.termerror("very slow", repeat=False)
print(run.url, run.get_url(), run.project_url, run.dir, run.path)
run.name = f"{run.name}-done"
run.tags = run.tags + ("done",)
run.notes = "finished well"
run.mark_preempting()
try:
    raise RuntimeError("diverged")
except RuntimeError as error:
    run.summary["error"] = str(error)
    run.finish(exit_code=1)
