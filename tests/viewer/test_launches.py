"""The ranks of a launch in the site of a runs folder: one run, kept up to date, and nothing lost."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runlog
from runlog.importers.ranks import join
from runlog_viewer import with_pages
from runlog_viewer.building.served_files import ServedFiles
from runlog_viewer.html import data_scripts
from runlog_viewer.site import Site

from ..runlog.cli.calling import run_together

Start = Callable[..., runlog.LocalRun]

RANKS = 8
# A training script as Slurm starts it: two hosts of four ranks. One is taken away, and comes back.
SCRIPT = """
import os, platform, signal, sys
import numpy as np
rank = int(os.environ["SLURM_PROCID"])
platform.node = lambda: f"host-{os.environ['SLURM_NODEID']}"
import runlog

given = {"config": {"lr": 0.1}, "group": "mine", "record_environment": False}
with runlog.init(resume="allow", quiet=True, **given) as run:
    for step in range(run.step, 4):
        pixels = np.full((4, 6, 3), 40 + 10 * step + rank, np.uint8)
        image = runlog.Image(pixels, caption=f"{rank} at {step}")
        run.log({"loss": rank + step, "val": [image]}, step=step)
        if step == 1 and os.environ.get("PREEMPTED") == str(rank):
            os.kill(os.getpid(), signal.SIGKILL)
"""


def launch(folder: Path, ranks: Sequence[int], **more: str) -> list[int]:
    """Start a process for each rank, with what Slurm sets, and return how they ended."""
    of_launch = {**os.environ, "RUNLOG_DIR": str(folder), "RUNLOG_RUN_ID": "job-7", **more}
    of_ranks = [
        {"SLURM_PROCID": str(rank), "SLURM_NODEID": str(rank // 4), "SLURM_NTASKS": str(RANKS)}
        for rank in ranks
    ]
    done = run_together(SCRIPT, envs=[{**of_launch, **of_rank} for of_rank in of_ranks])
    return [one.returncode for one in done]


def databases(runs: Path) -> dict[Path, bytes]:
    """Return the content of the databases of ranks; what readers share of one is beside it."""
    return {path: path.read_bytes() for path in runs.glob("job-7-r?/run.db*") if path.suffix != ".db-shm"}


def rows(runs: Path) -> list[str]:
    """Return the runs of which the page of all runs has a row."""
    return re.findall(r'<tr data-key="([^"]+)"', (runs / "index.html").read_text())


def numbers(runs: Path, key: str, name: str = "job-ranks") -> list[float]:
    """Return the numbers of a key in the pages of all ranks."""
    text = (runs / "viewer/data/lines-0000.js").read_text()
    lines = dict(data_scripts.read_data_script(text))
    return lines[name][key][1]


def log_ranks(start: Start, step: int, ranks: Sequence[int] = (0, 1), **values: Any) -> None:
    for rank in ranks:
        with start(id=f"job-r{rank}", group="job", resume="allow") as run:
            run.log({"loss": rank, **values}, step=step)


def test_eight_ranks_on_two_hosts_are_one_run_and_one_that_was_preempted_goes_on(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    ended = launch(runs, range(RANKS), PREEMPTED="5")
    assert ended == [-signal.SIGKILL if rank == 5 else 0 for rank in range(RANKS)]
    before = databases(runs)
    site = Site(runs)
    assert site.update().problems == ()
    assert databases(runs) == before
    assert rows(runs) == ["job-7-ranks"]
    others = [rank for rank in range(RANKS) if rank != 5]
    mean = [step + (3.5 if step <= 1 else float(np.mean(others))) for step in range(4)]
    assert numbers(runs, "loss", "job-7-ranks") == pytest.approx(mean)
    page = (runs / "index.html").read_text()
    assert "8 ranks" in page
    assert re.findall(r'<a href="(job-7-r\d/index.html)"', page) == [
        f"job-7-r{rank}/index.html" for rank in range(RANKS)
    ]
    assert launch(runs, [5]) == [0]
    assert site.update().problems == ()
    assert numbers(runs, "loss", "job-7-ranks") == [step + 3.5 for step in range(4)]
    for step in range(4):
        page = (runs / f"job-7-ranks/viewer/steps/{step:09d}.html").read_text()
        assert page.count("<figure") == RANKS
        assert all(f"{rank} at {step}" in page for rank in range(RANKS))
        # Its pictures are there from the file system and over the loopback interface alike.
        pictures = re.findall(r'"\.\./\.\./(media/[^"]+\.png)"', page)
        assert len(set(pictures)) == RANKS
        assert all((runs / "job-7-ranks" / picture).is_file() for picture in pictures)
        served = ServedFiles(runs).open(f"/job-7-ranks/{pictures[0]}")
        assert served is not None
        served.file.close()
    # Another process finds all of it up to date.
    assert Site(runs).update().pages_written == 0
    (joined,) = join(runs)
    assert (joined.folder, joined.ranks, joined.steps, joined.problems) == (runs / "job-7", RANKS, 4, ())
    with runlog.open(runs / "job-7") as reader:
        run, images = reader.run(), reader.images()
        assert [(image.step, image.fields["rank"], image.caption) for image in images] == [
            (step, rank, f"{rank} at {step}") for step in range(4) for rank in range(RANKS)
        ]
        assert {int(reader.pixels(one)[0, 0, 0]) for one in images if one.step == 2} == set(range(60, 68))
    assert (run.state, run.group, run.config) == ("finished", "mine", {"lr": 0.1})
    assert run.summary["loss"] == 6.5
    assert set(run.environment["ranks"]["hosts"].values()) == {"host-0", "host-1"}
    assert runlog.check(runs / "job-7").problems == ()
    assert join(runs)[0].steps == 0


def test_the_newest_step_waits_for_the_ranks_that_log_every_step(start: Start, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    ranks = [start(id=f"job-r{rank}", group="job") for rank in range(3)]
    site = Site(runs, may_be_empty=True)

    def shown_after(rank: int, step: int, key: str = "loss") -> list[float]:
        ranks[rank].log({key: rank}, step=step)
        assert site.update().problems == ()
        return numbers(runs, "loss")

    assert shown_after(0, 0) == [0]  # the first step shows at once
    assert shown_after(1, 0) == [0.5]
    assert shown_after(0, 1) == [0.5]
    # The third rank has not logged yet: nobody waits for it.
    assert shown_after(1, 1) == [0.5, 0.5]
    assert shown_after(2, 1) == [0.5, 1]
    assert shown_after(2, 2) == [0.5, 1]
    # Nobody waits longer than for a step: what is shown early is shown again with each that comes later.
    assert shown_after(2, 3) == [0.5, 1, 2, 2]
    assert shown_after(0, 2) == [0.5, 1, 1, 2]
    assert shown_after(0, 3) == [0.5, 1, 1, 1]
    assert shown_after(0, 4) == [0.5, 1, 1, 1]
    ranks[2].finish()
    ranks[1].finish()
    site.update()
    assert numbers(runs, "loss") == [0.5, 1, 1, 1, 0]
    ranks[0].finish()


def test_it_runs_as_long_as_one_of_its_ranks_and_ends_as_they_do(start: Start, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    first, second = (start(id=f"job-r{rank}", group="job") for rank in range(2))
    first.log({"loss": 1}, step=0)
    second.log({"loss": 2}, step=0)
    site = Site(runs)
    site.update()
    assert '<span class="state running">' in (runs / "index.html").read_text()
    first.finish()
    site.update()
    assert '"state":"running"' in (runs / "job-ranks/viewer/version.js").read_text()
    second.finish("failed")
    site.update()
    assert '"state":"failed"' in (runs / "job-ranks/viewer/version.js").read_text()


def test_only_pages_of_steps_that_a_rank_logged_to_are_written_anew(start: Start, tmp_path: Path) -> None:
    runs, picture = tmp_path / "runs", runlog.Image(np.zeros((4, 4), np.uint8))
    for step in range(3):
        log_ranks(start, step, p=picture)
    site = Site(runs)
    site.update()
    pages = runs / "job-ranks/viewer/steps"
    before = {path.name: path.stat().st_mtime_ns for path in pages.iterdir()}
    log_ranks(start, 2, [1], p=[picture, picture])
    site.update()
    after = {path.name: path.stat().st_mtime_ns for path in pages.iterdir()}
    assert [name for name in after if after[name] != before[name]] == ["000000002.html"]


def test_what_a_rank_took_back_is_gone(start: Start, tmp_path: Path) -> None:
    for step in range(3):
        log_ranks(start, step)
    site = Site(tmp_path / "runs")
    site.update()
    for rank in range(2):
        start(id=f"job-r{rank}", resume="must", resume_step=0).finish()
    site.update()
    assert numbers(tmp_path / "runs", "loss") == [0.5]


def test_ranks_that_cannot_be_read_are_said_and_the_others_show(start: Start, tmp_path: Path) -> None:
    runs, picture = tmp_path / "runs", runlog.Image(np.zeros((4, 4), np.uint8))
    log_ranks(start, 0, range(4), p=picture)
    (runs / "job-r1/run.db").write_bytes(b"garbage" * 1000)
    with closing(sqlite3.connect(runs / "job-r2/run.db")) as db, db:
        db.execute("UPDATE media SET path = '../' || path")
    next((runs / "job-r3/media").rglob("*.png")).unlink()
    problems = Site(runs).update().problems
    assert all(any(f"job-r{rank}" in problem for problem in problems) for rank in (1, 2, 3)), problems
    assert rows(runs)[:1] == ["job-ranks"]
    assert numbers(runs, "loss")[0] in (1.0, 1.5)  # of 0 and 3, or of 0 and 2 and 3
    assert (runs / "job-ranks/viewer/steps/000000000.html").read_text().count("<figure") == 1


@pytest.mark.parametrize(
    ("ids", "group"),
    [
        (("lr-r1", "lr-r2"), None),  # called so by hand
        (("lr-r1", "lr-r2"), "sweep"),
        (("job-r0",), "job"),  # alone
    ],
)
def test_runs_that_are_no_ranks_show_by_themselves(
    start: Start, tmp_path: Path, ids: Sequence[str], group: str | None
) -> None:
    for run_id in ids:
        with start(id=run_id, group=group) as run:
            run.log({"loss": 1})
    Site(tmp_path / "runs").update()
    assert sorted(rows(tmp_path / "runs")) == sorted(ids)


def test_where_a_run_of_that_name_lies_beside_them_it_is_that_of_all(start: Start, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    log_ranks(start, 0)
    with start(id="job", group="job") as run:
        run.log({"loss": 7})
    Site(runs).update()
    assert sorted(rows(runs)) == ["job", "job-r0", "job-r1"]


def test_a_folder_that_holds_something_else_is_left_alone(start: Start, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    log_ranks(start, 0)
    (runs / "job-ranks").mkdir()
    (runs / "job-ranks/weights.bin").write_bytes(b"1")
    (problem,) = Site(runs).update().problems
    assert "must be free for the pages of all ranks" in problem
    assert sorted(rows(runs)) == ["job-r0", "job-r1"]
    assert [path.name for path in (runs / "job-ranks").iterdir()] == ["weights.bin"]


def test_the_pages_and_the_cache_of_a_launch_go_with_its_ranks(start: Start, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    log_ranks(start, 0)
    start(id="other").finish()
    Site(runs).update()
    assert list((tmp_path / "cache").rglob("launches/*/job-ranks/run.db"))
    for rank in range(2):
        shutil.rmtree(runs / f"job-r{rank}")
    Site(runs).update()
    assert rows(runs) == ["other"]
    assert not (runs / "job-ranks").exists()
    assert not list((tmp_path / "cache").rglob("launches/*/job-ranks"))


def test_the_pages_of_a_launch_that_is_gone_go_though_a_site_was_published_meanwhile(
    start: Start, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    log_ranks(start, 0)
    Site(runs).update()
    Site(runs, tmp_path / "out").update()
    assert (runs / "job-ranks").is_dir()
    assert (tmp_path / "out/job-ranks").is_dir()
    start(id="job").finish()
    Site(runs, tmp_path / "out").update()
    assert not (tmp_path / "out/job-ranks").exists()
    Site(runs).update()
    assert not (runs / "job-ranks").exists()
    assert not list((tmp_path / "cache").rglob("launches/*/job-ranks"))


def test_what_is_in_the_cache_is_made_again_where_it_is_of_no_use(start: Start, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    log_ranks(start, 0)
    Site(runs).update()
    (database,) = (tmp_path / "cache").rglob("launches/*/job-ranks/run.db")
    database.write_bytes(b"garbage" * 1000)
    assert Site(runs).update().problems == ()
    assert numbers(runs, "loss") == [0.5]


def test_what_is_removed_from_the_cache_meanwhile_is_made_again(start: Start, tmp_path: Path) -> None:
    runs, picture = tmp_path / "runs", runlog.Image(np.zeros((4, 4), np.uint8))
    log_ranks(start, 0, p=picture)
    site = Site(runs)
    site.update()
    shutil.rmtree(tmp_path / "cache")
    assert site.update().problems == ()
    assert rows(runs) == ["job-ranks"]
    next((runs / "job-ranks/media").rglob("*.png")).unlink()
    log_ranks(start, 0, p=[picture, picture])  # its pages are looked at again
    assert "missing" in site.update().problems[0]
    assert site.update().problems == ()
    assert (runs / "job-ranks/viewer/steps/000000000.html").read_text().count("<img") >= 4


def test_a_launch_of_the_same_name_takes_the_place_of_one_that_was_removed(
    start: Start, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    log_ranks(start, 0)
    sites = Site(runs), Site(runs)
    for site in sites:
        site.update()
    shutil.rmtree(runs / "job-r1")
    with start(id="job-r1", group="job") as run:
        run.log({"loss": 9}, step=0)
    for site in (*sites, Site(runs)):
        site.update()
        assert numbers(runs, "loss") == [4.5]


def test_where_no_cache_can_be_written_ranks_show_by_themselves(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_ranks(start, 0)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (problem,) = Site(tmp_path / "runs").update().problems
    assert "set XDG_CACHE_HOME to a folder that can be written" in problem
    assert sorted(rows(tmp_path / "runs")) == ["job-r0", "job-r1"]


def test_the_pages_of_a_launch_are_no_runs_folder(start: Start, tmp_path: Path) -> None:
    log_ranks(start, 0)
    Site(tmp_path / "runs").update()
    page = tmp_path / "runs/job-ranks/index.html"
    before = page.read_text()
    with pytest.raises(runlog.StorageError, match="holds the pages of one: open its"):
        Site(page.parent, may_be_empty=True)
    assert page.read_text() == before


def test_a_published_site_has_the_pictures_of_all_ranks(start: Start, tmp_path: Path) -> None:
    for rank in range(2):
        with start(id=f"job-r{rank}", group="job") as run:
            run.log({"p": runlog.Image(np.full((4, 4), 10 + rank, np.uint8))})
    out = tmp_path / "out"
    Site(tmp_path / "runs", out).update()
    assert rows(out) == ["job-ranks"]
    assert not (out / "job-ranks/media").is_symlink()
    assert len(list((out / "job-ranks/media").rglob("*.png"))) == 2


def test_an_archive_needs_nothing_outside(start: Start, tmp_path: Path) -> None:
    log_ranks(start, 0)
    with_pages.archive([tmp_path / "runs"], tmp_path / "bag")
    assert not [path for path in (tmp_path / "bag").rglob("*") if path.is_symlink()]
    assert sorted(rows(tmp_path / "bag/data")) == ["job-r0", "job-r1"]


@pytest.mark.parametrize("folder", ["../../etc", "a/b", "", "..", "a\\b", "a\0b", 7])
def test_what_a_strange_run_says_of_ranks_leads_nowhere(start: Start, tmp_path: Path, folder: object) -> None:
    start(id="a").finish()
    note = {"ranks": {"folders": {"0": folder, "x": "b", "1": "b"}, "states": {"1": ["<b>"]}}}
    with closing(sqlite3.connect(tmp_path / "runs/a/run.db")) as db, db:
        db.execute("UPDATE run SET environment = ?", [json.dumps(note)])
    assert Site(tmp_path / "runs").update().problems == ()
    page = (tmp_path / "runs/index.html").read_text()
    assert re.findall(r'data-folder="([^"]*)"', page) == ["b"]
    assert "<b>" not in page
