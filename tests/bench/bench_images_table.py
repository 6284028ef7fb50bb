"""What the table of a key's images costs in Chromium over file://: opened, sorted, scrolled, in memory.

Opened means that the page is loaded, and what is in sight decoded and drawn; sorted, that the first rows in
the new order are, from the press of the head on; scrolled, that those at a place far away are. Memory is what
the heap of the page holds after a collection, and how many nodes it has: once opened, and after all rows have
been scrolled through and sorted by every column.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from bench_table import DRAWN_IN_SIGHT, SORT
from playwright.sync_api import BrowserContext, Page, sync_playwright

import runlog
import runlog_viewer

_SCROLL = """async (share) => {
    const begun = performance.now();
    const frame = document.querySelector('.logged-table .table-frame');
    frame.scrollTo(0, share * frame.scrollHeight);
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    await (DRAWN)();
    return performance.now() - begun;
}""".replace("DRAWN", DRAWN_IN_SIGHT)
_COLUMNS = ("p", "word", "truth", "id")


def make_run(folder: Path, images: int, steps: int) -> Path:
    """Log digits of 28² with an id and fields, at some steps."""
    rng = np.random.default_rng(7)
    words = ["coin", "ring", "disc", "bolt"]
    with runlog.init(dir=folder, id="images", quiet=True, record_environment=False) as run:
        for step in range(steps):
            shown = [
                runlog.Image(
                    rng.integers(0, 255, (28, 28), dtype=np.uint8),
                    id=f"val/{n:05d}",
                    fields={"truth": n % 10, "p": float(rng.random()), "word": str(rng.choice(words))},
                )
                for n in range(images // steps)
            ]
            run.log({"val/digits": shown}, step=step)
    return run.folder


def memory(context: BrowserContext, page: Page) -> tuple[float, float]:
    """Return the megabytes that the heap of a page holds, and its nodes, after a collection."""
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return found["JSHeapUsedSize"] / 1e6, found["Nodes"]


def browse(context: BrowserContext, address: str) -> dict[str, float]:
    """Return milliseconds of opening, sorting and scrolling, and the memory before and after."""
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("#images tbody tr[data-row]")
    results = {"opened, ms": page.evaluate(DRAWN_IN_SIGHT)}
    results["heap once opened, MB"], results["nodes once opened"] = memory(context, page)
    for column in _COLUMNS:
        results[f"sorted by {column}, ms"] = page.evaluate(SORT, column)
    scrolled = [page.evaluate(_SCROLL, (7 * n % 50) / 50) for n in range(1, 51)]
    results["scrolled far, ms"] = statistics.median(scrolled)
    results["heap after all, MB"], results["nodes after all"] = memory(context, page)
    return results


def main() -> None:
    """Print what was found, as text or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--browser", default="/usr/bin/chromium-headless-shell")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        run = make_run(Path(place), options.images, options.steps)
        begun = time.perf_counter()
        runlog_viewer.build(run)
        results["built, s"] = time.perf_counter() - begun
        scripts = (run / "viewer/data").glob("images-*.js")
        results["data scripts, MB"] = sum(script.stat().st_size for script in scripts) / 1e6
        address = (run / "viewer/key.html").as_uri() + "#key=val/digits&view=table"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=options.browser, args=["--no-sandbox"])
            found = []
            for _ in range(options.repeat):
                context = browser.new_context(viewport={"width": 1440, "height": 900})
                found.append(browse(context, address))
                context.close()
            browser.close()
        results |= {name: statistics.median(one[name] for one in found) for name in found[0]}
    lines = [f"{name:32} {value:10.2f}" for name, value in results.items()]
    sys.stdout.write(json.dumps(results) + "\n" if options.json else "\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
