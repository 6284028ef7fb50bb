"""What is written at boxes is chosen and placed in scripts as it is in Python, to the last bit."""

from __future__ import annotations

import json
import math
import random
import subprocess
from itertools import combinations
from typing import Any

from playwright._impl._driver import compute_driver_executable

import runlog
from runlog_viewer.html.scripts import STATIC
from runlog_viewer.pages import box_tags, boxes, scores
from runlog_viewer.pages.values import Canvas, Layer, Spot

CASES = 400


def case(chance: random.Random) -> tuple[list[Spot], float, float]:
    def part() -> float:
        return chance.uniform(-0.2, 1.2)

    count = chance.randint(0, 60)
    spots = [Spot(chance.randint(8, 200), part(), part(), chance.random() < 0.5) for _ in range(count)]
    return spots, chance.uniform(10, 1200), chance.uniform(10, 1200)


def told(script: str) -> Any:
    """Return what a script prints as JSON."""
    command = [compute_driver_executable()[0], "--input-type=module"]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_in_full_view_each_tag_is_at_its_box_and_beside_the_others_while_there_is_room() -> None:
    # Two boxes on each other, and two more: each has a truth drawn below and a prediction above.
    sides = [(0.1, 0.5, 0.3, 0.6), (0.1, 0.5, 0.3, 0.6), (0.12, 0.52, 0.31, 0.62), (0.7, 0.9, 0.0, 0.2)]
    spots = [
        {"width": 80, "left": left, "right": right, "edge": edges[is_low], "otherEdge": edges[not is_low],
         "isLow": is_low}
        for left, right, *edges in sides
        for is_low in (False, True)
    ]  # fmt: skip
    script = f"""import {{allPlaces}} from '{(STATIC / "overlays/tag_places.js").as_uri()}';
        console.log(JSON.stringify(allPlaces({json.dumps(spots)}, 1000, 800).map(({{x, y}}) => [x, y])));"""
    places = told(script)
    assert len(places) == len(spots)
    for place, spot in zip(places, spots, strict=True):
        assert place[0] in (spot["left"] * 1000, spot["right"] * 1000 - 80)
        edges = [spot[name] * 800 for name in ("edge", "otherEdge")]
        assert any(place[1] in (edge, edge - box_tags.HEIGHT) for edge in edges)
    for (x, y), (left, top) in combinations(places, 2):
        assert abs(x - left) >= 80 or abs(y - top) >= box_tags.HEIGHT


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
    height, found = told(script)
    expected = [
        [corner and list(corner) for corner in box_tags.places(spots, *size)] for spots, *size in cases
    ]
    assert (height, found) == (box_tags.HEIGHT, expected)
    assert sum(corner is not None for of in expected for corner in of) > CASES


def tag_of(box: runlog.Box, label: str) -> str | None:
    record = runlog.BoxLayerRecord("a", (box,), {} if box.class_id is None else {box.class_id: label})
    (drawn,) = boxes.draw(record, Layer("boxes", "a", 0), Canvas(8, 8, 280, "")).shapes
    return drawn.tag


def test_what_is_written_at_a_box_and_its_score_are_the_same_in_scripts_as_in_python() -> None:
    between = [0.125, 0.375, 0.625, -0.125, 7.875, 0.005, 1.005]
    numbers = [None, 0.926, 0.0, -0.0, *between, -0.126, 1e-9, 999.999, 1234.56, 1e300, math.nan, -math.inf]
    captions, labels = (None, "a cat", "日本" * 40), ("cat", "", "Fußgänger", "עברית")
    cases = [
        (
            runlog.Box("min_max", "pixel", (0, 1, 0, 1), class_id, caption, given),
            "no class" if class_id is None else label,
        )
        for number in numbers
        for given in [{} if number is None else {"confidence": number, "iou": 0.5}]
        for caption in captions
        for label in labels
        for class_id in (3, None)
    ]
    given = json.dumps(
        [
            {"tag": tag_of(box, label), "caption": box.caption, "label": label,
             "id": "" if box.class_id is None else "3", "scores": scores.as_json(box.scores)}
            for box, label in cases
        ]
    )  # fmt: skip
    told_of = told(
        f"""import {{scoreOf, textOf}} from '{(STATIC / "overlays/tag_text.js").as_uri()}';
        console.log(JSON.stringify({given}.map(({{scores, ...box}}) => {{
            const all = new Map(Object.entries(JSON.parse(scores)).map(([name, one]) => [name, Number(one)]));
            return [textOf({{...box, tag: box.tag ?? undefined, scores: all}}), String(scoreOf(all))];
        }})));"""
    )
    assert [text for text, _ in told_of] == [box_tags.text_of(box, label) for box, label in cases]
    assert [float(score) for _, score in told_of] == [box_tags.score_of(box) for box, _ in cases]
