"""``init(system=True)``: numbers of the machine over time, which touch no step."""

import sys
import threading
import time
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import runlog
from runlog.writing import local_run, settings
from runlog.writing.system import SystemProbe

Start = Callable[..., runlog.LocalRun]

pytest.importorskip("psutil", reason="psutil is not installed, so no number of the machine was TESTED")


class Nvml(types.SimpleNamespace):
    """NVML of a machine of two GPUs, the second of which does not tell its power."""

    class NVMLError(Exception):
        """As of NVML."""

    NVML_TEMPERATURE_GPU = 0

    def __init__(self, processes: dict[int, list[int]]) -> None:
        super().__init__()
        self.processes = processes

    def nvmlInit(self) -> None:  # noqa: N802
        """Do nothing."""

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 2

    def nvmlDeviceGetHandleByIndex(self, number: int) -> int:  # noqa: N802
        return number

    def nvmlDeviceGetUUID(self, gpu: int) -> str:  # noqa: N802
        return f"GPU-{gpu}abc"

    def nvmlDeviceGetComputeRunningProcesses(self, gpu: int) -> list[Any]:  # noqa: N802
        return [types.SimpleNamespace(pid=pid) for pid in self.processes.get(gpu, [])]

    def nvmlDeviceGetUtilizationRates(self, gpu: int) -> Any:  # noqa: N802
        return types.SimpleNamespace(gpu=40 + gpu)

    def nvmlDeviceGetMemoryInfo(self, gpu: int) -> Any:  # noqa: N802
        return types.SimpleNamespace(used=(gpu + 1) * 10**9)

    def nvmlDeviceGetTemperature(self, gpu: int, kind: int) -> int:  # noqa: N802
        return 60 + gpu

    def nvmlDeviceGetPowerUsage(self, gpu: int) -> int:  # noqa: N802
        if gpu:
            raise self.NVMLError
        return 250_000


def test_the_processor_and_the_memory_of_this_process_are_measured() -> None:
    probe = SystemProbe()
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass
    block = np.ones(30_000_000, np.uint8)
    found = probe.sample()
    assert 1 < found["process.cpu_percent"] < 800
    assert block.nbytes / 1e9 < found["process.memory_gb"] < 50
    assert 0 < found["machine.memory_percent"] <= 100
    assert 0 <= found["machine.cpu_percent"] <= 100


@pytest.mark.parametrize(
    ("visible", "processes", "gpus"),
    [
        (None, {}, {0, 1}),
        ("1", {}, {1}),
        ("GPU-0a", {}, {0}),
        ("", {}, set()),
        (None, {1: ["this"]}, {1}),
        ("0,1", {0: [1], 1: ["this"]}, {1}),
    ],
)
def test_the_gpus_of_this_process_are_measured_or_else_those_it_may_use(
    monkeypatch: pytest.MonkeyPatch, visible: str | None, processes: dict[int, list[Any]], gpus: set[int]
) -> None:
    import os

    own = {gpu: [os.getpid() if pid == "this" else pid for pid in pids] for gpu, pids in processes.items()}
    monkeypatch.setitem(sys.modules, "pynvml", Nvml(own))
    if visible is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    found = {key: value for key, value in SystemProbe().sample().items() if key.startswith("gpu.")}
    expected = {
        "gpu.0.utilization_percent": 40.0,
        "gpu.0.memory_gb": 1.0,
        "gpu.0.temperature_celsius": 60.0,
        "gpu.0.power_watts": 250.0,
        "gpu.1.utilization_percent": 41.0,
        "gpu.1.memory_gb": 2.0,
        "gpu.1.temperature_celsius": 61.0,
    }
    assert found == {key: value for key, value in expected.items() if int(key.split(".")[1]) in gpus}


def test_they_are_stored_beside_the_steps_and_raise_no_revision(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "LEAST_SYSTEM_SECONDS", 0.01)
    measured = threading.Event()
    add = local_run.Store.add_system_numbers

    def added(store: Any, values: Any) -> None:
        add(store, values)
        if reader_count() >= 3 * 4:
            measured.set()

    def reader_count() -> int:
        with runlog.open(run.folder) as reader:
            return sum(len(one.values) for one in reader.system_numbers())

    monkeypatch.setattr(local_run.Store, "add_system_numbers", added)
    run = start(system=0.02)
    run.log({"loss": 1.0})
    with runlog.open(run.folder) as reader:
        before = reader.revision()
    assert measured.wait(30)
    with runlog.open(run.folder) as reader:
        assert reader.revision() == before
        assert [step.step for step in reader.steps()] == [0]
        series = reader.system_numbers()
        assert {one.key for one in series} >= {"process.cpu_percent", "process.memory_gb"}
        times = series[0].times
        assert (np.diff(times) > np.timedelta64(0)).all()
        later = reader.system_numbers(times[0].item().replace(tzinfo=settings.UTC))
        assert later[0].times[0] == times[1]
    run.finish()


def test_without_it_nothing_is_measured(start: Start) -> None:
    with start() as run:
        run.log({"a": 1})
    with runlog.open(run.folder) as reader:
        assert reader.system_numbers() == ()


def test_without_psutil_the_error_says_what_to_install(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(runlog.MissingPackageError, match=r"runlog-local\[system\]"):
        start(system=True)


@pytest.mark.parametrize("system", [9, 0.5, float("nan"), float("inf")])
def test_it_is_measured_every_ten_seconds_or_more(start: Start, system: float) -> None:
    with pytest.raises(runlog.InvalidValueError, match=r"at least 10\.0 seconds apart"):
        start(system=system)
    with pytest.raises(runlog.InvalidTypeError, match="a bool or a number of seconds"):
        start(system="often")


def test_a_measurement_costs_little() -> None:
    probe = SystemProbe()
    costs = []
    for _ in range(20):
        before = time.thread_time()
        probe.sample()
        costs.append(time.thread_time() - before)
    assert min(costs) < 0.1, "more than a percent of one core, every ten seconds"
