"""What counts as an integer, of whatever library it comes."""

from __future__ import annotations

import operator


def integer(value: object, *, may_be_bool: bool = False) -> int | None:
    """Return the integer that a value is, of any integer type; None for anything else, a bool included."""
    if type(value) is int:
        # Nothing is tried, and so nothing kept back that a signal handler raises meanwhile.
        return value
    if isinstance(value, bool) and not may_be_bool:
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001 - foreign integers raise what they like
        return None


def is_of_64_bits(number: int) -> bool:
    """Return whether a database holds an integer as one."""
    # Not `in range(…)`: of a subclass, such as a member of an IntEnum, that walks through all of them.
    return -(2**63) <= number < 2**63
