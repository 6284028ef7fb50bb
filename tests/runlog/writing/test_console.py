"""``init(console=True)``: what is printed is kept in a file of the run, and printed as before."""

import fcntl
import io
import logging
import os
import struct
import subprocess
import sys
import termios
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

import runlog
from runlog.writing import console

Start = Callable[..., runlog.LocalRun]


def printed(run: runlog.LocalRun) -> str:
    with runlog.open(run.folder) as reader:
        return reader.console()


def test_both_streams_are_kept_and_printed(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    print("before")
    with start(console=True) as run:
        print("one", 2)
        print("an error", file=sys.stderr)
        sys.stdout.writelines(["three\n", "fo"])
        assert printed(run) == "one 2\nan error\nthree\n"
    print("after")
    assert printed(run) == "one 2\nan error\nthree\nfo\n"
    assert capsys.readouterr() == ("before\none 2\nthree\nfoafter\n", "an error\n")
    assert runlog.check(run.folder).problems == ()
    with runlog.open(run.folder) as reader:
        assert [str(file.path) for file in reader.files()] == ["files/console.txt"]


def test_without_it_nothing_is_kept(start: Start) -> None:
    with start() as run:
        print("one")
    assert printed(run) == ""
    assert not (run.folder / "files").exists()


def test_a_logging_handler_that_was_there_before_is_heard(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), write_through=True)
    monkeypatch.setattr(sys, "stderr", stream)
    logger = logging.getLogger("a script")
    monkeypatch.setattr(logger, "handlers", [logging.StreamHandler(stream)])
    with start(console=True) as run:
        logger.error("epoch 3")
    assert printed(run) == "epoch 3\n"
    logger.error("later")
    assert printed(run) == "epoch 3\n"
    assert stream.buffer.getvalue() == b"epoch 3\nlater\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (["\r  0%", "\r 50%", "\r100%\n"], "100%\n"),
        (["a\r\nb\n"], "a\nb\n"),
        (["\x1b[31mred\x1b[0m\n"], "red\n"),
        (["\x1b]0;title\x07text\n"], "text\n"),
        (["\r 10%", "\r 20%", "\r"], " 20%\n"),
        (["ä ", "日本\n"], "ä 日本\n"),
        (["", "\n"], "\n"),
        (["\r1", "\r2"] * 1000 + ["\n"], "2\n"),
    ],
)
def test_of_a_line_that_is_drawn_again_its_last_state_is_kept(
    start: Start, written: list[str], left: str
) -> None:
    with start(console=True) as run:
        for text in written:
            sys.stdout.write(text)
    assert printed(run) == left


TQDM = """
import os, pty, sys
from tqdm import tqdm
import runlog

with runlog.init(dir=sys.argv[1], id="r", quiet=True, console=sys.argv[2] == "console") as run:
    assert sys.stderr.isatty()
    shape = "{percentage:3.0f}%|{bar}| {n}/{total}"
    for _ in tqdm(range(50), mininterval=0, miniters=1, ncols=60, bar_format=shape, disable=False):
        pass
"""


def in_terminal(tmp_path: Path, *arguments: str) -> bytes:
    """Run the script in a terminal of its own, and return what that got."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals: NOT TESTED")
    pytest.importorskip("tqdm", reason="tqdm is not installed, so its bar was NOT drawn")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    script = subprocess.Popen(
        [sys.executable, "-c", TQDM, str(tmp_path), *arguments], stdout=theirs, stderr=theirs, stdin=theirs
    )
    os.close(theirs)
    got = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # its end on Linux
            part = b""
        if not part:
            break
        got += part
    os.close(ours)
    assert script.wait() == 0, got
    return got


def test_a_progress_bar_is_drawn_in_the_terminal_as_without_it(tmp_path: Path) -> None:
    with_console = in_terminal(tmp_path / "a", "console")
    assert with_console == in_terminal(tmp_path / "b", "none")
    assert with_console.count(b"\r") > 50
    with runlog.open(tmp_path / "a/r") as reader:
        lines = reader.console().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("100%|")
    assert lines[0].endswith("50/50")


def test_the_traceback_that_ends_a_run_is_kept(start: Start) -> None:
    run = start(console=True)
    with pytest.raises(ZeroDivisionError), run:
        print("divide")
        1 / 0  # noqa: B018
    assert printed(run).startswith("divide\nTraceback (most recent call last):\n")
    assert printed(run).endswith("ZeroDivisionError: division by zero\n")


def test_a_resumed_run_goes_on_in_the_same_file_and_links_of_it_stay(start: Start, tmp_path: Path) -> None:
    with start(id="r", console=True):
        print("first")
    os.link(tmp_path / "runs/r/files/console.txt", tmp_path / "backup.txt")
    with start(id="r", resume="must", console=True) as run:
        print("second")
    assert printed(run) == "first\nsecond\n"
    assert (tmp_path / "backup.txt").read_text() == "first\n"


def test_a_link_in_its_place_is_refused_and_the_run_is_let_go(start: Start, tmp_path: Path) -> None:
    start(id="r").finish()
    (tmp_path / "secret").write_text("mine")
    (tmp_path / "runs/r/files").mkdir()
    (tmp_path / "runs/r/files/console.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(runlog.StorageError, match=r"console\.txt must be a plain file"):
        start(id="r", resume="must", console=True)
    assert (tmp_path / "secret").read_text() == "mine"
    with pytest.raises(runlog.StorageError), runlog.open(tmp_path / "runs/r") as reader:
        reader.console()
    (tmp_path / "runs/r/files/console.txt").unlink()
    start(id="r", resume="must").finish()


def test_a_forked_worker_prints_to_the_terminal_alone(start: Start) -> None:
    with start(console=True) as run:
        print("parent")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            print("child")
            os._exit(0)
        os.waitpid(child, 0)
    assert printed(run) == "parent\n"


def test_two_runs_at_once_hear_the_same_and_end_in_any_order(start: Start) -> None:
    first, second = start(console=True), start(console=True)
    print("both")
    first.finish()
    print("second alone")
    second.finish()
    print("none")
    assert (printed(first), printed(second)) == ("both\n", "both\nsecond alone\n")


def test_there_is_an_end_to_what_is_kept(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "MAX_BYTES", 100)
    with start(console=True) as run:
        for number in range(50):
            print(f"line {number:03d}")
    lines = printed(run).splitlines()
    assert lines[-1].startswith("[what was printed from here on is not kept")
    assert lines[0] == "line 000"
    assert len(lines) == 12


def test_a_disk_that_is_full_fails_no_print_and_is_said_at_the_end(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    run = start(console=True)
    with monkeypatch.context() as patch:
        patch.setattr(console.os, "write", full)
        sys.stdout.write("lost\n")
    with pytest.warns(runlog.RunlogWarning, match="not all that was printed is in .*No space left"):
        run.finish()


def test_the_end_of_it_is_read_in_whole_lines(start: Start) -> None:
    with start(console=True) as run:
        for number in range(100):
            print(f"line {number:03d}")
    with runlog.open(run.folder) as reader:
        assert reader.console(20) == "line 098\nline 099\n"
        assert reader.console(10**6).count("\n") == 100
