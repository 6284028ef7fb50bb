"""Pages that are in a run folder go into its archive, where they are what they would be anew."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog.storage import run_signature
from runlog_viewer import with_pages
from runlog_viewer.building.ready_pages import find_ready_site
from runlog_viewer.site import Site


def log(run: runlog.LocalRun, step: int) -> None:
    """Log values of which pages have files, and what looks like a link to the page of all runs."""
    noise = np.random.default_rng(step).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    masks = {"truth": {"mask_data": np.full((12, 16), 300 + step)}}
    image = runlog.Image(noise, caption='<a href="../../../index.html">Runs</a>', masks=masks)
    histogram = runlog.Histogram(np.arange(100) * step)
    run.log(
        {"k": [image], "loss": 1 / (step + 1), "words": "long " * (9000 // (step + 1)), "h": histogram}, step
    )


def make_run(folder: Path, steps: int) -> Path:
    with runlog.init(dir=folder, id="r", quiet=True, notes="[Runs](../index.html)") as run:
        for step in range(steps):
            log(run, step)
    return run.folder


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run that has no site yet, of steps for two blocks."""
    return make_run(tmp_path_factory.mktemp("logged"), 34)


@pytest.fixture(scope="module")
def anew(logged: Path) -> bytes:
    """Return the archive of the run with pages that were made for it."""
    return archived(logged)


@pytest.fixture
def run(logged: Path, tmp_path: Path) -> Path:
    return shutil.copytree(logged, tmp_path / "runs" / "r")


def archived(run: Path, progress: Callable[[int, int], None] | None = None) -> bytes:
    return with_pages.archive(
        [run], run.parent / "out.zip", overwrite=True, progress=progress
    ).path.read_bytes()


@pytest.fixture
def _builds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("pages must not be made anew")

    monkeypatch.setattr(with_pages, "Site", refuse)


@pytest.mark.parametrize("built", ["alone", "among others"])
@pytest.mark.usefixtures("_builds_nothing")
def test_pages_of_one_pass_are_those_that_an_archive_would_have_anew(
    built: str, run: Path, anew: bytes
) -> None:
    runlog_viewer.build(run if built == "alone" else run.parent)
    assert archived(run) == anew
    # Another process finds them up to date, and so they are what they were.
    runlog_viewer.build(run if built == "alone" else run.parent)
    assert archived(run) == anew


@pytest.fixture
def two(run: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return two runs of a folder, with their pages."""
    monkeypatch.setattr(run_signature, "_SETTLED_NANOSECONDS", 0)
    with runlog.init(dir=run.parent, id="b", quiet=True) as other:
        log(other, 7)
    runlog_viewer.build(run.parent)
    return run, other.folder


def archived_together(*runs: Path) -> bytes:
    out = runs[0].parent.parent / "out.zip"
    return with_pages.archive(runs, out, overwrite=True).path.read_bytes()


def test_pages_of_several_runs_are_those_that_an_archive_would_have_anew(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(with_pages, "Site", None)
        ready = archived_together(*two)
    shutil.rmtree(two[1] / "viewer")
    assert archived_together(*two) == ready


def test_pages_that_grew_with_the_run_are_made_anew(tmp_path: Path) -> None:
    with runlog.init(dir=tmp_path, id="r", quiet=True) as run:
        site = Site(run.folder)
        for step in range(2):
            log(run, step)
            site.update()
    site.update()
    assert find_ready_site([run.folder]) is None


def come_from_elsewhere(run: Path) -> None:
    shutil.copytree(run, run.parent / "copy")
    shutil.rmtree(run)
    (run.parent / "copy").rename(run)


def go_on(run: Path) -> None:
    with runlog.init(dir=run.parent, id="r", resume="must", quiet=True) as going_on:
        going_on.log({"loss": 1.0}, step=0)


CHANGES: dict[str, Callable[[Path], object]] = {
    "the run goes by another name": lambda run: with_pages.edit(run, name="another"),
    "the run went on": go_on,
    "a page was changed": lambda run: (run / "viewer" / "key.html").write_text("forged"),
    "the page of the run is gone": lambda run: (run / "index.html").unlink(),
    "a page is gone": lambda run: (run / "viewer" / "steps" / "000000001.html").unlink(),
    "they came with the folder": come_from_elsewhere,
}


@pytest.mark.parametrize("change", CHANGES)
def test_pages_that_may_show_something_else_are_made_anew(change: str, tmp_path: Path) -> None:
    run = make_run(tmp_path / "runs", 2)
    runlog_viewer.build(run)
    CHANGES[change](run)
    assert find_ready_site([run]) is None


def test_pages_of_which_any_file_was_removed_are_made_anew(tmp_path: Path) -> None:
    run = make_run(tmp_path / "runs", 2)
    runlog_viewer.build(run)
    site = [run / "index.html", *(file for file in (run / "viewer").rglob("[!.]*") if file.is_file())]
    assert {file.parent.name for file in site} == {"r", "viewer", "steps", "data", "masks"}
    for file in site:
        file.rename(run.parent / "removed")
        assert find_ready_site([run]) is None, file
        (run.parent / "removed").rename(file)
        runlog_viewer.build(run)  # where a file is newer than the seal, all of them are written again
        assert find_ready_site([run]) is not None, file


def test_nor_do_they_become_whole_where_a_build_does_not_miss_what_was_removed(tmp_path: Path) -> None:
    run = make_run(tmp_path / "runs", 2)
    runlog_viewer.build(run)
    masks = {file.name for file in (run / "viewer" / "masks").iterdir()}
    (run / "viewer" / "masks" / min(masks)).unlink()
    runlog_viewer.build(run)
    with zipfile.ZipFile(with_pages.archive([run], tmp_path / "out.zip").path) as archive:
        assert {Path(name).name for name in archive.namelist() if "/viewer/masks/" in name} == masks


def replaced(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-20] ^= 1
    file.write_bytes(content)


MEANWHILE: dict[str, Callable[[Path], object]] = {
    "a page is written": lambda run: (run / "viewer" / "key.html").touch(),
    "a picture becomes another": lambda run: replaced(max((run / "media").rglob("*.png"))),
}


@pytest.mark.parametrize("change", MEANWHILE)
def test_what_changes_while_it_is_packed_is_packed_once_more(change: str, tmp_path: Path) -> None:
    run = make_run(tmp_path / "runs", 2)
    runlog_viewer.build(run)
    waiting = [MEANWHILE[change]]
    found = archived(run, lambda done, total: waiting.pop()(run) if waiting else None)
    assert not waiting
    assert found == archived(run)
