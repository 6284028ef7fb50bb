"""What a person calls a run: its name, project, group, notes and tags, checked where they are set."""

from __future__ import annotations

from collections.abc import Sequence

from runlog.basics.jsontext import storable_text
from runlog.errors import InvalidTypeError, InvalidValueError, one_of, shown


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


def check_name(name: object) -> str:
    """Check what a run is to be called, as `check_detail` does: it has at least one character.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        For anything else, None included.
    """
    if not isinstance(name, str):
        raise InvalidTypeError(f"name must be a string, but got {shown(name)}")
    if not name:
        raise InvalidValueError("name must have at least one character, but is empty")
    return storable_text(name)


def check_strings(given: Sequence[str], name: str = "tags") -> tuple[str, ...]:
    """Check tags, or keys: a list of strings.

    Raises
    ------
    InvalidTypeError
        For anything else, a single string included: its letters are none.
    """
    try:
        # Listed once: an iterator has its strings once.
        listed = None if isinstance(given, (str, bytes)) else list(given)
    except TypeError:
        listed = None
    if listed is None or not all(isinstance(one, str) for one in listed):
        raise InvalidTypeError(f"{name} must be a list of strings, but got {shown(given)}")
    return tuple(map(storable_text, listed))


def check_final_state(state: object) -> None:
    """Check how a run is to end.

    Raises
    ------
    InvalidValueError
        Saying what there is.
    """
    one_of("state", state, ("finished", "failed"))
