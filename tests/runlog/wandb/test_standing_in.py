"""`import wandb` finds runlog where that was asked for, in this process or in all that a command starts."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import runlog
from runlog.wandb.standing_in import FOLDER

from ..cli.calling import call

# What frameworks ask for, one way or another.
SUBMODULES = (
    *("sdk", "sdk.wandb_run", "sdk.wandb_settings", "sdk.lib", "sdk.lib.config_util", "sdk.lib.telemetry"),
    *("wandb_run", "errors", "util", "data_types", "plot", "env", "integration"),
)


@pytest.fixture(autouse=True)
def _no_wandb_is_imported() -> None:
    assert "wandb" not in sys.modules


def test_a_later_import_finds_a_real_package_and_one_call_undoes_it() -> None:
    before = list(sys.path), list(sys.meta_path)
    undo = runlog.as_wandb()
    try:
        import wandb

        assert wandb is runlog.wandb
        spec = importlib.util.find_spec("wandb")
        assert spec is not None
        assert spec.origin == wandb.__file__
        assert importlib.metadata.version("wandb") == wandb.__version__ == "0.31.0+runlog"
        assert "wandb" in importlib.metadata.packages_distributions()
        for name in SUBMODULES:
            module = importlib.import_module(f"wandb.{name}")
            assert module is importlib.import_module(f"runlog.wandb.{name}")
        from wandb.sdk.lib import RunDisabled
        from wandb.sdk.wandb_run import Run

        assert Run is runlog.wandb.Run
        assert isinstance(RunDisabled, type)
        runlog.as_wandb()
    finally:
        undo()
    assert (list(sys.path), list(sys.meta_path)) == before
    assert not [name for name in sys.modules if name.partition(".")[0] == "wandb"]
    assert importlib.util.find_spec("wandb") is None


def test_a_submodule_that_does_not_exist_is_an_import_error_in_our_words() -> None:
    undo = runlog.as_wandb()
    try:
        for name in ("wandb.fastai", "wandb.integration.langchain", "wandb.sdk.internal"):
            with pytest.raises(ImportError, match=f"{name} does not exist here") as caught:
                importlib.import_module(name)
            assert isinstance(caught.value, runlog.RunlogError)
    finally:
        undo()


def _install_another(folder: Path) -> Path:
    (folder / "wandb").mkdir(parents=True)
    (folder / "wandb" / "__init__.py").write_text("__version__ = '0.1'\n")
    return folder


def test_where_wandb_is_installed_ours_is_found_if_called_first_and_else_an_error_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(_install_another(tmp_path / "site"))
    undo = runlog.as_wandb()
    import wandb

    assert wandb is runlog.wandb
    undo()
    wandb = importlib.import_module("wandb")
    try:
        assert wandb.__version__ == "0.1"
        with pytest.raises(
            runlog.InvalidValueError, match=r"before wandb is imported, .*site/wandb/__init__\.py"
        ):
            runlog.as_wandb()
    finally:
        del sys.modules["wandb"]


SCRIPT = """
import multiprocessing, sys
import wandb

def child(folder):
    import wandb
    with wandb.init(id="child", dir=folder) as run:
        run.log({"a": 2})

if __name__ == "__main__":
    with wandb.init(id="parent", dir=sys.argv[1], settings={"silent": True}) as run:
        run.log({"a": 1})
    spawned = multiprocessing.get_context("spawn").Process(target=child, args=(sys.argv[1],))
    spawned.start()
    spawned.join()
    print(wandb.__version__, sys.argv[2:])
    sys.exit(3 + spawned.exitcode)
"""


def test_a_command_and_the_children_it_spawns_find_it_and_its_exit_code_is_handed_on(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    site = _install_another(tmp_path / "site")
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH")))),
    }
    done = call("as-wandb", "--", sys.executable, "train.py", "out", "--lr", "0.1", cwd=tmp_path, env=env)
    assert (done.returncode, done.stdout) == (3, "0.31.0+runlog ['--lr', '0.1']\n"), done.stderr
    assert {run.id for run in runlog.runs(tmp_path / "out" / "runs")} == {"parent", "child"}


@pytest.mark.parametrize(
    ("words", "said"), [([], "must be told what to start"), (["none-such"], "'none-such'")]
)
def test_a_command_that_cannot_be_started_is_bad_input(words: list[str], said: str) -> None:
    done = call("as-wandb", "--", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_where_runlog_is_not_installed_the_import_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import wandb"],
        env={"PYTHONPATH": str(FOLDER)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ImportError: runlog, which stands in for wandb here, must be installed for" in done.stderr
