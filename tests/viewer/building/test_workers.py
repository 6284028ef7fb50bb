"""Other processes write what this one would have written, and nothing is lost with one of them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog_viewer.building import step_writer, workers
from runlog_viewer.building.block_writer import BlockJob, BlockResult, BlockWriter
from runlog_viewer.building.blocks import BLOCK_SIZE
from runlog_viewer.site import Site

STEPS = 3 * BLOCK_SIZE + 5
# A process of its own is told that so many images are many: as many as are meant take seconds to log.
A_FEW_ARE_MANY = f"""
from runlog_viewer.building import step_writer, workers
step_writer.MANY_IMAGES = {STEPS}
workers.count = lambda: 1
"""
# Meanwhile the other process writes the blocks that it was given.
WAITS_AFTER_A_BLOCK = """
import runpy, time
from runlog_viewer.building.block_writer import BlockWriter
def write(writer, job):
    result = write_block(writer, job)
    time.sleep(60)
    return result
write_block, BlockWriter.write = BlockWriter.write, write
runpy.run_module("runlog", run_name="__main__", alter_sys=True)
"""


def log_steps(folder: Path, steps: int, images: int = 1) -> Path:
    """Log steps with boxes, masks of 8 and of 16 bits, numbers and captions, and return the run folder."""
    with runlog.init(dir=folder, id="run", quiet=True, record_environment=False) as run:
        for step in range(steps):
            run.log({"a": [image(step)] * images, "loss": 1 / (step + 1)}, step=step)
    return run.folder


def image(step: int) -> runlog.Image:
    shade = np.full((4, 6), step % 250, np.uint8)
    box = {"position": {"minX": 0, "maxX": 0.5, "minY": 0, "maxY": 0.5}, "class_id": step % 5}
    return runlog.Image(
        shade,
        normalize=False,
        caption=f"<step {step}>",
        boxes={"true": {"box_data": [{**box, "scores": {"confidence": step / 7}}]}},
        masks={"mask": {"mask_data": shade.astype(np.uint16) * (300 if step % 3 else 1)}},
    )


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of several blocks, with a media file missing."""
    folder = log_steps(tmp_path_factory.mktemp("logged"), STEPS)
    sorted(folder.glob("media/images/**/*.png"))[BLOCK_SIZE + 3].unlink()
    return folder


@pytest.fixture
def run_folder(logged: Path, tmp_path: Path) -> Path:
    """Return a copy of such a run."""
    return Path(shutil.copytree(logged, tmp_path / "run"))


@pytest.fixture(scope="module")
def alone(logged: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the files of its site as one process writes them."""
    return site(Path(shutil.copytree(logged, tmp_path_factory.mktemp("alone") / "run")))


@pytest.fixture
def any_build_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_writer, "MANY_IMAGES", 0)
    monkeypatch.setattr(workers, "count", lambda: 2)


def site(run_folder: Path) -> dict[str, bytes]:
    """Build the site of a run and return its files; there must be no others."""
    problems = runlog_viewer.build(run_folder).problems
    assert len(problems) == 1
    assert "1 media file missing" in problems[0]
    assert not list(run_folder.rglob("*.tmp"))
    written = [run_folder / "index.html", *(run_folder / "viewer").rglob("[!.]*")]
    return {str(file.relative_to(run_folder)): file.read_bytes() for file in written if file.is_file()}


@pytest.mark.usefixtures("any_build_is_large")
def test_several_processes_write_the_same_files_as_one(
    run_folder: Path, alone: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    written_here: list[int] = []

    def write(writer: BlockWriter, job: BlockJob) -> BlockResult:
        written_here.append(job.number)
        return write_block(writer, job)

    write_block = BlockWriter.write
    monkeypatch.setattr(BlockWriter, "write", write)
    assert site(run_folder) == alone
    assert len(set(written_here)) < STEPS / BLOCK_SIZE
    assert sum(name.startswith("viewer/steps/") for name in alone) == STEPS


@pytest.mark.parametrize(
    "start",
    [
        "import sys; sys.exit(1)",
        "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
        "import sys; sys.stdout.write('something else'); sys.stdout.flush(); sys.stdin.buffer.read()",
        workers._START.replace("work()", "workers.runlog.open = None; work()").replace(
            "from runlog_viewer.building",
            "from runlog_viewer.building import workers; from runlog_viewer.building",
        ),
    ],
    ids=["ends", "is killed", "says something else", "raises"],
)
@pytest.mark.usefixtures("any_build_is_large")
def test_what_another_process_does_not_write_is_written_here(
    run_folder: Path, alone: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    monkeypatch.setattr(workers, "_START", start)
    assert site(run_folder) == alone


@pytest.mark.usefixtures("any_build_is_large")
def test_where_no_process_can_be_started_all_is_written_here(
    run_folder: Path, alone: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(run_folder / "no python"))
    assert site(run_folder) == alone


@pytest.mark.usefixtures("any_build_is_large")
def test_a_site_that_cannot_be_written_is_the_same_error_as_ever(run_folder: Path) -> None:
    (run_folder / "index.html").mkdir()
    with pytest.raises(runlog.StorageError, match="the site cannot be written"):
        runlog_viewer.build(run_folder)


@pytest.mark.usefixtures("any_build_is_large")
def test_progress_tells_of_every_block_as_it_comes(run_folder: Path) -> None:
    told: list[tuple[int, int]] = []
    runlog_viewer.build(run_folder, progress=lambda done, total: told.append((done, total)))
    assert len(told) == -(-STEPS // BLOCK_SIZE)
    assert told == sorted(told)
    assert told[-1] == (STEPS, STEPS)


@pytest.mark.usefixtures("any_build_is_large")
def test_the_passes_that_follow_write_the_new_step_only(tmp_path: Path) -> None:
    with runlog.init(dir=tmp_path, id="run", quiet=True, record_environment=False) as run:
        for step in range(3 * BLOCK_SIZE + 2):
            run.log({"a": image(step)}, step=step)
        follower = Site(run.folder)
        follower.update()
        pages = {file: file.stat().st_mtime_ns for file in (run.folder / "viewer" / "steps").iterdir()}
        run.log({"a": image(step + 1)}, step=step + 1)
        follower.update()
    after = {file: file.stat().st_mtime_ns for file in (run.folder / "viewer" / "steps").iterdir()}
    # The page before leads to it.
    assert {file.name for file, _ in after.items() - pages.items()} == {
        f"{number:09d}.html" for number in (step, step + 1)
    }
    block = (run.folder / "viewer" / "data" / "block-0003.js").read_text()
    assert [f'"{n}":[' in block for n in (step - 2, step - 1, step, step + 1)] == [False, True, True, True]


def test_a_script_that_builds_a_long_run_runs_once(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        A_FEW_ARE_MANY
        + textwrap.dedent(f"""
            import numpy as np, runlog, runlog_viewer
            print("training")
            with runlog.init(dir="runs", id="run", quiet=True) as run:
                image = runlog.Image(np.zeros((2, 2), np.uint8))
                for step in range({STEPS}):
                    run.log({{"a": image}}, step=step)
            started = []
            start = workers.subprocess.Popen
            workers.subprocess.Popen = lambda *given, **named: started.append(1) or start(*given, **named)
            print(runlog_viewer.build("runs").pages_written > {STEPS}, len(started))
        """)
    )
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["training", "True", "1"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_ends_all_processes_and_leaves_no_partial_file(tmp_path: Path) -> None:
    folder = log_steps(tmp_path / "runs", STEPS)
    command = [sys.executable, "-c", A_FEW_ARE_MANY + WAITS_AFTER_A_BLOCK, "build", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        steps = folder / "viewer" / "steps"
        while process.poll() is None and not (steps.exists() and len(list(steps.iterdir())) > BLOCK_SIZE):
            time.sleep(0.01)
        others = children(process.pid)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert others
    assert "Traceback" not in errors
    assert not [pid for pid in others if Path(f"/proc/{pid}").exists()]
    assert not list((folder / "viewer").rglob("*.tmp"))
    assert runlog_viewer.build(folder).problems == ()


def children(pid: int) -> list[int]:
    """Return the processes that the threads of a process started."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for of_thread in listed for child in of_thread.read_text().split()]


def test_a_process_helps_itself_to_the_other_processors_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert workers.count() == 0
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert workers.count() == 7
    monkeypatch.setattr(sys, "executable", "")
    assert workers.count() == 0
