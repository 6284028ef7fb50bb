"""What tables cost: to append to, to build the pages of, to open and to sort in a real Chromium over file://.

Appending is told as a ratio: one row to a table of many rows against one row to a table of ten. Opened means
that the page is loaded, and what is in sight decoded and drawn; sorted, that the first rows in the new order
are, from the press of the head on, with the rows loaded before and, beside it, without.
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
from playwright.sync_api import Page, sync_playwright

import runlog
import runlog_viewer

DRAWN_IN_SIGHT = """async () => {
    const frame = document.querySelector('.logged-table .table-frame').getBoundingClientRect();
    const images = [...document.querySelectorAll('.logged-table img')].filter((img) => {
        const {top, bottom} = img.getBoundingClientRect();
        return bottom > frame.top && top < Math.min(frame.bottom, innerHeight);
    });
    await Promise.all(images.map((img) => img.decode()));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now();
}"""
SORT = """async (column) => {
    const begun = performance.now();
    const table = document.querySelector('.logged-table');
    const head = [...table.querySelectorAll('th')].find((th) => th.textContent === column);
    const before = head.getAttribute('aria-sort');
    const row = () => table.querySelector('tbody tr[data-row]').dataset.row;
    const first = row();
    head.querySelector('button').click();
    while (head.getAttribute('aria-sort') === before || row() === first) {
        await new Promise((resolve) => setTimeout(resolve));
    }
    await (DRAWN)();
    return performance.now() - begun;
}""".replace("DRAWN", DRAWN_IN_SIGHT)


def append_seconds(folder: Path, rows: int, times: int) -> float:
    """Return how long it takes, at the median, to log a table with one row more."""
    with runlog.init(dir=folder, id=f"append-{rows}", quiet=True, record_environment=False) as run:
        table = runlog.Table(["n", "x", "word"], [[n, n / 7, f"word {n}"] for n in range(rows)])
        run.log({"t": table})
        taken = []
        for n in range(times):
            begun = time.perf_counter()
            table.add_row(n, 0.5, "a word")
            run.log({"t": table})
            taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def make_table(folder: Path, rows: int, pictures: int) -> Path:
    """Log a table of which every tenth row or so has a picture with a box and a mask."""
    rng = np.random.default_rng(7)
    words = ["coin", "ring", "disc", "bolt", "none"]
    table = runlog.Table(["picture", "truth", "guess", "score", "note"])
    every = max(1, rows // pictures)
    for row in range(rows):
        image = None
        if row % every == 0:
            pixels = rng.integers(0, 255, (96, 128, 3), dtype=np.uint8)
            box = {"position": {"minX": 0.2, "maxX": 0.6, "minY": 0.2, "maxY": 0.7}, "class_id": row % 3}
            mask = np.zeros((96, 128), np.uint8)
            mask[20:60, 30:80] = row % 3 + 1
            image = runlog.Image(
                pixels,
                caption=f"val/{row}",
                boxes={"p": {"box_data": [box]}},
                masks={"m": {"mask_data": mask}},
            )
        truth, guess = rng.choice(words, 2)
        table.add_row(image, str(truth), str(guess), float(rng.uniform()), f"note {rng.integers(1000)}")
    with runlog.init(dir=folder, id="table", quiet=True, record_environment=False) as run:
        run.log({"mistakes": table}, step=0)
    return run.folder


def browse(page: Page, address: str) -> dict[str, float]:
    """Return milliseconds of opening a page and of sorting its table."""
    page.goto(address)
    opened = page.evaluate(DRAWN_IN_SIGHT)
    first = page.evaluate(SORT, "score")
    again = page.evaluate(SORT, "truth")
    return {"opened": opened, "sorted, rows loaded first": first, "sorted": again}


def main() -> None:
    """Print what was found, as text or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--many", type=int, default=100_000, help="rows of the table that is appended to")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--browser", default="/usr/bin/chromium-headless-shell")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        few, many = append_seconds(folder, 10, 200), append_seconds(folder, options.many, 200)
        results |= {"append to 10, ms": 1000 * few, f"append to {options.many:,}, ms": 1000 * many}
        results["ratio"] = many / few
        begun = time.perf_counter()
        run = make_table(folder, options.rows, options.pictures)
        results["logged, s"] = time.perf_counter() - begun
        begun = time.perf_counter()
        index = runlog_viewer.build(run).index
        results["built, s"] = time.perf_counter() - begun
        address = (index.parent / "viewer/steps/000000000.html").as_uri()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=options.browser, args=["--no-sandbox"])
            found = []
            for _ in range(options.repeat):
                context = browser.new_context(viewport={"width": 1440, "height": 900})
                found.append(browse(context.new_page(), address))
                context.close()
            browser.close()
        for name in found[0]:
            results[f"{name}, ms"] = statistics.median(one[name] for one in found)
    lines = [f"{name:32} {value:10.2f}" for name, value in results.items()]
    sys.stdout.write(json.dumps(results) + "\n" if options.json else "\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
