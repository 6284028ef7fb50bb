"""Commands and scripts as processes: each is forked off one that has imported all and built a site.

That saves 0.7 s a command and 0.3 s a script. What starts such a process anew is tested in ``test_main.py``,
and by the tests of the installed wheel; what a script imports, by starting it.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

TIME_LIMIT_SECONDS = 120
_A_RUN = Path(__file__).parents[2] / "frozen_runs" / "schema-2"

_SERVER = """
import atexit, gc, json, os, runpy, shutil, sys, tempfile, types, warnings
exit_code = None
@atexit.register  # first, and so called last
def end():
    if exit_code is not None:
        sys.stdout.flush()
        sys.stderr.flush()
        # All that is freed otherwise, a forked process would copy before.
        os._exit(exit_code)
import sqlite3, numpy, PIL.Image, runlog, runlog.cli, runlog_viewer
from runlog.storage import migrations
for module in sys.argv[2:]:
    __import__(module)
# What a process makes for its first run, and reads and compiles for its first site, is there as well.
migrations.migrate(sqlite3.connect(":memory:", isolation_level=None))
with tempfile.TemporaryDirectory() as folder:
    runlog_viewer.build(shutil.copytree(sys.argv[1], f"{folder}/run"))
# A collection in a forked process would copy every page that is shared with this one.
gc.collect()
gc.freeze()
for line in sys.stdin:
    children = []
    for request in json.loads(line):
        children.append(os.fork())
        if children[-1] == 0:
            break
    else:
        ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        print(json.dumps(ended), flush=True)
        continue
    break
else:
    sys.exit()
os.chdir(request["cwd"])
os.environ.clear()
os.environ.update(request["env"])
tempfile.tempdir = None
for number, path in enumerate((request["stdin"], request["stdout"], request["stderr"])):
    os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
sys.argv[1:] = request["arguments"]
if request["is_strict"]:
    sys.warnoptions.append("error")
    warnings.simplefilter("error")
exit_code = 1
try:
    if request["code"] is None:
        runpy.run_module("runlog", run_name="__main__", alter_sys=True)
    else:
        main = sys.modules["__main__"] = types.ModuleType("__main__")
        exec(compile(request["code"], "<string>", "exec"), main.__dict__)
    exit_code = 0
except SystemExit as ending:
    exit_code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    raise
"""

Done = subprocess.CompletedProcess[str]
NAMES = ("stdout", "stderr")


@cache
def _server(
    starter: tuple[str, ...] = (), before: Callable[[], None] | None = None, also: tuple[str, ...] = ()
) -> subprocess.Popen[str]:
    """Return this process's own, which ends with it."""
    server = subprocess.Popen(
        [*starter, sys.executable, "-c", _SERVER, str(_A_RUN), *also],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
        preexec_fn=before,  # noqa: PLW1509 - as with `run`, it takes no lock
    )
    atexit.register(server.communicate)
    return server


def call(
    *arguments: object,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str = os.devnull,
) -> Done:
    """Carry out ``python -W error -m runlog ARGUMENTS`` and return what it printed and its exit code."""
    (done,) = _carried_out(None, arguments, cwd, [env], stdin=stdin, is_strict=True)
    return done


def run_code(
    code: str,
    *arguments: object,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    is_strict: bool = False,
    starter: Sequence[str] = (),
    before: Callable[[], None] | None = None,
    also: Sequence[str] = (),
) -> Done:
    """Run ``python -c CODE ARGUMENTS`` and return what it printed and its exit code.

    Parameters
    ----------
    is_strict
        Whether each warning is an error (``-W error``).
    starter, before
        A command that starts Python, such as unshare, and what its process does before.
    also
        What is imported beforehand, besides runlog. There is a process to fork from for each such kind.
    """
    server = _server(tuple(starter), before, tuple(also))
    (done,) = _carried_out(code, arguments, cwd, [env], is_strict=is_strict, server=server)
    return done


def run_together(code: str, *arguments: object, envs: Sequence[Mapping[str, str] | None]) -> list[Done]:
    """Run ``python -c CODE ARGUMENTS`` in several processes at a time, one for each environment."""
    return _carried_out(code, arguments, None, envs)


def _carried_out(
    code: str | None,
    arguments: Sequence[object],
    cwd: Path | None,
    envs: Sequence[Mapping[str, str] | None],
    *,
    stdin: str = os.devnull,
    is_strict: bool = False,
    server: subprocess.Popen[str] | None = None,
) -> list[Done]:
    words = list(map(str, arguments))
    with tempfile.TemporaryDirectory() as folder:
        printed = [[Path(folder, f"{number}-{name}") for name in NAMES] for number in range(len(envs))]
        requests = [
            {
                "code": code,
                "arguments": words,
                "cwd": str(cwd or Path.cwd()),
                "env": dict(os.environ if env is None else env),
                "is_strict": is_strict,
                "stdin": stdin,
                **dict(zip(NAMES, map(str, paths), strict=True)),
            }
            for env, paths in zip(envs, printed, strict=True)
        ]
        ended = _answer(server or _server(), json.dumps(requests))
        return [
            Done(words, exit_code, *(path.read_text() for path in paths))
            for exit_code, paths in zip(ended, printed, strict=True)
        ]


def _answer(server: subprocess.Popen[str], requests: str) -> list[int]:
    """Return how the processes of some requests ended."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{requests}\n")
    server.stdin.flush()
    if not select.select([server.stdout], [], [], TIME_LIMIT_SECONDS)[0]:
        server.kill()
        _server.cache_clear()
        raise TimeoutError(f"no end of {requests} in {TIME_LIMIT_SECONDS} s")
    ended: list[int] = json.loads(server.stdout.readline())
    return ended
