"""Interrupts: whatever a signal handler raises or does, at any moment, a call is done or not done.

A longer run, of 2,400 interrupts and 300 handlers: ``python -m pytest -m interrupts``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog

sys.path.insert(0, str(Path(__file__).parent))
from interrupted import number_of, one_call, pixels, values

Start = Callable[..., runlog.LocalRun]
SCRIPT = Path(__file__).with_name("interrupted.py")


def run_script(what: str, folder: Path, *numbers: int) -> list[dict[str, Any]]:
    command = [sys.executable, str(SCRIPT), what, str(folder), *map(str, numbers)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    return [json.loads(line) for line in result.stdout.splitlines()]


def check_files(reader: runlog.RunReader) -> None:
    """Check that each row has its file, whole, and each file its row."""
    folder = reader.folder
    assert {folder / media.path for media in reader.media()} == {
        path for path in (folder / "media").rglob("*") if path.is_file()
    }
    assert runlog.check(folder).problems == ()


class Stored:
    """What a run folder holds, by place."""

    def __init__(self, folder: Path) -> None:
        with runlog.open(folder) as reader:
            check_files(reader)
            self.run = reader.run()
            self.scalars = {
                (series.key, int(step)): float(value)
                for series in reader.scalars()
                for step, value in zip(series.steps, series.values, strict=True)
            }
            self.texts = {(text.key, text.step): text.text for text in reader.texts()}
            self.images: dict[tuple[str, int], list[runlog.ImageRecord]] = {}
            for image in reader.images([step.step for step in reader.steps()]):
                self.images.setdefault((image.key, image.step), []).append(image)
        self.folder = folder

    def number(self, place: str) -> int:
        """Return the number of the call that a place holds, 0 if none, having checked that all of it is there."""
        if place == "flush":
            return 0
        if place in ("config", "summary"):
            found = getattr(self.run, place)
            assert found.get("c", 0) == -found.get("d", 0)
            return found.get("c", 0)
        step = int(place.removeprefix("step "))
        return int(self.scalars.get(("a", step), 0))

    def check_call(self, call: str, number: int, step: int) -> None:
        """Check that all values of a call are at a step."""
        for key, value in values(call, number).items():
            if isinstance(value, int):
                assert self.scalars[key, step] == value
            elif isinstance(value, str):
                assert self.texts[key, step] == value
            else:
                self._check_images(key, step, value if isinstance(value, list) else [value])

    def _check_images(self, key: str, step: int, logged: list[runlog.Image]) -> None:
        stored = self.images[key, step]
        assert [image.index for image in stored] == list(range(len(logged)))
        for record, image in zip(stored, logged, strict=True):
            assert record.caption == image.caption
            assert [len(layer.boxes) for layer in record.boxes] == [3] * len(image.boxes)
            with PILImage.open(self.folder / record.media.path) as file:
                assert np.array_equal(np.asarray(file), np.asarray(image.image))
            for mask in record.masks:
                with PILImage.open(self.folder / mask.media.path) as file:
                    assert np.array_equal(np.asarray(file), image.masks[mask.name].mask_data)


def check_interrupted(folder: Path, result: dict[str, Any]) -> None:
    """Check that each place holds its last call that was acknowledged, or one after it, and all of that."""
    stored = Stored(folder)
    assert stored.run.state == "finished"
    for place, calls in result["places"].items():
        number = stored.number(place)
        assert place == "flush" or number in dict(calls), f"{place} holds {number}, not one of {calls}"
        if place.startswith("step ") and number:
            stored.check_call(dict(calls)[number], number, int(place.removeprefix("step ")))
    beside = [value for (key, _), value in stored.scalars.items() if key.startswith("beside")]
    assert sorted(beside) == list(range(len(beside)))


def hail(folder: Path, seeds: range, wanted: int) -> int:
    interrupts = 0
    for seed in seeds:
        (result,) = run_script("interrupted", folder / str(seed), seed, wanted)
        check_interrupted(folder / str(seed) / "r", result)
        interrupts += result["interrupts"]
    return interrupts


def end_by_handler(folder: Path, seed: int, count: int) -> None:
    for ended in run_script("handled", folder, seed, count):
        assert ended["status"] == 7, "the handler logged, finished and exited without an error"
        stored = Stored(folder / ended["run"])
        assert stored.run.state == "finished"
        assert [value for (key, _), value in stored.scalars.items() if key == "preempted"] == [15]
        for number in range(ended["acknowledged"]):
            stored.check_call("masks", number, number)


def test_interrupts_at_random_moments_leave_each_call_done_or_not_done(tmp_path: Path) -> None:
    assert hail(tmp_path, range(2), 80) >= 160


def test_a_handler_that_logs_finishes_and_exits_works_wherever_it_lands(tmp_path: Path) -> None:
    end_by_handler(tmp_path, 1, 12)


@pytest.mark.interrupts
def test_2400_interrupts_leave_each_call_done_or_not_done(tmp_path: Path) -> None:
    assert hail(tmp_path, range(100, 112), 200) >= 2400


@pytest.mark.interrupts
def test_300_handlers_that_log_finish_and_exit_work_wherever_they_land(tmp_path: Path) -> None:
    end_by_handler(tmp_path, 2, 300)
