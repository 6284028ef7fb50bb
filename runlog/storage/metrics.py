"""How the summary follows each scalar: its last value, or what `define_metric` asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from runlog.basics.patterns import matches
from runlog.errors import InvalidTypeError, one_of, shown
from runlog.storage.layout import check_key

SummaryRule = Literal["last", "min", "max", "mean", "best"]
Goal = Literal["minimize", "maximize"]


@dataclass(frozen=True, slots=True)
class Metric:
    """What `define_metric` said of the scalars whose keys match a pattern.

    Attributes
    ----------
    pattern
        A key, or a pattern with ``*`` and ``?``.
    step_metric
        Key of the scalar that is this one's x axis, None for the step.
    summary
        What the summary holds of it: ``last``, ``min``, ``max``, ``mean``, or ``best`` by `goal`.
    """

    pattern: str
    step_metric: str | None = None
    summary: SummaryRule = "last"
    goal: Goal = "minimize"

    def __post_init__(self) -> None:
        """Check every field; the message names it."""
        check_key(self.pattern)
        if self.step_metric is not None:
            check_key(self.step_metric)
        for field, value, choices in (
            ("summary", self.summary, get_args(SummaryRule)),
            ("goal", self.goal, get_args(Goal)),
        ):
            if not isinstance(value, str):
                raise InvalidTypeError(f"{field} must be a string, but got {shown(value)}")
            one_of(field, value, choices)

    def ruled(self, totals: Mapping[str, ScalarTotals]) -> dict[str, ScalarTotals]:
        """Return the totals of the scalars that this metric is of."""
        return {key: seen for key, seen in totals.items() if self.matches(key)}

    def matches(self, key: str) -> bool:
        """Return whether the pattern stands for a key; of all metrics that match, the last one counts."""
        return matches(key, self.pattern)


@dataclass(frozen=True, slots=True)
class ScalarTotals:
    """What was seen of one scalar; NaN counts only as the last value, which is that at the greatest step."""

    last: float
    count: int = 0
    total: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf

    def with_value(self, value: float, *, is_last: bool = True) -> ScalarTotals:
        """Return the totals once `value` was logged, too; `is_last` at no lower a step than any before."""
        last = value if is_last else self.last
        if math.isnan(value):
            return ScalarTotals(last, self.count, self.total, self.minimum, self.maximum)
        return ScalarTotals(
            last,
            self.count + 1,
            self.total + value,
            min(self.minimum, value),
            max(self.maximum, value),
        )

    def summary(self, metric: Metric) -> float:
        """Return what the summary holds by a metric's rule; NaN where only NaN was logged."""
        if metric.summary == "last":
            return self.last
        if self.count == 0:
            return math.nan
        if metric.summary == "mean":
            return self.total / self.count
        wants_least = metric.summary == "min" or (metric.summary == "best" and metric.goal == "minimize")
        return self.minimum if wants_least else self.maximum


TotalsLeft = Mapping[str, "tuple[ScalarTotals, int] | None"]
"""By key, what is left of scalars of which a value was replaced or went, with their last steps; or None."""


@dataclass(frozen=True, slots=True)
class SummaryChange:
    """What the scalars of one call change, once they are stored.

    Attributes
    ----------
    values
        Values of the summary by key.
    totals
        Totals of the scalars that a metric rules.
    steps
        The greatest steps of the scalars.
    """

    values: Mapping[str, float]
    totals: Mapping[str, ScalarTotals]
    steps: Mapping[str, int]


class Summaries:
    """What the summary holds of each scalar, by the metrics defined so far.

    The last metric whose pattern matches a key counts; without one, it is the last value: that at the
    greatest step, where the chart of the scalar ends.

    Parameters
    ----------
    last_steps
        The greatest step of each scalar logged before.
    """

    def __init__(self, last_steps: Mapping[str, int] | None = None) -> None:
        self._last_steps = dict(last_steps or {})
        self._metrics: dict[str, Metric] = {}
        # Kept only for keys that a metric rules: the last value needs no memory.
        self._totals: dict[str, ScalarTotals] = {}

    def define(self, metric: Metric, so_far: Mapping[str, ScalarTotals]) -> None:
        """Take over a metric that is stored.

        Parameters
        ----------
        metric
            The metric.
        so_far
            Totals of the scalars logged before, by key.
        """
        self._metrics.pop(metric.pattern, None)
        self._metrics[metric.pattern] = metric
        self._totals.update(metric.ruled(so_far))

    def after(self, scalars: Mapping[str, float], step: int) -> SummaryChange:
        """Return what changes once `scalars` are logged at a step; `keep` it then."""
        last_steps = self._last_steps
        last = {key: value for key, value in scalars.items() if step >= last_steps.get(key, -1)}
        steps = dict.fromkeys(last, step)
        if not self._metrics:
            return SummaryChange(last, {}, steps)
        totals, values = {}, last.copy()
        for key, value in scalars.items():
            if (metric := self._metric(key)) is not None:
                totals[key] = self._totals.get(key, _NOTHING).with_value(value, is_last=key in last)
                values[key] = totals[key].summary(metric)
        return SummaryChange(values, totals, steps)

    def of_totals(self, key: str, totals: ScalarTotals) -> float:
        """Return what the summary holds of a scalar, given all that was logged of it."""
        metric = self._metric(key)
        return totals.last if metric is None else totals.summary(metric)

    def keep(self, change: SummaryChange) -> None:
        """Take over a change whose scalars are stored."""
        self._totals.update(change.totals)
        self._last_steps.update(change.steps)

    def replace(self, left: TotalsLeft) -> None:
        """Take over what is left of scalars, once it is stored."""
        for key, found in left.items():
            self._totals.pop(key, None)
            self._last_steps.pop(key, None)
            if found is not None:
                totals, self._last_steps[key] = found
                if self.is_ruled(key):
                    self._totals[key] = totals

    def is_ruled(self, key: str) -> bool:
        """Return whether a metric says what the summary holds of a scalar."""
        return self._metric(key) is not None

    def _metric(self, key: str) -> Metric | None:
        return next((metric for metric in reversed(self._metrics.values()) if metric.matches(key)), None)


_NOTHING = ScalarTotals(math.nan)
