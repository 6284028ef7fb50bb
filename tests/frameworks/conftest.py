"""Where the virtualenvs of frameworks are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = os.environ.get("RUNLOG_TEST_ENVIRONMENTS")
    return Path(kept).absolute() if kept else tmp_path_factory.mktemp("environments")
