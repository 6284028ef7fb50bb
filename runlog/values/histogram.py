"""`Histogram`: how many of many numbers lie in each of some bins, and how many in none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from runlog.basics.frozen import frozen_array
from runlog.basics.integers import integer
from runlog.basics.jsontext import from_json, numbers_to_json
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.checks import check_number
from runlog.images.pixels import to_numpy

Edges = NDArray[np.float64]
Counts = NDArray[np.int64] | NDArray[np.float64]

_BLOCK = 1 << 20  # numbers that are held as float64 at a time
_LARGEST = float(np.finfo(np.float64).max)
# The sum of as many counts as there may be is a number of its type.
_MOST_WHOLE, _MOST = 1 << 53, 1e300


@dataclass(frozen=True, init=False, repr=False, eq=False, slots=True)
class Histogram:
    """How many of many numbers lie in each of some bins; NaN and infinities are counted beside them.

    Parameters
    ----------
    sequence
        The numbers: an array, tensor or list of any shape, of real numbers or bools. They are counted at
        once, and nothing of them is kept.
    np_histogram
        In place of `sequence`, what `numpy.histogram` returns: counts (≥ 0; weights and densities, too) and
        edges (finite, ascending, one more than counts).
    num_bins
        1 to 512: into how many bins of equal width a sequence is sorted. Of integers and bools it is the most
        there are: each bin holds the same number of integers, and its edges lie between them.

    Attributes
    ----------
    edges
        float64 of shape (bins + 1,), ascending; of shape (0,) if no number is finite. A bin holds its left
        edge, the last one its right edge as well. Read-only.
    counts
        int64 of shape (bins,), or float64 of weights and densities. Read-only.
    nan_count, negative_infinity_count, positive_infinity_count
        How many numbers are NaN, -inf and inf: they lie in no bin.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the arguments are anything else.

    Examples
    --------
    >>> run.log({"gradients/conv1": runlog.Histogram(weights.grad)}, step=3)
    """

    MAX_BINS: ClassVar[int] = 512
    DEFAULT_BINS: ClassVar[int] = 64

    edges: Edges
    counts: Counts
    nan_count: int
    negative_infinity_count: int
    positive_infinity_count: int

    def __init__(self, sequence: Any = None, np_histogram: Any = None, num_bins: int = 64) -> None:
        if (sequence is None) == (np_histogram is None):
            raise InvalidValueError(
                "a histogram must have a sequence or an np_histogram, but got "
                + ("none of them" if sequence is None else "both")
            )
        bins = _check_bins(num_bins)
        if np_histogram is None:
            self._hold(*_count(_numbers(sequence), bins))
        else:
            self._hold(*_check_counted(np_histogram))

    @classmethod
    def of_counts(cls, edges: Edges, counts: Counts, nan_count: int, below: int, above: int) -> Histogram:
        """Return the histogram of these attributes, in their order; they are neither checked nor copied."""
        histogram = object.__new__(cls)
        histogram._hold(edges, counts, nan_count, below, above)
        return histogram

    def _hold(self, edges: Edges, counts: Counts, nan_count: int = 0, below: int = 0, above: int = 0) -> None:
        object.__setattr__(self, "edges", frozen_array(edges))
        object.__setattr__(self, "counts", frozen_array(counts))
        object.__setattr__(self, "nan_count", nan_count)
        object.__setattr__(self, "negative_infinity_count", below)
        object.__setattr__(self, "positive_infinity_count", above)

    def _beside(self) -> tuple[int, int, int]:
        return self.nan_count, self.negative_infinity_count, self.positive_infinity_count

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Histogram):
            return NotImplemented
        return (
            self._beside() == other._beside()
            and self.counts.dtype == other.counts.dtype
            and np.array_equal(self.counts, other.counts)
            and np.array_equal(self.edges, other.edges)
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).of_counts, (np.array(self.edges), np.array(self.counts), *self._beside())

    def __repr__(self) -> str:
        if not len(self.counts):
            return "<Histogram of no finite number>"
        low, high, total = self.edges[0].item(), self.edges[-1].item(), self.counts.sum().item()
        return f"<Histogram of {total:g} in {len(self.counts)} bins from {low:g} to {high:g}>"


def from_buckets(least: float, greatest: float, limits: Any, counts: Any) -> Histogram:
    """Return the histogram of TensorBoard's buckets, each of which is given by its right edge.

    The first bucket begins, and the last one may end, as far out as floats go: the least and the greatest
    number bound them. Empty buckets at the ends are left out; of more than 512 neighbours become one.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If they are no buckets.
    """
    counts = _numbers(counts, "the counts of buckets").astype(np.float64)
    right = _numbers(limits, "the limits of buckets").astype(np.float64)
    least = check_number(least, "buckets", "least")
    greatest = check_number(greatest, "buckets", "greatest")
    if counts.shape != right.shape or not (np.isfinite(counts).all() and (counts >= 0).all()):
        raise InvalidValueError(
            f"buckets must be as many counts ≥ 0 as limits, but got {shown(counts)} for {shown(right)}"
        )
    filled = np.flatnonzero(counts)
    if not filled.size:
        return Histogram([])
    first, last = filled[0], filled[-1]
    edges = np.clip([right[first - 1] if first else -_LARGEST, *right[first : last + 1]], -_LARGEST, _LARGEST)
    edges[0] = np.fmin(np.fmax(edges[0], least), edges[1])
    edges[-1] = np.fmax(np.fmin(edges[-1], greatest), edges[-2])
    held = counts[first : last + 1]
    while len(held) > Histogram.MAX_BINS:
        starts = np.arange(0, len(held), 2)
        held, edges = np.add.reduceat(held, starts), np.append(edges[starts], edges[-1])
    for place in range(1, len(edges)):  # a bin has a width
        edges[place] = max(edges[place], math.nextafter(edges[place - 1], math.inf))
    return Histogram(np_histogram=(held.astype(np.int64) if (held % 1 == 0).all() else held, edges))


def divisible_range(
    low: float, high: float, bins: int, dtype: type[np.floating[Any]] = np.float64
) -> tuple[float, float]:
    """Return a range around `low` and `high` whose edges a type tells apart; one number is its middle."""
    if low == high:
        low, high = low - 0.5, high + 0.5
    of_type = np.finfo(dtype)
    least = 2 * bins * max(float(of_type.eps) * max(abs(low), abs(high)), float(of_type.smallest_subnormal))
    if high - low < least:
        low, high = low - least, high + least
    largest = float(of_type.max)
    return max(low, -largest), min(high, largest)


def equal_edges(low: float, high: float, bins: int) -> Edges:
    """Return the edges of bins of equal width, exactly from `low` to `high`."""
    scale = _scale(low, high)
    edges = np.linspace(low / scale, high / scale, bins + 1) * scale
    edges[0], edges[-1] = low, high
    return edges


def are_equal_edges(edges: Edges) -> bool:
    """Return whether edges are what `equal_edges` makes of the first and the last."""
    return len(edges) > 1 and np.array_equal(
        edges, equal_edges(edges[0].item(), edges[-1].item(), len(edges) - 1)
    )


def bins_to_json(histogram: Histogram) -> str:
    """Return edges and counts as JSON; of bins of equal width the first and the last edge stand for all."""
    edges = histogram.edges
    kept = edges[[0, -1]] if are_equal_edges(edges) else edges
    return (
        f'{{"edges":{numbers_to_json(kept.tolist())},"counts":{numbers_to_json(histogram.counts.tolist())}}}'
    )


def bins_from_json(text: str) -> tuple[Edges, Counts]:
    """Return the edges and counts that `bins_to_json` was given.

    Raises
    ------
    ValueError, TypeError, KeyError
        If the text holds anything else.
    """
    bins = from_json(text)
    kept, numbers = bins["edges"], bins["counts"]
    if type(kept) is not list or type(numbers) is not list:
        raise ValueError("edges and counts must be lists")
    if not kept and not numbers:
        return _nothing()
    if not {int, float}.issuperset(map(type, (*kept, *numbers))):
        raise ValueError("edges and counts must be numbers")
    are_whole = {int}.issuperset(map(type, numbers))
    counts: Counts = np.array(numbers, np.int64) if are_whole else np.array(numbers, np.float64)
    edges = np.array(kept, np.float64)
    if len(kept) == 2 and 1 <= len(counts) <= Histogram.MAX_BINS and np.isfinite(edges).all():
        edges = equal_edges(edges[0].item(), edges[1].item(), len(counts))
    _check_sound(edges, counts)
    return edges, counts


def _scale(low: float, high: float) -> float:
    """Return by what to divide so that the width of a range is a float, with room for rounding."""
    return 1.0 if high - low < _LARGEST / 2 else 4.0


def _check_bins(num_bins: object) -> int:
    if (bins := integer(num_bins)) is None:
        raise InvalidTypeError(f"num_bins must be an integer, but got {shown(num_bins)}")
    if not 1 <= bins <= Histogram.MAX_BINS:
        raise InvalidValueError(f"num_bins must be from 1 to {Histogram.MAX_BINS}, but got {shown(num_bins)}")
    return bins


def _numbers(sequence: Any, where: str = "a histogram's sequence") -> NDArray[Any]:
    """Return the numbers of a sequence in one dimension: bools, integers, or floats of at most 64 bits."""
    values = to_numpy(sequence, where).reshape(-1)
    if values.dtype.kind in "biu" or (values.dtype.kind == "f" and values.dtype.itemsize <= 8):
        return values
    # Integers past 64 bits are objects to numpy; bfloat16 and its like are of a kind of their own.
    is_real = values.dtype.kind in "fO" or np.can_cast(values.dtype, np.float64)
    try:
        if is_real and not (
            values.dtype.kind == "O" and any(isinstance(one, (str, bytes)) for one in values)
        ):
            with np.errstate(over="ignore"):
                return values.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        pass
    raise InvalidTypeError(f"{where} must hold real numbers, but has dtype {values.dtype}: {shown(sequence)}")


def _count(values: NDArray[Any], bins: int) -> tuple[Edges, Counts, int, int, int]:
    """Return edges, counts, and how many numbers are NaN, -inf and inf."""
    if values.dtype.kind != "f":
        return *_count_integers(values.view(np.uint8) if values.dtype.kind == "b" else values, bins), 0, 0, 0
    beside = (0, 0, 0)
    if values.size and not (math.isfinite(values.min()) and math.isfinite(values.max())):
        beside = (
            int(np.count_nonzero(np.isnan(values))),
            int(np.count_nonzero(values == -math.inf)),
            int(np.count_nonzero(values == math.inf)),
        )
        values = values[np.isfinite(values)]
    return *_count_floats(values, bins), *beside


def _count_integers(values: NDArray[Any], bins: int) -> tuple[Edges, Counts]:
    if not values.size:
        return _nothing()
    low, high = int(values.min()), int(values.max())
    width = -(-(high - low + 1) // bins)
    used = -(-(high - low + 1) // width)
    # Half an integer is a float up to 2**52.
    if max(-low, high + width * bins) >= 1 << 52:
        return _count_floats(values, bins)
    places = (values.astype(np.int64) - low) // width
    return equal_edges(low - 0.5, low - 0.5 + width * used, used), np.bincount(places, minlength=used)


def _count_floats(values: NDArray[Any], bins: int) -> tuple[Edges, Counts]:
    if not values.size:
        return _nothing()
    low, high = divisible_range(float(values.min()), float(values.max()), bins)
    scale = _scale(low, high)
    counts = np.zeros(bins, np.int64)
    for start in range(0, values.size, _BLOCK):
        block = values[start : start + _BLOCK].astype(np.float64) / scale
        counts += np.histogram(block, bins, (low / scale, high / scale))[0]
    return equal_edges(low, high, bins), counts


def _nothing() -> tuple[Edges, Counts]:
    return np.zeros(0), np.zeros(0, np.int64)


def _check_counted(np_histogram: Any) -> tuple[Edges, Counts]:
    """Return edges and counts of what `numpy.histogram` gave."""
    if not isinstance(np_histogram, (tuple, list)) or len(np_histogram) != 2:
        raise InvalidTypeError(
            f"np_histogram must be (counts, edges), as numpy.histogram returns, but got {shown(np_histogram)}"
        )
    counts, edges = (to_numpy(part, f"np_histogram[{place}]") for place, part in enumerate(np_histogram))
    for place, part in enumerate((counts, edges)):
        if part.ndim != 1 or part.dtype.kind not in "biuf":
            raise InvalidTypeError(
                f"np_histogram[{place}] must be numbers in one dimension, but has shape {part.shape} and "
                f"dtype {part.dtype}"
            )
    edges = edges.astype(np.float64)
    counts = counts.astype(np.float64 if counts.dtype.kind == "f" else np.int64)
    _check_sound(edges, counts)
    return edges, counts


def _check_sound(edges: Edges, counts: Counts) -> None:
    if not 1 <= len(counts) <= Histogram.MAX_BINS or len(edges) != len(counts) + 1:
        raise InvalidValueError(
            f"a histogram must have 1 to {Histogram.MAX_BINS} counts and one edge more, but got "
            f"{len(counts)} counts and {len(edges)} edges"
        )
    if not (np.isfinite(edges).all() and (edges[:-1] < edges[1:]).all()):
        raise InvalidValueError(
            f"the edges of a histogram must be finite and ascending, but got {shown(edges.tolist())}"
        )
    if not ((counts >= 0) & (counts <= (_MOST if counts.dtype.kind == "f" else _MOST_WHOLE))).all():
        raise InvalidValueError(
            f"the counts of a histogram must be from 0 to {_MOST_WHOLE} (of weights, to {_MOST}), but got "
            f"{shown(counts.tolist())}"
        )
