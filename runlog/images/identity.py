"""Which picture an image is, over the steps and in every run, and what else is known of it: its fields."""

from __future__ import annotations

import math
import os
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from runlog.basics.frozen import FrozenDict
from runlog.basics.integers import is_of_64_bits
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.checks import plain_text, python_number

FieldValue = bool | int | float | str
"""What a field of an image may be: a bool, a number or a word."""

MAX_NAME = 1000


def check_identity(given: object, source: object) -> str | None:
    """Check the `id` of an image.

    Parameters
    ----------
    given
        A text or an integer; True for the name of the file `source`; None or False for none.
    source
        What the image was made of.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If it is none of these, `is_name` says no of it, or `source` is no path.
    """
    if given is None or given is False:
        return None
    if given is True:
        return _named(_file_name(source))
    if isinstance(given, str):
        return _named(plain_text(given))
    number = python_number(given)
    if isinstance(number, bool) or not isinstance(number, int):
        raise InvalidTypeError(
            f"id must be a string, an integer, True for the name of the file, or None, but got {shown(given)}"
        )
    if not is_of_64_bits(number):
        raise InvalidValueError(f"id must be a text or an integer of 64 bits, but got {shown(given)}")
    return str(number)


def is_name(text: str) -> bool:
    """Return whether a text can say which picture it is, or what a field is: it can be read and typed."""
    return 0 < len(text) <= MAX_NAME and not any(unicodedata.category(one) in ("Cc", "Cs") for one in text)


def check_image_fields(given: object) -> FrozenDict[str, FieldValue]:
    """Check the `fields` of an image; one that is None is left out.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If it is no dict of names to bools, numbers and words; the message names the field.
    """
    if given is None:
        return FrozenDict()
    if not isinstance(given, Mapping):
        raise InvalidTypeError(
            f"fields must be a dict of name to number, bool or string, but got {shown(given)}"
        )
    fields = {_field_name(name): _field(value, name) for name, value in given.items() if value is not None}
    if len(fields) < sum(value is not None for value in given.values()):
        raise InvalidValueError(f"fields must have each name once, but got {shown(list(given))}")
    return FrozenDict(fields)


def comparable_fields(fields: Mapping[str, FieldValue]) -> dict[str, object]:
    """Return fields as they can be compared: NaN is the same as NaN, and True is not 1."""
    return {
        name: (type(value), None if isinstance(value, float) and math.isnan(value) else value)
        for name, value in fields.items()
    }


def _file_name(source: object) -> str:
    if not isinstance(source, (str, os.PathLike)):
        raise InvalidTypeError(
            f"id=True must stand with the path of a file, but got {type(source).__name__}; "
            "say which picture it is: id='val/0123'"
        )
    return plain_text(Path(os.fsdecode(source)).name)


def _named(text: str) -> str:
    if not is_name(text):
        raise InvalidValueError(
            f"id must have 1 to {MAX_NAME:,} characters, none of them control characters, "
            f"but got {shown(text)}"
        )
    return text


def _field_name(name: object) -> str:
    if not isinstance(name, str):
        raise InvalidTypeError(f"the name of a field must be a string, but got {shown(name)}")
    text = plain_text(name)
    if not is_name(text):
        raise InvalidValueError(
            f"the name of a field must have 1 to {MAX_NAME:,} characters, none of them control characters, "
            f"but got {shown(name)}"
        )
    return text


def _field(value: object, name: object) -> FieldValue:
    if isinstance(value, str):
        return plain_text(value)
    number = python_number(value)
    if isinstance(number, bool):
        return number
    if isinstance(number, float):
        return float(number) + 0.0  # SQLite keeps no sign of a zero
    if not isinstance(number, int):
        raise InvalidTypeError(
            f"fields[{name!r}] must be a number, a bool or a string, but got {shown(value)}"
        )
    if not is_of_64_bits(number):
        raise InvalidValueError(f"fields[{name!r}] must be an integer of 64 bits, but got {shown(value)}")
    return int(number)
