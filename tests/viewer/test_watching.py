"""Changes come as they happen, each once, and errors do not end them."""

from __future__ import annotations

import importlib
import queue
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
PATIENCE = 30.0  # seconds


class Changes:
    """The results of a watch that runs in a thread."""

    def __init__(self, folder: Path) -> None:
        self._results: queue.Queue[runlog_viewer.BuildResult] = queue.Queue()
        self._is_stopped = False
        threading.Thread(target=self._follow, args=(folder,), daemon=True).start()

    def _follow(self, folder: Path) -> None:
        for result in runlog_viewer.watch(folder):
            self._results.put(result)
            if self._is_stopped:
                return

    def next(self, within: float = PATIENCE) -> runlog_viewer.BuildResult:
        return self._results.get(timeout=within)

    def next_where(self, condition: Callable[[runlog_viewer.BuildResult], bool]) -> runlog_viewer.BuildResult:
        while not condition(result := self.next()):
            pass
        return result

    def is_quiet(self, seconds: float) -> bool:
        try:
            self._results.get(timeout=seconds)
        except queue.Empty:
            return True
        return False

    def stop(self) -> None:
        self._is_stopped = True


@pytest.fixture
def watch() -> Iterator[Callable[[Path], Changes]]:
    started: list[Changes] = []

    def begin(folder: Path) -> Changes:
        started.append(Changes(folder))
        return started[-1]

    yield begin
    for changes in started:
        changes.stop()


@pytest.fixture
def recheck(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that says after how many seconds without an event the folder is looked at."""
    # Of that name, the package has the function.
    module = importlib.import_module("runlog_viewer.watching")
    return lambda seconds: monkeypatch.setattr(module, "RECHECK_SECONDS", seconds)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def log(run: runlog.LocalRun, step: int) -> None:
    run.log({"a": runlog.Image(np.full((4, 4), step, np.uint8), normalize=False)}, step=step)


def log_runs(start: Start, *names: str) -> None:
    for name in names:
        with start(id=name) as run:
            log(run, 0)


def test_the_first_result_is_the_first_build(
    start: Start, runs: Path, watch: Callable[[Path], Changes]
) -> None:
    with start(id="a") as run:
        log(run, 0)
    assert watch(runs).next() == runlog_viewer.BuildResult(runs / "index.html", 1, 5, ())


def test_a_logged_step_is_a_change_and_is_told_by_its_event(
    start: Start, runs: Path, watch: Callable[[Path], Changes], recheck: Callable[[float], None]
) -> None:
    recheck(10 * PATIENCE)
    with start(id="a") as run:
        log(run, 0)
        changes = watch(runs)
        changes.next()
        log(run, 1)
        assert changes.next().pages_written == 4
        assert (run.folder / "viewer/steps/000000001.html").exists()


def test_where_nothing_happens_nothing_is_told(
    start: Start, runs: Path, watch: Callable[[Path], Changes], recheck: Callable[[float], None]
) -> None:
    recheck(0.1)
    with start(id="a") as run:
        log(run, 0)
        changes = watch(runs)
        changes.next()
        assert changes.is_quiet(1.0)


def test_a_new_run_is_a_change(start: Start, runs: Path, watch: Callable[[Path], Changes]) -> None:
    with start(id="a") as run:
        log(run, 0)
        changes = watch(runs)
        changes.next()
        with start(id="b") as other:
            changes.next_where(lambda result: result.runs == 2)
            log(other, 0)
            changes.next_where(lambda _: (other.folder / "viewer/steps/000000000.html").exists())


def test_a_run_that_is_removed_is_a_change(
    start: Start, runs: Path, watch: Callable[[Path], Changes]
) -> None:
    log_runs(start, "a", "b")
    changes = watch(runs)
    assert changes.next().runs == 2
    shutil.rmtree(runs / "b")
    changes.next_where(lambda result: result.runs == 1)
    assert not (runs / "b").exists()


def test_a_run_that_is_removed_bit_by_bit_stays_removed(
    start: Start, runs: Path, watch: Callable[[Path], Changes]
) -> None:
    log_runs(start, "a", "b")
    changes = watch(runs)
    changes.next()
    assert changes.is_quiet(0.5)  # the folders that the first build made set off another look
    shutil.rmtree(runs / "b" / "viewer")
    assert changes.is_quiet(0.5)  # where there is much to remove, the rest goes later
    shutil.rmtree(runs / "b")
    changes.next_where(lambda result: result.runs == 1)
    assert not (runs / "b").exists()


def test_a_run_folder_can_be_watched_by_itself(
    start: Start, runs: Path, watch: Callable[[Path], Changes]
) -> None:
    with start(id="a") as run:
        log(run, 0)
        changes = watch(run.folder)
        assert changes.next().index == run.folder / "index.html"
        log(run, 1)
        assert changes.next().pages_written == 3


def test_a_run_that_breaks_is_a_problem_and_the_watch_goes_on(
    start: Start, runs: Path, watch: Callable[[Path], Changes]
) -> None:
    with start(id="a") as run:
        log(run, 0)
        changes = watch(runs)
        changes.next()
        (runs / "b").mkdir()
        (runs / "b" / "run.db").write_bytes(b"no database" * 1000)
        (problem,) = changes.next_where(lambda result: bool(result.problems)).problems
        assert "b" in problem
        shutil.rmtree(runs / "b")
        changes.next_where(lambda result: not result.problems)
        log(run, 1)
        changes.next_where(lambda _: (run.folder / "viewer/steps/000000001.html").exists())


def test_a_folder_that_is_gone_for_a_while_is_a_problem_and_comes_back(
    start: Start, runs: Path, watch: Callable[[Path], Changes], recheck: Callable[[float], None]
) -> None:
    recheck(0.1)
    with start(id="a") as run:
        log(run, 0)
    changes = watch(runs)
    changes.next()
    runs.rename(runs.with_name("away"))
    changes.next_where(lambda result: bool(result.problems))
    assert not runs.exists()
    runs.with_name("away").rename(runs)
    changes.next_where(lambda result: not result.problems and result.runs == 1)


def test_a_missing_folder_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(runlog.StorageError):
        next(runlog_viewer.watch(tmp_path / "nowhere"))
