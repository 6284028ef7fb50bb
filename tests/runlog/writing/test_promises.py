"""What ``log`` promises: after a kill at any moment, all that was acknowledged is there, whole."""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog

from ..cli.calling import run_together

pytestmark = pytest.mark.on_disk

# A long run of it: RUNLOG_TEST_KILLS=300 python -m pytest -k kill
KILLS = int(os.environ.get("RUNLOG_TEST_KILLS", "5"))

WRITER = """
import sys
import numpy as np, runlog
BOX = {"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}}
run = runlog.init(dir=sys.argv[1], id=sys.argv[2], quiet=True)
for step in range(100_000):
    pixels = np.full((32, 48, 3), step % 200 + 20, np.uint8)
    pixels[0, 0] = step >> 8, step & 255, 7
    run.log({
        "one": runlog.Image(pixels, caption=f"step {step}",
                            boxes={"p": {"box_data": [BOX] * 3}},
                            masks={"m": {"mask_data": pixels[:, :, 0].astype(int)}}),
        "list": [runlog.Image(pixels + np.uint8(index)) for index in range(3)],
        "loss": step,
        "text": f"step {step}",
    }, step=step)
    print(step, flush=True)
"""


def kill_after(folder: Path, run_id: str, seconds: float) -> int:
    """Start a writer, kill it, and return the last step it acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), run_id], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "0\n"
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    acknowledged = [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    process.wait()
    process.stdout.close()
    return int(acknowledged[-1]) if acknowledged else 0


def test_a_kill_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    moments = random.Random(20261122)
    for number in range(KILLS):
        last = kill_after(tmp_path, f"r{number}", moments.uniform(0, 0.15))
        check_complete(tmp_path / f"r{number}", last)
        check_resumable(tmp_path, f"r{number}")


def check_complete(folder: Path, last: int) -> None:
    with runlog.open(folder) as reader:
        assert reader.run().state == "crashed"
        steps = [step.step for step in reader.steps()]
        assert steps == list(range(len(steps)))
        assert len(steps) in (last + 1, last + 2), "one more call may have been under way"
        images = reader.images(steps)
        assert len(images) == 4 * len(steps)
        assert [len(texts) for texts in (reader.texts(), reader.scalars()[0].steps)] == [len(steps)] * 2
    for image in images:
        expected = np.full((32, 48, 3), image.step % 200 + 20, np.uint8)
        expected[0, 0] = image.step >> 8, image.step & 255, 7
        if image.key == "list":
            expected = expected + np.uint8(image.index)
        with PILImage.open(folder / image.media.path) as stored:
            assert np.array_equal(np.asarray(stored), expected)
        for mask in image.masks:
            with PILImage.open(folder / mask.media.path) as stored:
                assert np.array_equal(np.asarray(stored), expected[:, :, 0])
        assert [len(layer.boxes) for layer in image.boxes] == ([3] if image.key == "one" else [])
    with contextlib.closing(sqlite3.connect(folder / "run.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def check_resumable(folder: Path, run_id: str) -> None:
    with runlog.init(dir=folder, id=run_id, resume="must", quiet=True, record_environment=False) as run:
        run.log({"again": 1})
    with runlog.open(folder / run_id) as reader:
        assert reader.run().state == "finished"
        assert reader.steps()[-1].step == run.step - 1
    assert sorted(path.name for path in (folder / run_id).iterdir()) == ["media", "run.db"]


WORKERS = """
import multiprocessing, os, signal, sys, time
import numpy as np, runlog
def work(say):
    try:
        runlog.log({"a": -1})
    except runlog.InvalidValueError:
        say.put(os.getpid())
    time.sleep(60)
run = runlog.init(dir=sys.argv[1], id="r", quiet=True)
run.log({"k": runlog.Image(np.full((8, 8), 20, np.uint8)), "a": 0})
context = multiprocessing.get_context("fork")
say = context.Queue()
for _ in range(4):
    context.Process(target=work, args=(say,)).start()
print(*(say.get() for _ in range(4)), flush=True)
for step in range(1, 20):
    run.log({"k": runlog.Image(np.full((8, 8), 20 + step, np.uint8)), "a": step})
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_killed_parent_of_forked_workers_leaves_a_crashed_run_that_can_be_resumed(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WORKERS, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    workers = [int(pid) for pid in process.stdout.readline().split()]
    assert process.wait() == -signal.SIGKILL
    try:
        assert len(workers) == 4
        with runlog.open(tmp_path / "r") as reader:
            assert reader.run().state == "crashed"
            assert reader.scalars()[0].values.tolist() == list(range(20))
            assert [reader.pixels(image)[0, 0] for image in reader.images()] == list(range(20, 40))
        check_resumable(tmp_path, "r")
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        process.stdout.close()


GROUP = """
import sys, numpy as np, runlog
with runlog.init(dir=sys.argv[1], group="g", quiet=True, record_environment=False) as run:
    for step in range(80):
        run.log({"k": runlog.Image(np.full((4, 4), step + 20, np.uint8)), "a": step})
"""


def test_eight_processes_of_one_group_lose_nothing(tmp_path: Path) -> None:
    done = run_together(GROUP, tmp_path, envs=[None] * 8)
    assert [one.returncode for one in done] == [0] * 8
    folders = runlog.find_runs(tmp_path)
    assert len(folders) == 8
    for folder in folders:
        with runlog.open(folder) as reader:
            assert reader.run().group == "g"
            assert reader.scalars()[0].values.tolist() == list(range(80))
            assert len(reader.images(range(80))) == 80


def test_flush_and_finish_bring_media_then_rows_to_the_disk(tmp_path: Path) -> None:
    with runlog.init(dir=tmp_path, quiet=True) as run:
        run.log({"k": runlog.Image(np.full((2, 2), 9, np.uint8)), "a": 1})
        run.flush()
        # A copy of what a power loss would leave: the database file alone, without its WAL.
        copy = tmp_path / "copy"
        copy.mkdir()
        (copy / "run.db").write_bytes((run.folder / "run.db").read_bytes())
        with runlog.open(copy) as reader:
            assert reader.scalars()[0].values.tolist() == [1.0]
