"""Other processes that write blocks of steps: a long run becomes a site as fast as the machine can.

They are plain subprocesses of our own and not `multiprocessing`, whose processes import the script that
started them: ``runlog_viewer.build()`` at the end of a training script would train again.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Self, cast

import runlog
from runlog_viewer.building.block_writer import BlockJob, BlockResult, BlockWriter

Start = tuple[Path, Path, tuple[str, ...]]
"""The run folder, and the target and the frame of its `BlockWriter`: to make templates ready takes long."""

_MOST = 7
_START = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from runlog_viewer.building.workers import work; work()"
)


def count() -> int:
    """Return how many processes this one may start to help it: one less than it has processors."""
    if not sys.executable or getattr(sys, "frozen", False):
        return 0
    processors = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(_MOST, processors - 1)


def write_blocks(
    jobs: Iterable[BlockJob], here: BlockWriter, start: Start, processes: int
) -> Iterator[BlockResult]:
    """Write blocks in this process and in others, and yield the results as they come.

    Where another process fails, its block is written here: what is wrong shows itself then, or it was the
    process.

    Parameters
    ----------
    jobs
        Asked for one by one, by this thread only.
    start
        What another process begins with, as `here` did.
    processes
        How many others to start, at least 1.

    Raises
    ------
    StorageError
        If the run cannot be read.
    OSError
        If the site cannot be written.
    """
    pending: dict[Future[BlockResult | None], BlockJob] = {}
    with ExitStack() as cleanup:
        pool = cleanup.enter_context(ThreadPoolExecutor(processes))
        idle: SimpleQueue[_Worker] = SimpleQueue()
        for _ in range(processes):
            idle.put(cleanup.enter_context(_Worker(start)))
        cleanup.callback(pool.shutdown, wait=False, cancel_futures=True)
        for job in jobs:
            if len(pending) < 2 * processes:
                pending[pool.submit(_write_elsewhere, idle, job)] = job
            else:
                yield here.write(job)
            for future in [future for future in pending if future.done()]:
                done = pending.pop(future)
                yield future.result() or here.write(done)
        for future, job in reversed(pending.items()):
            result = None if future.cancel() else future.result()
            yield result or here.write(job)


def work() -> None:
    """Be such a process: write the blocks that come in, until no more do."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    jobs, results = sys.stdin.buffer, sys.stdout.buffer
    run_folder, target, frame = pickle.load(jobs)  # noqa: S301 - our parent wrote it
    with runlog.open(run_folder) as reader, suppress(EOFError):
        writer = BlockWriter(reader, target, frame)
        while True:
            pickle.dump(writer.write(pickle.load(jobs)), results)  # noqa: S301
            results.flush()


class _Worker:
    """A process that writes blocks for this one, until the context ends."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.terminate()
            with suppress(OSError):  # something may be left to send to a process that is gone
                self._process.communicate()

    def write(self, job: BlockJob) -> BlockResult | None:
        """Have a block written; return None if that failed, as it does from then on."""
        try:
            jobs, results = self._pipes()
            pickle.dump(job, jobs)
            jobs.flush()
            result: BlockResult = pickle.load(results)  # noqa: S301 - our own process wrote it
        except (OSError, EOFError, pickle.UnpicklingError):
            return None
        return result

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        """Return where to send jobs and where results come from; start the process if it is not there."""
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - Python itself
                [sys.executable, "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the process that started it, which ends it
            )
            for first in (sys.path, self._start):
                pickle.dump(first, cast("IO[bytes]", self._process.stdin))
        return cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)


def _write_elsewhere(idle: SimpleQueue[_Worker], job: BlockJob) -> BlockResult | None:
    worker = idle.get()
    try:
        return worker.write(job)
    finally:
        idle.put(worker)
