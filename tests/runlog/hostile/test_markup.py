"""What was logged or stored is text wherever it is shown: markup in every column stays text."""

from __future__ import annotations

import json
import re
import shutil
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

import runlog
import runlog_viewer
from runlog.storage.row_checks import RULES

from .commands import make_place
from .markup import FREE, MARK, fill, let_out
from .rows import Column, put


@pytest.fixture(scope="module")
def filled(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled") / "runs"
    shutil.copytree(runs, folder)
    fill(folder / "bad/run.db")
    assert runlog_viewer.build(folder).problems == ()
    return folder


def texts_in(script: str) -> list[str]:
    """Return each string that a data script holds."""
    return [json.loads(text) for text in re.findall(r'"(?:[^"\\]|\\.)*"', script)]


def test_no_page_lets_markup_out(filled: Path) -> None:
    pages = sorted(filled.rglob("*.html"))
    seen = set()
    for page in pages:
        found, is_seen = let_out(page.read_text(encoding="utf-8"))
        assert found == [], page
        seen |= {page.relative_to(filled).as_posix()} if is_seen else set()
    assert {"index.html", "bad/index.html", "bad/viewer/steps/000000000.html"} <= seen
    assert len(pages) > 8


def test_no_piece_of_html_in_a_data_script_lets_markup_out(filled: Path) -> None:
    scripts = sorted((filled / "bad/viewer/data").rglob("*.js"))
    pieces = [text for script in scripts for text in texts_in(script.read_text(encoding="utf-8"))]
    galleries = [
        text for text in pieces if text.lstrip().startswith(("<section", "<figure", "<div", "<p", "<ul"))
    ]
    assert any("xss-mark" in text for text in galleries)
    for text in galleries:
        assert let_out(text)[0] == []


def test_a_notebook_shows_it_as_text(filled: Path) -> None:
    with runlog.open(filled / "bad") as reader:
        found, is_seen = let_out(reader._repr_html_())
        assert (found, is_seen) == ([], True)
        for image in reader.images([0]):
            found, is_seen = let_out(reader.image(image)._repr_html_())
            assert (found, is_seen) == ([], True)


@pytest.mark.parametrize(
    "name", sorted(name for name, rule in RULES.items() if str in rule.kinds and name not in FREE)
)
def test_where_text_is_not_free_markup_is_refused_and_said_as_text(
    name: str, runs: Path, tmp_path: Path
) -> None:
    place = make_place(tmp_path / "place", runs)
    assert put(place, Column(*name.split(".")), MARK)
    with pytest.raises(runlog.StorageError) as refused:
        runlog.migrate(place.bad)
        runlog.check(place.bad, repair=True)
        _read_all(place.bad)
    assert refused.value is not None
    result = runlog_viewer.build(place.runs)
    for page in place.runs.rglob("*.html"):
        assert let_out(page.read_text(encoding="utf-8"))[0] == [], page
    assert (place.good / "index.html").is_file()
    assert result.index == place.runs / "index.html"


def _read_all(folder: Path) -> None:
    problems = runlog.check(folder).problems
    if problems:
        raise runlog.StorageError(problems[0])


def test_no_answer_of_the_server_lets_markup_out(filled: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with runlog_viewer.Server(filled) as server:
        opener.open(server.url).read()
        base = server.url.partition("?")[0]
        for path in (MARK, f"bad/{MARK}.html", f"?{MARK}", f"bad/index.html?token={MARK}"):
            url = base + urllib.parse.quote(path, safe="/?=")
            try:
                with opener.open(url) as answer:
                    body = answer.read()
            except urllib.error.HTTPError as error:
                body = error.read()
            assert let_out(body.decode(errors="replace"))[0] == []
