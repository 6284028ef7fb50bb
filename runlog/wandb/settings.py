"""`Settings`: what scripts hand to ``init(settings=…)`` and ``setup``; a key among them is not kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runlog.errors import InvalidTypeError, shown
from runlog.secrets.given import keep_secret
from runlog.secrets.texts import is_secret_name


class Settings:
    """Settings by name; what was not given reads as None.

    Of those that there are, ``mode``, ``project``, ``entity``, ``run_id``, ``run_name``, ``run_notes``,
    ``run_tags``, ``run_group``, ``run_job_type``, ``resume``, ``root_dir``, ``silent``, ``quiet``,
    ``disabled``, ``save_code``, ``sync_tensorboard``, ``reinit``, ``x_label``, ``console``,
    ``x_disable_stats`` and ``x_stats_sampling_interval`` count; a key is not kept.
    """

    def __init__(self, **values: Any) -> None:
        self.update(values)

    def update(self, *given: Any, **values: Any) -> None:
        """Set several, from mappings, other settings, or by name."""
        for other in (*given, values):
            for name, value in settings_of(other).items():
                setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if is_secret_name(name, str(value)):
            keep_secret(value)
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def copy(self) -> Settings:
        """Return settings of the same values."""
        return Settings(**vars(self))

    def to_dict(self) -> dict[str, Any]:
        """Return those that were given."""
        return dict(vars(self))

    model_dump = to_dict


def settings_of(given: Any) -> dict[str, Any]:
    """Return settings as a dict.

    Raises
    ------
    InvalidTypeError
        If they are none.
    """
    if given is None:
        return {}
    if isinstance(given, Settings):
        return given.to_dict()
    if isinstance(given, Mapping):
        return {str(name): value for name, value in given.items()}
    raise InvalidTypeError(f"settings must be a Settings or a dict, but got {shown(given)}")
