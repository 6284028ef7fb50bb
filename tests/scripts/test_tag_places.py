"""What is written at boxes is chosen and placed in scripts as it is in Python, to the last bit."""

from __future__ import annotations

import json
import random
import subprocess

from playwright._impl._driver import compute_driver_executable

from runlog_viewer.html.scripts import STATIC
from runlog_viewer.pages import box_tags
from runlog_viewer.pages.values import Spot

CASES = 400


def case(chance: random.Random) -> tuple[list[Spot], float, float]:
    def part() -> float:
        return chance.uniform(-0.2, 1.2)

    count = chance.randint(0, 60)
    spots = [Spot(chance.randint(8, 200), part(), part(), chance.random() < 0.5) for _ in range(count)]
    return spots, chance.uniform(10, 1200), chance.uniform(10, 1200)


def test_tags_are_placed_in_scripts_as_in_python() -> None:
    chance = random.Random(15)
    cases = [case(chance) for _ in range(CASES)]
    names = ("width", "left", "edge", "isLow")
    given = json.dumps(
        [[[dict(zip(names, spot, strict=True)) for spot in spots], *size] for spots, *size in cases]
    )
    script = f"""import {{height, places}} from '{(STATIC / "overlays/tag_places.js").as_uri()}';
        const found = {given}.map(([spots, width, height]) => places(spots, width, height));
        console.log(JSON.stringify([height, found.map((of) => of.map((at) => at && [at.x, at.y]))]));"""
    command = [compute_driver_executable()[0], "--input-type=module"]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=True)
    height, found = json.loads(done.stdout)
    expected = [
        [corner and list(corner) for corner in box_tags.places(spots, *size)] for spots, *size in cases
    ]
    assert (height, found) == (box_tags.HEIGHT, expected)
    assert sum(corner is not None for of in expected for corner in of) > CASES
