"""A lock file may be anything that lies there: it is taken, or refused, and nothing beside it is touched."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import runlog
from runlog.files.locks import FileLock, LockHeldError, holder, is_held


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder" / "lock"


def test_a_lock_that_is_held_is_refused_in_the_name_of_its_holder(path: Path) -> None:
    held = FileLock(path, 0)
    assert is_held(path)
    with pytest.raises(LockHeldError) as refused:
        FileLock(path, 0)
    assert refused.value.holder == holder(path)
    assert refused.value.holder.startswith(f"process {os.getpid()} on ")
    held.release()
    assert not is_held(path)
    assert not path.exists()


def test_who_has_patience_gets_the_lock_when_it_is_free(path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from runlog.files.locks import FileLock\n"
        "lock = FileLock(Path(sys.argv[1]), 0); print('held', flush=True); sys.stdin.read(1); lock.release()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(LockHeldError):
        FileLock(path, 0.1)
    assert process.stdin is not None
    process.stdin.write(".")
    process.stdin.flush()
    FileLock(path, 30).release()
    process.communicate()


@pytest.mark.parametrize("kind", ["link", "dangling link", "FIFO"])
def test_what_is_no_lock_file_is_refused_and_left_alone(path: Path, kind: str) -> None:
    other = path.parent.parent / "letter.txt"
    if kind != "dangling link":
        other.write_text("Dear")
    if kind == "FIFO":
        os.mkfifo(path)
    else:
        path.symlink_to(other)
    for _ in range(2):
        with pytest.raises(runlog.StorageError, match="must be a plain file"):
            FileLock(path, 0)
        assert not is_held(path)
        assert holder(path) == "another process"
    assert other.exists() == (kind != "dangling link")
    assert kind == "dangling link" or other.read_text() == "Dear"


def test_a_lock_file_that_is_another_file_as_well_is_replaced_and_the_other_is_left_alone(path: Path) -> None:
    other = path.parent.parent / "letter.txt"
    other.write_text("Dear")
    path.hardlink_to(other)
    lock = FileLock(path, 1)
    assert holder(path).startswith(f"process {os.getpid()} on ")
    lock.release()
    assert other.read_text() == "Dear"


def test_a_lock_that_is_held_stays_so_when_its_file_gets_another_name(path: Path) -> None:
    """As in a backup made of hard links."""
    lock = FileLock(path, 0)
    (path.parent / "backup").hardlink_to(path)
    with pytest.raises(LockHeldError):
        FileLock(path, 0)
    lock.release()


def test_a_folder_in_the_place_of_a_lock_file_is_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(runlog.StorageError, match="must be a plain file"):
        FileLock(path, 0)
    assert path.is_dir()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 900, '{"pid": 7}', '{"pid": "x", "host": "h"}', '{"pid": 1e999, "host": "h"}', "\xff"],
)
def test_a_lock_file_that_says_nothing_names_another_process(path: Path, text: str) -> None:
    path.write_bytes(text.encode("latin-1"))
    assert holder(path) == "another process"


def test_what_a_lock_file_says_is_shown_on_one_line_and_is_nothing_that_a_terminal_obeys(path: Path) -> None:
    path.write_text('{"pid": 7, "host": "a\\u001b[2Jb\\nc"}')
    assert holder(path).isprintable()


def test_the_lock_of_a_run_that_is_no_plain_file_is_said_to_be_none(tmp_path: Path) -> None:
    folder = runlog.init(dir=tmp_path, id="r", quiet=True).folder
    runlog.finish()
    os.mkfifo(folder / "run.lock")
    with pytest.raises(runlog.StorageError, match=r"run\.lock must be a plain file"):
        runlog.init(dir=tmp_path, id="r", resume="must", quiet=True)
    with runlog.open(folder) as reader:
        assert reader.run().state == "finished"
