"""``runlog as-wandb``: a command, in whose processes ``import wandb`` finds runlog."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from runlog.cli.common import Commands, command
from runlog.errors import InvalidValueError, shown


def add(commands: Commands, prog: str) -> None:
    """Declare the commands of this module."""
    as_wandb = command(
        commands,
        prog,
        "as-wandb",
        _as_wandb,
        "start a command that finds runlog where it asks for wandb",
        "-- accelerate launch train.py",
        "So do the processes that it starts. Its runs are in $RUNLOG_DIR, else ./runs; its exit code is that "
        "of the command. runlog must be installed in the Python that the command uses.",
    )
    as_wandb.usage = "%(prog)s -- COMMAND [ARGUMENT …]"
    as_wandb.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND", help="what to start")


def _as_wandb(options: argparse.Namespace) -> int:
    from runlog.wandb.standing_in import FOLDER  # which no other command needs

    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    if not words:
        raise InvalidValueError("as-wandb must be told what to start, such as: as-wandb -- python train.py")
    path = filter(None, (str(FOLDER), os.environ.get("PYTHONPATH")))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
    try:
        if sys.platform == "win32":
            return subprocess.call(words, env=environment)  # noqa: S603 - what the user asked for
        # In this process's place: signals and the exit code are the command's own.
        os.execvpe(words[0], words, environment)  # noqa: S606 - what the user asked for
    except OSError as error:
        raise InvalidValueError(
            f"as-wandb must be told a program that can be started, but {shown(words[0])}: {error.strerror}"
        ) from None
