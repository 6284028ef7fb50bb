"""Protocol buffers as they are on the wire: numbered fields, without a schema."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from runlog.errors import InvalidValueError

# An integer, or the bytes of a fixed-size number, a string or a message.
Value: TypeAlias = int | bytes
Message: TypeAlias = dict[int, list[Value]]

_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_FIXED_SIZES = {_FIXED_64: 8, _FIXED_32: 4}
_MAX_VARINT_BYTES = 10


def read_message(data: bytes) -> Message:
    """Return the values of each field of a message, by field number.

    Raises
    ------
    InvalidValueError
        If the bytes are no message.
    """
    message: Message = {}
    offset, size = 0, len(data)
    while offset < size:
        key, offset = _varint(data, offset)
        kind = key & 7
        value: Value
        if kind == _VARINT:
            value, offset = _varint(data, offset)
        else:
            length, offset = (
                (_FIXED_SIZES[kind], offset) if kind in _FIXED_SIZES else _length(data, offset, kind)
            )
            if offset + length > size:
                raise InvalidValueError(f"a field must end within its message of {size} bytes, but does not")
            value = data[offset : offset + length]
            offset += length
        message.setdefault(key >> 3, []).append(value)
    return message


def integer(message: Message, field: int) -> int:
    """Return a signed integer; 0 if it is not there. Of several the last one counts, as in every field."""
    value = message.get(field, (0,))[-1]
    if not isinstance(value, int):
        raise InvalidValueError(f"field {field} must be an integer, but is not")
    return _signed(value)


def binary(message: Message, field: int) -> bytes:
    """Return bytes or a message; empty if it is not there."""
    return _as_bytes(message.get(field, (b"",))[-1], field)


def text(message: Message, field: int) -> str:
    """Return a string; empty if it is not there."""
    try:
        return binary(message, field).decode()
    except UnicodeDecodeError:
        raise InvalidValueError(f"field {field} must be text in UTF-8, but is not") from None


def all_binary(message: Message, field: int) -> Sequence[bytes]:
    """Return every value of a repeated field of bytes or messages."""
    return [_as_bytes(value, field) for value in message.get(field, ())]


def number(message: Message, field: int, form: str) -> float:
    """Return a number of fixed size that is there; `form` is as in `struct`."""
    values = floats(message, field, form)
    if not values:
        raise InvalidValueError(f"field {field} must hold a number, but is empty")
    return values[-1]


def floats(message: Message, field: int, form: str) -> list[float]:
    """Return a repeated field of numbers of fixed size, packed or not; `form` is as in `struct`."""
    data = b"".join(all_binary(message, field))
    if len(data) % struct.calcsize(form):
        raise InvalidValueError(f"field {field} must hold whole numbers of its size, but does not")
    return [number for (number,) in struct.iter_unpack(form, data)]


def integers(message: Message, field: int) -> list[int]:
    """Return a repeated field of signed integers, packed or not."""
    values: list[int] = []
    for value in message.get(field, ()):
        values += [value] if isinstance(value, int) else _packed(value)
    return list(map(_signed, values))


def _packed(data: bytes) -> Iterator[int]:
    offset = 0
    while offset < len(data):
        value, offset = _varint(data, offset)
        yield value


def _varint(data: bytes, offset: int) -> tuple[int, int]:
    value = 0
    for place in range(_MAX_VARINT_BYTES):
        if offset >= len(data):
            break
        byte = data[offset]
        offset += 1
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, offset
    raise InvalidValueError("an integer must end within its message and 10 bytes, but does not")


def _length(data: bytes, offset: int, kind: int) -> tuple[int, int]:
    if kind != _BYTES:
        raise InvalidValueError(f"a field must be of a known kind, but got {kind}")
    return _varint(data, offset)


def _as_bytes(value: Value, field: int) -> bytes:
    if isinstance(value, int):
        raise InvalidValueError(f"field {field} must be bytes, but is an integer")
    return value


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value
