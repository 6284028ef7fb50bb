"""Every page passes axe-core's checks of WCAG 2.0 to 2.2, A and AA, also on a phone and with large text.

The gate looks at each state of `PAGES` once, at half of them on a phone and at half in the dark, and at two
sizes of window and text; ``-m browser_matrix`` looks at all states in all ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle, product
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
Act = Callable[[Page], object]

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
RULES_OF_COLOUR = ("color-contrast", "link-in-text-block")
# What sticks out of the window, if the page scrolls sideways.
TOO_WIDE = """async () => {
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const isOut = (element) => element.getBoundingClientRect().right > width;
    const out = [...document.body.querySelectorAll('*')].filter(isOut);
    return out.map((element) => element.outerHTML.slice(0, 100));
}"""
MARKDOWN = """# Answer

- **One** and `code`, see [a page](https://example.org/a)
- *Two*

| a | b |
|---|---|
| 1 | 2 |

```python
print("x")
```"""
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
SEARCH = "dialog.search [type=search]"
STEP, TEXTS, TABLES = (f"a/viewer/steps/00000000{n}.html" for n in (1, 2, 3))


def press(key: str) -> Act:
    return lambda page: page.keyboard.press(key)


def click(selector: str) -> Act:
    return lambda page: page.locator(selector).first.click()


def fill(selector: str, text: str) -> Act:
    return lambda page: page.locator(selector).fill(text)


def open_details(page: Page) -> None:
    button = page.get_by_role("button", name="Details")
    if button.get_attribute("aria-expanded") == "false":
        button.click()


def found(page: Page) -> None:
    expect(page.locator(".search li").first).to_be_visible()


def nothing_found(page: Page) -> None:
    expect(page.get_by_text("nothing found")).to_be_visible()


def row_opened(page: Page) -> None:
    expect(page.get_by_role("dialog", name="Row 0 of table")).to_be_visible()


def boxes_listed(page: Page) -> None:
    page.locator(".box-table th:nth-child(2) button").first.click()
    expect(page.locator(".box-table th[aria-sort]").first).to_be_visible()


def laid_over(page: Page) -> None:
    expect(page.locator("#pair .part")).to_have_count(2)


def line_drawn(page: Page) -> None:
    expect(page.locator(".line-key .value").first).not_to_be_empty()


def table_drawn(page: Page) -> None:
    expect(page.locator(".row-number button").first).to_be_visible()


def sorted_by(page: Page) -> None:
    expect(page.locator("th[aria-sort]")).to_have_count(1)
    expect(page.locator("tr[data-row]").first).to_have_attribute("data-row", "19")
    table_drawn(page)


def cell_opened(page: Page) -> None:
    expect(page.locator(".confusion.boxes [aria-pressed=true]")).to_be_visible()
    expect(page.locator("select.since")).to_be_visible()
    page.locator(".confusion.pixels summary").click()


# Each state: an address, or None where it follows on the one before it; and what leads to it from there.
PAGES: dict[str, tuple[str | None, tuple[Act, ...]]] = {
    "overview": ("index.html", ()),
    "overview, choice of columns": (None, (click("#columns"),)),
    "overview, help": (None, (press("Escape"), press("?"))),
    "overview, nothing found": (None, (press("Escape"), fill("#filter", "nothing"))),
    "overview, columns and an open group": (
        "index.html#columns=summary.loss,config.text&sort=-steps",
        (click("tr.group button"),),
    ),
    "overview, picked runs": ("index.html#pick=a,job-0", ()),
    "overview, plots": ("index.html#plot=loss", (lambda page: page.locator("#plot-lines").press("End"),)),
    "overview, larger rows": ("index.html#rows=large", ()),
    "run": ("a/index.html", ()),
    "run, environment open": (None, (click(".environment summary"),)),
    "run, help": (None, (press("?"),)),
    "run, search": (None, (press("Escape"), press("/"), fill(SEARCH, "caption"), found)),
    "run, search without a hit": (None, (fill(SEARCH, "nowhere"), nothing_found)),
    "run, charts by time, smooth, on a log scale": ("a/index.html#x=time&y=log&smooth=0.5", ()),
    "run, a chart enlarged": ("a/index.html#chart=loss", ()),
    "run, a part of a chart with another key": ("a/index.html#chart=loss&with=val/iou&zoom=0..1", ()),
    "step": (STEP, ()),
    "step, details open": (None, (click("details.info summary"), click("details.boxes summary"))),
    "step, help": (None, (press("?"),)),
    "step, a contact sheet": (None, (press("Escape"), press("g"))),
    "step, a key folded away": (None, (press("g"), click(".fold"))),
    "step, boxes as a table, masks where they differ": (
        f"{STEP}#masks=differing",
        (click("details.boxes summary"), boxes_listed),
    ),
    # axe-core judges the labels of boxes by the page below the dialog: they are switched off
    "step, full view": (STEP, (click("a.picture"), press("b"))),
    "step, full view with details": (None, (open_details,)),
    "step, help of the full view": (None, (press("?"),)),
    "step, texts, one of them open": (TEXTS, (click(".text summary"),)),
    "step, texts in Markdown": (None, (click("[data-key=set] summary"),)),
    "step, texts as they were written": (None, (click(".as-written"),)),
    "step, a row of a table": (TABLES, (table_drawn, click("tbody .row-number button"), row_opened)),
    "step, a table sorted": (
        None,
        (press("Escape"), click('.logged-table th[data-type="number"] button'), sorted_by),
    ),
    "key": ("a/viewer/key.html#key=val/images", ()),
    "key, one image over time": ("a/viewer/key.html#key=val/images&index=1", ()),
    "key, a table of images": ("a/viewer/key.html#key=val/images&view=table", (table_drawn,)),
    "key, tables": ("a/viewer/key.html#key=table", (table_drawn,)),
    "key, texts": ("a/viewer/key.html#key=text", ()),
    "compare, steps": ("a/viewer/compare.html#panes=.@0,.", ()),
    "compare, difference": (None, (click("#views [data-view=difference]"), laid_over)),
    "compare, split": (None, (click("#views [data-view=split]"), laid_over)),
    "compare, help": (None, (press("?"),)),
    "compare, runs": ("a/viewer/compare.html#panes=.,job-0", ()),
    "compare, a pane for each layer": ("a/viewer/compare.html#panes=.!prediction,.!truth", ()),
    "compare, charts": ("a/viewer/compare.html#panes=.,job-0,job-1&show=charts&rows=all", (line_drawn,)),
    "compare, charts of runs without images": (
        "job-0/viewer/compare.html#panes=.,job-1&smooth=0.5&y=log",
        (line_drawn, lambda page: page.get_by_role("slider", name="loss").focus()),
    ),
    "compare, a chart enlarged": ("a/viewer/compare.html#panes=.,job-0&chart=loss", (line_drawn,)),
    "step, judged, the pictures of a cell": (
        "judged-0/viewer/steps/000000001.html#judged=seen:boxes.2.none&sort=-judged.worse",
        (cell_opened,),
    ),
    "key, judged, the pictures of a cell": (
        "judged-0/viewer/key.html#key=seen&judged=seen:boxes.2.none&sort=-judged.worse",
        (cell_opened,),
    ),
    "compare, judged images that got worse": (
        "judged-0/viewer/compare.html#panes=.,judged-1&key=seen&sort=-judged.worse",
        (lambda page: expect(page.locator(".judged-images [aria-current]")).to_be_visible(),),
    ),
}


def in_rows() -> Iterator[tuple[str, ...]]:
    """Yield the states of one page after another, as each leads to the next."""
    row: tuple[str, ...] = ()
    for name, (path, _) in PAGES.items():
        if path is not None and row:
            yield row
            row = ()
        row += (name,)
    yield row


ROWS = {row[0]: row for row in in_rows()}


@pytest.fixture(scope="module")
def site(start_shared: Start, shared_runs: Path) -> Path:
    """Build a site with one of everything, and return its folder."""
    box = {
        "position": {"minX": 0.1, "maxX": 0.6, "minY": 0.1, "maxY": 0.6},
        "class_id": 2,
        "box_caption": "a box",
        "scores": {"confidence": 0.5},
    }
    ids = np.repeat(np.arange(4, dtype=np.uint8)[:, None], 64, axis=1).repeat(16, axis=0)
    images = [
        runlog.Image(
            np.full((64, 64, 3), 40 * n, np.uint8),
            caption="a caption " * 30 * n,
            grouping=n // 2,
            boxes={"truth": {"box_data": [box] * 2, "class_labels": {2: "two"}}},
            masks={
                name: {"mask_data": of, "class_labels": {1: "one", 3: "three"}}
                for name, of in (("prediction", ids.T), ("truth", ids))
            },
        )
        for n in range(3)
    ]
    config = {"text": "long " * 500, "model": {"width": list(range(300)), "name": "x"}, "w" * 120: "y" * 300}
    about = {"project": "a project", "tags": ["a tag", "t" * 90], "notes": "a note", "config": config}
    with start_shared(id="a", name="a run with a name of some length", **about) as run:
        for step in range(2):
            run.log({"val/images": images, "loss": 1 / (step + 1), "val/iou": float("nan")}, step=step)
        table = runlog.Table(["picture", "number", "w" * 90, "flag"])
        for n in range(20):
            table.add_row(images[n % 3], n / 7, "a word " * n, n % 2 == 0)
        run.log({"table": table}, step=3)
        run.log({"text": "a line " * 400, "note": "a note", "code": "x" * 400, "set": MARKDOWN}, step=2)
        run.log({"pair/images": images[:2], "pair/answers": ["one", MARKDOWN]}, step=2)
    labels = {2: "two", 3: "three of a longer name"}
    for rank in range(2):
        with start_shared(id=f"judged-{rank}", name="a judged run") as run:
            run.define_evaluation("seen", score="confidence")
            for step in range(2):
                judged = [
                    runlog.Image(
                        np.full((64, 64, 3), 40 * n, np.uint8),
                        id=f"picture/{n}",
                        boxes={
                            "truth": {"box_data": [box, {**box, "class_id": 3}], "class_labels": labels},
                            "predictions": {
                                "box_data": [box] * ((n + step + rank) % 3),
                                "class_labels": labels,
                            },
                        },
                        masks={"truth": {"mask_data": ids}, "predictions": {"mask_data": ids.T}},
                    )
                    for n in range(4)
                ]
                run.log({"seen": judged}, step=step)
    for rank in range(2):
        with start_shared(id=f"job-{rank}", group="job", record_environment=True) as run:
            run.log({"loss": rank}, step=rank)
    (shared_runs / "broken").mkdir()
    (shared_runs / "broken" / "run.db").write_text("no database " * 30)
    runlog_viewer.build(shared_runs)
    return shared_runs


@pytest.fixture
def runs(site: Path) -> Path:
    """Return the folder that pages may load from."""
    return site


@pytest.fixture
def settled(site: Path, open_page: Open) -> Callable[..., Page]:
    """Return a function that opens one of `PAGES` and does what leads to its state."""

    def open_settled(name: str, **options: object) -> Page:
        row = next(row for row in ROWS.values() if name in row)
        page = open_page(f"{site.as_uri()}/{PAGES[row[0]][0]}", reduced_motion="reduce", **options)
        expect(page.locator("#live")).not_to_be_empty()
        for one in row[: row.index(name) + 1]:
            lead_to(page, one)
        return page

    return open_settled


def lead_to(page: Page, name: str) -> None:
    for act in PAGES[name][1]:
        act(page)
    # What a click has scrolled half below the bar would be found too small.
    page.evaluate("scrollTo(0, 0)")


# Asked for alone, what is found wrong comes in half the time of a whole report.
ASK = """async (runOnly) => {
    const options = {runOnly, preload: false, resultTypes: ['violations']};
    return (await axe.run(document, options)).violations;
}"""


def violations(page: Page, kind: str, *values: str) -> Iterator[str]:
    """Yield what axe-core finds wrong by rules or tags, one line an element."""
    for rule in page.evaluate(ASK, {"type": kind, "values": values}):
        for node in rule["nodes"]:
            summary = " ".join(node["failureSummary"].split())
            yield f"{rule['id']}: {node['html'][:160]}: {summary[:260]}"


WINDOWS = {"desktop": DESKTOP, "phone": PHONE}
LOOKS = dict(zip(PAGES, cycle(product(WINDOWS, ("light", "dark"))), strict=False))


@pytest.mark.browser_matrix
@pytest.mark.parametrize("viewport", WINDOWS.values(), ids=WINDOWS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_to_complain_about_in_either_window_and_scheme(
    settled: Callable[..., Page], name: str, viewport: dict[str, int]
) -> None:
    page = settled(name, viewport=viewport)
    page.evaluate(Axe().axe_script)
    page.emulate_media(color_scheme="light")
    assert list(violations(page, "tag", *RULES)) == []
    # Between the schemes colours differ, and nothing else.
    page.emulate_media(color_scheme="dark")
    assert list(violations(page, "rule", *RULES_OF_COLOUR)) == []


def test_axe_would_find_text_too_dark_for_the_dark_scheme_alone(settled: Callable[..., Page]) -> None:
    page = settled("step")
    page.evaluate(Axe().axe_script)
    page.evaluate("document.querySelector('h1').style.color = '#333'")
    assert list(violations(page, "tag", *RULES)) == []
    page.emulate_media(color_scheme="dark")
    (found,) = violations(page, "rule", *RULES_OF_COLOUR)
    assert found.startswith("color-contrast: <h1")


# The steps of a key are a table of pictures: it scrolls both ways.
SCROLLING_ONE_WAY = sorted(PAGES.keys() - {"key", "key, judged, the pictures of a cell"})
SIZES = tuple(product((1280, 640, 360), (100, 200)))
TIGHTEST = SIZES[-1]
TURNS = dict(zip(SCROLLING_ONE_WAY, cycle(SIZES[:-1]), strict=False))


def assert_nothing_sticks_out(page: Page, *sizes: tuple[int, int]) -> None:
    for width, percent in sizes:
        resize(page, {"width": width, "height": 740}, percent)
        assert page.evaluate(TOO_WIDE) == [], f"{width} px, {percent} %"


def resize(page: Page, window: dict[str, int], percent: int) -> None:
    page.set_viewport_size(window)
    page.evaluate("percent => { document.documentElement.style.fontSize = `${percent}%` }", percent)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_axe_finds_nothing_to_complain_about_and_no_text_is_so_large_that_the_page_scrolls_sideways(
    settled: Callable[..., Page], row: tuple[str, ...]
) -> None:
    page = settled(row[0], viewport=WINDOWS[LOOKS[row[0]][0]])
    page.evaluate(Axe().axe_script)
    for name in row:
        window, scheme = LOOKS[name]
        if name != row[0]:
            resize(page, WINDOWS[window], 100)
            lead_to(page, name)
        page.emulate_media(color_scheme=scheme)
        assert list(violations(page, "tag", *RULES)) == [], name
        if name in TURNS:
            assert_nothing_sticks_out(page, TURNS[name], TIGHTEST)


@pytest.mark.browser_matrix
@pytest.mark.parametrize("name", SCROLLING_ONE_WAY)
def test_no_page_scrolls_sideways_at_any_size(settled: Callable[..., Page], name: str) -> None:
    assert_nothing_sticks_out(settled(name), *SIZES)


def test_the_first_stop_of_the_keyboard_skips_the_bar_and_leaves_the_address(
    settled: Callable[..., Page],
) -> None:
    page = settled("overview, picked runs")
    address = page.url
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    expect(page).to_have_url(address)
