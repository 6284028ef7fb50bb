"""Files with a few bytes that are not as they were."""

from __future__ import annotations

import os
import random

MUTATIONS = int(os.environ.get("RUNLOG_TEST_MUTATIONS", "14"))
"""How many of each frozen folder are imported; three of them make a fixed sample of about forty."""


def mutated(data: bytes, chance: random.Random, *, same_size: bool = False) -> bytes:
    """Return data with a few bytes changed or, unless it keeps its size, removed or doubled."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 2, 8))):
        if not changed:
            break
        at = chance.randrange(len(changed))
        part = chance.randrange(1, 9)
        if same_size or chance.random() < 0.6:
            changed[at] = chance.randrange(256)
        elif chance.random() < 0.5:
            del changed[at : at + part]
        else:
            changed[at:at] = changed[at : at + part]
    return bytes(changed)
