"""CRC-32C: the published values, and those of tensorboardX for data of any length."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboardX.crc32c import _crc32c as theirs

from runlog.importers.crc32c import crc32c, masked_crc32c


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        # RFC 3720, B.4
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_published_values(data: bytes, expected: int) -> None:
    assert crc32c(data) == expected


@given(st.randoms(use_true_random=False), st.integers(0, 5000))
def test_it_is_that_of_tensorboardx_for_any_length(chance: random.Random, length: int) -> None:
    data = chance.randbytes(length)
    assert crc32c(data) == theirs(data)


@pytest.mark.parametrize("length", [1023, 1024, 1025, 64 * 1024, 64 * 1024 + 1, 1_000_003])
def test_large_data_are_cut_into_pieces_and_joined(length: int) -> None:
    data = bytes(number * 31 % 251 for number in range(length))
    assert crc32c(data) == theirs(data)


def test_the_mask_is_that_of_tfrecord_files() -> None:
    # As TensorFlow's event files begin: a length of 24 and its checksum.
    assert masked_crc32c((24).to_bytes(8, "little")) == int.from_bytes(b'\xa3\x7fK"', "little")
