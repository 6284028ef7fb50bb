"""A type checker finds nothing in our code, and a misspelt field in a script of a user's."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["packages"]

GOOD = """
import numpy as np
import runlog
from runlog import Image

photo = np.zeros((8, 8), np.uint8)
with runlog.init("p") as run:
    boxes = Image(photo, boxes={"p": {"box_data": [{
        "position": {"minX": 0, "maxX": np.float32(1), "minY": 0, "maxY": 1}, "domain": "pixel",
        "class_id": np.int64(3), "box_caption": "c", "scores": {"s": 0.5},
    }], "class_labels": {3: "x"}}})
    middle = Image(photo, boxes={"p": {"box_data": [{
        "position": {"middle": [0.5, 0.5], "width": 1, "height": 1}
    }]}})
    masks = Image(photo, masks={"m": {"mask_data": photo}}, classes=[{"id": 1, "name": "x"}])
    made = Image(photo, boxes={"p": runlog.boxes_from(photo)}, masks={"m": runlog.mask_from(photo)})
    run.log({"a": [boxes, middle], "b": [masks, made]}, step=3)
"""
MISSPELT = {
    '"box_data": [{': '"box_dat": [{',
    '"minX": 0': '"minx": 0',
    '"class_id": np': '"class": np',
    '"domain": "pixel"': '"domain": "pixels"',
    '"width": 1': '"w": 1',
    '"mask_data": photo': '"mask": photo',
    '"name": "x"': '"nam": "x"',
}


def test_our_code_and_a_script_with_overlays_are_well_typed_and_each_misspelt_field_is_found(
    tmp_path: Path,
) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    for number, (right, wrong) in enumerate(MISSPELT.items()):
        assert right in GOOD
        (tmp_path / f"misspelt_{number}.py").write_text(GOOD.replace(right, wrong, 1))
    scripts = sorted(tmp_path.glob("*.py"))
    # All in one go: that our code is checked takes most of the time.
    options = (part for package in PACKAGES for part in ("--package", package))
    modules = (part for path in scripts for part in ("--module", path.stem))
    search = {"MYPYPATH": os.pathsep.join([str(tmp_path), str(ROOT / "viewer")])}
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *modules],
        cwd=ROOT,
        env={**os.environ, **search},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    # What it remembers of a script that has not changed has the folder of then.
    found = {Path(line.partition(":")[0]).name for line in done.stdout.splitlines() if ": error: " in line}
    assert found == {path.name for path in scripts} - {"good.py"}, done.stdout
