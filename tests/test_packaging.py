"""A wheel built from the checkout works in an empty virtualenv, templates and static files included."""

import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
FOLDERS = ("runlog", "viewer")
# A folder in the wheel has the metadata of another distribution, for which runlog stands in.
_OWN_METADATA = re.compile(r"runlog_local-[^/]+\.dist-info/")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def install_commands() -> Iterator[tuple[Path, str]]:
    """Return what pip is told to install, in documents, messages and scripts."""
    folders = [ROOT / name for name in ("runlog", "viewer", "docs", "sample_runs", ".ci", "tests")]
    files = [path for folder in folders for path in folder.rglob("*") if path != Path(__file__)]
    for path in [*files, ROOT / "README.md", ROOT / "pyproject.toml"]:
        if path.suffix in {".py", ".md", ".toml", ".sh", ".html", ".js", ""} and path.is_file():
            for command in _commands_in(path.read_text()):
                yield path.relative_to(ROOT), command


def _commands_in(text: str) -> list[str]:
    return [found.strip() for found in re.findall(r"\bpip3? install ([^`&;|\n]+)", text)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy, so that the checkout stays clean.

    It is built by the setuptools of the tests: in an environment of its own, which the gate's own install has
    made already, most of the time goes into that.
    """
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder / "dist")]
    with_ours = ["--no-build-isolation", "--check-build-dependencies"]
    subprocess.run([*pip, *with_ours, str(folder)], check=True)
    (built,) = (folder / "dist").glob("runlog_local-*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of a virtualenv with the wheel and what it asks for, and not even pip besides.

    What it asks for is linked from where the tests have it, which takes a tenth of the time of installing it.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-compile"]
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (ours,) = metadata.distributions(name=PROJECT["name"], path=[str(packages)])
    for needed in asked_for(ours, {}).values():
        for name in {file.parts[0] for file in needed.files or () if file.parts[0] != ".."}:
            if not (packages / name).exists():
                (packages / name).symlink_to(Path(needed.locate_file(name)).resolve())
    return python


Distributions = dict[str, metadata.Distribution]


def asked_for(asking: metadata.Distribution, found: Distributions) -> Distributions:
    """Return what a distribution requires, and that requires in turn."""
    for requirement in map(Requirement, asking.requires or ()):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            needed = metadata.distribution(requirement.name)
            assert needed.version in requirement.specifier, f"{requirement} must be installed for the tests"
            if requirement.name not in found:
                found[requirement.name] = needed
                asked_for(needed, found)
    return found


def test_the_wheel_holds_every_file_of_both_packages_and_installs_nothing_generic(wheel: Path) -> None:
    expected = {
        path.relative_to(home.parent).as_posix()
        for home in (ROOT / "runlog", ROOT / "viewer" / "runlog_viewer")
        for path in home.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if not _OWN_METADATA.match(name)}
    assert packed == expected
    assert {name.partition("/")[0] for name in packed} == {"runlog", "runlog_viewer"}


def test_the_wheel_is_of_the_name_that_is_ours(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    (metadata,) = [name for name in names if _OWN_METADATA.match(name) and name.endswith("/METADATA")]
    said = zipfile.ZipFile(wheel).read(metadata).decode().splitlines()
    assert {"Name: runlog-local", f"Version: {PROJECT['version']}"} <= set(said)
    assert any(line.startswith("Project-URL: ") for line in said)


def test_what_is_said_to_install_can_be_installed() -> None:
    # On PyPI, what is called as the import belongs to another project.
    for path, command in install_commands():
        for words in re.findall(r"[\w.-]+(?:\[[\w,]+\])?", command):
            name, _, extras = words.rstrip("]").partition("[")
            assert name != "runlog", f"{path}: {command}"
            if name in {PROJECT["name"], "."} and extras:
                assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"]), f"{path}: {command}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pip install runlog", ["runlog"]),
        ("`python -m pip install --upgrade 'runlog[fast]'` does", ["--upgrade 'runlog[fast]'"]),
        ("uv pip install '.[test]' && .venv/bin/runlog view", ["'.[test]'"]),
        ("the command installs runlog", []),
    ],
)
def test_commands_that_install_are_found_in_text(text: str, found: list[str]) -> None:
    assert _commands_in(text) == found


def test_the_installed_wheel_logs_builds_and_reads(python: Path, tmp_path: Path) -> None:
    code = (
        "import numpy as np, runlog\n"
        "with runlog.init(id='r', quiet=True) as run:\n"
        "    run.log({'k': [runlog.Image(np.full((8, 8, 3), 99, np.uint8), caption='installed')]})"
    )
    subprocess.run([python, "-W", "error", "-c", code], cwd=tmp_path, check=True)
    commands = (
        [python.with_name("runlog")],
        [python, "-m", "runlog"],
    )
    for command in commands:
        said = subprocess.run(
            [*command, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert said.stdout == f"runlog {PROJECT['version']}\n"
        built = subprocess.run(
            [*command, "build", "runs"], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert Path(built.stdout.strip()) == tmp_path / "runs" / "index.html"
    page = tmp_path / "runs" / "r" / "viewer" / "steps" / "000000000.html"
    assert "installed" in page.read_text()
    assert (tmp_path / "runs" / "r" / "viewer" / "common.css").is_file()


def test_modules_beside_a_script_take_the_place_of_none_of_ours(python: Path, tmp_path: Path) -> None:
    ours = {path.stem for package in ("runlog", "viewer") for path in (ROOT / package).rglob("*.py")}
    taken = sorted(ours - {"__init__", "__main__"} - set(sys.stdlib_module_names))
    assert {"values", "serve", "watching", "gallery"} <= set(taken)
    script_folder = tmp_path / "training"
    script_folder.mkdir()
    for name in [*taken, "viewer", "values", "files", "pages", "site"]:
        (script_folder / f"{name}.py").write_text(f"raise ImportError('the {name}.py of the user')")
    (script_folder / "train.py").write_text(
        "import numpy as np, runlog\n"
        "run = runlog.init(id='r', quiet=True)\n"
        "picture = runlog.Image(np.zeros((8, 8), np.uint8), caption='mine')\n"
        "run.log({'k': [picture]})\n"
        "run.finish()\n"
        "assert 'mine' in picture._repr_html_() and 'step 0' in run._repr_html_()\n"
        "import runlog_viewer\n"
        "assert runlog_viewer.build('runs').problems == ()\n"
        "assert runlog.archive(['runs/r'], 'r.zip').problems == ()\n"
    )
    subprocess.run([python, "-W", "error", "train.py"], cwd=script_folder, check=True)
    command = [python, "-m", "runlog", "build", "runs"]
    subprocess.run(command, cwd=script_folder, capture_output=True, check=True)
