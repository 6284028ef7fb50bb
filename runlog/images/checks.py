"""Checks that boxes, masks and classes share: each names what must hold, what was got, and where."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Set
from typing import Any

from runlog.basics.frozen import FrozenDict
from runlog.basics.integers import integer
from runlog.basics.jsontext import storable_text
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.pixels import is_masked

ClassLabels = Mapping[int, str]

MAX_CLASS_ID = 65535
# Kinds of dtypes whose `item()` is an integer where they count nanoseconds.
_TIMES = ("m", "M")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def caption_text(value: object, where: str) -> str | None:
    """Check a caption: a string or None; a number of any kind becomes its text, since labels often are."""
    if value is None:
        return None
    if isinstance(value, str):
        return plain_text(value)
    number = python_number(value)
    if not isinstance(number, (int, float)):
        raise InvalidTypeError(f"{where} must be a string or None, but got {shown(value)}")
    try:
        return str(number)
    except ValueError:
        # Python makes no text of an integer of thousands of digits.
        raise InvalidValueError(f"{where} must be short enough to be read, but got {shown(value)}") from None


def check_layer_name(name: object, argument: str) -> str:
    """Check the name of a layer: a non-empty string that a page, a path and a query can hold."""
    text = check_string(name, f"a layer name of {argument}")
    if not text or any(unicodedata.category(character) in ("Cc", "Cs") for character in str(name)):
        raise InvalidValueError(
            f"a layer name of {argument} must be a non-empty string without control characters and "
            f"surrogates, but got {shown(name)}"
        )
    return text


def check_class_labels(value: object, layer: str) -> FrozenDict[int, str]:
    """Check the ``class_labels`` of a layer: a dict of class id to name, or None."""
    where = f"{layer}['class_labels']"
    if value is None:
        return FrozenDict()
    if not isinstance(value, Mapping):
        fix = "; of names in the order of their ids, dict(enumerate(names))"
        raise InvalidTypeError(
            f"{where} must be a dict of class id to name, but got {shown(value)}"
            f"{fix if isinstance(value, (list, tuple)) else ''}"
        )
    labels = {
        check_class_id(class_id, f"a class id in {where}"): check_string(name, f"{where}[{class_id!r}]")
        for class_id, name in value.items()
    }
    if len(labels) < len(value):
        raise InvalidValueError(f"{where} must name each class id once, but got {shown(value)}")
    return FrozenDict(labels)


def check_class_colors(value: object, layer: str) -> FrozenDict[int, str]:
    """Check the ``class_colors`` of a layer: a dict of class id to ``#rrggbb``, or None."""
    where = f"{layer}['class_colors']"
    if value is None:
        return FrozenDict()
    if not isinstance(value, Mapping):
        raise InvalidTypeError(f"{where} must be a dict of class id to '#rrggbb', but got {shown(value)}")
    return FrozenDict(
        {
            check_class_id(class_id, f"a class id in {where}"): check_color(color, f"{where}[{class_id!r}]")
            for class_id, color in value.items()
        }
    )


def check_color(value: object, where: str) -> str:
    """Check a colour, such as ``#1a2b3c`` in letters of either case; return it in small ones."""
    if not isinstance(value, str) or not _COLOR.fullmatch(value):
        raise InvalidValueError(f"{where} must be a colour such as '#1a2b3c', but got {shown(value)}")
    return value.lower()


def check_fields(
    value: object, where: str, required: str, allowed: Set[str] | None = None
) -> Mapping[str, Any]:
    """Check that a dict has one field, and none but those allowed (None: any)."""
    if not isinstance(value, Mapping):
        raise InvalidTypeError(f"{where} must be a dict, but got {shown(value)}; pass {{{required!r}: …}}")
    if required not in value:
        raise InvalidValueError(f"{where} must have {required!r}, but has only {shown(list(value))}")
    if allowed is not None and not value.keys() <= allowed:
        unknown = sorted(str(name) for name in value if name not in allowed)
        raise InvalidValueError(
            f"{where} must have no fields but {', '.join(sorted(allowed))}, but got {shown(unknown)}"
        )
    return value


def check_list(value: object, where: str, what: str) -> list[Any]:
    """Return what an iterable holds; a string, bytes or a dict is not meant as a list."""
    try:
        if isinstance(value, Iterable) and not isinstance(
            value, (str, bytes, bytearray, memoryview, Mapping)
        ):
            return list(value)
    except Exception:  # noqa: BLE001, S110 - foreign iterables raise what they like
        pass
    raise InvalidTypeError(f"{where} must be a list of {what}, but got {shown(value)}")


def check_class_id(value: object, where: str) -> int:
    """Check a class id: an integer of any type, from 0 to `MAX_CLASS_ID`."""
    if (class_id := integer(value, may_be_bool=True)) is None:
        fix = "; the names of classes go into class_labels: {id: name}" if isinstance(value, str) else ""
        raise InvalidTypeError(f"{where} must be an integer, but got {shown(value)}{fix}")
    if not 0 <= class_id <= MAX_CLASS_ID:
        raise InvalidValueError(f"{where} must be from 0 to {MAX_CLASS_ID}, but got {shown(class_id)}")
    return class_id


def check_number(value: object, where: str, name: object) -> float:
    """Check a number; `where` is what it is in, under `name`."""
    if type(value) is float:
        return value
    number = python_number(value)
    if not isinstance(number, (int, float)) and not hasattr(number, "__float__"):
        raise InvalidTypeError(f"{where}[{name!r}] must be a number, but got {shown(value)}")
    try:
        return float(number)
    except Exception:  # noqa: BLE001 - foreign numbers raise what they like
        raise InvalidValueError(f"{where}[{name!r}] must be a number, but got {shown(value)}") from None


def python_number(value: object) -> object:
    """Return the Python number in a numpy, torch or JAX value of one element; anything else as it is.

    What is masked, and a date or a span of time, is no number, whatever its ``item()`` gives: None.
    """
    if type(value) is int:
        return value
    item = getattr(value, "item", None)
    if not callable(item):
        return value
    if getattr(getattr(value, "dtype", None), "kind", None) in _TIMES or is_masked(value):
        return None
    try:
        return item()
    except Exception:  # noqa: BLE001 - of more than one element, or without a value
        return None


def check_string(value: object, where: str) -> str:
    """Check a string, and return it as it will be read back."""
    if not isinstance(value, str):
        raise InvalidTypeError(f"{where} must be a string, but got {shown(value)}")
    return plain_text(value)


def plain_text(text: str) -> str:
    """Return the text as it will be read back."""
    # A subclass (np.str_, an Enum) may print as something else.
    return storable_text(text if type(text) is str else str.__str__(text))
