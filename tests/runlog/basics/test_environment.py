"""What is recorded of where a run was made, and when."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog
from runlog.basics.environment import full_environment

Start = Callable[..., runlog.LocalRun]


def environment(folder: Path) -> dict[str, object]:
    with runlog.open(folder) as reader:
        return dict(reader.run().environment)


def test_a_short_run_records_its_environment_at_its_end(start: Start) -> None:
    with start(record_environment=True) as run:
        assert "packages" not in environment(run.folder)
    recorded = environment(run.folder)
    assert recorded["python"] == ".".join(map(str, sys.version_info[:3]))
    assert recorded["packages"]["numpy"] == np.__version__  # type: ignore[index]
    assert recorded["pid"] == os.getpid()


def test_a_longer_run_records_it_meanwhile(start: Start) -> None:
    with start(record_environment=True) as run:
        deadline = time.monotonic() + 20
        while "packages" not in environment(run.folder) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert "packages" in environment(run.folder)


def test_it_can_be_turned_off_but_for_what_tells_a_crash(start: Start) -> None:
    with start(record_environment=False) as run:
        pass
    assert environment(run.folder).keys() == {"host", "pid"}


def test_the_git_commit_and_whether_it_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
        command = ["git", *identity, *arguments]
        return subprocess.run(
            command, cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout.strip()

    monkeypatch.chdir(tmp_path)
    try:
        git("init", "--quiet")
    except FileNotFoundError:
        pytest.skip("git is not installed, so nothing was checked")
    (tmp_path / "train.py").write_text("1")
    git("add", ".")
    git("commit", "--quiet", "-m", "first")
    found = full_environment()
    assert (found["git_commit"], found["git_dirty"]) == (git("rev-parse", "HEAD"), False)
    (tmp_path / "train.py").write_text("2")
    assert full_environment()["git_dirty"] is True


def test_without_git_or_a_repository_nothing_is_said_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "git_commit" not in full_environment()
    monkeypatch.setenv("PATH", "")
    assert "git_commit" not in full_environment()
