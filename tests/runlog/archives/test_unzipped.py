"""An unzipped archive is read like a run folder or runs folder, and nothing ever writes into it."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog.exporters import tables

from ..cli.calling import call


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return the user's cache folder."""
    return tmp_path / "cache"


def unzipped(tmp_path: Path, *run_ids: str) -> Path:
    """Log runs, archive them and return the folder that the zip file holds."""
    for run_id in run_ids:
        with runlog.init(dir=tmp_path / "logged", id=run_id, name=f"name of {run_id}", quiet=True) as run:
            run.log({"k": runlog.Image(np.full((4, 4), 99, np.uint8), caption="seen"), "loss": 1})
    target = tmp_path / f"{'-'.join(run_ids)}.zip"
    runlog.archive([tmp_path / "logged"], target)
    with zipfile.ZipFile(target) as file:
        file.extractall(tmp_path / "unzipped")
    (folder,) = (tmp_path / "unzipped").iterdir()
    return folder


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """Return an archive of one run."""
    return unzipped(tmp_path, "a")


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Return an archive of two runs."""
    return unzipped(tmp_path, "a", "b")


def refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    for word in words:
        assert word in line


def is_whole(bag: Path) -> bool:
    """Return whether a bag has the files of its manifests, as they were, and no other."""
    return runlog.verify(bag, deep=True).problems == ()


def test_the_one_run_of_an_archive_is_opened_as_a_run(one: Path, tmp_path: Path) -> None:
    with runlog.open(one) as reader:
        (image,) = reader.images()
        assert (reader.folder, image.caption) == (one / "data" / "a", "seen")
        assert reader.pixels(image).max() == 99
    assert tables.export(one, tmp_path / "tables").problems == ()
    assert is_whole(one)


def test_the_runs_of_an_archive_are_listed_as_those_of_a_runs_folder(two: Path) -> None:
    assert [run.id for run in runlog.runs(two)] == ["a", "b"]
    assert runlog.find_runs(two) == (two / "data" / "a", two / "data" / "b")


def test_an_archive_of_several_runs_is_not_opened_as_one_and_names_them(two: Path) -> None:
    with pytest.raises(
        runlog.StorageError, match=r"must hold one run .* holds 2; name one, such as .*data/a"
    ):
        runlog.open(two)


def test_a_run_folder_that_another_tool_made_a_bag_of_is_opened_too(tmp_path: Path) -> None:
    with runlog.init(dir=tmp_path, id="a", quiet=True):
        pass
    (tmp_path / "bag").mkdir()
    (tmp_path / "a").rename(tmp_path / "bag" / "data")
    (tmp_path / "bag" / "bagit.txt").write_text("BagIt-Version: 1.0\n")
    assert [run.id for run in runlog.runs(tmp_path / "bag")] == ["a"]
    with runlog.open(tmp_path / "bag") as reader:
        assert reader.run().id == "a"


@pytest.mark.parametrize(
    "command",
    [
        "archive RUN -o again.zip",
        "build RUN",
        "check RUN",
        "export csv RUN -o tables",
        "ls RUN",
        "show RUN",
        "verify RUN",
    ],
)
def test_every_command_that_reads_takes_an_unzipped_archive_and_leaves_it_as_it_is(
    command: str, one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call(*(one if word == "RUN" else word for word in command.split()))
    assert (result.returncode, result.stderr) == (0, "")
    assert is_whole(one)


def test_ls_lists_every_run_of_an_archive(two: Path) -> None:
    assert [line.split()[0] for line in call("ls", two).stdout.splitlines()] == ["id", "a", "b"]


@pytest.mark.parametrize("inside", ["", "data", "data/a"])
def test_the_site_of_an_archive_is_built_in_the_users_cache(inside: str, two: Path, cache: Path) -> None:
    index = runlog_viewer.build(two / inside).index
    assert index.is_relative_to(cache)
    run_page = index if inside == "data/a" else index.parent / "a" / "index.html"
    assert "name of a" in run_page.read_text()
    assert list((run_page.parent / "media").rglob("*.png"))
    assert is_whole(two)


def test_a_watched_archive_is_built_in_the_users_cache(one: Path, cache: Path) -> None:
    updates = runlog_viewer.watch(one)
    assert next(updates).index.is_relative_to(cache)
    updates.close()
    assert is_whole(one)


@pytest.mark.parametrize("inside", ["", "data/a"])
@pytest.mark.parametrize("command", ["prune RUN --keep-last 0 --yes", "check RUN --repair", "migrate RUN"])
def test_what_would_break_the_checksums_of_an_archive_is_refused(
    command: str, inside: str, one: Path
) -> None:
    result = call(*(one / inside if word == "RUN" else word for word in command.split()))
    refused(result, f"the checksums of {one} do not hold any more", "copy the run folder out of it")
    assert is_whole(one)


def test_python_refuses_to_change_an_archive_as_well(one: Path) -> None:
    for change in (
        lambda: runlog.prune(one, keep_last=0, dry_run=False),
        lambda: runlog.check(one, repair=True),
        lambda: runlog.migrate(one / "data" / "a"),
    ):
        with pytest.raises(runlog.InvalidValueError, match="a run in an archive must stay as it is"):
            change()
    assert is_whole(one)


@pytest.mark.parametrize("inside", ["", "data"])
@pytest.mark.parametrize("run_id", ["a", "new"])
def test_no_run_goes_on_or_begins_in_an_archive(run_id: str, inside: str, one: Path) -> None:
    with pytest.raises(runlog.InvalidValueError, match="a run in an archive must stay as it is"):
        runlog.init(dir=one / inside, id=run_id, resume="allow", quiet=True)
    assert is_whole(one)


def test_a_copy_of_a_run_out_of_an_archive_goes_on(one: Path, tmp_path: Path) -> None:
    (one / "data" / "a").rename(tmp_path / "a")
    with runlog.init(dir=tmp_path, id="a", resume="must", quiet=True) as run:
        assert run.step == 1


@pytest.mark.parametrize(
    "command", ["show RUN", "ls RUN", "view RUN --no-open", "build RUN", "export csv RUN -o out", "check RUN"]
)
def test_a_zip_file_is_one_line_that_says_to_unzip_it(command: str, one: Path, tmp_path: Path) -> None:
    refused(
        call(*(tmp_path / "a.zip" if word == "RUN" else word for word in command.split())), "unzip it first"
    )


def test_a_zip_file_is_not_opened_in_python_either(one: Path, tmp_path: Path) -> None:
    for read in (runlog.open, runlog.runs, runlog_viewer.build):
        with pytest.raises(runlog.StorageError, match=r"a\.zip is a zip file: unzip it first"):
            read(tmp_path / "a.zip")
