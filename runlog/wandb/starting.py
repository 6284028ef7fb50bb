"""``init``: a run of `runlog.init`, with the arguments that scripts of wandb give."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import runlog
from runlog.errors import InvalidValueError, RunLockedError, warn
from runlog.storage.layout import runs_folder
from runlog.wandb import active
from runlog.wandb.hiding import heed_variables
from runlog.wandb.init_arguments import InitArguments, check_older, read_arguments
from runlog.wandb.settings import Settings, settings_of
from runlog.wandb.wandb_run import Run
from runlog.writing.local_run import LocalRun
from runlog.writing.settings import apart_by_rank

_of_process = Settings()


def init(
    entity: str | None = None,
    project: str | None = None,
    dir: Any = None,
    id: str | None = None,
    name: str | None = None,
    notes: str | None = None,
    tags: Sequence[str] | None = None,
    config: Any = None,
    config_exclude_keys: Sequence[str] | None = None,
    config_include_keys: Sequence[str] | None = None,
    allow_val_change: bool | None = None,
    group: str | None = None,
    job_type: str | None = None,
    mode: str | None = None,
    force: bool | None = None,
    reinit: bool | str | None = None,
    resume: bool | str | None = None,
    resume_from: str | None = None,
    fork_from: str | None = None,
    save_code: bool | None = None,
    tensorboard: bool | None = None,
    sync_tensorboard: bool | None = None,
    monitor_gym: bool | None = None,
    settings: Any = None,
    **older: Any,
) -> Run:
    """Start a run, or return the one that goes on, as `reinit` says.

    Parameters
    ----------
    project, id, name, notes, tags, config, group, resume
        As `runlog.init` has them; `config` may be a file of JSON or YAML.
    dir
        The runs folder is ``runs`` in it.
    mode
        ``disabled`` writes nothing; each other one is local.
    reinit
        What happens when a run goes on: ``default`` (return it; in a notebook, end it), ``return_previous``,
        ``finish_previous`` (True), ``create_new``.
    resume_from
        ``ID?_step=N``: go on with a run at the step after N, and remove what it logged later.
    entity, job_type
        Kept as facts about the run.
    save_code
        Keep the script with the run.
    settings
        A `Settings`, or a dict, in place of arguments.
    config_exclude_keys, config_include_keys
        Which values of `config` are left out, or kept.
    sync_tensorboard, tensorboard
        Not taken, with a warning: `runlog.tensorboard.SummaryWriter` does what is asked for.
    allow_val_change, force, monitor_gym, older
        Accepted, and noted once in the run.

    Raises
    ------
    InvalidTypeError, InvalidValueError, StorageError, UnsupportedError
        If an argument cannot be used.
    """
    arguments = {name: value for name, value in locals().items() if name not in ("settings", "older")}
    check_older(older)
    heed_variables()
    known = _of_process.to_dict() | Settings(**settings_of(settings)).to_dict()
    told = read_arguments(arguments | older, known)
    if (previous := active.open_run()) is not None:
        if _returns_previous(told.reinit):
            return previous
        if told.reinit != "create_new":
            previous.finish()
    run = _start(told, Settings(**known))
    for what, why in told.not_kept.items():
        run.note(what, why)
    return run


def _returns_previous(reinit: str) -> bool:
    return reinit == "return_previous" or (reinit == "default" and "ipykernel" not in sys.modules)


def _local_run(given: Mapping[str, Any]) -> LocalRun:
    """Start a run; beside one that has its id, and is not to be gone on with or is another process's."""
    run_id = given["id"]
    if run_id is None:
        return runlog.init(**given)
    names = _names_beside(run_id, given["group"])
    begun = (_begun({**given, "id": own, "group": group}) for own, group in names)
    run = next(run for run in begun if run is not None)
    if run.id != run_id:
        warn(
            f"id {run_id!r} is that of another run, or of another process: this one is {run.id!r}; "
            "resume='allow' goes on with a run that has ended"
        )
    return run


def _begun(given: Mapping[str, Any]) -> LocalRun | None:
    """Start a run; return None where its id is taken."""
    try:
        return runlog.init(**given)
    except RunLockedError:
        return None
    except InvalidValueError:
        if given["resume"] is None and (runs_folder(given["dir"]) / given["id"]).is_dir():
            return None
        raise


def _names_beside(run_id: str, group: str | None) -> Iterator[tuple[str, str | None]]:
    yield run_id, group
    yield apart_by_rank(run_id, group)
    yield from ((f"{run_id}-{number}", group) for number in count(2))


def _start(told: InitArguments, settings: Settings) -> Run:
    run = Run(_local_run(told.given), told.entity, told.job_type, settings)
    active.hold(run)
    if told.takes_tensorboard:
        warn(
            "sync_tensorboard= takes no event files; log with runlog.tensorboard.SummaryWriter in place of "
            "torch's, or `runlog import tensorboard` the folder afterwards"
        )
        run.note("init(sync_tensorboard=True)", "event files are not taken")
    if told.saves_code:
        run.log_script()
    return run


def setup(settings: Any = None) -> Settings:
    """Set what later calls of `init` are not told."""
    _of_process.update(settings_of(settings))
    return _of_process
