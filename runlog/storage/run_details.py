"""What a person calls a run: its name, project, group, notes and tags, checked where they are set."""

from __future__ import annotations

from collections.abc import Sequence

from runlog.errors import InvalidTypeError, shown


def check_detail(name: str, value: object) -> str | None:
    """Check a project, name, group or notes: a string, or None.

    Raises
    ------
    InvalidTypeError
        Naming it.
    """
    if value is not None and not isinstance(value, str):
        raise InvalidTypeError(f"{name} must be a string or None, but got {shown(value)}")
    return value


def check_tags(tags: Sequence[str], name: str = "tags") -> tuple[str, ...]:
    """Check tags: a list of strings.

    Raises
    ------
    InvalidTypeError
        For anything else, a single string included: its letters are no tags.
    """
    if isinstance(tags, (str, bytes)) or not all(isinstance(tag, str) for tag in tags):
        raise InvalidTypeError(f"{name} must be a list of strings, but got {shown(tags)}")
    return tuple(tags)
