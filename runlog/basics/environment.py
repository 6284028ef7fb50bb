"""Where a run was made: host, Python, command (without secrets), git commit, package versions.

Of the variables of the environment, only the rank among the processes of a launch is recorded.
"""

from __future__ import annotations

import os
import platform
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_DISTRIBUTION = "runlog_local"  # as the folder of its metadata is called; the import is runlog
_GIT_SECONDS = 5

RECORDED = frozenset((
    *("host", "pid", "rank", "platform", "python", "command"),
    *("runlog", "git_commit", "git_dirty", "packages"),
))  # fmt: skip
"""The names of all that is recorded here; what else an environment holds, a script has noted."""


# Set by launchers such as torchrun, Slurm's srun and Open MPI's mpirun.
_RANK_VARIABLES = ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK")


def launched_rank() -> str | None:
    """Return which of the processes of a launch this one is; None where none says."""
    return next((rank for name in _RANK_VARIABLES if (rank := os.environ.get(name))), None)


def essential_environment() -> dict[str, Any]:
    """Return what a reader needs to tell a crashed run from a running one, and ranks, at no cost."""
    rank = launched_rank()
    of_launch = {"rank": int(rank)} if rank is not None and re.fullmatch("[0-9]{1,6}", rank) else {}
    return {"host": platform.node(), "pid": os.getpid(), **of_launch}


def full_environment() -> dict[str, Any]:
    """Return all that may explain a result later; takes some tenths of a second."""
    from runlog.secrets.texts import without_secrets

    packages = dict(sorted(_packages()))
    return {
        "platform": platform.platform(),
        "python": platform.python_version(),
        "command": shlex.join(without_secrets(sys.orig_argv)),
        "runlog": packages.get(_DISTRIBUTION),
        **_git(),
        "packages": packages,
    }


def runlog_version() -> str | None:
    """Return the version of runlog; None if it was imported from a source tree that is not installed."""
    return dict(_packages()).get(_DISTRIBUTION)


def _packages() -> Iterator[tuple[str, str]]:
    # The names of the metadata folders tell; opening each file would take a hundred times as long.
    for folder in map(Path, sys.path):
        for found in folder.glob("*.dist-info"):
            name, _, version = found.stem.partition("-")
            yield name, version


def _git() -> dict[str, Any]:
    commit = _ask_git("rev-parse", "HEAD")
    if commit is None:
        return {}
    return {
        "git_commit": commit,
        "git_dirty": bool(_ask_git("status", "--porcelain", "--untracked-files=no")),
    }


def _ask_git(*arguments: str) -> str | None:
    import subprocess

    try:
        # No lock is taken: another git in this folder must not be disturbed.
        result = subprocess.run(  # noqa: S603 - constant arguments
            ["git", "--no-optional-locks", *arguments],  # noqa: S607 - the git of the user's PATH
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return result.stdout.strip()
