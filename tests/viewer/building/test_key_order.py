"""Keys stand on pages in the order in which they were first logged, however the site came about."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog
from runlog_viewer.pages import site_names
from runlog_viewer.site import Site

Start = Callable[..., runlog.LocalRun]

VALUES: dict[str, Callable[[], object]] = {
    "image": lambda: runlog.Image(np.zeros((4, 4), np.uint8)),
    "number": lambda: 1.0,
    "text": lambda: "words",
    "file": lambda: runlog.File(b"x", name="a.bin"),
    "table": lambda: runlog.Table(["n"], [[1]]),
    "histogram": lambda: runlog.Histogram([1, 2]),
}
NAMES = ["z", "b", "late", "a"]


def shown(page: Path, kind: str) -> list[str]:
    """Return the keys of a kind of values that a page shows, each once."""
    before = 'data-key="'
    if kind == "number":
        before = "<h3><bdi>" if page.name == "index.html" else "<dt><bdi>"
    return list(dict.fromkeys(re.findall(rf'{before}(z|b|late|a)["<]', page.read_text("utf-8"))))


@pytest.mark.parametrize("kind", VALUES)
def test_keys_stand_in_the_order_in_which_they_were_first_logged(
    start: Start, tmp_path: Path, kind: str
) -> None:
    value = VALUES[kind]
    with start(id="r") as run:
        site = Site(tmp_path / "runs")
        run.log({"z": value(), "b": value()}, step=5)
        site.update()
        run.log({"late": value()}, step=2)
        run.log({"a": value(), "z": value(), "b": value()}, step=7)
        site.update()
        run.log(
            {"picture": VALUES["image"](), "a": value(), "late": value(), "z": value(), "b": value()}, step=8
        )
    site.update()
    with runlog.open(run.folder) as reader:
        assert reader.keys() == (*NAMES, "picture")
    pages = [run.folder / site_names.step_page(8)]
    if kind != "histogram":
        pages.append(run.folder / "index.html")
    assert [shown(page, kind) for page in pages] == [NAMES] * len(pages)
    before = [page.read_bytes() for page in pages]
    shutil.rmtree(run.folder / "viewer")
    Site(tmp_path / "runs").update()
    assert [page.read_bytes() for page in pages] == before
