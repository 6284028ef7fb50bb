"""How fast a step page is in a real Chromium: the first gallery, scrubbing, memory, and following a live run.

A picture counts as painted when every visible image is decoded (`img.decode()`, masks as well) and the frame
after that has been drawn. Scrubbing goes through all steps once, in random order, in a browser that has seen
none of them, from file:// and from `runlog view`. Memory is read after a garbage collection. What is stated
is medians, and beside them the processor time of all of the browser's processes, since others may use the
machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

import runlog
import runlog_viewer

_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_SWITCHES = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
_LABELS = {1: "cat", 2: "dog", 3: "bird", 4: "sky"}
_IMAGES = 8

# Waits until what is in sight is decoded and drawn; gives milliseconds since 1970.
_PAINTED = """window.painted = async () => {
    const isInSight = (element) => {
        const {top, bottom} = element.getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
    };
    const seen = [...document.querySelectorAll('.picture')].filter(isInSight);
    const images = seen.flatMap((picture) => [...picture.querySelectorAll('img')]);
    const masks = seen.flatMap((picture) => [...picture.querySelectorAll('image.mask')]);
    const copies = masks.map((mask) => Object.assign(new Image(), {src: mask.getAttribute('href')}));
    await Promise.all([...images, ...copies].map((image) => image.decode()));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.timeOrigin + performance.now();
}"""
_SCRUB = """async (places) => {
    const slider = document.getElementById('slider');
    const times = [];
    for (const [place, step] of places) {
        const begun = performance.now();
        const shown = new Promise((resolve) => {
            const watch = new MutationObserver(() => {
                if (document.body.dataset.step !== String(step)) return;
                watch.disconnect();
                resolve();
            });
            watch.observe(document.body, {attributes: true, attributeFilter: ['data-step']});
        });
        slider.value = place;
        slider.dispatchEvent(new Event('input', {bubbles: true}));
        await shown;
        await window.painted();
        times.push(performance.now() - begun);
    }
    return times;
}"""
_RECORD = """() => {
    window.seen = {};
    new MutationObserver(async () => {
        const {step} = document.body.dataset;
        window.seen[step] = await window.painted();
    }).observe(document.body, {attributes: true, attributeFilter: ['data-step']});
}"""


@dataclass(frozen=True, slots=True)
class Case:
    """A run to scrub through, and in how many ms a random step of it should be painted at most."""

    name: str
    side: int
    boxes: int
    has_masks: bool
    steps: int
    target: float


_CASES = (
    Case("8×128²", 128, 0, False, 300, 60.0),
    Case("8×128², 5 boxes each", 128, 5, False, 300, 60.0),
    Case("8×512², 5 boxes and a mask each", 512, 5, True, 300, 125.0),
)


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  python tests/bench/bench_viewer.py --json viewer.json",
    )
    parser.add_argument("--quick", action="store_true", help="60 steps instead of 300, 5 repetitions")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured to FILE")
    options = parser.parse_args()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, sync_playwright() as playwright:
        executable = os.environ.get("RUNLOG_CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)))
        for case in _CASES:
            run = _log(case, Path(folder) / case.name, 60 if options.quick else case.steps)
            with _following(run.folder.parent, ["view", "--no-open"]) as address:
                for scheme, base in (
                    ("file", (run.folder.parent / "index.html").as_uri()),
                    ("http", address),
                ):
                    browser = playwright.chromium.launch(executable_path=executable, args=_SWITCHES)
                    name = f"{case.name}, {scheme}"
                    sys.stderr.write(f"{name}: scrubbing …\n")
                    found[name] = _measure(case, base, viewer_steps(run), browser, 5 if options.quick else 15)
                    browser.close()
        browser = playwright.chromium.launch(executable_path=executable, args=_SWITCHES)
        found["live"] = _measure_live(browser, Path(folder), 5 if options.quick else 15)
        browser.close()
    rows = list(_rows(found))
    for row in rows:
        sys.stdout.write("{:66} {:>10} {:>12}  {}\n".format(*row))
    if options.json is not None:
        machine = {"platform": platform.platform(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
        options.json.write_text(
            json.dumps({"machine": machine, "measured": found}, indent=1, ensure_ascii=False)
        )


def _log(case: Case, folder: Path, steps: int) -> runlog.LocalRun:
    """Log and build a run of distinct pictures."""
    sys.stderr.write(f"{case.name}: {steps} steps …\n")
    with runlog.init(dir=folder, id="run", quiet=True, record_environment=False) as run:
        for step in range(steps):
            run.log({"val/predictions": _images(case, step)}, step=step)
    runlog_viewer.build(folder)
    return run


def _images(case: Case, step: int) -> list[runlog.Image]:
    generator = np.random.default_rng(step)
    side = case.side
    coarse = generator.integers(0, 256, (_IMAGES, side // 16, side // 16, 3), dtype=np.uint8)
    pictures = coarse.repeat(16, 1).repeat(16, 2) ^ generator.integers(
        0, 8, (_IMAGES, side, side, 3), dtype=np.uint8
    )
    return [
        runlog.Image(
            pictures[n],
            caption=f"image {n} of step {step}",
            boxes={"predictions": {"box_data": _boxes(generator, case.boxes), "class_labels": _LABELS}}
            if case.boxes
            else None,
            masks={"areas": {"mask_data": _mask(generator, side), "class_labels": _LABELS}}
            if case.has_masks
            else None,
        )
        for n in range(_IMAGES)
    ]


def _boxes(generator: np.random.Generator, count: int) -> list[dict[str, Any]]:
    corners = generator.random((count, 2)) * 0.6
    return [
        {
            "position": {"minX": x, "maxX": x + 0.3, "minY": y, "maxY": y + 0.3},
            "class_id": int(generator.integers(1, 5)),
            "scores": {"confidence": float(generator.random())},
        }
        for x, y in corners.tolist()
    ]


def _mask(generator: np.random.Generator, side: int) -> np.ndarray[Any, Any]:
    return generator.integers(0, 5, (side // 32, side // 32), dtype=np.uint8).repeat(32, 0).repeat(32, 1)


# Measuring


def _measure(case: Case, base: str, steps: list[int], browser: Browser, repetitions: int) -> dict[str, Any]:
    first = [_first_gallery(browser, _address(base, step)) for step in steps[:repetitions]]
    page = _open(browser, _address(base, steps[0]))
    page.keyboard.press("o")  # one key at all steps: there is nothing earlier to show
    places = [(place, step) for place, step in enumerate(steps) if place]
    random.Random(0).shuffle(places)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    processes = browser.new_browser_cdp_session()
    times: list[float] = []
    memory = {}
    cpu = 0.0
    part = max(1, len(places) // 6)
    for begin in range(0, len(places), part):
        before = _cpu_seconds(processes)
        times += page.evaluate(_SCRUB, places[begin : begin + part])
        cpu += _cpu_seconds(processes) - before
        memory[len(times)] = _memory(devtools)
    page.context.close()
    return {
        "first gallery ms": statistics.median(first),
        "cpu ms a step": 1000 * cpu / len(times),
        "step ms": statistics.median(times),
        "step ms, 9 of 10": sorted(times)[int(len(times) * 0.9)],
        "target ms": case.target,
        "memory": memory,
    }


def viewer_steps(run: runlog.LocalRun) -> list[int]:
    """Return the steps that have a page, ascending."""
    return sorted(int(file.stem) for file in (run.folder / "viewer" / "steps").glob("*.html"))


def _address(base: str, step: int) -> str:
    """Return where a step of the run is, given where the page of all runs is, with the token of a server."""
    head, mark, query = base.partition("?")
    return f"{head.removesuffix('index.html')}run/viewer/steps/{step:09d}.html{mark}{query}"


def _open(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.add_init_script(_PAINTED)
    page.goto(address, wait_until="commit")
    page.locator("#place:not(:empty)").wait_for()
    return page


def _first_gallery(browser: Browser, address: str) -> float:
    """Return milliseconds from the start of the navigation to the gallery painted."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.add_init_script(_PAINTED)
    page.add_init_script(
        "addEventListener('DOMContentLoaded', async () => {"
        " window.took = await window.painted() - performance.timeOrigin; })"
    )
    page.goto(address)
    took = _wait_for(lambda: page.evaluate("window.took"))
    page.context.close()
    return took


def _wait_for(get: Callable[[], float | None], seconds: float = 20) -> float:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (value := get()) is not None:
            return value
        time.sleep(0.02)
    raise SystemExit("the page did not show what was logged")


def _memory(devtools: CDPSession) -> dict[str, float]:
    devtools.send("HeapProfiler.collectGarbage")
    metrics = {
        metric["name"]: metric["value"] for metric in devtools.send("Performance.getMetrics")["metrics"]
    }
    return {"heap MB": metrics["JSHeapUsedSize"] / 1e6, "nodes": metrics["Nodes"]}


def _cpu_seconds(devtools: CDPSession) -> float:
    processes = devtools.send("SystemInfo.getProcessInfo")["processInfo"]
    return sum(process["cpuTime"] for process in processes)


def _measure_live(browser: Browser, folder: Path, repetitions: int) -> dict[str, Any]:
    """Return milliseconds from the return of log() to the pictures painted in a page that follows the run."""
    found = {}
    for scheme, command in (("file", ["watch"]), ("http", ["view", "--no-open"])):
        runs = folder / scheme
        with runlog.init(dir=runs, id="run", quiet=True, record_environment=False) as run:
            run.log({"val/predictions": _images(_CASES[1], 0)}, step=0)
            with _following(runs, command) as address:
                base = address if scheme == "http" else (runs / "index.html").as_uri()
                found[scheme] = statistics.median(_live_times(browser, run, base, repetitions))
    return found


@contextmanager
def _following(runs: Path, command: list[str]) -> Iterator[str]:
    """Run ``runlog watch`` or ``runlog view``, and give the address it prints."""
    line = [sys.executable, "-u", "-m", "runlog", *command, str(runs)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait()


def _live_times(browser: Browser, run: runlog.LocalRun, base: str, repetitions: int) -> list[float]:
    page = _open(browser, _address(base, 0))
    page.keyboard.press("f")
    page.evaluate(_RECORD)
    times = []
    for step in range(1, repetitions + 1):
        time.sleep(random.Random(step).uniform(1.0, 2.0))
        run.log({"val/predictions": _images(_CASES[1], step)}, step=step)
        logged = time.time() * 1000
        times.append(_wait_for(lambda step=step: page.evaluate(f"window.seen[{step}]")) - logged)
    page.context.close()
    return times


# Printing


def _rows(found: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for name, values in found.items():
        if name == "live":
            continue
        yield _row(f"{name}: a random step painted, ms", values["step ms"], "≤", values["target ms"])
        yield _row(f"{name}: first gallery painted, ms", values["first gallery ms"], "≤", 500)
        yield f"{name}: processor time of a step, ms", f"{values['cpu ms a step']:.0f}", "", ""
        for what in ("heap MB", "nodes"):
            readings = [reading[what] for reading in values["memory"].values()]
            half = len(readings) // 2
            growth = statistics.median(readings[half:]) / statistics.median(readings[:half])
            yield _row(f"{name}: {what}, second half / first", growth, "≤", 1.1)
    for scheme, target in (("file", 1200), ("http", 500)):
        yield _row(f"log() to painted over {scheme}, ms", found["live"][scheme], "≤", target)


def _row(what: str, got: float, relation: str, target: float) -> tuple[str, str, str, str]:
    is_met = got <= target if relation == "≤" else got >= target
    return (
        what,
        f"{got:,.3g}" if got < 100 else f"{got:,.0f}",
        f"{relation} {target:g}",
        "met" if is_met else "MISSED",
    )


if __name__ == "__main__":
    main()
