"""JSON text for the columns that hold it: any value a script has, as valid JSON."""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, NoReturn

from runlog.basics.frozen import FrozenDict
from runlog.errors import InvalidValueError, shown
from runlog.secrets.given import without_given_secrets

# How many lists and objects may stand in one another; what handles JSON goes into them by recursion.
MAX_JSON_DEPTH = 100

# Made once: `json.dumps` makes one a call, which takes longer than most of what is logged.
JSON_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

_PLAIN = (str, int, bool, type(None))
# Past it no float holds an integer: whoever formats or compares it may fail.
MAX_DIGITS = 308
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def storable_text(text: str) -> str:
    """Return the text as it is stored: without secrets that the script gave, lone surrogates escaped."""
    text = without_given_secrets(text)
    # UTF-8 cannot hold them.
    return text.encode("utf-8", "backslashreplace").decode() if not text.isascii() else text


def is_namespace(value: object) -> bool:
    """Return whether `value` is an `argparse.Namespace`, without importing what the script may not need."""
    argparse = sys.modules.get("argparse")
    return argparse is not None and isinstance(value, argparse.Namespace)


def to_json_value(value: Any, depth: int = MAX_JSON_DEPTH) -> Any:
    """Return `value` in JSON's terms: dicts, lists, strings, numbers, booleans, None.

    As `to_plain_value`, but a number that JSON cannot hold becomes the string ``NaN``, ``Infinity`` or
    ``-Infinity``.

    Raises
    ------
    InvalidValueError
        As from `to_plain_value`.
    """
    return _plain(value, depth, _finite_or_name)


def to_plain_value(value: Any, depth: int = MAX_JSON_DEPTH) -> Any:
    """Return `value` in dicts, lists, strings, numbers, booleans, None; NaN and infinities are numbers.

    numpy and tensor values become numbers and lists, paths and everything unknown their text.

    Raises
    ------
    InvalidValueError
        If lists and dicts are nested more than `depth` deep (one that holds itself is), an integer has more
        than 308 digits, or a value's own text cannot be had.
    """
    return _plain(value, depth, float)


def _plain(value: Any, depth: int, of_float: Callable[[float], Any]) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, _PLAIN):
        return _short_integer(value) if isinstance(value, int) else value
    if isinstance(value, float):
        return of_float(value)
    if depth == 0:
        raise InvalidValueError(
            f"lists and dicts must be nested at most {MAX_JSON_DEPTH} deep, but go deeper, or hold themselves"
        )
    if isinstance(value, Mapping):
        return {_text_of(key): _plain(item, depth - 1, of_float) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth - 1, of_float) for item in value]
    if isinstance(value, Set):
        return [_plain(item, depth - 1, of_float) for item in sorted(value, key=_text_of)]
    if is_namespace(value):
        return _plain(vars(value), depth, of_float)
    if not isinstance(value, os.PathLike) and callable(getattr(value, "tolist", None)):
        return _plain(value.tolist(), depth - 1, of_float)
    return _text_of(value)


def _text_of(value: object) -> str:
    try:
        text = str(value)
    except Exception as error:  # noqa: BLE001 - it is foreign code that makes the text
        raise InvalidValueError(
            f"a value must have a text, but str() of a {type(value).__name__} raises {shown(error)}"
        ) from None
    return storable_text(text)


def _short_integer(value: int) -> int:
    if not -(10**MAX_DIGITS) < value < 10**MAX_DIGITS:
        raise InvalidValueError(
            f"an integer must have at most {MAX_DIGITS} digits, but one has about "
            f"{round(value.bit_length() * math.log10(2)):,}"
        )
    return value


def to_json(value: Any) -> str:
    """Return the JSON text of any value; see `to_json_value`."""
    return JSON_ENCODER.encode(to_json_value(value))


def plain_to_json(value: Any) -> str:
    """Return the JSON text of any value, from which `from_json` makes what `to_plain_value` makes of it.

    An infinity is ±9e999, which every parser of JSON reads as one; NaN, which JSON has no number for, is the
    string ``NaN``.
    """
    plain = to_plain_value(value)
    try:
        return JSON_ENCODER.encode(plain)
    except ValueError:
        return _encoded(plain)


def _encoded(plain: Any) -> str:
    if isinstance(plain, dict):
        items = (f"{JSON_ENCODER.encode(key)}:{_encoded(item)}" for key, item in plain.items())
        return "{" + ",".join(items) + "}"
    if isinstance(plain, list):
        return "[" + ",".join(map(_encoded, plain)) + "]"
    if isinstance(plain, float):
        return '"NaN"' if math.isnan(plain) else _number(plain)
    return JSON_ENCODER.encode(plain)


def number_from_json_value(value: Any) -> float:
    """Return the number that `to_json_value` was given; integers and bools stay such.

    Raises
    ------
    KeyError, TypeError
        If it is another value.
    """
    if type(value) in _PLAIN_NUMBERS:
        number: float = value
        return number
    return _NAMED_NUMBERS[value]


def numbers_to_json(numbers: Sequence[float]) -> str:
    """Return numbers as JSON that SQL can compare: NaN is null, an infinity ±9e999.

    Integers and bools stay such.

    Raises
    ------
    InvalidValueError
        If an integer has more than 308 digits.
    """
    return "[" + ",".join(map(_any_number, numbers)) + "]"


def numbers_from_json(text: str) -> tuple[float, ...]:
    """Return the numbers that `numbers_to_json` was given.

    Raises
    ------
    ValueError
        If the text is no JSON list of numbers.
    """
    numbers = from_json(text)
    if type(numbers) is not list or not _NUMBER_TYPES.issuperset(map(type, numbers)):
        raise ValueError("numbers must be a JSON list of numbers")
    return tuple(math.nan if number is None else number for number in numbers)


def scores_to_json(scores: Mapping[str, float]) -> str:
    """Return scores as JSON that SQL can compare: NaN is null, an infinity ±9e999."""
    items = (f"{json.dumps(storable_text(name))}:{_number(score)}" for name, score in scores.items())
    return "{" + ",".join(items) + "}"


def scores_from_json(texts: Sequence[str]) -> list[FrozenDict[str, float]]:
    """Return what `scores_to_json` was given, for many texts at once: one by one takes thrice as long.

    Raises
    ------
    ValueError
        If one of them is no JSON object of numbers.
    """
    # A string must not span a line in JSON, and so none spans two texts: each is some objects of its own.
    joined = ",\n".join(texts)
    try:
        every: list[FrozenDict[str, Any]] = _SCORES.decode(f"[{joined}]")
    except RecursionError:
        raise ValueError("scores must be numbers, but are nested") from None
    if len(every) != len(texts) or not (
        all(text[:1] == "{" and text[-1:] == "}" for text in texts)
        and {FrozenDict}.issuperset(map(type, every))
        and {float, type(None)}.issuperset(type(score) for scores in every for score in scores.values())
    ):
        raise ValueError("scores must be JSON objects of numbers, but are not")
    if _SURROGATE.search(joined):
        json.dumps(every, ensure_ascii=False).encode()
    if "null" not in joined:
        return every
    return [
        FrozenDict((name, math.nan if score is None else score) for name, score in scores.items())
        for scores in every
    ]


def from_json(text: str, *, may_have_nan: bool = False) -> Any:
    """Return what a JSON text holds, if all that is made of it can be handled and written again.

    With `may_have_nan`, it may have NaN, Infinity and -Infinity in it, as Python and others write them.

    Raises
    ------
    ValueError
        If it is no JSON, nested more than `MAX_JSON_DEPTH` deep, or has NaN, an integer of more than 308
        digits or a lone surrogate in it.
    """
    try:
        value = (_JSON_WITH_NAN if may_have_nan else _JSON).decode(text)
    except RecursionError:
        raise ValueError(f"JSON must be nested at most {MAX_JSON_DEPTH} deep") from None
    if text.count("[") + text.count("{") > MAX_JSON_DEPTH and _depth(value) > MAX_JSON_DEPTH:
        raise ValueError(f"JSON must be nested at most {MAX_JSON_DEPTH} deep")
    if _SURROGATE.search(text):
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while containers := [one for one in level if isinstance(one, (dict, list))]:
        depth += 1
        level = [item for one in containers for item in (one.values() if isinstance(one, dict) else one)]
    return depth


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"a number in JSON must be finite, but got {name}")


def _integer(digits: str) -> int:
    if len(digits.removeprefix("-")) > MAX_DIGITS:
        raise ValueError(f"an integer in JSON must have at most {MAX_DIGITS} digits")
    return int(digits)


_JSON = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_integer)
_JSON_WITH_NAN = json.JSONDecoder(parse_int=_integer)
_SCORES = json.JSONDecoder(parse_int=float, object_pairs_hook=FrozenDict, parse_constant=_refuse_constant)


_PLAIN_NUMBERS = frozenset({bool, int, float})
_NUMBER_TYPES = _PLAIN_NUMBERS | {type(None)}
_NAMED_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def _any_number(value: float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(_short_integer(value)) if isinstance(value, int) else _number(value)


def _number(value: float) -> str:
    if math.isnan(value):
        return "null"
    return repr(value) if math.isfinite(value) else ("9e999" if value > 0 else "-9e999")


def _finite_or_name(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
