"""How fast a run is archived and verified, beside what a person would do without runlog.

In each round every tool works once on the same run, in an order that turns with the rounds; what counts is
the ratios of the medians. The run has its site, as it would before it is zipped by hand.

cp -r        a copy, which proves nothing
sha256sum    the checksums of all files
zip -0       one file, which proves nothing but its CRCs
archive zip  `runlog archive RUN -o OUT.zip` in one process; the run has its site, as most do by then
pages anew   the same of a run without a site: snapshot, new site, checksums, zip, sync
archive dir  as pages anew, to a folder, each file of which is synced
verify       every byte of the zip file; deep: every image decoded too; run: the run folder by its own rows

Target: archive zip within 2 × of zip -0 and sha256sum together.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pictures import photo_crops

import runlog
import runlog_viewer

_TARGET = 2.0
# Steps, images a step, side: some tens of MB of large, middling and small pictures.
_CASES = {
    "1024²": (4, 4, 1024),
    "256²": (60, 4, 256),
    "128²": (60, 8, 128),
    "64², one a step": (200, 1, 64),
}


def main() -> None:
    """Measure, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  python tests/bench/bench_archive.py --rounds 5 --json bench.json",
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each tool works (default: 5)")
    parser.add_argument("--case", metavar="TEXT", help="only the cases whose name contains TEXT")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured to FILE")
    options = parser.parse_args()
    found = {
        name: _measure(*shape, rounds=options.rounds)
        for name, shape in _CASES.items()
        if (options.case or "") in name
    }
    for name, result in found.items():
        _print(name, result)
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=1, ensure_ascii=False))


def _measure(steps: int, images: int, side: int, *, rounds: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        folder = Path(place)
        run = _log(folder, steps, images, side)
        without_site = shutil.copytree(run, folder / "without-site" / run.name)
        runlog_viewer.build(run)
        size = sum(path.stat().st_size for path in run.rglob("*") if path.is_file())
        seconds: dict[str, list[float]] = {}
        # The first round fills the caches of the file system.
        for number in range(rounds + 1):
            made = folder / str(number)
            made.mkdir()
            tools = list(_tools(run, without_site, made).items())
            turn = number % len(tools)
            # What is verified has been made by then.
            runlog.archive([run], made / "to-verify.zip")
            for name, tool in (*tools[turn:], *tools[:turn]):
                subprocess.run(["sync"], check=True)
                started = time.perf_counter()
                tool()
                if number:
                    seconds.setdefault(name, []).append(time.perf_counter() - started)
            shutil.rmtree(made)
        files = sum(1 for path in run.rglob("*") if path.is_file())
    return {"bytes": size, "files": files, "seconds": seconds}


def _log(folder: Path, steps: int, images: int, side: int) -> Path:
    pictures = photo_crops(64, side)
    box = {"position": {"minX": 1, "maxX": 9, "minY": 1, "maxY": 9}, "domain": "pixel", "class_id": 1}
    boxes = {"found": {"box_data": [box]}}
    with runlog.init(id="run", dir=folder, quiet=True) as run:
        for step in range(steps):
            gallery = []
            for index in range(images):
                picture = pictures[(step * images + index) % len(pictures)].copy()
                # runlog would store equal pictures once.
                picture.flat[:4] = step % 256, step // 256, index, 99
                gallery.append(runlog.Image(picture, caption=f"picture {index}", boxes=boxes))
            run.log({"val/pictures": gallery, "loss": 1 / (step + 1)}, step=step)
    return run.folder


def _tools(run: Path, without_site: Path, made: Path) -> dict[str, Callable[[], object]]:
    files = [str(path) for path in sorted(run.rglob("*")) if path.is_file()]

    def command(*arguments: str, stdin: str | None = None) -> Callable[[], object]:
        return lambda: subprocess.run(
            arguments, check=True, input=stdin, text=True, stdout=subprocess.DEVNULL, cwd=run.parent
        )

    return {
        "cp -r": command("cp", "-r", str(run), str(made / "copy")),
        "sha256sum": command("xargs", "-0", "sha256sum", stdin="\0".join(files)),
        "zip -0": command("zip", "-q", "-0", "-r", str(made / "plain.zip"), run.name),
        "archive zip": lambda: runlog.archive([run], made / "archive.zip"),
        "pages anew": lambda: runlog.archive([without_site], made / "anew.zip"),
        "archive dir": lambda: runlog.archive([run], made / "archive"),
        "verify": lambda: _verify(made / "to-verify.zip"),
        "verify deep": lambda: _verify(made / "to-verify.zip", deep=True),
        "verify run": lambda: _verify(run),
    }


def _verify(path: Path, *, deep: bool = False) -> None:
    if problems := runlog.verify(path, deep=deep).problems:
        raise SystemExit("\n".join(problems))


def _print(name: str, result: dict[str, object]) -> None:
    size, seconds = result["bytes"], result["seconds"]
    medians = {tool: statistics.median(taken) for tool, taken in seconds.items()}
    by_hand = medians["zip -0"] + medians["sha256sum"]
    sys.stdout.write(f"\n{name}: {result['files']:,} files, {size / 1e6:.0f} MB\n")
    sys.stdout.write(f"{'':12} {'MB/s':>8} {'seconds':>8} {'/ (zip -0 + sha256sum)':>24}\n")
    for tool, taken in medians.items():
        sys.stdout.write(f"{tool:12} {size / taken / 1e6:8.0f} {taken:8.3f} {taken / by_hand:24.2f}\n")
    ratio = medians["archive zip"] / by_hand
    mark = "met" if ratio <= _TARGET else "MISSED"
    sys.stdout.write(f"archive zip / (zip -0 + sha256sum): {ratio:.2f}  target ≤ {_TARGET:.2f}  {mark}\n")


if __name__ == "__main__":
    main()
