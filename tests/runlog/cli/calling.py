"""Commands as processes: each is forked off one that has imported all and built a site, which saves 0.7 s.

What starts such a process anew is tested in ``test_main.py``, and by the tests of the installed wheel.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

TIME_LIMIT_SECONDS = 120
_A_RUN = Path(__file__).parents[2] / "frozen_runs" / "schema-2"

_SERVER = """
import json, os, runpy, shutil, sys, tempfile
import numpy, PIL.Image, runlog, runlog.cli, runlog_viewer
# What a process reads and compiles for its first site is there as well.
with tempfile.TemporaryDirectory() as folder:
    runlog_viewer.build(shutil.copytree(sys.argv[1], f"{folder}/run"))
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
request = json.loads(line)
os.chdir(request["cwd"])
os.environ.clear()
os.environ.update(request["env"])
for number, path in enumerate((os.devnull, request["stdout"], request["stderr"])):
    os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
sys.argv[1:] = request["arguments"]
runpy.run_module("runlog", run_name="__main__", alter_sys=True)
"""


@cache
def _server() -> subprocess.Popen[str]:
    """Return this process's own, which ends with it."""
    server = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", _SERVER, str(_A_RUN)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
    )
    atexit.register(server.communicate)
    return server


def call(
    *arguments: object, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Carry out ``python -W error -m runlog ARGUMENTS`` and return what it printed and its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder, "stdout"), Path(folder, "stderr")
        request = {
            "arguments": list(map(str, arguments)),
            "cwd": str(cwd or Path.cwd()),
            "env": dict(os.environ if env is None else env),
            "stdout": str(printed[0]),
            "stderr": str(printed[1]),
        }
        code = _carried_out(json.dumps(request))
        return subprocess.CompletedProcess(
            request["arguments"], code, *(path.read_text() for path in printed)
        )


def _carried_out(request: str) -> int:
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{request}\n")
    server.stdin.flush()
    if not select.select([server.stdout], [], [], TIME_LIMIT_SECONDS)[0]:
        server.kill()
        _server.cache_clear()
        raise TimeoutError(f"no end of {request} in {TIME_LIMIT_SECONDS} s")
    return int(server.stdout.readline())
