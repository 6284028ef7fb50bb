"""``runlog build -o``: a site in a folder of its own, complete without the runs it was made from."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog.cli import main
from runlog_viewer.building import blocks
from runlog_viewer.pages import site_names

Start = Callable[..., runlog.LocalRun]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "public" / "site"


def log(run: runlog.LocalRun, step: int, shade: int = 0) -> None:
    masks = {"m": {"mask_data": np.full((2, 2), 300 + shade)}}
    run.log({"a": runlog.Image(np.full((2, 2), shade, np.uint8), normalize=False, masks=masks)}, step=step)


def files(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def pages(folder: Path) -> dict[str, bytes]:
    """Return all but the seal, which is that of a place."""
    return {name: content for name, content in files(folder).items() if "/." not in name}


def assets_of(folder: Path) -> dict[str, bytes]:
    """Return the styles and scripts in a folder, but for what says how a run is."""
    there = [
        file for file in folder.iterdir() if file.suffix in (".css", ".js") and file.name != "version.js"
    ]
    return {file.name: file.read_bytes() for file in there}


def test_the_site_is_the_one_it_would_be_in_place_with_scripts_once_and_no_database(
    start: Start, runs: Path, output: Path
) -> None:
    for name in ("a", "b"):
        with start(id=name) as run:
            log(run, 0)
    before = files(runs)
    result = runlog_viewer.build(runs, output=output)
    assert (result.index, result.runs, result.problems) == (output / "index.html", 2, ())
    assert files(runs) == before
    runlog_viewer.build(runs)
    assert assets_of(output / "viewer/runs") == assets_of(runs / "a/viewer")
    assert assets_of(output / "a/viewer") == {}
    lacking = {"run.db", *(f"viewer/{name}" for name in assets_of(runs / "a/viewer"))}
    in_place = {name for name in pages(runs) if name.partition("/")[2] not in lacking}
    published = pages(output)
    assert {name for name in published if not name.startswith("viewer/runs/")} == in_place
    for name in in_place:
        if name.endswith(".js") and not name.endswith(("version.js", "index.js")):
            assert published[name] == (runs / name).read_bytes()


def test_every_page_of_a_published_folder_finds_its_styles_and_scripts(
    start: Start, runs: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "LISTED_BLOCKS", 1)
    with start(id="a") as run:
        for step in range(blocks.BLOCK_SIZE + 1):
            log(run, step)
    runlog_viewer.build(runs, output=output)
    loaded = {
        page: re.findall(r'(?:<script src|<link rel="stylesheet" href)="([^"]+)"', page.read_text())
        for page in output.rglob("*.html")
    }
    assert output / "a" / site_names.steps_page(0) in loaded
    assert all(loaded.values())
    assert not [
        name for page, names in loaded.items() for name in names if not (page.parent / name).is_file()
    ]


def test_a_run_that_had_scripts_of_its_own_has_them_no_longer(start: Start, runs: Path, output: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
    runlog_viewer.build(runs / "a", output=output / "a")
    assert assets_of(output / "a/viewer") != {}
    (output / "viewer").mkdir()
    runlog_viewer.build(runs, output=output)
    assert assets_of(output / "a/viewer") == {}


def test_one_run_is_published_without_a_link_to_an_overview(start: Start, output: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
    runlog_viewer.build(run.folder.parent)
    runlog_viewer.build(run.folder, output=output)
    assert (output / "viewer" / "steps" / "000000000.html").exists()
    assert "../index.html" not in (output / "index.html").read_text()


def test_media_files_are_hard_links(start: Start, output: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
    runlog_viewer.build(run.folder, output=output)
    media = [file for file in (output / "media").rglob("*") if file.is_file()]
    assert len(media) == 2
    for file in media:
        assert file.samefile(run.folder / file.relative_to(output))


def test_media_files_are_copied_where_they_cannot_be_linked(
    start: Start, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start(id="a") as run:
        log(run, 0)

    def another_file_system(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", another_file_system)
    runlog_viewer.build(run.folder, output=output)
    assert files(output / "media") == files(run.folder / "media")
    media = (file for file in (output / "media").rglob("*") if file.is_file())
    assert not any(file.samefile(run.folder / file.relative_to(output)) for file in media)


def test_publishing_again_follows_the_run(start: Start, output: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
        runlog_viewer.build(run.folder, output=output)
        log(run, 0, shade=1)
        log(run, 1, shade=2)
        runlog_viewer.build(run.folder, output=output)
        assert files(output / "media") == files(run.folder / "media")
        assert runlog_viewer.build(run.folder, output=output).pages_written == 0


def test_a_missing_media_file_is_a_problem_and_the_rest_is_published(start: Start, output: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
        log(run, 1, shade=1)
    next((run.folder / "media" / "images").rglob("*.png")).unlink()
    (problem,) = runlog_viewer.build(run.folder, output=output).problems
    assert "1 media file missing" in problem
    assert len(list((output / "media" / "images").rglob("*.png"))) == 1


def test_progress_counts_media_files_then_steps(start: Start, output: Path) -> None:
    with start(id="a") as run:
        for step in range(3):
            log(run, step, shade=step)
    seen: list[tuple[int, int]] = []
    runlog_viewer.build(run.folder, output=output, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(6, 6), (3, 3)]


def a_file(output: Path, runs: Path) -> Path:
    output.parent.mkdir(parents=True)
    output.write_text("")
    return output


def a_folder_of_something_else(output: Path, runs: Path) -> Path:
    output.mkdir(parents=True)
    (output / "thesis.txt").write_text("")
    return output


def a_copy_of_the_runs(output: Path, runs: Path) -> Path:
    shutil.copytree(runs, output)
    return output


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda output, runs: runs, "apart from"),
        (lambda output, runs: runs / "public", "apart from"),
        (lambda output, runs: runs / "a", "apart from"),
        (lambda output, runs: runs.parent, "apart from"),
        (a_file, "is none"),
        (a_folder_of_something_else, "holds something else"),
        (a_copy_of_the_runs, "holds runs of its own"),
    ],
    ids=["the source", "in the source", "a run", "around the source", "a file", "other files", "other runs"],
)
def test_what_cannot_hold_a_site_is_refused_and_left_alone(
    start: Start,
    runs: Path,
    output: Path,
    make: Callable[[Path, Path], Path],
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with start(id="a") as run:
        log(run, 0)
    target = make(output, runs)
    before = files(runs.parent)
    assert main(["build", str(runs), "-o", str(target)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("runlog: the output must ")
    assert reason in line
    assert files(runs.parent) == before


def test_the_source_is_not_mistaken_behind_a_link(start: Start, runs: Path, tmp_path: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
    (tmp_path / "link").symlink_to(runs)
    with pytest.raises(runlog.StorageError, match="apart from"):
        runlog_viewer.build(runs, output=tmp_path / "link")


def test_the_command_prints_the_page_to_open(
    start: Start, runs: Path, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with start(id="a") as run:
        log(run, 0)
    assert main(["build", str(runs), "-o", str(output)]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == (f"{output / 'index.html'}\n", "")
