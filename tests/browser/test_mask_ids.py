"""A page opened from file:// can read the class of each pixel of a mask, which its files do not let it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from playwright.sync_api import Page

import runlog
import runlog_viewer

READ_IDS = """async ([width, height]) => {
    const places = Array.from({length: width * height}, (_, n) => [n % width, Math.floor(n / width)]);
    const at = (mask) => ([x, y]) => modules.maskIds.at(mask, (x + 0.5) / width, (y + 0.5) / height);
    const masks = [...document.querySelectorAll('image.mask')];
    return Promise.all(masks.map((mask) => Promise.all(places.map(at(mask)))));
}"""


def test_the_ids_a_script_reads_are_those_logged(
    start: Callable[..., runlog.LocalRun], open_page: Callable[..., Page]
) -> None:
    kinds = (range(256), (0, 300, 65535), range(60000, 60400))  # of 8 bits, dense, packed
    logged = [np.array(ids, np.uint16)[np.arange(40 * 30) % len(ids)].reshape(30, 40) for ids in kinds]
    grey = np.zeros((30, 40), np.uint8)
    with start() as run:
        run.log({"a": [runlog.Image(grey, masks={"m": {"mask_data": ids}}) for ids in logged]}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "viewer" / "steps" / "000000000.html")
    assert page.evaluate(READ_IDS, [40, 30]) == [ids.flatten().tolist() for ids in logged]


def test_there_is_no_class_outside_of_a_mask_nor_without_its_data(
    start: Callable[..., runlog.LocalRun], open_page: Callable[..., Page], watched: Any
) -> None:
    with start() as run:
        masks = {"m": {"mask_data": np.full((4, 4), 3)}}
        run.log({"a": runlog.Image(np.zeros((4, 4), np.uint8), masks=masks)}, step=0)
    runlog_viewer.build(run.folder)
    page = open_page(run.folder / "viewer" / "steps" / "000000000.html")
    at = "([x, y]) => modules.maskIds.at(document.querySelector('image.mask'), x, y)"
    assert page.evaluate(at, [0, 0.99]) == 3
    for place in ([-0.01, 0.5], [0.5, 1], [1, 0.5]):
        assert page.evaluate(at, place) is None
    page.reload()
    for script in (run.folder / "viewer" / "masks").glob("*.js"):
        script.unlink()
    assert page.evaluate(at, [0.5, 0.5]) is None
    watched.complaints.clear()  # of the script that is gone
