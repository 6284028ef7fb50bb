"""One measurement in a process of its own: ``measure.py TASK NAME [quick] [without-isal]``; JSON to stdout.

Tasks: ``steps`` (a case, its writers alternating step by step), ``memory`` (a case and one writer) and
``sizes`` (the picture classes at one side).
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def main(task: str, *arguments: str) -> None:
    """Run one task and print what it found."""
    if "without-isal" in arguments:
        # What an `import isal` of runlog then meets is an ImportError.
        sys.modules["isal"] = None  # type: ignore[assignment]
    names = [argument for argument in arguments if argument not in ("quick", "without-isal")]
    quick = "quick" in arguments
    tasks = {"steps": _steps, "memory": _memory, "sizes": _sizes}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        json.dump(tasks[task](Path(folder), quick, *names), sys.stdout)


class _Clock:
    """What one writer took: each call, all of it, and the processor's share."""

    def __init__(self) -> None:
        self.calls: list[float] = []
        self.total = self.cpu = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        cpu, start = time.process_time(), time.perf_counter()
        yield
        self.calls.append(time.perf_counter() - start)
        self.total += self.calls[-1]
        self.cpu += time.process_time() - cpu


def _steps(folder: Path, quick: bool, name: str) -> dict[str, Any]:
    """Let the writers of a case write each step in turn; who begins changes with every step."""
    from writers import WRITERS

    case = _case(name)
    steps = case.quick_steps if quick else case.steps
    payloads = case.payloads(steps)
    writers, clocks = {}, {}
    for writer in case.writers:
        (folder / writer).mkdir()
        writers[writer], clocks[writer] = WRITERS[writer](folder / writer), _Clock()
    for step in range(steps):
        first = step % len(case.writers)
        for writer in (*case.writers[first:], *case.writers[:first]):
            time.sleep(case.idle)
            with clocks[writer].running():
                writers[writer].log(step, payloads[step % len(payloads)])
    return {writer: _finished(writers[writer], clocks[writer], folder / writer) for writer in case.writers}


def _finished(writer: Any, clock: _Clock, folder: Path) -> dict[str, Any]:
    calls = clock.calls.copy()
    with clock.running():
        writer.finish()
    part = min(1000, len(calls) // 4)
    files = [path for path in folder.rglob("*") if path.is_file()]
    pictures = [path for path in files if path.suffix in (".png", ".raw")]
    return {
        "p50_ms": statistics.median(calls) * 1e3,
        "p99_ms": sorted(calls)[int(len(calls) * 0.99)] * 1e3,
        "total_s": clock.total,
        "cpu_s": clock.cpu,
        "finish_ms": clock.calls[-1] * 1e3,
        "bytes": sum(path.stat().st_size for path in files),
        "files": len(files),
        "picture_bytes": sum(path.stat().st_size for path in pictures),
        "picture_files": len(pictures),
        "growth": statistics.median(calls[-part:]) / statistics.median(calls[:part]) if part else None,
    }


def _memory(folder: Path, quick: bool, name: str, writer: str) -> dict[str, Any]:
    """Return the peak of this process after some steps by one writer, which no other has shared."""
    from writers import WRITERS

    case = _case(name)
    payloads = case.payloads(case.memory_steps)
    before = _peak_bytes()
    one = WRITERS[writer](folder)
    for step in range(case.memory_steps):
        one.log(step, payloads[step % len(payloads)])
    one.finish()
    return {"peak_mb": _peak_bytes() / 1e6, "before_mb": before / 1e6}


def _peak_bytes() -> int:
    # getrusage would count the memory of the process that started this one.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise SystemExit("the peak of memory must be read from /proc, but this system has none")


def _sizes(folder: Path, quick: bool, side: str) -> dict[str, Any]:
    """Compare the files of each picture class, and the time of a call."""
    from pictures import CLASSES
    from writers import Payload, Pillow, Runlog

    rows: dict[str, Any] = {}
    for name, makers in CLASSES.items():
        for number, make in enumerate(makers):
            picture = make(int(side)).copy()
            places = {kind: folder / f"{name}-{number}-{kind.__name__}" for kind in (Runlog, Pillow)}
            for place in places.values():
                place.mkdir()
            writers = {kind: kind(place) for kind, place in places.items()}
            clocks = {kind: _Clock() for kind in writers}
            for step in range(3 if quick else 7):
                # runlog would store equal pictures once.
                picture.flat[0] = step
                for kind, writer in writers.items():
                    with clocks[kind].running():
                        writer.log(step, Payload([picture]))
            for writer in writers.values():
                writer.finish()
            rows[f"{name} {number + 1}"] = {
                kind.__name__.lower(): {
                    "ms": statistics.median(clocks[kind].calls) * 1e3,
                    "bytes": sum(path.stat().st_size for path in place.rglob("*.png")),
                }
                for kind, place in places.items()
            }
    return rows


def _case(name: str) -> Any:
    from cases import CASES, LONG_CASES

    return next(case for case in (*CASES, *LONG_CASES) if case.name == name)


if __name__ == "__main__":
    main(*sys.argv[1:])
