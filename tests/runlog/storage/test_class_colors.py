"""Colours that a script chose for classes: kept with its labels, and used wherever a class is shown."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
import runlog_viewer
from runlog import BoundingBoxes2D, Image, ImageMask, palette
from runlog.exporters import coco

Start = Callable[..., runlog.LocalRun]

BOX = {"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": 1}
IDS = np.array([[0, 1], [2, 1]])
PIXELS = np.full(IDS.shape, 99, np.uint8)


def picture(colors: dict[int, str] | None, ids: np.ndarray = IDS) -> Image:
    layer = {"class_labels": {1: "road", 2: "car"}, "class_colors": colors}
    boxes = {"b": {"box_data": [BOX], **layer}}
    return Image(np.full(ids.shape, 99, np.uint8), boxes=boxes, masks={"m": {"mask_data": ids, **layer}})


def records(run: runlog.LocalRun) -> tuple[runlog.ImageRecord, ...]:
    with runlog.open(run.folder) as reader:
        return tuple(reader.images())


def test_chosen_colours_are_read_back_and_logged_again_as_they_were(start: Start) -> None:
    image = picture({1: "#AABBCC", 7: "#000001"})
    with start() as run:
        run.log({"k": [image]})
    with runlog.open(run.folder) as reader:
        (record,) = reader.images()
        assert all(layer.class_colors == {1: "#aabbcc", 7: "#000001"} for layer in record.layers)
        again = reader.image(record)
    assert again.boxes == image.boxes
    assert again.masks == image.masks
    assert Image(again).masks == image.masks


def test_label_sets_that_differ_in_colours_alone_are_kept_apart(start: Start) -> None:
    with start() as run:
        run.log({"k": [picture(None), picture({1: "#aabbcc"}), picture({1: "#ddeeff"}), picture(None)]})
    found = [[dict(layer.class_colors) for layer in record.layers] for record in records(run)]
    assert found == [[{}, {}], [{1: "#aabbcc"}] * 2, [{1: "#ddeeff"}] * 2, [{}, {}]]


def test_classes_of_the_run_hold_for_images_without_their_own(start: Start) -> None:
    with start() as run:
        run.define_classes({1: {"name": "street", "color": "#010203"}, 2: {"color": "#040506"}, 3: "tree"})
        run.log(
            {
                "k": [
                    picture({1: "#aabbcc"}),
                    Image(np.full((2, 2), 99, np.uint8), masks={"m": {"mask_data": IDS}}),
                ]
            }
        )
    first, second = records(run)
    assert [dict(layer.class_colors) for layer in first.layers] == [{1: "#aabbcc", 2: "#040506"}] * 2
    assert first.masks[0].class_labels == {1: "road", 2: "car", 3: "tree"}
    assert second.masks[0].class_colors == {1: "#010203", 2: "#040506"}
    assert second.masks[0].class_labels == {1: "street", 3: "tree"}


@pytest.mark.parametrize("color", ["red", "#12345", "#12345g", "#1234567", 3, None, ("1", "2", "3")])
@pytest.mark.parametrize(
    "make",
    [
        lambda color: BoundingBoxes2D({"box_data": [], "class_colors": {1: color}}, "p"),
        lambda color: ImageMask({"mask_data": IDS, "class_colors": {1: color}}, "p"),
    ],
)
def test_what_is_no_colour_is_refused_by_layer_and_class(make: Callable[[Any], Any], color: Any) -> None:
    with pytest.raises(
        runlog.RunlogError, match=r"\['p'\]\['class_colors'\]\[1\] must be a colour such as '#1a2b3c'"
    ):
        make(color)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ([1], "classes must be a dict of class id to a class"),
        ({"x": "road"}, "a class id in classes must be an integer"),
        ({1: {"colour": "#000000"}}, r"classes\[1\] must have no fields but color and name, but got"),
        ({1: {"color": "blue"}}, r"classes\[1\]\['color'\] must be a colour"),
        ({1: 5}, r"classes\[1\]\['name'\] must be a string"),
    ],
)
@pytest.mark.parametrize("mode", ["local", "disabled"])
def test_bad_classes_of_a_run_are_refused(start: Start, mode: str, classes: Any, message: str) -> None:
    with start(mode=mode) as run, pytest.raises(runlog.RunlogError, match=message):
        run.define_classes(classes)


def test_pages_and_notebooks_show_the_chosen_colours(start: Start) -> None:
    image = picture({1: "#123456"})
    with start() as run:
        run.log({"k": [image], "plain": [picture(None)]})
    runlog_viewer.build(run.folder)
    html = (run.folder / "viewer/steps/000000000.html").read_text("utf-8")
    chosen, plain = html.split('data-key="plain"')[0], html.split('data-key="plain"')[1]
    assert "#123456" in chosen
    assert "#123456" not in plain
    assert palette.COLOURS[2] in chosen
    assert len(set(re.findall(r'filter id="(mask-[0-9a-f]+)"', html))) == 2
    assert "#123456" in image._repr_html_()
    assert "#123456" not in picture(None)._repr_html_()


def test_a_mask_of_more_than_256_classes_is_drawn_in_the_chosen_colours(start: Start) -> None:
    ids = np.arange(400).reshape(20, 20)
    with start() as run:
        run.log({"k": [picture({5: "#123456"}, ids), picture(None, ids)]})
    runlog_viewer.build(run.folder)
    first, second = (PILImage.open(path) for path in sorted((run.folder / "viewer/masks").glob("*.png")))
    at_5 = {image.convert("RGBA").getpixel((5, 0)) for image in (first, second)}
    assert at_5 == {(0x12, 0x34, 0x56, 255), (*palette.channels(palette.COLOURS[5]), 255)}


def test_a_coco_export_has_the_chosen_colours(start: Start, tmp_path: Path) -> None:
    with start() as run:
        run.log({"k": [picture({1: "#123456"})]})
    result = coco.export(run.folder, tmp_path / "out")
    categories = json.loads(result.path.read_text())["categories"]
    assert {one["name"]: one.get("color") for one in categories} == {"road": [0x12, 0x34, 0x56], "car": None}


def logged_as(run: runlog.LocalRun, step: int) -> tuple[dict[int, str], dict[int, str]]:
    with runlog.open(run.folder) as reader:
        (image,) = reader.images([step])
        return dict(image.masks[0].class_labels), dict(image.masks[0].class_colors)


def test_classes_of_a_run_are_kept_when_it_is_resumed_until_they_are_said_again(start: Start) -> None:
    image = Image(PIXELS, masks={"m": {"mask_data": IDS}})
    with start(id="a") as run:
        run.log({"k": image}, step=0)
        run.define_classes({1: {"name": "street", "color": "#010203"}})
    with start(id="a", resume="must") as run:
        run.log({"k": image}, step=1)
        run.define_classes({1: "road"})
    with start(id="a", resume="must", resume_step=1) as run:
        run.log({"k": image}, step=2)
        run.define_classes({})
    with start(id="a", resume="must") as run:
        run.log({"k": image}, step=3)
    assert [logged_as(run, step) for step in range(4)] == [
        ({}, {}), ({1: "street"}, {1: "#010203"}), ({1: "road"}, {}), ({}, {})
    ]  # fmt: skip


def test_a_resumed_run_has_the_names_and_the_colours(start: Start) -> None:
    image = Image(PIXELS, masks={"m": {"mask_data": IDS, "class_labels": {1: "own"}}})
    with start(id="a") as run:
        run.define_classes({1: {"name": "street", "color": "#010203"}, 2: {"color": "#040506"}, 3: "tree"})
    with start(id="a", resume="must") as run:
        run.log({"after": image}, step=0)
    assert logged_as(run, 0) == ({1: "own", 3: "tree"}, {1: "#010203", 2: "#040506"})


def test_classes_that_could_not_be_stored_are_as_they_were(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = Image(PIXELS, masks={"m": {"mask_data": IDS}})
    with start(id="a") as run:
        run.define_classes({1: "street"})
        monkeypatch.setattr(run._store._images, "label_set_id", no_room)
        with pytest.raises(runlog.StorageError):
            run.define_classes({1: "road"})
        monkeypatch.undo()
        run.log({"after": image}, step=0)
    assert logged_as(run, 0) == ({1: "street"}, {})


def no_room(*_: object) -> int:
    raise sqlite3.OperationalError("database or disk is full")
