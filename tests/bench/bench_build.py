"""How fast a run becomes a site, beside writing the same bytes to as many files.

The run has 8 images of 128² a step, each with a caption and four boxes with a score, and two numbers. The
pictures repeat, so that logging them is no work; captions, boxes and numbers do not.

rebuild   the run goes on by one step, and its site is brought up to date by the process that keeps it, or by
          a new one, which knows only what the site tells: medians over two blocks of steps, with 10, 1,000
          and 10,000 before them
build     the site of all steps at once, in a folder of its own, by as many processes as there are processors
baseline  the files of that site, their bytes written to new files by a loop that does nothing else
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import runlog
from runlog_viewer import build
from runlog_viewer.building.blocks import BLOCK_SIZE
from runlog_viewer.site import Site

IMAGES, SIDE, BOXES = 8, 128, 4
PICTURES = 64
NEW_PROCESSES = 7
LABELS = {n: f"class {n}" for n in range(10)}


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  python tests/bench/bench_build.py --quick --json build.json",
    )
    parser.add_argument(
        "--quick", action="store_true", help="1,000 steps at most: some 15 seconds instead of 150"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured to FILE")
    parser.add_argument("--dir", type=Path, metavar="FOLDER", help="write there instead of the temp folder")
    options = parser.parse_args()
    sizes = (10, 1000) if options.quick else (10, 1000, 10_000)
    # Removed at the very end only: ext4 may search for a new inode past all that were deleted lately.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.dir) as folder:
        found = _measure(Path(folder), sizes)
    _print_table(found)
    if options.json is not None:
        machine = {
            "platform": platform.platform(),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
        }
        options.json.write_text(json.dumps({"machine": machine, **found}, indent=1))


class _Script:
    """A training script that logs a step whenever it is asked to."""

    def __init__(self, folder: Path) -> None:
        self._random = np.random.default_rng(0)
        pixels = self._random.integers(0, 256, (PICTURES, 8, 8, 3))
        self._pictures = pixels.repeat(SIDE // 8, 1).repeat(SIDE // 8, 2).astype(np.uint8)
        self.run = runlog.init(dir=folder, id="run", quiet=True, record_environment=False)
        self.steps = 0

    def log(self) -> None:
        """Log the next step."""
        step = self.steps
        images = [self._image(step, index) for index in range(IMAGES)]
        self.run.log({"val/predictions": images, "val/loss": 1 / (step + 1), "lr": 1e-3}, step=step)
        self.steps += 1

    def _image(self, step: int, index: int) -> runlog.Image:
        layer = {
            "box_data": [self._box(*self._random.random(6)) for _ in range(BOXES)],
            "class_labels": LABELS,
        }
        return runlog.Image(
            self._pictures[(step * IMAGES + index) % PICTURES],
            caption=f"picture {index} of step {step}",
            boxes={"predictions": layer},
        )

    def _box(
        self, x: float, y: float, width: float, height: float, kind: float, score: float
    ) -> dict[str, Any]:
        left, top = x / 2, y / 2
        position = {"minX": left, "maxX": left + width / 2, "minY": top, "maxY": top + height / 2}
        return {"position": position, "class_id": int(kind * 10), "scores": {"confidence": score}}


def _measure(folder: Path, sizes: tuple[int, ...]) -> dict[str, Any]:
    script = _Script(folder / "runs")
    rebuilds = {}
    for size in sizes:
        _say(f"{size} steps")
        while script.steps < size:
            script.log()
        site = Site(script.run.folder)
        site.update()
        rebuilds[size] = {
            "same_process_ms": _median_ms(script, lambda site=site: site, 2 * BLOCK_SIZE),
            "new_process_ms": _median_ms(script, lambda: Site(script.run.folder), NEW_PROCESSES),
        }
    script.run.finish()
    _say("the site of all steps at once")
    at_once = folder / "at-once" / "run"
    shutil.copytree(script.run.folder, at_once, ignore=shutil.ignore_patterns("viewer", "index.html"))
    seconds, cpu = _timed(lambda: build(at_once))
    _say("the same bytes")
    files = [file for file in (at_once / "viewer").rglob("*") if file.is_file()]
    return {
        "steps": script.steps,
        "rebuilds": rebuilds,
        "growth": rebuilds[sizes[-1]]["same_process_ms"] / rebuilds[sizes[0]]["same_process_ms"],
        "build_s": seconds,
        "build_cpu_s": cpu,
        "baseline_s": _write_again(files, folder / "baseline"),
        "files": len(files),
        "bytes": sum(file.stat().st_size for file in files),
    }


def _median_ms(script: _Script, site: Callable[[], Site], times: int) -> float:
    taken = []
    for _ in range(times):
        script.log()
        started = time.perf_counter()
        site().update()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1e3


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    os.sync()
    started, cpu = time.perf_counter(), _processor_seconds()
    call()
    return time.perf_counter() - started, _processor_seconds() - cpu


def _processor_seconds() -> float:
    """Return what this process and those it started and that have ended took of the processors."""
    return sum(os.times()[:4])


def _write_again(files: list[Path], folder: Path) -> float:
    """Write the content of files to new ones and return the seconds that the writing took."""
    folder.mkdir()
    os.sync()
    seconds = 0.0
    for number, file in enumerate(files):
        content = file.read_bytes()
        started = time.perf_counter()
        (folder / f"{number:09d}").write_bytes(content)
        seconds += time.perf_counter() - started
    return seconds


def _print_table(found: dict[str, Any]) -> None:
    steps = found["steps"]
    for size, of in found["rebuilds"].items():
        _print(f"rebuild of one step after {size:6,}", f"{of['same_process_ms']:.1f} ms")
        _print(f"  by a new process after {size:6,}", f"{of['new_process_ms']:.1f} ms")
    _print("rebuild, last over first (target ≤ 1.5)", f"{found['growth']:.2f}")
    rate = steps / found["build_s"]
    _print(f"build of {steps:,} steps (target ≥ 800 steps/s)", f"{rate:.0f} steps/s")
    _print("  processor time of a step", f"{1000 * found['build_cpu_s'] / steps:.2f} ms")
    _print("  time over that of the same bytes", f"{found['build_s'] / found['baseline_s']:.1f}")
    _print("files of the site a step", f"{found['files'] / steps:.2f}")
    _print("bytes of the site a step", f"{found['bytes'] / steps:,.0f}")


def _say(line: str) -> None:
    sys.stderr.write(f"{line} …\n")


def _print(name: str, value: str) -> None:
    sys.stdout.write(f"{name:48} {value:>14}\n")


if __name__ == "__main__":
    main()
