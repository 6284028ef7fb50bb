"""How the tests are started changes nothing: from a terminal, in the background, by a scheduler, in CI."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

LOOK = """
import os, signal, sys
print(
    signal.getsignal(signal.SIGINT) is signal.default_int_handler,
    [signal.getsignal(n) is signal.SIG_DFL for n in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM)],
    oct(os.umask(0)),
    [os.environ.get(name) for name in ("RANK", "GIT_DIR", "RUNLOG_DIR", "RUNLOG_TEST_KILLS")],
    sys.dont_write_bytecode,
)
"""
LOOKS = f"""
import subprocess, sys

def test_children():
    said = subprocess.run([sys.executable, "-c", {LOOK!r}], capture_output=True, text=True, check=True).stdout
    assert said == "True [True, True, True] 0o22 [None, None, None, '3'] False\\n"
"""
SKIPS = """
import pytest

def test_of_a_tool():
    pytest.skip("strace is not installed: NOT TESTED")

def test_of_a_machine():
    pytest.skip("no CUDA device: NOT TESTED")

def test_of_a_package():
    pytest.importorskip("no_such_package")
"""
MODULE = """
import pytest

pytest.importorskip("no_such_package", reason="no_such_package is not installed: NOT TESTED")

def test_of_a_package():
    pass
"""
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]


def summary(
    folder: Path, codes: dict[str, str], *options: str, before: Callable[[], None] | None = None, **env: str
) -> str:
    """Run tests with the `conftest.py` beside this file, and return the last line printed."""
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    for name, code in codes.items():
        (folder / f"test_{name}.py").write_text(code)
    done = subprocess.run(
        # A base of its own: beside one that pytest numbers, it removes what earlier runs of all tests left.
        [*PYTEST, f"--basetemp={folder / 'base'}", *options, str(folder)],
        cwd=folder,
        env={**{name: value for name, value in os.environ.items() if name != "CI"}, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        preexec_fn=before,
        check=False,
    )
    return done.stdout.splitlines()[-1]


def leave_the_terminal() -> None:
    os.setsid()
    os.umask(0o077)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


SETTINGS = {
    "RANK": "3",
    "GIT_DIR": "/none",
    "RUNLOG_DIR": "/none",
    "RUNLOG_TEST_KILLS": "3",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def test_what_the_tests_were_started_with_is_not_handed_on(tmp_path: Path) -> None:
    said = summary(tmp_path, {"looks": LOOKS}, "-n", "1", before=leave_the_terminal, **SETTINGS)
    assert said.startswith("1 passed in ")


def test_what_is_not_installed_is_left_out_but_has_failed_where_the_gate_runs(tmp_path: Path) -> None:
    """A test, and a module of them; this is so in a worker as in a process that runs all."""
    codes = {"looks": LOOKS, "skips": SKIPS, "module": MODULE}
    assert summary(tmp_path, codes, **SETTINGS).startswith("1 passed, 4 skipped in ")
    found = "2 failed, 1 passed, 1 skipped, 1 error in "
    all_of_them = "--continue-on-collection-errors"
    assert summary(tmp_path, codes, all_of_them, CI="true", **SETTINGS).startswith(found)
    assert "1 error" in summary(tmp_path, {"module": MODULE}, "-n", "1", CI="true")
