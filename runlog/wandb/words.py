"""Words as scripts hand them over: in a list, or in one string with commas."""

from __future__ import annotations

from typing import Any

from runlog.errors import InvalidTypeError, shown


def words_in(given: Any, name: str) -> list[str]:
    """Return the words, without space around them; none of an empty one.

    Parameters
    ----------
    name
        What they are of, for the message.

    Raises
    ------
    InvalidTypeError
        If they are neither in a string nor in a list.
    """
    try:
        words = given.split(",") if isinstance(given, str) else list(given)
    except TypeError:
        raise InvalidTypeError(f"{name} must be a list of strings, but got {shown(given)}") from None
    return [word for word in (str(word).strip() for word in words) if word]
