"""`RunlogCallback`: a callback of a Hugging Face ``Trainer``, and of those made of it, as TRL does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runlog.integrations.used_run import UsedRun
from runlog.writing.local_run import LocalRun

# What a Trainer logs once, at its end, about the training as a whole.
_OF_THE_WHOLE = (
    "train_runtime",
    "train_samples_per_second",
    "train_steps_per_second",
    "train_loss",
    "total_flos",
    "train_tokens_per_second",
)
_PARTS = ("eval", "test", "predict")


class RunlogCallback:
    """Logs what a ``Trainer`` logs, at its global step: ``Trainer(…, callbacks=[RunlogCallback()])``.

    Keys are ``train/loss``, ``eval/loss`` and so on; what tells of the training as a whole, such as
    ``train_runtime``, is in the summary. The arguments of the training and the configuration of the model are
    the configuration of the run. Of several processes, the first one logs. ``report_to="none"`` keeps the
    ``Trainer`` from looking for other loggers.

    Parameters
    ----------
    project
        As of `runlog.init`.
    run
        A run that is there already. Without one, the run that `runlog.init` started last is logged to, and
        without that one of its own, which ends with the script.
    settings
        What else `runlog.init` is to be told: ``name`` (by default ``run_name`` of the training), ``dir`` …
    """

    def __init__(self, project: str | None = None, *, run: LocalRun | None = None, **settings: Any) -> None:
        self._run = UsedRun(run, {"project": project, **settings})

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **more: Any) -> None:
        """Start the run, and store the configuration."""
        if not state.is_world_process_zero:
            return
        run = self._run.get(name=getattr(args, "run_name", None))
        config = getattr(model, "config", None)
        if config is not None and hasattr(config, "to_dict"):
            run.config.update({"model": _plain(config.to_dict())})
        run.config.update(_plain(args.to_dict()))

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **more: Any
    ) -> None:
        """Log numbers at the global step."""
        if not state.is_world_process_zero or not logs:
            return
        run = self._run.get(name=getattr(args, "run_name", None))
        whole = {key: value for key, value in logs.items() if key in _OF_THE_WHOLE}
        run.summary.update(whole)
        numbers = {_key(key): value for key, value in logs.items() if key not in whole and _is_number(value)}
        run.log(numbers, step=state.global_step)

    def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Bring all that was logged to the disk; what is evaluated later goes to the same run."""
        if state.is_world_process_zero:
            self._run.get().flush()

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Return what does nothing, for each event that there is besides."""
        if name.startswith("on_"):
            return _nothing
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")


def _nothing(*args: Any, **more: Any) -> None:
    return None


def _key(name: str) -> str:
    """Return the key of a number: that of an evaluation begins with what it was of."""
    for part in _PARTS:
        if name.startswith(f"{part}_"):
            return f"{part}/{name.removeprefix(f'{part}_')}"
    return f"train/{name}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float)) or callable(getattr(value, "item", None))


def _plain(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in values.items() if not str(key).endswith("_token")}
