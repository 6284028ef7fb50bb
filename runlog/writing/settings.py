"""What a run is told at its start: arguments of `init`, else environment variables, checked once.

===================  ======================================================================
RUNLOG_DIR           the runs folder
RUNLOG_MODE          ``local`` or ``disabled``
RUNLOG_PROJECT       ``project``
RUNLOG_NAME          ``name``
RUNLOG_RUN_ID        ``id``; with RANK or SLURM_PROCID set, each rank gets its own, and one group
RUNLOG_GROUP         ``group``
RUNLOG_TAGS          ``tags``, separated by commas
RUNLOG_SILENT        1: print nothing
===================  ======================================================================
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from runlog.basics.environment import launched_rank
from runlog.basics.integers import integer
from runlog.errors import InvalidTypeError, InvalidValueError, RunlogError, one_of, shown
from runlog.files.paths import is_folder
from runlog.storage.layout import check_new_run_id, check_step, find_runs, new_run_id, runs_folder
from runlog.storage.run_details import check_detail, check_strings
from runlog.writing.mapping import json_values
from runlog.writing.naming import readable_name

Resume = Literal["never", "allow", "must", "auto"]
Mode = Literal["local", "disabled"]
OnError = Literal["raise", "warn"]

# What it costs is told in the guide.
LEAST_SYSTEM_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Settings:
    """A run's settings, complete and checked; `config` is in JSON's terms.

    Attributes
    ----------
    name, project, group, notes, tags
        None where nothing was said, so that a resumed run keeps what it has.
    folder
        The run folder.
    clock
        Tells the time of what is logged; that of an import is the time when it was.
    """

    id: str
    folder: Path
    created_at: datetime
    project: str | None
    name: str | None
    group: str | None
    notes: str | None
    tags: tuple[str, ...] | None
    config: Mapping[str, Any]
    resume: Resume
    resume_step: int | None
    mode: Mode
    on_error: OnError
    encode_threads: int | None
    record_environment: bool
    system_seconds: float | None
    console: bool
    quiet: bool
    clock: Callable[[], datetime]

    @property
    def default_name(self) -> str:
        """A name that reads well, for a run that was given none: the id, where somebody chose it."""
        return readable_name(self.id) if self.id.startswith(f"{self.created_at:%Y%m%d-%H%M%S}-") else self.id


def read_settings(
    project: str | None = None,
    *,
    name: str | None = None,
    id: str | None = None,
    dir: str | os.PathLike[str] | None = None,
    config: Any = None,
    tags: Sequence[str] | None = None,
    group: str | None = None,
    notes: str | None = None,
    resume: Resume | bool | None = "never",
    resume_step: int | str | None = None,
    mode: Mode | None = None,
    on_error: OnError = "raise",
    encode_threads: int | None = None,
    record_environment: bool = True,
    system: bool | float = False,
    console: bool = False,
    quiet: bool = False,
) -> Settings:
    """Read what `init` is told: its arguments, else environment variables.

    Parameters
    ----------
    project, name, notes
        What the run is called, for people; a run without a name gets one that reads well.
    id
        Name of the run folder; by default the UTC time and 8 hex digits.
    dir
        The runs folder; by default ``$RUNLOG_DIR``, else ``./runs``.
    config
        Mapping or `argparse.Namespace` of values that JSON can hold; ``run.config`` changes it later.
    tags
        Strings to find the run by.
    group
        Name shared by runs that belong together, such as the processes of one job.
    resume
        What an `id` means whose run is there: ``never`` (or None, False) an error, ``allow`` go on with it
        (else start it), ``must`` go on with it (else an error); ``auto`` (or True) the same as ``allow`` and,
        without an `id`, go on with the newest crashed run of the same project, if there is one. A resumed run
        goes on at the step after its last.
    resume_step
        Go back to this step, as when the training goes on from an older checkpoint: what the resumed run
        logged after it is removed, so that it has one history. `RunRecord.rewinds` tells of it.
    mode
        ``local``; or ``disabled``: the same interface, and nothing is written.
    on_error
        What happens when the disk is full, read-only or gone: ``raise`` an error; or ``warn`` once, count
        what is lost, and let the training go on.
    encode_threads
        Threads that encode the images of one call; by default the cores this process may use. Data loaders
        may want some of them.
    record_environment
        Record platform, command line, git commit and package versions, from a thread.
    system
        Measure processor, memory and GPU of this process's devices from a thread, each 10 seconds, or each so
        many (at least 10): a table of their own, drawn over time, which touches no step. Needs the extra
        ``system``.
    console
        Keep what Python writes to stdout and stderr in ``files/console.txt`` of the run, too; a line that is
        drawn again and again, such as a progress bar, as it was last.
    quiet
        Print nothing, as ``RUNLOG_SILENT=1`` does. Otherwise one line at the start (the run folder) and one
        at the end (the command that shows it) go to stderr.

    Raises
    ------
    InvalidTypeError, InvalidValueError, StorageError
        If an argument cannot be used, or the folder cannot be made.

    Notes
    -----
    Environment variables stand in for arguments that are not given; see `runlog.writing.settings`.
    """
    clock = partial(datetime.now, UTC)
    created_at = clock()
    project = _text("project", project, "RUNLOG_PROJECT")
    name = _text("name", name, "RUNLOG_NAME") or None  # a script may have "" where nobody named the run
    group = _text("group", group, "RUNLOG_GROUP")
    if id is None and (shared := os.environ.get("RUNLOG_RUN_ID")):
        id, group = apart_by_rank(shared, group)
    resume = _resume(resume)
    if resume == "must" and id is None:
        raise InvalidValueError("id must be given with resume='must', but is None")
    if resume_step is not None and resume == "never":
        raise InvalidValueError(
            f"resume must be allow, must or auto with resume_step={shown(resume_step)}, but is never"
        )
    folder = runs_folder(dir)
    if resume == "auto":
        id = _newest_crashed(folder, project) if id is None else id
        resume = "never" if id is None else "allow"
    run_id = new_run_id(created_at) if id is None else check_new_run_id(id)
    return Settings(
        id=run_id,
        folder=folder / run_id,
        created_at=created_at,
        project=project,
        name=name,
        group=group,
        notes=_text("notes", notes),
        tags=_tags(tags),
        config={} if config is None else json_values(config),
        resume=resume,
        resume_step=None if resume_step is None else check_step(resume_step),
        mode=_mode(mode),
        on_error=one_of("on_error", on_error, get_args(OnError)),
        encode_threads=_threads(encode_threads),
        record_environment=bool(record_environment),
        system_seconds=_system_seconds(system),
        console=bool(console),
        quiet=bool(quiet) or os.environ.get("RUNLOG_SILENT", "").lower() not in ("", "0", "false"),
        clock=clock,
    )


def _mode(mode: object) -> Mode:
    given = mode or os.environ.get("RUNLOG_MODE") or "local"
    found: Mode = one_of("mode" if mode else "RUNLOG_MODE", given, get_args(Mode))
    return found


def _resume(resume: object) -> Resume:
    """Return one of the words; None and the truth values are what scripts of other loggers pass."""
    if resume is None or resume is False:
        return "never"
    words: Resume = one_of("resume", "auto" if resume is True else resume, get_args(Resume))
    return words


def _newest_crashed(folder: Path, project: str | None) -> str | None:
    """Return the id of the newest run of a project that was never finished and that nobody writes."""
    from runlog.reading.reader import RunReader

    if not is_folder(folder):
        return None
    crashed = []
    for run_folder in find_runs(folder):
        # One that cannot be read is no run to go on with.
        with suppress(RunlogError), RunReader(run_folder) as reader:
            run = reader.run()
            if run.state == "crashed" and run.project == project and run.id == run_folder.name:
                crashed.append((run.created_at, run.id))
    return max(crashed)[1] if crashed else None


def apart_by_rank(run_id: str, group: str | None) -> tuple[str, str | None]:
    """Keep the processes of one launch apart: each its own run, all of them one group."""
    rank = launched_rank()
    return (run_id, group) if rank is None else (f"{run_id}-r{rank}", group or run_id)


def _text(name: str, value: object, variable: str | None = None) -> str | None:
    if value is None and variable is not None:
        value = os.environ.get(variable) or None
    return check_detail(name, value)


def _tags(tags: Sequence[str] | None) -> tuple[str, ...] | None:
    if tags is None:
        given = os.environ.get("RUNLOG_TAGS")
        return None if not given else tuple(tag.strip() for tag in given.split(",") if tag.strip())
    return check_strings(tags)


def _threads(count: object) -> int | None:
    if count is None:
        return None
    if (threads := integer(count)) is None:
        raise InvalidTypeError(f"encode_threads must be an integer or None, but got {shown(count)}")
    if threads < 1:
        raise InvalidValueError(f"encode_threads must be at least 1, but got {shown(count)}")
    return threads


def _system_seconds(system: object) -> float | None:
    """Return how many seconds are between measurements; None for none at all."""
    if system is None or isinstance(system, bool):
        return LEAST_SYSTEM_SECONDS if system else None
    if not isinstance(system, (int, float)):
        raise InvalidTypeError(f"system must be a bool or a number of seconds, but got {shown(system)}")
    if not LEAST_SYSTEM_SECONDS <= system < math.inf:
        raise InvalidValueError(
            f"system must be at least {LEAST_SYSTEM_SECONDS} seconds apart, but got {shown(system)}"
        )
    return float(system)
