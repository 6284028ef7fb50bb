"""Which calls sync what to the disk, as the kernel sees it (strace)."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys, numpy as np, runlog
def mark(name):
    with open(sys.argv[1] + "/" + name, "w") as file:
        file.write(name)
run = runlog.init(dir=sys.argv[1], id="r", quiet=True, record_environment=False)
mark("MARK-log")
for step in range(20):
    run.log({"k": runlog.Image(np.full((8, 8), step + 20, np.uint8)), "a": step})
mark("MARK-flush")
run.flush()
mark("MARK-finish")
run.finish()
"""


@pytest.fixture(scope="module")
def syncs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return the files that each call synced, in order."""
    if shutil.which("strace") is None:
        if os.environ.get("CI"):
            pytest.fail("strace is not installed; tests/install_tools.sh installs it")
        pytest.skip("strace is not installed (tests/install_tools.sh), so it was NOT checked what is synced")
    folder = tmp_path_factory.mktemp("traced")
    trace = folder / "trace"
    command = ["strace", "-f", "-y", "-o", str(trace), "-e", "trace=fsync,fdatasync,write"]
    subprocess.run([*command, sys.executable, "-c", SCRIPT, str(folder)], check=True)
    found: dict[str, list[str]] = {"init": []}
    for line in trace.read_text().splitlines():
        if mark := re.search(r'"MARK-(\w+)"', line):
            found[mark.group(1)] = []
        elif path := re.search(r"f(?:data)?sync\(\d+<(.*?)>", line):
            found[list(found)[-1]].append(str(Path(path.group(1)).relative_to(folder)))
    return found


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
