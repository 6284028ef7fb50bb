"""The index of a pandas frame or series → columns, where it says more than the number of each row."""

from __future__ import annotations

from typing import Any

import numpy as np

MOST_LISTED = 32
"""How many numbers of an array are kept one by one."""


def index_columns(frame: Any) -> dict[str, Any]:
    """Return the levels of the index of a frame, by the names of the columns that they become.

    A level without a name is ``index``, one of several ``level_0`` …, as pandas has it; to a name that is
    taken, `` (index)`` is added. An index that only counts the rows becomes no column.
    """
    index: Any = getattr(frame, "index", None)
    if not hasattr(index, "nlevels") or _counts_rows(index):
        return {}
    names = _names(index, set(map(str, frame.columns)))
    labels = index.to_frame(index=False, name=names if index.nlevels > 1 else names[0])
    return {name: labels[name] for name in names}


def is_labelled(value: Any) -> bool:
    """Return whether a value is a pandas series whose index says what its values are of.

    Integers without a name are numbers of rows, such as a filter leaves: with those, only a few values are
    labelled. One number, and more of them than are kept one by one, are what they are in an array.
    """
    index: Any = getattr(value, "index", None)
    if not hasattr(index, "nlevels") or len(getattr(value, "shape", ())) != 1 or _counts_rows(index):
        return False
    return not _is_of_integers(index) or 1 < len(index) <= MOST_LISTED


def _names(index: Any, taken: set[str]) -> list[str]:
    names = []
    for level, given in enumerate(index.names):
        name = str(given) if given is not None else "index" if index.nlevels == 1 else f"level_{level}"
        while name in taken:
            name += " (index)"
        taken.add(name)
        names.append(name)
    return names


def _counts_rows(index: Any) -> bool:
    is_plain = _is_of_integers(index) and np.array_equal(index.to_numpy(), np.arange(len(index)))
    return is_plain or (len(index) == 0 and list(index.names) == [None])


def _is_of_integers(index: Any) -> bool:
    return list(index.names) == [None] and getattr(index.dtype, "kind", None) in ("i", "u")
