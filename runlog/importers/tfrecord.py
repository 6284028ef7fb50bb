"""TFRecord files: records with a length and two checksums, as far as they are whole.

A record is its length (8 bytes, little-endian), the checksum of these bytes, the data, and their checksum (4
bytes each; see `runlog.importers.crc32c.masked_crc32c`).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

from runlog.errors import StorageError
from runlog.importers.crc32c import masked_crc32c
from runlog.importers.records import Damage, Record
from runlog.importers.sources import SourceFile

_HEADER = struct.Struct("<QI")
_FOOTER = struct.Struct("<I")


def read_records(source: SourceFile) -> Iterator[Record | Damage]:
    """Yield the records of a file, and every place where it is damaged.

    A record whose data do not match their checksum is skipped; after a length that does not match its own,
    nothing more can be found.

    Raises
    ------
    StorageError
        If the file cannot be read.
    """
    try:
        with source.open() as file:
            yield from _read(file, os.fstat(file.fileno()).st_size)
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"an event file must be readable, but {source.path}: {error.strerror}") from None


def _read(file: BinaryIO, size: int) -> Iterator[Record | Damage]:
    at = 0
    while at < size:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            yield Damage(f"it ends in the middle of a record at byte {at:,}", True, size)
            return
        length, checksum = _HEADER.unpack(header)
        if masked_crc32c(header[:8]) != checksum:
            yield Damage(
                f"the length of a record at byte {at:,} is wrong: {size - at:,} bytes lost", False, size
            )
            return
        end = at + _HEADER.size + length + _FOOTER.size
        if end > size:
            yield Damage(f"it ends in the middle of a record at byte {at:,}", True, size)
            return
        data = file.read(length)
        if (*_FOOTER.unpack(file.read(_FOOTER.size)),) == (masked_crc32c(data),):
            yield Record(data, end)
        else:
            yield Damage(f"the record at byte {at:,} is broken: {length:,} bytes lost", False, end)
        at = end
