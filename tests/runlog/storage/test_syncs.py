"""Which calls sync what to the disk, as the kernel sees it (strace)."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

MARK = """
import sqlite3, sys, numpy as np, runlog
def mark(name):
    with open(sys.argv[1] + "/" + name, "w") as file:
        file.write(name)
"""
SCRIPT = """
run = runlog.init(dir=sys.argv[1], id="r", quiet=True, record_environment=False)
mark("MARK-log")
for step in range(20):
    run.log({"k": runlog.Image(np.full((8, 8), step + 20, np.uint8)), "a": step})
mark("MARK-flush")
run.flush()
mark("MARK-finish")
run.finish()
"""


Trace = Callable[[str], dict[str, list[str]]]


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """Return a function that runs a script and says, by its marks, which files were synced, in order."""
    require_strace()

    def run(script: str) -> dict[str, list[str]]:
        folder = tmp_path_factory.mktemp("traced")
        output = folder / "trace"
        command = ["strace", "-f", "-y", "-o", str(output), "-e", "trace=fsync,fdatasync,write"]
        subprocess.run([*command, sys.executable, "-c", MARK + script, str(folder)], check=True)
        found: dict[str, list[str]] = {"init": []}
        for line in output.read_text().splitlines():
            if mark := re.search(r'"MARK-(\w+)"', line):
                found[mark.group(1)] = []
            elif path := re.search(r"f(?:data)?sync\(\d+<(.*?)>", line):
                found[list(found)[-1]].append(str(Path(path.group(1)).relative_to(folder)))
        return found

    return run


def require_strace() -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed (tests/install_tools.sh), so it was NOT checked what is synced")


@pytest.fixture(scope="module")
def syncs(trace: Trace) -> dict[str, list[str]]:
    """Return the files that each call of a usual run synced."""
    return trace(SCRIPT)


def test_log_syncs_nothing(syncs: dict[str, list[str]]) -> None:
    assert syncs["log"] == []


def test_flush_syncs_every_media_file_and_its_folders_then_the_rows(syncs: dict[str, list[str]]) -> None:
    flushed = syncs["flush"]
    media = [path for path in flushed if path.endswith(".png")]
    assert len(media) == len(set(media)) == 20
    folders = ["r/media/images/k", "r/media/images", "r/media", "r"]
    assert set(flushed[20:24]) == set(folders)
    assert flushed[24:] == ["r/run.db-wal", "r/run.db"]


def test_finish_syncs_only_what_came_after_the_last_flush(syncs: dict[str, list[str]]) -> None:
    finished = syncs["finish"]
    assert not [path for path in finished if "media" in path]
    assert finished[-1] == "r/run.db"


REPLACED = """
def pictures(*shades):
    return [runlog.Image(np.full((8, 8), shade, np.uint8)) for shade in shades]

run = runlog.init(dir=sys.argv[1], id="r", quiet=True, record_environment=False)
run.log({"k": pictures(1, 2)}, step=0)
run.flush()
mark("MARK-shorter")
run.log({"k": pictures(1)}, step=0)
run.log({"k": pictures(3)}, step=1)
run.flush()
mark("MARK-other")
run.log({"k": pictures(4)}, step=1)
run.flush()
mark("MARK-back")
run.finish()
run = runlog.init(dir=sys.argv[1], id="r", resume="must", resume_step=0, quiet=True, record_environment=False)
run.flush()
run.log({"k": pictures(5)}, step=1)
mark("MARK-end")
run.finish()
"""


def test_files_that_come_after_others_that_were_replaced_are_synced(trace: Trace) -> None:
    found = trace(REPLACED)
    steps = {
        name: {Path(path).name[:9] for path in paths if path.endswith(".png")}
        for name, paths in found.items()
    }
    assert steps["shorter"] == steps["other"] == steps["end"] == {"000000001"}


PINNED = """
run = runlog.init(dir=sys.argv[1], id="r", quiet=True, record_environment=False)
reader = sqlite3.connect(run.folder / "run.db", isolation_level=None)
reader.execute("BEGIN")
reader.execute("SELECT count(*) FROM steps").fetchone()
run.flush()
run.log({"a": 1})
mark("MARK-flush")
run.flush()
mark("MARK-finish")
run.log({"a": 2})
run.finish()
mark("MARK-end")
"""


def test_a_reader_that_stays_at_an_older_state_does_not_keep_rows_off_the_disk(trace: Trace) -> None:
    found = trace(PINNED)
    assert found["flush"] == ["r/run.db-wal"]
    assert "r/run.db-wal" in found["finish"]


FAILING = """
import sys, numpy as np, runlog
run = runlog.init(dir=sys.argv[1], id="r", quiet=True, record_environment=False)
run.log({"k": runlog.Image(np.full((8, 8), 20, np.uint8)), "a": 1})
try:
    run.flush()
except runlog.StorageError as error:
    print(error)
run.flush()
run.finish()
"""


def test_a_disk_that_fails_while_it_syncs_is_a_clear_error(tmp_path: Path) -> None:
    require_strace()
    command = ["strace", "-f", "-o", os.devnull, "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=1"]
    command += [sys.executable, "-c", FAILING, str(tmp_path)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    assert re.fullmatch(
        r"the media folder of \S+ must be writable, but media/images/k/\S+: Input/output error\n",
        result.stdout,
    )
