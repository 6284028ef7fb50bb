"""How fast the page of many runs opens and is filtered, in a real Chromium, from file://.

``bench_overview.py [COUNT]``, 500 runs by default. Painted means that the frame after it has been drawn.
Stated are the median and the least of all repetitions, and how long scripts alone took of a key.
"""

from __future__ import annotations

import random
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

import runlog
import runlog_viewer

OPENED, KEY = 400, 60  # ms that it should take at most
REPETITIONS = 15
# What is in the filter one after the other; with the last two, many rows come in that were not in sight.
FILTERS = ("zzz", "run-1", "zzz", "adam", "zzz", "")
_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_PAINTED = "new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))"
_TYPE = f"""async (text) => {{
    const filter = document.getElementById('filter');
    await new Promise((resolve) => setTimeout(resolve, 300)); // the address follows a while after
    const begun = performance.now();
    filter.value = text;
    filter.dispatchEvent(new Event('input', {{bubbles: true}}));
    const scripts = performance.now() - begun;
    await {_PAINTED};
    return [performance.now() - begun, scripts];
}}"""
_OPENED = f"async () => {{ await {_PAINTED}; return performance.now(); }}"


def main(count: int) -> None:
    """Measure, and print a line a measurement."""
    executable = next(filter(None, map(shutil.which, _BROWSERS)))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, sync_playwright() as playwright:
        _log(Path(folder), count)
        runlog_viewer.build(folder)
        browser = playwright.chromium.launch(executable_path=executable)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        url = (Path(folder) / "index.html").as_uri()
        _print(f"opened, {count} runs", [_opened(page, url) for _ in range(REPETITIONS)], OPENED)
        taken: dict[str, list[list[float]]] = {text: [] for text in FILTERS}
        for _ in range(REPETITIONS):
            for text in FILTERS:
                taken[text].append(page.evaluate(_TYPE, text))
        for text, times in taken.items():
            shown = page.evaluate(_TYPE, text) and page.locator("#count").text_content()
            scripts = statistics.median(scripts for _, scripts in times)
            name = f"filter {text!r}: {shown}, scripts {scripts:.0f} ms"
            _print(name, [painted for painted, _ in times], KEY)
        browser.close()


def _log(folder: Path, count: int) -> None:
    chance = random.Random(4)
    for number in range(count):
        optimizer = chance.choice(["adam", "sgd", "adamw"])
        config: dict[str, object] = {
            "lr": 10 ** chance.uniform(-4, -1),
            "batch_size": chance.choice([16, 32, 64]),
            "optimizer": optimizer,
            "width": chance.choice([32, 64]),
            "dropout": chance.uniform(0, 0.5),
            "seed": number,
        }
        picture = np.full((48, 64, 3), 2 + number % 250, np.uint8)
        with runlog.init(
            "sweep", dir=folder, name=f"run-{number:03d}", config=config, tags=[optimizer], quiet=True
        ) as run:
            for step in range(3):
                numbers = {name: chance.random() for name in ("train/loss", "val/acc", "val/loss")}
                run.log({**numbers, "picture": runlog.Image(picture)}, step=step)


def _opened(page: Page, url: str) -> float:
    page.goto("about:blank")
    page.goto(url)
    page.wait_for_selector(".runs.whole", state="attached")
    return float(page.evaluate(_OPENED))


def _print(name: str, times: list[float], most: float) -> None:
    median, least = statistics.median(times), min(times)
    sys.stdout.write(f"{name}: {median:.0f} ms painted, at least {least:.0f} (should be at most {most})\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
