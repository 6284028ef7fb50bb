"""What a script logs as text, on the pages of its run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog
from runlog_viewer.html import data_scripts
from runlog_viewer.pages import logged_texts
from runlog_viewer.pages.logged_texts import MAX_SHARED
from runlog_viewer.pages.run_and_overview import MAX_LATEST_KEYS
from runlog_viewer.site import Site

Start = Callable[..., runlog.LocalRun]


def record(text: str, **fields: int | str) -> runlog.TextRecord:
    return runlog.TextRecord(**{"key": "a/b c", "step": 7, "text": text, **fields})


@pytest.mark.parametrize(
    ("written", "start", "has_more", "is_brief", "length"),
    [
        ("short", None, False, True, "5 characters"),
        ("one\ntwo\nthree\n", None, False, True, "14 characters"),
        ("one\ntwo\nthree\nfour", "one\ntwo\nthree\nfour", False, True, "4 lines"),
        ("x\n" * 12, "x\n" * 12, False, True, "12 lines"),
        ("x\n" * 13, "x\n" * 13, False, False, "13 lines"),
        ("x" * 1001, "x" * 1000, True, False, "1,001 characters"),
    ],
)
def test_a_long_text_shows_its_beginning_and_says_how_long_it_is(
    written: str, start: str | None, has_more: bool, is_brief: bool, length: str
) -> None:
    (shown,) = logged_texts.shown([record(written)], "../../")
    (words,) = shown.entries
    assert (words.is_brief, words.length) == (is_brief, length)
    assert (words.text, words.start, words.has_more, words.digest) == (written, start, has_more, None)
    assert shown.href == "../../viewer/steps/000000007.html"
    assert shown.all_steps == "../../viewer/key.html#key=a/b%20c"


def test_very_long_texts_are_told_apart_by_all_of_them_and_searched_in_their_beginning() -> None:
    beginning = "x" * MAX_SHARED
    shown = logged_texts.shown(
        [record(beginning, key="fits"), record(beginning + "y", key="y"), record(beginning + "z", key="z")],
        "",
    )
    digests = [one.entries[0].digest for one in shown]
    assert digests[0] is None
    assert None is not digests[1] != digests[2] is not None
    assert logged_texts.whole(shown) == {"y": {0: beginning + "y"}, "z": {0: beginning + "z"}}
    assert logged_texts.searched(shown) == [
        [7, "fits", None, beginning],
        [7, "y", None, beginning, 1],
        [7, "z", None, beginning, 1],
    ]


def test_the_entries_of_a_list_are_one_text_in_their_order_each_with_its_place() -> None:
    long = "x" * (MAX_SHARED + 1)
    entries = [record(text, index=index) for index, text in enumerate(["one", long, ""])]
    alone, several = logged_texts.shown([record("alone", key="a"), *entries], "")
    assert [words.text for words in alone.entries] == ["alone"]
    assert [(words.index, words.text) for words in several.entries] == [(0, "one"), (1, long), (2, "")]
    assert logged_texts.whole([several]) == {"a/b c": {1: long}}
    assert [row[3] for row in logged_texts.searched([several])] == ["one", long[:MAX_SHARED], ""]


def test_a_list_of_numbers_is_a_row_of_numbers_and_a_text_that_looks_like_one_is_a_text() -> None:
    written = "[1,true,0.1,1e-300,null,-9e999]"
    numbers, text = logged_texts.shown(
        [record(written, form="numbers", key="n"), record(written, key="t")], ""
    )
    assert numbers.entries[0].text == "1, True, 0.1, 1e-300, NaN, -inf"
    assert numbers.entries[0].are_numbers
    assert numbers.entries[0].length == "6 numbers"
    assert (text.entries[0].text, text.entries[0].are_numbers) == (written, False)


def test_what_a_stranger_calls_numbers_and_is_none_is_shown_as_a_text() -> None:
    for written in ("<script>", "[[1]]", '["NaN"]', "[NaN]", "[" * 5000, "7"):
        (shown,) = logged_texts.shown([record(written, form="numbers")], "")
        assert (shown.entries[0].text, shown.entries[0].are_numbers) == (written, False)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def test_the_run_page_has_the_text_of_the_highest_step_that_still_has_one(start: Start, runs: Path) -> None:
    with start(id="a") as run:
        run.log({"note": "that of two"}, step=2)
        site = Site(runs)
        for change, shown in (
            ({"note": "that of nine"}, "that of nine"),
            ({"note": "again of nine", "loss": 1}, "again of nine"),
            ({"note": 1.0}, "that of two"),
        ):
            run.log(change, step=9)
            site.update()
            html = (run.folder / "index.html").read_text("utf-8")
            known = ("that of two", "that of nine", "again of nine")
            assert [text for text in known if f">{text}<" in html] == [shown]


def test_steps_with_images_or_texts_have_pages_and_those_with_numbers_alone_have_none(
    start: Start, runs: Path
) -> None:
    with start(id="a") as run:
        for step in range(100):
            run.log({"loss": step} | ({"text": "a text"} if step % 10 == 0 else {}), step=step)
        site = Site(runs)
        site.update()
        steps = run.folder / "viewer/steps"
        assert [int(file.stem) for file in sorted(steps.iterdir())] == list(range(0, 100, 10))
        run.log({"text": 1.0}, step=50)  # replaces its text
        site.update()
        kept = [0, 10, 20, 30, 40, 60, 70, 80, 90]
        assert [int(file.stem) for file in sorted(steps.iterdir())] == kept
        index = data_scripts.read_data_script((run.folder / "viewer/data/index.js").read_text("utf-8"))
    assert [step for block in index["blocks"] for step in block[::3]] == kept


def test_the_index_says_which_keys_have_images_and_which_have_texts(
    start: Start, runs: Path, photo: np.ndarray
) -> None:
    with start(id="a") as run:
        run.log({"p": runlog.Image(photo), "b": "x", "a": "y", "loss": 1}, step=0)
        run.log({"b": "x"}, step=1)
        site = Site(runs)
        for change in ({}, {"b": runlog.Image(photo)}, {"loss": 2}):
            run.log({**change, "n": 1}, step=1)
            site.update()
        index = data_scripts.read_data_script((run.folder / "viewer/data/index.js").read_text("utf-8"))
    sets = index["key_sets"]
    block = index["blocks"][0]
    assert {step: sets[number][:2] for step, number in zip(block[::3], block[2::3], strict=True)} == {
        0: [["p"], ["b", "a"]],
        1: [["b"], []],
    }
    assert len(sets[0]) == 1 + len(runlog.ROW_KINDS)


def test_of_a_run_that_names_its_keys_by_step_its_page_has_those_logged_last(
    start: Start, runs: Path
) -> None:
    with start(id="a") as run:
        for step in range(MAX_LATEST_KEYS + 5):
            run.log({f"text/{step:03d}": "x"}, step=step)
    Site(runs).update()
    html = (run.folder / "index.html").read_text("utf-8")
    assert "5 more keys have texts" in html
    assert [f'data-key="text/{n:03d}"' in html for n in (4, 5, MAX_LATEST_KEYS + 4)] == [False, True, True]


def test_a_new_text_writes_its_step_and_its_block_and_nothing_of_other_steps(
    start: Start, runs: Path
) -> None:
    with start(id="a") as run:
        for step in range(40):
            run.log({"text": "x" * (MAX_SHARED + 1)}, step=step)
        site = Site(runs)
        site.update()
        viewer_folder = run.folder / "viewer"
        before = {path: path.stat().st_ino for path in viewer_folder.rglob("*")}
        run.log({"text": "y" * (MAX_SHARED + 1)}, step=40)
        site.update()
        changed = {
            path.name
            for path in viewer_folder.rglob("*")
            if path.is_file() and not path.name.startswith(".") and before.get(path) != path.stat().st_ino
        }
    own = {"000000040.html", "texts-000000040.js", "block-0001.js", "captions-0001.js"}
    assert changed == {*own, "000000039.html", "index.js", "run.js", "version.js"}


IMAGES = {"val/images": 6, "train/images": 6, "one/picture": 1, "alone": 4}


@pytest.mark.parametrize(
    ("key", "entries", "images"),
    [
        ("val/answers", 6, "val/images"),
        ("train/prompts", 6, "train/images"),
        ("answers", 6, None),
        ("answers", 4, "alone"),
        ("else/answers", 4, "alone"),
        ("val/answers", 5, None),
        ("one/prompt", 1, "one/picture"),
        ("note", 1, None),
        ("val/note", 1, None),
    ],
)
def test_texts_belong_to_as_many_images_in_their_folder_or_a_list_to_the_only_ones(
    key: str, entries: int, images: str | None
) -> None:
    texts = logged_texts.shown([runlog.TextRecord(key, 0, "x", n) for n in range(entries)], "")
    (text,) = logged_texts.beside(texts, IMAGES)
    assert (text.beside, text.entries) == (images, texts[0].entries)


def test_numbers_belong_to_no_images() -> None:
    texts = logged_texts.shown([runlog.TextRecord("one/list", 0, "[1, 2]", 0, "numbers")], "")
    assert logged_texts.beside(texts, IMAGES) == texts
