"""Steps as scripts of other loggers give them → ours."""

from __future__ import annotations

from typing import Any

from runlog.errors import InvalidTypeError, shown
from runlog.images.checks import python_number


def read_step(step: Any) -> tuple[int | None, str | None]:
    """Return the step that ``int`` makes of what is given, as other loggers do, and what to warn of.

    No step of a run is below 0: those are 0.

    Raises
    ------
    InvalidTypeError
        If it is no number.
    """
    if step is None or (type(step) is int and step >= 0):
        return step, None
    number: Any = python_number(step)
    try:
        whole = int(number)
    except (TypeError, ValueError, OverflowError):
        raise InvalidTypeError(f"step must be an integer, but got {shown(step)}") from None
    if whole < 0:
        return 0, "steps begin at 0: what is logged at one below is kept there, until 0 comes"
    if isinstance(number, float) and number != whole:
        return (
            whole,
            "steps are whole: what is logged between two is kept at the first",
        )
    return whole, None
