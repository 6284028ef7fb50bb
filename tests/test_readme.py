"""README.md and docs/ tell the truth: code runs, links lead somewhere, the gate runs the test command."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tensorboardX import SummaryWriter

import runlog
import runlog_viewer
from runlog import cli

from .runlog.cli.calling import call, run_code

ROOT = Path(__file__).parents[1]
DOCUMENTS = {
    path.name: path.read_text() for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
}
README = DOCUMENTS["README.md"]
PARSER, _ = cli._parser("runlog")
EXAMPLES = {
    f"{name}-{number}": block
    for name, text in DOCUMENTS.items()
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", text, re.DOTALL), start=1)
}
PYTHON, WITH_PYTORCH = (
    [pytest.param(block, id=name) for name, block in EXAMPLES.items() if ("import torch" in block) == wants]
    for wants in (False, True)
)
# Where a path in a document starts; ``viewer/`` alone is that of a site.
NAMED = "runlog|viewer/runlog_viewer|static|tests|docs|sample_runs"
# Commands that go on until they are stopped, open a browser or start another one: their arguments are read,
# no more.
LASTING = ("view", "watch", "as-wandb")
# What is only for a fresh clone, where the gate runs it. Its files must be there.
SETTING_UP = ("python3", ".venv/bin/", "sh tests/")


def commands(text: str) -> Iterator[list[str]]:
    """Return the commands of the shell blocks of a document, in words, in their order."""
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        begun = ""
        for line in block.splitlines(keepends=True):
            begun += line
            try:
                words = shlex.split(begun, comments=True)
            except ValueError:  # a quotation that goes on in the next line
                continue
            begun = ""
            if words:
                yield words
        assert not begun, f"unfinished: {begun}"


def test_there_are_the_examples_of_the_reference() -> None:
    blocks = [block for name, block in EXAMPLES.items() if name.startswith("coming-from-wandb.md")]
    assert len([block for block in blocks if "import torch" in block]) == 4
    assert len(blocks) >= 8


def run_as_it_stands(block: str, folder: Path, also: Sequence[str] = ()) -> tuple[int, str]:
    """Run an example in a folder of its own, and return how it ended and what it said of trouble."""
    env = {**os.environ, "RUNLOG_SILENT": "1"}
    done = run_code(block, cwd=folder, env=env, is_strict=True, also=also)
    return done.returncode, done.stderr


def logs(block: str) -> bool:
    return ".init(" in block or "SummaryWriter(" in block


@pytest.mark.parametrize("block", PYTHON)
def test_the_code_runs_as_it_stands_without_a_warning(block: str, tmp_path: Path) -> None:
    assert run_as_it_stands(block, tmp_path) == (0, "")
    assert (tmp_path / "runs").exists() == logs(block)


@pytest.mark.parametrize("block", WITH_PYTORCH)
def test_the_code_with_pytorch_runs_as_it_stands_without_a_warning(block: str, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed, so this example was NOT run")
    assert run_as_it_stands(block, tmp_path, ["torch"]) == (0, "")
    assert (tmp_path / "runs").exists() == logs(block)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with all that the commands of the documents speak of."""
    ours = shutil.ignore_patterns("index.html", "viewer", "*.lock", "*-wal", "*-shm")
    shutil.copytree(ROOT / "sample_runs", tmp_path / "sample_runs", ignore=ours)
    shutil.copytree(tmp_path / "sample_runs" / "segment-coins", tmp_path / "runs" / "my-run")
    with SummaryWriter(str(tmp_path / "lightning_logs" / "version_0")) as writer:
        writer.add_scalar("loss", 0.5, 0)
    for name, into in (("wandb-0.31-finished", "wandb"), ("trackio-0.43", "")):
        with zipfile.ZipFile(ROOT / f"tests/runlog/importers/frozen/{name}.zip") as file:
            file.extractall(tmp_path / into)
    return tmp_path


@pytest.mark.parametrize("name", [name for name, text in DOCUMENTS.items() if "```sh" in text])
def test_the_commands_work_as_they_stand(name: str, folder: Path) -> None:
    for words in commands(DOCUMENTS[name]):
        command = shlex.join(words)
        if command.startswith(SETTING_UP):
            for path in re.findall(r"\b(?:tests|sample_runs|runlog|viewer)/[\w./]*\w", command):
                assert (ROOT / path).exists(), command
        elif words[0] == "sqlite3":
            assert answers(folder / words[1], words[2]), command
        elif words[:1] == ["runlog"] and words[1] in LASTING:
            PARSER.parse_args(words[1:])
        else:
            assert words[0] == "runlog", f"a kind of command that this test does not know: {command}"
            result = call(*words[1:], cwd=folder)
            assert result.returncode == 0, f"{command}\n{result.stderr}"
            assert result.stdout, command
            # What an export or import leaves out is said there.
            assert not result.stderr or words[1] in ("export", "import"), f"{command}\n{result.stderr}"


def answers(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_the_query_counts_the_coins(folder: Path) -> None:
    ((_, path, query),) = [words for words in commands(README) if words[0] == "sqlite3"]
    assert answers(folder / path, query)[-1] == (4800, 24)


def test_the_five_things_are_shown_with_commands_that_keep_runs() -> None:
    shown = {words[1] for text in DOCUMENTS.values() for words in commands(text) if words[0] == "runlog"}
    assert {"archive", "verify", "ls", "show", "check", "prune", "export", "import", "view", "build"} <= shown


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {anchor(heading) for heading in headings}


def anchor(heading: str) -> str:
    kept = [c for c in heading.lower() if c in " -_" or unicodedata.category(c)[0] in "LN"]
    return "".join(kept).replace(" ", "-")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_pictures_links_and_anchors_lead_somewhere(name: str) -> None:
    here = ROOT if name == "README.md" else ROOT / "docs"
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", DOCUMENTS[name]):
        path, _, end = target.partition("#")
        file = here / path if path else here / name
        assert file.exists(), target
        if end:
            assert end in anchors(file.read_text()), target


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_are_named_are_there(name: str) -> None:
    for path in re.findall(rf"`((?:{NAMED})/[\w./*-]*)`", DOCUMENTS[name]):
        found = [*ROOT.glob(path.rstrip("/")), *(ROOT / "viewer" / "runlog_viewer").glob(path.rstrip("/"))]
        assert found, path


def test_an_anchor_is_made_as_github_makes_it() -> None:
    assert anchor("From `log()` to the page") == "from-log-to-the-page"
    assert anchor("1. Log pictures") == "1-log-pictures"
    assert anchor("Two  – dashes, and_more") == "two---dashes-and_more"


def test_every_page_is_reached_from_the_readme() -> None:
    linked = set(re.findall(r"\]\(docs/([\w-]+\.md)\)", README))
    assert linked == {path.name for path in (ROOT / "docs").glob("*.md")}


def test_the_commands_of_the_benchmarks_name_scripts_and_options_that_there_are() -> None:
    commands = re.findall(
        r"^`\.venv/bin/python (tests/bench/\w+\.py)([^`]*)`$", DOCUMENTS["benchmarks.md"], re.M
    )
    assert {script for script, _ in commands} == {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "bench").glob("bench_*.py")
    }
    for script, options in commands:
        declared = re.findall(r'add_argument\(\s*"(--\w+)"', (ROOT / script).read_text())
        assert set(re.findall(r"--\w+", options)) <= set(declared), script


def test_the_changelog_says_each_thing_once() -> None:
    # Lines that come from several branches are put beside each other.
    for version in re.split(r"^## ", DOCUMENTS["changelog.md"], flags=re.M)[1:]:
        said = re.findall(r"^(?:### .*|- .*)$", version, re.M)
        assert len(said) == len(set(said)), version.partition("\n")[0]


def test_the_command_for_api_pages_makes_them_without_a_warning(tmp_path: Path) -> None:
    (command,) = re.findall(r"`\.venv/bin/python (-m pdoc [^`]+)`", DOCUMENTS["contributing.md"])
    words = shlex.split(command.replace("-o api ", f"-o {shlex.quote(str(tmp_path))} "))
    subprocess.run([sys.executable, "-W", "error", *words], cwd=ROOT, check=True)
    for module in (runlog, runlog_viewer):
        page = (tmp_path / f"{module.__name__}.html").read_text()
        assert [name for name in module.__all__ if f'id="{name}"' not in page] == []
    assert 'id="export"' in (tmp_path / "runlog" / "exporters" / "coco.html").read_text()


def test_the_gate_finds_the_test_command() -> None:
    extract = """sed -n '/<!-- test command -->/,/^```$/p' README.md | sed '1,2d;$d'"""
    assert extract in (ROOT / ".ci" / "run").read_text()
    found = subprocess.run(["sh", "-c", extract], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert found.strip().endswith("-m pytest -n auto --dist worksteal")
    assert len(found.splitlines()) == 1
