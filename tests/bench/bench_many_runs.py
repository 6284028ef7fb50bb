"""Thousands of runs: one frame, one data set, the overview. ``bench_many_runs.py [COUNT] [DIR] [WORDS]``.

Makes the runs by `many_runs.py` in DIR, unless they are there; without DIR in a temporary folder, which is
removed at the end. Each figure is of a fresh process; ratios are to plain SQLite, which opens each database
and asks it twice. With words, only plain SQLite and the figures that have them in their names. The page is
opened in Chromium where Playwright is installed: $RUNLOG_CHROMIUM, or ``chromium-headless-shell``.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import many_runs

TASKS = {
    "plain SQLite: open, ask twice": """
import sqlite3
for folder in sorted(runs.iterdir()):
    if (folder / "run.db").exists():
        db = sqlite3.connect(f"file:{folder}/run.db?mode=ro", uri=True)
        db.execute("SELECT id, name, config FROM run").fetchall()
        db.execute("SELECT * FROM summary").fetchall()
        db.close()
""",
    "frame of all runs, the first time": "import runlog; runlog.runs(runs).frame()",
    "frame of all runs, again": "import runlog; runlog.runs(runs).frame()",
    "ls, the first time": "from runlog.cli import main; main(['ls', str(runs), '--filter', 'id=none'])",
    "ls, again": "from runlog.cli import main; main(['ls', str(runs), '--filter', 'id=none'])",
    "numbers of one key, of all runs": "import runlog; runlog.runs(runs).frame('scalars', keys='loss')",
    "boxes of all runs": "import runlog; runlog.runs(runs).frame('boxes')",
    "export parquet": "from runlog.exporters import parquet; parquet.export(runs, out)",
    "export parquet, nothing new": "from runlog.exporters import parquet; parquet.export(runs, out)",
    "export parquet, after one change": """
from runlog.upkeep import editing; from runlog.exporters import parquet
editing.edit(next(runs.glob("run-*1")), notes=os.urandom(8).hex()); parquet.export(runs, out)
""",
    "query in DuckDB: mean IoU by run and epoch": """
import duckdb
duckdb.sql(f'''SELECT run, step, avg("scores.iou") FROM '{out}/boxes/*.parquet'
    WHERE class_label = 'car' AND "scores.confidence" > 0.5 GROUP BY run, step''').fetchall()
""",
    "query in Polars: the same": """
import polars as pl
boxes = pl.scan_parquet(f"{out}/boxes/*.parquet")
chosen = boxes.filter((pl.col("class_label") == "car") & (pl.col("scores.confidence") > 0.5))
chosen.group_by("run", "step").agg(pl.col("scores.iou").mean()).collect()
""",
    "pages of all runs, from nothing": "from runlog_viewer.site import Site; Site(runs).update()",
    "pages, nothing new": "from runlog_viewer.site import Site; Site(runs).update()",
    # `runlog.edit` would bring the pages up to date by itself, and they would be looked at twice.
    "pages, after one change": """
from runlog.upkeep import editing; from runlog_viewer.site import Site
editing.edit(next(runs.glob("run-*1")), notes=os.urandom(8).hex()); Site(runs).update()
""",
    "page of all runs, opened": """
import shutil; from playwright.sync_api import sync_playwright
count = sum((one / "run.db").exists() for one in runs.iterdir())
chromium = os.environ.get("RUNLOG_CHROMIUM") or shutil.which("chromium-headless-shell")
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    for _ in range(3):
        page = browser.new_page()
        opened = time.perf_counter()
        page.goto((runs / "index.html").as_uri(), wait_until="commit")
        page.locator(".runs.arranged").wait_for()
        usable = time.perf_counter() - opened
        page.locator(f".runs.whole[data-runs='{count}']").wait_for(timeout=600_000)
        every = time.perf_counter() - opened
        (paint,) = page.evaluate("performance.getEntriesByType('paint').slice(-1).map(one => one.startTime)")
        print(f"  painted {paint:.0f} ms, usable {usable * 1e3:.0f} ms, with all rows {every * 1e3:.0f} ms")
        page.close()
""",
}
PROGRESS_SECONDS = 20
HEAD = "import os, sys, time; from pathlib import Path\nruns, out = map(Path, sys.argv[1:3])\n"
TIMED = """
start, cpu = time.perf_counter(), time.process_time()
exec(sys.argv[3])
print(time.perf_counter() - start, time.process_time() - cpu)
"""


def main(count: int, folder: Path, words: str) -> None:
    """Print what each task took: all time, the processor's time of the process, and per run."""
    runs = folder / f"runs-{count}"
    if not runs.exists():
        _print(f"making {count} runs …")
        many_runs.main(runs, count)
    plain = None
    _print(f"{count} runs, load {os.getloadavg()[0]:.1f}")
    for name, code in TASKS.items():
        if words not in name and plain is not None:
            continue
        if "playwright" in code and importlib.util.find_spec("playwright") is None:
            _print(f"{name}: Playwright is not installed")
            continue
        *told, times = _run(name, [str(runs), str(folder / "data"), code], folder / "cache")
        taken, cpu = map(float, times.split())
        plain = cpu if plain is None and name.startswith("plain") else plain
        ratio = f", {cpu / plain:.2f} × plain" if plain else ""
        rate = f"{cpu / count * 1e3:.2f} ms a run{ratio}, {count / taken:,.0f} runs a second"
        _print(f"{name}: {taken:.2f} s, processor {cpu:.2f} s, {rate}")
        if name.startswith("page of all runs"):
            _print("\n".join(told))


def _run(name: str, arguments: list[str], cache: Path) -> list[str]:
    """Return the lines that a task prints; while it goes on, say on stderr for how long."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    with tempfile.TemporaryFile("w+") as output:
        command = [sys.executable, "-c", HEAD + TIMED, *arguments]
        with subprocess.Popen(command, env=environment, stdout=output) as process:
            for seconds in itertools.count(PROGRESS_SECONDS, PROGRESS_SECONDS):
                try:
                    process.wait(PROGRESS_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    sys.stderr.write(f"  {name}: {seconds} s so far\n")
        if process.returncode:
            raise SystemExit(f"{name}: failed")
        output.seek(0)
        return output.read().splitlines()


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    count, words = int(sys.argv[1]) if len(sys.argv) > 1 else 5000, "".join(sys.argv[3:])
    if len(sys.argv) > 2:
        main(count, Path(sys.argv[2]).absolute(), words)
    else:
        with tempfile.TemporaryDirectory() as place:
            main(count, Path(place), words)
