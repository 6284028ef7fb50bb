"""Round numbers along an axis, with their labels, as ``static/charts/axes.js`` has them. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from runlog_viewer.pages import tick_labels
from runlog_viewer.pages.tick_labels import SLACK

# None less than half of the one before, so that one of them has between a number of ticks and twice as many.
_FACTORS, _FACTORS_OF_ONE = (5, 2.5, 2, 1), (5, 4, 2, 1)
_DECADES = 3
_FARTHEST = 0.2  # of the axis, from an end of it to the nearest tick
_NARROWEST = 1e-12  # of the numbers: floats hold no round ones that are closer to each other
_SMALLEST = 1e-290


@dataclass(frozen=True, slots=True)
class Ticks:
    """The ticks of an axis, each a value and its label; and what is to be added to the labels, in words."""

    marks: tuple[tuple[float, str], ...] = ()
    offset: str = ""


def ticks(low: float, high: float, most: int) -> Ticks:
    """Return `most` / 2 to `most` round numbers from `low` to `high`, with their labels."""
    span = high - low
    if not 0 < span < math.inf:
        return _labelled((low,), 0, low, high) if low == high else Ticks()
    if span < _SMALLEST:
        return _labelled((low,), 0, low, low)
    if span < _NARROWEST * max(abs(low), abs(high)):
        return _labelled((low, high), span, low, high)
    step, numbers = _round_numbers(_steps(span), low, high, most)
    return _labelled([number * step for number in numbers], step, low, high)


def step_ticks(first: int, last: int, most: int) -> Ticks:
    """Return round steps from `first` to `last`, with their labels: ``2k`` for 2,000."""
    if first == last:
        return _labelled((first,), 0, first, last)
    step, numbers = _round_numbers(_whole_steps(last - first), first, last, most)
    return _labelled([number * int(step) for number in numbers], step, first, last)


def _labelled(values: Sequence[float], step: float, low: float, high: float) -> Ticks:
    found = tick_labels.labels(values, step, low, high)
    return Ticks(tuple(zip(values, found.texts, strict=True)), found.offset)


def _round_numbers(steps: Iterable[float], low: float, high: float, most: int) -> tuple[float, range]:
    """Return the widest of descending steps with enough multiples, near both ends if any has; and these."""
    step, found = 0.0, range(0)
    for closer in steps:
        multiples = range(math.ceil(low / closer - SLACK), math.floor(high / closer + SLACK) + 1)
        is_enough = len(found) >= most / 2
        if is_enough and len(multiples) > most:
            break
        step, found = closer, multiples
        ends = (found[0] * step - low, high - found[-1] * step) if found else (math.inf,)
        if len(found) >= most / 2 and max(ends) <= _FARTHEST * (high - low):
            break
    return step, found


def _steps(span: float) -> Iterator[float]:
    """Yield 5, 2.5, 2 and 1 times powers of ten, descending from what is more than `span`."""
    first = math.floor(math.log10(span))
    for power in range(first, first - _DECADES, -1):
        # Of the largest floats, some multiples are infinite.
        yield from filter(math.isfinite, (factor * 10.0**power for factor in _FACTORS))


def _whole_steps(span: float) -> Iterator[float]:
    for power in range(math.floor(math.log10(span)), -1, -1):
        yield from (factor * 10.0**power for factor in (_FACTORS if power else _FACTORS_OF_ONE))
