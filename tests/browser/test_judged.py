"""Judged images in a page: from a number to the pictures behind it, at any threshold."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer
from runlog.evaluation.verdicts import box_confusion
from runlog_viewer.site import Site

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]
LABELS = {0: "person", 1: "car", 2: "bike"}
SIZE = 64


def image(chosen: random.Random) -> runlog.Image:
    """Return an image with true boxes, most of them found, and some boxes that are not there."""
    truth, predictions = [], []
    for _ in range(chosen.randint(1, 5)):
        left, top, class_id = chosen.randrange(40), chosen.randrange(40), chosen.randrange(3)
        truth.append((left, top, class_id))
        if chosen.random() < 0.7:
            taken_for = class_id if chosen.random() < 0.7 else (class_id + 1) % 3
            predictions.append((left + chosen.randrange(3), top, taken_for))
    predictions += [(chosen.randrange(40), chosen.randrange(40), 1) for _ in range(chosen.randrange(3))]
    layers: dict[str, Any] = {}
    for name, boxes in (("truth", truth), ("predictions", predictions)):
        data: list[dict[str, Any]] = [
            {
                "position": {"minX": left, "minY": top, "maxX": left + 20, "maxY": top + 16},
                "domain": "pixel",
                "class_id": class_id,
            }
            for left, top, class_id in boxes
        ]
        if name == "predictions":
            data = [{**one, "scores": {"p": chosen.randint(20, 99) / 100}} for one in data]
        layers[name] = {"box_data": data, "class_labels": LABELS}
    return runlog.Image(np.full((SIZE, SIZE), 90, np.uint8), boxes=layers)


@pytest.fixture(scope="module")
def judged_run(start_shared: Start) -> Path:
    """Return a run with twelve judged images at step 1, and some of no evaluation at step 0."""
    chosen = random.Random(2)
    with start_shared(id="judged") as run:
        run.define_evaluation("val", min_score=0.5)
        run.log({"plain": runlog.Image(np.zeros((8, 8), np.uint8))}, step=0)
        run.log({"val": [image(chosen) for _ in range(12)]}, step=1)
    runlog_viewer.build(run.folder)
    return run.folder


def placed(name: str, truth: int, found: int, wrong: int) -> runlog.Image:
    """Return an image with boxes, some of them found with falling scores, and some that are not there."""

    def box(column: int, row: int) -> dict[str, Any]:
        left, top = 10 * column, 20 * row
        return {
            "position": {"minX": left, "minY": top, "maxX": left + 8, "maxY": top + 16},
            "domain": "pixel",
            "class_id": column % 2,
        }

    predictions = [{**box(n, 0), "scores": {"p": 0.9 - 0.1 * n}} for n in range(found)]
    predictions += [{**box(n, 2), "scores": {"p": 0.7}} for n in range(wrong)]
    layers: dict[str, Any] = {
        "truth": {"box_data": [box(n, 0) for n in range(truth)], "class_labels": LABELS},
        "predictions": {"box_data": predictions, "class_labels": LABELS},
    }
    pixels = np.full((SIZE, SIZE), 10 + ord(name), np.uint8)
    return runlog.Image(pixels, id=name, caption=f"picture {name}", boxes=layers)


# Of each picture how many boxes it has, how many were found and how many invented: at each step of a run, in
# the order in which a shuffled loader gave them.
SHUFFLED: dict[str, list[dict[str, tuple[int, int, int]]]] = {
    "a": [
        {"r": (5, 1, 0), "s": (5, 0, 3), "t": (5, 3, 1), "u": (5, 0, 1)},
        {"u": (5, 5, 0), "t": (5, 2, 2), "r": (5, 4, 0), "s": (5, 1, 3)},
    ],
    "b": [
        {"s": (5, 2, 0), "r": (5, 0, 0), "u": (5, 3, 2), "t": (5, 4, 0)},
        {"t": (5, 5, 0), "s": (5, 4, 0), "u": (5, 2, 0), "r": (5, 4, 2)},
    ],
}


@pytest.fixture(scope="module")
def shuffled(start_shared: Start, judged_run: Path) -> Path:
    """Return a runs folder: two runs judged the same pictures at two steps, in another order each time."""
    for name, steps in SHUFFLED.items():
        with start_shared(id=name) as run:
            run.define_evaluation("val", min_score=0.5)
            for step, pictures in enumerate(steps):
                run.log({"val": [placed(one, *counts) for one, counts in pictures.items()]}, step=10 * step)
    runlog_viewer.build(judged_run.parent)
    return judged_run.parent


@pytest.fixture
def runs(shared_runs: Path) -> Path:
    return shared_runs


@pytest.fixture
def page(judged_run: Path, open_page: Open) -> Iterator[Page]:
    page = open_page(judged_run / "viewer/steps/000000001.html", reduced_motion="reduce")
    expect(page.locator(".verdicts [role=checkbox]")).to_have_count(3)
    page.get_by_text("Confusion matrix of boxes").click()
    return page


def fresh(
    folder: Path, least: float
) -> tuple[list[Counter[str]], Counter[tuple[str, str]], dict[str, float]]:
    """Return the verdicts of each image, the confusion, and the numbers of an evaluation at a threshold."""
    with runlog.open(folder) as reader:
        records = reader.images(1)
        (found,) = reader.evaluate("val", min_score=least)
    names = {None: "nothing", **LABELS}
    confusion = Counter[tuple[str, str]]()
    verdicts = []
    for record, said in zip(records, found.images, strict=True):
        assert said is not None
        boxes = {
            layer.name: list(zip(layer.boxes, said.verdicts[layer.name], strict=True))
            for layer in record.boxes
        }
        for (true_id, predicted_id), count in box_confusion(boxes["truth"], boxes["predictions"]).items():
            confusion[names[true_id], names[predicted_id]] += count
        counts = said.evaluation.boxes
        assert counts is not None
        verdicts.append(
            Counter({"true_positive": counts.tp, "false_positive": counts.fp, "missed": counts.fn})
        )
    return verdicts, confusion, dict(found.numbers)


def shown_confusion(page: Page) -> Counter[tuple[str, str]]:
    heads, *rows = page.locator(".confusion.boxes tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return Counter(
        {
            (row[0], head): int(count)
            for row in rows
            for head, count in zip(heads[1:], row[1:], strict=True)
            if count
        }
    )


def shown_counts(page: Page) -> Counter[str]:
    return Counter(
        dict(
            page.locator(".verdicts > li").evaluate_all(
                "chips => chips.map(one => [one.dataset.verdict, Number(one.lastElementChild.textContent)])"
            )
        )
    )


def shown_images(page: Page) -> list[int]:
    return page.locator("section[data-key=val] figure.image").evaluate_all(
        "figures => figures.map(figure => Number(figure.dataset.index))"
    )


def move_threshold(page: Page, least: float) -> None:
    page.locator("input[data-score=p]").fill(str(least))
    expect(page.locator(".judged .threshold")).to_have_text(f"p ≥ {least}")


def test_what_the_threshold_moves_is_what_a_fresh_evaluation_says(page: Page, judged_run: Path) -> None:
    for least in (0.5, 0.8, 0.33):
        if least != 0.5:
            move_threshold(page, least)
        verdicts, confusion, numbers = fresh(judged_run, least)
        assert shown_counts(page) == sum(verdicts, Counter())
        assert shown_confusion(page) == confusion
        for name in ("precision", "recall"):
            assert float(page.locator(f".judged .{name}").inner_text()) == pytest.approx(
                numbers[name], rel=1e-3
            )
        boxes = page.locator("g[data-layer=predictions] rect.box").evaluate_all(
            "boxes => boxes.map(box => box.dataset.verdict)"
        )
        assert Counter(boxes)["true_positive"] == shown_counts(page)["true_positive"]
        assert_labels_have_the_colours_of_their_boxes(page)
    assert len({str(fresh(judged_run, least)[1]) for least in (0.5, 0.8, 0.33)}) == 3


def test_a_cell_of_the_confusion_opens_its_pictures(page: Page, judged_run: Path) -> None:
    (taken, count), *_ = [
        (pair, count)
        for pair, count in fresh(judged_run, 0.5)[1].items()
        if "nothing" not in pair and pair[0] != pair[1]
    ]
    cell = page.get_by_role("button", name=f"{taken[0]} taken for {taken[1]}: {count}")
    cell.press("Enter")
    expect(cell).to_have_attribute("aria-pressed", "true")
    few = shown_images(page)
    assert 0 < len(few) < 12
    labels = page.locator("rect.box[data-picked]").evaluate_all(
        "boxes => boxes.map(box => [box.parentNode.dataset.layer, box.dataset.label])"
    )
    assert Counter(map(tuple, labels)) == {("truth", taken[0]): count, ("predictions", taken[1]): count}
    written = page.locator("svg.tags text:visible").evaluate_all(
        """tags => tags.map((tag) => {
            const {layer} = tag.parentNode.dataset;
            const boxes = tag.closest('.picture').querySelector(`.overlay > g[data-layer="${layer}"]`);
            return boxes.children[tag.dataset.box].hasAttribute('data-picked');
        })"""
    )
    assert written
    assert all(written)
    assert_labels_have_the_colours_of_their_boxes(page)
    page.reload()
    expect(page.locator(".judged-chosen")).to_contain_text(f"{len(few)} of 12 images")
    page.get_by_role("button", name="All images").click()
    expect(page.locator("section[data-key=val] figure.image")).to_have_count(12)
    expect(page.locator("rect.box[data-picked]")).to_have_count(0)


def assert_labels_have_the_colours_of_their_boxes(page: Page) -> None:
    different = page.locator("svg.tags text:visible").evaluate_all(
        """tags => tags.filter((tag) => {
            const {layer} = tag.parentNode.dataset;
            const boxes = tag.closest('.picture').querySelector(`.overlay > g[data-layer="${layer}"]`);
            const {stroke} = getComputedStyle(boxes.children[tag.dataset.box]);
            return getComputedStyle(tag.previousSibling).fill !== stroke;
        }).length"""
    )
    assert different == 0


def test_verdicts_are_chips_that_filter(page: Page, judged_run: Path) -> None:
    verdicts = fresh(judged_run, 0.5)[0]
    chip = page.get_by_role("checkbox", name="missed")
    chip.click()
    expect(chip).to_be_checked()
    with_missed = [index for index, counts in enumerate(verdicts) if counts["missed"]]
    assert shown_images(page) == with_missed
    assert 0 < len(with_missed) < 12
    page.get_by_role("checkbox", name="false positive").click()
    assert shown_images(page) == [
        index for index, counts in enumerate(verdicts) if counts["missed"] or counts["false_positive"]
    ]


def test_the_worst_come_first_at_the_threshold(page: Page, judged_run: Path) -> None:
    wanted = {
        "false alarms": ["false_positive"],
        "boxes missed": ["missed"],
        "errors": ["false_positive", "missed"],
    }
    for least in (0.5, 0.8):
        if least != 0.5:
            move_threshold(page, least)
        verdicts = fresh(judged_run, least)[0]
        for name, those in wanted.items():
            page.locator("#sort").select_option(label=name)
            expect(page.locator("#direction")).to_contain_text("descending")
            assert shown_images(page) == sorted(
                range(12), key=lambda index: -sum(verdicts[index][one] for one in those)
            )


def test_numbers_verdicts_and_confusion_are_read_without_scripts(judged_run: Path, open_page: Open) -> None:
    page = open_page(judged_run / "viewer/steps/000000001.html", java_script_enabled=False)
    verdicts, confusion, _ = fresh(judged_run, 0.5)
    assert page.locator(".judged-at").inner_text() == "Judged: 12 images, overlap ≥ 0.5, p ≥ 0.5"
    for name, count in sum(verdicts, Counter()).items():
        expect(page.locator(f".verdicts [data-verdict={name}] .count")).to_have_text(str(count))
    page.get_by_text("Confusion matrix of boxes").click()
    counts = Counter[tuple[str, str]]()
    heads = page.locator(".confusion thead th").all_inner_texts()
    for row in page.locator(".confusion tbody tr").all():
        for head, cell in zip(heads, row.locator("td").all_inner_texts(), strict=True):
            if cell.strip():
                counts[row.locator("th").inner_text(), head] = int(cell)
    assert counts == confusion
    with_scripts = open_page(page)
    expect(with_scripts.locator(".confusion.boxes [role=button]").first).to_be_attached()
    heats = [
        one.locator("td[data-cell]").evaluate_all("all => all.map((td) => td.dataset.heat || '0')")
        for one in (page, with_scripts)
    ]
    assert heats[0] == heats[1]
    assert len(set(heats[0])) > 2
    listed = "\n".join(page.locator("details.boxes dd").all_text_contents()).splitlines()
    said = Counter(
        name for line in listed for name in ("false positive", "missed") if f" · {name} · " in line
    )
    together = sum(verdicts, Counter())
    assert said == {"false positive": together["false_positive"], "missed": together["missed"]}


def test_a_page_without_judged_images_loads_nothing_of_it(
    judged_run: Path, open_page: Open, watched: Any
) -> None:
    page = open_page(judged_run / "viewer/steps/000000000.html")
    expect(page.locator("#place")).to_contain_text("of 2")
    page.locator("a.picture").click()
    expect(page.locator("dialog.full")).to_be_visible()
    assert not [url for url in watched.requests if "judging.js" in url]


def test_what_got_worse_since_an_earlier_step_comes_first(start_shared: Start, open_page: Open) -> None:
    def judged(name: str, wrong: int) -> runlog.Image:
        """Return an image with some boxes that are not there."""
        box = {"position": {"minX": 0, "maxX": 20, "minY": 0, "maxY": 16}, "domain": "pixel"}
        layers = {"truth": {"box_data": []}, "predictions": {"box_data": [box] * wrong}}
        return runlog.Image(np.zeros((SIZE, SIZE), np.uint8), id=name, boxes=layers)

    with start_shared(id="worse") as run:
        run.define_evaluation("val")
        for step, wrong in enumerate(
            ({"a": 0, "b": 1, "c": 4}, {"c": 0, "b": 2, "a": 1}, {"b": 2, "c": 1, "a": 4})
        ):
            run.log({"val": [judged(name, count) for name, count in wrong.items()]}, step=10 * step)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "viewer/steps/000000020.html")
    page.locator("#sort").select_option(label="got worse since the previous step")
    names = page.locator("section[data-key=val] figure.image")
    expect(page.locator("select.since")).to_have_value("10")
    expect(names.first).to_have_attribute("data-id", "a")
    assert names.evaluate_all("all => all.map(one => one.dataset.id)") == ["a", "c", "b"]
    page.locator("select.since").select_option("0")
    expect(names.nth(1)).to_have_attribute("data-id", "b")
    assert names.evaluate_all("all => all.map(one => one.dataset.id)") == ["a", "b", "c"]
    page.reload()
    expect(page.locator("select.since")).to_have_value("0")
    expect(page.locator("#sort option:checked")).to_have_text("got worse since step 0")


def heads(page: Page) -> list[str]:
    return page.locator("#across a").all_text_contents()


def test_a_link_opens_the_same_cell_threshold_and_order(page: Page, open_page: Open) -> None:
    move_threshold(page, 0.33)
    page.locator("#sort").select_option(label="boxes missed")
    cell = page.locator(".confusion.boxes td[data-cell='1 2'] [role=button]")
    cell.click()
    expect(page.locator(".judged-chosen")).to_contain_text("car taken for bike")
    seen = shown_images(page)
    again = open_page(page)
    expect(again.locator(".judged-chosen")).to_contain_text("car taken for bike")
    assert shown_images(again) == seen
    expect(again.locator(".judged .threshold")).to_have_text("p ≥ 0.33")
    expect(again.locator(".confusion.boxes [aria-pressed=true]")).to_be_visible()
    expect(again.locator("#sort option:checked")).to_have_text("boxes missed")


def test_the_page_of_a_key_goes_from_a_number_of_one_step_to_its_pictures_at_all_steps(
    shuffled: Path, open_page: Open
) -> None:
    page = open_page((shuffled / "a/viewer/key.html").as_uri() + "#key=val")
    expect(page.locator(".strip")).to_have_count(2)
    assert heads(page) == ["u", "t", "r", "s"]
    assert shown_counts(page) == {"true_positive": 12, "false_positive": 5, "missed": 8}
    page.locator(".judged-bar select").select_option(label="boxes missed")
    expect(page.locator("#across a").first).to_have_text("s")
    assert heads(page) == ["s", "t", "r", "u"]
    page.locator(".judged-bar input").fill("0")
    expect(page.locator(".judged-bar output")).to_have_text("step 0")
    expect(page.locator("#across a").first).to_have_text("u")
    assert heads(page) == ["u", "s", "r", "t"]
    page.get_by_role("checkbox", name="false positive").click()
    expect(page.locator("#across a")).to_have_text(["u", "s", "t"])
    expect(page.locator(".judged-chosen")).to_contain_text("3 of 4 images: false positive")
    expect(page.locator('.strip[data-step="10"] figure.image')).to_have_count(3)
    picked = page.locator('.strip[data-step="10"] rect.box[data-picked]')
    expect(picked).to_have_count(5)
    page.locator("input[data-score=p]").fill("0.85")
    expect(page.locator(".judged-chosen")).to_contain_text("0 of 4 images")
    page.locator("input[data-score=p]").fill("0.65")
    expect(page.locator("#across a")).to_have_text(["u", "s", "t"])
    found = page.locator('.strip[data-step="10"] rect.box[data-verdict=true_positive]')
    expect(found).to_have_count(2 * (3 + 1 + 2))
    again = open_page(page)
    expect(again.locator("#across a")).to_have_text(["u", "s", "t"])
    expect(again.locator(".judged-bar output")).to_have_text("step 0")
    again.locator("#across a").first.click()
    expect(again.locator("#title")).to_have_text("Image u over time")
    counts = again.locator(".strip .judged-image .count")
    expect(counts).to_have_text(["3", "0", "2", "0", "1", "5"])
    again.locator("input[data-score=p]").fill("0.75")
    expect(counts).to_have_text(["2", "0", "3", "0", "0", "5"])
    again.locator("input[data-score=p]").fill("0.65")
    again.keyboard.press("n")
    expect(again.locator("#title")).to_have_text("Image s over time")


def test_steps_without_judged_images_leave_the_page_of_a_key_at_the_latest_that_has_some(
    start_shared: Start, open_page: Open
) -> None:
    with start_shared(id="now-and-then") as run:
        run.define_evaluation("val", min_score=0.5)
        plain = runlog.Image(np.zeros((SIZE, SIZE), np.uint8))
        for step, images in enumerate([[placed("r", 3, 1, 0)], [placed("r", 3, 2, 0)], [plain], [plain]]):
            run.log({"val": images}, step=step)
        site = Site(run.folder)
        site.update()
        page = open_page((run.folder / "viewer/key.html").as_uri() + "#key=val")
        at = page.locator(".judged-bar output")
        expect(at).to_have_text("step 1")
        assert shown_counts(page) == {"true_positive": 2, "false_positive": 0, "missed": 1}
        expect(page.locator('.strip[data-step="0"] rect.box[data-verdict=missed]')).to_have_count(2)
        page.locator(".judged-bar input").fill("3")
        expect(page.locator("#judged")).to_contain_text("no image of this step was judged")
        expect(at).to_have_text("step 3, the latest")
        page.locator(".judged-bar input").fill("1")
        expect(page.locator(".verdicts > li")).to_have_count(3)
        again = open_page((run.folder / "viewer/key.html").as_uri() + "#key=val")
        expect(again.locator(".judged-bar output")).to_have_text("step 1")
        run.log({"val": [placed("r", 3, 3, 1)]}, step=4)
        site.update()
        expect(again.locator(".judged-bar output")).to_have_text("step 4, the latest")
        assert shown_counts(again) == {"true_positive": 3, "false_positive": 1, "missed": 0}


def test_two_runs_are_judged_side_by_side_and_what_got_worse_comes_first(
    shuffled: Path, open_page: Open
) -> None:
    page = open_page((shuffled / "a/viewer/compare.html").as_uri() + "#panes=.,b&key=val&id=t")
    totals = page.locator(".judged-totals tbody tr")
    expect(totals).to_have_text(
        [re.compile("^a, step 104125"), re.compile("^b, step 10415")],
    )
    assert [row.split()[3:7] for row in totals.all_inner_texts()] == [
        ["4", "12", "5", "8"],
        ["4", "15", "2", "5"],
    ]
    counts = page.locator(".pane .judged-image .count")
    expect(counts).to_have_text(["2", "2", "3", "5", "0", "0"])
    order = page.locator(".judged-panes select")
    order.select_option(label="worse than a, step 10")
    rows = page.locator(".judged-images tbody tr")
    expect(rows.first).to_have_attribute("data-id", "u")
    assert rows.evaluate_all("all => all.map(one => [one.dataset.id, one.lastElementChild.textContent])") == [
        ["u", "+3"],
        ["r", "+2"],
        ["t", "−5"],
        ["s", "−6"],
    ]
    captions = page.locator("#panes .pane figcaption")
    expect(captions).to_have_text(["picture u"] * 2)
    page.keyboard.press("ArrowDown")
    expect(captions).to_have_text(["picture r"] * 2)
    wrong = page.locator("#panes rect.box[data-verdict=false_positive]")
    expect(wrong).to_have_count(2)
    page.locator("input[data-score=p]").fill("0.75")
    expect(wrong).to_have_count(0)
    expect(page.locator("#panes rect.box[data-verdict=below]")).to_have_count(2 * 2 + 2)
    expect(counts).to_have_text(["2", "0", "3", "2", "0", "3"])
    order.select_option(label="better than a, step 10")
    expect(rows.first).to_have_attribute("data-id", "s")
    again = open_page(page)
    expect(again.locator(".judged-images [aria-current]")).to_have_attribute("data-id", "s")
    expect(again.locator(".judged-panes select option:checked")).to_have_text("better than a, step 10")
    again.locator(".judged-images button", has_text="u").click()
    expect(again.locator("#panes .pane figcaption")).to_have_text(["picture u"] * 2)
    again.keyboard.press("k")
    expect(again.locator("#pair .part rect.box[data-verdict=true_positive]")).to_have_count(2 * 2 * 2)


def test_without_scripts_the_numbers_of_two_runs_stand_side_by_side(shuffled: Path, open_page: Open) -> None:
    page = open_page(shuffled / "a/viewer/compare.html", java_script_enabled=False)
    page.get_by_role("link", name="the page of all runs").click()
    numbers = {
        name: page.locator(f"tr:has([href*='{name}/index.html']) [data-name='val/recall']").inner_text()
        for name in SHUFFLED
    }
    assert numbers == {"a": "0.6", "b": "0.75"}
