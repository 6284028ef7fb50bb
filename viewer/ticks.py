"""Round numbers along an axis, and how they are written. Pure."""

from __future__ import annotations

import math

from viewer import text

_THOUSANDS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
_SCIENTIFIC_FROM, _SCIENTIFIC_BELOW = 1e6, 1e-4


def ticks(low: float, high: float, most: int) -> tuple[tuple[float, str], ...]:
    """Return round numbers from `low` to `high`, with their labels: about `most`, and two at least."""
    span = high - low
    if not 0 < span < math.inf:
        return ((low, text.number(low, 4)),) if low == high else ()
    step = _round_step(span / most)
    if math.floor(high / step) <= math.ceil(low / step):
        step = _round_step(span / most / 2)
    first, last = math.ceil(low / step), math.floor(high / step)
    return tuple((number * step, label(number * step, step)) for number in range(first, last + 1))


def step_ticks(first: int, last: int, most: int) -> tuple[tuple[float, str], ...]:
    """Return round steps from `first` to `last`, with their labels: ``2k`` for 2,000."""
    if first == last:
        return ((first, str(first)),)
    step = max(1, int(_round_step((last - first) / most)))
    return tuple((n, _short(n, step)) for n in range(-(-first // step) * step, last + 1, step))


def label(value: float, step: float) -> str:
    """Return a number with as many digits as tell it from the next one, `step` away."""
    size = abs(value)
    if size < step / 2:
        return "0"
    if size >= _SCIENTIFIC_FROM or size < _SCIENTIFIC_BELOW:
        digits = max(0, math.floor(math.log10(size)) - math.floor(math.log10(step) + 1e-9)) if step else 3
        return f"{value:.{min(digits, 15)}e}"
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step else 0
    return f"{value:.{decimals}f}"


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is at least `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10, 20) if factor * power >= least * (1 - 1e-9))


def _short(value: int, step: int) -> str:
    for size, unit in _THOUSANDS:
        if step >= size and value:
            return f"{value / size:g}{unit}"
    return str(value)
