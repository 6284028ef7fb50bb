"""CRC-32C (Castagnoli), the checksum of TFRecord files.

It is linear: the checksum of two pieces follows from those of each, the first one moved on by the length of
the second. So a large record is cut into pieces that go through the tables side by side.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Registers = NDArray[np.uint32]

_POLYNOMIAL = 0x82F63B78
_ALL = 0xFFFFFFFF
_PIECE = 64
# Below this, a plain loop is as fast.
_WORTH_PIECES = 1024


def crc32c(data: bytes) -> int:
    """Return the CRC-32C of some bytes."""
    if len(data) < _WORTH_PIECES:
        table, register = _byte_table(), _ALL
        for byte in data:
            register = table[(register ^ byte) & 0xFF] ^ (register >> 8)
        return register ^ _ALL
    return _combined(_registers_after(_pieces(data))) ^ _ALL


def masked_crc32c(data: bytes) -> int:
    """Return the checksum as TFRecord files hold it: turned and offset, so that none is of itself."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & _ALL


def _pieces(data: bytes) -> NDArray[np.uint32]:
    """Return the data as rows of words, with zeros before it, that no register which holds 0 notices."""
    count = -(-len(data) // _PIECE)
    padded = np.zeros(count * _PIECE, np.uint8)
    start = len(padded) - len(data)
    padded[start:] = np.frombuffer(data, np.uint8)
    # A register that begins with ones is one that begins with zeros and meets the inverse of four bytes.
    padded[start : start + 4] ^= 0xFF
    return padded.view("<u4").reshape(count, _PIECE // 4)


def _registers_after(pieces: NDArray[np.uint32]) -> Registers:
    """Return the register after each piece, four bytes at a time."""
    low, high = _word_tables()
    registers = np.zeros(len(pieces), np.uint32)
    for word in pieces.T:
        registers ^= word
        registers = low[registers & 0xFFFF] ^ high[registers >> 16]
    return registers


def _combined(registers: Registers) -> int:
    """Return the register after all pieces: neighbours become one piece, twice as long, until one is left."""
    doublings = 0
    while len(registers) > 1:
        if len(registers) % 2:
            registers = np.concatenate((np.zeros(1, np.uint32), registers))
        registers = _shifted(registers[0::2], _shift_table(doublings)) ^ registers[1::2]
        doublings += 1
    return int(registers[0])


def _shifted(registers: Registers, table: NDArray[np.uint32]) -> Registers:
    shifted: Registers = table[0][registers & 0xFF]
    for place in (1, 2, 3):
        shifted = shifted ^ table[place][(registers >> (8 * place)) & 0xFF]
    return shifted


@lru_cache
def _shift_table(doublings: int) -> NDArray[np.uint32]:
    """Return what each byte of a register becomes after ``_PIECE << doublings`` zeros; of shape (4, 256)."""
    values = np.arange(256, dtype=np.uint32)
    registers = np.stack([values << np.uint32(8 * place) for place in range(4)])
    if doublings:
        half = _shift_table(doublings - 1)
        return _shifted(_shifted(registers, half), half)
    table = np.array(_byte_table(), np.uint32)
    for _ in range(_PIECE):
        registers = table[registers & 0xFF] ^ (registers >> 8)
    return registers


@lru_cache
def _word_tables() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return what the lower and the upper half of a register become after four zeros."""
    table = np.array(_byte_table(), np.uint32)
    halves = []
    for shift in (0, 16):
        registers = np.arange(1 << 16, dtype=np.uint32) << np.uint32(shift)
        for _ in range(4):
            registers = table[registers & 0xFF] ^ (registers >> 8)
        halves.append(registers)
    return halves[0], halves[1]


@lru_cache
def _byte_table() -> tuple[int, ...]:
    table = []
    for register in range(256):
        for _ in range(8):
            register = register >> 1 ^ (_POLYNOMIAL if register & 1 else 0)  # noqa: PLW2901 - bit by bit
        table.append(register)
    return tuple(table)
