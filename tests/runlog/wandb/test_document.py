"""docs/coming-from-wandb.md says of each thing what becomes of it; each is asked for as it stands there."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest

import runlog
from runlog import wandb
from runlog.wandb.unsupported import INSTEAD

PAGE = (Path(__file__).parents[3] / "docs" / "coming-from-wandb.md").read_text()
TABLE = PAGE.partition("| asked for |")[2].partition("\n\n")[0]
ROWS = re.findall(r"^\| (`.+?) \| (stored|noted|error) \|", TABLE, re.MULTILINE)
CASES = [(words, treatment) for asked, treatment in ROWS for words in re.findall(r"`([^`]+)`", asked)]
# In which order a run is needed: not by what starts one.
STARTS = ("init(", "login(", "setup(", "require(")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "config.yaml").write_text("lr: 0.1\n")


def ask(words: str) -> wandb.Run | None:
    """Ask for what stands in the table, of a run that goes on unless it starts one."""
    if not words.startswith(STARTS):
        wandb.init()
    run = wandb.run
    names = {name: getattr(wandb, name) for name in wandb.__all__} | {
        name: getattr(wandb, name) for name in INSTEAD
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if "sync_tensorboard" in words else "error", runlog.RunlogWarning)
        asked = eval(words, names)
    return asked if isinstance(asked, wandb.Run) else run


def not_kept(run: wandb.Run) -> dict[str, str]:
    run.finish()
    with runlog.open(run.local.folder) as reader:
        noted: dict[str, str] = reader.run().environment.get("wandb", {}).get("not kept", {})
        return noted


@pytest.mark.parametrize("words", [words for words, treatment in CASES if treatment == "stored"])
def test_what_is_stored_is_accepted_without_a_note(words: str) -> None:
    run = ask(words)
    assert run is None or not_kept(run) == {}


@pytest.mark.parametrize("words", [words for words, treatment in CASES if treatment == "noted"])
def test_what_is_noted_is_accepted_and_stands_once_in_the_run(words: str) -> None:
    run = ask(words)
    assert run is not None
    assert len(not_kept(run)) == 1


@pytest.mark.parametrize("words", [words for words, treatment in CASES if treatment == "error"])
def test_what_is_an_error_says_what_to_do_instead(words: str) -> None:
    with pytest.raises(wandb.errors.UnsupportedError, match=r"does not exist here[:;] .{10}"):
        ask(words)


def test_every_name_of_the_package_and_every_error_stands_in_the_table() -> None:
    asked = " ".join(words for words, _ in CASES)
    assert not [name for name in INSTEAD if not re.search(rf"\b{name}\b", asked)]
    # What is no call of a script: modules, classes of errors, what is printed or returned.
    others = {
        *(
            "AlertLevel",
            "CommError",
            "Config",
            "Error",
            "Run",
            "Settings",
            "UsageError",
            "__version__",
            "box3d",
        ),
        *(
            "config",
            "data_types",
            "env",
            "errors",
            "join",
            "plot",
            "run",
            "sdk",
            "summary",
            "teardown",
            "util",
        ),
        *("termerror", "termlog", "termwarn", "visualize", "use_artifact"),
    }
    assert not [name for name in {*wandb.__all__} - others if not re.search(rf"\b{name}\b", asked)]
    assert {treatment for _, treatment in CASES} == {"stored", "noted", "error"}
