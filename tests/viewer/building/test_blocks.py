"""Steps go to blocks by order of arrival."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runlog_viewer.building.blocks import BLOCK_SIZE, BLOCKS_OF_AN_INDEX, KeySet, StepBlocks


def test_a_new_step_goes_to_the_last_block_wherever_it_belongs() -> None:
    blocks = StepBlocks()
    assert {blocks.put(step, 1) for step in range(100, 100 + BLOCK_SIZE)} == {0}
    assert blocks.put(5, 2) == 1
    assert blocks.put(101, 3) == 0
    assert blocks.steps(1) == [5]
    assert blocks.latest() == 99 + BLOCK_SIZE


def test_neighbours_go_by_step_and_not_by_arrival() -> None:
    blocks = StepBlocks()
    for step in (10, 30, 20):
        blocks.put(step, 1)
    assert [blocks.neighbours(step) for step in (10, 20, 30)] == [(None, 20), (10, 30), (20, None)]
    assert blocks.neighbours(25) == (20, 30)


@pytest.mark.parametrize("step", [0, 5])
def test_a_removed_step_is_gone(step: int) -> None:
    blocks = StepBlocks([[0, 1, 0, 5, 2, 0]])
    assert blocks.remove(step) == 0
    assert blocks.revision(step) is None
    assert list(blocks.all_steps()) == [5 - step]


@given(st.integers(0, 3 * BLOCKS_OF_AN_INDEX))
def test_each_block_is_in_one_index_script_and_the_last_goes_on(count: int) -> None:
    blocks = StepBlocks([[number, 1, 0] for number in range(count)])
    *earlier, last = blocks.indexed()
    assert [number for numbers in (*earlier, last) for number in numbers] == list(range(count))
    assert all(len(numbers) == BLOCKS_OF_AN_INDEX for numbers in earlier)
    assert len(last) in range(bool(count), BLOCKS_OF_AN_INDEX + 1)


keys = st.lists(st.sampled_from("abc"), unique=True).map(tuple)
key_sets = st.tuples(keys, keys)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 9), key_sets), max_size=400))
def test_what_is_written_is_what_is_read_again(entries: list[tuple[int, int, KeySet]]) -> None:
    blocks = StepBlocks()
    for step, revision, keys_there in entries:
        blocks.put(step, revision)
        blocks.put_keys(step, keys_there)
    puts = [(step, revision) for step, revision, _ in entries]
    encoded = [blocks.encoded(number) for number in blocks.numbers()]
    again = StepBlocks(encoded, blocks.key_sets())
    assert [again.encoded(number) for number in again.numbers()] == encoded
    written = {
        block[n]: blocks.key_sets()[block[n + 2]] for block in encoded for n in range(0, len(block), 3)
    }
    assert written == {step: keys_there for step, _, keys_there in entries}
    assert again.all_steps() == blocks.all_steps() == sorted(dict(puts))
    assert {step: again.revision(step) for step in again.all_steps()} == dict(puts)
    assert all(len(again.steps(number)) <= BLOCK_SIZE for number in again.numbers())
