"""Numbers of the machine: processor and memory by psutil, GPUs by NVML, both imported when asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from runlog.errors import MissingPackageError

_GB = 1e9


class SystemProbe:
    """Measures this process, its children and the devices that it uses.

    Raises
    ------
    MissingPackageError
        If psutil is not installed.
    """

    def __init__(self) -> None:
        try:
            import psutil
        except ImportError:
            raise MissingPackageError(
                "psutil must be installed for system=True, but is not: pip install 'runlog-local[system]'"
            ) from None
        self._psutil = psutil
        this = psutil.Process()
        self._known: dict[Any, Any] = {this: this}
        self._this = this
        self._gpus = _Gpus()
        # A share is one of the time since it was asked the last time.
        self.sample()

    def sample(self) -> dict[str, float]:
        """Return the numbers as they are now, by key; shares of the processor since the last call.

        ``process`` is this one and its children, such as the workers of a data loader: ``cpu_percent`` is 100
        for each core that they keep busy, and of ``memory_gb`` what they share counts for each.
        """
        cpu, memory = 0.0, 0
        processes = [self._this, *self._this.children(recursive=True)]
        self._known = {one: self._known.get(one, one) for one in processes}
        for process in self._known.values():
            with suppress(self._psutil.Error):
                cpu += process.cpu_percent(None)
                memory += process.memory_info().rss
        machine = self._psutil.virtual_memory()
        return {
            "process.cpu_percent": cpu,
            "process.memory_gb": memory / _GB,
            "machine.cpu_percent": self._psutil.cpu_percent(None),
            "machine.memory_percent": machine.percent,
            **dict(self._gpus.numbers()),
        }


class _Gpus:
    """The GPUs that this process uses or, where that cannot be told, those that it may use."""

    def __init__(self) -> None:
        self._nvml: Any = None
        with suppress(ImportError):
            import pynvml

            with suppress(pynvml.NVMLError):
                pynvml.nvmlInit()
                self._nvml = pynvml

    def numbers(self) -> Iterator[tuple[str, float]]:
        """Yield the numbers of each GPU, called by its number among those of the machine."""
        if self._nvml is None:
            return
        gpus = {number: gpu for number, gpu in self._all() if _may_use(number, self._uuid(gpu))}
        used = {number: gpu for number, gpu in gpus.items() if os.getpid() in self._processes(gpu)}
        for number, gpu in (used or gpus).items():
            for name, value in self._of_gpu(gpu):
                yield f"gpu.{number}.{name}", value

    def _all(self) -> Iterator[tuple[int, Any]]:
        with suppress(self._nvml.NVMLError):
            for number in range(self._nvml.nvmlDeviceGetCount()):
                yield number, self._nvml.nvmlDeviceGetHandleByIndex(number)

    def _uuid(self, gpu: Any) -> str:
        with suppress(self._nvml.NVMLError):
            uuid = self._nvml.nvmlDeviceGetUUID(gpu)
            return uuid.decode() if isinstance(uuid, bytes) else str(uuid)
        return ""

    def _processes(self, gpu: Any) -> set[int]:
        with suppress(self._nvml.NVMLError):
            return {process.pid for process in self._nvml.nvmlDeviceGetComputeRunningProcesses(gpu)}
        return set()

    def _of_gpu(self, gpu: Any) -> Iterator[tuple[str, float]]:
        # What a device does not tell is left out.
        nvml = self._nvml
        with suppress(nvml.NVMLError):
            yield "utilization_percent", float(nvml.nvmlDeviceGetUtilizationRates(gpu).gpu)
        with suppress(nvml.NVMLError):
            yield "memory_gb", nvml.nvmlDeviceGetMemoryInfo(gpu).used / _GB
        with suppress(nvml.NVMLError):
            kind = nvml.NVML_TEMPERATURE_GPU
            yield "temperature_celsius", float(nvml.nvmlDeviceGetTemperature(gpu, kind))
        with suppress(nvml.NVMLError):
            yield "power_watts", nvml.nvmlDeviceGetPowerUsage(gpu) / 1000


def _may_use(number: int, uuid: str) -> bool:
    """Return whether CUDA shows a device to this process; a name may be the beginning of its UUID."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return True
    names = [name.strip() for name in visible.split(",")]
    return str(number) in names or any(name.startswith("GPU-") and uuid.startswith(name) for name in names)
