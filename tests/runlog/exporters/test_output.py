"""Where an export goes: a new folder, whole or not there."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog
from runlog.exporters import coco, imagefolder, tables
from runlog.exporters.output import new_folder

Start = Callable[..., runlog.LocalRun]
EXPORTS = pytest.mark.parametrize(
    "export", [coco.export, imagefolder.export, tables.export], ids=["coco", "imagefolder", "csv"]
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def run(start: Start) -> runlog.LocalRun:
    """Return a run with one image."""
    with start() as run:
        run.log({"a": runlog.Image(np.full((4, 4), 99, np.uint8))})
    return run


@EXPORTS
def test_a_new_or_an_empty_folder_is_filled_and_nothing_else_is_left(
    export: Callable[..., object], run: runlog.LocalRun, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    export(run.folder, tmp_path / "deep" / "new")
    export(run.folder, tmp_path / "empty")
    first, second = (names(tmp_path / name) for name in ("deep/new", "empty"))
    assert first == second
    assert not [name for name in first if name.startswith(".")]
    assert names(tmp_path) == ["deep", "empty", "runs"]


@EXPORTS
def test_a_folder_that_holds_anything_is_refused_and_left_alone(
    export: Callable[..., object], run: runlog.LocalRun, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").write_text("kept")
    with pytest.raises(runlog.InvalidValueError, match="must go to a new or empty folder"):
        export(run.folder, out)
    assert [path.name for path in out.iterdir()] == ["mine"]


@EXPORTS
def test_a_file_in_its_place_is_refused(
    export: Callable[..., object], run: runlog.LocalRun, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("kept")
    with pytest.raises(runlog.InvalidValueError, match="must go to a new or empty folder"):
        export(run.folder, tmp_path / "out")


@EXPORTS
@pytest.mark.parametrize("inside", [".", "export", "media/export"])
def test_a_run_folder_is_no_place_for_an_export(
    export: Callable[..., object], run: runlog.LocalRun, inside: str
) -> None:
    before = sorted(run.folder.rglob("*"))
    with pytest.raises(runlog.InvalidValueError, match="outside the run folder"):
        export(run.folder, run.folder / inside)
    assert sorted(run.folder.rglob("*")) == before


@EXPORTS
@pytest.mark.parametrize("options", [{"keys": "none"}, {"steps": 77}, {"layers": "none"}])
def test_after_an_error_nothing_is_left(
    export: Callable[..., object], run: runlog.LocalRun, options: dict[str, object], tmp_path: Path
) -> None:
    with pytest.raises(runlog.InvalidValueError):
        export(run.folder, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_an_interrupted_export_leaves_nothing_under_a_final_name(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(KeyboardInterrupt), new_folder(tmp_path / "out", tmp_path / "run") as folder:
        (folder / "half").write_text("written")
        assert not (tmp_path / "out" / "half").exists()
        raise KeyboardInterrupt
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_clear_error(run: runlog.LocalRun, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(runlog.StorageError, match=r"must be writable, but .*file"):
        coco.export(run.folder, tmp_path / "file" / "out")


@pytest.mark.parametrize("name", ["coco", "csv", "imagefolder"])
def test_a_full_disk_is_one_clear_line_and_leaves_nothing(
    name: str, run: runlog.LocalRun, tmp_path: Path
) -> None:
    # No file may grow past 10 bytes.
    code = (
        "import resource, signal, sys; from runlog.cli import main\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-W", "error", "-c", code, "export", name, run.folder, "-o", tmp_path / "out"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    (line,) = result.stderr.splitlines()
    assert (result.returncode, "must be writable" in line, "None" in line) == (2, True, False)
    assert not (tmp_path / "out").exists()


@EXPORTS
def test_a_folder_without_a_run_is_refused(export: Callable[..., object], tmp_path: Path) -> None:
    with pytest.raises(runlog.StorageError, match=str(tmp_path / "none")):
        export(tmp_path / "none", tmp_path / "out")
    assert not (tmp_path / "out").exists()
