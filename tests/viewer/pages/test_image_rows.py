"""What the table of images says of each: all fields, also those of its evaluation, and its boxes counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import runlog
from runlog_viewer.pages import image_rows
from runlog_viewer.pages.gallery import gallery

PIXELS = np.zeros((28, 28), np.uint8)
BOX = {"position": {"minX": 0.2, "maxX": 0.7, "minY": 0.2, "maxY": 0.7}, "class_id": 1}


def boxes(**counts: int) -> dict[str, Any]:
    return {layer: {"box_data": [BOX] * count} for layer, count in counts.items()}


def groups_of(run: runlog.LocalRun) -> list[dict[str, Any]]:
    with runlog.open(run.folder) as reader:
        return list(image_rows.of_images(reader.images(), {}))


def test_images_of_a_key_at_a_step_share_their_columns(start: Callable[..., runlog.LocalRun]) -> None:
    with start() as run:
        run.log(
            {
                "a": [
                    runlog.Image(PIXELS, id="x", fields={"p": 0.5}, boxes=boxes(truth=2), grouping=3),
                    runlog.Image(PIXELS, caption="c", fields={"wrong": True, "p": 2**60}),
                ],
                "b": runlog.Image(PIXELS),
            },
            step=7,
        )
    first, second = groups_of(run)
    assert (first["step"], first["key"], first["fields"], first["boxes"]) == (
        7,
        "a",
        ["p", "wrong"],
        ["truth"],
    )
    file = first["images"][0][4]
    assert file.startswith("media/images/a/")
    assert first["images"] == [
        [0, "x", None, 3, file, None, 28, 28, [0.5, None], [2]],
        [1, None, "c", None, file, None, 28, 28, [{"digits": str(2**60), "near": 2.0**60}, True], [None]],
    ]
    assert (second["key"], second["images"][0][8:]) == ("b", [[], []])


def test_what_an_evaluation_says_of_an_image_is_a_field_of_it(start: Callable[..., runlog.LocalRun]) -> None:
    with start() as run:
        run.define_evaluation("a", truth="truth", predictions="found")
        run.log({"a": [runlog.Image(PIXELS, boxes=boxes(truth=2, found=1))]}, step=0)
    (group,) = groups_of(run)
    values = dict(zip(group["fields"], group["images"][0][8], strict=True))
    assert (values["tp"], values["fp"], values["fn"], values["recall"]) == (1, 0, 1, 0.5)


def test_the_first_rows_are_those_of_keys_of_which_more_is_known(
    start: Callable[..., runlog.LocalRun],
) -> None:
    with start() as run:
        known = [runlog.Image(PIXELS, id=n, fields={"p": 0.123456, "word": "<b>"}) for n in range(25)]
        run.log({"known": known, "plain": [runlog.Image(PIXELS)]}, step=0)
    with runlog.open(run.folder) as reader:
        images = reader.images(0)
    sections = gallery(0, images, "../../").sections
    (table,) = image_rows.first_rows(images, sections)
    assert (table.key, table.row_count, len(table.rows)) == ("known", 25, 20)
    assert [head.name for head in table.heads] == ["image", "index", "id", "p", "word"]
    assert [cell.text for cell in table.rows[3]] == ["", "3", "3", "0.1235", "<b>"]
    assert table.rows[3][0].figure is not None
