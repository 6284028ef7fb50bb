"""One writer a run folder; the lock ends with the process, however it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import runlog
from runlog.storage.lock import RunLock, is_locked


def hold_in_another_process(folder: Path) -> subprocess.Popen[str]:
    code = (
        "import sys, time; from pathlib import Path; from runlog.storage.lock import RunLock\n"
        "lock = RunLock(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_a_second_writer_is_told_who_holds_the_run_and_what_to_do(tmp_path: Path) -> None:
    process = hold_in_another_process(tmp_path)
    with pytest.raises(runlog.RunLockedError, match=rf"process {process.pid} on .* group="):
        RunLock(tmp_path)
    end(process)


def test_a_kill_releases_the_lock(tmp_path: Path) -> None:
    process = hold_in_another_process(tmp_path)
    assert is_locked(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not is_locked(tmp_path)
    RunLock(tmp_path).release()
    end(process)


def test_release_removes_the_lock_file(tmp_path: Path) -> None:
    RunLock(tmp_path).release()
    assert list(tmp_path.iterdir()) == []
    assert not is_locked(tmp_path)


def test_looking_at_the_lock_leaves_it_free(tmp_path: Path) -> None:
    (tmp_path / "run.lock").touch()
    assert not is_locked(tmp_path)
    RunLock(tmp_path).release()


def test_a_folder_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(runlog.StorageError, match="a run folder must be writable"):
        RunLock(tmp_path / "gone")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_an_orphaned_child_does_not_keep_a_dead_run_running(tmp_path: Path) -> None:
    code = (
        "import os, sys, time, runlog\n"
        "run = runlog.init(dir=sys.argv[1], id='r', quiet=True); run.log({'a': 1})\n"
        "alive, say = os.pipe(); child = os.fork()\n"
        "if child == 0:\n"
        "    os.write(say, b'.'); time.sleep(30); os._exit(0)\n"
        "os.read(alive, 1); print(child, flush=True); os.kill(os.getpid(), 9)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    orphan = int(process.stdout.readline())
    process.wait()
    try:
        with runlog.open(tmp_path / "r") as reader:
            assert reader.run().state == "crashed"
        with runlog.init(dir=tmp_path, id="r", resume="must", quiet=True) as run:
            run.log({"a": 2})
        with runlog.open(tmp_path / "r") as reader:
            assert reader.scalars()[0].values.tolist() == [1.0, 2.0]
    finally:
        os.kill(orphan, signal.SIGKILL)
        process.stdout.close()
