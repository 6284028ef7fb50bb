"""What stands at the ticks of an axis: short enough for the room beside it, no two alike. Pure.

As ``static/charts/tick_labels.js`` has it. All labels of an axis have the unit of the largest (k, M, G, T, or
a power of ten) and the digits that tell them apart. Where these are too many, the labels are what is added to
an offset, which stands beside the axis with all its digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 10
"""Signs of a label without an offset."""
OFFSET_BELOW = 1e-3
"""Of the magnitude: labels of a range that is narrower are what is added to an offset."""
SLACK = 1e-9
_UNITS = {3: "k", 6: "M", 9: "G", 12: "T"}
_LEAST_PLAIN, _FIRST_UNIT, _PAST_UNITS = -3, 4, 15  # powers of ten
_MOST_DECIMALS = 15
_LONGEST_LONE = 8


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of ticks, and what has to be added to each, in words; nothing if they are the values."""

    texts: tuple[str, ...]
    offset: str = ""


def labels(values: Sequence[float], step: float, low: float, high: float) -> Labels:
    """Return the labels of ascending ticks, each a multiple of `step`, on an axis from `low` to `high`."""
    if len(values) == 1 and low == high:
        return Labels((lone(values[0]),))
    texts = _texts(values, step)
    size = max(abs(low), abs(high))
    if high - low >= OFFSET_BELOW * size and all(len(text) <= LONGEST for text in texts):
        return Labels(texts)
    added = _texts([value - values[0] for value in values], step)
    return Labels(tuple(f"+{text}" for text in added), _texts(values[:1], step)[0])


def lone(value: float) -> str:
    """Return the label of a value that stands alone, with as many of six digits as there is room for."""
    written = (short(value, digits) for digits in (6, 5, 4))
    return next((text for text in written if len(text) <= _LONGEST_LONE), short(value, 3))


def short(value: float, digits: int) -> str:
    """Return a value rounded to significant digits: ``124M``, ``1.2G``, ``1e-9``."""
    if not value:
        return "0"
    power = _power_of_unit(abs(value))
    return f"{float(f'{_scaled(value, power):.{digits}g}'):.12g}{_unit(power)}"


def last_place(step: float) -> int:
    """Return the power of ten of the last digit of a round number other than 0: -1 for 0.5 and 2.5."""
    power = math.floor(math.log10(step) + SLACK)
    return power - (2.4 < step / 10.0**power < 2.6)


def _texts(values: Sequence[float], step: float) -> tuple[str, ...]:
    largest = max(map(abs, values))
    if largest < step / 2:
        return ("0",) * len(values)
    power = _power_of_unit(largest)
    decimals = min(_MOST_DECIMALS, max(0, power - last_place(step)))
    return tuple(
        "0" if abs(value) < step / 2 else f"{_scaled(value, power):.{decimals}f}{_unit(power)}"
        for value in values
    )


def _power_of_unit(size: float) -> int:
    power = math.floor(math.log10(size) + SLACK)
    if _LEAST_PLAIN <= power < _FIRST_UNIT:
        return 0
    return power // 3 * 3 if _FIRST_UNIT <= power < _PAST_UNITS else power


def _scaled(value: float, power: int) -> float:
    # Powers of ten above 1 are exact for longer, and the same in every language when they are read.
    return value / float(f"1e{power}") if power >= 0 else value * float(f"1e{-power}")


def _unit(power: int) -> str:
    return _UNITS.get(power, f"e{power}") if power else ""
