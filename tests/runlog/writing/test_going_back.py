"""A run resumed from an older checkpoint has one history: what came after it is removed, everywhere."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]


def picture(value: int, *, masked: bool = False) -> runlog.Image:
    masks = {"m": {"mask_data": np.full((4, 4), value % 3)}} if masked else None
    return runlog.Image(np.full((4, 4), 60 + value, np.uint8), masks=masks)


def log_steps(run: runlog.LocalRun, steps: range) -> None:
    for step in steps:
        pictures = [picture(step, masked=True), picture(7)]
        run.log({"k": pictures, "loss": 10.0 - step, "note": f"at {step}", "empty": []}, step=step)


@pytest.fixture
def folder(start: Start) -> Path:
    with start(id="r") as run:
        run.define_metric("loss", summary="min")
        run.summary.mine = "kept"
        log_steps(run, range(10))
        run.log({"only late": 3}, step=9)
    return run.folder


def count(folder: Path, table: str) -> int:
    with closing(sqlite3.connect(folder / "run.db")) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def media(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in (folder / "media").rglob("*") if path.is_file())


def test_what_was_logged_after_the_step_is_gone_and_the_run_goes_on_there(start: Start, folder: Path) -> None:
    with start(id="r", resume="must", resume_step=4) as run:
        assert run.step == 5
        assert dict(run.summary) == {
            "mine": "kept",
            "loss": 6.0,
        }
        run.log({"loss": 1.0})
        assert run.summary.loss == 1.0
    with runlog.open(folder) as reader:
        assert [step.step for step in reader.steps()] == [0, 1, 2, 3, 4, 5]
        assert {series.key: series.steps.tolist() for series in reader.scalars()} == {
            "loss": [0, 1, 2, 3, 4, 5]
        }
        assert {image.step for image in reader.images()} == set(range(5))
        assert [text.step for text in reader.texts()] == list(range(5))
        stored = {str(one.path) for one in reader.media()}
    assert {str(path) for path in media(folder)} == stored
    assert runlog.check(folder).problems == ()
    assert count(folder, "empty_galleries") == 5


def test_a_table_says_when_from_where_and_how_much(start: Start, folder: Path) -> None:
    for step in (6, 2):
        with start(id="r", resume="must", resume_step=step):
            pass
    with runlog.open(folder) as reader:
        run = reader.run()
    assert [(one.step, one.last_step, one.steps, one.images) for one in run.rewinds] == [
        (6, 9, 3, 6),
        (2, 6, 4, 8),
    ]
    assert all(one.rewound_at >= run.created_at for one in run.rewinds)
    assert run.rewinds[0].revision < run.rewinds[1].revision <= run.revision


@pytest.mark.parametrize("step", [9, 10, 2**63 - 1])
def test_with_nothing_after_the_step_nothing_changes(start: Start, folder: Path, step: int) -> None:
    before = media(folder)
    with start(id="r", resume="allow", resume_step=step) as run:
        assert run.step == 10
    with runlog.open(folder) as reader:
        assert reader.run().rewinds == ()
    assert media(folder) == before


def test_pictures_that_earlier_steps_share_stay(start: Start, folder: Path) -> None:
    with start(id="r", resume="must", resume_step=0):
        pass
    with runlog.open(folder) as reader:
        first, second = reader.images(0)
        assert np.array_equal(reader.pixels(second), np.full((4, 4), 67, np.uint8))
        assert np.array_equal(reader.class_ids(first, "m"), np.zeros((4, 4), int))


@pytest.mark.parametrize("built", ["before and after", "while it runs"])
def test_the_pages_follow(start: Start, folder: Path, built: str) -> None:
    site = runlog_viewer.site.Site(folder) if built == "while it runs" else None
    (site.update if site else lambda: runlog_viewer.build(folder))()
    assert (folder / "viewer/steps/000000009.html").exists()
    with start(id="r", resume="must", resume_step=3) as run, warnings.catch_warnings():
        log_steps(run, range(4, 6))
    (site.update if site else lambda: runlog_viewer.build(folder))()
    pages = sorted(path.name for path in (folder / "viewer/steps").glob("*.html"))
    assert pages == [f"{step:09d}.html" for step in range(6)]
    written = {path: path.read_text("utf-8") for path in folder.rglob("*.js") if path.parent.name == "data"}
    written |= {path: path.read_text("utf-8") for path in folder.rglob("*.html")}
    assert not any("only late" in text or "at 9" in text for text in written.values())
    anew = folder.parent / "anew"
    runlog_viewer.build(folder, output=anew)
    for path, text in written.items():
        other = anew / path.relative_to(folder)
        if path.name != "index.js":
            assert other.read_text("utf-8") == text, path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"resume": "never", "resume_step": 3},
            "resume must be allow, must or auto with resume_step=3, but is never",
        ),
        ({"resume": "must", "resume_step": -1}, "step must be from 0"),
        ({"resume": "must", "resume_step": 1.5}, "step must be an integer"),
        ({"resume": "must", "resume_step": True}, "step must be an integer"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused_and_nothing_is_removed(
    start: Start, folder: Path, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(runlog.RunlogError, match=message):
        start(id="r", **arguments)
    assert count(folder, "steps") == 10


def test_a_new_run_has_nothing_to_go_back_from(start: Start) -> None:
    with start(id="new", resume="allow", resume_step=3) as run:
        assert run.step == 0
