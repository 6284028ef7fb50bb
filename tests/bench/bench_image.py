"""How long `Image(array)` takes, as a multiple of plain numpy.

For uint8 that is a copy, its least and its greatest value; for float32 the expression of the rule alone, and
once with the question for the range that decides on the rule. Run it as a script. The two are timed in turns,
so that whatever else the machine does falls on both; the median of the ratios counts. Exit code 1 if a bound
is missed, as may happen by a few per cent where another process keeps the other half of the core busy.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from runlog import Image

ROUNDS = 1500


@dataclass(frozen=True)
class Case:
    name: str
    plain: Callable[[], object]
    ours: Callable[[], object]
    bound: float


def cases() -> list[Case]:
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (256, 256, 3), dtype=np.uint8)
    unit = rng.random((256, 256, 3), dtype=np.float32)
    signed, wide = unit * 2 - 1, unit * 255
    return [
        Case("uint8", lambda: (photo.copy(), photo.min(), photo.max()), lambda: Image(photo), 4),
        Case("float32 [0, 1]", lambda: (unit * 255).astype(np.uint8), lambda: Image(unit), 2),
        Case(
            "… and its range",
            lambda: (unit * 255).astype(np.uint8) if unit.min() >= 0 and unit.max() <= 1 else None,
            lambda: Image(unit),
            2,
        ),
        Case(
            "float32 [-1, 1]",
            lambda: (255 * 0.5 * (signed + 1)).astype(np.uint8),
            lambda: Image(signed),
            2,
        ),
        Case("float32 [0, 255]", lambda: wide.clip(0, 255).astype(np.uint8), lambda: Image(wide), 2),
    ]


def microseconds(call: Callable[[], object]) -> float:
    start = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start) / 1000


def measure(case: Case) -> tuple[float, float, float]:
    """Return the medians of plain numpy and of ours in µs, and of their ratio."""
    rounds = [(microseconds(case.plain), microseconds(case.ours)) for _ in range(ROUNDS)]
    plain, ours = (statistics.median(column) for column in zip(*rounds, strict=True))
    return plain, ours, statistics.median(ours / plain for plain, ours in rounds)


def main() -> int:
    missed = 0
    sys.stdout.write("256×256×3          numpy µs  Image µs   ratio  bound\n")
    for case in cases():
        plain, ours, ratio = measure(case)
        sys.stdout.write(f"{case.name:<18}{plain:>9.1f}{ours:>10.1f}{ratio:>8.2f}{case.bound:>7}\n")
        missed += ratio > case.bound
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
