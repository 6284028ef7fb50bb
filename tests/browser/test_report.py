"""A report as its reader sees it: one file on ``file://``, without network and without scripts."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image as PILImage
from playwright.sync_api import Browser

import runlog
from runlog_viewer import report

from .conftest import Watched


def test_it_is_painted_without_scripts_and_asks_for_nothing(
    browser: Browser, start: Callable[..., runlog.LocalRun], tmp_path: Path
) -> None:
    box = {"position": {"minX": 0.25, "maxX": 0.75, "minY": 0.25, "maxY": 0.75}, "class_id": 2}
    with start() as run:
        for step in range(3):
            picture = runlog.Image(
                np.full((40, 60, 3), 255, np.uint8),
                boxes={"found": {"box_data": [box]}},
                masks={"area": {"mask_data": np.full((40, 60), 2, np.uint8)}},
            )
            run.log({"val": [picture], "loss": 1 / (step + 1)})
    out = report.export(run.folder, tmp_path / "report.html").path
    context = browser.new_context(java_script_enabled=False, offline=True)
    page, watched = context.new_page(), Watched()
    watched.listen_to(page)
    page.goto(out.as_uri())
    picture_at, box_at, line_at = (
        page.locator(one).bounding_box() for one in (".picture img", ".picture .box", ".chart .line")
    )
    assert picture_at
    assert box_at
    assert line_at
    assert abs(box_at["width"] / picture_at["width"] - 0.5) < 0.05
    assert line_at["width"] > 100
    page.locator(".picture").screenshot(path=tmp_path / "picture.png")
    with PILImage.open(tmp_path / "picture.png") as opened:
        painted = np.asarray(opened.convert("RGB")).astype(int)
    height, width = painted.shape[:2]
    # A mask tints the white that it lies on: that it is drawn takes its file, its filter and the policy.
    assert np.ptp(painted[height // 8, width // 8]) > 20
    assert watched.strangers(out.parent) == []
    assert [url for url in watched.requests if not url.startswith("data:")] == [out.as_uri()]
    assert watched.complaints == []
    context.close()
