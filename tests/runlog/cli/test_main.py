"""The command line: what it prints, where, and with which exit code."""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import runlog
from runlog.basics.environment import runlog_version

from .calling import call

COMMANDS = ("build", "view", "watch")


def call_anew(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Carry out a command in a process of its own from its beginning; those of `call` have all imported."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "runlog", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
        check=False,
    )


@contextmanager
def running(*arguments: object, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "runlog", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def log_run(folder: Path, run_id: str = "r") -> Path:
    with runlog.init(dir=folder, id=run_id, quiet=True) as run:
        run.log({"k": [runlog.Image(np.full((4, 4), 99, np.uint8), caption="seen")], "loss": 1})
    return run.folder


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], 30)
    assert ready, "nothing was printed in 30 s"
    return process.stdout.readline().strip()


def one_clear_line(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith("runlog: ")
    for word in words:
        assert word in line


def test_without_a_command_it_prints_the_help() -> None:
    result = call_anew()
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("usage:")
    assert all(command in result.stdout for command in (*COMMANDS, "ls", "edit", "rm"))


@pytest.mark.parametrize(
    ("word", "hint"),
    [("veiw", "did you mean 'view'?"), ("exprot", "did you mean 'export'?"), ("xyz", "commands: build")],
)
def test_a_word_that_is_no_command_is_answered_with_one_that_is(word: str, hint: str) -> None:
    one_clear_line(call(word), repr(word), hint)


@pytest.mark.parametrize("command", ["ls", "show", "export"])
def test_a_reader_that_goes_away_ends_a_command_quietly(command: str, tmp_path: Path) -> None:
    with runlog.init(dir=tmp_path, id="r", quiet=True) as run:
        run.config.update({f"name {n}": "x" * 50 for n in range(3000)})
    words = {"ls": ["ls", tmp_path, "--json"], "show": ["show", run.folder], "export": ["export", "--help"]}[
        command
    ]
    line = " ".join([sys.executable, "-m", "runlog", *map(str, words), "| head -c 1"])
    result = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"], capture_output=True, text=True, check=False
    )
    assert result.stderr == ""
    assert result.returncode in (0, 141)


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_terminal_that_cannot_show_a_character_gets_a_replacement(
    more: tuple[str, ...], tmp_path: Path
) -> None:
    with runlog.init(dir=tmp_path, id="r", name="Größe 漢字", quiet=True):
        pass
    result = call_anew("ls", tmp_path, *more, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.isascii()
    assert (json.loads(result.stdout)[0]["name"] == "Größe 漢字") if more else "Gr??e ??" in result.stdout


@pytest.mark.parametrize("command", ["ls", "ls --json", "show", "show --json", "build", "check"])
def test_no_escape_in_a_name_reaches_the_terminal(command: str, tmp_path: Path) -> None:
    evil = "a\x1b]0;owned\x07\x9b31m\r\x08\u202eb"
    folder = tmp_path / "run\x1b[31ms"
    with runlog.init(dir=folder, id="r", name=evil, tags=[evil], notes=evil, group=evil, quiet=True) as run:
        run.config[evil] = evil
        run.log({"k": evil})
    word, *more = command.split()
    result = call(word, run.folder, *more)
    for printed in (result.stdout, result.stderr):
        assert all(character.isprintable() or character == "\n" for character in printed)


def test_view_starts_before_the_first_run_and_fills_in(tmp_path: Path) -> None:
    with running("watch", RUNLOG_DIR=str(tmp_path / "runs")) as process:
        index = Path(first_line(process))
        assert index == tmp_path / "runs" / "index.html"
        assert "<tr data-key" not in index.read_text("utf-8")
        log_run(tmp_path / "runs")
        deadline = time.monotonic() + 20
        while 'href="r/index.html"' not in index.read_text("utf-8") and time.monotonic() < deadline:
            time.sleep(0.05)
        assert 'href="r/index.html"' in index.read_text("utf-8")


def test_the_version_is_that_of_the_package() -> None:
    result = call_anew("--version")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"runlog {runlog_version()}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_shows_the_usage_of_the_command(command: str, tmp_path: Path) -> None:
    result = call(command, tmp_path, "--no-such-option")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"usage: python -m runlog {command} [-h]")
    assert "unrecognized arguments: --no-such-option" in result.stderr


def test_build_prints_the_page_to_open_and_nothing_else(tmp_path: Path) -> None:
    log_run(tmp_path)
    result = call_anew("build", tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert Path(result.stdout.strip()) == tmp_path / "index.html"
    assert (tmp_path / "r" / "viewer" / "steps" / "000000000.html").is_file()


def test_build_takes_one_run_folder(tmp_path: Path) -> None:
    folder = log_run(tmp_path)
    result = call("build", folder)
    assert Path(result.stdout.strip()) == folder / "index.html"
    assert not (tmp_path / "index.html").exists()


def test_the_runs_folder_is_taken_from_the_environment(tmp_path: Path) -> None:
    log_run(tmp_path)
    result = call("build", env={**os.environ, "RUNLOG_DIR": str(tmp_path)})
    assert Path(result.stdout.strip()) == tmp_path / "index.html"


# Bad input


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_folder_is_one_line_and_exit_code_2(command: str, tmp_path: Path) -> None:
    one_clear_line(call(command, tmp_path / "none"), str(tmp_path / "none"))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_without_runs_is_one_line_and_exit_code_2(command: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    one_clear_line(call(command, tmp_path), str(tmp_path), "run.db")


def test_a_file_in_place_of_a_folder_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    one_clear_line(call("build", tmp_path / "file"), str(tmp_path / "file"))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_corrupt_run_is_one_line_and_exit_code_2(command: str, tmp_path: Path) -> None:
    folder = log_run(tmp_path)
    (folder / "run.db").write_bytes(b"no database" * 500)
    one_clear_line(call(command, folder), str(folder / "run.db"), "readable database")


def test_a_run_without_its_media_is_said_and_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    folder = log_run(tmp_path)
    shutil.rmtree(folder / "media")
    result = call("build", folder)
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert "media" in line
    assert (folder / "index.html").is_file()


def test_one_corrupt_run_does_not_hide_the_others(tmp_path: Path) -> None:
    log_run(tmp_path, "good")
    (log_run(tmp_path, "bad") / "run.db").write_bytes(b"no database" * 500)
    result = call("build", tmp_path)
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert "bad" in line
    page = (tmp_path / "index.html").read_text()
    assert "good" in page
    assert "readable database" in page
    assert (tmp_path / "good" / "viewer" / "steps" / "000000000.html").is_file()


@pytest.mark.parametrize("port", ["x", "-1", "65536", "1.5"])
def test_a_bad_port_is_refused(port: str, tmp_path: Path) -> None:
    result = call("view", tmp_path, f"--port={port}")
    assert result.returncode == 2
    assert "must be from 0 to 65535" in result.stderr


def test_a_port_in_use_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    log_run(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        one_clear_line(call("view", tmp_path, "--no-open", "--port", port), str(port))


# Long-running commands


def test_view_prints_an_address_that_works_and_ends_well_with_ctrl_c(tmp_path: Path) -> None:
    log_run(tmp_path)
    with running("view", tmp_path, "--no-open") as process:
        url = first_line(process)
        assert url.startswith("http://127.0.0.1:")
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(url, timeout=10) as page:
            assert "r</" in page.read().decode()
        with pytest.raises(urllib.error.HTTPError, match="403") as refused:
            urllib.request.urlopen(url.split("?")[0], timeout=10)
        refused.value.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_watch_follows_a_run_until_ctrl_c(tmp_path: Path) -> None:
    log_run(tmp_path)
    with running("watch", tmp_path) as process:
        assert first_line(process) == str(tmp_path / "index.html")
        log_run(tmp_path, "later")
        deadline = time.monotonic() + 20
        while not (tmp_path / "later" / "index.html").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (tmp_path / "later" / "index.html").exists()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
