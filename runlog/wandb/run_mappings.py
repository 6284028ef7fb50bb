"""`Config` and `Summary`: those of a run, as scripts of wandb use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import is_dataclass
from typing import Any, NoReturn

from runlog.basics.jsontext import is_namespace
from runlog.errors import InvalidTypeError, InvalidValueError, shown
from runlog.images.image import Image
from runlog.values.file import File
from runlog.values.histogram import Histogram
from runlog.wandb.hiding import without_secrets
from runlog.writing.mapping import RunMapping


class Config(MutableMapping[str, Any]):
    """A mapping with attribute access over the config, or the summary, of a run.

    Keys, tokens and passwords are stored as ``***``; a key that is no string becomes one.
    """

    _held: RunMapping

    def __init__(self, held: RunMapping) -> None:
        object.__setattr__(self, "_held", held)

    def __getitem__(self, key: str) -> Any:
        return self._held[str(key)]

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        del self._held[str(key)]

    def __contains__(self, key: object) -> bool:
        return str(key) in self._held

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._held, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __repr__(self) -> str:
        return repr(self.as_dict())

    def update(self, other: Any = (), /, allow_val_change: Any = None, **values: Any) -> None:
        """Set several values; one that is there may always change."""
        given = readable_values(other) | readable_values(values)
        if given:
            self._held.update(given)

    def setdefaults(self, other: Any) -> dict[str, Any]:
        """Set several values, but for keys that are there; return all there are."""
        return self._held.setdefaults(readable_values(other))

    def as_dict(self) -> dict[str, Any]:
        """Return a copy as a dict."""
        return self._held.as_dict()

    def persist(self) -> None:
        """Do nothing: each change is stored as it is made."""


class Summary(Config):
    """What a run ends with; a value that no summary holds, such as a picture, stands there as its name."""

    def update(self, other: Any = (), /, allow_val_change: Any = None, **values: Any) -> None:
        """Set several values."""
        given = readable_values(other) | readable_values(values)
        super().update({key: _plain(value) for key, value in given.items()})


class NotStarted:
    """The config, or the summary, where there is no run: whatever is asked of it is an error."""

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    def _refuse(self, *asked: Any, **values: Any) -> NoReturn:
        raise InvalidValueError(
            f"a run must be started before wandb.{self._name} is used, but there is none; call wandb.init()"
        )

    __getitem__ = __setitem__ = __delitem__ = __iter__ = __len__ = __contains__ = __setattr__ = _refuse

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()


def readable_values(values: Any) -> dict[str, Any]:
    """Return a mapping, a namespace, a dataclass, flags or pairs as a dict of string keys, without secrets.

    Raises
    ------
    InvalidTypeError
        If it is none of these.
    """
    if is_namespace(values) or (is_dataclass(values) and not isinstance(values, type)):
        given = vars(values)
    elif callable(flags := getattr(values, "flag_values_dict", None)):  # of absl
        given = flags()
    else:
        try:
            given = dict(values)
        except (TypeError, ValueError):
            raise InvalidTypeError(
                f"config or summary must be a dict or the arguments of argparse, but got {shown(values)}"
            ) from None
    named = {str(key): value for key, value in given.items()}
    return {key: without_secrets(value, key) for key, value in named.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, (Image, File, Histogram)):
        return repr(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value
