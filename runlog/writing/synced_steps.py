"""`SyncedSteps`: a metric that the others are drawn against is the step at which they are logged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runlog.images.checks import python_number
from runlog.storage.layout import MAX_STEP

_MEDIA = object()


class SyncedSteps:
    """Finds the step of each call, once a metric was defined with ``step_sync=True``.

    A call that holds the metric goes to the step that it says; one without it, to where the last one went.
    Whatever would replace another value of its key goes to the next step that has none.
    """

    def __init__(self) -> None:
        self.metric: str | None = None
        self._last: dict[str, tuple[int, object]] = {}

    def step_of(self, data: Mapping[str, Any], current: int) -> int | None:
        """Return the step of a call without one; None where the run is to decide."""
        if self.metric is None:
            return None
        said = _whole(data.get(self.metric))
        step = current if said is None else said
        return self.free({key: value for key, value in data.items() if key != self.metric}, step)

    def free(self, data: Mapping[str, Any], step: int) -> int:
        """Return a step, or where a key has another value there or later, the next that has none."""
        values = {key: _comparable(value) for key, value in data.items()}
        taken = (self._last[key] for key, value in values.items() if self._differs(key, value, step))
        step = max((last + 1 for last, _ in taken), default=step)
        self._last.update({key: (step, value) for key, value in values.items()})
        return step

    def _differs(self, key: str, value: object, step: int) -> bool:
        """Return whether a value at a step, or after it, is there already, and is another one."""
        if key not in self._last:
            return False
        last, before = self._last[key]
        return last > step or (last == step and (value is _MEDIA or value != before))


def _comparable(value: Any) -> object:
    number = _number(value)
    return _MEDIA if number is None else number


def _whole(value: Any) -> int | None:
    """Return the step that a number is, None where it is none."""
    number = _number(value)
    if number is None or not number.is_integer() or not 0 <= number <= MAX_STEP:
        return None
    return int(number)


def _number(value: Any) -> float | None:
    number = python_number(value)
    return float(number) if isinstance(number, (bool, int, float)) else None
