"""Files of a run in a real browser: named on the pages, over the steps of a key, saved rather than opened."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

from .conftest import Watched

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
SCRIPT = b"<!doctype html><title>a file</title><script>document.title = 'ran'</script>"


def log_files(start: Start) -> Path:
    with start(id="r") as run:
        for step in range(3):
            clips = [runlog.File(bytes([step, n]), name=f"c{n}.mp4") for n in range(2)]
            frames = np.full((3, 16, 16, 3), 60 + step, np.uint8)
            frames[1] += 90
            run.log({"clips": clips, "page": runlog.File(SCRIPT, name="a.html")}, step=step)
            run.log({"rollout": runlog.Video(frames, fps=20)}, step=step)
        (run.folder / "files").mkdir()
        (run.folder / "files" / "report.html").write_bytes(SCRIPT)
    return run.folder


def test_a_key_of_files_can_be_followed_over_its_steps(start: Start, open_page: Open) -> None:
    folder = log_files(start)
    runlog_viewer.build(folder)
    page = open_page(folder / "viewer/steps/000000001.html")
    page.locator(".kept[data-key=clips] .all-steps").click()
    expect(page.locator("section.strip .kept")).to_have_count(3)
    expect(page.locator("section.strip").first).to_contain_text("000000002-0000-")
    link = page.locator("section.strip .file a").first.get_attribute("href") or ""
    assert link.startswith((folder / "media/files/clips").as_uri())


def test_a_step_that_is_swapped_in_names_its_own_files(start: Start, open_page: Open) -> None:
    folder = log_files(start)
    runlog_viewer.build(folder)
    page = open_page(folder / "viewer/steps/000000000.html")
    expect(page.locator(".kept[data-key=clips] .file .path").first).to_contain_text("000000000-0000-")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".kept[data-key=clips] .file .path").first).to_contain_text("000000001-0000-")
    page.locator(".kept[data-key=clips] [data-by='1']").click()
    expect(page.locator("#step")).to_have_text("2")


def test_frames_are_a_picture_that_moves(start: Start, open_page: Open) -> None:
    folder = log_files(start)
    runlog_viewer.build(folder)
    page = open_page(folder / "viewer/steps/000000000.html")
    image = page.locator("figure.image[data-key=rollout] img")
    expect(image).to_be_visible()
    shown = set()
    # Each frame is shown for 50 ms.
    for _ in range(40):
        shown.add(image.screenshot())
        if len(shown) > 1:
            break
    assert len(shown) > 1


def test_what_a_browser_would_run_is_saved_by_the_server_and_never_opened(
    start: Start, open_page: Open, watched: Watched, servers: ExitStack
) -> None:
    folder = log_files(start)
    runlog_viewer.build(folder)
    origin, _, token = servers.enter_context(runlog_viewer.Server(folder)).url.partition("?")
    watched.origins.append(origin)
    page = open_page(f"{origin}?{token}")
    for path in (folder / "files/report.html", *(folder / "media/files/page").iterdir()):
        address = origin + path.relative_to(folder).as_posix()
        with page.expect_download() as saving:
            page.evaluate("address => { location.href = address; }", address)
        assert Path(saving.value.path()).read_bytes() == SCRIPT
        assert saving.value.suggested_filename == path.name
        assert page.title() not in ("ran", "a file")
