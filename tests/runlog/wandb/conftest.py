"""Fixtures of scripts of wandb: each in a folder of its own, where no run goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runlog import wandb


@pytest.fixture(autouse=True)
def _script_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_SILENT", "true")
    # What is learnt of the machine is tested elsewhere, and takes most of the time of a short run; as is what
    # is printed.
    monkeypatch.setenv("WANDB_CONSOLE", "off")
    monkeypatch.setenv("WANDB_X_DISABLE_STATS", "true")
    monkeypatch.setattr("runlog.writing.background.full_environment", lambda: {"python": "3"})
    yield
    wandb.teardown()
