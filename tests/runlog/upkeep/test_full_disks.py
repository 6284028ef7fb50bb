"""Upkeep on a full disk, which is when it is needed: room is made first; without any, nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

# A run of 12 images on a disk of 2 MB, which a ballast fills but for some bytes; prints what commands did.
SCRIPT = """
import hashlib, json, os, sys
from pathlib import Path
import numpy as np, runlog, runlog_viewer
from runlog_viewer import with_pages
disk, room, what, command = Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
folder = disk / "runs" / "r"
run = runlog.init(dir=disk / "runs", id="r", quiet=True, record_environment=False)
for step in range(12):
    run.log({"k": runlog.Image(np.random.default_rng(step).integers(0, 256, (40, 40), np.uint8)), "a": step})
if "unfinished" not in what:
    run.finish()
else:
    run._store.abandon()
    run._lock.release()
    run._is_open = False
if "site" in what:
    runlog_viewer.build(disk / "runs" if "all" in what else folder)
if "half-written" in what:
    (folder / "media" / "images" / "k" / ".000000007-0000-1a2b3c4d.png.tmp").write_bytes(bytes(150_000))
with open(disk / "ballast", "wb", buffering=0) as ballast:
    try:
        while ballast.write(bytes(4096)): pass
    except OSError: pass
os.truncate(disk / "ballast", (disk / "ballast").stat().st_size - room)

def content():
    return {str(p.relative_to(disk)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(disk.rglob("*")) if p.is_file()}

def state():
    with runlog.open(folder) as reader:
        images = reader.images(range(12))
        return {"images": len(images), "whole": all(reader.pixels(i).shape == (40, 40) for i in images),
                "numbers": len(reader.scalars()[0].values), "state": reader.run().state}

commands = {
    "resume": lambda: runlog.init(
        dir=disk / "runs", id="r", resume="must", quiet=True, record_environment=False
    ).finish(),
    "check": lambda: list(runlog.check(folder, repair=True).problems),
    "prune": lambda: with_pages.prune(folder, keep_last=2, dry_run=False).is_done,
    "edit": lambda: with_pages.edit(folder, notes="a note") and None,
}
before = content()
try:
    said = commands[command]()
except runlog.StorageError as error:
    said = str(error)
same = before == content()
site = (folder / "index.html").is_file() and len(list((folder / "viewer").rglob("*"))) > 10
print(json.dumps({"said": said, "same": same, "site": site, **state()}))
"""

Run = Callable[..., str]


def on_full_disk(run: Run, tmp_path: Path, *cases: tuple[int, str, str]) -> list[dict[str, object]]:
    """Return what came of each case: the bytes of room, what is on the disk, and the command."""
    found = [json.loads(run(SCRIPT, tmp_path, *case)) for case in cases]
    assert all(one["whole"] and one["numbers"] == 12 for one in found)
    return found


@pytest.mark.parametrize("command", ["resume", "prune", "edit", "check"])
def test_where_not_even_a_journal_fits_the_bytes_needed_are_said_and_nothing_is_changed(
    run_on_small_disk: Run, tmp_path: Path, command: str
) -> None:
    what = "unfinished" if command == "check" else "plain"
    cases = [(room, what, command) for room in (0, 8192, 45056, 81920)]
    for found in on_full_disk(run_on_small_disk, tmp_path, *cases):
        assert "must have 98,304 bytes free for the journal of" in str(found["said"])
        assert found["images"] == 12
        assert found["same"]


def test_prune_makes_room_of_what_can_be_made_again(run_on_small_disk: Run, tmp_path: Path) -> None:
    kinds = ("site", "all site", "half-written")
    made = on_full_disk(run_on_small_disk, tmp_path, *((0, what, "prune") for what in kinds))
    for what, found in zip(kinds, made, strict=True):
        assert found["said"] is True, what
        assert found["images"] == 2
        assert found["site"] == ("site" in what)


def test_check_repairs_with_the_room_of_what_can_be_made_again(
    run_on_small_disk: Run, tmp_path: Path
) -> None:
    cases = [(0, f"unfinished {what}", "check") for what in ("site", "half-written")]
    for found in on_full_disk(run_on_small_disk, tmp_path, *cases):
        assert found["said"] == []
        assert (found["images"], found["state"]) == (12, "failed")


def test_with_a_journal_of_room_all_of_them_work(run_on_small_disk: Run, tmp_path: Path) -> None:
    cases = [(118_784, "plain", command) for command in ("resume", "prune", "edit")]
    assert [one["said"] for one in on_full_disk(run_on_small_disk, tmp_path, *cases)] == [None, True, None]


# A run of an older schema on such a disk; prints what a command said, and what is there afterwards.
OLDER = """
import hashlib, json, os, shutil, sqlite3, sys
from pathlib import Path
import runlog
from runlog_viewer import with_pages
disk, room, source, command = Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
folder = disk / "runs" / "r"
shutil.copytree(source, folder)
with sqlite3.connect(folder / "run.db") as db:
    (run_id,) = db.execute("SELECT id FROM run").fetchone()
    if command == "check":
        db.execute("UPDATE run SET state = 'running', finished_at = NULL")
db.close()
folder = folder.rename(folder.with_name(run_id))
free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
with open(disk / "ballast", "wb", buffering=0) as ballast:
    ballast.write(bytes(max(0, free - room - 8192)))
    try:
        while ballast.write(bytes(4096)): pass
    except OSError: pass
os.truncate(disk / "ballast", (disk / "ballast").stat().st_size - room)

def content():
    return {str(p.relative_to(disk)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(disk.rglob("*")) if p.is_file() and p.name != "run.lock"}

commands = {
    "resume": lambda: runlog.init(
        dir=disk / "runs", id=run_id, resume="must", quiet=True, record_environment=False
    ).finish(),
    "check": lambda: list(runlog.check(folder, repair=True, ended=True).problems),
    "migrate": lambda: runlog.migrate(folder) and None,
    "prune": lambda: with_pages.prune(folder, keep_last=1, dry_run=False).is_done,
}
before = content()
try:
    said, is_done = commands[command](), True
except runlog.StorageError as error:
    said, is_done = str(error), False
same = before == content()
with runlog.open(folder) as reader:
    images = [reader.pixels(image).shape for image in reader.images()]
print(json.dumps({"said": said, "is_done": is_done, "same": same, "images": len(images)}))
"""


@pytest.mark.parametrize("command", ["resume", "migrate", "check", "prune"])
def test_a_run_of_an_older_schema_is_brought_up_to_date_whole_or_not_at_all(
    run_on_small_disk: Run, tmp_path: Path, command: str
) -> None:
    source = Path(__file__).parents[2] / "frozen_runs/schema-2"
    rooms = (0, 4096, 32_768, 98_304, 196_608, 393_216)
    done = []
    for room in rooms:
        found = json.loads(run_on_small_disk(OLDER, tmp_path, room, source, command))
        assert found["is_done"] or (found["same"] and "bytes free" in found["said"]), (room, found)
        assert found["images"] > 0
        done.append(found["is_done"])
    assert done == sorted(done)
    assert done[-1]
    assert not done[0]
