"""What a person calls a run: its name, project, group, notes and tags, checked where they are set."""

from __future__ import annotations

from collections.abc import Sequence

from runlog.basics.jsontext import storable_text
from runlog.errors import InvalidTypeError, shown


def check_detail(name: str, value: object) -> str | None:
    """Check a project, name, group or notes: a string, or None; return it as it will be read back.

    Raises
    ------
    InvalidTypeError
        Naming it.
    """
    if value is not None and not isinstance(value, str):
        raise InvalidTypeError(f"{name} must be a string or None, but got {shown(value)}")
    return value if value is None else storable_text(value)


def check_tags(tags: Sequence[str], name: str = "tags") -> tuple[str, ...]:
    """Check tags: a list of strings.

    Raises
    ------
    InvalidTypeError
        For anything else, a single string included: its letters are no tags.
    """
    try:
        # Listed once: an iterator has its tags once.
        listed = None if isinstance(tags, (str, bytes)) else list(tags)
    except TypeError:
        listed = None
    if listed is None or not all(isinstance(tag, str) for tag in listed):
        raise InvalidTypeError(f"{name} must be a list of strings, but got {shown(tags)}")
    return tuple(map(storable_text, listed))
