"""Histograms as the pages show them: bars of one, and the heat map of a key over the steps."""

from __future__ import annotations

import base64
import io
import json
import math
import re
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import runlog
from runlog_viewer.pages import histograms


@dataclass(frozen=True)
class Record:
    step: int
    histogram: runlog.Histogram
    key: str = "a/b c"


def record(values: object, step: int = 7, **options: int) -> Record:
    return Record(step, runlog.Histogram(values, **options))


def opacity(url: str) -> np.ndarray:
    """Return how opaque each cell of a heat map is, the greatest numbers on top."""
    picture = Image.open(io.BytesIO(base64.b64decode(url.removeprefix("data:image/png;base64,"))))
    return np.array(picture.convert("RGBA"))[:, :, 3]


def test_bars_have_the_edges_counts_and_links_of_a_histogram() -> None:
    shown = histograms.bars(
        record([0.0, 1.0, 1.0, math.nan, math.inf, -math.inf, -math.inf], num_bins=2), "../../"
    )
    assert json.loads(shown.bins) == {"edges": [0, 1], "counts": [1, 2]}
    assert (shown.low, shown.high, shown.peak, shown.about) == ("0", "1", "2", "3 in 2 bins")
    assert [(fact.name, fact.value) for fact in shown.beside] == [("NaN", "1"), ("-inf", "2"), ("inf", "1")]
    assert shown.outline == "M0,100V51H150V2H300V100Z"
    assert shown.href == "../../viewer/steps/000000007.html"
    assert shown.all_steps == "../../viewer/key.html#key=a/b%20c"


def test_the_areas_of_bars_are_the_counts_where_their_widths_differ() -> None:
    shown = histograms.bars(Record(0, runlog.Histogram(np_histogram=([2, 2], [0, 1, 3]))), "")
    assert shown.outline == "M0,100V2H100V51H300V100Z"
    assert json.loads(shown.bins)["edges"] == [0, 1, 3]


def test_a_histogram_of_no_finite_number_says_so() -> None:
    shown = histograms.bars(record([math.nan]), "")
    assert (shown.outline, shown.about) == ("", "no finite number")
    assert json.loads(shown.bins) == {"edges": [], "counts": []}


@given(st.lists(st.floats(), max_size=20), st.integers(1, 512))
def test_the_outline_of_any_numbers_is_a_path_within_its_box(values: list[float], bins: int) -> None:
    outline = histograms.bars(record(values, num_bins=bins), "").outline
    assert re.fullmatch(r"(M0,100([HV]\d+(\.\d)?)+Z)?", outline)
    across = [float(one) for one in re.findall(r"H([\d.]+)", outline)]
    assert across == sorted(across)
    assert all(0 <= float(one) <= 100 for one in re.findall(r"V([\d.]+)", outline))
    assert all(one <= 300 for one in across)


def test_the_cells_of_a_heat_map_are_steps_across_and_numbers_up() -> None:
    records = [record([-1.0] * 5, step=0, num_bins=1), record([1.0] * 5, step=1, num_bins=1)]
    shown = histograms.heat_map(records, 2)
    cells = opacity(shown.cells)
    assert cells.shape == (histograms.ROWS, 2)
    below, above = slice(-14, -2), slice(2, 14)
    assert (cells[below, 0] == 255).all()
    assert (cells[above, 0] == 0).all()
    assert (cells[above, 1] == 255).all()
    assert (cells[below, 1] == 0).all()
    assert (shown.start, shown.end) == (0, 2)


def test_a_step_is_as_wide_as_it_is_far_to_the_next() -> None:
    records = [record([float(step)], step=step) for step in (0, 10, 40)]
    shown = histograms.heat_map(records, 3)
    filled = opacity(shown.cells).argmax(axis=0)
    widths = np.unique(filled, return_counts=True)[1] / filled.size
    assert (shown.start, shown.end) == (0, 70)
    assert sorted(widths) == pytest.approx([1 / 7, 3 / 7, 3 / 7], abs=0.01)


def test_steps_with_numbers_that_are_not_finite_are_marked_and_counted() -> None:
    shown = histograms.heat_map([record([1.0, math.nan], 0), record([1.0], 1), record([math.inf], 2)], 3)
    assert shown.gaps == 2
    assert shown.breaks == "M0,100v-6M200,100v-6"


def test_one_number_far_away_leaves_the_others_their_rows() -> None:
    records = [record(np.linspace(-1, 1, 1000), step) for step in range(99)]
    shown = histograms.heat_map([*records, record([1e9] * 5, 99)], 100)
    assert float(shown.high) < 1.1


@given(st.lists(st.lists(st.floats(), max_size=6), min_size=1, max_size=5))
def test_a_heat_map_of_any_numbers_can_be_drawn(values: list[list[float]]) -> None:
    shown = histograms.heat_map([record(one, step * step) for step, one in enumerate(values)], len(values))
    opacity(shown.cells)
    assert all(0 <= float(tick.at) <= 100 for tick in (*shown.x_ticks, *shown.y_ticks))
    assert shown.last.step == (len(values) - 1) ** 2


@given(st.integers(1, 5000))
def test_of_many_steps_at_least_half_as_many_are_kept_as_there_is_room_for_and_the_last(count: int) -> None:
    steps = [step * 3 for step in range(count)]
    kept = histograms.kept_steps(steps)
    assert min(count, histograms.MAX_COLUMNS // 2) <= len(kept) <= histograms.MAX_COLUMNS
    assert (kept[0], kept[-1]) == (steps[0], steps[-1])
    assert list(kept) == sorted(set(kept) & set(steps))


def test_as_steps_are_added_most_of_those_that_were_kept_stay() -> None:
    before: set[int] = set()
    read = 0
    for count in range(1, 2000):
        kept = set(histograms.kept_steps(range(count)))
        read += len(kept - before)
        before = kept
    assert read < 2 * 2000
