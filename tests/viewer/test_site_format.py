"""docs/site-format.md names the files that a build writes, and what its data scripts hand over."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import runlog
import runlog_viewer
from runlog_viewer.building import blocks

DOCUMENT = (Path(__file__).parents[2] / "docs" / "site-format.md").read_text()
SCRIPTS = "## Data scripts"
FIXED = {
    "version",
    "index",
    "earlier",
    "block",
    "table",
    "run",
    "about",
    "mask",
    "overview",
}  # values with names of their own


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the first table below a line."""
    table = DOCUMENT.partition(f"{heading}\n")[2].partition("\n|")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.splitlines()[2:]]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def pattern(name: str) -> re.Pattern[str]:
    escaped = re.escape(name).replace(r"\*", r"[^/]+")
    return re.compile(re.sub(r"\d{4,}", lambda digits: rf"\d{{{len(digits[0])}}}", escaped))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a runs folder whose run has all that makes a file of its own, with its site."""
    folder = tmp_path_factory.mktemp("site") / "runs"
    large = np.tile(np.arange(256, dtype=np.uint8), (1700, 7))
    mask = np.zeros(large.shape, int)
    mask[0, 0] = 300
    image = runlog.Image(large, caption="large", masks={"areas": {"mask_data": mask}})
    with runlog.init(dir=folder, id="r", quiet=True, config={"lr": 0.1}, record_environment=False) as run:
        run.log({"photos": image, "answer": "a" * 30_000, "loss": 1.0, "scores": runlog.Image(large[:9, :9])})
        run.log({"gradients": runlog.Histogram([1, 2])}, step=0)
        run.log({"table": runlog.Table(["picture", "n"], [[image, 2**60], [None, [1.5]]])}, step=0)
        for step in range(1, blocks.BLOCK_SIZE + 1):
            run.log({"answer": "b"}, step=step)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "LISTED_BLOCKS", 1)
        patch.setattr(blocks, "BLOCKS_OF_AN_INDEX", 1)
        runlog_viewer.build(folder)
    return folder


@pytest.mark.parametrize(
    ("heading", "below"), [("Of a runs folder:", "."), ("Of a run folder, which needs nothing", "r")]
)
def test_the_files_of_a_site_are_those_of_the_document(heading: str, below: str, runs: Path) -> None:
    line = next(line for line in DOCUMENT.splitlines() if line.startswith(heading))
    documented = [pattern(name) for first, _ in rows(line) for name in quoted(first)]
    site = runs / below
    written = [
        path.relative_to(site).as_posix()
        for path in [site / "index.html", *(site / "viewer").rglob("*")]
        if path.is_file()
    ]
    assert [name for name in written if not any(one.fullmatch(name) for one in documented)] == []
    assert [one.pattern for one in documented if not any(map(one.fullmatch, written))] == []


def test_the_data_scripts_hand_over_what_the_document_says(runs: Path) -> None:
    documented = {quoted(called)[0].partition("-")[0]: quoted(value) for _, called, value in rows(SCRIPTS)}
    files = {name: quoted(called)[0] for path, called, _ in rows(SCRIPTS) for name in quoted(path)}
    seen = set()
    for path in runs.rglob("*.js"):
        handed = re.fullmatch(r'runlog\.receive\("(.+?)",(.*)\);\n', path.read_text(), re.DOTALL)
        if handed is None:  # one that runs
            continue
        called, value = handed[1], json.loads(handed[2])
        kind = called.partition("-")[0]
        (said,) = [
            name
            for file, name in files.items()
            if pattern(file.rpartition("/")[2]).fullmatch(path.name)
            and ("masks" in file) == (path.parent.name == "masks")
        ]
        assert re.sub(r"\d+", "0", called) == re.sub(r"\d+", "0", said)
        if kind in FIXED:
            assert set(value) <= set(documented[kind]), path
        seen.add(kind)
    assert seen == set(documented)
