"""`Histogram`: every number is counted once, in the bin whose edges it lies between, or beside them."""

from __future__ import annotations

import math
import pickle
import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import runlog
from runlog import Histogram
from runlog.values.histogram import bins_from_json, bins_to_json, from_buckets

NUMBERS = st.sampled_from(
    [np.float64, np.float32, np.float16, np.int64, np.uint64, np.int8, np.uint8, np.bool_]
)
ARRAYS = NUMBERS.flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=3, max_side=6))
)


def counted_by_hand(histogram: Histogram, values: np.ndarray) -> list[int]:
    places = np.searchsorted(histogram.edges, values.astype(np.float64), side="right") - 1
    return np.bincount(
        np.minimum(places, len(histogram.counts) - 1), minlength=len(histogram.counts)
    ).tolist()


@given(ARRAYS, st.integers(1, 512))
def test_each_number_is_counted_once_where_it_lies(values: np.ndarray, num_bins: int) -> None:
    histogram = Histogram(values, num_bins=num_bins)
    finite = values[np.isfinite(values)]
    assert histogram.nan_count == np.isnan(values).sum()
    assert histogram.negative_infinity_count == (values == -np.inf).sum()
    assert histogram.positive_infinity_count == (values == np.inf).sum()
    assert len(histogram.counts) <= num_bins
    if finite.size:
        assert len(histogram.edges) == len(histogram.counts) + 1
        assert (histogram.edges[:-1] < histogram.edges[1:]).all()
        assert counted_by_hand(histogram, finite) == histogram.counts.tolist()
    else:
        assert (histogram.edges.shape, histogram.counts.shape) == ((0,), (0,))


@given(ARRAYS, st.integers(1, 512))
def test_it_comes_back_from_json_and_from_pickle_as_it_was(values: np.ndarray, num_bins: int) -> None:
    histogram = Histogram(values, num_bins=num_bins)
    edges, counts = bins_from_json(bins_to_json(histogram))
    assert np.array_equal(edges, histogram.edges)
    assert (counts.dtype, counts.tolist()) == (histogram.counts.dtype, histogram.counts.tolist())
    again = pickle.loads(pickle.dumps(histogram))
    assert again == histogram
    assert not again.edges.flags.writeable


@given(st.lists(st.integers(-50, 50), min_size=1), st.integers(1, 512))
def test_each_bin_of_integers_holds_as_many_of_them(values: list[int], num_bins: int) -> None:
    histogram = Histogram(values, num_bins=num_bins)
    widths = np.diff(histogram.edges)
    assert set(widths) == {widths[0]}
    assert widths[0] == int(widths[0])
    assert all(Fraction(edge) % 1 == Fraction(1, 2) for edge in histogram.edges.tolist())


def test_a_few_integers_and_bools_have_a_bin_each() -> None:
    assert Histogram([3, 3, 5]).edges.tolist() == [2.5, 3.5, 4.5, 5.5]
    assert Histogram([True, True, False]).counts.tolist() == [1, 2]
    assert Histogram(np.arange(256, dtype=np.uint8)).counts.tolist() == [4] * 64


@pytest.mark.parametrize("value", [0.0, -7.5, 1e300, 5e-324, np.finfo(float).max, 2**62])
def test_one_number_alone_is_in_the_middle(value: float) -> None:
    histogram = Histogram([value] * 3)
    assert histogram.counts.sum() == 3
    assert histogram.edges[0] <= value <= histogram.edges[-1]


def test_what_numpy_counted_is_taken_as_it_is() -> None:
    counts, edges = np.histogram([1.0, 2.0, 2.5], bins=[0, 1, 2, 10])
    histogram = Histogram(np_histogram=(counts, edges))
    assert (histogram.counts.tolist(), histogram.edges.tolist()) == ([0, 1, 2], [0, 1, 2, 10])
    weighted = Histogram(np_histogram=([0.5, 0.25], [0, 1, 2]))
    assert (weighted.counts.dtype, weighted.counts.tolist()) == (np.float64, [0.5, 0.25])


def test_it_cannot_change_and_takes_no_array_of_the_caller() -> None:
    values = np.array([1.0, 2.0])
    histogram = Histogram(values)
    before = histogram.counts.tolist()
    values[:] = 9
    assert histogram.counts.tolist() == before
    with pytest.raises(AttributeError):
        histogram.counts = np.zeros(3)  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        histogram.edges[0] = 3
    assert values.flags.writeable


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "must have a sequence or an np_histogram, but got none of them"),
        ({"sequence": [1], "np_histogram": ([1], [0, 1])}, "but got both"),
        ({"sequence": ["a"]}, "must hold real numbers, but has dtype <U1"),
        ({"sequence": [1j]}, "must hold real numbers, but has dtype complex128"),
        ({"sequence": [1], "num_bins": 0}, "num_bins must be from 1 to 512, but got 0"),
        ({"sequence": [1], "num_bins": 513}, "num_bins must be from 1 to 512, but got 513"),
        ({"sequence": [1], "num_bins": 2.0}, "num_bins must be an integer, but got 2.0"),
        ({"np_histogram": [1, 2, 3]}, r"np_histogram must be \(counts, edges\)"),
        ({"np_histogram": ([1], [0])}, "1 to 512 counts and one edge more, but got 1 counts and 1 edges"),
        ({"np_histogram": ([1] * 513, range(514))}, "but got 513 counts"),
        ({"np_histogram": ([1, 1], [0, 0, 1])}, "finite and ascending"),
        ({"np_histogram": ([1, 1], [0, 1, math.inf])}, "finite and ascending"),
        ({"np_histogram": ([1, -1], [0, 1, 2])}, r"from 0 to 9007199254740992 .*but got \[1, -1\]"),
        ({"np_histogram": ([1, math.nan], [0, 1, 2])}, "from 0 to"),
        ({"np_histogram": ([[1]], [0, 1])}, r"np_histogram\[0\] must be numbers in one dimension"),
    ],
)
def test_other_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(runlog.RunlogError, match=message):
        Histogram(**arguments)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "5",
            "[]",
            "{}",
            '{"edges":[],"counts":[1]}',
            '{"edges":[0],"counts":[]}',
            '{"edges":5,"counts":5}',
        ),
        *('{"edges":[0,9e999],"counts":[1]}', '{"edges":[-9e999,9e999],"counts":[1,2]}'),
        *(
            '{"edges":[0,1],"counts":[9e999]}',
            '{"edges":[0,1],"counts":[-1]}',
            '{"edges":[1,0],"counts":[1]}',
        ),
        *(
            '{"edges":[0,1],"counts":[null]}',
            '{"edges":[0,1],"counts":[true]}',
            '{"edges":["a",1],"counts":[1]}',
        ),
        f'{{"edges":[0,1],"counts":[{"9" * 40}]}}',
        f'{{"edges":[0,1],"counts":[{",".join("1" * 513)}]}}',
        '{"edges":[0,1],"counts":' + "[" * 5000 + "]" * 5000 + "}",
    ],
)
def test_bins_of_a_stranger_that_are_none_are_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError, KeyError, OverflowError)):
        bins_from_json(text)


def test_buckets_lose_what_is_empty_at_their_ends_and_end_at_the_least_and_greatest() -> None:
    limits = [-1e308, -1.0, 0.0, 1.0, 2.0, 1e308]
    histogram = from_buckets(-0.5, 1.5, limits, [0, 0, 3, 0, 4, 0])
    assert (histogram.edges.tolist(), histogram.counts.tolist()) == ([-0.5, 0, 1, 1.5], [3, 0, 4])
    assert from_buckets(0, 0, [1.0, 2.0], [0, 0]).counts.size == 0


def test_more_buckets_than_bins_become_fewer_and_hold_as_many() -> None:
    histogram = from_buckets(0, 2000, np.arange(1.0, 2001), np.ones(2000))
    assert histogram.counts.tolist() == [4] * 500
    assert re.match("<Histogram of 2000 in 500 bins from 0 to 2000>", repr(histogram))


@given(st.lists(st.tuples(st.floats(), st.floats(0, 1e6)), max_size=8), st.floats(), st.floats())
def test_any_buckets_are_a_histogram_or_refused(
    buckets: list[tuple[float, float]], least: float, greatest: float
) -> None:
    try:
        histogram = from_buckets(
            least, greatest, [one for one, _ in buckets], [count for _, count in buckets]
        )
    except runlog.RunlogError:
        return
    assert histogram.counts.sum() == pytest.approx(sum(count for _, count in buckets))
