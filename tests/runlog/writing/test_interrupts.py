"""Interrupts: whatever a signal handler raises or does, at any moment, a call is done or not done.

A longer run, of 2,400 interrupts and 300 handlers: ``python -m pytest -m interrupts``.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog.basics.uninterrupted import GivenUp, give_up_check
from runlog.images import formats

from .interrupted import CALLS, OF_RUN, Stop, content, one_call, pixels, values

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
    assert {folder / kept.path for kept in (*reader.media(), *reader.files())} == {
        path for name in ("media", "files") for path in (folder / name).rglob("*") if path.is_file()
    }
    assert runlog.check(folder).problems == ()
    assert runlog.verify(folder).problems == ()


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
            self.files: dict[tuple[str, int], list[bytes]] = {}
            for file in reader.files():
                if file.key is not None and file.step is not None:
                    self.files.setdefault((file.key, file.step), []).append(
                        (reader.folder / file.path).read_bytes()
                    )
            self.images: dict[tuple[str, int], list[runlog.ImageRecord]] = {}
            for image in reader.images([step.step for step in reader.steps()]):
                self.images.setdefault((image.key, image.step), []).append(image)
        self.folder = folder

    def number(self, place: str) -> int:
        """Return the number of the call that a place holds, 0 if none."""
        if place == "flush":
            return 0
        if place == "save":
            saved = self.folder / "files" / "saved"
            if not saved.exists():
                return 0
            number = int(saved.read_bytes().partition(b" ")[0])
            assert saved.read_bytes() == content(number)
            return number
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
            elif key == "f":
                assert self.files[key, step] == [content(number)] * len(value)
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


class InterruptAt:
    """Raises at the n-th moment at which Python looks for signals: a function begins, or one of C ends."""

    def __init__(self, moment: int, what: type[BaseException] = KeyboardInterrupt) -> None:
        self._what = what
        assert threading.current_thread() is threading.main_thread(), "elsewhere no signal handler runs"
        self._left = moment

    def happens_in(self, call: Callable[[], object]) -> bool:
        """Make a call; return whether it was interrupted, False if it has fewer moments."""
        sys.setprofile(self._look)
        try:  # noqa: SIM105 - it would have such moments of its own
            call()
        except self._what:
            pass
        sys.setprofile(None)
        return self._left <= 0

    def _look(self, frame: FrameType, event: str, what: object) -> None:
        if event in ("call", "c_return"):
            self._left -= 1
            if self._left == 0:
                raise self._what


# Python loses what is raised while it closes a generator, and says so.
each_moment = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
# Runs begin and end with waiting for the disk: of their moments the gate takes every seventh.
some_moments = pytest.mark.parametrize("stride", [7, pytest.param(1, marks=pytest.mark.interrupts)])


@each_moment
@pytest.mark.parametrize("what", [KeyboardInterrupt, Stop])
def test_at_each_moment_an_interrupted_call_is_done_or_not_done(
    start: Start, what: type[BaseException]
) -> None:
    run = start(encode_threads=2)
    places: dict[str, list[tuple[int, str]]] = {}
    number = 0
    for call in CALLS:
        is_interrupted, moment = True, 0
        while is_interrupted:
            number, moment = number + 1, moment + 1
            is_interrupted = InterruptAt(moment, what).happens_in(one_call(run, call, number, number))
            place = call if call in OF_RUN else f"step {number}"
            before = places.get(place, [(0, "nothing")])
            places[place] = [*(before if is_interrupted else []), (number, call)]
        assert moment > 10
    run.finish()
    check_interrupted(run.folder, {"places": places})


@each_moment
@some_moments
def test_at_each_moment_an_interrupted_finish_can_be_repeated(start: Start, stride: int) -> None:
    is_interrupted, moment = True, 0
    while is_interrupted:
        moment += stride
        run = start()
        run.log(values("masks", moment), step=moment)
        is_interrupted = InterruptAt(moment).happens_in(run.finish)
        run.finish()
        stored = Stored(run.folder)
        assert stored.run.state == "finished"
        stored.check_call("masks", moment, moment)
    assert moment > 5 * stride


@each_moment
@some_moments
def test_at_each_moment_an_interrupted_init_left_a_run_to_log_to_or_nothing(
    start: Start, stride: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_interrupted, moment = True, 0
    while is_interrupted:
        moment += stride
        monkeypatch.setattr("runlog.writing.current._current", None)
        is_interrupted = InterruptAt(moment).happens_in(partial(start, id=f"r{moment}"))
        if not (tmp_path / "runs" / f"r{moment}").exists():
            start(id=f"r{moment}")
        runlog.log({"a": 1})
        runlog.finish()
        assert Stored(tmp_path / "runs" / f"r{moment}").scalars == {("a", 0): 1}
    assert moment > 5 * stride


@each_moment
def test_at_each_moment_an_interrupted_metric_is_defined_or_not(start: Start) -> None:
    run = start()
    run.log({"a": 2})
    run.log({"a": 3})
    is_interrupted, moment = True, 0
    while is_interrupted:
        moment += 1
        rule = "min" if moment % 2 else "max"
        is_interrupted = InterruptAt(moment).happens_in(partial(run.define_metric, "a", summary=rule))
        with runlog.open(run.folder) as reader:
            rules = [metric.summary for metric in reader.metrics()]
            assert not rules or rules[0] in ("min", "max")
            assert reader.run().summary["a"] == {"min": 2, "max": 3}.get(*rules or "-", 3) == run.summary["a"]
    assert moment > 10
    run.finish()


@contextlib.contextmanager
def handler(handle: Callable[[], object]):
    """Call a function where SIGUSR1 arrives."""
    before = signal.signal(signal.SIGUSR1, lambda *_: handle())
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)


def interrupt_encoding(monkeypatch: pytest.MonkeyPatch, at: int, wait: Callable[[], object]) -> list[int]:
    """Send SIGUSR1 while a picture is encoded, and wait; return what is encoded."""
    encode, encoded = formats.encode, []

    def encode_and_signal(*arguments: Any, **options: Any) -> bytes:
        encoded.append(len(encoded))
        if len(encoded) == at:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
            wait()
        return encode(*arguments, **options)

    monkeypatch.setattr(formats, "encode", encode_and_signal)
    return encoded


def wait_until_given_up() -> None:
    """Wait, in the thread of a call, until its caller has been interrupted."""
    check, deadline = give_up_check(), time.monotonic() + 60
    with contextlib.suppress(GivenUp):
        while time.monotonic() < deadline:
            check()
            time.sleep(0.001)


def test_a_handler_may_log_and_finish_amid_another_call_which_is_done_first(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(encode_threads=1)

    def log_and_finish() -> None:
        run.log({"by handler": 1})
        run.finish()

    interrupt_encoding(monkeypatch, at=2, wait=partial(time.sleep, 0.1))
    with handler(log_and_finish):
        run.log(values("list", 5))
    stored = Stored(run.folder)
    assert stored.run.state == "finished"
    stored.check_call("list", 5, 0)
    assert stored.scalars["by handler", 1] == 1


def test_an_interrupted_list_is_given_up_and_leaves_no_file(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(encode_threads=1)
    encoded = interrupt_encoding(monkeypatch, at=3, wait=wait_until_given_up)

    def stop() -> None:
        raise KeyboardInterrupt

    with handler(stop), pytest.raises(KeyboardInterrupt):
        run.log({"k": [runlog.Image(pixels(number)) for number in range(50)]})
    assert len(encoded) == 3
    assert [path for path in (run.folder / "media").rglob("*") if path.is_file()] == []
    assert run.step == 0
    run.log({"k": runlog.Image(pixels(1))})
    run.finish()
    assert list(Stored(run.folder).images) == [("k", 0)]


def test_a_finalizer_that_logs_amid_a_call_is_told_so_and_harms_nothing(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, encode, refusals = start(), formats.encode, []

    def finalize_and_encode(*arguments: Any, **options: Any) -> bytes:
        # A collector's pass may run any finalizer here, in this thread.
        with pytest.raises(runlog.InvalidValueError, match="from inside of a call that writes it") as refused:
            run.log({"a": 1})
        refusals.append(refused)
        return encode(*arguments, **options)

    monkeypatch.setattr(formats, "encode", finalize_and_encode)
    run.log(values("masks", 3))
    run.finish()
    assert refusals
    Stored(run.folder).check_call("masks", 3, 0)


def test_a_disk_trouble_in_the_call_is_said_in_the_callers_line(start: Start) -> None:
    run = start(on_error="warn")
    (run.folder / "media").write_text("in the way")
    with pytest.warns(runlog.RunlogWarning, match="must be writable") as caught:
        run.log({"k": runlog.Image(pixels(1))})
    assert [Path(warning.filename).name for warning in caught] == [Path(__file__).name]
    (run.folder / "media").unlink()
    with pytest.warns(runlog.RunlogWarning, match="1 calls"):
        run.finish()


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
