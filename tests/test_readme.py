"""The README tells the truth: its code runs, its links lead somewhere, the gate runs its command."""

import os
import re
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PYTHON_BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_there_are_the_examples_of_the_reference() -> None:
    assert len([block for block in PYTHON_BLOCKS if "torch" in block]) == 4
    assert len(PYTHON_BLOCKS) >= 9


@pytest.mark.parametrize("block", PYTHON_BLOCKS, ids=range(1, len(PYTHON_BLOCKS) + 1))
def test_the_code_runs_as_it_stands_without_a_warning(block: str, tmp_path: Path) -> None:
    if "import torch" in block:
        pytest.importorskip("torch", reason="PyTorch is not installed, so this example was NOT run")
    environment = {**os.environ, "RUNLOG_SILENT": "1"}
    result = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning:torch", "-c", block],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert (tmp_path / "runs").exists() == ("runlog.init" in block)


def test_the_query_answers() -> None:
    (query,) = re.findall(r'sqlite3 (\S+) "(.*?)"\n```', README, re.DOTALL)
    path, sql = query
    connection = sqlite3.connect(f"{(ROOT / path).as_uri()}?mode=ro", uri=True)
    try:
        rows = connection.execute(sql).fetchall()
    finally:
        connection.close()
    assert rows
    assert rows[-1] == (4800, 24)


def test_the_export_commands_work_as_they_stand(tmp_path: Path) -> None:
    commands = [line for line in README.splitlines() if line.startswith("runlog export ")]
    assert len(commands) == 3
    for command in commands:
        name, *arguments = shlex.split(command.replace("sample_runs", str(ROOT / "sample_runs")))
        result = subprocess.run(
            [sys.executable, "-W", "error", "-m", name, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        assert (tmp_path / arguments[4]).is_dir()


def test_the_commands_that_keep_runs_work_as_they_stand(tmp_path: Path) -> None:
    names = ("archive", "verify", "ls", "show", "check", "prune")
    commands = [line for line in README.splitlines() if line.startswith(tuple(f"runlog {n} " for n in names))]
    assert [command.split()[1] for command in commands] == list(names)
    for command in commands:
        arguments = shlex.split(command.replace("sample_runs", str(ROOT / "sample_runs")))
        result = subprocess.run(
            [sys.executable, "-W", "error", "-m", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (result.returncode, result.stderr) == (0, ""), command
        assert result.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["coins.zip"]


def test_its_pictures_and_links_are_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_gate_finds_the_test_command() -> None:
    extract = """sed -n '/<!-- test command -->/,/^```$/p' README.md | sed '1,2d;$d'"""
    assert extract in (ROOT / ".ci" / "run").read_text()
    found = subprocess.run(["sh", "-c", extract], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert found.strip().endswith("-m pytest -n auto --dist worksteal")
    assert len(found.splitlines()) == 1
