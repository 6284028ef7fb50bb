"""`DisabledRun`: the interface of a run with nothing behind it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from runlog.images.masks import ImageMask
from runlog.storage.layout import check_step, run_file_path
from runlog.storage.run_details import check_final_state
from runlog.values.file import open_source
from runlog.writing.local_run import FinalState, LocalRun, T
from runlog.writing.log_data import check_keys
from runlog.writing.mapping import update_held
from runlog.writing.settings import Settings
from runlog.writing.watching import Watched, check_watch


class DisabledRun(LocalRun):
    """A run that writes nothing (``mode="disabled"``): every method checks its arguments, and does nothing.

    Of `log` the keys are checked, and no values: that would take as long as to log them. The current step
    moves as it would, and `config`, `summary` and what the run is called hold what they are given.

    Parameters
    ----------
    settings
        What `init` was told.
    counts_lost
        Whether each call counts in `lost_calls`: where a run was meant to be written, and could not be begun.
    """

    def __init__(self, settings: Settings, *, counts_lost: bool = False) -> None:
        self._hold(settings)
        self._is_open, self._counts_lost = True, counts_lost

    def log(self, data: Mapping[str, Any], step: int | str | None = None, commit: bool | None = None) -> None:
        """Move the current step as a run would, and write nothing."""
        check_keys(data)
        target = self.step if step is None else check_step(step)
        moves_on = step is None if commit is None else commit
        self._step = target + 1 if moves_on else target
        self._lost_calls += self._counts_lost

    def save_file(self, path: str | os.PathLike[str], name: str | None = None) -> Path:
        """Check the file and its name as a run would, and say where it would be."""
        source, called = self._named_source(path, name)
        open_source(source).close()
        return self.folder / run_file_path(called)

    def watch(self, model: Any, log: Watched = "gradients", log_freq: int = 1000) -> None:
        """Check the arguments as a run would, and count nothing."""
        check_watch(model, log, log_freq)

    def unwatch(self, model: Any = None) -> None:
        """Do nothing."""

    def finish(self, state: FinalState = "finished") -> None:
        """End the run; nothing is written."""
        check_final_state(state)
        self._is_open = False

    def on_finish(self, callback: Callable[[], object]) -> None:
        """Do nothing: nothing ends."""

    def store_masks(
        self, masks: Mapping[str, ImageMask], key: str, step: int | str, index: int
    ) -> dict[str, dict[str, Any]]:
        """Store nothing, and say so with an empty dict."""
        return {}

    def _write(self, call: Callable[[], T]) -> Any:
        """Do nothing: whatever would be written is given to this, once it is checked."""

    def _set_details(self, **details: Any) -> None:
        for name, value in details.items():
            setattr(self, f"_{name}", value)

    def _change_config(self, values: Mapping[str, Any], gone: Collection[str]) -> None:
        update_held(self._config, values, gone)

    def _change_summary(self, values: Mapping[str, Any], gone: Collection[str]) -> None:
        update_held(self._summary, values, gone)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: that nothing is logged."""
        from html import escape

        return f"<p><b>{escape(self.name)}</b> · disabled, nothing is logged</p>"
