"""The ``.wandb`` file of an offline run: a log in blocks, as LevelDB has it, whose records are messages.

After a header of 7 bytes come blocks of 32,768 bytes, of which the first one includes it. A block is a row of
pieces: checksum, length and place (whole, first, middle or last of a record), 7 bytes, then the data. What is
left of a block and too short for a piece is padding. The checksum is that of the place and the data.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from runlog.errors import StorageError
from runlog.importers.records import Damage, Record
from runlog.importers.sources import SourceFile

_FILE_HEADER = struct.pack("<4sHB", b":W&B", 0xBEE1, 0)
_PIECE = struct.Struct("<IHB")
_BLOCK_BYTES = 32_768
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
# No value of a run is longer.
_MOST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class _Piece:
    place: int
    data: bytes
    begin: int
    end: int


def read_records(source: SourceFile) -> Iterator[Record | Damage]:
    """Yield the records of a file, and every place where it is damaged; after one, the next block is read.

    Raises
    ------
    StorageError
        If the file cannot be read.
    """
    try:
        with source.open() as file:
            yield from _joined(_read_pieces(file, os.fstat(file.fileno()).st_size))
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"a .wandb file must be readable, but {source.path}: {error.strerror}") from None


def _joined(pieces: Iterator[_Piece | Damage]) -> Iterator[Record | Damage]:
    """Yield the records that pieces are of; what is left of one whose other pieces are gone is damage."""
    record, is_open, end = bytearray(), False, 0
    for piece in pieces:
        if isinstance(piece, Damage):
            is_open = False
            yield piece
            continue
        if is_open != (piece.place in (_MIDDLE, _LAST)):
            yield Damage(f"the record before byte {piece.begin:,} is not whole", False, piece.begin)
        if piece.place in (_WHOLE, _FIRST):
            record.clear()
        elif not is_open:
            continue
        record += piece.data
        is_open, end = piece.place in (_FIRST, _MIDDLE), piece.end
        if len(record) > _MOST_BYTES:
            yield Damage(f"the record before byte {end:,} has more than {_MOST_BYTES:,} bytes", False, end)
            is_open = False
        elif not is_open:
            yield Record(bytes(record), end)
    if is_open:
        yield Damage(f"it ends in the middle of a record at byte {end:,}", True, end)


def _read_pieces(file: BinaryIO, size: int) -> Iterator[_Piece | Damage]:
    header = file.read(len(_FILE_HEADER))
    if header != _FILE_HEADER:
        is_cut_off = _FILE_HEADER.startswith(header)
        yield Damage("it ends in its header" if is_cut_off else "it is no .wandb file", is_cut_off, size)
        return
    at = len(_FILE_HEADER)
    while block := file.read(_BLOCK_BYTES - at % _BLOCK_BYTES):
        yield from _pieces_of(block, at, is_last=at + len(block) >= size)
        at += len(block)


def _pieces_of(block: bytes, at: int, *, is_last: bool) -> Iterator[_Piece | Damage]:
    """Yield the pieces of a block that begins at a byte; what is wrong with one is so with all behind it."""
    begin, end = 0, at + len(block)
    while len(block) - begin >= _PIECE.size:
        checksum, length, place = _PIECE.unpack_from(block, begin)
        after = begin + _PIECE.size + length
        # Space that the file was given, and that was never written, is zeros.
        if is_last and (after > len(block) or not any(block[begin:])):
            yield _cut_off(at + begin, end)
            return
        data = block[begin + _PIECE.size : after]
        is_sound = after <= len(block) and zlib.crc32(block[begin + 6 : after]) == checksum
        if not is_sound or not _WHOLE <= place <= _LAST:
            lost = len(block) - begin
            yield Damage(f"the record at byte {at + begin:,} is broken: {lost:,} bytes lost", False, end)
            return
        yield _Piece(place, data, at + begin, at + after)
        begin = after
    if end % _BLOCK_BYTES and begin < len(block):
        yield _cut_off(at + begin, end)


def _cut_off(begin: int, end: int) -> Damage:
    return Damage(f"it ends in the middle of a record at byte {begin:,}", True, end)
