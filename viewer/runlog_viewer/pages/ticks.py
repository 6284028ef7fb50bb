"""Round numbers along an axis and their labels, as ``static/charts/axes.js`` has them. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from runlog_viewer.pages import wording

_THOUSANDS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
_SCIENTIFIC_FROM, _SCIENTIFIC_BELOW = 1e6, 1e-4
# None less than half of the one before, so that one of them has between a number of ticks and twice as many.
_FACTORS, _FACTORS_OF_ONE = (5, 2.5, 2, 1), (5, 4, 2, 1)
_DECADES = 3
_SLACK = 1e-9
_FARTHEST = 0.2  # of the axis, from an end of it to the nearest tick
_NARROWEST = 1e-12  # of the numbers: floats hold no round ones that are closer to each other
_SMALLEST = 1e-300


def ticks(low: float, high: float, most: int) -> tuple[tuple[float, str], ...]:
    """Return `most` / 2 to `most` round numbers from `low` to `high`, with their labels."""
    span = high - low
    if not 0 < span < math.inf:
        return ((low, wording.number(low, 4)),) if low == high else ()
    if span < max(_SMALLEST, _NARROWEST * max(abs(low), abs(high))):
        return tuple((value, label(value, max(span, _SMALLEST))) for value in (low, high))
    step, numbers = _round_numbers(_steps(span), low, high, most)
    return tuple((number * step, label(number * step, step)) for number in numbers)


def step_ticks(first: int, last: int, most: int) -> tuple[tuple[float, str], ...]:
    """Return round steps from `first` to `last`, with their labels: ``2k`` for 2,000."""
    if first == last:
        return ((first, str(first)),)
    step, numbers = _round_numbers(_whole_steps(last - first), first, last, most)
    return tuple((number * int(step), _short(number * int(step), int(step))) for number in numbers)


def label(value: float, step: float) -> str:
    """Return a number with as many digits as tell it from the next one, `step` away."""
    size = abs(value)
    if size < step / 2:
        return "0"
    place = _last_place(step) if step else -3
    if size >= _SCIENTIFIC_FROM or size < _SCIENTIFIC_BELOW:
        digits = max(0, math.floor(math.log10(size) + _SLACK) - place)
        return f"{value:.{min(digits, 15)}e}"
    return f"{value:.{max(0, -place)}f}"


def _round_numbers(steps: Iterable[float], low: float, high: float, most: int) -> tuple[float, range]:
    """Return the widest of descending steps with enough multiples, near both ends if any has; and these."""
    step, found = 0.0, range(0)
    for closer in steps:
        multiples = range(math.ceil(low / closer - _SLACK), math.floor(high / closer + _SLACK) + 1)
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


def _last_place(step: float) -> int:
    """Return the power of ten of the last digit of a round number other than 0: -1 for 0.5 and 2.5."""
    power = math.floor(math.log10(step) + _SLACK)
    return power - (2.4 < step / 10.0**power < 2.6)


def _short(value: int, step: int) -> str:
    for size, unit in _THOUSANDS:
        if value >= size and step * 4 >= size:
            return f"{value / size:.12g}{unit}"
    return str(value)
