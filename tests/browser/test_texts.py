"""Logged texts: at their step, over all steps of their key, and found by their words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import runlog
import runlog_viewer
from runlog_viewer.pages.logged_texts import MAX_SHARED

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Address = Callable[[str], str]

CODE = "def f(x):\n\tif x:\n        return x  # <b>\n"
LONG = "\n".join(f"line {n} of many words" for n in range(60))
VAST = "word " * (MAX_SHARED // 4) + "at the end"


def picture(caption: str, **overlays: object) -> runlog.Image:
    return runlog.Image(np.full((8, 8), 99, np.uint8), caption=caption, **overlays)


def log_and_build(start: Start) -> runlog.LocalRun:
    """Build a run with images at steps 0 and 20, texts at 10, 20, 30 and 40, and numbers at each."""
    boxes = {"truth": {"box_data": [{"position": {"middle": [0.5, 0.5], "width": 0.5, "height": 0.5}}]}}
    with start(id="a") as run:
        for step in range(0, 50, 5):
            run.log({"loss": step / 8}, step=step)
        for step in (0, 20):
            run.log({"val/images": picture(f"picture {step}", boxes=boxes)}, step=step)
        for step in (10, 20, 30, 40):
            run.log({"prompt": f"prompt of {step}", "sample": f"sample-{step}\n{LONG}"}, step=step)
        run.log({"code": CODE}, step=20)
        run.log({"dump": f"first {VAST}"}, step=30)
        run.log({"dump": f"second {VAST}"}, step=40)
    runlog_viewer.build(run.folder.parent)
    return run


@pytest.fixture(scope="module")
def run(start_shared: Start) -> runlog.LocalRun:
    """Return a run that tests only read."""
    return log_and_build(start_shared)


@pytest.fixture
def own_run(start: Start) -> runlog.LocalRun:
    """Return a run that a test may change."""
    return log_and_build(start)


def step_page(run: runlog.LocalRun, step: int) -> Path:
    return run.folder / f"viewer/steps/{step:09d}.html"


def text(page: Page, key: str) -> Locator:
    return page.locator(f'.text[data-key="{key}"]')


def words_of(page: Page, key: str) -> Locator:
    """Return what of a text can be read, once it is one thing."""
    shown = text(page, key).locator(".words").filter(visible=True)
    expect(shown).to_have_count(1)
    return shown


def expect_words(page: Page, key: str, words: str) -> None:
    """Wait until this is what of a text can be read, to the character."""
    expect(words_of(page, key)).to_have_js_property("textContent", words)


# At a step


def test_texts_of_a_list_stand_beside_the_images_of_the_same_places(start: Start, open_page: Open) -> None:
    with start() as run:
        for step in range(2):
            images = [picture(f"picture {n}") for n in range(3)]
            answers = [f"answer {n} of {step}" for n in range(3)]
            run.log({"val/images": images, "val/answers": answers, "note": "a note"}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(step_page(run, 0))
    figures = page.locator("figure.image")
    for step in range(2):
        expect(page.locator("h1")).to_have_text(f"Step {step}")
        for n in range(3):
            expect(figures.nth(n).locator(".beside .words")).to_have_text(f"answer {n} of {step}")
        left, right = (figures.nth(0).locator(part).bounding_box() for part in (".picture", ".beside"))
        assert left is not None
        assert right is not None
        assert right["x"] >= left["x"] + left["width"]
        expect(text(page, "val/answers").first).to_contain_text("beside the images of val/images")
        expect(words_of(page, "note")).to_have_text("a note")
        page.keyboard.press("ArrowRight")
    page = open_page(step_page(run, 0), java_script_enabled=False)
    expect(text(page, "val/answers").locator("li .words")).to_have_text(
        [f"answer {n} of 0" for n in range(3)]
    )
    page = open_page(f"{run.folder.as_uri()}/viewer/key.html#key=val/answers")
    expect(page.locator(".strip .words").first).to_have_text("answer 0 of 1")


def test_markdown_is_set_and_can_be_looked_at_as_it_was_written(start: Start, open_page: Open) -> None:
    answer = "A **bold** word\n- one\n- two\n\n|a|b|\n|-|-|\n|1|2|\n\n<b>no HTML</b> [a link](javascript:x)"
    with start() as run:
        run.log({"answer": answer, "plain": "no_marks_here"}, step=0)
    runlog_viewer.build(run.folder)
    for options in ({}, {"java_script_enabled": False}):
        page = open_page(step_page(run, 0), **options)
        expect(text(page, "answer").locator("summary .words")).to_contain_text("A bold word")
        text(page, "answer").locator("summary").click()
        prose = text(page, "answer").locator(".prose")
        expect(prose.locator("strong")).to_have_text("bold")
        expect(prose.get_by_role("listitem")).to_have_text(["one", "two"], use_inner_text=True)
        expect(prose.get_by_role("cell")).to_have_text(["1", "2"], use_inner_text=True)
        expect(prose.locator("b, a")).to_have_count(0)
        expect(prose).to_contain_text("<b>no HTML</b> [a link](javascript:x)", use_inner_text=True)
        expect(prose).to_have_js_property("textContent", answer)
        expect(text(page, "plain").locator(".prose")).to_have_count(0)
    page = open_page(step_page(run, 0))
    text(page, "answer").locator("summary").click()
    page.get_by_role("button", name="As written").click()
    shown = text(page, "answer").locator(".prose")
    expect(shown).to_have_text(answer, use_inner_text=True)
    page.reload()
    expect(page.get_by_role("button", name="As written")).to_have_attribute("aria-pressed", "true")


def test_a_step_shows_its_texts_beside_its_numbers(run: runlog.LocalRun, open_page: Open) -> None:
    for options in ({}, {"java_script_enabled": False}):
        page = open_page(step_page(run, 20), **options)
        assert page.locator(".texts h2 > bdi").all_text_contents() == ["prompt", "sample", "code"]
        expect_words(page, "prompt", "prompt of 20")
        expect_words(page, "code", CODE)
        expect(page.locator(".numbers dd")).to_have_text("2.5")
        expect(page.locator("figcaption")).to_have_text("picture 20")


def test_stepping_goes_through_steps_with_images_or_texts(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(step_page(run, 0))
    expect(page.locator("#place")).to_have_text("1 of 5")
    for step in (10, 20, 30, 40):
        page.keyboard.press("ArrowRight")
        expect(page.locator("#step")).to_have_text(str(step))
        expect(text(page, "prompt")).to_contain_text(f"prompt of {step}")
    expect(text(page, "code")).to_have_count(0)
    assert not step_page(run, 5).exists()


def test_a_step_without_images_keeps_the_latest_with_their_layers(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(step_page(run, 20))
    expect(page.locator("#place")).to_have_text("3 of 5")
    page.keyboard.press("ArrowRight")
    expect(page.locator("figcaption")).to_have_text("picture 20")
    expect(page.locator("section.key a.from")).to_have_text("from step 20")
    expect(page.locator(".layers bdi")).to_have_text("truth")
    page.keyboard.press("o")
    expect(page.locator("section.key, .nothing")).to_have_count(0)
    expect(text(page, "prompt")).to_be_visible()


def test_a_long_text_is_opened_and_stays_open_from_step_to_step(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(step_page(run, 10))
    closed = text(page, "sample").bounding_box()
    assert closed is not None
    assert closed["height"] < 120
    expect(words_of(page, "sample")).to_contain_text("sample-10 line 0 of")
    text(page, "sample").locator("summary").click()
    expect_words(page, "sample", f"sample-10\n{LONG}")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#step")).to_have_text("20")
    expect_words(page, "sample", f"sample-20\n{LONG}")
    expect(page).to_have_url(re.compile("[#&]text=sample(&|$)"))
    text(page, "sample").locator("summary").click()
    expect(text(page, "sample").locator("details[open]")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("text="))


def test_an_address_opens_a_text_and_brings_it_into_sight(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        run.log({f"note/{n:02d}": f"{n}\n{LONG}" for n in range(40)}, step=3)
    runlog_viewer.build(run.folder)
    page = open_page(f"{step_page(run, 3).as_uri()}#text=note/37")
    expect(page.locator(".texts > details.more")).to_have_attribute("open", "")
    expect(text(page, "note/37")).to_be_focused()
    expect(text(page, "note/37")).to_be_in_viewport()
    expect_words(page, "note/37", f"37\n{LONG}")
    expect(page.locator(".text > details[open]")).to_have_count(1)


def test_keys_lead_from_text_to_text_of_a_key(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(step_page(run, 40))
    expect(page.locator("#place")).to_have_text("5 of 5")
    text(page, "dump").hover()
    page.keyboard.press("[")
    expect(page.locator("#step")).to_have_text("30")
    text(page, "dump").get_by_role("button", name="Next step of dump").click()
    expect(page.locator("#step")).to_have_text("40")


def test_a_closed_text_says_how_long_it_is(run: runlog.LocalRun, open_page: Open) -> None:
    for options in ({}, {"java_script_enabled": False}):
        page = open_page(step_page(run, 30), **options)
        expect(text(page, "sample").locator(".all")).to_have_text("all 61 lines")
        expect(text(page, "dump").locator(".all")).to_have_text(f"all {len(VAST) + 6:,} characters")
        expect(text(page, "prompt").locator(".all")).to_have_count(0)
        text(page, "sample").locator("summary").click()
        expect(text(page, "sample").locator(".all")).not_to_be_visible()


def test_all_texts_are_opened_at_once_and_stay_open_everywhere(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(step_page(run, 30))
    page.get_by_role("button", name="Open all").click()
    expect(text(page, "dump")).to_contain_text("at the end")
    expect_words(page, "sample", f"sample-30\n{LONG}")
    expect(page).to_have_url(re.compile("#texts=open$"))
    text(page, "sample").locator("summary").click()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#step")).to_have_text("40")
    expect(text(page, "sample").locator("details[open]")).to_have_count(0)
    expect(text(page, "dump")).to_contain_text("second word")
    page.locator(".crumbs a").last.click()
    expect_words(page, "sample", f"sample-40\n{LONG}")
    text(page, "sample").get_by_role("link", name="all steps").click()
    expect(page.locator(".strip details[open]")).to_have_count(4)
    page.get_by_role("button", name="Close all").click()
    expect(page.locator(".strip details[open]")).to_have_count(0)
    page.reload()
    expect(page.locator(".strip details")).to_have_count(4)
    expect(page.locator(".strip details[open]")).to_have_count(0)


def test_nothing_is_to_be_opened_where_all_texts_are_short(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        run.log({"one": "short", "two": "short"}, step=0)
    runlog_viewer.build(run.folder)
    for page in (open_page(step_page(run, 0)), open_page(run.folder / "viewer/key.html")):
        expect(page.locator(".words").first).to_be_visible()
        expect(page.locator(".open-texts:visible")).to_have_count(0)


def test_the_page_of_a_key_shows_twelve_lines_of_a_closed_text(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        for step, lines in enumerate((12, 13)):
            run.log({"trace": "\n".join(f"line {n}" for n in range(1, lines + 1))}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "viewer/key.html")
    heights = [
        page.locator(f'.strip[data-step="{step}"] summary > span').bounding_box()["height"]  # type: ignore[index]
        for step in (0, 1)
    ]
    assert heights == [12 * 18, 12 * 18]
    expect(page.locator(".strip .all:visible")).to_have_text(["all 13 lines"])


# Very long texts


def test_a_very_long_text_is_no_part_of_the_data_and_loaded_when_it_is_opened(
    run: runlog.LocalRun, open_page: Open
) -> None:
    data = run.folder / "viewer/data"
    assert max(file.stat().st_size for file in data.glob("[bc]*-0000.js")) < 3 * MAX_SHARED
    page = open_page(step_page(run, 30))
    expect(page.locator("#place")).to_have_text("4 of 5")
    page.keyboard.press("ArrowRight")  # now it is what the data script has
    expect(page.locator("#step")).to_have_text("40")
    assert len(words_of(page, "dump").text_content() or "") == 1000
    text(page, "dump").locator("summary").click()
    expect(text(page, "dump")).to_contain_text("at the end")
    expect_words(page, "dump", f"second {VAST}")
    page.keyboard.press("ArrowLeft")
    expect(text(page, "dump")).to_contain_text("first word")
    expect(text(page, "dump")).to_contain_text("at the end")
    expect_words(page, "dump", f"first {VAST}")


def test_a_very_long_text_is_read_without_scripts_on_the_page_of_its_step(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(run.folder / "index.html", java_script_enabled=False)
    text(page, "dump").locator("summary").click()
    text(page, "dump").get_by_role("link", name="characters").click()
    expect(page).to_have_title("Step 40 · a")
    text(page, "dump").locator("summary").click()
    expect_words(page, "dump", f"second {VAST}")


def test_a_very_long_text_that_cannot_be_loaded_is_still_linked_to(
    own_run: runlog.LocalRun, open_page: Open, watched: object
) -> None:
    (own_run.folder / "viewer/data/texts-000000040.js").unlink()
    page = open_page(own_run.folder / "index.html")
    text(page, "dump").locator("summary").click()
    expect(text(page, "dump").get_by_role("link", name="characters")).to_be_visible()
    complaints: list[str] = watched.complaints  # type: ignore[attr-defined]
    assert ["ERR_FILE_NOT_FOUND" in complaint for complaint in complaints] == [True]
    complaints.clear()


# Over all steps


def test_the_run_page_has_the_latest_text_of_each_key_and_leads_to_all_of_them(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(run.folder / "index.html")
    expect_words(page, "prompt", "prompt of 40")
    expect_words(page, "code", CODE)
    assert text(page, "code").get_by_role("link").first.text_content() == "step 20"
    expect(page.locator("#step-count")).to_have_text("5")
    text(page, "dump").locator("summary").click()
    expect(text(page, "dump")).to_contain_text("at the end")
    text(page, "prompt").get_by_role("link", name="all steps").click()
    expect(page.locator("#key")).to_have_value("prompt")
    expect(page.locator(".strip .words")).to_have_text([f"prompt of {step}" for step in (40, 30, 20, 10)])
    page.locator("#order").click()
    expect(page.locator(".strip .words").first).to_have_text("prompt of 10")
    page.get_by_role("link", name="20").click()
    expect(page.locator("h1")).to_have_text("Step 20")


def test_the_page_of_a_key_opens_its_texts_too(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(f"{run.folder.as_uri()}/viewer/key.html#key=dump")
    page.locator(".strip[data-step='30'] summary").click()
    expect(page.locator('.strip[data-step="30"]')).to_contain_text("at the end")
    expect(page.locator("#compare, .display")).to_have_count(2)
    expect(page.locator("#compare:visible, .display:visible")).to_have_count(0)
    expect(page.locator(".strip").first).to_have_css("border-top-width", "1px")


def test_a_key_that_held_images_and_texts_has_both(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        run.log({"both": picture("a picture")}, step=1)
        run.log({"both": "a text"}, step=2)
    runlog_viewer.build(run.folder)
    page = open_page(f"{run.folder.as_uri()}/viewer/key.html#key=both")
    expect(page.locator(".strip figcaption, .strip .words")).to_have_text(["a text", "a picture"])


def test_a_run_of_texts_alone_is_browsed_from_its_page(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        for step in range(3):
            run.log({"sample": f"sample {step}", "loss": step}, step=step)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "index.html")
    page.get_by_role("link", name="Browse steps").click()
    expect(page.locator("h1")).to_have_text("Step 2")
    expect(page.locator(".display")).not_to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(text(page, "sample")).to_contain_text("sample 1")


def test_texts_of_a_live_run_come_by_themselves(start: Start, open_page: Open, live_site: Address) -> None:
    with start(id="a") as run:
        run.log({"sample": "sample 0"}, step=0)
        page = open_page(live_site("a/viewer/steps/000000000.html"))
        expect(page.locator("#follow")).to_be_visible()
        page.keyboard.press("f")
        run.log({"sample": "sample 1"}, step=1)
        expect(text(page, "sample")).to_contain_text("sample 1")
        run.log({"sample": "again 1"}, step=1)
        expect(text(page, "sample")).to_contain_text("again 1")
        overview = open_page(live_site("a/index.html"))
        expect(text(overview, "sample")).to_contain_text("again 1")
        run.log({"sample": "sample 2"}, step=2)
        expect(text(overview, "sample")).to_contain_text("sample 2")


# Found by their words


def test_search_finds_texts_and_leads_to_them(run: runlog.LocalRun, open_page: Open) -> None:
    page = open_page(run.folder / "index.html")
    page.keyboard.press("/")
    page.get_by_role("searchbox", name="Search keys, captions, classes, boxes and texts").fill(
        "sample-20 line"
    )
    expect(page.locator(".search [role=status]")).to_contain_text("1 text found")
    expect(page.locator(".search .where")).to_have_text(["step 20 · sample · text"])
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Step 20")
    expect(text(page, "sample")).to_be_focused()
    expect_words(page, "sample", f"sample-20\n{LONG}")
    page.keyboard.press("/")
    page.get_by_role("searchbox", name="Search keys, captions, classes, boxes and texts").fill("e 20")
    expect(page.locator(".search [role=status]")).to_contain_text("1 image and 4 texts found")
    page.get_by_role("searchbox", name="Search keys, captions, classes, boxes and texts").fill("prompt of 20")
    expect(page.locator(".search [role=status]")).to_contain_text("1 text found")
    page.keyboard.press("Enter")
    expect(text(page, "prompt")).to_be_focused()


def test_search_says_that_of_very_long_texts_only_the_beginning_counts(
    run: runlog.LocalRun, open_page: Open
) -> None:
    page = open_page(run.folder / "index.html")
    page.keyboard.press("/")
    page.get_by_role("searchbox", name="Search keys, captions, classes, boxes and texts").fill("at the end")
    expect(page.locator(".search [role=status]")).to_have_text(
        "nothing found, very long texts searched in their beginning only"
    )


# Whatever is written in them


def test_each_line_has_the_direction_of_its_own_words(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        run.log({"mixed": "English first\nقطة على السجادة\nEnglish again"}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(step_page(run, 0))
    sides = page.evaluate("""() => {
        const node = document.querySelector('.words').firstChild;
        const {left, right} = document.querySelector('.words').getBoundingClientRect();
        return node.data.split('\\n').map((line) => {
            const range = document.createRange();
            const start = node.data.indexOf(line);
            range.setStart(node, start);
            range.setEnd(node, start + line.length);
            const box = range.getBoundingClientRect();
            return box.left - left < right - box.right ? 'left' : 'right';
        });
    }""")
    assert sides == ["left", "right", "left"]


def test_many_texts_of_a_step_are_there_without_scripts(start: Start, open_page: Open) -> None:
    with start(id="a") as run:
        run.log({f"note/{n}": f"note {n}" for n in range(20)}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(step_page(run, 0), java_script_enabled=False)
    expect(page.locator(".words:visible")).to_have_count(8)
    page.get_by_text("12 more texts").click()
    expect(page.locator(".words:visible")).to_have_count(20)
