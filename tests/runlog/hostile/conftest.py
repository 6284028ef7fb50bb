"""The runs that are made hostile, logged once, and commands that are ready to be forked."""

from __future__ import annotations

from pathlib import Path

import pytest

from .commands import load_all, make_place, make_runs


@pytest.fixture(scope="session")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of two runs without pages."""
    folder = tmp_path_factory.mktemp("sample") / "runs"
    make_runs(folder)
    return folder


@pytest.fixture(scope="session")
def _loaded(logged: Path) -> None:
    """Have all loaded that any command loads, before processes are forked."""
    load_all(make_place(logged.parent / "loaded", logged))


@pytest.fixture(scope="session")
def runs(logged: Path, _loaded: None) -> Path:
    """Return a folder of two runs without pages."""
    return logged


@pytest.fixture(scope="session")
def runs_with_pages(tmp_path_factory: pytest.TempPathFactory, _loaded: None) -> Path:
    """Return a folder of two runs and their site."""
    folder = tmp_path_factory.mktemp("sample") / "runs"
    make_runs(folder, with_site=True)
    return folder
