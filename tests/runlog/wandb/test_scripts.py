"""Scripts in the idiom of wandb run with only the import changed; what fails does so in our words.

A statement of a script that is to fail says so: ``# error: `` and what the message must hold. Every other one
must work.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

import runlog
from runlog import wandb

SCRIPTS = {path.stem: path for path in sorted(Path(__file__).with_name("scripts").glob("*.py"))}


@pytest.fixture(autouse=True)
def _variables_stay_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    mpl.use("agg")
    text = SCRIPTS["environment_variables"].read_text()
    for name in re.findall(r'os\.environ\["(\w+)"\] = ', text):
        monkeypatch.setenv(name, "")


def with_import_changed(script: str) -> str:
    changed = re.sub(r"^import wandb$", "from runlog import wandb", script, flags=re.MULTILINE)
    return re.sub(r"^from wandb\b", "from runlog.wandb", changed, flags=re.MULTILINE)


def carry_out(name: str) -> int:
    """Run a script statement by statement; return how many there are."""
    text = with_import_changed(SCRIPTS[name].read_text())
    lines, names = text.splitlines(), dict[str, Any](__name__="__main__")
    statements = ast.parse(text).body
    for statement in statements:
        code = compile(ast.Module([statement], []), name, "exec")
        _, is_to_fail, expected = lines[statement.lineno - 1].partition("# error: ")
        if not is_to_fail:
            exec(code, names)
            continue
        with pytest.raises(runlog.RunlogError) as caught:
            exec(code, names)
        assert expected in str(caught.value), f"{name}: {lines[statement.lineno - 1]}"
    return len(statements)


def runs_below(folder: Path) -> Iterator[runlog.RunReader]:
    for database in sorted(folder.glob("**/run.db")):
        with runlog.open(database.parent) as reader:
            yield reader


# Script: how many runs, and how many images, tables, texts and files logged of some keys there are in them.
HELD: dict[str, tuple[int, dict[str, int]]] = {
    "artifacts": (1, {}),
    "classification": (1, {"mistakes": 4, "confidence": 1, "unknown": 1, "matrix": 1, "mixed": 1}),
    "code_and_files": (1, {}),
    "cross_validation": (4, {}),
    "detection": (1, {"val/predictions": 6, "val/one": 1}),
    "diffusion": (1, {"samples": 12, "grid": 3, "denoising": 3, "noise": 3, "prompt": 1}),
    "environment_variables": (1, {}),
    "gan": (1, {"fakes": 8, "grad": 4, "curve": 1, "curve_image": 1, "current": 1}),
    "media": (
        1,
        {
            **dict.fromkeys(
                ("from_path", "gif", "clip", "clip/caption", "report", "inline", "mesh", "protein"), 1
            ),
            **{"cloud": 1, "scene": 1, "tone": 2, "tone/caption": 2, "smiles": 1, "alpha": 1, "bytes": 1},
        },
    ),
    "modes": (6, {}),
    "monitoring": (1, {"state": 5, "alerts": 3}),
    "plots": (
        1,
        {
            **dict.fromkeys(
                ("confusion", "confusion_2", "roc", "pr", "line", "scatter", "bar", "histogram"), 1
            ),
            **{f"{key}_table": 1 for key in ("confusion", "roc", "pr", "line", "series", "custom", "visual")},
            **{"series": 1, "custom": 1},
        },
    ),
    "reinforcement": (1, {"video": 3}),
    "resuming": (2, {}),
    "segmentation": (1, {"val/overlay": 2, "val/table": 1, "val/mask_only": 1}),
    "sweep_by_hand": (4, {}),
    "tables": (1, {"frame": 1, "plain": 1, "answers": 3, "wide": 1, "media": 1}),
    "text_generation": (1, {"sample": 2, "samples": 2, "prompts": 2}),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs_with_only_its_import_changed(name: str, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        # What a picture of random numbers may surprise with is said; here it is what the script is about.
        warnings.simplefilter("ignore", runlog.RunlogWarning)
        assert carry_out(name) > 3
    wandb.teardown()
    runs, held = 0, Counter[str]()
    for reader in runs_below(tmp_path):
        counts = reader.counts()
        runs += 1
        for of_kind in (counts.images, counts.tables, counts.texts, counts.histograms, counts.files):
            held.update(of_kind)
        assert reader.run().state == ("failed" if name == "monitoring" else "finished")
    expected_runs, expected = HELD[name]
    assert runs == expected_runs
    assert {key: held[key] for key in expected} == expected


def test_there_are_scripts_enough_and_each_is_known() -> None:
    assert set(SCRIPTS) == set(HELD)
    assert len(SCRIPTS) >= 15


def test_a_statement_that_fails_where_it_is_to_work_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = tmp_path / "faulty.py"
    monkeypatch.setitem(SCRIPTS, "faulty", faulty)
    faulty.write_text("import wandb\nwandb.log({'a': 1})\n")
    with pytest.raises(runlog.RunlogError, match="must be started first"):
        carry_out("faulty")
    faulty.write_text("import wandb\nwandb.log({'a': 1})  # error: something else\n")
    with pytest.raises(AssertionError, match="faulty"):
        carry_out("faulty")


def test_numbers_of_scripts_are_at_their_steps(tmp_path: Path) -> None:
    carry_out("reinforcement")
    carry_out("resuming")
    found = {
        reader.run().project: {
            series.key: dict(zip(series.steps.tolist(), series.values.tolist(), strict=True))
            for series in reader.scalars()
        }
        for reader in runs_below(tmp_path)
        if reader.counts().steps
    }
    assert found["cartpole"]["charts/episodic_return"] == {100: 0.0, 200: 1.0, 300: 2.0}
    assert found["cartpole"]["eval"] == {300: 1.0, 301: 2.0}
    assert found["resume"]["loss"] == {0: 1.0, 1: 0.5, 2: 9.0}


def test_code_is_kept_but_for_hidden_and_untracked_files_and_keys(tmp_path: Path) -> None:
    carry_out("code_and_files")
    (folder,) = tmp_path.glob("runs/*/files")
    kept = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert kept - {"code/__main__.py"} >= {
        "code/src/train.py",
        "code/notes.md",
        "result.txt",
        "out.log",
        "notes.md",
    }
    assert not [name for name in kept if "env" in name or "untracked" in name]
    assert (folder / "code" / "src" / "train.py").read_text() == "import wandb\nwandb.login(key='***')\n"
    assert (folder / "out.log").read_text() == "last"


def test_artifacts_are_kept_with_what_is_noted_of_them(tmp_path: Path) -> None:
    carry_out("artifacts")
    (folder,) = tmp_path.glob("runs/*/files/artifacts")
    kept = {path.relative_to(folder / "mnist" / "v0").as_posix() for path in (folder / "mnist").rglob("*.*")}
    assert kept == {
        "artifact.json", "train/a.txt", "weights/model.pt", "README.md", "samples.table.json", "first.png",
    }  # fmt: skip
    described = runlog.basics.jsontext.from_json((folder / "mnist" / "v0" / "artifact.json").read_text())
    assert described["metadata"] == {"rows": 10, "api_key": "***"}
    assert (described["references"], described["aliases"]) == (
        {"labels": "s3://bucket/labels.csv"},
        ["v1", "best"],
    )
    assert {path.name for path in folder.iterdir()} == {"mnist", "checkpoint", "resnet", "registry-resnet"}
    assert {path.name for path in (folder / "checkpoint").iterdir()} == {"v0", "v1"}
