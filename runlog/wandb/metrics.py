"""``define_metric``, as scripts of wandb call it: what of it a run can hold, and what is noted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from runlog.errors import InvalidValueError, shown
from runlog.storage.metrics import Goal, SummaryRule
from runlog.wandb.words import words_in
from runlog.writing.local_run import LocalRun

Note = Callable[[str, str], None]

_RULES = get_args(SummaryRule)
_OTHER_RULES = ("none", "copy", "first")


@dataclass(frozen=True, slots=True)
class Metric:
    """What was said of a metric."""

    name: str
    step_metric: str | None = None
    step_sync: bool | None = None
    hidden: bool | None = None
    summary: tuple[str, ...] = ()
    goal: Goal = "minimize"


class Metrics:
    """The metrics that a script has defined: one of a name itself goes before one of a pattern."""

    def __init__(self) -> None:
        self._of_names: dict[str, Metric] = {}

    def define(self, run: LocalRun, metric: Metric, note: Note) -> None:
        """Define a metric of a run, and those of names again that a pattern would hide."""
        _define(run, metric, note)
        if "*" not in metric.name:
            self._of_names[metric.name] = metric
        else:
            for named in self._of_names.values():
                _define(run, named, note)


def read_metric(name: str, step_metric: Any, step_sync: Any, hidden: Any, summary: Any, goal: Any) -> Metric:
    """Return what was said of a metric.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the summary or the goal is none that there is.
    """
    words = () if summary is None else words_in(summary, "summary")
    rules = tuple(word.lower() for word in words)
    if unknown := [rule for rule in rules if rule not in (*_RULES, *_OTHER_RULES)]:
        raise InvalidValueError(
            f"summary must be of {', '.join((*_RULES, *_OTHER_RULES))}, but got {shown(unknown[0])}"
        )
    goals = {None: "minimize", "min": "minimize", "max": "maximize"}
    # What is no word is refused with the metric.
    told: Any = goals.get(goal, goal) if goal is None or isinstance(goal, str) else goal
    return Metric(
        name,
        None if step_metric is None else str(getattr(step_metric, "name", step_metric)),
        step_sync,
        hidden,
        rules,
        told,
    )


def _define(run: LocalRun, metric: Metric, note: Note) -> None:
    held = [rule for rule in metric.summary if rule in _RULES]
    # The last value stands at the end of the chart: of several, what does not counts.
    rule: Any = next((rule for rule in held if rule != "last"), "last")
    run.define_metric(metric.name, metric.step_metric, rule, metric.goal)
    about = f"define_metric({metric.name!r})"
    if dropped := [other for other in metric.summary if other not in (rule, "last")]:
        note(about, f"the summary holds the {rule} value; {', '.join(dropped)} of it is not kept")
    if metric.hidden:
        note(about, "hidden= is not kept; every metric has a chart")
