"""What `run.watch` costs a training step of a torch model: ``python tests/bench/bench_watch.py``."""

from __future__ import annotations

import tempfile
import time
from statistics import median

import torch

import runlog

WIDTH, LAYERS, BATCH, PASSES = 1024, 8, 64, 15


def seconds_a_step(watch: str | None, log_freq: int) -> float:
    """Return the median time of a forward and a backward pass and a call of `log`, in seconds."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(*(torch.nn.Linear(WIDTH, WIDTH) for _ in range(LAYERS)))
    data = torch.randn(BATCH, WIDTH)
    took = []
    with (
        tempfile.TemporaryDirectory() as folder,
        runlog.init(dir=folder, quiet=True, record_environment=False) as run,
    ):
        if watch is not None:
            run.watch(model, log=watch, log_freq=log_freq)  # type: ignore[arg-type]
        for step in range(PASSES):
            started = time.perf_counter()
            model.zero_grad()
            model(data).square().mean().backward()
            run.log({"loss": 1.0}, step=step)
            took.append(time.perf_counter() - started)
    return median(took[1:])


def main() -> None:
    """Print the cost of a pass that is counted, and of one that is not."""
    numbers = LAYERS * (WIDTH * WIDTH + WIDTH)
    seconds_a_step(None, 1)
    plain = min(seconds_a_step(None, 1) for _ in range(3))
    print(f"{numbers:,} parameters in {2 * LAYERS} tensors, batches of {BATCH}: {1000 * plain:.1f} ms a step")  # noqa: T201
    for watch, log_freq in (("gradients", 10**9), ("gradients", 1), ("all", 1)):
        watched = min(seconds_a_step(watch, log_freq) for _ in range(3))
        every = "counted at none" if log_freq > PASSES else "counted at each"
        print(f"{watch}, {every}: {1000 * watched:.1f} ms, {watched / plain:.2f} ×")  # noqa: T201


if __name__ == "__main__":
    main()
