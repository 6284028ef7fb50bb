"""The elements that docs/site-format.md tells others to rely on are there, where its addresses lead."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

import runlog
import runlog_viewer

Start = Callable[..., runlog.LocalRun]
Open = Callable[..., Page]

DOCUMENT = (Path(__file__).parents[2] / "docs" / "site-format.md").read_text()
# Made for WebKit alone.
ELSEWHERE = {"img.mask[data-filter]"}
ADDRESSES = {
    "viewer/steps/000000000.html": "figure.image",
    "viewer/steps/000000000.html#min=confidence:0.5": "rect.box[data-below]",
    "viewer/steps/000000001.html": "section.key[data-from]",
    "viewer/steps/000000000.html#image=photos/0&view=8,8,4": "dialog.full[open]",
    "viewer/key.html#key=photos": "section.strip",
    "viewer/compare.html#panes=.,.@0&key=photos&index=0": "section.pane img",
    "viewer/compare.html#panes=.,.@0&key=photos&index=0&view=difference": "#pair[data-view=difference]",
    "viewer/compare.html#panes=.,.@0&show=charts": ".line-key li",
    "index.html#chart=loss&zoom=0..1": ".chart path.line",
    "../index.html": ".ranks a",
}


def selectors() -> set[str]:
    """Return the elements of the document: a table's first column, and what its second says is in them."""
    table = DOCUMENT.partition("\n## Elements\n")[2]
    lines = [line for line in table.splitlines() if line.startswith("| `")]
    found = {one for line in lines for one in re.findall(r"`([^`]+)`", line.split(" | ")[0])}
    within = {
        one for line in lines for one in re.findall(r"`([#.a-z][^` ]*[.\[>#][^`]*)`", line.split(" | ")[1])
    }
    return (found | within) - ELSEWHERE


def test_each_documented_element_is_where_an_address_leads(start: Start, open_page: Open) -> None:
    large = np.tile(np.arange(256, dtype=np.uint8), (160, 7))
    position = {"minX": 0.1, "maxX": 0.9, "minY": 0.1, "maxY": 0.9}
    drawn = [{"position": position, "class_id": 1, "scores": {"confidence": s}} for s in (0.1, 0.9)]
    mask = np.zeros(large.shape, int)
    mask[:80] = 300
    photo = runlog.Image(
        large,
        caption="large " * 500,
        grouping=1,
        boxes={"truth": {"box_data": drawn}, "predictions": {"box_data": drawn}},
        masks={"areas": {"mask_data": mask}},
    )
    with start(id="r") as run:
        run.define_metric("loss", step_metric="epoch")
        run.define_evaluation("few")
        for step in range(2):
            run.log({"loss": 1 / (step + 1), "epoch": step, "few": photo, "answer": "a" * 30_000}, step=step)
            run.log({"table": [{"a": 1}, {"a": 2}], "clip": runlog.File(b"", name="a.mp4")}, step=step)
            run.log({"prose": "# A *heading*"}, step=step)
            run.log({"h": runlog.Histogram([1, 2]), "list": [str(n) for n in range(14)]}, step=step)
            if not step:
                run.log({"photos": photo}, step=step)
    for rank in range(2):
        with start(id=f"job-r{rank}", group="job") as of_rank:
            of_rank.log({"loss": rank}, step=0)
    runlog_viewer.build(run.folder.parent)
    wanted = selectors()
    assert len(wanted) > 25
    missing = set(wanted)
    page = open_page("about:blank")
    for address, sign in ADDRESSES.items():
        path, _, end = address.partition("#")
        page.goto("about:blank")
        page.goto(f"{(run.folder / path).as_uri()}#{end}")
        expect(page.locator(sign).first).to_be_attached()
        missing -= set(
            page.evaluate("all => all.filter((one) => document.querySelector(one))", sorted(missing))
        )
    assert missing == set()
