"""The tools people have read a run while it is written: sqlite3, pandas, Datasette."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas
import pytest

import runlog

QUERY = """
    SELECT step, count(*) AS boxes FROM labelled_boxes
    WHERE class_label = 'coin' AND json_extract(scores, '$.confidence') > 0.5 GROUP BY step
"""


@pytest.fixture
def live(start: Callable[..., runlog.LocalRun]) -> Iterator[Path]:
    """Return the folder of a run that is still being written: three coins at step 0, one at step 1."""
    position = {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}
    with start() as run:
        for step, scores in enumerate(([0.9, 0.8, 0.7, 0.2], [0.6, 0.1])):
            boxes = [{"position": position, "class_id": 1, "scores": {"confidence": s}} for s in scores]
            layer = {"predictions": {"box_data": boxes, "class_labels": {1: "coin"}}}
            run.log({"val": runlog.Image(np.full((4, 4), 99, np.uint8), boxes=layer)}, step=step)
        yield run.folder
        run.log({"still": "written"})


def test_sqlite3_answers(live: Path) -> None:
    with closing(sqlite3.connect(live / "run.db")) as connection:
        assert connection.execute(QUERY).fetchall() == [(0, 3), (1, 1)]


def test_pandas_answers(live: Path) -> None:
    with closing(sqlite3.connect(live / "run.db")) as connection:
        frame = pandas.read_sql(QUERY, connection)
    assert frame.to_dict("list") == {"step": [0, 1], "boxes": [3, 1]}


def test_datasette_answers(live: Path) -> None:
    path = "/run/image_log.json?_shape=array"
    command = [sys.executable, "-m", "datasette", "serve", str(live / "run.db"), "--get", path]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = json.loads(result.stdout)
    assert [(row["step"], row["key"], row["box_count"]) for row in rows] == [(0, "val", 4), (1, "val", 2)]
