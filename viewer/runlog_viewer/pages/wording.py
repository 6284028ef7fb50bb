"""Numbers, times and links as the pages write them."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote


def _plain(value: Any) -> Any:
    """Return what JSON knows for a read-only mapping or sequence."""
    if hasattr(value, "items"):
        return dict(value.items())
    return list(value) if isinstance(value, Iterable) else str(value)


_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(", ", ": "), default=_plain)
_KILO = 1000
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_EXACT_INTEGERS = 1e15


def number(value: float, digits: int = 6) -> str:
    """Return a number for people: ``NaN``, ``inf`` and ``-inf`` by name, others to `digits` digits."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if value % 1 == 0 and abs(value) < _EXACT_INTEGERS:
        return str(int(value))
    return f"{value:.{digits}g}"


def exact_number(value: float) -> str:
    """Return a number for a script: what JavaScript's ``Number()`` reads back as the same value."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return str(int(value)) if value % 1 == 0 and abs(value) < _EXACT_INTEGERS else repr(value)


def coordinates(*values: float) -> list[str]:
    """Return SVG coordinates, to a thousandth of a pixel."""
    return [f"{value:.3f}".rstrip("0").rstrip(".") for value in values]


def data(value: Any) -> str:
    """Return a configuration or summary value as text; nested ones as compact JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return number(value)
    try:
        return _JSON.encode(value)
    except ValueError:
        return _with_infinities(value)


def _with_infinities(value: Any) -> str:
    """Return a nested value as `data` does, where numbers in it have names."""
    if isinstance(value, float) and not math.isfinite(value):
        return number(value)
    if isinstance(value, Mapping):
        items = (f"{_JSON.encode(name)}: {_with_infinities(one)}" for name, one in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_with_infinities, value)) + "]"
    return _JSON.encode(value)


def clipped(value: str, length: int = 200) -> str:
    """Return the start of a text that is longer than `length`, with ``…``."""
    return value if len(value) <= length else f"{value[:length]}…"


def size(count: int) -> str:
    """Return a number of bytes for people."""
    amount, units = float(count), iter(("kB", "MB", "GB", "TB"))
    unit = "bytes"
    while amount >= _KILO and (larger := next(units, None)):
        amount, unit = amount / _KILO, larger
    return f"{amount:.3g} {unit}" if amount < _KILO else f"{amount:.0f} {unit}"


def plural(count: int, noun: str, plural_noun: str | None = None) -> str:
    """Return ``1 image``, ``2 images``."""
    return f"{count:,} {noun if count == 1 else plural_noun or noun + 's'}"


def verdict(name: str) -> str:
    """Return what is said of a box that was judged."""
    return "below the threshold" if name == "below" else name.replace("_", " ")


def moment(when: datetime) -> str:
    """Return a UTC time to the second, in the form ``<time datetime>`` takes as well."""
    return when.strftime("%Y-%m-%d %H:%M:%SZ")


def duration(took: timedelta) -> str:
    """Return how long something took, to two units."""
    seconds = max(0.0, took.total_seconds())
    if seconds < _MINUTE:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min {int(seconds % _MINUTE)} s"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)} h {int(seconds % _HOUR // _MINUTE)} min"
    return f"{int(seconds // _DAY)} d {int(seconds % _DAY // _HOUR)} h"


def link(*segments: str) -> str:
    """Return a relative link to a path given by its segments, each percent-encoded."""
    return "/".join(map(_quoted, segments))


@lru_cache(maxsize=1024)
def _quoted(segment: str) -> str:
    return quote(os.fsencode(segment), safe="")


def address_value(value: str) -> str:
    """Return a value for the end of an address, percent-encoded but for what needs it not."""
    return quote(value, safe="/:@,", errors="replace")


def percent(count: int, total: int) -> str:
    """Return a share of one value and more in percent; nothing that is there reads 0 %, nor a part 100 %."""
    share = 100 * count / total
    if count == total or 1 <= share <= 99:
        return f"{share:.0f} %"
    return "over 99 %" if share > 99 else f"{share:.1g} %" if share >= 0.1 else "under 0.1 %"
