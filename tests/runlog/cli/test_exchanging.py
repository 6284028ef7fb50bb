"""``runlog export`` and ``runlog import``: what it prints, where, and with which exit code."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from tensorboardX import SummaryWriter

import runlog

from .calling import call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a run with boxes, of which one cannot be drawn."""
    boxes = [
        {"position": {"minX": 0, "maxX": high, "minY": 0, "maxY": 1}, "scores": {"confidence": score}}
        for high, score in ((1, 0.9), (1, 0.1), (-1, 0.9))
    ]
    with runlog.init(dir=tmp_path / "runs", quiet=True) as run, warnings.catch_warnings():
        warnings.simplefilter("ignore", runlog.RunlogWarning)
        for step in range(3):
            picture = runlog.Image(np.full((4, 4), 99, np.uint8), boxes={"p": {"box_data": boxes}})
            run.log({"val": picture, "train": picture, "loss": 1}, step=step)
    return run.folder


# Export


@pytest.mark.parametrize(
    ("name", "opened"), [("coco", "annotations.json"), ("csv", "."), ("imagefolder", ".")]
)
def test_it_prints_what_to_open_and_says_what_was_left_out(
    name: str, opened: str, folder: Path, tmp_path: Path
) -> None:
    options = ("--keys", "val", "--steps", "1:", "--layers", "p", "--min-score", "confidence=0.5")
    result = call("export", name, folder, "-o", tmp_path / "out", *options)
    assert result.returncode == 0
    assert Path(result.stdout.strip()) == tmp_path / "out" / opened
    lines = result.stderr.splitlines()
    assert "runlog: left out: boxes whose score is too low, missing or not a number: 2" in lines
    assert len(lines) == (1 if name == "csv" else 2)


def test_what_was_asked_for_is_what_is_written(folder: Path, tmp_path: Path) -> None:
    call("export", "coco", folder, "-o", tmp_path / "out", "--keys", "val", "--steps", "last")
    dataset = json.loads((tmp_path / "out" / "annotations.json").read_text())
    assert [(image["key"], image["step"]) for image in dataset["images"]] == [("val", 2)]
    assert len(dataset["annotations"]) == 2


def test_several_keys_may_follow_one_option_or_several(folder: Path, tmp_path: Path) -> None:
    for number, keys in enumerate((["--keys", "val", "train"], ["--keys", "val", "--keys", "train"])):
        out = tmp_path / str(number)
        assert call("export", "csv", folder, "-o", out, *keys).returncode == 0
        assert len((out / "images.csv").read_text().splitlines()) == 7


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--keys", "none"], ["'none'", "'train', 'val'"]),
        (["--steps", "soon"], ["steps", "'soon'"]),
        (["--min-score", "high"], ["min_score", "'high'"]),
        (["--layers", "q"], ["layers", "'p'"]),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    options: list[str], words: list[str], folder: Path, tmp_path: Path
) -> None:
    result = call("export", "coco", folder, "-o", tmp_path / "out", *options)
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert all(word in line for word in words)


def test_a_missing_media_file_is_said_and_exit_code_2(folder: Path, tmp_path: Path) -> None:
    missing = next((folder / "media").rglob("*.png"))
    missing.unlink()
    result = call("export", "coco", folder, "-o", tmp_path / "out")
    assert result.returncode == 2
    assert missing.name in result.stderr
    assert (tmp_path / "out" / "annotations.json").is_file()


# Import


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Return a folder with two logs: numbers and curves, and only a curve."""
    for name, numbers in (("a", 3), ("b", 0)):
        writer = SummaryWriter(str(tmp_path / "logs" / name))
        for step in range(numbers):
            writer.add_scalar("loss", step, step)
        writer.add_pr_curve("curve", np.array([0, 1]), np.array([0.2, 0.8]), 0)
        writer.close()
    return tmp_path / "logs"


def test_import_prints_the_run_folders_and_says_what_it_did_not_take(logs: Path, tmp_path: Path) -> None:
    result = call("import", "tensorboard", logs, "--dir", tmp_path / "runs")
    assert result.returncode == 0
    assert [Path(line) for line in result.stdout.splitlines()] == list((tmp_path / "runs").iterdir())
    assert result.stderr.splitlines() == [
        f"runlog: not taken: {logs / 'a'}: pr_curves: 1 ('curve')",
        f"runlog: not taken: {logs / 'b'}: pr_curves: 1 ('curve')",
        f"runlog: note: {logs / 'b'}: nothing in it could be taken, so there is no run",
    ]


def test_a_log_that_is_cut_off_is_a_note_and_a_broken_one_is_exit_code_2(logs: Path, tmp_path: Path) -> None:
    (file,) = (logs / "a").iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    cut_off = call("import", "tensorboard", file, "--dir", tmp_path / "runs")
    assert (cut_off.returncode, "ends in the middle" in cut_off.stderr) == (0, True)
    file.write_bytes(b"x" + whole)
    broken = call("import", "tensorboard", file, "--dir", tmp_path / "runs")
    assert (broken.returncode, broken.stdout) == (2, "")
    assert "bytes lost" in broken.stderr
    assert "Traceback" not in broken.stderr


@pytest.mark.parametrize("path", [".", "none"])
def test_a_folder_without_logs_is_one_line_and_exit_code_2(path: str, tmp_path: Path) -> None:
    result = call("import", "tensorboard", tmp_path / path, "--dir", tmp_path / "runs")
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert "event files" in line


# Many runs


def test_parquet_takes_many_runs_and_refuses_what_is_of_one(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed, so Parquet was NOT tested")
    out = tmp_path / "out"
    result = call("export", "parquet", folder.parent, "-o", out)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{out}\n", "")
    assert (out / "boxes/part-0000.parquet").is_file()
    (folder.parent / "bad").mkdir()
    (folder.parent / "bad/run.db").write_bytes(b"garbage" * 1000)
    result = call("export", "parquet", folder.parent, "-o", out)
    assert result.returncode == 2
    assert "bad is left out" in result.stderr
    assert "--keys must not be given" in call("export", "parquet", folder, "-o", out, "--keys", "val").stderr
    assert (
        "--pictures must not be given"
        in call("export", "csv", folder, "-o", out, "--pictures", "paths").stderr
    )
    assert "must be of one run" in call("export", "csv", folder, folder, "-o", out).stderr


def test_join_prints_the_run_of_all_ranks_and_says_which_go_on(tmp_path: Path) -> None:
    runs = tmp_path / "ranks"
    options = {"dir": runs, "quiet": True, "record_environment": False}
    with runlog.init(id="job-r0", **options) as run:
        run.log({"loss": 1.0})
    live = runlog.init(id="job-r1", **options)
    live.log({"loss": 2.0})
    result = call("join", runs)
    assert (result.returncode, result.stdout) == (0, f"{runs / 'job'}\n")
    assert result.stderr == "runlog: note: job: 1 of 2 ranks go on; join again later\n"
    live.finish()
    assert call("join", runs, "--numbers", "each").stderr == ""
    with runlog.open(runs / "job") as reader:
        assert [one.key for one in reader.scalars()] == ["loss/rank-0", "loss/rank-1"]
    result = call("join", tmp_path)
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
