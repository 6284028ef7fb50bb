"""The site follows the runs: what changed is written, and nothing else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog.upkeep.pruning import prune
from runlog_viewer.building import blocks
from runlog_viewer.building import site_files as site_files_module
from runlog_viewer.building.blocks import BLOCK_SIZE
from runlog_viewer.html import data_scripts, render
from runlog_viewer.pages import site_names
from runlog_viewer.pages.run_and_overview import MAX_LATEST_KEYS
from runlog_viewer.pages.tables import BLOCK_ROWS
from runlog_viewer.site import Site

Start = Callable[..., runlog.LocalRun]
Files = dict[str, tuple[int, int]]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def log(run: runlog.LocalRun, step: int, count: int = 1, shade: int | None = None) -> None:
    pixels = np.full((4, 4), step % 250 if shade is None else shade, np.uint8)
    image = runlog.Image(pixels, normalize=False, caption=f"step {step}")
    run.log({"a": [image] * count, "loss": float(step)}, step=step)


def site_files(folder: Path) -> Files:
    """Return each file of the site with what changes when it is written."""
    files = [*folder.rglob("viewer/**/*"), *folder.rglob("index.html")]
    return {
        str(file.relative_to(folder)): (file.stat().st_ino, file.stat().st_mtime_ns)
        for file in files
        if file.is_file() and not file.name.startswith(".")
    }


def written(folder: Path, build: Callable[[], object]) -> set[str]:
    before = site_files(folder)
    build()
    after = site_files(folder)
    assert before.keys() <= after.keys()
    return {file for file, status in after.items() if before.get(file) != status}


def step_html(run: runlog.LocalRun, step: int) -> str:
    return (run.folder / "viewer" / "steps" / f"{step:09d}.html").read_text("utf-8")


def index_of(run: runlog.LocalRun) -> dict[str, Any]:
    value: dict[str, Any] = data_scripts.read_data_script(
        (run.folder / "viewer/data/index.js").read_text("utf-8")
    )
    return value


def test_a_site_has_an_overview_a_page_a_run_and_a_page_a_step_with_images(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
        run.log({"loss": 1.0}, step=1)
        log(run, 2)
    result = runlog_viewer.build(runs)
    assert result == runlog_viewer.BuildResult(runs / "index.html", runs=1, pages_written=6, problems=())
    assert {file for file in site_files(runs) if file.endswith(".html")} == {
        "index.html",
        "a/index.html",
        "a/viewer/compare.html",
        "a/viewer/key.html",
        "a/viewer/steps/000000000.html",
        "a/viewer/steps/000000002.html",
    }


def test_building_again_writes_nothing(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
    runlog_viewer.build(runs)
    assert written(runs, lambda: runlog_viewer.build(runs)) == set()
    assert runlog_viewer.build(runs).pages_written == 0


@pytest.mark.parametrize("process", ["the same", "another"])
def test_a_new_step_writes_its_page_its_block_and_small_files(start: Start, runs: Path, process: str) -> None:
    site_of: Callable[[], Site] = lambda: Site(runs)  # noqa: E731
    with start(id="a") as run, start(id="b") as other:
        for step in range(BLOCK_SIZE + 1):
            log(run, step)
        log(other, 0)
        site = site_of()
        site.update()
        log(run, BLOCK_SIZE + 1)
        again = site if process == "the same" else site_of()
        assert written(runs, again.update) == {
            f"a/viewer/steps/{BLOCK_SIZE + 1:09d}.html",
            f"a/viewer/steps/{BLOCK_SIZE:09d}.html",  # which leads to it now
            "a/viewer/data/block-0001.js",
            "a/viewer/data/captions-0001.js",
            "a/viewer/data/images-0001.js",
            "a/viewer/data/charts.js",
            f"a/{site_names.chart_script('loss')}",
            "a/viewer/data/index.js",
            "a/viewer/data/run.js",
            "a/viewer/data/about.js",
            "a/viewer/version.js",
            "a/index.html",
            "index.html",
            "viewer/data/columns.js",
            "viewer/data/lines-0000.js",
            "viewer/data/overview.js",
            "viewer/data/rows-0000.js",
            "viewer/version.js",
        }


@pytest.mark.parametrize("process", ["the same", "another"])
def test_what_the_index_says_of_earlier_steps_is_written_again_only_where_they_changed(
    start: Start, runs: Path, process: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_SIZE", 4)
    monkeypatch.setattr(blocks, "BLOCKS_OF_AN_INDEX", 2)
    with start(id="a") as run:
        for step in range(27):
            run.log({"text": str(step)}, step=step)
        site = Site(run.folder)
        site.update()

        def goes_on() -> tuple[set[str], list[int]]:
            again = site if process == "the same" else Site(run.folder)
            changed = written(run.folder, again.update)
            index = index_of(run)
            scripts = [run.folder / site_names.earlier_script(number) for number in range(3)]
            said = [*(data_scripts.read_data_script(script.read_text("utf-8")) for script in scripts), index]
            return changed, [step for one in said for block in one["blocks"] for step in block[::3]]

        run.log({"text": "27"}, step=27)
        changed, steps = goes_on()
        assert not any(name.startswith("viewer/data/earlier-") for name in changed)
        assert steps == list(range(28))
        before = index_of(run)["earlier"]
        run.log({"text": "again"}, step=9)
        changed, steps = goes_on()
        assert {name for name in changed if name.startswith("viewer/data/earlier-")} == {
            site_names.earlier_script(1)
        }
        assert steps == list(range(28))
        assert index_of(run)["earlier"][1] > before[1]


def test_the_index_has_the_range_of_each_score_also_when_another_process_goes_on(
    start: Start, runs: Path
) -> None:
    def logged(run: runlog.LocalRun, step: int, *values: float) -> None:
        corners = {"minX": 0.1, "maxX": 0.9, "minY": 0.1, "maxY": 0.9}
        data = [{"position": corners, "class_id": 1, "scores": {"__proto__": value}} for value in values]
        pixels = np.full((4, 4), step, np.uint8)
        run.log({"a": runlog.Image(pixels, boxes={"b": {"box_data": data}}, normalize=False)}, step=step)

    with start(id="a") as run:
        for step, value in enumerate((0.5, 0.25, *[0.375] * BLOCK_SIZE)):
            logged(run, step, value, float("nan"))
        site = Site(runs)
        site.update()
        assert index_of(run)["scores"] == [["__proto__", 0.25, 0.5]]
        logged(run, 100, 0.75)
        site.update()
        assert index_of(run)["scores"] == [["__proto__", 0.25, 0.75]]
        logged(run, 101, 0.125)
        Site(runs).update()
    assert index_of(run)["scores"] == [["__proto__", 0.125, 0.75]]


def test_a_step_logged_again_is_written_again_in_its_own_block(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        for step in range(BLOCK_SIZE + 2):
            log(run, step)
        site = Site(runs)
        site.update()
        log(run, 3, shade=200)
        changed = written(runs, site.update)
    assert "a/viewer/steps/000000003.html" in changed
    assert "a/viewer/data/block-0000.js" in changed
    assert "a/viewer/data/block-0001.js" not in changed
    assert len([file for file in changed if "/steps/" in file]) == 1


def test_steps_logged_out_of_order_are_linked_in_order(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        for step in (20, 10, 30):
            log(run, step)
    runlog_viewer.build(runs)
    html = step_html(run, 20)
    assert 'id="previous" rel="prev" class="button" aria-label="Previous step" href="000000010.html"' in html
    assert 'id="next" rel="next" class="button" aria-label="Next step" href="000000030.html"' in html


@pytest.mark.parametrize("process", ["the same", "another"])
def test_pages_that_grew_with_their_run_lead_on_as_those_of_a_run_that_had_ended(
    start: Start, runs: Path, process: str
) -> None:
    def ways() -> dict[int, list[str]]:
        way = re.compile(r'<a id="(?:previous|next)"[^>]*?(?: href="([^"]*)")?>')
        return {int(page.stem): way.findall(page.read_text()) for page in pages_of(run.folder)}

    def pages_of(folder: Path) -> list[Path]:
        return sorted((folder / "viewer/steps").iterdir())

    with start(id="a") as run:
        site = Site(runs)
        for step in (5, 9, 20, 7, 0, *range(30, 30 + BLOCK_SIZE), 6):
            log(run, step)
            (site if process == "the same" else Site(runs)).update()
        run.log({"a": []}, step=7)
        run.log({"a": []}, step=5)
        (site if process == "the same" else Site(runs)).update()
    steps = [0, 6, 9, 20, *range(30, 30 + BLOCK_SIZE)]
    names = ["", *(f"{step:09d}.html" for step in steps), ""]
    assert ways() == {step: [names[n], names[n + 2]] for n, step in enumerate(steps)}
    grown = {page.name: page.read_bytes() for page in pages_of(run.folder)}
    shutil.rmtree(run.folder / "viewer")
    runlog_viewer.build(runs)
    assert {page.name: page.read_bytes() for page in pages_of(run.folder)} == grown


def test_a_log_of_numbers_alone_writes_no_step_page(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
        site = Site(runs)
        site.update()
        run.log({"loss": 0.25}, step=1)
        changed = written(runs, site.update)
    assert not any("/steps/" in file or "block-" in file for file in changed)
    assert "a/index.html" in changed


def test_what_define_metric_says_shows_in_charts_and_summaries_also_when_it_says_so_late(
    start: Start, runs: Path
) -> None:
    def shown() -> tuple[list[str], list[str], list[str]]:
        site.update()
        page, overview = ((folder / "index.html").read_text("utf-8") for folder in (run.folder, runs))
        return (
            re.findall(r'<p class="over" aria-hidden="true"><bdi>(.*?)</bdi>', page),
            re.findall(r"<dt>loss<dd>([^<]*)", page),
            re.findall(r'data-column="summary.loss" data-name="loss">([^<]*)', overview),
        )

    with start(id="a") as run:
        site = Site(runs)
        for step, loss in enumerate((3.0, 1.0, 2.0)):
            run.log({"loss": loss, "epoch": step // 2}, step=step)
        assert shown() == ([], ["2"], ["2"])
        run.define_metric("loss", step_metric="epoch", summary="min")
        assert shown() == (["epoch"], ["1"], ["1"])


def test_what_was_built_step_by_step_is_what_is_built_at_once(
    start: Start, runs: Path, tmp_path: Path
) -> None:
    with start(id="a") as run:
        site = None
        for step in range(5):
            log(run, step, count=step + 1)
            site = site or Site(runs)
            site.update()
    assert site
    site.update()
    copy = tmp_path / "copy" / "runs"
    shutil.copytree(runs, copy, ignore=shutil.ignore_patterns("viewer", "index.html"))
    runlog_viewer.build(copy)
    for file in ("index.html", "viewer/data/overview.js", "a/index.html", "a/viewer/data/block-0000.js"):
        assert (copy / file).read_text() == (runs / file).read_text()


def test_a_step_page_has_the_numbers_logged_at_that_step(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        for step in range(BLOCK_SIZE + 1):
            log(run, step)
        run.log({"val/acc": 0.123456}, step=3)
        run.log({"late": 7.0}, step=4)
        site = Site(runs)
        site.update()
        run.log({"late": 8.0}, step=3)  # a step of the first block, which is no longer at hand
        changed = written(runs, site.update)
    assert [file for file in changed if "/steps/" in file] == ["a/viewer/steps/000000003.html"]
    names = ("val/acc", "loss", "late")
    html = step_html(run, 3)
    at = [html.index(f"<dt><bdi>{name}<") for name in names]
    assert at == sorted(at)
    for value in ("8", "3", "0.1235"):
        assert f"<dd>{value}<" in html
    block = (run.folder / "viewer/data/block-0000.js").read_text("utf-8")
    handed = data_scripts.read_data_script(block)
    galleries = {step: entry[1] for step, entry in handed["steps"].items()}
    assert [
        "late" in data_scripts.unpacked(galleries[str(step)], handed["sample"]) for step in (2, 3, 4)
    ] == [
        False,
        True,
        True,
    ]


def test_the_run_page_has_the_latest_images_of_each_key(start: Start, runs: Path) -> None:
    image = runlog.Image(np.zeros((2, 2), np.uint8))
    with start(id="a") as run:
        run.log({"input": image}, step=0)
        run.log({"val": [image] * 2}, step=1)
        run.log({"val": image, "loss": 1.0}, step=2)
        site = Site(runs)
        site.update()
        html = (run.folder / "index.html").read_text()
        assert re.findall(r'data-key="(\w+)" data-step="(\d)"', html) == [("input", "0"), ("val", "2")]
        assert '<a class="from" href="viewer/steps/000000000.html">from step 0</a>' in html
        assert "step 2</a>" not in html
        run.log({"val": []}, step=2)
        site.update()
    html = (run.folder / "index.html").read_text()
    assert re.findall(r'data-key="(\w+)" data-step="(\d)"', html) == [("input", "0"), *[("val", "1")] * 2]


def test_a_run_with_very_many_keys_shows_those_logged_last_and_says_so(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        for step in range(MAX_LATEST_KEYS + 5):
            run.log({f"step {step}": runlog.Image(np.zeros((2, 2), np.uint8))}, step=step)
    runlog_viewer.build(runs)
    html = (run.folder / "index.html").read_text()
    steps = {int(n) for n in re.findall(r'data-key="step (\d+)" data-step', html)}
    assert steps == set(range(5, MAX_LATEST_KEYS + 5))
    assert '5 more keys have images: at <a href="#steps">' in html


def linked_steps(page: Path) -> list[int]:
    """Return the steps that a page links to."""
    return [int(step) for step in re.findall(r'<a href="[^"]*steps/(\d+)\.html">', page.read_text())]


def test_of_a_long_run_the_page_links_to_the_last_steps_and_pages_of_their_own_to_all_before(
    start: Start, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "LISTED_BLOCKS", 2)
    monkeypatch.setattr(blocks, "BLOCKS_OF_A_PAGE", 2)
    count = 5 * BLOCK_SIZE  # two blocks on each page
    with start(id="a") as run:
        names = ("index.html", *map(site_names.steps_page, (0, 1)))
        index, first, second = (run.folder / name for name in names)
        for step in range(count):
            run.log({"a": runlog.Image(np.zeros((1, 1), np.uint8))}, step=step)
        site = Site(runs)
        site.update()
        assert linked_steps(first) == list(range(2 * BLOCK_SIZE))
        assert linked_steps(second) == list(range(2 * BLOCK_SIZE, 3 * BLOCK_SIZE))
        assert sorted({*linked_steps(index)}) == list(range(3 * BLOCK_SIZE, count))
        assert 'href="viewer/steps-0001.html"' in index.read_text()
        assert 'href="../viewer/steps-0000.html"' in second.read_text()
        links = re.findall(r'href="([^"#:]+)["#]', first.read_text())
        assert all((first.parent / link).is_file() for link in links)
        log(run, count)
        changed = {file for file in written(runs, site.update) if "steps-" in file}
        assert changed == {"a/viewer/steps-0001.html"}  # the last one grows with each block that is full
        monkeypatch.delattr(render, "steps_page")  # those that are as they were are not even made again
        log(run, count + 1)
        assert not [file for file in written(runs, site.update) if "steps-" in file]


def test_the_page_of_a_run_is_as_long_after_many_steps_as_after_some(
    start: Start, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "LISTED_BLOCKS", 1)
    sizes = []
    with start(id="a") as run:
        for step in range(6 * BLOCK_SIZE):
            run.log({"a": runlog.Image(np.zeros((1, 1), np.uint8))}, step=step)
            if step % (2 * BLOCK_SIZE) == 2 * BLOCK_SIZE - 1:
                runlog_viewer.build(runs)
                sizes.append((run.folder / "index.html").stat().st_size)
    assert max(sizes) - min(sizes) < 200


def test_a_step_whose_images_went_is_left_out_and_the_pages_beside_it_lead_past_it(
    start: Start, runs: Path
) -> None:
    with start(id="a") as run:
        for step in range(BLOCK_SIZE + 2):
            log(run, step)
        site = Site(runs)
        site.update()
        run.log({"a": []}, step=BLOCK_SIZE)
        run.log({"a": []}, step=BLOCK_SIZE - 1)
        site.update()
        steps = [*range(BLOCK_SIZE - 1), BLOCK_SIZE + 1]
        assert sorted(int(page.stem) for page in (run.folder / "viewer/steps").iterdir()) == steps
        assert f'rel="next" class="button" aria-label="Next step" href="{steps[-1]:09d}.html"' in step_html(
            run, steps[-2]
        )
        assert f'href="{steps[-2]:09d}.html"' in step_html(run, steps[-1])
        assert [step for block in index_of(run)["blocks"] for step in block[::3]] == steps  # type: ignore[attr-defined]
    runlog_viewer.build(runs)
    assert runlog_viewer.build(runs).pages_written == 0


def test_a_run_without_images_any_more_has_no_page_of_a_step(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
        site = Site(runs)
        site.update()
        (run.folder / "media/images/a").rename(run.folder / "away")
        run.log({"a": []}, step=0)
        assert site.update().problems == ()
    assert list((run.folder / "viewer/steps").iterdir()) == []


def copies(run: runlog.LocalRun) -> dict[str, int]:
    """Return the number of thumbnails, and of copies of masks, by kind of file."""
    files = [file for name in ("thumbs", "masks") for file in (run.folder / "viewer" / name).iterdir()]
    return {suffix: sum(file.suffix == suffix for file in files) for suffix in (".webp", ".png", ".js")}


def log_copied(run: runlog.LocalRun, step: int, shade: int) -> None:
    """Log an image of which the site has a thumbnail, with masks of which it has copies."""
    pixels = np.full((1601, 4), shade, np.uint8)
    masks = {name: {"mask_data": pixels + np.uint16(base)} for name, base in (("8", 100), ("16", 1000))}
    run.log({"a": runlog.Image(pixels, masks=masks, normalize=False)}, step=step)


@pytest.mark.parametrize("process", ["this process goes on", "another process goes on"])
def test_after_a_prune_nothing_of_the_steps_without_images_is_left(
    start: Start, runs: Path, process: str
) -> None:
    with start(id="a") as run:
        for step in range(4):
            log_copied(run, step, step // 2)
    site = Site(runs)
    site.update()
    assert copies(run) == {".webp": 2, ".png": 2, ".js": 4}
    prune(run.folder, keep_last=1, dry_run=False)
    site = site if "this" in process else Site(runs)
    site.update()
    assert [page.name for page in (run.folder / "viewer/steps").iterdir()] == ["000000003.html"]
    assert copies(run) == {".webp": 1, ".png": 1, ".js": 2}


def test_copies_of_replaced_images_go_when_the_run_ends(start: Start, runs: Path) -> None:
    site = None
    with start(id="a") as run:
        for shade in range(3):
            log_copied(run, 0, shade)
            site = site or Site(runs)
            site.update()
        assert copies(run)[".webp"] == 3
    assert site
    site.update()
    assert copies(run) == {".webp": 1, ".png": 1, ".js": 2}


def test_what_another_version_left_goes(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        for step in range(BLOCK_SIZE + 1):
            log(run, step)
    runlog_viewer.build(runs)
    folder = run.folder / "viewer"
    for name in (
        "steps/000000099.html",
        "data/block-0009.js",
        "data/captions-0009.js",
        "data/images-0009.js",
        "steps-0009.html",
    ):
        (folder / name).touch()
    for site in (folder, runs / "viewer"):
        (site / "older.css").touch()
        for script in (site / "data").iterdir():
            script.write_text(script.read_text().replace(render.generator(), "older"))
    expected = site_files(runs).keys() - {
        "a/viewer/steps/000000099.html",
        "a/viewer/data/block-0009.js",
        "a/viewer/data/captions-0009.js",
        "a/viewer/data/images-0009.js",
        "a/viewer/steps-0009.html",
        "a/viewer/older.css",
        "viewer/older.css",
    }
    runlog_viewer.build(runs)
    assert site_files(runs).keys() == expected


def test_a_vanished_file_is_written_again(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        for step in range(3):
            log(run, step)
    runlog_viewer.build(runs)
    for file in (
        "a/viewer/steps/000000001.html",
        "a/viewer/data/block-0000.js",
        "a/viewer/data/captions-0000.js",
        "a/viewer/common.css",
        "index.html",
    ):
        (runs / file).unlink()
        runlog_viewer.build(runs)
        assert (runs / file).exists()


def test_a_deleted_site_comes_back_while_it_is_kept_up_to_date(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
    site = Site(runs)
    site.update()
    shutil.rmtree(run.folder / "viewer")
    shutil.rmtree(runs / "viewer")
    site.update()
    assert (run.folder / "viewer/steps/000000000.html").exists()
    assert (runs / "viewer/data/overview.js").exists()


def test_a_site_of_another_version_is_written_anew(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
        log(run, 1)
    runlog_viewer.build(runs)
    page, index = run.folder / "viewer/steps/000000000.html", run.folder / "viewer/data/index.js"
    page.write_text("as an older version had it")
    index.write_text(index.read_text().replace(render.generator(), "older"))
    runlog_viewer.build(runs)
    assert "data-step" in page.read_text()


@pytest.mark.parametrize("damage", ["", "runlog.receive(", 'runlog.receive("index",{});\n', "\0\xff"])
def test_a_damaged_index_script_is_no_obstacle(start: Start, runs: Path, damage: str) -> None:
    with start(id="a") as run:
        log(run, 0)
    runlog_viewer.build(runs)
    (run.folder / "viewer/data/index.js").write_bytes(damage.encode("latin-1"))
    runlog_viewer.build(runs)
    assert index_of(run)["run"] == "a"


def test_two_builders_of_one_folder_do_not_get_in_each_others_way(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        log(run, 7)
        one, other = Site(runs), Site(runs)
        one.update()
        log(run, 5)
        other.update()
        log(run, 6)
        one.update()
        log(run, 6, shade=99)
        other.update()
    (block,) = index_of(run)["blocks"]
    script = (run.folder / "viewer/data/block-0000.js").read_text()
    entries = data_scripts.read_data_script(script)["steps"]
    assert {int(step): entry[0] for step, entry in entries.items()} == dict(
        zip(block[::3], block[1::3], strict=True)
    )
    assert set(block[::3]) == {5, 6, 7}


def test_a_state_shows_once_the_run_ends(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
        site = Site(runs)
        site.update()
        assert '"state":"running"' in (run.folder / "viewer/version.js").read_text()
    site.update()
    assert '"state":"finished"' in (run.folder / "viewer/version.js").read_text()
    assert "finished" in (runs / "index.html").read_text()


def test_a_killed_run_is_shown_as_crashed_though_no_file_changed(runs: Path) -> None:
    code = f"""
import numpy as np, runlog, time
run = runlog.init(dir={str(runs)!r}, id="a", quiet=True)
run.log({{"a": runlog.Image(np.zeros((2, 2), np.uint8))}}, step=0)
print("logged", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        site = Site(runs)
        site.update()
        assert '"state":"running"' in (runs / "a/viewer/version.js").read_text()
        process.kill()
    site.update()
    assert '"state":"crashed"' in (runs / "a/viewer/version.js").read_text()


def test_a_broken_run_is_listed_and_hides_no_other(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
    (runs / "b").mkdir()
    (runs / "b" / "run.db").write_bytes(b"this is no database, whatever its name says" * 100)
    result = runlog_viewer.build(runs)
    assert (result.runs, len(result.problems)) == (1, 1)
    assert "\n" not in result.problems[0]
    assert "b" in result.problems[0]
    html = (runs / "index.html").read_text()
    assert "1 run cannot be read" in html
    assert 'href="a/index.html"' in html
    assert not (runs / "b" / "viewer").exists()


def test_a_broken_run_asked_for_by_itself_is_an_error(runs: Path) -> None:
    (runs / "b").mkdir(parents=True)
    (runs / "b" / "run.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(runlog.StorageError) as caught:
        runlog_viewer.build(runs / "b")
    assert "\n" not in str(caught.value)


def test_a_missing_folder_is_an_error_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(runlog.StorageError, match=r"^[^\n]*nowhere does not exist; log a run first[^\n]*$"):
        runlog_viewer.build(tmp_path / "nowhere")


def test_a_folder_without_runs_is_an_error_and_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(runlog.StorageError, match=r"^[^\n]*empty holds no run yet: [^\n]*$"):
        runlog_viewer.build(tmp_path / "empty")
    assert list((tmp_path / "empty").iterdir()) == []


def test_missing_media_files_are_a_problem_in_one_line_and_the_rest_is_shown(
    start: Start, runs: Path
) -> None:
    with start(id="a") as run:
        log(run, 0)
        log(run, 1)
    shutil.rmtree(run.folder / "media")
    for _ in range(2):  # the second build has nothing to write, and says it all the same
        (problem,) = runlog_viewer.build(runs).problems
        assert "2 media files" in problem
        assert "\n" not in problem
    assert "media file missing" in step_html(run, 0)


def test_media_files_that_come_later_are_shown(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
    (run.folder / "media").rename(run.folder / "away")
    site = Site(runs)
    assert site.update().problems
    (run.folder / "away").rename(run.folder / "media")
    assert not site.update().problems
    assert "media file missing" not in step_html(run, 0)


@pytest.mark.parametrize("process", ["the same process", "another process"])
def test_pictures_that_come_later_have_their_thumbnails_in_all_rows_of_a_table(
    start: Start, runs: Path, process: str
) -> None:
    table = runlog.Table(["picture"], [[None]] * BLOCK_ROWS, incremental=True)
    table.add_row(runlog.Image(LARGE))
    with start(id="a") as run:
        site = Site(runs)
        run.log({"t": table}, step=0)
        (run.folder / "media").rename(run.folder / "away")
        assert "1 media file missing" in site.update().problems[0]
        table.add_row("another")
        run.log({"t": table}, step=1)
        site.update()
        (script,) = (run.folder / "viewer/data").glob("table-*-0001.js")
        assert "viewer/thumbs/" not in script.read_text()
        (run.folder / "away").rename(run.folder / "media")
        assert not (site if process == "the same process" else Site(runs)).update().problems
        assert "viewer/thumbs/" in script.read_text()
        assert "another" in script.read_text()


def test_a_run_that_is_removed_leaves_the_overview(start: Start, runs: Path) -> None:
    for name in ("a", "b"):
        with start(id=name) as run:
            log(run, 0)
    site = Site(runs)
    site.update()
    shutil.rmtree(runs / "b")
    assert site.update().runs == 1
    assert "b/index.html" not in (runs / "index.html").read_text()


@pytest.mark.parametrize("has_overview", [False, True])
def test_a_run_that_is_removed_while_its_site_is_written_stays_removed(
    has_overview: bool, start: Start, runs: Path
) -> None:
    for name in ("a", "b"):
        with start(id=name) as run:
            log(run, 0)
    site = Site(runs if has_overview else run.folder)

    def remove(done: int, total: int) -> None:
        if (runs / "b" / "viewer").exists():
            shutil.rmtree(runs / "b")

    if has_overview:
        result = site.update(remove)
        assert (result.runs, result.problems) == (1, ())
    else:
        with pytest.raises(runlog.StorageError, match="the site cannot be written"):
            site.update(remove)
    assert not (runs / "b").exists()


def test_a_16_bit_mask_gets_an_8_bit_copy(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        mask = {"mask_data": np.array([[0, 1000], [2000, 0]])}
        run.log({"a": runlog.Image(np.zeros((2, 2), np.uint8), masks={"m": mask})}, step=0)
    runlog_viewer.build(runs)
    (copy,) = (run.folder / "viewer" / "masks").glob("*.png")
    assert f"viewer/masks/{copy.name}" in step_html(run, 0)
    assert f"viewer/masks/{copy.name}" in (run.folder / "index.html").read_text()


def data_of(run: runlog.LocalRun, file: str) -> object:
    return data_scripts.read_data_script((run.folder / "viewer" / file).read_text("utf-8"))


def test_captions_are_told_by_block(start: Start, runs: Path) -> None:
    grey = np.zeros((2, 2), np.uint8)
    with start(id="a") as run:
        images = [runlog.Image(grey, caption=caption) for caption in ("one <b>", None, "")]
        run.log({"b": images, "a/c": runlog.Image(grey, caption="two\u2028")}, step=5)
        site = Site(runs)
        site.update()
        run.log({"a/c": runlog.Image(grey, caption="three")}, step=2)
        site.update()
        captions = [(2, "a/c", 0, "three"), (5, "b", 0, "one <b>"), (5, "a/c", 0, "two\u2028")]
        media = {(image.step, image.key): image.media for image in runlog.open(run.folder).images()}
        found = [[*of, site_names.media_file(media[of[:2]]), []] for of in captions]
        assert data_of(run, "data/captions-0000.js") == found
        for step in range(100, 100 + BLOCK_SIZE):
            run.log({"b": runlog.Image(grey)}, step=step)
        runlog_viewer.build(runs)
    assert data_of(run, "data/captions-0000.js") == found
    assert data_of(run, "data/captions-0001.js") == []


def test_a_mask_is_told_to_scripts_once_for_the_same_pixels(start: Start, runs: Path) -> None:
    layers = {"m": {"mask_data": np.array([[0, 1], [2, 0]])}, "n": {"mask_data": np.array([[0, 1], [2, 0]])}}
    with start(id="a") as run:
        run.log({"a": [runlog.Image(np.zeros((2, 2), np.uint8), masks=layers)] * 2}, step=0)
    runlog_viewer.build(runs)
    (script,) = (run.folder / "viewer" / "masks").iterdir()
    assert step_html(run, 0).count(f'data-ids="../../viewer/masks/{script.name}"') == 4
    assert data_of(run, f"masks/{script.name}")["ids"] is None  # type: ignore[index]


def test_a_damaged_mask_is_no_obstacle(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        mask = {"mask_data": np.array([[0, 1000], [2000, 0]])}
        run.log({"a": runlog.Image(np.zeros((2, 2), np.uint8), masks={"m": mask})}, step=0)
    (file,) = (run.folder / "media" / "masks").rglob("*.png")
    file.write_bytes(b"")
    assert runlog_viewer.build(runs).problems == ()
    assert "image class" in step_html(run, 0)


LARGE = np.zeros((1000, 1700), np.uint8)


def test_a_large_picture_is_shown_by_a_thumbnail_made_once(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        run.log({"a": [runlog.Image(LARGE)] * 2, "b": runlog.Image(LARGE)}, step=0)
    runlog_viewer.build(runs)
    (thumbnail,) = (run.folder / "viewer" / "thumbs").iterdir()
    assert step_html(run, 0).count(f'src="../../viewer/thumbs/{thumbnail.name}"') == 3
    assert f'src="viewer/thumbs/{thumbnail.name}"' in (run.folder / "index.html").read_text()
    assert f'src="a/viewer/thumbs/{thumbnail.name}"' in (runs / "index.html").read_text()


@pytest.mark.parametrize("damage", ["missing", "corrupt"])
def test_a_large_picture_that_cannot_be_read_is_shown_as_it_is(start: Start, runs: Path, damage: str) -> None:
    with start(id="a") as run:
        run.log({"a": runlog.Image(LARGE)}, step=0)
    (file,) = (run.folder / "media" / "images").rglob("*.png")
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:500])
    runlog_viewer.build(runs)
    assert "thumbs" not in step_html(run, 0)
    assert f"/{file.name}" in step_html(run, 0)


def test_progress_counts_the_steps(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        for step in range(BLOCK_SIZE + 2):
            log(run, step)
    seen: list[tuple[int, int]] = []
    runlog_viewer.build(runs, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(BLOCK_SIZE, BLOCK_SIZE + 2), (BLOCK_SIZE + 2, BLOCK_SIZE + 2)]


def test_nothing_but_the_site_is_written(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        log(run, 0)

    def others() -> dict[str, bytes]:
        files = (file for file in runs.rglob("*") if file.is_file())
        return {str(f): f.read_bytes() for f in files if "viewer" not in f.parts and f.name != "index.html"}

    before = others()
    runlog_viewer.build(runs)
    assert others() == before
    assert list(runs.rglob("*.tmp")) == []


def test_the_index_script_is_small_json(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
    runlog_viewer.build(runs)
    script = (run.folder / "viewer/data/index.js").read_text()
    assert script.startswith('runlog.receive("index",{')
    json.loads(script[script.index("{") : -3])


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_folder_that_cannot_be_written_is_built_in_the_users_cache(start: Start, runs: Path) -> None:
    with start(id="a-b") as run:
        log(run, 0)
    with tempfile.TemporaryDirectory() as elsewhere:
        folder, cache = Path(elsewhere, "runs"), Path(elsewhere, "cache")
        shutil.copytree(runs, folder)
        cache.mkdir(mode=0o777)
        cache.chmod(0o777)
        for path in (Path(elsewhere), folder, folder / run.id, folder / run.id / "media"):
            path.chmod(0o555)
        # root may write anywhere, so it becomes another user, once everything is loaded
        code = f"""
import os, runlog_viewer
runlog_viewer.build({str(runs)!r})
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
os.environ["XDG_CACHE_HOME"] = {str(cache)!r}
index = runlog_viewer.build({str(folder)!r}).index
(index.parent / "gone" / "viewer").mkdir(parents=True)
print(runlog_viewer.build({str(folder)!r}).index)
"""
        environment = {**os.environ, "XDG_CACHE_HOME": str(Path(elsewhere, "cache of root"))}
        result = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
        )
        assert result.stderr == ""
        index = Path(result.stdout.strip())
        assert index.is_relative_to(cache)
        assert not (index.parent / "gone").exists()  # a run that was removed
        page = (index.parent / run.id / "viewer/steps/000000000.html").read_text()
        assert "../../media/images/a/" in page
        assert list((index.parent / run.id / "media").rglob("*.png"))
        assert not (folder / "viewer").exists()
        for path in (folder / run.id / "media", folder / run.id, folder, Path(elsewhere)):
            path.chmod(0o755)


def test_what_could_not_be_written_is_written_as_soon_as_it_can_be(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        log(run, 0)
        site = Site(run.folder)
        site.update()
        steps, aside = run.folder / "viewer" / "steps", run.folder / "aside"
        steps.rename(aside)
        steps.write_text("in the way")
        log(run, 1)
        with pytest.raises(runlog.StorageError, match="steps must be a folder"):
            site.update()
        steps.unlink()
        aside.rename(steps)
        site.update()
    assert [file.name for file in sorted(steps.iterdir())] == ["000000000.html", "000000001.html"]


def test_a_run_that_is_logged_to_between_any_two_reads_of_a_pass_is_as_one_that_was_not(
    start: Start, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = runlog.RunReader._read
    with start(id="a") as run:

        def log_then_read(reader: runlog.RunReader, query: Any) -> Any:
            step = next(steps)
            log(run, step, count=1 + step % 2)
            again = {
                "text": str(step),
                "table": runlog.Table(["n"], [[step]]),
                "values": runlog.Histogram(np.arange(50.0)),
            }
            run.log({"loss": step / 7, **again}, step=step // 2)
            return read(reader, query)

        steps = iter(range(1000))
        site = Site(run.folder)
        with monkeypatch.context() as patch:
            patch.setattr(runlog.RunReader, "_read", log_then_read)
            for _ in range(3):
                site.update()
        site.update()
        runlog_viewer.build(run.folder, output=tmp_path / "anew")
        scripts = [file for file in (run.folder / site_names.DATA).glob("*.js") if "chart-" in file.name]
        assert scripts
        for script in scripts:
            anew = tmp_path / "anew" / site_names.DATA / script.name
            assert script.read_text("utf-8") == anew.read_text("utf-8")
        said = index_of(run)["blocks"]
        assert sorted(step for block in said for step in block[::3]) == list(range(next(steps)))


def test_a_pass_that_was_cut_short_before_its_index_is_made_up_for(
    start: Start, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_SIZE", 4)
    monkeypatch.setattr(blocks, "BLOCKS_OF_AN_INDEX", 2)
    write_all = site_files_module.write_all

    def interrupted(target: Path, files: Any) -> int:
        if site_names.INDEX_SCRIPT in files:
            write_all(target, {name: text for name, text in files.items() if "earlier" in name})
            raise KeyboardInterrupt
        return write_all(target, files)

    with start(id="a") as run:
        for step in range(12):
            run.log({"text": str(step)}, step=step)
        Site(run.folder).update()
        run.log({"table": runlog.Table(["n"], [["late"]])}, step=2)
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(site_files_module, "write_all", interrupted)
            Site(run.folder).update()
        run.log({"other": "of other keys"}, step=12)
    Site(run.folder).update()
    index = index_of(run)
    earlier = data_scripts.read_data_script((run.folder / site_names.earlier_script(0)).read_text("utf-8"))
    [key_set] = [keys for step, _, keys in zip(*[iter(earlier["blocks"][0])] * 3, strict=True) if step == 2]
    kinds = dict(zip(index["kinds"], index["key_sets"][key_set], strict=True))
    assert (kinds["text"], kinds["table"]) == (["text"], ["table"])
    assert (run.folder / site_names.table_script(index["tables"][0][0], 0)).exists()


def test_a_user_without_a_home_has_pages_all_the_same(
    start: Start, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rank in (0, 1):
        with start(id=f"launch-r{rank}", group="launch") as run:
            log(run, 0)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "relative")
    result = runlog_viewer.build(runs)
    assert result.runs == 2
    [problem] = result.problems
    assert "launch: its ranks show by themselves, since the run of all has no place" in problem
    assert "HOME is 'relative'" in problem
    assert len(runlog.runs(runs).frame()) == 2
