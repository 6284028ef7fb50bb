"""What the other tools themselves log, as installed from PyPI, is in the runs that are imported.

``-m other_tools`` runs it; ``RUNLOG_TEST_TOOLS`` names a folder that keeps the virtualenvs for the next time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import runlog
from runlog.importers import trackio, wandb

from . import shapes

pytestmark = pytest.mark.other_tools
OTHERS = Path(__file__).parent / "others"
PACKAGES = {"wandb": "wandb==0.31.*", "trackio": "trackio==0.43.*"}
Log = Callable[..., int]


@pytest.fixture
def log_with(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Log:
    """Return a function that logs with a tool in a virtualenv of its own, and returns the exit code."""
    kept = Path(os.environ.get("RUNLOG_TEST_TOOLS") or tmp_path_factory.getbasetemp() / "tools")

    def log(tool: str, *arguments: str) -> int:
        python = kept / tool / "bin/python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", kept / tool], check=True)
            subprocess.run(
                [python, "-m", "pip", "install", "--quiet", PACKAGES[tool], "numpy", "pillow"], check=True
            )
        variables = {"HOME": str(tmp_path), "WANDB_SILENT": "true", "TRACKIO_DIR": str(tmp_path / "trackio")}
        script = OTHERS / f"log_with_{tool}.py"
        # No network is asked for, and none is needed.
        return subprocess.run(
            [python, script, *arguments],
            env={**os.environ, **variables, "HF_HUB_OFFLINE": "1"},
            cwd=tmp_path,
            check=False,
        ).returncode

    return log


@pytest.mark.parametrize("end", ["finished", "killed"])
def test_offline_runs_of_wandb(end: str, log_with: Log, tmp_path: Path) -> None:
    expected = 0 if end == "finished" else -signal.SIGKILL
    assert log_with("wandb", str(tmp_path), end) == expected
    (imported,) = wandb.import_logdir(tmp_path / "wandb", dir=tmp_path / "runs")
    assert imported.problems == ()
    with runlog.open(imported.folder) as reader:
        shapes.check(reader, finished=end == "finished")
    assert runlog.check(imported.folder).problems == ()


def test_databases_of_trackio(log_with: Log, tmp_path: Path) -> None:
    assert log_with("trackio") == 0
    found = trackio.import_logdir(tmp_path / "trackio", dir=tmp_path / "runs")
    (first,) = [one for one in found if one.taken["images"]]
    assert [one.problems for one in found] == [(), ()]
    with runlog.open(first.folder) as reader:
        shapes.check_trackio(reader)
    assert runlog.check(first.folder).problems == ()
