"""The slider of steps goes over the step metric of images: one stop a value, at the last step that has it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer
from runlog_viewer.building import blocks


def test_two_runs_are_compared_at_the_same_epoch_whatever_their_steps(
    start: Callable[..., runlog.LocalRun], open_page: Callable[..., Page]
) -> None:
    for name, batches in (("a", 3), ("b", 2)):
        with start(id=name) as run:
            run.define_metric("val", step_metric="epoch")
            for step in range(9):
                picture = runlog.Image(np.full((8, 8), 20 * step + 9, np.uint8), normalize=False)
                run.log({"val": picture, "epoch": step // batches}, step=10 * step)
    runlog_viewer.build(run.folder.parent)
    page = open_page((run.folder.parent / "a/viewer/compare.html").as_uri() + "#panes=.,b&key=val")
    heads, place = page.locator("#panes .at"), page.locator("#place")
    expect(place).to_have_text("epoch 4, the latest")
    expect(heads).to_have_text(["step 80 · epoch 2", "step 80 · epoch 4"])
    page.locator("h1").click()
    for epoch, *shown in ((3, (80, 2), (70, 3)), (2, (80, 2), (50, 2)), (1, (50, 1), (30, 1))):
        page.keyboard.press("ArrowLeft")
        expect(place).to_have_text(f"epoch {epoch}")
        expect(heads).to_have_text([f"step {step} · epoch {at}" for step, at in shown])
    expect(page.locator("#slider")).to_have_attribute("aria-valuetext", "epoch 1")
    again = open_page(page)
    expect(again.locator("#panes .at")).to_have_text(["step 50 · epoch 1", "step 30 · epoch 1"])
    again.locator("#over").select_option("step")
    expect(again.locator("#panes .at")).to_have_text(["step 50", "step 50"])
    expect(again.locator("#place")).to_have_text("step 50")


def test_the_slider_goes_over_epochs_and_over_steps_where_the_reader_wants_that(
    start: Callable[..., runlog.LocalRun], open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a long run, each epoch is in two of the scripts that say which steps there are.
    monkeypatch.setattr(blocks, "BLOCK_SIZE", 2)
    monkeypatch.setattr(blocks, "BLOCKS_OF_AN_INDEX", 1)
    with start(id="a") as run:
        run.define_metric("val/*", step_metric="epoch")
        for step in range(9):
            picture = runlog.Image(np.full((8, 8), 20 * step + 9, np.uint8), normalize=False)
            run.log({"val/a": picture, "epoch": step // 3}, step=10 * step)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "viewer/steps/000000040.html")
    over, place, slider = page.locator("#over"), page.locator("#place"), page.locator("#slider")
    expect(over).to_have_value("epoch")
    expect(place).to_have_text("epoch 1 · 2 of 3")
    slider.fill("2")
    expect(page.locator("#step")).to_have_text("80")
    expect(slider).to_have_attribute("aria-valuetext", "epoch 2, step 80")
    page.locator("h1").click()
    for step in ("50", "20"):
        page.keyboard.press("ArrowLeft")
        expect(page.locator("#step")).to_have_text(step)
    expect(page.locator('figure.image[data-step="20"]')).to_have_count(1)
    over.select_option("step")
    expect(place).to_have_text("3 of 9")
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#step")).to_have_text("30")
    again = open_page(page)
    rows = open_page((run.folder / "viewer/key.html").as_uri() + "#key=val/a")
    expect(rows.locator(".strip")).to_have_count(9)
    rows.locator("#over").select_option("epoch")
    expect(rows.locator(".strip h2")).to_have_text(["80epoch 2", "50epoch 1", "20epoch 0"])
    expect(again.locator("#place")).to_have_text("4 of 9")
    expect(again.locator("#over")).to_have_value("step")


def test_another_key_has_its_own_step_metric_to_choose(
    start: Callable[..., runlog.LocalRun], open_page: Callable[..., Page]
) -> None:
    with start(id="a") as run:
        for key, metric in (("train", "batch"), ("val", "epoch")):
            run.define_metric(key, step_metric=metric)
            run.log({key: runlog.Image(np.zeros((8, 8), np.uint8)), metric: 1})
    runlog_viewer.build(run.folder)
    page = open_page((run.folder / "viewer/key.html").as_uri() + "#key=train&over=batch")
    expect(page.locator("#over option")).to_have_text(["step", "batch"])
    page.locator("#key").select_option("val")
    expect(page.locator("#over option")).to_have_text(["step", "epoch"])
