"""The steps of TensorBoard's writer → ours."""

from __future__ import annotations

from typing import Any

from runlog.errors import InvalidTypeError, shown
from runlog.images.checks import python_number


def read_step(step: Any) -> tuple[int | None, str | None]:
    """Return the step that TensorBoard makes of what it is given, and what there is to warn of.

    A part of a step is left out, as there. No step of a run is below 0: those are 0.

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
        return 0, "steps begin at 0: what SummaryWriter is given at one below is kept there, until 0 comes"
    if isinstance(number, float) and number != whole:
        return (
            whole,
            "steps are whole: what SummaryWriter is given between two is kept at the first",
        )
    return whole, None
