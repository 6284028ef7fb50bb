"""What a measurement of the machine costs: ``python tests/bench/bench_system.py``."""

from __future__ import annotations

import sys
import tempfile
import time

import runlog
from runlog.writing.system import SystemProbe

_TIMES = 200
_SECONDS = 10.0


def main() -> None:
    """Measure and store as often as in half an hour of a run, and print the share of one core."""
    with runlog.init(dir=tempfile.mkdtemp(), quiet=True, record_environment=False) as run:
        probe = SystemProbe()
        before = time.process_time()
        for _ in range(_TIMES):
            run._store.add_system_numbers(probe.sample())
        cost = (time.process_time() - before) / _TIMES
    share = cost / _SECONDS
    sys.stdout.write(f"{cost * 1e3:.2f} ms a measurement: {share:.3%} of one core, every {_SECONDS:.0f} s\n")


if __name__ == "__main__":
    main()
