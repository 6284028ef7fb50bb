"""Thousands of runs: one frame, one data set, the overview. ``bench_many_runs.py [COUNT] [DIR] [WORDS]``.

Makes the runs by `many_runs.py` in DIR, by default a temporary folder, unless they are there. Each figure is
of a fresh process; ratios are to plain SQLite, which opens each database and asks it twice. With words, only
plain SQLite and the figures that have them in their names.
"""

from __future__ import annotations

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
    "numbers of one key, of all runs": "import runlog; runlog.runs(runs).frame('scalars', keys='loss')",
    "boxes of all runs": "import runlog; runlog.runs(runs).frame('boxes')",
    "export parquet": "from runlog.exporters import parquet; parquet.export(runs, out)",
    "export parquet, nothing new": "from runlog.exporters import parquet; parquet.export(runs, out)",
    "export parquet, after one change": """
import runlog; from runlog.exporters import parquet
runlog.edit(next(runs.glob("run-*1")), notes=os.urandom(8).hex()); parquet.export(runs, out)
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
    "pages, after one change": """
import runlog; from runlog_viewer.site import Site
runlog.edit(next(runs.glob("run-*1")), notes=os.urandom(8).hex()); Site(runs).update()
""",
}
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
        many_runs.main(runs, count)
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    plain = None
    _print(f"{count} runs, load {os.getloadavg()[0]:.1f}")
    for name, code in TASKS.items():
        if words not in name and plain is not None:
            continue
        command = [sys.executable, "-c", HEAD + TIMED, str(runs), str(folder / "data"), code]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        taken, cpu = map(float, done.stdout.split()[-2:])
        plain = cpu if plain is None and name.startswith("plain") else plain
        ratio = f", {cpu / plain:.2f} × plain" if plain else ""
        of_run = f"{cpu / count * 1e3:.2f} ms a run{ratio}"
        _print(f"{name}: {taken:.2f} s, processor {cpu:.2f} s, {of_run}")


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    place = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp())
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000, place.absolute(), "".join(sys.argv[3:]))
