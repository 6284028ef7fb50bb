"""The scripts of a site: each module in one file, in an order that works, no larger than they should be."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog_viewer.html import render
from runlog_viewer.html.assets import assets, plain_css
from runlog_viewer.html.linker import FIRST
from runlog_viewer.html.scripts import OVERVIEW_PAGES, RUN_PAGES, STATIC, page_scripts

SITES = (RUN_PAGES, OVERVIEW_PAGES)
MODULE = re.compile(r"^const (\w+)=modules\.\1=", re.MULTILINE)
# Bytes: what a run folder and a page may take of scripts and styles.
MOST_OF_A_SITE = 384_000
MOST_OF_A_PAGE = 170_000


def constant(path: Path) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), path.stem)


def modules_of(pages: tuple[str, ...]) -> list[str]:
    return [name for text in assets(pages).values() for name in MODULE.findall(text.decode())]


def loaded_by(page: str) -> list[str]:
    """Return the files that a page loads."""
    return [FIRST, *page_scripts(page), *render.page_styles(page)]


@pytest.mark.parametrize("pages", SITES)
def test_each_module_is_in_one_file_of_a_site(pages: tuple[str, ...]) -> None:
    modules = modules_of(pages)
    assert len(modules) == len(set(modules)) > 10


def test_every_module_is_run_by_some_page() -> None:
    entries = {"first", "entry"}
    assert {name for pages in SITES for name in modules_of(pages)} == {
        constant(path) for path in STATIC.rglob("*.js")
    } - entries


@pytest.mark.parametrize("pages", SITES)
def test_a_script_runs_after_those_that_it_takes_from(pages: tuple[str, ...]) -> None:
    for page in pages:
        known: set[str] = set()
        for name in (FIRST, *page_scripts(page)):
            script = assets(pages)[name].decode()
            taken = re.search(r"^const\{([\w,]+)\}=modules;$", script, re.MULTILINE)
            assert set(taken[1].split(",") if taken else []) <= known
            for line in script.splitlines():
                if begun := MODULE.match(line):
                    known.add(begun[1])
                elif used := re.fullmatch(r"const\{[\w,:]+\}=modules\.(\w+);", line):
                    assert used[1] in known


def test_every_style_sheet_is_in_one_file_of_a_site_for_those_of_its_pages_that_name_it() -> None:
    of_runs, of_overview = (
        [name for file in render.site_styles(pages[0]).values() for name in file.names] for pages in SITES
    )
    assert len(of_runs) == len(set(of_runs))
    # A report has its style sheets in itself.
    assert {*of_runs, *of_overview, "report"} == {file.stem for file in STATIC.rglob("*.css")}
    assert "overview" not in of_runs
    assert "compare" not in of_overview
    assert render.page_styles("compare")[0] == "common.css"
    assert render.page_styles("compare")[-1] == "compare.css"
    compared = "".join(assets(RUN_PAGES)[name].decode() for name in render.page_styles("compare"))
    for name, is_there in (("viewer", True), ("charts", True), ("compare", True), ("figures", False)):
        (path,) = STATIC.rglob(f"{name}.css")
        assert compared.count(plain_css(path.read_text())) == is_there


def test_a_style_sheet_loses_its_comments_and_idle_spaces_and_nothing_in_quotes() -> None:
    sheet = """/* what it is:
   "lines" */
.a::after { content: "/* no } comment */  "; } /* don't */
  .b, .c > :hover {
    color: red; margin: 0 calc(1px + 2px) }
.d { color: red ; }
"""
    assert plain_css(sheet) == (
        '.a::after{content:"/* no } comment */  "}'
        ".b,.c>:hover{color:red;margin:0 calc(1px + 2px)}.d{color:red}"
    )


def test_scripts_and_styles_of_a_run_folder_are_small() -> None:
    assert sum(map(len, assets(RUN_PAGES).values())) <= MOST_OF_A_SITE


@pytest.mark.parametrize("page", RUN_PAGES)
def test_scripts_and_styles_of_a_page_are_small(page: str) -> None:
    assert sum(len(assets(RUN_PAGES)[name]) for name in loaded_by(page)) <= MOST_OF_A_PAGE


def test_pages_load_what_is_there(start: Callable[..., runlog.LocalRun], tmp_path: Path) -> None:
    with start(id="a") as run:
        run.log({"a": runlog.Image(np.zeros((2, 2), np.uint8))}, step=0)
    runlog_viewer.build(tmp_path / "runs")
    pages = list((tmp_path / "runs").rglob("*.html"))
    assert len(pages) == 5
    for page in pages:
        html = page.read_text()
        (name,) = re.findall(r'data-page="(\w+)"', html)
        loaded = re.findall(r'(?:<script src|<link rel="stylesheet" href)="([^"]+)"', html)
        assert sorted(file.rpartition("/")[2] for file in loaded) == sorted(loaded_by(name))
        assert all((page.parent / file).exists() for file in loaded)
