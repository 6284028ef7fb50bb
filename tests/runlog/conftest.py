"""Fixtures of the logger's tests: processes whom permissions stop, and disks that are small or read-only."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .cli.calling import run_code

_PR_CAPBSET_DROP = 24
# Those that let root read and write what permissions refuse.
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2
# A mount namespace of its own; who is not root needs a user namespace for that.
_UNSHARE = (
    ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
)
_SMALL_DISK = (
    "__import__('subprocess').run(['mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs',"
    " __import__('sys').argv[1]], check=True)\n"
)


@pytest.fixture
def run_unprivileged() -> Callable[..., str]:
    """Return a function that runs code in a process whom permissions stop, even as root."""
    before = _drop_rights if os.geteuid() == 0 else None
    return lambda code, *arguments: _output(run_code(code, *arguments, before=before))


@pytest.fixture
def run_on_small_disk() -> Callable[..., str]:
    """Return a function that runs code as root of its own mounts; its first argument is a disk of 2 MB."""
    if shutil.which("unshare") is None or subprocess.run([*_UNSHARE, "true"], check=False).returncode != 0:
        pytest.skip("this system lets no process mount: full and read-only disks NOT TESTED")

    def run(code: str, tmp_path: Path, *arguments: object) -> str:
        disk = tmp_path / "disk"
        disk.mkdir(exist_ok=True)
        return _output(run_code(_SMALL_DISK + code, disk, *arguments, starter=_UNSHARE))

    return run


def _output(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def _drop_rights() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for right in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        if libc.prctl(_PR_CAPBSET_DROP, right, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_CAPBSET_DROP)")
