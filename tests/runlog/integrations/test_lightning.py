"""`RunlogLogger`, called as a Lightning ``Trainer`` calls its logger."""

from __future__ import annotations

import argparse
import sys
import types
from abc import ABC
from pathlib import Path

import numpy as np
import pytest

import runlog
from runlog.integrations.lightning import RunlogLogger


@pytest.fixture
def logger(tmp_path: Path) -> RunlogLogger:
    return RunlogLogger("lines", name="line", dir=tmp_path / "runs", quiet=True)


def scalars(folder: Path) -> dict[str, dict[int, float]]:
    with runlog.open(folder) as reader:
        return {
            one.key: dict(zip(one.steps.tolist(), one.values.tolist(), strict=True))
            for one in reader.scalars()
        }


def test_the_calls_of_a_training_make_a_run(logger: RunlogLogger, tmp_path: Path) -> None:
    logger.log_hyperparams(argparse.Namespace(rate=0.1, net="wide"))
    logger.log_graph(object())
    logger.log_metrics({"train/loss": 1.0, "epoch": 0}, step=49)
    logger.log_metrics({"val/loss": 2.0, "epoch": 0}, step=49)
    logger.log_metrics({"train/loss": 0.5, "epoch": 1}, step=99)
    logger.save()
    logger.after_save_checkpoint(object())
    logger.finalize("success")
    (folder,) = (tmp_path / "runs").iterdir()
    assert scalars(folder) == {
        "train/loss": {49: 1, 99: 0.5},
        "val/loss": {49: 2},
        "epoch": {49: 0, 99: 1},
    }
    with runlog.open(folder) as reader:
        record = reader.run()
    assert (record.project, record.name, record.config) == ("lines", "line", {"rate": 0.1, "net": "wide"})
    assert (logger.name, logger.version, logger.log_dir) == ("lines", folder.name, str(folder))
    assert (logger.save_dir, logger.root_dir) == (None, None)
    assert logger.experiment is runlog.run
    runlog.finish()


def test_a_second_training_replaces_nothing_and_goes_to_the_steps_behind(logger: RunlogLogger) -> None:
    for number in range(2):
        for step in range(3):
            logger.log_metrics({"loss": 10 * number + step}, step=step)
    runlog.finish()
    assert logger._run.get().step == 6
    run = logger.experiment
    assert run is not None
    run.finish()
    assert scalars(run.folder)["loss"] == {0: 0, 1: 1, 2: 2, 3: 10, 4: 11, 5: 12}


def test_pictures_tables_and_texts(logger: RunlogLogger) -> None:
    photo = np.zeros((4, 6, 3), np.uint8)
    box = {"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}}
    logger.log_image(
        "pictures", [photo, photo], step=3, caption=["a", "b"], boxes=[{"p": {"box_data": [box]}}, None]
    )
    logger.log_table("rows", ["n", "word"], [[1, "x"]], step=3)
    logger.log_text("table of texts", ["said"], [["hello"]], step=3)
    logger.log_text("say", "hello", step=3)
    run = logger.experiment
    assert run is not None
    run.finish()
    with runlog.open(run.folder) as reader:
        a, b = reader.images()
        assert ((a.caption, len(a.boxes)), (b.caption, len(b.boxes))) == (("a", 1), ("b", 0))
        assert reader.table("rows").rows() == ((1, "x"),)
        assert reader.table("table of texts").rows() == (("hello",),)
        assert [text.text for text in reader.texts()] == ["hello"]


@pytest.mark.parametrize(
    ("images", "each", "message"),
    [
        ("a.png", {}, "must be a list"),
        ([1], {"caption": ["a", "b"]}, "one for each image"),
        ([1], {"caption": "a"}, "one for"),
    ],
)
def test_images_and_what_goes_with_them_are_lists(
    images: object, each: dict[str, object], message: str, logger: RunlogLogger
) -> None:
    with pytest.raises((runlog.InvalidTypeError, runlog.InvalidValueError), match=message):
        logger.log_image("pictures", images, **each)  # type: ignore[arg-type]


def test_a_training_that_failed_ends_its_run_which_a_next_one_goes_on_with(logger: RunlogLogger) -> None:
    logger.log_metrics({"loss": 1}, step=0)
    logger.finalize("failed")
    (run,) = runlog.runs(logger._run._settings["dir"])
    assert (run.state, runlog.run) == ("failed", None)
    logger.log_metrics({"loss": 0.5}, step=1)
    runlog.finish()
    assert scalars(run.folder) == {"loss": {0: 1, 1: 0.5}}


@pytest.mark.parametrize("is_given", [True, False])
def test_a_run_that_is_there_is_logged_to_and_never_ended(is_given: bool, tmp_path: Path) -> None:
    with runlog.init(dir=tmp_path, quiet=True) as run:
        logger = RunlogLogger(run=run if is_given else None, prefix="net")
        logger.log_metrics({"loss": 1}, step=4)
        logger.finalize("failed")
        assert not run.is_finished
    assert scalars(run.folder) == {"net/loss": {4: 1}}


@pytest.mark.parametrize("variable", ["RANK", "LOCAL_RANK", "SLURM_PROCID"])
def test_only_the_first_process_logs(
    variable: str, logger: RunlogLogger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1")
    logger.log_metrics({"loss": 1}, step=0)
    logger.log_hyperparams({"rate": 1})
    logger.save()
    logger.finalize("success")
    assert (logger.experiment, logger.version, logger.log_dir) == (None, None, None)
    assert not (tmp_path / "runs").exists()


def test_it_is_a_logger_to_a_lightning_that_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    class Logger(ABC):  # noqa: B024 - as Lightning has it, for what is registered
        pass

    module = types.ModuleType("lightning.pytorch.loggers.logger")
    module.Logger = Logger  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    assert isinstance(RunlogLogger(), Logger)


def test_no_framework_is_imported(tmp_path: Path) -> None:
    import subprocess

    code = (
        "import sys\n"
        "from runlog.integrations import lightning, transformers, ultralytics\n"
        "print([n for n in ('torch', 'lightning', 'transformers', 'ultralytics') if n in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
