"""Lists of texts, lists of numbers and histograms come back as they were logged, by every way there is."""

from __future__ import annotations

import csv
import math
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runlog
from runlog.basics.jsontext import numbers_from_json, storable_text
from runlog.exporters import tables

from .cli.calling import run_code

Start = Callable[..., runlog.LocalRun]

TEXT = st.text(max_size=20)
NUMBER = st.one_of(st.integers(-(10**300), 10**300), st.booleans(), st.floats())
HISTOGRAM = st.one_of(
    st.builds(runlog.Histogram, st.lists(st.floats(), max_size=8), num_bins=st.integers(1, 512)),
    st.builds(runlog.Histogram, st.lists(st.integers(-(2**70), 2**70), max_size=8)),
    st.lists(st.floats(0, 1e300), min_size=1, max_size=5).map(
        lambda counts: runlog.Histogram(np_histogram=(counts, np.arange(len(counts) + 1) ** 3))
    ),
)
VALUE = st.one_of(
    TEXT, st.lists(TEXT, min_size=1, max_size=4), st.lists(NUMBER, min_size=1, max_size=4), HISTOGRAM
)
VALUES = st.lists(VALUE, min_size=1, max_size=12)
SLOWLY = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def plain(value: Any) -> Any:
    """Return a value as it is compared: NaN is NaN, True is not 1 and 1 not 1.0."""
    if isinstance(value, runlog.Histogram):
        edges, counts = value.edges.tolist(), value.counts.tolist()
        return edges, counts, value.nan_count, value.negative_infinity_count, value.positive_infinity_count
    if isinstance(value, str):
        return [storable_text(value)]
    if isinstance(value[0], str):
        return [storable_text(text) for text in value]
    return [(type(one), "nan" if one != one else one) for one in value]


def read(folder: Path) -> dict[tuple[str, int], Any]:
    """Return what a run holds, by key and step, as `plain` has it."""
    found: dict[tuple[str, int], Any] = {}
    with runlog.open(folder) as reader:
        for text in reader.texts():
            place = text.key, text.step
            if text.numbers is not None:
                found[place] = plain(text.numbers)
                continue
            assert text.index == len(found.setdefault(place, []))
            found[place].append(text.text)
        for record in reader.histograms():
            found[record.key, record.step] = plain(record.histogram)
    return found


def expected(values: list[Any]) -> dict[tuple[str, int], Any]:
    return {(f"key {n}", n % 3): plain(value) for n, value in enumerate(values)}


def log(run: runlog.LocalRun, values: list[Any]) -> None:
    for n, value in enumerate(values):
        run.log({f"key {n}": value}, step=n % 3)


@SLOWLY
@given(values=VALUES, more=VALUES)
def test_through_a_log_a_resumed_run_and_an_archive(
    values: list[Any], more: list[Any], start: Start, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("run")
    with start(dir=folder, id="r") as run:
        log(run, values)
    assert read(run.folder) == expected(values)
    with start(dir=folder, id="r", resume="must") as again:
        log(again, more)
    merged = {**expected(values), **expected(more)}
    assert read(run.folder) == merged
    for name in ("bag.zip", "bag"):
        runlog.archive([run.folder], folder / name)
        assert runlog.verify(folder / name).problems == ()
    assert read(folder / "bag") == merged
    assert runlog.check(run.folder).problems == ()


@SLOWLY
@given(values=VALUES)
def test_through_exported_tables_and_frames(
    values: list[Any], start: Start, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("run")
    with start(dir=folder, id="r") as run:
        log(run, values)
    tables.export(run.folder, folder / "out")
    rows = {}
    for name in ("texts", "histograms"):
        with (folder / f"out/{name}.csv").open(newline="", encoding="utf-8") as file:
            rows[name] = list(csv.DictReader(file))
    with runlog.open(run.folder) as reader:
        records, texts = reader.histograms(), reader.texts()
        frames = {name: reader.frame(name) for name in rows}  # type: ignore[call-overload]
    assert [(row["key"], row["text"], int(row["index"]), row["form"]) for row in rows["texts"]] == [
        (text.key, text.text, text.index, text.form) for text in texts
    ]
    assert frames["texts"]["text"].tolist() == [text.text for text in texts]
    for row, record in zip(rows["histograms"], records, strict=True):
        assert list(numbers_from_json(row["edges"])) == record.edges.tolist()
        assert list(numbers_from_json(row["counts"])) == record.counts.tolist()
        assert int(row["nan_count"]) == record.nan_count
    for edges, record in zip(frames["histograms"].get("edges", ()), records, strict=True):
        assert np.array_equal(edges, record.edges)


@pytest.mark.on_disk
def test_through_a_kill_right_after_the_call(tmp_path: Path) -> None:
    script = f"""
import os, signal, numpy as np, runlog
run = runlog.init(dir={str(tmp_path)!r}, id="r", quiet=True, record_environment=False)
for step in range(3):
    histogram = runlog.Histogram(np.arange(9.0) + step)
    run.log({{"t": ["a", "b" * step], "n": [step, 0.5], "h": histogram}}, step=step)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert run_code(script).returncode == -signal.SIGKILL
    values = {
        (key, step): plain(value)
        for step in range(3)
        for key, value in (
            ("t", ["a", "b" * step]),
            ("n", [step, 0.5]),
            ("h", runlog.Histogram(np.arange(9.0) + step)),
        )
    }
    assert read(tmp_path / "r") == values


def test_going_back_to_a_step_leaves_nothing_of_later_ones(start: Start) -> None:
    with start(id="r") as run:
        for step in range(4):
            run.log({"t": ["a", "b"], "h": runlog.Histogram([step])}, step=step)
    start(id="r", resume="must", resume_step=1).finish()
    assert sorted({step for _, step in read(run.folder)}) == [0, 1]


def test_bins_and_their_edges_are_read_by_sql(start: Start) -> None:
    uneven = runlog.Histogram(np_histogram=([1, 2, 3], [0.0, 1.0, 3.0, 10.0]))
    with start() as run:
        run.log(
            {
                "even": runlog.Histogram([0.0, 1.0, 2.0, 4.0], num_bins=4),
                "uneven": uneven,
                "none": runlog.Histogram([]),
            }
        )
    with sqlite3.connect(run.folder / "run.db") as db:
        rows = db.execute('SELECT key, bin, "left", "right", count FROM histogram_bins').fetchall()
    assert rows == [
        *(("even", n, float(n), n + 1.0, 1) for n in range(4)),
        ("uneven", 0, 0.0, 1.0, 1),
        ("uneven", 1, 1.0, 3.0, 2),
        ("uneven", 2, 3.0, 10.0, 3),
    ]


def test_an_array_that_becomes_a_histogram_is_said_once_for_its_key(start: Start) -> None:
    with start() as run:
        with pytest.warns(runlog.RunlogWarning) as told:
            for step in range(3):
                run.log({"a": np.arange(100.0), "b": np.arange(40)}, step=step)
        assert [str(one.message).partition(";")[0] for one in told] == [
            "'a': an array of 100 numbers is stored as a histogram of them",
            "'b': an array of 40 numbers is stored as a histogram of them",
        ]
    with runlog.open(run.folder) as reader:
        assert len(reader.histograms()) == 6
        assert math.isclose(reader.histograms([0])[0].counts.sum(), 100)
