"""What ``import wandb`` finds where runlog stands in for it: this folder's parent is on the path then."""

import sys

try:
    from runlog.wandb.standing_in import take_the_name
except ModuleNotFoundError as error:
    if error.name is None or error.name.partition(".")[0] != "runlog":
        raise
    raise ImportError(
        f"runlog, which stands in for wandb here, must be installed for {sys.executable}, but is not; "
        "install runlog-local there"
    ) from None

take_the_name()
