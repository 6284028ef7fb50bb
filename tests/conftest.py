"""Fixtures shared by all tests: real folders, real runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog

BROWSERS = ("RUNLOG_CHROMIUM", "RUNLOG_FIREFOX")  # which programs the tests run


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep a developer's settings, runs and caches out of the tests."""
    for name in [name for name in os.environ if name.startswith("RUNLOG_") and name not in BROWSERS]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., runlog.LocalRun]:
    """Return a function that starts a quiet run in ``tmp_path / "runs"``."""

    def start_run(**arguments: object) -> runlog.LocalRun:
        options: dict[str, object] = {
            "dir": tmp_path / "runs",
            "quiet": True,
            "record_environment": False,
            **arguments,
        }
        return runlog.init(**options)  # type: ignore[arg-type]

    return start_run


@pytest.fixture
def photo() -> np.ndarray:
    """Return an 8-bit colour picture of 24×16 pixels in which no two pixels are alike."""
    pixels = np.arange(16 * 24 * 3, dtype=np.uint16).reshape(16, 24, 3)
    return (pixels * 7 % 251).astype(np.uint8)
