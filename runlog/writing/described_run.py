"""`DescribedRun`: what a run is called, and what it keeps beside what is logged."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from runlog.storage.run_details import check_detail, check_name, check_strings
from runlog.writing.mapping import RunMapping
from runlog.writing.settings import Settings


class DescribedRun(ABC):
    """What a script can ask of its run, and set, between its calls; each change is stored at once.

    How it is stored is left to whoever writes the run, and so is which step is the current one.
    """

    _is_open = False

    def _hold(self, settings: Settings) -> None:
        """Hold what `init` was told, before anything is stored."""
        self._id, self._folder, self._project = settings.id, settings.folder, settings.project
        self._name = settings.default_name if settings.name is None else settings.name
        self._group, self._notes, self._tags = settings.group, settings.notes, settings.tags or ()
        self._step, self._lost_calls = 0, 0
        self._config: dict[str, Any] = dict(settings.config)
        self._summary: dict[str, Any] = {}

    @property
    def id(self) -> str:
        """The run id, which is also the name of the run folder."""
        return self._id

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self._folder

    @property
    def project(self) -> str | None:
        """What `init` was told."""
        return self._project

    @property
    def step(self) -> int:
        """The current step: where ``log(data)`` without a step goes."""
        return self._step

    @property
    def lost_calls(self) -> int:
        """With ``on_error="warn"``: how many calls could not be stored."""
        return self._lost_calls

    @property
    def is_finished(self) -> bool:
        """Whether the run has ended."""
        return not self._is_open

    @property
    def name(self) -> str:
        """What the run is called, for people; stored at once."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._set_details(name=check_name(name))

    @property
    def group(self) -> str | None:
        """Name shared by runs that belong together; stored at once."""
        return self._group

    @group.setter
    def group(self, group: str | None) -> None:
        self._set_details(group=check_detail("group", group))

    @property
    def notes(self) -> str | None:
        """Notes on the run, for people; stored at once."""
        return self._notes

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._set_details(notes=check_detail("notes", notes))

    @property
    def tags(self) -> tuple[str, ...]:
        """Strings to find the run by; stored at once. ``run.tags += ("best",)`` adds one."""
        return self._tags

    @tags.setter
    def tags(self, tags: Sequence[str] | None) -> None:
        self._set_details(tags=() if tags is None else check_strings(tags))

    @property
    def config(self) -> RunMapping:
        """The configuration, a mapping with attribute access; each change is stored at once."""
        # Made anew each time: what a run holds must not hold the run, or it would not end when let go of.
        return RunMapping(self._config, self._change_config)

    @config.setter
    def config(self, config: Any) -> None:
        self.config.replace({} if config is None else config)

    @property
    def summary(self) -> RunMapping:
        """The summary, a mapping with attribute access; each change is stored at once."""
        return RunMapping(self._summary, self._change_summary)

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            known = getattr(type(self), name, None)
            if not isinstance(known, property) or known.fset is None:
                raise AttributeError(
                    f"of a run name, tags, notes, group and config can be set, but got {name!r}; put values "
                    "into run.config or run.summary, or log them"
                )
        object.__setattr__(self, name, value)

    @abstractmethod
    def _set_details(self, **details: Any) -> None:
        """Store columns of the row of the run, and hold them."""

    @abstractmethod
    def _change_config(self, values: Mapping[str, Any], gone: Collection[str]) -> None:
        """Store values of the configuration, take some away, and hold what it is now."""

    @abstractmethod
    def _change_summary(self, values: Mapping[str, Any], gone: Collection[str]) -> None:
        """Store values of the summary, take some away, and hold what it is now."""
