"""Frameworks train, and log to a run folder by their own loggers for wandb; and so where wandb is installed.

Each framework has a virtualenv of its own, which is made here; those that need torch share one of torch. Say
where to keep them with RUNLOG_TEST_ENVIRONMENTS: made anew, they take some 16 GB and half an hour.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import runlog

pytestmark = pytest.mark.frameworks

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "scripts"
TIME_LIMIT_SECONDS = 900
CORE = ("numpy", "pillow", "sqlite-utils", "jinja2", "watchdog")
TORCH = os.environ.get("RUNLOG_TEST_TORCH", "torch torchvision").split()
WANDB = "wandb==0.31.*"


@dataclass(frozen=True)
class Framework:
    """What is installed for a framework, and the logged keys that must be there."""

    packages: tuple[str, ...]
    numbers: frozenset[str]
    images: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    config: frozenset[str] = frozenset()
    needs_torch: bool = True


def _names(*names: str) -> frozenset[str]:
    return frozenset(names)


FRAMEWORKS = {
    "xgboost": Framework(
        ("xgboost",),
        _names("valid-logloss", "valid-auc", "epoch"),
        _names("Feature Importance"),
        _names("Feature Importance_table"),
        _names("artifacts/model_xgboost/v0/xgboost_model.json"),
        _names("xgboost"),
        needs_torch=False,
    ),
    "lightgbm": Framework(
        ("lightgbm",),
        _names("valid_auc", "valid_binary_logloss"),
        _names("feature_importance"),
        _names("feature_importance_table"),
        _names("artifacts/model_lightgbm/v0/model_lightgbm.txt"),
        _names("objective"),
        needs_torch=False,
    ),
    "catboost": Framework(
        ("catboost",),
        _names("learn-Logloss", "validation-Logloss"),
        _names("feature_importance"),
        _names("feature_importance_table"),
        _names("artifacts/model_catboost/v0/model_catboost.cbm"),
        _names("iterations"),
        needs_torch=False,
    ),
    "sb3": Framework(
        ("stable-baselines3",),
        _names("rollout/ep_rew_mean", "train/loss", "global_step"),
        files=_names("model.zip"),
        config=_names("algo", "policy", "gamma"),
    ),
    "lightning": Framework(
        ("lightning",),
        _names("train/loss", "val/loss", "epoch", "trainer/global_step"),
        _names("samples"),
        _names("answers", "said"),
        _names("artifacts/model-lightning/v0/model.ckpt"),
        _names("lr"),
    ),
    "transformers": Framework(
        ("transformers", "accelerate"),
        _names("train/loss", "eval/loss", "train/global_step"),
        files=_names(
            "artifacts/model-a bert/v0/model_architecture.txt", "artifacts/model-a bert/v1/model.safetensors"
        ),
        config=_names("hidden_size", "model/num_parameters"),
    ),
    "accelerate": Framework(
        ("accelerate",), _names("train/loss"), _names("samples"), _names("answers"), config=_names("lr")
    ),
    "trl": Framework(("trl", "datasets"), _names("train/loss", "train/num_tokens"), config=_names("n_embd")),
    "timm": Framework(("timm",), _names("epoch", "train_loss", "eval_top1"), config=_names("model", "lr")),
    # The callback of fastai 2.8.12 fails by itself beside fastcore 2.2: vars() of a path in `gather_args`.
    "fastai": Framework(
        ("fastai==2.8.4", "fastcore<1.9", "fasttransform<0.0.3", "fastprogress<1.1"),
        _names("train_loss", "valid_loss", "accuracy"),
        tables=_names("Prediction_Samples"),
        files=_names("artifacts/model/v0/model.pth", "artifacts/pictures/v0/0.png"),
        config=_names("Learner"),
    ),
    # Its callbacks come with wandb: here those of our own.
    "keras": Framework(
        ("keras",),
        _names("epoch/loss", "epoch/val_accuracy", "epoch/epoch", "batch/loss", "batch/batch_step"),
        tables=_names("val_data", "eval_data"),
        files=_names("artifacts/run_keras_model/v0/01.keras", "artifacts/run_keras_model/v1/02.keras"),
        config=_names("lr"),
    ),
    "ultralytics": Framework(
        ("ultralytics",),
        _names("train/box_loss", "metrics/mAP50(B)", "val/box_loss", "lr/pg0"),
        _names("labels", "confusion_matrix", "val_batch0_pred"),
        _names("curves/Precision-Recall(B)_table"),
        config=_names("epochs", "imgsz"),
    ),
}


def python_of(environments: Path, name: str) -> Path:
    """Return the Python of a framework's virtualenv, made where it is not there."""
    framework = FRAMEWORKS[name]
    below = (
        [site_packages(_made(environments / "torch", [*CORE, *TORCH], []))] if framework.needs_torch else []
    )
    packages = [*framework.packages] if framework.needs_torch else [*CORE, *framework.packages]
    return _made(environments / name, packages, below)


def _made(folder: Path, packages: Sequence[str], below: Sequence[Path]) -> Path:
    python, done = folder / "bin" / "python", folder / "installed"
    if not done.exists():
        venv.create(folder, clear=True, with_pip=False)
        # What lies below is found, and not installed again.
        lines = [*map(str, below), str(ROOT), str(ROOT / "viewer")]
        (site_packages(python) / "below.pth").write_text("\n".join(lines))
        install(python, packages)
        done.touch()
    return python


def install(python: Path, packages: Sequence[str]) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", *packages]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(packages)} cannot be installed here:\n{done.stderr[-2000:]}"


def site_packages(python: Path) -> Path:
    (found,) = python.parents[1].glob("lib/python*/site-packages")
    return found


def versions(python: Path, names: Sequence[str]) -> dict[str, str]:
    code = (
        "import importlib.metadata as m, json, sys\n"
        "print(json.dumps({n: d.version for n in sys.argv[1:] for d in [*m.distributions(name=n)][:1]}))"
    )
    found = subprocess.run(
        [str(python), "-c", code, *names], capture_output=True, text=True, check=True
    ).stdout
    said: dict[str, str] = json.loads(found)
    return said


def train(python: Path, name: str, folder: Path, *command: str) -> float:
    """Train a framework in a folder of its own; return the seconds that it took."""
    quiet = {
        "HF_HUB_OFFLINE": "1",
        "YOLO_OFFLINE": "true",
        "PYTHONWARNINGS": "ignore",
        "CUDA_VISIBLE_DEVICES": "",
    }
    # Ultralytics logs nowhere while it is tested.
    around = {variable: value for variable, value in os.environ.items() if not variable.startswith("PYTEST_")}
    started = time.monotonic()
    done = subprocess.run(
        [str(python), *command, str(SCRIPTS / f"{name}_.py")],
        cwd=folder,
        env={
            **around,
            **quiet,
            "HOME": str(folder),
            "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert "Traceback" not in done.stderr, done.stderr[-4000:]
    return time.monotonic() - started


def command_of(name: str) -> tuple[str, ...]:
    """Return how Python starts the script: that of Accelerate by its launcher, with no line about runlog."""
    if name != "accelerate":
        return ()
    return ("-m", "runlog", "as-wandb", "--", "accelerate", "launch", "--cpu", "--num_processes", "1")


def check(folder: Path, framework: Framework) -> str:
    """Compare the one run of a folder with what it must hold; return in words what it holds."""
    (database,) = folder.glob("**/run.db")
    with runlog.open(database.parent) as reader:
        run, counts = reader.run(), reader.counts()
        assert (run.state, run.project) == ("finished", "frameworks")
        numbers = {series.key: len(series.steps) for series in reader.scalars()}
        assert framework.numbers <= set(numbers)
        assert framework.numbers - set(run.summary) <= framework.config
        assert framework.images <= set(counts.images)
        assert framework.tables <= set(counts.tables)
        assert framework.files <= {str(file.path).removeprefix("files/") for file in reader.run_files()}
        assert framework.config <= set(run.config)
    from runlog_viewer import build

    build(database.parent)
    page = (database.parent / "index.html").read_text()
    assert all(key in page for key in framework.images)
    said = (
        f"{len(numbers)} keys of numbers, {sum(counts.images.values())} images, {len(counts.tables)} tables"
    )
    return f"{said}, {counts.run_files} files"


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_framework_trains_and_its_logger_logs_to_a_run(
    name: str, environments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = python_of(environments, name)
    seconds = train(python, name, tmp_path, *command_of(name))
    said = check(tmp_path, FRAMEWORKS[name])
    names = [package.partition("=")[0].partition("<")[0] for package in FRAMEWORKS[name].packages]
    found = versions(python, [*names, "torch"] if FRAMEWORKS[name].needs_torch else names)
    with capsys.disabled():
        print(f"\n{', '.join(map(' '.join, found.items()))}: {said}; {seconds:.0f} s")


@pytest.mark.parametrize("name", ["xgboost", "lightning", "accelerate"])
def test_where_wandb_is_installed_ours_is_found(name: str, environments: Path, tmp_path: Path) -> None:
    python = python_of(environments, name)
    with_wandb = environments / f"{name}-with-wandb"
    other = _made(with_wandb, [WANDB], [site_packages(python), *_below(environments, name)])
    assert versions(other, ["wandb"])["wandb"].startswith("0.31")
    train(other, name, tmp_path, *_through(other, command_of(name)))
    check(tmp_path, FRAMEWORKS[name])
    assert not list(tmp_path.glob("**/offline-run-*"))


def _below(environments: Path, name: str) -> list[Path]:
    return [site_packages(environments / "torch" / "bin" / "python")] if FRAMEWORKS[name].needs_torch else []


def _through(python: Path, command: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command in which a launcher of another virtualenv is that of this one, as a module."""
    launcher = (str(python), "-m", "accelerate.commands.accelerate_cli")
    return tuple(part for word in command for part in (launcher if word == "accelerate" else (word,)))


def test_the_picture_boxes_and_masks_of_lightning_are_in_the_page(environments: Path, tmp_path: Path) -> None:
    train(python_of(environments, "lightning"), "lightning", tmp_path)
    (database,) = tmp_path.glob("**/run.db")
    with runlog.open(database.parent) as reader:
        images: list[Any] = [image for image in reader.images() if image.key == "samples"]
        assert len(images) == 8  # four batches, twice: none replaces another
        assert {image.caption for image in images} == {f"batch {index}" for index in range(4)}
        for image in images:
            index = int(image.caption.removeprefix("batch "))
            assert (reader.pixels(image) == 100 + index).all()
            assert [layer.name for layer in image.boxes] == ["predictions"]
            assert reader.class_ids(image, "truth").trace() == 16
    from runlog_viewer import build

    build(database.parent)
    page = max(database.parent.glob("viewer/steps/*.html")).read_text()
    assert "batch 3" in page
    assert "predictions" in page
    assert "truth" in page
