"""Reading zip files that anybody may have made: nothing is unpacked, and nothing in them is believed.

`zipfile` finds and reads the files; what it lets pass, and an unpacker may be caught by, is refused here.
"""

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
from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import BinaryIO

from runlog.errors import StorageError, shown
from runlog.storage.layout import is_inside

_CHUNK = 1 << 20
_LOCAL_HEADER_BYTES = 30
_END_RECORD = struct.Struct("<4s4H2LH")
_ENCRYPTED, _SIZES_FOLLOW = 0x1, 0x8
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


def seal(file: BinaryIO) -> None:
    """Let a zip file, open for reading and writing, end with the sha256 of all that is in it.

    The checksums in it are of content; headers, padding and attributes they leave out.
    """
    size = file.seek(0, os.SEEK_END) - _COMMENT_LENGTH.size
    comment = _SEAL + _digest(file, size).encode()
    file.seek(size)
    file.write(_COMMENT_LENGTH.pack(len(comment)) + comment)


def has_broken_seal(path: Path, comment: bytes) -> bool:
    """Return whether a zip file ends with a seal, as its comment, that is not of what stands before it."""
    if not comment:
        return False
    with path.open("rb") as file:
        size = path.stat().st_size - _COMMENT_LENGTH.size - len(comment)
        return _SEAL + _digest(file, size).encode() != comment


def _digest(file: BinaryIO, size: int) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while size > 0 and (chunk := file.read(min(size, _CHUNK))):
        digest.update(chunk)
        size -= len(chunk)
    return digest.hexdigest()


def is_meant_as_zip(path: Path) -> bool:
    """Return whether a file has the name of a zip file or begins like one, damaged as it may be."""
    if path.suffix.lower() == ".zip":
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open a zip file for reading.

    Raises
    ------
    StorageError
        If it is no whole zip file.
    """
    try:
        return zipfile.ZipFile(path)
    except OSError as error:
        raise StorageError(f"{path} must be a readable file, but: {error.strerror or error}") from None
    except Exception as error:  # noqa: BLE001 - a broken file provokes whatever it likes
        raise StorageError(f"{path} must be a whole zip file, but: {error}") from None


def find_unsafe(path: Path, archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield one line for each thing in a zip file that is unsafe or contradicts itself.

    If there is one, nothing of it may be unpacked.
    """
    entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
    yield from _unsafe_names(entries)
    yield from _growth(entries, path.stat().st_size)
    for entry in entries:
        problem = _unsafe(entry) or _unreadable(archive, entry)
        if problem:
            yield f"{shown(entry.orig_filename)} {problem}"
    with path.open("rb") as file:
        yield from _hidden(file, archive, entries)
    if archive.comment and not _SEALED.fullmatch(archive.comment):
        yield f"its comment must be none or a sha256, but is {shown(archive.comment)}"


def read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content of a file in a zip file, in pieces; never more of it than was declared.

    Raises
    ------
    StorageError
        If it is not what was declared.
    """
    size = crc = 0
    try:
        for chunk in _content(archive, entry):
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
            if size > entry.file_size:
                break
            yield chunk
    except (OSError, zlib.error, zipfile.BadZipFile) as error:
        raise StorageError(f"its content must be as the zip file declares, but: {error}") from None
    if (size, crc) != (entry.file_size, entry.CRC):
        raise StorageError("its size and checksum must be as the zip file declares, but are not")


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    # `zipfile` stops at the last byte it needs: compressed data that break off there, or go on, it lets pass.
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    with archive.open(_as_stored(entry)) as packed:
        while chunk := packed.read(_CHUNK):
            while inflate and chunk:
                yield inflate.decompress(chunk, _CHUNK)
                chunk = inflate.unconsumed_tail
            yield chunk
    if inflate:
        yield inflate.flush()
        if inflate.unused_data or not inflate.eof:
            raise zlib.error("its compressed data end before the file or after it")


def _as_stored(entry: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """Return an entry by which `zipfile` reads the data of another as they are, and checks nothing."""
    stored = copy(entry)
    stored.compress_type, stored.file_size = zipfile.ZIP_STORED, entry.compress_size
    del stored.CRC
    return stored


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


def _unreadable(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str | None:
    try:
        archive.open(entry).close()
    except Exception as error:  # noqa: BLE001 - a broken header provokes whatever it likes
        return f"must begin as the list of files says, but: {error}"
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


def _hidden(file: BinaryIO, archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> Iterator[str]:
    """Yield where something is hidden between files, shared by them, or told in two ways."""
    position = slack = 0
    for entry in entries:
        if not position <= entry.header_offset <= position + slack:
            yield f"{shown(entry.orig_filename)} does not begin where the file before it ends"
        file.seek(max(entry.header_offset, 0))
        header = file.read(_LOCAL_HEADER_BYTES).ljust(_LOCAL_HEADER_BYTES, b"\0")
        if _contradicts(header, entry):
            yield f"{shown(entry.orig_filename)} must be as the list of files says, but its header differs"
        names = sum(struct.unpack_from("<2H", header, 26))
        position = entry.header_offset + len(header) + names + entry.compress_size
        slack = _LONGEST_DESCRIPTOR if entry.flag_bits & _SIZES_FOLLOW else 0
    end = archive.start_dir
    if not position <= end <= position + slack or not _is_sound_end(file, end, len(entries), archive.comment):
        yield "its list of files must follow its last file and end the zip file, but does not"


def _contradicts(header: bytes, entry: zipfile.ZipInfo) -> bool:
    """Return whether what stands before a file's data says something else than the list of files.

    Unpackers believe the one or the other. That the names agree, `zipfile` sees to.
    """
    listed = entry.FileHeader()
    flags, method_and_time, checksum, sizes = slice(6, 8), slice(8, 14), slice(14, 18), slice(18, 26)
    return (
        header[flags] != struct.pack("<H", entry.flag_bits)
        or header[method_and_time] != listed[method_and_time]
        or not (
            entry.flag_bits & _SIZES_FOLLOW
            or (header[checksum] == listed[checksum] and header[sizes] in (listed[sizes], b"\xff" * 8))
        )
    )


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
