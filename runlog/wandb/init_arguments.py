"""What a run is told at its start: arguments of ``init``, else settings, else ``WANDB_*`` variables."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from runlog.basics.jsontext import from_json
from runlog.errors import (
    InvalidTypeError,
    InvalidValueError,
    MissingPackageError,
    StorageError,
    UnsupportedError,
    shown,
    shown_path,
)
from runlog.images.checks import python_number
from runlog.storage.layout import check_new_run_id, runs_folder
from runlog.wandb.run_mappings import readable_values
from runlog.wandb.words import words_in
from runlog.writing.settings import LEAST_SYSTEM_SECONDS, apart_by_rank

_LOCAL_MODES = ("online", "offline", "dryrun", "run", "shared")
_REINIT = {True: "finish_previous", False: "return_previous", None: "default"}
_REINIT_WORDS = ("default", "return_previous", "finish_previous", "create_new")
# Accepted, and of no use here; None and False are not worth a note.
_NO_USE = {
    "force": "there is no account to log in to",
    "anonymous": "there is no account",
    "magic": "only what a script logs is kept",
    "monitor_gym": "log videos of the environment with Video(path)",
    "allow_val_change": "a value of the config may always change",
    "fork_run_id": "nothing is forked",
    "telemetry": "nothing is sent",
}
# In an id, there as here.
_REFUSED = frozenset("/\\#?%:")
_MOST_READABLE = 100
_SYSTEM_SECONDS = 15.0
_OLDER = ("magic", "anonymous", "fork_run_id", "telemetry")


def check_older(arguments: Mapping[str, Any]) -> None:
    """Check arguments that only older versions had.

    Raises
    ------
    InvalidTypeError
        If one is no argument of any.
    """
    if unknown := [name for name in arguments if name not in _OLDER]:
        raise InvalidTypeError(f"init() must get arguments that it has, but got {unknown[0]}=")


@dataclass(frozen=True, slots=True)
class InitArguments:
    """What ``init`` was told, put together.

    Attributes
    ----------
    given
        The arguments of `runlog.init`.
    reinit
        ``default``, ``return_previous``, ``finish_previous`` or ``create_new``.
    entity, job_type
        Kept as facts about the run.
    saves_code
        Whether the script is kept with the run.
    takes_tensorboard
        Whether TensorBoard's logs were asked for, which are not taken.
    not_kept
        What was accepted and is of no use, with the reason.
    """

    given: Mapping[str, Any]
    reinit: str
    entity: str | None
    job_type: str | None
    saves_code: bool
    takes_tensorboard: bool
    not_kept: Mapping[str, str] = field(default_factory=dict)


def read_arguments(arguments: Mapping[str, Any], settings: Mapping[str, Any]) -> InitArguments:
    """Put together what a run is told at its start.

    Raises
    ------
    InvalidTypeError, InvalidValueError, StorageError, UnsupportedError
        If an argument cannot be used.
    """

    def told(name: str, setting: str | None = None, variable: str | None = None) -> Any:
        for value in (arguments.get(name), settings.get(setting or name)):
            if value is not None:
                return value
        return os.environ.get(variable or f"WANDB_{(setting or name).upper()}") or None

    if told("fork_from") is not None:
        raise UnsupportedError(
            "fork_from= does not exist here; resume_from='ID?_step=N' goes back to a step, and a copy of the "
            "run folder is a run of its own"
        )
    mode = _mode(told("mode"), told("disabled", variable="WANDB_DISABLED"))
    run_id, resume, resume_step = told("id", "run_id"), told("resume"), None
    if (resume_from := told("resume_from")) is not None:
        run_id, resume_step = _place(resume_from)
        resume = "must"
    group = _text(told("group", "run_group"))
    if run_id is not None:
        run_id, group = _apart(str(run_id), group, mode, told("label", "x_label"))
    quiet = told("silent") or told("quiet")
    return InitArguments(
        given={
            "project": _text(told("project")),
            "name": _text(told("name", "run_name", "WANDB_NAME")),
            "id": None if run_id is None else _folder_name(run_id),
            "dir": _runs_folder(told("dir", "root_dir", "WANDB_DIR")),
            "config": _config(arguments),
            "tags": _words("tags", told("tags", "run_tags", "WANDB_TAGS")),
            "group": group,
            "notes": _text(told("notes", "run_notes", "WANDB_NOTES")),
            "resume": _resume(resume),
            "resume_step": resume_step,
            "mode": "disabled" if mode == "disabled" else "local",
            # A run of theirs goes on when it cannot be written.
            "on_error": "warn",
            "console": str(told("console")).lower() != "off",
            "system": _system_seconds(
                _is_true(told("x_disable_stats")) or _is_true(told("_disable_stats")),
                told("x_stats_sampling_interval"),
            ),
            "quiet": _is_true(quiet),
        },
        reinit=_reinit(told("reinit")),
        entity=_text(told("entity")),
        job_type=_text(told("job_type", "run_job_type", "WANDB_JOB_TYPE")),
        saves_code=_is_true(told("save_code")),
        takes_tensorboard=_is_true(arguments.get("tensorboard")) or _is_true(told("sync_tensorboard")),
        not_kept={
            f"init({name}={shown(value)})": _NO_USE[name]
            for name, value in arguments.items()
            if name in _NO_USE and value
        },
    )


def _text(given: Any) -> Any:
    """Return a number, such as a seed or a fold, as the text that older versions made of it."""
    number = python_number(given)
    return str(number) if isinstance(number, (int, float)) else given


def _folder_name(run_id: str) -> str:
    """Return an id that names a folder: of one that cannot, what can be read of it, and a hash."""
    try:
        return check_new_run_id(run_id)
    except InvalidValueError:
        if not run_id or not _REFUSED.isdisjoint(run_id):
            raise
    readable = re.sub(r"[^A-Za-z0-9_.-]+", "-", run_id).strip("-.")[:_MOST_READABLE]
    return f"{readable}-{sha256(run_id.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _system_seconds(is_off: bool, interval: Any) -> bool | float:
    """Return how often the machine is measured: where what that needs is installed, unless told otherwise."""
    if is_off:
        return False
    try:
        import psutil  # noqa: F401 - asked whether it is there
    except ImportError:
        return False
    try:
        return max(LEAST_SYSTEM_SECONDS, float(_SYSTEM_SECONDS if interval is None else interval))
    except (TypeError, ValueError):
        raise InvalidTypeError(
            f"x_stats_sampling_interval must be a number of seconds, but got {shown(interval)}"
        ) from None


def _mode(mode: Any, disabled: Any) -> str:
    if _is_true(disabled):
        return "disabled"
    if mode is None or mode in _LOCAL_MODES:
        return mode or "offline"
    if mode != "disabled":
        raise InvalidValueError(
            f"mode must be one of {', '.join((*_LOCAL_MODES, 'disabled'))}, but got {shown(mode)}"
        )
    return "disabled"


def _reinit(reinit: Any) -> str:
    word = _REINIT.get(reinit, reinit) if reinit is None or isinstance(reinit, bool) else reinit
    if word not in _REINIT_WORDS:
        raise InvalidValueError(
            f"reinit must be a bool or one of {', '.join(_REINIT_WORDS)}, but got {shown(reinit)}"
        )
    return str(word)


def _resume(resume: Any) -> Any:
    if isinstance(resume, str) and resume.lower() in ("true", "1"):
        return "auto"
    return None if isinstance(resume, str) and resume.lower() in ("false", "0", "none") else resume


def _place(resume_from: Any) -> tuple[str, int]:
    run_id, _, query = str(resume_from).partition("?")
    step = dict(parse_qsl(query)).get("_step", "")
    if not run_id or not step.isdecimal():
        raise InvalidValueError(f"resume_from must be like 'ID?_step=200', but got {shown(resume_from)}")
    return run_id, int(step)


def _apart(run_id: str, group: str | None, mode: str, label: Any) -> tuple[str, str | None]:
    """Return an id of its own for each process of one shared run, and their group."""
    if mode == "shared" and label:
        return f"{run_id}-{label}", group or run_id
    return (
        apart_by_rank(run_id, group) if mode == "shared" or "WANDB_RUN_ID" in os.environ else (run_id, group)
    )


def _runs_folder(folder: Any) -> Path | None:
    return None if folder is None else runs_folder(folder) / "runs"


def _words(name: str, given: Any) -> list[str] | None:
    return None if given is None else words_in(given, name)


def _config(arguments: Mapping[str, Any]) -> dict[str, Any]:
    config: dict[str, Any] = {}
    for path in _config_files():
        config |= _config_file(path)
    given = arguments.get("config")
    if given is not None:
        is_path = isinstance(given, (str, os.PathLike))
        config |= _config_file(Path(given)) if is_path else readable_values(given)
    kept = _words("config_include_keys", arguments.get("config_include_keys"))
    left_out = _words("config_exclude_keys", arguments.get("config_exclude_keys")) or ()
    return {
        key: value for key, value in config.items() if (kept is None or key in kept) and key not in left_out
    }


def _config_files() -> Iterator[Path]:
    for name in filter(None, os.environ.get("WANDB_CONFIG_PATHS", "").split(",")):
        yield Path(name.strip())


def _config_file(path: Path) -> dict[str, Any]:
    """Return the values of a config file: JSON, or YAML where pyyaml is installed."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"config must be a file that can be read, but {shown_path(path)}: {error.strerror}"
        ) from None
    try:
        values = from_json(text) if path.suffix == ".json" else _yaml(text, path)
    except ValueError as error:
        raise InvalidValueError(f"config must be a file of names and values, but {path}: {error}") from None
    if not isinstance(values, Mapping):
        raise InvalidValueError(f"config must be a file of names and values, but {path} is {shown(values)}")
    plain = {
        key: value["value"] if isinstance(value, Mapping) and "value" in value else value
        for key, value in values.items()
        if key != "wandb_version"
    }
    return readable_values(plain)


def _yaml(text: str, path: Path) -> Any:
    try:
        import yaml
    except ImportError:
        raise MissingPackageError(
            f"a config file must be JSON where pyyaml is not installed, but is {path}; pip install pyyaml"
        ) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidValueError(f"config must be a file of YAML, but {path}: {error}") from None


def _is_true(value: Any) -> bool:
    return value not in (None, False, 0, "") and str(value).lower() not in ("false", "0", "no", "off")
