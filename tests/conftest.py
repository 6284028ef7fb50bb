"""Fixtures shared by all tests: real folders, real runs."""

from __future__ import annotations

import gc
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

import runlog
from runlog.secrets import given

# What the tests themselves are told: which programs to run, and how much of it.
OURS = ("RUNLOG_CHROMIUM", "RUNLOG_FIREFOX", "RUNLOG_TEST_", "RUNLOG_RANDOM_")
# What a scheduler, a launcher, a hook of git or a profile sets, and what is under test would heed.
SETTINGS = ("RUNLOG_", "WANDB_", "SLURM_", "OMPI_", "PMI_", "GIT_")
SETTING = {"RANK", "LOCAL_RANK", "PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONUTF8", "COLUMNS", "FORCE_COLOR"}
# With it, each of hundreds of processes would compile all of this checkout, and each worker all tests.
SETTING.add("PYTHONDONTWRITEBYTECODE")
# A run that ends waits for a disk to sync its files: half of what thousands of short runs take. Where there
# is room in memory, only the folders of tests that are marked `on_disk` are on one.
DISK, MEMORY, ROOM = "/var/tmp", "/dev/shm", 4 << 30
_NUMBERS = count()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers ``-n auto`` starts: more than processors, as some wait for a browser."""
    processors = len(os.sched_getaffinity(0))
    return processors + min(processors // 2, 4)


def pytest_configure() -> None:
    """Start out as from a terminal: children inherit what the process that started the tests had set.

    A shell has what it starts in the background ignore SIGINT, nohup SIGHUP, and a child would ignore it too.
    A handler is not inherited; one that does nothing lets this process go on as it was told to.
    """
    for name in [name for name in os.environ if name.startswith(SETTINGS) or name in SETTING]:
        if not name.startswith(OURS):
            del os.environ[name]
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.umask(0o022)
    # How long an example takes says how busy the machine is. A gate that is red now and then tells nothing
    # either: what is found by chance, a developer's own run finds.
    settings.register_profile("ours", deadline=None, derandomize=bool(os.environ.get("CI")))
    settings.load_profile("ours")
    if "TMPDIR" not in os.environ and _is_room_in_memory():
        tempfile.tempdir = os.environ["TMPDIR"] = MEMORY


def _is_room_in_memory() -> bool:
    """Return whether tests may have their folders there: in containers, it is small, or starts no program."""
    if not Path(MEMORY).is_dir():
        return False
    return shutil.disk_usage(MEMORY).free >= ROOM and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC


@pytest.fixture(scope="session")
def _on_disk() -> Iterator[Path]:
    """Keep what is on a disk until all tests have ended: a run that one let go of may end later."""
    with tempfile.TemporaryDirectory(prefix="runlog-tests-", dir=DISK, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of the test's own: in memory, or on the disk where the test is marked so.

    It is numbered here: pytest looks for the next number among the folders of all tests before.
    """
    on_disk = request.node.get_closest_marker("on_disk") is not None
    base = request.getfixturevalue("_on_disk") if on_disk else tmp_path_factory.getbasetemp()
    folder: Path = base / (re.sub(r"\W", "_", request.node.name)[:30] + str(next(_NUMBERS)))
    folder.mkdir(mode=0o700)
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where the gate runs, a test of what is not installed has failed, rather than been left out."""
    report = yield
    if (reason := _lacking(report)) is not None:
        report.outcome, report.longrepr = "failed", reason
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """As with a test, so with a whole module of tests.

    Every other worker begins with the last folders and modules: each has then half of them to compile, and
    finds the other half compiled.
    """
    report = yield
    if (reason := _lacking(report)) is not None:
        report.outcome, report.longrepr = "failed", reason
    if isinstance(collector, pytest.Directory) and _worker_number(collector.config) % 2 == 1:
        report.result.reverse()
    return report


def _worker_number(config: pytest.Config) -> int:
    """Return which worker of pytest-xdist this process is; -2 if it is none."""
    return int(getattr(config, "workerinput", {"workerid": "gw-2"})["workerid"].removeprefix("gw"))


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, object, object]:
    """Let all workers have the tests in one order, whichever they came in."""
    if _worker_number(config) >= 0:
        items.sort(key=lambda item: item.path.parts)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while tests are collected, nor among them later: half a million objects stay.

    Among others it is looked for after 10,000 more, not after each 700: that took a twentieth of the time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000, 10, 10)
        gc.enable()


def _lacking(report: pytest.TestReport | pytest.CollectReport) -> str | None:
    """Return what is not installed, where nothing may be left out for that."""
    if not (report.skipped and os.environ.get("CI") and isinstance(report.longrepr, tuple)):
        return None
    reason = report.longrepr[-1]
    # The latter is what `importorskip` says by itself.
    return reason if "not installed" in reason or "could not import" in reason else None


@pytest.fixture(autouse=True)
def _own_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what a test gives as a key be no secret in the tests after it."""
    monkeypatch.setattr(given, "_given", set())


@pytest.fixture(scope="session", autouse=True)
def _own_caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the developer's cache out of what tests share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep what one test caches from the others."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def _starter(folder: Path) -> Callable[..., runlog.LocalRun]:
    def start_run(**arguments: object) -> runlog.LocalRun:
        options: dict[str, object] = {
            "dir": folder,
            "quiet": True,
            "record_environment": False,
            **arguments,
        }
        return runlog.init(**options)  # type: ignore[arg-type]

    return start_run


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., runlog.LocalRun]:
    """Return a function that starts a quiet run in ``tmp_path / "runs"``."""
    return _starter(tmp_path / "runs")


@pytest.fixture(scope="module")
def shared_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a runs folder that the tests of a module only read."""
    return tmp_path_factory.mktemp("shared") / "runs"


@pytest.fixture(scope="module")
def start_shared(shared_runs: Path) -> Callable[..., runlog.LocalRun]:
    """Return a function that starts a quiet run in `shared_runs`."""
    return _starter(shared_runs)


@pytest.fixture
def photo() -> np.ndarray:
    """Return an 8-bit colour picture of 24×16 pixels in which no two pixels are alike."""
    pixels = np.arange(16 * 24 * 3, dtype=np.uint16).reshape(16, 24, 3)
    return (pixels * 7 % 251).astype(np.uint8)
