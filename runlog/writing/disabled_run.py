"""`DisabledRun`: the interface of a run with nothing behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runlog.images.masks import ImageMask
from runlog.storage.layout import check_step
from runlog.storage.metrics import Goal, SummaryRule
from runlog.writing.local_run import FinalState, LocalRun
from runlog.writing.mapping import RunMapping
from runlog.writing.settings import Settings


class DisabledRun(LocalRun):
    """A run that writes nothing (``mode="disabled"``): every method is there and does nothing.

    The current step moves as it would, and `config` and `summary` hold what they are given.
    """

    def __init__(self, settings: Settings) -> None:
        self.id, self.folder = settings.id, settings.folder
        self.name = settings.default_name if settings.name is None else settings.name
        self.project, self.group = settings.project, settings.group
        self.step, self.lost_calls = 0, 0
        self.config = RunMapping(settings.config)
        self.summary = RunMapping({})

    def log(self, data: Mapping[str, Any], step: int | str | None = None, commit: bool | None = None) -> None:
        """Move the current step as a run would, and write nothing."""
        target = self.step if step is None else check_step(step)
        moves_on = step is None if commit is None else commit
        self.step = target + 1 if moves_on else target

    def define_metric(
        self,
        name: str,
        step_metric: str | None = None,
        summary: SummaryRule = "last",
        goal: Goal = "minimize",
    ) -> None:
        """Do nothing."""

    def flush(self) -> None:
        """Do nothing."""

    def finish(self, state: FinalState = "finished") -> None:
        """Do nothing."""

    def on_finish(self, callback: Callable[[], object]) -> None:
        """Do nothing: nothing ends."""

    def store_masks(
        self, masks: Mapping[str, ImageMask], key: str, step: int | str, index: int
    ) -> dict[str, dict[str, Any]]:
        """Store nothing, and say so with an empty dict."""
        return {}

    def _repr_html_(self) -> str:
        """Return what a notebook shows: that nothing is logged."""
        from html import escape

        return f"<p><b>{escape(self.name)}</b> · disabled, nothing is logged</p>"
