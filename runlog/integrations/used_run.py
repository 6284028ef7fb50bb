"""`UsedRun`: the run that an integration logs to, started when it is first needed."""

from __future__ import annotations

from typing import Any

import runlog
from runlog.writing.local_run import FinalState, LocalRun

# What a run that is gone on with has already, and may have had changed.
_OF_THE_START = ("name", "project", "group", "notes", "tags", "config", "resume_step")


class UsedRun:
    """The run that was given; else the one that `runlog.init` started last; else one of its own.

    Parameters
    ----------
    run
        The run to log to, if it is there already.
    settings
        What `runlog.init` is to be told of one of its own.
    """

    def __init__(self, run: LocalRun | None, settings: dict[str, Any]) -> None:
        self._given, self._settings = run, settings
        self._own: LocalRun | None = None

    def get(self, **defaults: Any) -> LocalRun:
        """Return the run. One of its own that has ended is gone on with.

        Parameters
        ----------
        defaults
            What `runlog.init` is to be told besides, where the settings do not say it.
        """
        if self._given is not None:
            return self._given
        if self._own is None and runlog.run is not None:
            self._given = runlog.run
            return self._given
        if self._own is None:
            self._own = runlog.init(**{**defaults, **self._settings})
        elif self._own.is_finished:
            settings = {name: value for name, value in self._settings.items() if name not in _OF_THE_START}
            again: dict[str, Any] = {"id": self._own.id, "dir": self._own.folder.parent, "resume": "must"}
            self._own = runlog.init(**{**settings, **again})
        return self._own

    def finish(self, state: FinalState) -> None:
        """End the run, if it is one of its own."""
        if self._own is not None:
            self._own.finish(state)
