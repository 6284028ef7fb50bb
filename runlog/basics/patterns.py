"""Names as they are chosen everywhere: exactly, or by a pattern."""

from __future__ import annotations

from fnmatch import fnmatchcase

__all__ = ["matches"]


def matches(name: str, pattern: str) -> bool:
    """Return whether a pattern stands for a name.

    Parameters
    ----------
    pattern
        The name itself, or one in which ``*`` stands for any characters, none included, and ``?`` for one.
        All others stand for themselves: brackets too, which keys such as ``val/samples[0]`` have.
    """
    return fnmatchcase(name, pattern.replace("[", "[[]"))
