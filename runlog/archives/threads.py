"""Reading, hashing and syncing many files at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


def in_threads(call: Callable[[S], T], items: Iterable[S], threads: int) -> Iterator[T]:
    """Yield what a function returns for each item, in their order; results are kept until they are taken."""
    pool = ThreadPoolExecutor(threads, "runlog-files")
    try:
        yield from pool.map(call, items)
    finally:
        # What was not begun by then, as after Ctrl-C, is not wanted any more.
        pool.shutdown(cancel_futures=True)
