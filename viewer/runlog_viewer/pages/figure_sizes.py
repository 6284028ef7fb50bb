"""How wide pictures are shown as long as nobody asks for another size. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from runlog_viewer.pages.values import Shape

CELLS = (96, 128, 176, 224, 280, 400, 560)
"""The widths that the figures of a key may have, in px: the style sheet has a rule for each.

On a page they are a little narrower or wider, so that they fill the row; see ``gallery.css``.
"""
_NARROW = (24, 32, 48, 64)
_USUAL, _WIDEST, _HIGHEST = 280, 560, 420
_LEAST = 96
LEAST_SHARE = 0.72
"""How much of their width figures have at least, where they are narrower so that they fill the row."""
_WIDE, _TALL = 1.9, 0.67
_STRIP = 16
_HIGH = (3, 6, _STRIP)


def shape(width: int, height: int) -> Shape:
    """Return what a picture is like; a wide one, as a figure of two plots, takes the room of two."""
    if width >= _WIDE * height:
        return "wide"
    return "tall" if width <= _TALL * height else "even"


def is_strip(width: int, height: int) -> bool:
    """Return whether a picture is a strip, upright or lying: it may be too thin to be hit with a pointer."""
    return max(width, height) > _STRIP * min(width, height)


@lru_cache(maxsize=64)  # most images of a run have one size
def times_as_high(width: int, height: int) -> int | None:
    """Return how many times as high as wide a picture is, rounded up to what the style sheet has a rule for.

    By it the style sheet bounds the height of what is more than twice as high as wide. None of others: they
    are not that high, and of an upright strip it sets the height, not the width.
    """
    if height <= 2 * width:
        return None
    return next((times for times in _HIGH if height <= times * width), None)


def shown_width(width: int, height: int) -> float:
    """Return how wide a picture is shown, in px: no wider than it is, but for tiny ones.

    Where it would be a speck, its pixels are enlarged until its longer side has 96 px.
    """
    usual = _WIDEST if shape(width, height) == "wide" else _USUAL
    most = min(usual, _HIGHEST * width / height)
    least = _LEAST * min(1, width / height)
    return min(most, max(width, least))


def least_width(width: int, height: int) -> float:
    """Return how wide a picture is shown at least, in px, where figures are narrower to fill the row."""
    shown = shown_width(width, height)
    return LEAST_SHARE * min(shown, _nearest(shown, (*_NARROW, *CELLS)))


def cell(sizes: Sequence[tuple[int, int]]) -> int:
    """Return the one of `CELLS` that suits all pictures of a key; wide ones among others take two."""
    is_all_wide = all(shape(*size) == "wide" for size in sizes)
    shares = [2 if shape(*size) == "wide" and not is_all_wide else 1 for size in sizes]
    widths = [shown_width(*size) / share for size, share in zip(sizes, shares, strict=True)]
    return _nearest(max(widths), CELLS)


@lru_cache(maxsize=64)  # most images of a run have one size
def narrower(width: int, height: int, of_cell: int) -> int | None:
    """Return how wide a picture is in a cell that is too wide for it; None where it fills the cell."""
    nearest = _nearest(shown_width(width, height), (*_NARROW, *CELLS))
    return nearest if nearest < of_cell else None


def _nearest(width: float, widths: Sequence[int]) -> int:
    return min(widths, key=lambda one: abs(math.log(one / width)))
