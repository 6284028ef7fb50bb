"""What the file of a log is made of, whatever its format: records, and places where it is not whole."""

from __future__ import annotations

from dataclasses import dataclass


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
