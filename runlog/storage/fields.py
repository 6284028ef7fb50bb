"""Fields of images ↔ their rows: a bool, an integer, a real number or a text, each as such."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from runlog.images.identity import FieldValue

FieldType = Literal["bool", "integer", "real", "text"]
_TYPES: Mapping[type, FieldType] = {bool: "bool", int: "integer", float: "real", str: "text"}


def field_rows(fields: Mapping[str, FieldValue], first: int = 0) -> list[tuple[Any, ...]]:
    """Return name, index, type, number and text of each field; `first` is the index of the first."""
    return [
        (name, index, _TYPES[type(value)], None if isinstance(value, str) else _stored(value), _text(value))
        for index, (name, value) in enumerate(fields.items(), first)
    ]


def field_value(kind: FieldType, number: float | None, text: str | None) -> FieldValue:
    """Return the value of a field, given what its row holds.

    Raises
    ------
    ValueError
        If the row holds no value of its type, or two.
    """
    if kind == "text" and text is not None and number is None:
        return text
    if kind == "real" and text is None:
        return math.nan if number is None else float(number)
    if kind == "integer" and type(number) is int and text is None:
        return number
    if kind == "bool" and number in (0, 1) and text is None:
        return bool(number)
    raise ValueError("image_fields must have in each row the one value that its type says, but one has not")


def _stored(value: bool | float) -> float | None:
    return None if math.isnan(value) else (int(value) if isinstance(value, bool) else value)


def _text(value: FieldValue) -> str | None:
    return value if isinstance(value, str) else None
