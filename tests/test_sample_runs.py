"""The committed sample runs are what their scripts make, and looking at them leaves the checkout clean."""

import hashlib
import importlib.util
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import runlog
import runlog_viewer
from runlog.evaluation.verdicts import BoxCounts
from runlog.storage.kinds import TABLE

SAMPLES = Path(__file__).parents[1] / "sample_runs"
SCRIPTS = {
    "segment-coins": "segment_coins.py",
    "paint-astronaut": "paint_astronaut.py",
    "learn-digits": "learn_digits.py",
}
# Times and host differ from run to run, with them the revision at which the host's data came in between, and
# the bytes of a PNG with the deflate that is installed.
VARYING = {
    "run": {"environment", "created_at", "finished_at", "revision"},
    "steps": {"logged_at", "revision"},
    "media": {"sha256", "bytes"},
}


Columns = dict[str, list[str]]


def columns(run_folder: Path) -> Columns:
    """Return the columns of every table, without those whose values may differ."""
    with closing(sqlite3.connect(f"{(run_folder / 'run.db').as_uri()}?mode=ro", uri=True)) as db:
        names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = [name for (name,) in names if name != "_sqlite_migrations"]
        every = {table: [row[1] for row in db.execute(f"PRAGMA table_info({table})")] for table in tables}
    return {
        table: [name for name in names if name not in VARYING.get(table, ())]
        for table, names in every.items()
    }


def rows(
    run_folder: Path, columns: Columns, last_step: int | None = None
) -> dict[str, list[tuple[Any, ...]]]:
    """Return these columns of the rows of these tables, up to a step."""
    found = {}
    with closing(sqlite3.connect(f"{(run_folder / 'run.db').as_uri()}?mode=ro", uri=True)) as db:
        for table, names in columns.items():
            kept = ", ".join(f'"{name}"' for name in names)
            until = "WHERE step <= ?1" if "step" in names and last_step is not None else "WHERE ?1 IS ?1"
            found[table] = sorted(db.execute(f"SELECT {kept} FROM {table} {until}", [last_step]), key=repr)
    return found


def run_again(run_id: str, folder: Path, *arguments: str) -> Path:
    """Run the script of a sample run; return the run folder it made."""
    command = [sys.executable, "-W", "error", str(SAMPLES / SCRIPTS[run_id])]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        [*command, "--dir", str(folder), "--id", run_id, *arguments],
        check=True,
        capture_output=True,
        env=environment,
    )
    return folder / run_id


HAS_SCIKIT_LEARN = importlib.util.find_spec("sklearn") is not None


@pytest.mark.parametrize(
    "run_id",
    [
        pytest.param("segment-coins", marks=pytest.mark.sample_scripts),
        pytest.param("paint-astronaut", marks=pytest.mark.sample_scripts),
        pytest.param(
            "learn-digits",
            marks=[
                pytest.mark.sample_scripts,
                pytest.mark.skipif(not HAS_SCIKIT_LEARN, reason="scikit-learn is not installed: NOT RUN"),
            ],
        ),
    ],
)
def test_running_a_script_again_gives_the_same_pixels_and_rows(run_id: str, tmp_path: Path) -> None:
    # A run that was committed is of the version of the schema of its time, and stays so.
    made = run_again(run_id, tmp_path)
    then, now = columns(SAMPLES / run_id), columns(made)
    assert rows(made, then) == rows(SAMPLES / run_id, then)
    # Of the tables that came since, a run has rows in that of its keys whatever it logs.
    since = {table: names for table, names in now.items() if table not in {*then, "keys"}}
    assert all(found == [] for found in rows(made, since).values())


@pytest.mark.parametrize(
    ("run_id", "steps", "by_step", "others"),
    [
        ("segment-coins", 5, "scalars images judged_scalars", "boxes masks judged_images"),
        ("paint-astronaut", 5, "scalars images texts", "boxes"),
    ],
)
def test_the_first_steps_of_a_script_are_logged_again_alike(
    run_id: str, steps: int, by_step: str, others: str, tmp_path: Path
) -> None:
    then = columns(SAMPLES / run_id)
    made = rows(run_again(run_id, tmp_path, "--steps", str(steps)), then)
    assert len(made["steps"]) == steps
    (last_step,) = max(made["steps"])
    committed = rows(SAMPLES / run_id, then, last_step)
    for table in ("steps", *by_step.split()):
        assert made[table] == committed[table] != []
    for table in ("media", "box_layers", "class_labels", "run", *others.split()):
        assert set(made[table]) <= set(committed[table])
        assert made[table] != []


@pytest.mark.parametrize("run_id", SCRIPTS)
def test_a_committed_run_is_whole(run_id: str) -> None:
    with runlog.open(SAMPLES / run_id) as reader:
        assert reader.run().state == "finished"
        media = reader.media()
    for record in media:
        assert hashlib.sha256((SAMPLES / run_id / record.path).read_bytes()).hexdigest() == record.sha256
    files = {path for path in (SAMPLES / run_id / "media").rglob("*") if path.is_file()}
    assert files == {SAMPLES / run_id / record.path for record in media}


def test_the_segmentation_really_learns() -> None:
    with runlog.open(SAMPLES / "segment-coins") as reader:
        series = {series.key: series.values for series in reader.scalars()}
    assert series["val/iou"][0] < 0.3
    assert series["val/iou"][-1] > 0.9
    assert series["val/loss"][-1] < series["val/loss"][0] / 10


def test_the_segmentation_is_judged_as_it_judges_itself() -> None:
    with runlog.open(SAMPLES / "segment-coins") as reader:
        series = {series.key: series.values for series in reader.scalars()}
        last = reader.images(4800)[0]
        assert [found.numbers for found in reader.evaluate()] == [
            {name: series[f"{found.key}/{name}"][place] for name in found.numbers}
            for found in reader.evaluate()
            for place in [sorted(step.step for step in reader.steps()).index(found.step)]
        ]
    for half in ("train", "val"):
        assert series[f"{half}/predictions/iou/coin"].round(4).tolist() == series[f"{half}/iou"].tolist()
        assert series[f"{half}/predictions/recall"][-1] == 1
    assert last.evaluation is not None
    assert last.evaluation.boxes == BoxCounts(12, 0, 0)


def test_the_digits_are_the_same_at_every_step_and_their_confusion_is_that_of_their_fields() -> None:
    with runlog.open(SAMPLES / "learn-digits") as reader:
        steps = [step.step for step in reader.steps()]
        galleries = {step: reader.images(step) for step in steps}
        tables = {table.step: list(table) for table in map(reader.read_table, reader.values(TABLE, steps))}
        accuracies = next(one.values.tolist() for one in reader.scalars() if one.key == "val/accuracy")
        notes = reader.run().notes
    (ids,) = {frozenset(image.id for image in images) for images in galleries.values()}
    assert len(ids) == 200
    assert len({tuple(image.id for image in images) for images in galleries.values()}) == len(steps)
    for step, accuracy in zip(steps, accuracies, strict=True):
        fields = [image.fields for image in galleries[step]]
        taken = Counter((field["truth"], field["prediction"]) for field in fields)
        assert {(row[0], place): n for row in tables[step] for place, n in enumerate(row[1:-1]) if n} == taken
        assert sum(field["right"] for field in fields) / 200 == accuracy
        assert all(field["right"] == (field["truth"] == field["prediction"]) for field in fields)
    assert accuracies[0] < 0.2
    assert accuracies[-1] > 0.95
    for credit in (notes, (SAMPLES / "README.md").read_text()):
        assert credit is not None
        assert all(word in credit for word in ("Alpaydin", "Kaynak", "10.24432/C50P49", "CC BY 4.0"))


def test_every_photo_has_its_origin_and_licence_and_is_unchanged() -> None:
    text = (SAMPLES / "photos" / "README.txt").read_text()
    photos = [path for path in (SAMPLES / "photos").iterdir() if path.suffix != ".txt"]
    assert photos
    for photo in photos:
        assert photo.name in text
        assert hashlib.sha256(photo.read_bytes()).hexdigest() in text
    assert len(re.findall(r"(?i)licen[cs]e", text)) >= len(photos)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed, so nothing can be said of it")
def test_viewing_the_sample_runs_does_not_dirty_the_checkout(tmp_path: Path) -> None:
    if not (SAMPLES.parent / ".git").exists():
        pytest.skip("this is no git checkout, so nothing can be said of it")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(SAMPLES.parent), str(clone)], check=True)
    assert runlog_viewer.build(clone / "sample_runs").problems == ()
    status = subprocess.run(
        ["git", "-C", str(clone), "status", "--porcelain"], capture_output=True, text=True, check=True
    )
    assert status.stdout == ""
