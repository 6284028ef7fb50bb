"""``wandb.integration.sb3``: a callback that logs what stable-baselines3 records."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import KVWriter

from runlog.wandb import active
from runlog.wandb.wandb_run import Run

_CONFIG = (str, int, float, bool, type(None))


class WandbCallback(BaseCallback):  # type: ignore[misc]
    """Log what the algorithm records, its settings and, if asked to, its gradients and the model.

    What is recorded comes from its logger: no event file of TensorBoard is needed.

    Parameters
    ----------
    verbose
        As of every callback of stable-baselines3.
    model_save_path
        Folder for the model; with it, the model is kept with the run.
    model_save_freq
        Of how many steps the model is saved; by default at the end only.
    gradient_save_freq
        Of how many backward passes one is counted; 0 is none.
    log
        What is counted of the model: ``gradients``, ``parameters``, ``all`` or None.
    """

    def __init__(
        self,
        verbose: int = 0,
        model_save_path: str | None = None,
        model_save_freq: int = 0,
        gradient_save_freq: int = 0,
        log: Literal["gradients", "parameters", "all"] | None = "all",
    ) -> None:
        super().__init__(verbose)
        self.run: Run = active.current()
        self._folder = None if model_save_path is None else Path(model_save_path)
        self._every, self._watch_every, self._watched = model_save_freq, gradient_save_freq, log

    def _init_callback(self) -> None:
        held = {name: value for name, value in vars(self.model).items() if not name.startswith("_")}
        settings = {name: value for name, value in held.items() if isinstance(value, _CONFIG)}
        self.run.config.update({"algo": type(self.model).__name__, **settings})
        if self._watch_every > 0 and self._watched is not None:
            self.run.watch(self.model.policy, log=self._watched, log_freq=self._watch_every)
        self.logger.output_formats.append(_Writer(self.run))

    def _on_step(self) -> bool:
        if self._every > 0 and self.n_calls % self._every == 0:
            self._save_model()
        return True

    def _on_training_end(self) -> None:
        self._save_model()

    def _save_model(self) -> None:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / "model.zip"
            self.model.save(path)
            self.run.save(str(path), base_path=str(self._folder))


class _Writer(KVWriter):  # type: ignore[misc]
    """Logs what is recorded, at the number of steps of the environment."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def write(self, key_values: dict[str, Any], key_excluded: dict[str, Any], step: int = 0) -> None:
        """Log what is recorded, but for what is meant for other formats."""
        kept = {
            key: value
            for key, value in key_values.items()
            if not {"tensorboard", "wandb"}.intersection(key_excluded.get(key) or ())
            and isinstance(value, (int, float, str))
        }
        self._run.log({**kept, "global_step": step}, step=step)

    def close(self) -> None:
        """Do nothing: the run is its script's."""


__all__ = ["WandbCallback"]
