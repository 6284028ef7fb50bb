"""Reading zip files that anybody may have made: nothing is unpacked, and nothing in them is believed."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from runlog.errors import StorageError, shown
from runlog.storage.layout import is_inside

_CHUNK = 1 << 20
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_END_RECORD = struct.Struct("<4s4H2LH")
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x1, 0x8, 0x800
# After data whose size was not known before it: signature, CRC and two sizes of 4 or 8 bytes.
_LONGEST_DESCRIPTOR = 24
_ZIP64 = 0xFFFFFFFF
# The two records of large zip files: 56 and 20 bytes.
_ZIP64_RECORDS = 76
_MAGIC = b"PK"
_COMMENT_LENGTH = struct.Struct("<H")
_SEAL = b"sha256 of all before: "
_SEALED = re.compile(re.escape(_SEAL) + rb"[0-9a-f]{64}")
# Unpackers that know this extra field take their name from it, not from where we look (APPNOTE 4.6.9).
_UNICODE_PATH = 0x7075
# Real runs come nowhere near: media files are compressed already.
_MOST_GROWTH = 200
_SMALL = 64 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """One file in a zip file: where its data is, and what it should become."""

    name: str
    offset: int
    packed_bytes: int
    bytes: int
    crc: int
    is_deflated: bool


@dataclass(frozen=True, slots=True)
class ZipContents:
    """What a zip file holds, without its data.

    Attributes
    ----------
    members
        The files by name, in the order they are in.
    problems
        One line for each thing that is unsafe or contradicts itself; if there is one, unpack nothing.
    seal
        The sha256 of all that stands before it, in the zip file's comment; None if it has no comment.
    """

    members: Mapping[str, Member]
    problems: tuple[str, ...]
    seal: str | None


def seal(file: BinaryIO) -> None:
    """Let a zip file, open for reading and writing, end with the sha256 of all that is in it.

    The checksums in it are of content; headers, padding and attributes they leave out.
    """
    size = file.seek(0, os.SEEK_END) - _COMMENT_LENGTH.size
    comment = _SEAL + _digest(file, size).encode()
    file.seek(size)
    file.write(_COMMENT_LENGTH.pack(len(comment)) + comment)


def is_sealed(path: Path, digest: str) -> bool:
    """Return whether all that stands before a seal has its sha256."""
    with path.open("rb") as file:
        size = path.stat().st_size - _COMMENT_LENGTH.size - len(_SEAL) - len(digest)
        return _digest(file, size) == digest


def is_meant_as_zip(path: Path) -> bool:
    """Return whether a file has the name of a zip file or begins like one, damaged as it may be."""
    if path.suffix.lower() == ".zip":
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def _digest(file: BinaryIO, size: int) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while size > 0 and (chunk := file.read(min(size, _CHUNK))):
        digest.update(chunk)
        size -= len(chunk)
    return digest.hexdigest()


def read_contents(path: Path) -> ZipContents:
    """Read what a zip file holds, without its data.

    Raises
    ------
    StorageError
        If it is no whole zip file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries, end, comment = archive.infolist(), archive.start_dir, archive.comment
    except OSError as error:
        raise StorageError(f"{path} must be a readable file, but: {error.strerror or error}") from None
    except Exception as error:  # noqa: BLE001 - a broken file provokes whatever it likes
        raise StorageError(f"{path} must be a whole zip file, but: {error}") from None
    entries.sort(key=lambda entry: entry.header_offset)
    problems = [*_unsafe_names(entries), *_growth(entries, path.stat().st_size)]
    members: dict[str, Member] = {}
    position = slack = 0
    with path.open("rb") as file:
        for entry in entries:
            if problem := _unsafe(entry):
                problems.append(f"{shown(entry.orig_filename)} {problem}")
            if not position <= entry.header_offset <= position + slack:
                problems.append(f"{shown(entry.orig_filename)} does not begin where the file before it ends")
            offset, contradictions = _read_local_header(file, entry)
            problems += (f"{shown(entry.orig_filename)} {what}" for what in contradictions)
            position = offset + entry.compress_size
            slack = _LONGEST_DESCRIPTOR if entry.flag_bits & _SIZES_FOLLOW else 0
            if not entry.orig_filename.endswith("/"):
                is_deflated = entry.compress_type == zipfile.ZIP_DEFLATED
                members[entry.orig_filename] = Member(
                    entry.orig_filename, offset, entry.compress_size, entry.file_size, entry.CRC, is_deflated
                )
        if not position <= end <= position + slack or not _is_sound_end(file, end, len(entries), comment):
            problems.append("its list of files must follow its last file and end the zip file, but does not")
    if comment and not _SEALED.fullmatch(comment):
        problems.append(f"its comment must be none or a sha256, but is {shown(comment)}")
    return ZipContents(members, tuple(problems), comment.removeprefix(_SEAL).decode("latin-1") or None)


def read_member(path: Path, member: Member) -> Iterator[bytes]:
    """Yield the content of a file in a zip file, in pieces; never more of it than was declared.

    Raises
    ------
    StorageError
        If it is not what was declared.
    """
    size = crc = 0
    for chunk in _inflated(path, member) if member.is_deflated else _raw(path, member):
        size, crc = size + len(chunk), zlib.crc32(chunk, crc)
        if size > member.bytes:
            break
        yield chunk
    if (size, crc) != (member.bytes, member.crc):
        raise StorageError("its size and checksum must be as the zip file declares, but are not")


def _raw(path: Path, member: Member) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(member.offset)
        left = member.packed_bytes
        while left and (chunk := file.read(min(left, _CHUNK))):
            left -= len(chunk)
            yield chunk


def _inflated(path: Path, member: Member) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for packed in _raw(path, member):
            left = packed
            while left and not inflate.eof:
                yield inflate.decompress(left, _CHUNK)
                left = inflate.unconsumed_tail
            if inflate.unused_data or (left and inflate.eof):
                raise StorageError("its compressed data must end with the file, but more follows")
        yield inflate.flush()
    except zlib.error as error:
        raise StorageError(f"its compressed data must be whole, but: {error}") from None
    if not inflate.eof:
        raise StorageError("its compressed data must be whole, but breaks off")


def _unsafe(entry: zipfile.ZipInfo) -> str | None:
    """Return why a file may not be unpacked, by what the list of files says of it."""
    is_folder = entry.orig_filename.endswith("/")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if not is_inside(entry.orig_filename.removesuffix("/")):
        return "must name a file inside the archive, with plain parts, but does not"
    if kind not in (0, stat.S_IFDIR if is_folder else stat.S_IFREG):
        return "must be a plain file or folder, but is a link or a device"
    if is_folder and entry.file_size:
        return "must be a file or a folder, but is a folder with content"
    if entry.flag_bits & _ENCRYPTED:
        return "must be readable by anybody, but is encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"must be stored or deflated, but has compression method {entry.compress_type}"
    if _UNICODE_PATH in _extra_fields(entry.extra):
        return "must have one name, but has another in an extra field"
    return None


def _unsafe_names(entries: Sequence[zipfile.ZipInfo]) -> Iterator[str]:
    """Yield names that are the same file on some file system."""
    folded = Counter(unicodedata.normalize("NFC", entry.orig_filename).casefold() for entry in entries)
    for name, count in folded.items():
        if count > 1:
            yield f"{shown(name)} must be there once, but is {count} times (capitals do not count)"


def _growth(entries: Sequence[zipfile.ZipInfo], zip_bytes: int) -> Iterator[str]:
    total = sum(entry.file_size for entry in entries)
    if total > zip_bytes * _MOST_GROWTH + _SMALL:
        yield (
            f"it must not grow more than {_MOST_GROWTH} times when it is unpacked, but its {zip_bytes:,} "
            f"bytes would become {total:,}"
        )


def _extra_fields(extra: bytes) -> Iterator[int]:
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<2H", extra)
        yield kind
        extra = extra[4 + size :]


def _read_local_header(file: BinaryIO, entry: zipfile.ZipInfo) -> tuple[int, Iterable[str]]:
    """Read what stands before a file's data; return where that begins, and what the list says otherwise."""
    file.seek(max(entry.header_offset, 0))
    head = file.read(_LOCAL_HEADER.size)
    if len(head) < _LOCAL_HEADER.size or not head.startswith(b"PK\3\4"):
        return entry.header_offset, ["must have a header before its data, but has none"]
    _, _, flags, method, time, date, crc, packed, size, name_length, extra_length = _LOCAL_HEADER.unpack(head)
    name = file.read(name_length).decode("utf-8" if flags & _UTF8 else "cp437", "replace")
    moment = (
        (date >> 9) + 1980, date >> 5 & 0xF, date & 0x1F, time >> 11, time >> 5 & 0x3F, (time & 0x1F) * 2
    )  # fmt: skip
    pairs = {
        "name": (name, entry.orig_filename),
        "flags": (flags, entry.flag_bits),
        "compression": (method, entry.compress_type),
        "time": (moment, entry.date_time),
    }
    if not flags & _SIZES_FOLLOW:
        pairs["checksum"] = (crc, entry.CRC)
        pairs["size"] = (size if size != _ZIP64 else entry.file_size, entry.file_size)
        pairs["packed size"] = (packed if packed != _ZIP64 else entry.compress_size, entry.compress_size)
    differing = [what for what, (local, listed) in pairs.items() if local != listed]
    offset = entry.header_offset + len(head) + name_length + extra_length
    return offset, [f"must be as the list of files says, but differs in its {what}" for what in differing]


def _is_sound_end(file: BinaryIO, list_start: int, count: int, comment: bytes) -> bool:
    """Return whether a zip file ends with one record that fits its list of files and its comment."""
    record_start = file.seek(0, os.SEEK_END) - _END_RECORD.size - len(comment)
    file.seek(record_start)
    record = file.read(_END_RECORD.size)
    mark, disk, list_disk, here, total, size, start, length = _END_RECORD.unpack(record)
    return (
        mark == b"PK\5\6"
        and disk == list_disk == 0
        and length == len(comment)
        and here == total
        and total in (count, _ZIP64 & 0xFFFF)
        and start in (list_start, _ZIP64)
        and (size == _ZIP64 or list_start + size in (record_start, record_start - _ZIP64_RECORDS))
    )
