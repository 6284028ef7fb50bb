"""How fast the charts of a long run open and are zoomed, in a real Chromium, from file://.

``bench_charts.py [RUN ...]``, where each RUN is a run folder with its site, which take turns: of one run,
built by two versions of the viewer, it tells what has changed. Without any, a run of 20,000 steps and 30
keys is logged and built. Opened is from the navigation to the frame that has the charts in sight, or the
enlarged one with all that its width has room for; zooming is from the press of a key, or the end of a drag,
to the frame with the finest buckets of the part. Stated are the median and the ends of all repetitions, and
the processor time of all of the browser's processes.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

import runlog
import runlog_viewer

OPENED, ZOOMED = 500, 150  # ms that it should take at most
STEPS, KEYS = 20_000, 30
REPETITIONS = 15
_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Notes when each frame with lines that were drawn anew has been painted, in ms since the navigation.
_WATCH = """() => {
    window.painted = [];
    const note = () => requestAnimationFrame(() => setTimeout(() => window.painted.push(performance.now())));
    const isDrawn = ({target}) => target.matches('.lines');
    const watch = new MutationObserver((changes) => changes.some(isDrawn) && note());
    watch.observe(document, {subtree: true, childList: true});
}"""
_RESTED = "() => window.painted.length && performance.now() - window.painted.at(-1) > 400"
_PRESS = """async (key) => {
    window.painted = [];
    const plot = document.querySelector('.chart.large .plot');
    const begun = performance.now();
    plot.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
    return begun;
}"""
_DRAG = """async ([from, to]) => {
    window.painted = [];
    const plot = document.querySelector('.chart.large .plot');
    const {left, top, width, height} = plot.querySelector('.lines').getBoundingClientRect();
    plot.setPointerCapture = () => {}; // of a pointer that is none
    const move = (type, part) => plot.dispatchEvent(new PointerEvent(type, {
        bubbles: true, pointerId: 1, clientX: left + part * width, clientY: top + height / 2,
    }));
    move('pointerdown', from);
    move('pointermove', to);
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const begun = performance.now();
    move('pointerup', to);
    return begun;
}"""
# What is done with the enlarged chart, one after the other.
ZOOMS = (
    ("closer", _PRESS, "+"),
    ("closer again", _PRESS, "+"),
    ("dragged across a tenth", _DRAG, [0.4, 0.5]),
    ("out again", _PRESS, "-"),
    ("all of it", _PRESS, "Escape"),
)


def main(runs: list[Path]) -> None:
    """Measure, and print a line a measurement."""
    executable = next(filter(None, map(shutil.which, _BROWSERS)))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, sync_playwright() as playwright:
        runs = runs or [_log(Path(folder))]
        browser = playwright.chromium.launch(executable_path=executable)
        taken: dict[tuple[str, Path], list[tuple[float, float]]] = {}
        for _ in range(REPETITIONS):
            for run in runs:
                for what, took in _measure(browser, run):
                    taken.setdefault((what, run), []).append(took)
        browser.close()
        for run in runs:
            data = list((run / "viewer" / "data").glob("chart*.js"))
            size = sum(file.stat().st_size for file in data) / 1e6
            sys.stdout.write(f"chart data of {run}: {len(data)} files, {size:.1f} MB\n")
        for (what, run), times in taken.items():
            _print(f"{what}, {run.name}", times, OPENED if what.startswith("opened") else ZOOMED)


def _log(folder: Path) -> Path:
    chance = np.random.default_rng(5)
    values = np.exp(-np.arange(STEPS) / 4000)[:, None] + 0.05 * chance.standard_normal((STEPS, KEYS))
    with runlog.init(dir=folder, id="run", quiet=True, record_environment=False) as run:
        for step, row in enumerate(values.tolist()):
            run.log({f"train/loss_{key}": value for key, value in enumerate(row)}, step=step)
    runlog_viewer.build(folder)
    return folder / "run"


def _measure(browser: Browser, run: Path) -> Iterator[tuple[str, tuple[float, float]]]:
    """Give the name, and milliseconds to the frame and of processor time, of each thing that is done."""
    processes = browser.new_browser_cdp_session()
    address = (run / "index.html").as_uri()
    for what, hash_ in (("opened", ""), ("opened, one enlarged", "#chart=train/loss_0")):
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.add_init_script(f"({_WATCH})()")
        before = _cpu(processes)
        page.goto(address + hash_)
        yield what, (_painted(page), _cpu(processes) - before)
        for name, script, argument in ZOOMS if hash_ else ():
            before = _cpu(processes)
            begun = page.evaluate(script, argument)
            yield name, (_painted(page) - begun, _cpu(processes) - before)
        page.context.close()


def _painted(page: Page) -> float:
    """Return when the last of the frames that are drawn now is painted."""
    page.wait_for_function(_RESTED, polling=50)
    return float(page.evaluate("window.painted.at(-1)"))


def _cpu(devtools: CDPSession) -> float:
    return 1000 * sum(
        process["cpuTime"] for process in devtools.send("SystemInfo.getProcessInfo")["processInfo"]
    )


def _print(name: str, times: list[tuple[float, float]], most: float) -> None:
    frames, cpu = zip(*times, strict=True)
    ends = f"{min(frames):.0f} … {max(frames):.0f}, should be at most {most}"
    middle = f"{statistics.median(frames):.0f} ms painted ({ends})"
    sys.stdout.write(f"{name}: {middle}, {statistics.median(cpu):.0f} ms of processor time\n")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
