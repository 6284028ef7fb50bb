"""Files of a run on its pages: named with kind, size and path, run by no browser, served for saving alone."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog_viewer.pages.logged_files import PLAYED
from runlog_viewer.site import Site

from .test_serve import ask, cookie

Start = Callable[..., runlog.LocalRun]
SCRIPT = b"<!doctype html><script>document.title='ran'</script>"
MARKUP = "<img src=x onerror=alert(1)>&\"'.html"


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.kept: list[tuple[str | None, str | None]] = []
        self.files: list[dict[str, str | None]] = []
        self.text: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.tags.add(tag)
        self.links += [value for name, value in attributes if name in ("href", "src") and value]
        if found.get("class") == "kept logged":
            self.kept.append((found["data-key"], found["data-step"]))
        if found.get("class") == "file":
            self.files.append(found)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(page: Path) -> _Page:
    parsed = _Page()
    parsed.feed(page.read_text("utf-8"))
    return parsed


@pytest.fixture
def run_folder(start: Start, tmp_path: Path) -> Path:
    (tmp_path / "source").write_bytes(SCRIPT)
    with start(id="r") as run:
        run.save_file(tmp_path / "source", "report.html")
        run.save_file(tmp_path / "source", "weights/best.pt")
        run.log({"page": runlog.File(SCRIPT, name="a.html"), "n": 1}, step=2)
        run.log({"clips": [runlog.File(b"a" * 2_000, name=f"c{n}.mp4") for n in range(2)]}, step=3)
        run.log({"frames": runlog.Video(np.zeros((3, 8, 8, 3), np.uint8), fps=10)}, step=4)
    return run.folder


def test_a_step_names_its_files_with_kind_size_and_path(run_folder: Path) -> None:
    runlog_viewer.build(run_folder)
    page = read(run_folder / "viewer/steps/000000003.html")
    assert page.kept == [("clips", "3")]
    assert [(f["data-index"], f["data-kind"]) for f in page.files] == [("0", "video"), ("1", "video")]
    text = "".join(page.text)
    assert "video, 2 kB" in text
    (first, *_) = sorted((run_folder / "media/files/clips").iterdir())
    assert first.relative_to(run_folder).as_posix() in text
    # What a browser plays is linked to.
    assert f"../../{first.relative_to(run_folder).as_posix()}" in page.links


def test_the_page_of_the_run_names_the_last_files_of_each_key_and_those_of_the_run(run_folder: Path) -> None:
    runlog_viewer.build(run_folder)
    page = read(run_folder / "index.html")
    assert page.kept == [("page", "2"), ("clips", "3")]
    assert [(f.get("data-index"), f["data-kind"]) for f in page.files] == [
        ("0", "html"),
        ("0", "video"),
        ("1", "video"),
        (None, "html"),
        (None, "file"),
    ]
    assert "files/weights/best.pt" in "".join(page.text)


def test_no_page_links_to_what_a_browser_would_run(run_folder: Path) -> None:
    runlog_viewer.build(run_folder)
    linked = {
        link for page in run_folder.rglob("*.html") if "files" not in page.parts for link in read(page).links
    }
    kept = {link for link in linked if re.search(r"(^|/)files/", link)}
    assert {Path(link).suffix for link in kept} == {".mp4"}
    assert {".html", ".svg", ".xml", ".pdf", ".js", ".xhtml", ".swf"}.isdisjoint(PLAYED)


def test_frames_are_an_image_in_the_gallery(run_folder: Path) -> None:
    runlog_viewer.build(run_folder)
    page = read(run_folder / "viewer/steps/000000004.html")
    assert page.files == []
    assert any(link.endswith(".webp") for link in page.links)


def test_names_with_markup_are_text(start: Start, tmp_path: Path) -> None:
    with start(id="r") as run:
        folder = run.folder / "files"
        folder.mkdir()
        (folder / MARKUP).write_bytes(SCRIPT)
        run.log({f"key {MARKUP}": runlog.File(SCRIPT, name=f"{MARKUP}.mp4")}, step=0)
    with runlog.open(run.folder) as reader:
        assert f"files/{MARKUP}" in [str(file.path) for file in reader.files()]
    runlog_viewer.build(run.folder)
    for name in ("index.html", "viewer/steps/000000000.html"):
        page = read(run.folder / name)
        assert "x" not in page.links
        assert f"key {MARKUP}" in "".join(page.text)
        assert "onerror" not in {key for file in page.files for key in file}


def test_a_file_that_is_missing_is_said_to_be(run_folder: Path) -> None:
    for clip in (run_folder / "media/files/clips").iterdir():
        clip.unlink()
    (problem,) = runlog_viewer.build(run_folder).problems
    assert "2 media files missing" in problem


def test_the_page_follows_files_that_come_while_the_run_writes(start: Start, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"1")
    with start(id="r") as run:
        run.log({"a": 1})
        site = Site(run.folder)
        site.update()
        assert read(run.folder / "index.html").files == []
        run.save_file(tmp_path / "source", "one.bin")
        site.update()
        assert len(read(run.folder / "index.html").files) == 1
        assert "one.bin" in (run.folder / "viewer/data/run.js").read_text()


def test_of_many_files_a_page_names_the_first_and_how_many_there_are(start: Start) -> None:
    with start(id="r") as run:
        folder = run.folder / "files"
        folder.mkdir()
        for number in range(230):
            (folder / f"{number:03d}").touch()
    runlog_viewer.build(run.folder)
    page = read(run.folder / "index.html")
    assert len(page.files) == 100
    assert "130 more files in the run folder." in "".join(page.text)


# Publishing and serving


def test_a_published_site_has_what_its_pages_link_to_and_no_page_of_a_script(
    run_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "public"
    runlog_viewer.build(run_folder, output=out)
    kept = [p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file() and "files" in p.parts]
    assert len(kept) == 2
    assert all(name.startswith("media/files/clips/") and name.endswith(".mp4") for name in kept)
    (run_folder / kept[0]).unlink()
    with closing(sqlite3.connect(run_folder / "run.db")) as db:
        db.execute("DELETE FROM files WHERE path = ?", [kept[0]])
        db.execute("UPDATE run SET revision = revision + 1")
        db.commit()
    runlog_viewer.build(run_folder, output=out)
    assert not (out / kept[0]).exists()


def all_kept(folder: Path) -> list[Path]:
    return [
        path for name in ("files", "media/files") for path in (folder / name).rglob("*") if path.is_file()
    ]


@pytest.mark.parametrize("of_runs", [True, False])
def test_a_file_is_served_for_saving_alone_whatever_it_is(run_folder: Path, of_runs: bool) -> None:
    served = run_folder.parent if of_runs else run_folder
    runlog_viewer.build(served)
    with runlog_viewer.Server(served) as server:
        assert len(all_kept(run_folder)) == 5
        for path in all_kept(run_folder):
            status, headers, body = ask(
                server, "/" + path.relative_to(served).as_posix(), Cookie=cookie(server)
            )
            assert (status, body) == (200, path.read_bytes())
            assert headers["content-type"] == "application/octet-stream"
            assert headers["content-disposition"] == f"attachment; filename*=UTF-8''{path.name}"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["content-security-policy"] == "sandbox; default-src 'none'"


def test_a_run_that_is_called_files_has_its_pages(start: Start) -> None:
    with start(id="files") as run:
        run.log({"a": "text"}, step=0)
    runlog_viewer.build(run.folder.parent)
    with runlog_viewer.Server(run.folder.parent) as server:
        for name in ("/files/index.html", "/files/viewer/steps/000000000.html"):
            status, headers, _ = ask(server, name, Cookie=cookie(server))
            assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_a_link_in_the_place_of_a_file_is_not_served(run_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (run_folder / "files/link.txt").symlink_to(tmp_path / "secret")
    (run_folder / "files/folder").symlink_to(tmp_path)
    runlog_viewer.build(run_folder)
    with runlog_viewer.Server(run_folder) as server:
        for name in (
            "/files/link.txt",
            "/files/folder/secret",
            "/files/../secret",
            "/files/%2e%2e/secret",
            "/files/",
        ):
            assert ask(server, name, Cookie=cookie(server))[0] == 404
