"""A dict and arrays that cannot change: for what is inside frozen values."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from numpy.typing import NDArray

A = TypeVar("A", bound=NDArray[Any])
K = TypeVar("K")
V = TypeVar("V")


class FrozenDict(dict[K, V]):
    """A dict with fixed content; equal to a plain dict of that content, picklable, serialisable as JSON."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(
            "this mapping is part of a frozen value and cannot change; copy it with dict(…) first"
        )

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self))

    def __reduce__(self) -> tuple[type[FrozenDict[K, V]], tuple[dict[K, V]]]:
        return type(self), (dict(self),)


def frozen_array(array: A) -> A:
    """Return the array itself, made read-only; for one that nobody else holds."""
    array.flags.writeable = False
    return array
