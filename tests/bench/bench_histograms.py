"""Histograms of a key over many steps: bytes and time a step, the build, and when a heat map is painted.

``python tests/bench/bench_histograms.py [STEPS]``.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

import runlog
import runlog_viewer

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_PAINTED = """(selector) => new Promise((resolve) => {
  const image = document.querySelector(selector);
  const isThere = image.decode ? image.decode() : Promise.resolve();
  isThere.then(() => requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))));
})"""


def log(folder: Path, name: str, steps: int) -> tuple[Path, float]:
    """Log a histogram of 1,000 numbers, or a text, at each step; return the folder and the seconds a step."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(100, 1000))
    with runlog.init(dir=folder, id=name, quiet=True, record_environment=False) as run:
        started = time.perf_counter()
        for step in range(steps):
            numbers = values[step % 100] / (1 + step / 500)
            value = runlog.Histogram(numbers) if name == "histograms" else f"text of {step}"
            run.log({"weight": value}, step=step)
        took = (time.perf_counter() - started) / steps
    return run.folder, took


def painted(page_path: Path, selector: str) -> float:
    """Return how many ms after it was asked for a page shows an element: the median of five."""
    executable = next(filter(None, map(shutil.which, BROWSERS)))
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for _ in range(5):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(page_path.as_uri(), wait_until="commit")
            page.wait_for_selector(selector, state="attached")
            found.append(page.evaluate(_PAINTED, selector))
            page.close()
        browser.close()
    return sorted(found)[2]


def main(steps: int) -> None:
    """Print what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        shown = {"histograms": ".heat .cells", "texts": ".text .words"}
        runs = {name: log(Path(folder), name, steps) for name in shown}
        for name, (run_folder, seconds) in runs.items():
            size = (run_folder / "run.db").stat().st_size
            print(f"{name}, {steps:,} steps: {1e6 * seconds:.0f} µs and {size / steps:.0f} bytes a step")  # noqa: T201
            started = time.perf_counter()
            runlog_viewer.build(run_folder)
            print(f"  first build: {time.perf_counter() - started:.1f} s")  # noqa: T201
        for page in ("index.html", "viewer/key.html"):
            for name, (run_folder, _) in runs.items():
                took = painted(run_folder / page, shown[name])
                print(f"{page} of {name}: on the screen after {took:.0f} ms")  # noqa: T201
        script = runs["histograms"][0] / "viewer/data/histograms.js"
        print(f"data script of the heat map: {script.stat().st_size:,} bytes")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
