"""TensorBoard's events: the message in each record → the values that it logs.

Field numbers are those of TensorFlow's ``event.proto``, ``summary.proto`` and ``tensor.proto``. A number, a
text or a picture is either a field of its own (TensorFlow 1, tensorboardX, PyTorch) or a tensor whose plugin
tells what it is (TensorFlow 2).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from runlog.errors import InvalidValueError
from runlog.importers.protobuf import (
    Message,
    all_binary,
    binary,
    floats,
    integer,
    integers,
    number,
    read_message,
    text,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number under a tag."""

    tag: str
    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """Texts under a tag, one in most cases."""

    tag: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Encoded pictures under a tag, and the description of the tag."""

    tag: str
    files: tuple[bytes, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Buckets:
    """A histogram under a tag: the least and greatest number; the right edge and the count of each bucket."""

    tag: str
    least: float
    greatest: float
    limits: tuple[float, ...]
    counts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """What ``add_hparams`` was given: numbers, words and bools by name; none in what else it writes."""

    values: Mapping[str, float | str | bool]


@dataclass(frozen=True, slots=True)
class Other:
    """What is none of these: its kind, as in ``pr_curves``, and its tag, where it has one."""

    kind: str
    tag: str


Value: TypeAlias = Number | Text | Pictures | Buckets | Hyperparameters | Other


@dataclass(frozen=True, slots=True)
class Event:
    """What was logged at a step, and when, in seconds since 1970."""

    step: int
    wall_time: float
    values: tuple[Value, ...]


# Fields of Event that hold neither values nor what only says which program wrote the file.
_OTHER_EVENTS = {
    4: "graphs",
    6: "log messages",
    7: "session marks",
    8: "run metadata",
    9: "meta graphs",
}
_WALL_TIME, _STEP, _SUMMARY = 1, 2, 5
_VALUES = 1
_TAG, _SIMPLE_VALUE, _OLD_HISTOGRAM, _IMAGE, _HISTOGRAM, _AUDIO, _TENSOR, _METADATA = 1, 2, 3, 4, 5, 6, 8, 9
_PLUGIN, _DESCRIPTION, _PLUGIN_NAME, _PLUGIN_CONTENT = 1, 3, 1, 2
# Of the content of the plugin ``hparams``, and of a value in it (``google.protobuf.Value``).
_SESSION_START, _HPARAMS, _HPARAM_KEY, _HPARAM_VALUE = 3, 1, 1, 2
_HPARAM_NUMBER, _HPARAM_TEXT, _HPARAM_BOOL = 2, 3, 4
_ENCODED_IMAGE = 4
_LEAST, _GREATEST, _LIMITS, _COUNTS = 1, 2, 6, 7
_DTYPE, _CONTENT, _STRINGS = 1, 4, 8
_STRING = 7
_BFLOAT16 = "bfloat16"
# DataType → the number's form, as in `struct`, and the field of TensorProto that holds it.
_NUMBERS = {
    1: ("f", 5),
    2: ("d", 6),
    3: ("i", 7),
    4: ("B", 7),
    5: ("h", 7),
    6: ("b", 7),
    9: ("q", 10),
    10: ("?", 11),
    14: (_BFLOAT16, 13),
    17: ("H", 7),
    19: ("e", 13),
    22: ("I", 16),
    23: ("Q", 17),
}
# A picture tensor begins with two texts: its width and height.
_PICTURE_HEADER = 2


class EventReader:
    """Reads the events of one run: of a tag, only the first value need say what it is."""

    def __init__(self) -> None:
        self._plugins: dict[str, str] = {}

    def read(self, data: bytes) -> Event:
        """Return the event in a record.

        Raises
        ------
        InvalidValueError
            If it is none.
        """
        event = read_message(data)
        values: list[Value] = [Other(kind, "") for field, kind in _OTHER_EVENTS.items() if field in event]
        for summary in all_binary(event, _SUMMARY):
            values += [
                self._value(read_message(value)) for value in all_binary(read_message(summary), _VALUES)
            ]
        wall_time = number(event, _WALL_TIME, "<d") if _WALL_TIME in event else math.nan
        return Event(integer(event, _STEP), wall_time, tuple(values))

    def _value(self, value: Message) -> Value:
        tag = text(value, _TAG)
        metadata = read_message(binary(value, _METADATA))
        plugin_data = read_message(binary(metadata, _PLUGIN))
        plugin = text(plugin_data, _PLUGIN_NAME)
        if plugin == "hparams":
            return _hyperparameters(read_message(binary(plugin_data, _PLUGIN_CONTENT)))
        plugin = self._plugins.setdefault(tag, plugin) if plugin else self._plugins.get(tag, "")
        if _SIMPLE_VALUE in value:
            return Number(tag, number(value, _SIMPLE_VALUE, "<f"))
        if _IMAGE in value:
            file = binary(read_message(binary(value, _IMAGE)), _ENCODED_IMAGE)
            return Pictures(tag, (file,), text(metadata, _DESCRIPTION))
        if _TENSOR in value:
            tensor = read_message(binary(value, _TENSOR))
            return _from_tensor(tag, plugin, tensor, text(metadata, _DESCRIPTION))
        if _HISTOGRAM in value:
            return _from_histogram(tag, read_message(binary(value, _HISTOGRAM)))
        if _OLD_HISTOGRAM in value:
            return Other("histograms", tag)
        return Other("audio" if _AUDIO in value else plugin or "empty values", tag)


def _hyperparameters(content: Message) -> Hyperparameters:
    values: dict[str, float | str | bool] = {}
    for entry in all_binary(read_message(binary(content, _SESSION_START)), _HPARAMS):
        pair = read_message(entry)
        value = read_message(binary(pair, _HPARAM_VALUE))
        name = text(pair, _HPARAM_KEY)
        if _HPARAM_NUMBER in value:
            values[name] = number(value, _HPARAM_NUMBER, "<d")
        elif _HPARAM_BOOL in value:
            values[name] = bool(integer(value, _HPARAM_BOOL))
        elif _HPARAM_TEXT in value:
            values[name] = text(value, _HPARAM_TEXT)
    return Hyperparameters(values)


def _from_tensor(tag: str, plugin: str, tensor: Message, description: str) -> Value:
    is_text = integer(tensor, _DTYPE) == _STRING
    if plugin == "scalars" and (value := _only_number(tensor)) is not None:
        return Number(tag, value)
    if plugin == "text" and is_text:
        # What is not UTF-8 is still a text.
        return Text(tag, tuple(one.decode(errors="backslashreplace") for one in all_binary(tensor, _STRINGS)))
    if plugin == "images" and is_text:
        return Pictures(tag, tuple(all_binary(tensor, _STRINGS)[_PICTURE_HEADER:]), description)
    if plugin == "histograms" and (buckets := _buckets(tag, _numbers(tensor))) is not None:
        return buckets
    return Other(plugin or "tensors of no plugin", tag)


def _from_histogram(tag: str, histogram: Message) -> Value:
    limits, counts = floats(histogram, _LIMITS, "<d"), floats(histogram, _COUNTS, "<d")
    least = number(histogram, _LEAST, "<d") if _LEAST in histogram else 0.0
    greatest = number(histogram, _GREATEST, "<d") if _GREATEST in histogram else 0.0
    return Buckets(tag, least, greatest, tuple(limits), tuple(counts))


def _buckets(tag: str, rows: Sequence[float]) -> Value | None:
    """Return the histogram in a tensor: a row of left edge, right edge and count for each bucket."""
    if len(rows) % 3:
        return None
    return Buckets(
        tag, min(rows[::3], default=0.0), max(rows[1::3], default=0.0), tuple(rows[1::3]), tuple(rows[2::3])
    )


def _only_number(tensor: Message) -> float | None:
    """Return the number in a tensor of one; None for any other tensor."""
    values = _numbers(tensor)
    return float(values[0]) if len(values) == 1 else None


def _numbers(tensor: Message) -> Sequence[float]:
    """Return the numbers in a tensor, in one dimension; none of one that holds something else."""
    form, field = _NUMBERS.get(integer(tensor, _DTYPE), ("", 0))
    if not form:
        return ()
    if content := binary(tensor, _CONTENT):
        values: Sequence[float] = _unpacked(content, form)
    elif form in ("f", "d"):
        values = floats(tensor, field, f"<{form}")
    elif form in ("e", _BFLOAT16):
        values = _unpacked(
            b"".join(struct.pack("<H", bits & 0xFFFF) for bits in integers(tensor, field)), form
        )
    else:
        values = integers(tensor, field)
    return values


def _unpacked(content: bytes, form: str) -> list[float]:
    if form == _BFLOAT16:
        # The upper half of a float.
        halves = (content[at : at + 2] for at in range(0, len(content), 2))
        content, form = b"".join(b"\0\0" + half for half in halves), "f"
    if len(content) % struct.calcsize(f"<{form}"):
        raise InvalidValueError(f"a tensor must hold whole numbers, but has {len(content)} bytes")
    return [value for (value,) in struct.iter_unpack(f"<{form}", content)]
