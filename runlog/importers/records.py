"""What the file of a log is made of, whatever its format: records, and places where it is not whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from runlog.errors import InvalidValueError
from runlog.importers.entry import Account

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Record:
    """A whole record: its data, and where in the file it ends."""

    data: bytes
    end: int


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where the file is not whole.

    Attributes
    ----------
    what
        What is wrong, in words.
    is_cut_off
        Whether the file only ends too early, as that of a killed job does; nothing before is affected.
    end
        Where in the file reading goes on, or its end.
    """

    what: str
    is_cut_off: bool
    end: int


def read_contents(
    name: str,
    found: Iterable[Record | Damage],
    read: Callable[[bytes], T],
    what_it_is: str,
    advance: Callable[[int], object],
    account: Account,
) -> Iterator[T]:
    """Yield what the whole records of a file hold; what is wrong on the way is told, and the others are read.

    Parameters
    ----------
    name
        What the file is called.
    found
        What it is made of, in its order.
    read
        Returns what a record holds; raises InvalidValueError if that is not of the format.
    what_it_is
        Such a record, in words.
    advance
        Called with how many more bytes are read.
    account
        Told what is wrong, and where.
    """
    at = 0
    for one in found:
        advance(one.end - at)
        at = one.end
        if isinstance(one, Damage):
            # Every killed job leaves such a file.
            lines = account.notes if one.is_cut_off else account.problems
            lines.append(f"{name}: {one.what}")
            continue
        try:
            content = read(one.data)
        except InvalidValueError as error:
            account.problems.append(f"{name}: the record before byte {at:,} is {what_it_is}: {error}")
        else:
            yield content
