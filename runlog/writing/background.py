"""What goes on beside a script: its environment is recorded, and the machine is measured."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakMethod

from runlog.basics.environment import essential_environment, full_environment
from runlog.errors import RunlogError
from runlog.writing.settings import Settings

if TYPE_CHECKING:
    from runlog.writing.system import SystemProbe

_Record = Callable[[Mapping[str, Any]], None]
_AddNumbers = Callable[[Mapping[str, float]], None]

# The first steps of a script have the machine to themselves; a short run records its environment at its end.
_ENVIRONMENT_DELAY_SECONDS = 1.0
_ENVIRONMENT_PATIENCE_SECONDS = 5.0


class Background:
    """Threads that a run has beside its script; they do not keep it from being let go of.

    Raises
    ------
    MissingPackageError
        If the machine is to be measured, and psutil is not installed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._probe = _probe(settings)
        self._ending = threading.Event()
        self._recording: threading.Thread | None = None

    def start(self, record: _Record, add_numbers: _AddNumbers) -> None:
        """Begin, given the methods of the run that store the environment, and numbers of the machine."""
        if self._settings.record_environment:
            self._recording = threading.Thread(
                target=_record_environment, args=(WeakMethod(record), self._ending), daemon=True
            )
            self._recording.start()
        if self._probe is not None:
            arguments = (WeakMethod(add_numbers), self._ending, self._probe, self._settings.system_seconds)
            threading.Thread(target=_measure, args=arguments, daemon=True).start()

    def end(self) -> None:
        """Let all of them end; the environment is recorded at once, if it was not yet."""
        self._ending.set()

    def await_environment(self) -> None:
        """Wait until the environment is recorded, though not for long."""
        thread = self._recording
        # The thread itself may be who lets go of the run last.
        if thread is not None and thread is not threading.current_thread():
            thread.join(_ENVIRONMENT_PATIENCE_SECONDS)


def _probe(settings: Settings) -> SystemProbe | None:
    """Return what measures the machine, if that is asked for; what it needs is imported only then."""
    if settings.system_seconds is None:
        return None
    from runlog.writing.system import SystemProbe

    return SystemProbe()


def _record_environment(found: WeakMethod[_Record], ending: threading.Event) -> None:
    """Record what takes longer to learn, unless the run has been let go of before."""
    ending.wait(_ENVIRONMENT_DELAY_SECONDS)
    if found() is None:
        return
    environment = {**essential_environment(), **full_environment()}
    if (record := found()) is not None:
        # What cannot be recorded is no reason to disturb the run.
        with contextlib.suppress(RunlogError):
            record(environment)


def _measure(
    found: WeakMethod[_AddNumbers], ending: threading.Event, probe: SystemProbe, seconds: float
) -> None:
    """Store numbers of the machine every so many seconds, until the run ends or has been let go of."""
    while not ending.wait(seconds):
        if (add_numbers := found()) is None:
            return
        # What cannot be measured or stored is no reason to disturb the run.
        with contextlib.suppress(Exception):
            add_numbers(probe.sample())
        del add_numbers
