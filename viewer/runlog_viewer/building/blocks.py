"""Which steps have a page, as of which revision, of which keys, and in which block of the data scripts.

Steps go to blocks by order of arrival, so that a new step touches the last block only. This is what the index
scripts say to the pages, and to the builder when it starts again.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence

import runlog

# A gallery out of another block is there in 8 ms, with 64 steps it took 14, and half as much is written again
# with each new step; with 16 there would be little to gain, and more files to search captions in.
BLOCK_SIZE = 32
# The page of a run is written with each new step, and links to those of so many blocks; an earlier one is on
# a page of so many, which is written again only while it grows.
LISTED_BLOCKS, BLOCKS_OF_A_PAGE = 8, 64
# What the index script says of the last blocks is written with each new step, in 14 bytes each; a page loads
# one more script for each so many blocks before them.
BLOCKS_OF_AN_INDEX = 32

KeySet = tuple[tuple[str, ...], ...]
"""The keys of the images of a step, and those of its values of each of `runlog.ROW_KINDS`."""
_NO_KEYS: KeySet = ((),) * (1 + len(runlog.ROW_KINDS))


class StepBlocks:
    """The steps that have a page, each with its revision and its keys, in blocks of `BLOCK_SIZE`."""

    def __init__(
        self, encoded: Iterable[Sequence[int]] = (), key_sets: Iterable[Sequence[Sequence[str]]] = (_NO_KEYS,)
    ) -> None:
        """Take over blocks and key sets as `encoded` and `key_sets` gave them."""
        self._key_sets: dict[KeySet, int] = {
            tuple(map(tuple, keys)): number for number, keys in enumerate(key_sets)
        }
        self._blocks = [
            {step: (revision, keys) for step, revision, keys in zip(*[iter(block)] * 3, strict=True)}
            for block in encoded
        ]
        self._block_of = {step: number for number, block in enumerate(self._blocks) for step in block}
        self._ascending = sorted(self._block_of)

    def __len__(self) -> int:
        return len(self._ascending)

    def put(self, step: int, revision: int) -> int:
        """Note a step at a revision, and return the number of its block."""
        number = self._block_of.get(step)
        if number is None:
            if not self._blocks or len(self._blocks[-1]) >= BLOCK_SIZE:
                self._blocks.append({})
            number = self._block_of[step] = len(self._blocks) - 1
            insort(self._ascending, step)
        self._blocks[number][step] = revision, 0
        return number

    def put_keys(self, step: int, keys: KeySet) -> None:
        """Note of which keys a step has what; it must have been put before."""
        number = self._block_of[step]
        revision, _ = self._blocks[number][step]
        key_set = self._key_sets.setdefault(keys, len(self._key_sets))
        self._blocks[number][step] = revision, key_set

    def remove(self, step: int) -> int:
        """Forget a step, and return the number of the block it was in."""
        number = self._block_of.pop(step)
        del self._blocks[number][step]
        del self._ascending[bisect_left(self._ascending, step)]
        return number

    def revision(self, step: int) -> int | None:
        """Return the revision of a step; None for one that has no page."""
        number = self._block_of.get(step)
        return None if number is None else self._blocks[number][step][0]

    def changed_after(self, revision: int) -> list[int]:
        """Return the steps that are noted at a later revision."""
        return [step for block in self._blocks for step, (its, _) in block.items() if its > revision]

    def numbers(self) -> range:
        """Return the numbers of the blocks."""
        return range(len(self._blocks))

    def listed(self) -> range:
        """Return the numbers of the blocks that the page of the run links to: the last ones."""
        return self.numbers()[-LISTED_BLOCKS:]

    def earlier_pages(self) -> range:
        """Return the numbers of the pages that link to the steps of the blocks before these."""
        return range(-(-self.listed().start // BLOCKS_OF_A_PAGE))

    def on_earlier_page(self, page: int) -> range:
        """Return the numbers of the blocks that one of these pages links to."""
        return self.numbers()[: self.listed().start][page * BLOCKS_OF_A_PAGE :][:BLOCKS_OF_A_PAGE]

    def indexed(self) -> list[range]:
        """Return the numbers of the blocks in each index script; the last one is that which goes on."""
        numbers = self.numbers()
        starts = range(0, max(1, len(numbers)), BLOCKS_OF_AN_INDEX)
        return [numbers[start : start + BLOCKS_OF_AN_INDEX] for start in starts]

    def steps(self, *numbers: int) -> list[int]:
        """Return the steps of some blocks, ascending."""
        return sorted(step for number in numbers for step in self._blocks[number])

    def all_steps(self) -> Sequence[int]:
        """Return all steps, ascending."""
        return self._ascending

    def latest(self) -> int | None:
        """Return the highest step."""
        return self._ascending[-1] if self._ascending else None

    def neighbours(self, step: int) -> tuple[int | None, int | None]:
        """Return the steps before and after a step, whether it has a page or not."""
        at = bisect_left(self._ascending, step)
        after = at + (step in self._block_of)
        previous = self._ascending[at - 1] if at else None
        return previous, self._ascending[after] if after < len(self._ascending) else None

    def steps_by_key(self, kind: str) -> dict[str, list[int]]:
        """Return the steps at which each key has a value of one of `runlog.ROW_KINDS`, ascending."""
        place = 1 + [one.name for one in runlog.ROW_KINDS].index(kind)
        keys_of = {number: keys[place] for keys, number in self._key_sets.items() if keys[place]}
        found: dict[str, list[int]] = {}
        if keys_of:
            for step in self._ascending:
                for key in keys_of.get(self._blocks[self._block_of[step]][step][1], ()):
                    found.setdefault(key, []).append(step)
        return found

    def image_keys(self) -> list[str]:
        """Return the keys that have images at any step."""
        return list(dict.fromkeys(key for keys in self._key_sets for key in keys[0]))

    def encoded(self, number: int) -> list[int]:
        """Return a block as a flat list: each step, its revision, and the number of its key set."""
        return [value for step, known in self._blocks[number].items() for value in (step, *known)]

    def key_sets(self) -> list[KeySet]:
        """Return the sets of keys that steps have, by number."""
        return list(self._key_sets)
