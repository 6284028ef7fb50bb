"""The tools that read the code find nothing."""

import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("command", ["ruff check", "ruff format --check"])
def test_linter_and_formatter_are_content(command: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", *command.split()], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_pytest_looks_for_tests_in_every_folder_of_them(pytestconfig: pytest.Config) -> None:
    """By default it enters no folder called build or dist: what stands there is never run, and never red."""
    folders = {file.relative_to(ROOT / "tests").parent for file in (ROOT / "tests").rglob("test_*.py")}
    passed_by = pytestconfig.getini("norecursedirs")
    named = {part for folder in folders for part in folder.parts if part != "node_modules"}
    assert len(named) > 10
    assert [one for one in named if any(fnmatch(one, pattern) for pattern in passed_by)] == []
