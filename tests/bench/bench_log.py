"""How long `log` keeps a training script waiting, beside what the script would write itself.

Each case runs in a process of its own, once with the extra `fast` (isal) and once without. In it the writers
take turns, so that whatever else the machine does befalls all of them alike: turns of about a second, calls
back to back, or call by call amid other work, which is how a training calls: what a logger had in the caches
is gone by then. What counts is the ratios.

pillow    each picture saved by Pillow as it comes, one SQLite row a picture, one commit a step
pillow1   the same with compress_level=1
raw       the bytes of each picture to a file, and a committed row for it
raw rows  numbers through sqlite3: one executemany and one commit a step

p50 and p99 are of one call, Image(…) included; total is all calls and finish(), in which every writer brings
its files and rows to the disk; finish is that alone; growth is the median of the last 1,000 calls (or last
quarter) over the first.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from targets import verdicts

_HERE = Path(__file__).parent
_WITH, _WITHOUT = "with fast (isal)", "without fast"
_MODES = (_WITH, _WITHOUT)
_SIDES = ("128", "256", "1024")


def main() -> None:
    """Measure, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  python tests/bench/bench_log.py --runs 3 --json bench.json",
    )
    parser.add_argument("--quick", action="store_true", help="fewer steps: some two minutes instead of five")
    parser.add_argument("--runs", type=int, default=1, help="how often all of it is measured (default: 1)")
    parser.add_argument("--long", action="store_true", help="also 100,000 steps: some ten minutes more")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured to FILE")
    parser.add_argument("--case", metavar="TEXT", help="only the cases whose name contains TEXT")
    parser.add_argument("--dir", type=Path, metavar="FOLDER", help="write there instead of the temp folder")
    options = parser.parse_args()
    # Removed at the very end only: ext4 may search for a new inode past all that were deleted lately.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.dir) as folder:
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        runs = [{mode: _measure(mode, options) for mode in _MODES} for _ in range(options.runs)]
    found = {mode: [run[mode] for run in runs] for mode in _MODES}
    machine = _machine()
    for mode, of_mode in found.items():
        _print(f"\n{mode} · {' · '.join(machine.values())}")
        for results in of_mode:
            _print_results(results)
        _print_verdicts(verdicts(of_mode, with_fast=mode == _WITH))
    if options.json is not None:
        document = {
            "machine": machine,
            "measured": found,
            "targets": {mode: verdicts(of_mode, with_fast=mode == _WITH) for mode, of_mode in found.items()},
        }
        options.json.write_text(json.dumps(document, indent=1, ensure_ascii=False))


def _machine() -> dict[str, str]:
    """Return what a figure depends on: the machine, and the versions of what does the work."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "pillow", "isal"))
    return {
        "processor": f"{os.cpu_count()} × {_processor()}",
        "load": f"load {os.getloadavg()[0]:.1f}",
        "platform": platform.platform(),
        "python": f"Python {platform.python_version()}",
        "packages": packages,
        "sqlite": f"SQLite {sqlite3.sqlite_version}",
    }


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


# Measuring


def _measure(mode: str, options: argparse.Namespace) -> dict[str, Any]:
    flags = (["quick"] if options.quick else []) + (["without-isal"] if mode == _WITHOUT else [])
    from cases import CASES, LONG_CASES

    chosen = [
        case
        for case in (*CASES, *(LONG_CASES if options.long else ()))
        if (options.case or "") in case.name and (case.quick_steps or not options.quick)
    ]
    results: dict[str, Any] = {"cases": {}, "memory": {}, "sizes": {}, "start": {}}
    for case in chosen:
        results["cases"][case.name] = _child(f"{mode}: {case.name}", "steps", case.name, *flags)
        if case.memory_steps:
            results["memory"][case.name] = {
                writer: _child(
                    f"{mode}: {case.name}, memory of {writer}", "memory", case.name, writer, *flags
                )
                for writer in (case.writers[0], case.writers[-1] if "raw rows" in case.writers else "pillow")
            }
    if options.case is None:
        results["sizes"] = {
            side: _child(f"{mode}: picture classes at {side}²", "sizes", side, *flags) for side in _SIDES
        }
        results["start"] = _start_times(mode, 5 if options.quick else 15)
    return results


def _child(label: str, *arguments: str) -> Any:
    _say(label)
    command = [sys.executable, str(_HERE / "measure.py"), *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def _start_times(mode: str, rounds: int) -> dict[str, float]:
    """Return seconds from the start of a process to its first step logged."""
    _say(f"{mode}: start of a process")
    flags = ["without-isal"] if mode == _WITHOUT else []
    scripts = {"runlog": ["start_runlog.py"], "plain": ["start_plain.py"]}
    times: dict[str, list[float]] = {name: [] for name in scripts}
    # Bytecode as an installed package has it, whatever this process was told; the first round writes it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = tempfile.mkdtemp()
    for round_ in range(rounds + 1):
        for name, (script,) in scripts.items():
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                command = [sys.executable, str(_HERE / script), folder, *flags]
                started = time.monotonic()
                output = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout
                times[name] += [float(output) - started] if round_ else []
    return {name: statistics.median(values) for name, values in times.items()}


def _say(line: str) -> None:
    sys.stderr.write(f"{line} …\n")


# Printing

_COLUMNS = "{:28} {:16} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7} {:>7} {:>12} {:>9}"
_HEAD = (
    *("case", "writer", "p50 ms", "p99 ms", "total s", "cpu s", "finish ms", "MB", "files", "growth"),
    *("p50 / pillow", "p50 / raw"),
)


def _print_results(results: dict[str, Any]) -> None:
    _print(f"\n{_COLUMNS.format(*_HEAD)}")
    for case, writers in results["cases"].items():
        for writer, found in writers.items():
            _print(_COLUMNS.format(case, writer, *_numbers(found), *_ratios(writers, found)))
    for case, writers in results["memory"].items():
        peaks = ", ".join(f"{writer} {found['peak_mb']:.0f}" for writer, found in writers.items())
        _print(f"{'peak memory, MB':28} {case}: {peaks}")
    for side, classes in results["sizes"].items():
        for name, found in classes.items():
            ours, theirs = found["runlog"], found["pillow"]
            _print(
                f"{name + ' at ' + side + '²':28} bytes {ours['bytes'] / theirs['bytes']:5.2f} × pillow,"
                f" time {ours['ms'] / theirs['ms']:5.2f} × pillow ({ours['ms']:.2f} ms)"
            )
    if results["start"]:
        times = ", ".join(f"{name} {seconds * 1e3:.0f}" for name, seconds in results["start"].items())
        _print(f"{'start to first log, ms':28} {times}")


def _print_verdicts(found: list[dict[str, Any]]) -> None:
    _print("")
    for verdict in found:
        mark = "met" if verdict["met"] else "MISSED"
        spread = f"({verdict['least']:.3f} … {verdict['greatest']:.3f})"
        target = f"target ≤ {verdict['target']:5.2f}"
        _print(f"{verdict['what']:58} {verdict['got']:8.3f} {spread:18} {target}  {mark}")


def _numbers(found: dict[str, Any]) -> tuple[str, ...]:
    growth = found["growth"]
    return (
        f"{found['p50_ms']:.3f}",
        f"{found['p99_ms']:.3f}",
        f"{found['total_s']:.3f}",
        f"{found['cpu_s']:.3f}",
        f"{found['finish_ms']:.1f}",
        f"{found['bytes'] / 1e6:.2f}",
        str(found["files"]),
        "" if growth is None else f"{growth:.2f}",
    )


def _ratios(writers: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    """Yield how long the median call takes beside that of Pillow, and of the raw writer."""
    for other in ("pillow", "raw"):
        yield f"{found['p50_ms'] / writers[other]['p50_ms']:.3f}" if other in writers else ""


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
