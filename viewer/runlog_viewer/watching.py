"""Changes of a folder as a generator: the site is brought up to date, and each change is told.

Events of the file system only say when to look; the run's revision decides whether anything changed. Where
none come (network file systems), and for what no file shows (a killed process), a look every two seconds
does.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserver

import runlog
from runlog.files.paths import absolute_path
from runlog_viewer.building.step_writer import Progress
from runlog_viewer.site import BuildResult, Site

RECHECK_SECONDS = 2.0
_DEBOUNCE_SECONDS = 0.05
# What was removed may be the first part of a run to go: to write its site anew would be in the way of that.
_REMOVAL_SECONDS = 1.0
_DATABASE_FILES = ("run.db", "run.db-wal", "run.db-journal")
_NO_CHANGE = ("opened", "closed_no_write")

# An observer that stops while an event comes in says so on stderr, where nobody can do anything about it.
logging.getLogger("watchdog").addHandler(logging.NullHandler())


def watch(folder: str | os.PathLike[str], *, progress: Progress | None = None) -> Iterator[BuildResult]:
    """Build the site of a folder, then bring it up to date with each change.

    Parameters
    ----------
    folder
        The runs folder or run folder.
    progress
        Called by the first build, as by `build`.

    Yields
    ------
    BuildResult
        Of the first build, then of each pass that changed a page or a problem. A pass that fails is a problem
        in words; the next one tries again.

    Raises
    ------
    StorageError
        As from `build`, by the first build.
    """
    folder = absolute_path(runlog.find_payload(folder))
    with closing(_Hints()) as hints:
        site = Site(folder, may_be_empty=_is_empty(folder))
        hints.follow(_folders(folder))  # before the build, so that nothing falls in between
        result = site.update(progress)
        yield result
        while True:
            hints.wait()
            hints.follow(_folders(folder))
            problems = result.problems
            result = _update(site, result)
            if result.pages_written or result.problems != problems:
                yield result


def _is_empty(folder: Path) -> bool:
    """Return whether a folder is one that runs will come to: what holds other things is hardly meant."""
    try:
        return not any(folder.iterdir())
    except OSError:
        return False


def _update(site: Site, before: BuildResult) -> BuildResult:
    try:
        return site.update()
    except runlog.RunlogError as error:
        return BuildResult(before.index, before.runs, 0, (str(error),))


def _folders(folder: Path) -> tuple[Path, ...]:
    """Return the folders where something can change: never ``media/``, which holds too many files."""
    try:
        return (folder, *runlog.find_runs(folder))
    except (runlog.RunlogError, OSError):
        return ()


class _Hints(FileSystemEventHandler):
    """Says when to look again."""

    def __init__(self) -> None:
        self._changed = threading.Event()
        self._is_removing = False
        self._observer: BaseObserver = Observer()
        self._observer.start()
        self._watches: dict[Path, ObservedWatch] = {}

    def follow(self, folders: Iterable[Path]) -> None:
        """Listen to these folders, and no longer to others."""
        wanted = set(folders)
        for gone in self._watches.keys() - wanted:
            with suppress(KeyError, OSError):
                self._observer.unschedule(self._watches.pop(gone))
        for new in sorted(wanted - self._watches.keys()):
            self._listen(new)

    def _listen(self, folder: Path) -> None:
        try:
            self._watches[folder] = self._observer.schedule(self, str(folder), recursive=False)
        except FileNotFoundError:
            pass
        except OSError:
            # The system's watches are used up: ask the files themselves.
            self._poll_instead()
            with suppress(OSError):
                self._watches[folder] = self._observer.schedule(self, str(folder), recursive=False)

    def _poll_instead(self) -> None:
        if isinstance(self._observer, PollingObserver):
            return
        self.close()
        self._observer = PollingObserver()
        self._observer.start()
        for known in self._watches:
            self._watches[known] = self._observer.schedule(self, str(known), recursive=False)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Take notice of a run's database, and of new and removed folders."""
        path = Path(os.fsdecode(event.src_path))
        if event.is_directory and event.event_type == "deleted":
            self._is_removing = True
        is_folder_change = event.is_directory and event.event_type in ("created", "deleted", "moved")
        is_database = path.name in _DATABASE_FILES and event.event_type not in _NO_CHANGE
        if is_folder_change or is_database:
            self._changed.set()

    def wait(self) -> None:
        """Return soon after a hint, so that what comes together is taken together; or after two seconds.

        After a removal it takes longer, as what is left may be on its way out as well.
        """
        if self._changed.wait(RECHECK_SECONDS):
            time.sleep(_DEBOUNCE_SECONDS)
        if self._is_removing:
            time.sleep(_REMOVAL_SECONDS)
        self._is_removing = False
        self._changed.clear()

    def close(self) -> None:
        """Stop listening."""
        self._observer.stop()
        self._observer.join()
