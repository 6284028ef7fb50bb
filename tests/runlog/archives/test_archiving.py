"""An archive: a bag that others can check, the same bytes each time, whole or not there at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import bagit
import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog.archives import snapshot
from runlog.archives.archiving import Archive
from runlog.archives.verifying import verify
from runlog.storage.lock import RunLock
from runlog_viewer import with_pages
from runlog_viewer.with_pages import archive

from ..cli.calling import run_code

Start = Callable[..., runlog.LocalRun]

# How many archives are taken while a run writes. Not a setting of runlog's: it only makes this test longer.
SNAPSHOTS = int(os.environ.get("RUNLOG_TEST_SNAPSHOTS", "4"))


def log_some(run: runlog.LocalRun, steps: range = range(3)) -> None:
    for step in steps:
        pixels = np.random.default_rng(step).integers(0, 256, (12, 16, 3), dtype=np.uint8)
        mask = {"truth": {"mask_data": np.full((12, 16), 300 + step)}}
        image = runlog.Image(pixels, caption=f"step {step}", masks=mask)
        run.log(
            {
                "val/predictions": [image, runlog.Image(pixels[:5])],
                "Other Key": image,
                "loss": 1 / (step + 1),
            },
            step=step,
        )


@pytest.fixture
def run(start: Start) -> Path:
    with start(id="r") as run:
        log_some(run)
    return run.folder


def freeze(run: Path, out: Path, **options: bool) -> Archive:
    return archive([run], out, **options)


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def unzip(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path) as file:
        file.extractall(folder)
    (base,) = folder.iterdir()
    return base


# What is in it


@pytest.mark.parametrize("out", ["r.zip", "r"])
def test_it_is_a_valid_bag_to_the_library_of_congress_tool(run: Path, tmp_path: Path, out: str) -> None:
    made = freeze(run, tmp_path / out)
    folder = unzip(made.path, tmp_path / "elsewhere") if out.endswith(".zip") else made.path
    bag = bagit.Bag(str(folder))
    assert bag.validate()
    assert bag.info["External-Identifier"] == "r"
    assert made.files == len(bag.payload_entries())
    assert made.bytes == int(bag.info["Payload-Oxum"].split(".")[0])
    assert made.problems == ()


def test_it_holds_the_rows_the_media_and_the_site_and_nothing_else(run: Path, tmp_path: Path) -> None:
    (run / "checkpoint.bin").write_bytes(b"weights")
    (run / "media" / "orphan.png").write_bytes(b"left by a kill")
    freeze(run, tmp_path / "r")
    payload = tmp_path / "r" / "data" / "r"
    assert (payload / "index.html").is_file()
    assert (payload / "viewer" / "steps" / "000000002.html").is_file()
    assert content(payload / "media").items() < content(run / "media").items()
    assert (
        not list(payload.rglob("*orphan*")) + list(payload.rglob("checkpoint*")) + list(payload.rglob(".*"))
    )
    with runlog.open(run) as ours, runlog.open(payload) as theirs:
        assert theirs.steps() == ours.steps()
        assert theirs.images() == ours.images()
        assert theirs.media() == ours.media()
        assert theirs.scalars() == ours.scalars()


def test_its_front_page_leads_to_the_run(run: Path, tmp_path: Path) -> None:
    freeze(run, tmp_path / "r")
    page = (tmp_path / "r" / "index.html").read_text()
    assert page.count("data/r/index.html") == 2
    assert (tmp_path / "r" / "data" / "r" / "index.html").is_file()


def test_several_runs_are_a_runs_folder_with_its_overview(start: Start, run: Path, tmp_path: Path) -> None:
    with start(id="other") as other:
        other.log({"a": 1})
    made = archive([run.parent], tmp_path / "all")
    assert made.runs == ("other", "r")
    assert "data/index.html" in (tmp_path / "all" / "index.html").read_text()
    overview = (tmp_path / "all" / "data" / "index.html").read_text()
    assert "r/index.html" in overview
    assert "other/index.html" in overview
    assert bagit.Bag(str(tmp_path / "all")).validate()
    one_by_one = archive([other.folder, run], tmp_path / "two")
    assert content(one_by_one.path) == content(made.path)


def test_a_run_is_called_by_its_id_whatever_its_folder_is_called(run: Path, tmp_path: Path) -> None:
    renamed = run.rename(run.parent / "a copy #1")
    freeze(renamed, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert {name.split("/")[0] for name in file.namelist()} == {"r"}
        assert "r/data/r/run.db" in file.namelist()


def test_media_files_are_stored_and_text_is_deflated(run: Path, tmp_path: Path) -> None:
    freeze(run, tmp_path / "r.zip")
    with zipfile.ZipFile(tmp_path / "r.zip") as file:
        kinds = {Path(entry.filename).suffix: entry.compress_type for entry in file.infolist()}
    assert kinds[".png"] == zipfile.ZIP_STORED
    assert {kinds[".db"], kinds[".html"], kinds[".js"], kinds[".txt"]} == {zipfile.ZIP_DEFLATED}


# The same bytes


def test_the_same_run_gives_the_same_bytes(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = freeze(run, tmp_path / "first.zip").path.read_bytes()
    (tmp_path / "elsewhere").mkdir()
    copy = shutil.copytree(run, tmp_path / "elsewhere" / "copied")
    runlog_viewer.build(copy)
    os.utime(copy / "run.db", (1, 1))
    monkeypatch.setenv("TZ", "Asia/Seoul")
    old_mask = os.umask(0o077)
    try:
        assert freeze(copy, tmp_path / "elsewhere" / "second.zip").path.read_bytes() == first
    finally:
        os.umask(old_mask)


def test_what_was_unzipped_gives_the_same_archive_again(run: Path, tmp_path: Path) -> None:
    first = freeze(run, tmp_path / "first.zip").path
    again = unzip(first, tmp_path / "unzipped") / "data" / "r"
    assert freeze(again, tmp_path / "again.zip").path.read_bytes() == first.read_bytes()


def test_a_folder_and_a_zip_file_hold_the_same(run: Path, tmp_path: Path) -> None:
    freeze(run, tmp_path / "r.zip")
    freeze(run, tmp_path / "r")
    assert content(unzip(tmp_path / "r.zip", tmp_path / "unzipped")) == content(tmp_path / "r")


def test_the_archive_shares_no_file_with_the_run(run: Path, tmp_path: Path) -> None:
    freeze(run, tmp_path / "r")
    ours = {path.stat().st_ino for path in run.rglob("*") if path.is_file()}
    assert not ours & {path.stat().st_ino for path in (tmp_path / "r").rglob("*")}
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "r" / "data").rglob("*.png")}
    assert modes == {0o666 & ~_umask()}


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


# While the run writes

# Past the first steps, each call makes the files of earlier calls go.
STEPS = 40
WRITER = f"""
import itertools, os, sys, numpy as np, runlog
rng, parent = np.random.default_rng(0), os.getppid()
with runlog.init(id="live", dir=sys.argv[1], quiet=True) as run:
    print("ready", flush=True)
    for number in itertools.count():
        images = [runlog.Image(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)) for _ in range(3)]
        run.log({{"kept": images, "loss": number}}, step=number % {STEPS})
        run.log({{"replaced": images[:2], "version": number}}, step=0)
        if os.getppid() != parent:
            break
"""


@contextmanager
def writing(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def test_archives_of_a_run_that_writes_are_consistent(tmp_path: Path) -> None:
    calls = []
    with writing(tmp_path / "runs"):
        for number in range(SNAPSHOTS):
            time.sleep(0.1)
            made = freeze(tmp_path / "runs" / "live", tmp_path / f"{number}.zip")
            assert made.problems == ()
            assert verify(made.path, deep=True).problems == ()
            folder = unzip(made.path, tmp_path / f"unzipped-{number}") / "data" / "live"
            with runlog.open(folder) as reader:
                loss, version = reader.scalars()
                newest = int(max(loss.values))
                # Of each call all or nothing, and nothing of a call without all calls before it.
                assert list(loss.values) == [newest - (newest - step) % STEPS for step in loss.steps]
                assert list(loss.steps) == list(range(min(newest + 1, STEPS)))
                assert newest - version.values[-1] in (0, 1)
                assert len(reader.images()) == 3 * len(loss.steps) + 2
                calls.append(newest)
            shutil.rmtree(folder)
    assert calls == sorted(set(calls))


def test_the_page_of_a_live_run_says_that_it_was_running(start: Start, tmp_path: Path) -> None:
    with start(id="live") as run:
        log_some(run)
        freeze(run.folder, tmp_path / "live")
    script = (tmp_path / "live" / "data" / "live" / "viewer" / "version.js").read_text()
    assert '"running"' in script
    assert verify(tmp_path / "live", deep=True).problems == ()


@pytest.mark.filterwarnings("ignore:.*replaced by those of a later call:runlog.RunlogWarning")
def test_files_that_go_between_two_looks_are_left_out_with_their_rows(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start(id="live") as run:
        log_some(run)
        hold = snapshot._Holder.hold
        looks: list[int] = []

        def replace_first(self: snapshot._Holder, paths: Iterator[Path]) -> frozenset[Path]:
            looks.append(1)
            if len(looks) <= 3:
                # The rows are listed; now the run logs another image in place of the one listed last.
                listed = list(paths)
                other = runlog.Image(np.full((9, 9), 99 + len(looks), np.uint8))
                run.log({"val/predictions": other}, step=2)
                return hold(self, listed)
            return hold(self, paths)

        monkeypatch.setattr(snapshot._Holder, "hold", replace_first)
        made = freeze(run.folder, tmp_path / "live")
    assert len(looks) == 4
    assert made.problems == ()
    assert verify(tmp_path / "live", deep=True).problems == ()
    with runlog.open(tmp_path / "live" / "data" / "live") as reader:
        (image,) = (image for image in reader.images([2]) if image.key == "val/predictions")
        assert image.media.width == 9


# What is wrong with the run


def test_a_missing_and_a_changed_file_are_said_and_archived_as_they_are(run: Path, tmp_path: Path) -> None:
    with runlog.open(run) as reader:
        gone, changed, *_ = (media.path for media in reader.media())
    (run / gone).unlink()
    data = (run / changed).read_bytes()
    # Not in place: another key may have the same file.
    (run / changed).unlink()
    (run / changed).write_bytes(data[:-1] + b"?")
    made = freeze(run, tmp_path / "r")
    assert sorted(made.problems) == sorted(
        [
            f"{run / gone} must be a file of the run, but is missing",
            f"{run / changed} must be as it was logged, but its bytes are others",
        ]
    )
    assert bagit.Bag(str(tmp_path / "r")).validate()
    found = verify(tmp_path / "r").problems
    assert len(found) == 2
    assert any(str(gone) in line for line in found)
    assert any(str(changed) in line for line in found)


@pytest.mark.parametrize("path", ["../secret.png", "/etc/hostname", "media/../../secret.png", "notes.txt"])
def test_a_row_that_names_a_file_outside_the_media_folder_archives_nothing(
    run: Path, tmp_path: Path, path: str
) -> None:
    (run.parent / "secret.png").write_bytes(b"secret")
    (run / "notes.txt").write_bytes(b"secret")
    connection = sqlite3.connect(run / "run.db")
    connection.execute("UPDATE media SET path = ? WHERE id = 1", [path])
    connection.commit()
    connection.close()
    with pytest.raises(
        runlog.StorageError, match=r"media\.path must be the place of a file in the media folder"
    ):
        freeze(run, tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_a_link_in_place_of_a_media_file_is_not_followed(run: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    with runlog.open(run) as reader:
        media = run / reader.media()[0].path
    media.unlink()
    media.symlink_to(secret)
    assert len(freeze(run, tmp_path / "r").problems) == 1
    assert b"secret" not in content(tmp_path / "r").values()


def test_a_corrupt_database_is_refused(run: Path, tmp_path: Path) -> None:
    data = bytearray((run / "run.db").read_bytes())
    data[4096 : 4096 * 6] = b"\xff" * 4096 * 5
    (run / "run.db").write_bytes(data)
    with pytest.raises(runlog.StorageError, match=r"run\.db"):
        freeze(run, tmp_path / "r.zip")
    assert not (tmp_path / "r.zip").exists()


def test_a_run_is_archived_once(run: Path, tmp_path: Path) -> None:
    with pytest.raises(runlog.StorageError, match="once"):
        archive([run, run], tmp_path / "r.zip")


def test_there_must_be_a_run(tmp_path: Path) -> None:
    with pytest.raises(runlog.InvalidValueError, match="at least one"):
        archive([], tmp_path / "r.zip")
    with pytest.raises(runlog.StorageError, match=r"run\.db"):
        archive([tmp_path], tmp_path / "r.zip")
    with pytest.raises(runlog.StorageError, match="none"):
        archive([tmp_path / "none"], tmp_path / "r.zip")
    assert list(tmp_path.iterdir()) == []


# Whole, or not there


@pytest.mark.parametrize("out", ["r.zip", "r"])
def test_what_is_there_is_not_overwritten_unasked(run: Path, tmp_path: Path, out: str) -> None:
    before = freeze(run, tmp_path / out).path
    with runlog.init(id="r", dir=run.parent, resume="must", quiet=True) as again:
        again.log({"more": 1})
    old = content(tmp_path)
    with pytest.raises(runlog.InvalidValueError, match="must not exist yet"):
        freeze(run, tmp_path / out)
    assert content(tmp_path) == old
    freeze(run, tmp_path / out, overwrite=True)
    assert content(tmp_path) != old
    assert verify(before).problems == ()


def test_only_an_archive_is_overwritten(run: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    (tmp_path / "file").write_text("work")
    (tmp_path / "folder.zip").mkdir()
    for name in ("thesis", "file", "folder.zip"):
        with pytest.raises(runlog.InvalidValueError, match="but"):
            freeze(run, tmp_path / name, overwrite=True)
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"


@pytest.mark.parametrize("out", ["r.zip", "r"])
def test_nothing_is_left_behind_by_a_failure(
    run: Path, tmp_path: Path, out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class BrokenSite(with_pages.Site):
        def update(self, progress: with_pages.Progress | None = None) -> NoReturn:
            raise KeyboardInterrupt

    # For archives alone: what follows the site of another test in a thread goes on.
    monkeypatch.setattr(with_pages, "Site", BrokenSite)
    before = content(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        archive([run], tmp_path / out)
    assert content(tmp_path) == before


@pytest.mark.on_disk
@pytest.mark.parametrize("out", ["r.zip", "r"])
def test_a_kill_leaves_nothing_under_the_final_name(run: Path, tmp_path: Path, out: str) -> None:
    script = f"""
import os, signal
from runlog import archive
def kill(done, total):
    if done > total // 2:
        os.kill(os.getpid(), signal.SIGKILL)
archive([{str(run)!r}], {str(tmp_path / out)!r}, progress=kill)
"""
    assert run_code(script).returncode == -signal.SIGKILL
    assert not (tmp_path / out).exists()
    assert freeze(run, tmp_path / out).problems == ()


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(run: Path, tmp_path: Path) -> None:
    script = f"""
import resource, signal, sys, runlog
from runlog import archive
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
try:
    archive([{str(run)!r}], {str(tmp_path / "r.zip")!r})
except runlog.StorageError as error:
    print(error)
"""
    for limit in (1_000, 40_000, 60_000, 100_000):
        result = run_code(script, limit, is_strict=True)
        assert result.returncode == 0, result.stderr
        assert str(tmp_path) in result.stdout, limit
        assert len(result.stdout.splitlines()) == 1
        assert result.stderr == ""
        assert sorted(path.name for path in tmp_path.iterdir()) == ["runs"]


ON_A_SMALL_DISK = """
import os, sys, runlog, viewer
disk, run = sys.argv[1:]
for out in ("r.zip", "r"):
    try:
        runlog.archive([run], os.path.join(disk, out))
    except runlog.StorageError as error:
        print(error)
print(os.listdir(disk))
"""


def test_a_disk_that_is_too_small_is_one_clear_error_and_stays_empty(
    start: Start, tmp_path: Path, run_on_small_disk: Callable[..., str]
) -> None:
    with start(id="large") as run:
        noise = np.random.default_rng(0).integers(0, 256, (1100, 1100, 3), dtype=np.uint8)
        run.log({"noise": runlog.Image(noise)})
    *errors, left = run_on_small_disk(ON_A_SMALL_DISK, tmp_path, run.folder).splitlines()
    assert len(errors) == 2
    assert all("No space left on device" in error for error in errors)
    assert left == "[]"


def test_a_folder_that_is_not_there_is_one_clear_error(run: Path, tmp_path: Path) -> None:
    with pytest.raises(runlog.StorageError, match=r"written whole, but .*none/r.zip: No such file"):
        freeze(run, tmp_path / "none" / "r.zip")


def test_progress_ends_at_the_number_of_files(run: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    made = archive([run], tmp_path / "r.zip", progress=lambda *n: seen.append(n))
    assert seen == [(done, made.files) for done in range(1, made.files + 1)]


def test_the_manifests_are_what_sha256sum_checks(run: Path, tmp_path: Path) -> None:
    freeze(run, tmp_path / "r")
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        for line in (tmp_path / "r" / manifest).read_text().splitlines():
            digest, name = line.split("  ")
            assert hashlib.sha256((tmp_path / "r" / name).read_bytes()).hexdigest() == digest


KILLED = """
import os, pathlib, signal, sys
import runlog_viewer.with_pages
run, out, moment = sys.argv[1:]
def kill():
    os.kill(os.getpid(), signal.SIGKILL)
replace = pathlib.Path.replace
if moment == "replacing":
    pathlib.Path.replace = lambda self, target: kill() if self.name == "made" else replace(self, target)
progress = (lambda done, total: kill()) if moment == "packing" else None
runlog_viewer.with_pages.archive([run], out, overwrite=True, progress=progress)
"""


def archive_and_kill(run: Path, out: Path, moment: str) -> None:
    assert run_code(KILLED, run, out, moment).returncode == -signal.SIGKILL


@pytest.mark.on_disk
@pytest.mark.parametrize("name", ["a.zip", "bag"])
@pytest.mark.parametrize("moment", ["packing", "replacing"])
def test_what_a_killed_archive_left_goes_with_the_next_one(
    run: Path, tmp_path: Path, name: str, moment: str
) -> None:
    place = tmp_path / "archives"
    place.mkdir()
    freeze(run, place / name)
    archive_and_kill(run, place / name, moment)
    assert [path.name for path in place.iterdir() if path.name.endswith(".tmp")] != []
    freeze(run, place / "other.zip")
    assert sorted(path.name for path in place.iterdir()) == sorted([name, "other.zip"])
    # That of which nothing but the name was to be changed yet has it back.
    assert verify(place / name).problems == ()


def test_the_work_of_others_is_left_alone(run: Path, tmp_path: Path) -> None:
    place = tmp_path / "archives"
    kept = [".mine.abcdefgh.tmp", ".mine.ijklmnop.tmp", ".mine.qrstuvwx.tmp", ".mine.yzabcdef.tmp"]
    for folder in kept:
        (place / folder / "made").mkdir(parents=True)
    # The first has no lock, the second more in it, the third is at work; the fourth is a link.
    for folder in kept[1:3]:
        (place / folder / "run.lock").touch()
    (place / kept[1] / "thesis.tex").touch()
    (place / kept[3] / "made").rmdir()
    (place / kept[3]).rmdir()
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "made").mkdir(parents=True)
    (elsewhere / "run.lock").touch()
    (place / kept[3]).symlink_to(elsewhere)
    lock = RunLock(place / kept[2])
    try:
        freeze(run, place / "a.zip")
    finally:
        lock.release()
    assert sorted(path.name for path in place.iterdir()) == sorted([*kept, "a.zip"])
    assert (elsewhere / "made").is_dir()
