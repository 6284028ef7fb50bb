"""What does not exist here, and what there is instead: the words of the errors, and of the documents."""

from __future__ import annotations

INSTEAD = {
    "sweep": "start a run a trial, with one group=; the page of all runs sorts by config and summary",
    "agent": "call the function in a loop, a run a trial, with one group=",
    "controller": "call the function in a loop, a run a trial, with one group=",
    "restore": "open the file in the folder of the run that has it: runs/ID/files/NAME",
    "use_artifact": "open the files in the folder of the run that logged it: runs/ID/files/artifacts/NAME/v0",
    "use_model": "open the files in the folder of the run that logged it: runs/ID/files/artifacts/NAME/v0",
    "Api": "runlog.runs('runs') lists runs, runlog.open('runs/ID') reads one, .frame() is its history",
    "EvalTable": "log a Table",
    "JoinedTable": "join the tables in the script, and log a Table",
    "ArtifactTTL": "nothing is deleted by itself; runlog prune makes a run smaller",
    "launch": "start the script",
    "launch_add": "start the script",
    "log_system_metrics": "runlog.init(system=True) records the machine",
}
"""Name to what to do instead."""
