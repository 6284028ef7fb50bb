"""One table says which formats there are; all of them are asked for alike, and the help follows it."""

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog
from runlog.errors import InvalidValueError
from runlog.exporters import entry
from runlog.exporters.formats import FORMATS

PICTURE = runlog.Image(np.zeros((4, 4), np.uint8))


@pytest.fixture
def run(start: Callable[..., runlog.LocalRun]) -> runlog.LocalRun:
    with start() as run:
        for step in range(3):
            run.log({"val": [PICTURE]}, step=step)
    return run


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_the_same_arguments_and_says_what_to_open(
    name: str, run: runlog.LocalRun, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    export = FORMATS[name].exporter()
    result = export(
        run.folder, tmp_path / "out", keys="v*", steps="1:", progress=lambda *done: seen.append(done)
    )
    assert result.path.exists()
    assert result.path.is_relative_to(tmp_path / "out")
    assert result.written["images"] == 2
    assert seen[-1] == (2, 2)
    assert inspect.signature(export) == inspect.signature(FORMATS["coco"].exporter())


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_to_write_is_refused_and_leaves_no_folder(
    name: str, run: runlog.LocalRun, tmp_path: Path
) -> None:
    with pytest.raises(InvalidValueError, match="nothing at these keys and steps"):
        FORMATS[name].exporter()(run.folder, tmp_path / "out", steps=7)
    assert not (tmp_path / "out").exists()


def test_every_exporter_of_the_room_is_in_the_table() -> None:
    sources = {path.stem: path.read_text() for path in Path(entry.__file__).parent.glob("*.py")}
    exporters = {name for name, source in sources.items() if re.search(r"^@exporter\(", source, re.M)}
    assert exporters == {known.module for known in FORMATS.values()}


def test_the_help_names_every_format() -> None:
    command = [sys.executable, "-m", "runlog", "export", "--help"]
    shown = " ".join(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    for name, known in FORMATS.items():
        assert re.search(rf"\b{name}\b", shown)
        assert known.words in shown
