"""What was done to a picture ↔ JSON, from which a `Conversion` is made once it can be one."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, get_args

from runlog.basics.jsontext import from_json, to_json
from runlog.images.pixels import Conversion, Rule, Source

_MOST_SHAPE = 64
_MAX_INTEGER = 2**63 - 1
_NAMES = tuple(field.name for field in fields(Conversion))
_values = attrgetter(*_NAMES)


@lru_cache(maxsize=256)
def conversion_to_json(conversion: Conversion) -> str:
    """Return what the row of a picture tells of what was done to it."""
    return to_json(conversion_fields(conversion))


def conversion_fields(conversion: Conversion) -> dict[str, Any]:
    """Return the fields of what was done to a picture, by name."""
    return dict(zip(_NAMES, _values(conversion), strict=True))


@lru_cache(maxsize=1024)  # most images of a run were converted alike
def conversion_from_json(text: str) -> Conversion:
    """Return what was done to a picture, as its row tells.

    Raises
    ------
    ValueError, TypeError, KeyError
        If it tells anything else.
    """
    return conversion_from(from_json(text))


def conversion_from(given: Any) -> Conversion:
    """Return what was done to a picture, given the fields that JSON has of it.

    Raises
    ------
    ValueError, TypeError, KeyError
        If they are others.
    """
    shape, notes = given["shape"], given["notes"]
    found = Conversion(**{**given, "shape": None if shape is None else tuple(shape), "notes": tuple(notes)})
    numbers = (found.clipped, found.non_finite, found.size, *(found.shape or ()))
    sound = (
        found.source in get_args(Source)
        and found.rule in get_args(Rule)
        and (found.dtype is None or isinstance(found.dtype, str))
        and all(isinstance(note, str) for note in found.notes)
        and len(found.shape or ()) <= _MOST_SHAPE
        and all(type(number) is int and 0 <= number <= _MAX_INTEGER for number in numbers)
        and all(one is None or type(one) in (int, float) for one in (found.minimum, found.maximum))
    )
    if not sound:
        raise ValueError("a conversion must have the fields of `Conversion`")
    return found
