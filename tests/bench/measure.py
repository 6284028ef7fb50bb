"""One measurement in a process of its own: ``measure.py TASK NAME [quick] [without-isal]``; JSON to stdout.

Tasks: ``steps`` (a case, its writers in turns), ``memory`` (a case and one writer) and
``sizes`` (the picture classes at one side).
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
    json.dump(tasks[task](Path(tempfile.mkdtemp()), quick, *names), sys.stdout)


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
    """Let the writers of a case take turns; who begins changes with every round."""
    case = _case(name)
    steps = case.quick_steps if quick else case.steps
    payloads = case.payloads(steps)
    turns: dict[str, list[_Turn]] = {writer: [] for writer in case.writers}
    if case.work:
        amid_work = _amid_work(case, steps, payloads, folder)
        return {writer: _summary(case, [turn]) for writer, turn in amid_work.items()}
    for round_ in range(case.rounds):
        first = round_ % len(case.writers)
        for writer in (*case.writers[first:], *case.writers[:first]):
            place = folder / f"{writer}-{round_}"
            place.mkdir()
            turns[writer].append(_turn(case, writer, steps, payloads, place))
    return {writer: _summary(case, found) for writer, found in turns.items()}


@dataclass(frozen=True)
class _Turn:
    clock: _Clock
    files: Mapping[Path, int]


def _turn(case: Any, name: str, steps: int, payloads: Any, folder: Path) -> _Turn:
    """Let one writer write all steps and finish, on a disk that has nothing else to do."""
    from writers import WRITERS

    os.sync()
    writer, clock = WRITERS[name](folder), _Clock()
    for step in range(steps):
        with clock.running():
            writer.log(step, payloads[step % len(payloads)])
    with clock.running():
        writer.finish()
    return _Turn(clock, _files(folder))


def _files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def _amid_work(case: Any, steps: int, payloads: Any, folder: Path) -> dict[str, _Turn]:
    """Let the writers of a case take turns call by call, each after other work, as in a training."""
    from writers import WRITERS

    os.sync()
    places = {name: folder / name for name in case.writers}
    for place in places.values():
        place.mkdir()
    writers = {name: WRITERS[name](place) for name, place in places.items()}
    clocks = {name: _Clock() for name in writers}
    work = _Work()
    for step in range(steps):
        first = step % len(writers)
        for name in (*case.writers[first:], *case.writers[:first]):
            work.go_on_for(case.work)
            with clocks[name].running():
                writers[name].log(step, payloads[step % len(payloads)])
    for name, writer in writers.items():
        os.sync()
        with clocks[name].running():
            writer.finish()
    return {name: _Turn(clocks[name], _files(place)) for name, place in places.items()}


class _Work:
    """What a training does between two calls: it leaves nothing of a logger in the caches."""

    def __init__(self) -> None:
        import numpy as np

        self._numbers = np.random.default_rng(0).random(4_000_000, dtype=np.float32)

    def go_on_for(self, seconds: float) -> None:
        """Work over more memory than any cache holds, in one thread."""
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            self._numbers *= 1.0001
            self._numbers.sum()
            [str(number) for number in range(2000)]


def _summary(case: Any, turns: Sequence[_Turn]) -> dict[str, Any]:
    """Add up the turns of one writer; medians are over all of its calls."""
    calls = sorted(seconds for turn in turns for seconds in turn.clock.calls[:-1])
    part = min(1000, len(turns[0].clock.calls) // 4)
    pictures = [path for path in turns[0].files if path.suffix in (".png", ".raw")]
    return {
        "steps": len(calls),
        "p50_ms": statistics.median(calls) * 1e3,
        "p99_ms": calls[int(len(calls) * 0.99)] * 1e3,
        "total_s": sum(turn.clock.total for turn in turns),
        "cpu_s": sum(turn.clock.cpu for turn in turns),
        "finish_ms": statistics.median(turn.clock.calls[-1] for turn in turns) * 1e3,
        "bytes": sum(sum(turn.files.values()) for turn in turns),
        "files": sum(len(turn.files) for turn in turns),
        "picture_files": len(pictures),
        "growth": statistics.median(_growth(turn.clock.calls[:-1], part) for turn in turns) if part else None,
    }


def _growth(calls: Sequence[float], part: int) -> float:
    return statistics.median(calls[-part:]) / statistics.median(calls[:part])


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
