"""Pruning: old images go, with their files; all else stays, and the site follows."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog.archives.verifying import verify
from runlog.upkeep.checking import check
from runlog.upkeep.pruning import PrunedKey, prune

Start = Callable[..., runlog.LocalRun]


@pytest.fixture
def run(start: Start) -> Path:
    """Log a at steps 0 to 4 and b at 0, 2 and 4, with boxes and masks; at steps 0 and 4 the same pixels."""
    with start(id="r") as run:
        for step in range(5):
            pixels = np.full((8, 8, 3), 100 + step % 4, np.uint8)
            box = {"position": {"middle": [4, 4], "width": 2, "height": 2}, "domain": "pixel", "class_id": 1}
            image = runlog.Image(
                pixels,
                caption=f"step {step}",
                boxes={"found": {"box_data": [box] * 100}},
                masks={"truth": {"mask_data": np.full((8, 8), step)}},
            )
            run.log({"a": image, "loss": step, "text": f"at {step}"}, step=step)
            if step % 2 == 0:
                run.log({"b": [image, image]}, step=step)
    return run.folder


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def steps_of(run: Path) -> dict[str, list[int]]:
    with runlog.open(run) as reader:
        images = reader.images()
    return {key: sorted({i.step for i in images if i.key == key}) for key in ("a", "b")}


def test_a_dry_run_says_what_would_go_and_removes_nothing(run: Path) -> None:
    before = content(run)
    plan = prune(run, keep_last=2)
    assert plan.keys == (PrunedKey("a", 3, 0, (0, 1, 2)), PrunedKey("b", 2, 0, (0,)))
    assert not plan.is_done
    assert content(run) == before


def test_what_goes_is_what_the_dry_run_said(run: Path) -> None:
    plan = prune(run, keep_last=2)
    media = content(run / "media")
    done = prune(run, keep_last=2, dry_run=False)
    assert done.is_done
    assert (done.keys, done.files, done.bytes) == (plan.keys, plan.files, plan.bytes)
    gone = media.keys() - content(run / "media").keys()
    assert (len(gone), sum(len(media[name]) for name in gone)) == (done.files, done.bytes)


def test_each_key_keeps_its_own_last_steps(run: Path) -> None:
    prune(run, keep_last=2, dry_run=False)
    assert steps_of(run) == {"a": [3, 4], "b": [2, 4]}


def test_only_the_keys_named_lose_images(run: Path) -> None:
    prune(run, keep_last=1, keys=["b*"], dry_run=False)
    assert steps_of(run) == {"a": [0, 1, 2, 3, 4], "b": [4]}


def test_nothing_may_be_kept_and_all_may(run: Path) -> None:
    assert prune(run, keep_last=99).keys == ()
    prune(run, keep_last=0, dry_run=False)
    assert steps_of(run) == {"a": [], "b": []}
    assert content(run / "media") == {}


def test_a_file_that_a_kept_image_needs_stays(run: Path) -> None:
    with runlog.open(run) as reader:
        first, last = (image.media for image in reader.images([0, 4]) if image.key == "a")
    assert first.path == last.path
    prune(run, keep_last=1, dry_run=False)
    assert (run / last.path).is_file()
    assert verify(run, deep=True).problems == ()


def test_numbers_texts_and_steps_stay(run: Path) -> None:
    prune(run, keep_last=1, dry_run=False)
    with runlog.open(run) as reader:
        assert [step.step for step in reader.steps()] == [0, 1, 2, 3, 4]
        (loss,) = reader.scalars()
        assert list(loss.values) == [0, 1, 2, 3, 4]
        assert len(reader.texts()) == 5


def test_the_run_is_in_order_and_smaller_afterwards(run: Path) -> None:
    before = (run / "run.db").stat().st_size
    prune(run, keep_last=0, dry_run=False)
    assert (run / "run.db").stat().st_size < before
    assert check(run).problems == ()
    with closing(sqlite3.connect(run / "run.db")) as connection:
        for table in ("images", "boxes", "masks", "media"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_the_site_built_again_drops_what_was_pruned(run: Path) -> None:
    def shown_at(step: int) -> set[str]:
        page = (run / "viewer" / "steps" / f"{step:09d}.html").read_text()
        assert f"at {step}" in page  # its text stays, and so does its page
        return {key for key in ("a", "b") if f"media/images/{key}/" in page}

    runlog_viewer.build(run)
    assert [shown_at(step) for step in range(4)] == [{"a", "b"}, {"a"}, {"a", "b"}, {"a"}]
    prune(run, keep_last=2, keys=["a"], dry_run=False)
    result = runlog_viewer.build(run)
    assert result.problems == ()
    assert [shown_at(step) for step in range(4)] == [{"b"}, set(), {"b"}, {"a"}]


def test_a_run_that_writes_is_left_alone(start: Start) -> None:
    with start(id="live") as run:
        run.log({"a": runlog.Image(np.zeros((4, 4), np.uint8))})
        for dry_run in (True, False):
            with pytest.raises(runlog.RunLockedError, match=f"must have ended, but process {os.getpid()}"):
                prune(run.folder, keep_last=0, dry_run=dry_run)


def test_a_run_that_may_go_on_elsewhere_is_left_alone(run: Path) -> None:
    with closing(sqlite3.connect(run / "run.db")) as connection:
        connection.execute("""UPDATE run SET state = 'running', environment = '{"host": "node-7"}'""")
        connection.commit()
    with pytest.raises(runlog.InvalidValueError, match="node-7"):
        prune(run, keep_last=0, dry_run=False)


def test_bad_arguments_are_refused(run: Path) -> None:
    with pytest.raises(runlog.InvalidValueError, match="0 or more, but got -1"):
        prune(run, keep_last=-1)
    with pytest.raises(runlog.InvalidTypeError, match="must be an integer"):
        prune(run, keep_last=1.5)  # type: ignore[arg-type]
    with pytest.raises(runlog.InvalidValueError, match="'c' is none of"):
        prune(run, keep_last=1, keys=["a", "c"])


def test_the_steps_to_keep_are_an_integer_of_any_type(run: Path) -> None:
    assert prune(run, keep_last=np.int64(2)) == prune(run, keep_last=2)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["../secret.png", "media/images/linked/secret.png"])
def test_no_file_outside_the_run_folder_is_removed(run: Path, path: str) -> None:
    secret = run.parent / "secret.png"
    secret.write_bytes(b"secret")
    (run / "media" / "images" / "linked").symlink_to(run.parent)
    with closing(sqlite3.connect(run / "run.db")) as connection:
        connection.execute("UPDATE media SET path = ? WHERE id = 1", [path])
        connection.commit()
    with pytest.raises(runlog.StorageError, match=r"media\.path must be"):
        prune(run, keep_last=0, dry_run=False)
    assert secret.read_bytes() == b"secret"
