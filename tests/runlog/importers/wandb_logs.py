"""Offline runs of W&B made by hand: records in blocks, with whatever in them."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FROZEN = Path(__file__).parent / "frozen"
HEADER = struct.pack("<4sHB", b":W&B", 0xBEE1, 0)
BLOCK = 32_768


def unzipped(name: str, folder: Path) -> Path:
    """Return the folder of the one run that is frozen under a name."""
    with zipfile.ZipFile(FROZEN / f"{name}.zip") as file:
        file.extractall(folder)
        return folder / file.namelist()[0].split("/")[0]


def in_blocks(records: Iterable[bytes]) -> bytes:
    """Return the content of a ``.wandb`` file."""
    out = bytearray(HEADER)
    for record in records:
        is_first = True
        while True:
            left = BLOCK - len(out) % BLOCK
            if left < 7:
                out += bytes(left)
                continue
            part, record = record[: left - 7], record[left - 7 :]  # noqa: PLW2901 - piece by piece
            place = (1 if not record else 2) if is_first else (4 if not record else 3)
            out += struct.pack("<IHB", zlib.crc32(bytes([place]) + part), len(part), place) + part
            is_first = False
            if not record:
                break
    return bytes(out)


def varint(value: int) -> bytes:
    out = bytearray()
    value &= (1 << 64) - 1
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: int | str | bytes) -> bytes:
    """Return a field of a message: an integer, a text, bytes or a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def item(path: str | tuple[str, ...], value: Any) -> bytes:
    names = (path,) if isinstance(path, str) else path
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return field(1, b"".join(field(2, name) for name in names) + field(16, text))


def history(step: int, values: Mapping[Any, Any], at: float = 1.7e9) -> bytes:
    """Return a record of what was logged; a value in bytes is JSON as it stands."""
    rows = {"_step": step, "_timestamp": at, **values}
    return field(2, b"".join(item(path, value) for path, value in rows.items()) + field(2, field(1, step)))


def summary(values: Mapping[Any, Any]) -> bytes:
    return field(3, b"".join(item(path, value) for path, value in values.items()))


def config(values: Mapping[Any, Any]) -> bytes:
    return field(5, b"".join(item(path, value) for path, value in values.items()))


def metric(name: str, *, step: str = "", rules: Iterable[int] = (), goal: int = 0, synced: int = 0) -> bytes:
    content = field(2 if "*" in name else 1, name) + field(4, step) + field(6, field(1, synced))
    return field(12, content + field(7, b"".join(field(rule, 1) for rule in rules)) + field(8, goal))


def run(run_id: str = "abc", started: int = 1_700_000_000, **more: str) -> bytes:
    numbers = {"entity": 2, "project": 3, "group": 6, "job_type": 7, "name": 8, "notes": 9, "tag": 10}
    said = b"".join(field(numbers[name], value) for name, value in more.items())
    return field(17, field(1, run_id) + said + field(17, field(1, started)))


def end(code: int = 0) -> bytes:
    return field(18, field(1, code))


def write(folder: Path, records: Iterable[bytes], files: Mapping[str, bytes] | None = None) -> Path:
    """Write an offline run with files; return its folder."""
    place = folder / "offline-run-20231114_221320-abc"
    (place / "files").mkdir(parents=True)
    (place / "run-abc.wandb").write_bytes(in_blocks(records))
    for name, data in (files or {}).items():
        path = place / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return place


def resealed(data: bytes, changed: bytes) -> bytes:
    """Return changed data with the pieces of before, and checksums that fit."""
    out, at = bytearray(changed), len(HEADER)
    out[:at] = data[:at]
    while len(data) - at >= 7:
        if BLOCK - at % BLOCK < 7:
            at += BLOCK - at % BLOCK
            continue
        length, place = struct.unpack_from("<HB", data, at + 4)
        content = bytes(out[at + 7 : at + 7 + length])
        struct.pack_into("<IHB", out, at, zlib.crc32(bytes([place]) + content), length, place)
        at += 7 + length
    return bytes(out)
