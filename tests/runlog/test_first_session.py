"""The first hour of somebody new: what they write, and that they are told what to write instead."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

import runlog

PICTURE = np.full((32, 48, 3), 9, np.uint8)
CORNERS = {"minX": 5, "maxX": 20, "minY": 3, "maxY": 30}
FRACTIONS = {"minX": 0.1, "maxX": 0.4, "minY": 0.1, "maxY": 0.9}

SESSION = (
    # (what they write, what they are told)
    (
        "runlog.log({'loss': 0.5})",
        "a run must be started first, but there is none; call runlog.init()",
    ),
    (
        "run.log('loss', 0.5)",
        "log() must get a dict of key to value, but got 'loss'; pass {'loss': value}",
    ),
    (
        "run.accuracy = 0.9",
        "of a run name, tags, notes, group and config can be set, but got 'accuracy'; put values "
        "into run.config or run.summary, or log them",
    ),
    (
        "run.finish(); run.log({'loss': 0.5})",
        "run first must be open to be written, but it is finished; runlog.init(id='first', "
        "resume='must') goes on with it",
    ),
    (
        "runlog.init(id='first')",
        "id must be new in its runs folder, but {runs}/first exists; pass another id, or "
        "resume='allow' to go on with that run",
    ),
    (
        "run.log({'val': PICTURE})",
        "if it is a picture, wrap it in Image(…); of values, log a number such as values.mean()",
    ),
    (
        "runlog.Image(PICTURE.transpose(2, 0, 1))",
        "an image array must be H×W, H×W×C or N×H×W×C with 1 to 4 channels, but got shape (3, "
        "32, 48); if it is channel first, pass array.transpose(1, 2, 0)",
    ),
    (
        "runlog.Image(PICTURE, boxes={'truth': [{'position': FRACTIONS, 'class_id': 1}]})",
        "; pass {'box_data': …}",
    ),
    (
        "runlog.Image(PICTURE, boxes={'truth': {'box_data': [{'position': [5, 3, 20, 30]}]}})",
        "boxes['truth']['box_data'][0]['position'] must be a dict with minX, maxX, minY and "
        "maxY, or with middle, width and height, but got [5, 3, 20, 30]; of x1, y1, x2, y2 in "
        "pixels, runlog.boxes_from(corners) makes a layer",
    ),
    (
        "run.log({'val': runlog.Image(PICTURE, boxes={'truth': {'box_data': [{'position': CORNERS}]}})})",
        "'val'[0]: box 0 of layer 'truth', minX 5, maxX 20, minY 3, maxY 30, lies outside the "
        'image of 48×32; numbers in pixels need "domain": "pixel" (said once for this key)',
    ),
    (
        "runlog.Image(PICTURE, boxes={'truth': {'box_data': [{'position': FRACTIONS, 'class_id': 'cat'}]}})",
        "boxes['truth']['box_data'][0]['class_id'] must be an integer, but got 'cat'; the names "
        "of classes go into class_labels: {id: name}",
    ),
    (
        "runlog.Image(PICTURE, boxes={'truth': {'box_data': [], 'class_labels': ['sky', 'cat']}})",
        "boxes['truth']['class_labels'] must be a dict of class id to name, but got ['sky', "
        "'cat']; of names in the order of their ids, dict(enumerate(names))",
    ),
    (
        "runlog.Image(PICTURE, boxes={'truth': {'box_data': [{'position': FRACTIONS, 'scores': 0.5}]}})",
        "boxes['truth']['box_data'][0]['scores'] must be a dict of name to number, but got 0.5; "
        "give it a name: {'score': 0.5}",
    ),
    (
        "runlog.Image(PICTURE, masks={'truth': PICTURE[..., 0]})",
        "; pass {'mask_data': …}",
    ),
    (
        "runlog.Image(PICTURE, masks={'truth': {'mask_data': np.zeros((32, 48, 4))}})",
        "masks['truth']['mask_data'] must be a 2-D array of integers with at least one pixel, "
        "but got shape (32, 48, 4) of float64; of one-hot masks or scores by class, pass "
        "mask.argmax(-1)",
    ),
)


@pytest.mark.parametrize(("written", "told"), SESSION, ids=[written for written, _ in SESSION])
def test_whoever_is_new_is_told_what_to_write_instead(
    written: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = {"runlog": runlog, "np": np, "PICTURE": PICTURE, "CORNERS": CORNERS, "FRACTIONS": FRACTIONS}
    if written.startswith("runlog.log("):
        monkeypatch.setattr("runlog.writing.current._current", None)  # of what was tested before
    else:
        names["run"] = runlog.init(id="first", quiet=True, record_environment=False)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            exec(written, names)
            answers = [str(one.message) for one in said]
        except (runlog.RunlogError, AttributeError) as refused:
            answers = [str(refused)]
        finally:
            runlog.finish()
    assert len(answers) == 1
    assert answers[0].endswith(told.format(runs=tmp_path / "runs") if "{runs}" in told else told)
