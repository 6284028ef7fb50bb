"""The page of a run has the numbers of the machine over time, and the end of what the script printed."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import runlog
from runlog_viewer.site import Site

Start = Callable[..., runlog.LocalRun]


def charts_of(page: str) -> list[str]:
    """Return the names of the charts in the section of the machine."""
    section = re.search(r'id="system".*?</section>', page, re.DOTALL)
    return re.findall(r"<h3><bdi>(.*?)</bdi>", section[0]) if section else []


def test_numbers_of_the_machine_are_drawn_over_time_as_they_come(start: Start) -> None:
    run = start()
    site, page = Site(run.folder), run.folder / "index.html"
    run.log({"loss": 1.0})
    site.update()
    assert charts_of(page.read_text()) == []
    for percent in (10.0, 90.0):
        run._store.add_system_numbers({"process.cpu_percent": percent})
    run.log({"loss": 1.0})
    site.update()
    assert charts_of(page.read_text()) == ["process.cpu_percent"]
    assert re.search(r"process\.cpu_percent from minutes \S+ to \S+: 10 to 90, last 90", page.read_text())
    run._store.add_system_numbers({"process.cpu_percent": 50.0, "gpu.0.power_watts": 250.0})
    run.log({"loss": 1.0})
    site.update()
    once = page.read_text()
    assert charts_of(once) == ["gpu.0.power_watts", "process.cpu_percent"]
    assert "10 to 90, last 50" in once
    run.finish()
    site.update()
    anew = Site(run.folder)
    anew.update()
    assert charts_of(page.read_text()) == ["gpu.0.power_watts", "process.cpu_percent"]


def test_the_end_of_what_was_printed_is_shown_as_text(start: Start, tmp_path: Path) -> None:
    with start(console=True) as run:
        run.log({"loss": 1.0})
        for number in range(3000):
            sys.stdout.write(f"line {number}\n")
        sys.stdout.write("<script>alert(1)</script>\n")
    Site(run.folder).update()
    page = (run.folder / "index.html").read_text()
    shown = re.search(r'id="console".*?<pre[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert shown is not None
    lines = shown[1].splitlines()
    assert lines[-1] == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert lines[-2] == "line 2999"
    assert re.fullmatch(r"line \d+", lines[0])
    assert 1000 < len(lines) < 3000
    with start(id="without") as quiet:
        quiet.log({"loss": 1.0})
    Site(quiet.folder).update()
    assert 'id="console"' not in (quiet.folder / "index.html").read_text()
