"""`RunMapping`: the ``config`` and ``summary`` of a run, a dict with attribute access."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping
from typing import Any

from runlog.basics.jsontext import MAX_JSON_DEPTH, is_namespace, storable_text, to_plain_value
from runlog.errors import InvalidTypeError, RunlogError, UnknownNameError, shown


class RunMapping(MutableMapping[str, Any]):
    """String keys to values that JSON can hold (others: their text); each change is stored at once.

    Infinities and NaN are numbers; of a run that is opened or resumed, a NaN that was set is the text "NaN".

    Parameters
    ----------
    values
        What it shows and, once that is stored, changes.
    write
        Called with the values to set and the keys to delete; it stores them and changes `values`, together.

    Notes
    -----
    A nested dict or list is a copy: to change it, assign it again.
    """

    _values: dict[str, Any]
    _write: Callable[[Mapping[str, Any], Collection[str]], None]

    def __init__(
        self,
        values: dict[str, Any],
        write: Callable[[Mapping[str, Any], Collection[str]], None],
    ) -> None:
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_write", write)

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        if key not in self._values:
            raise KeyError(key)
        self._write({}, (key,))

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise UnknownNameError(f"must be one of {shown(list(self._values))}, but got {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __repr__(self) -> str:
        return shown(self._values, 200)

    def update(self, other: Any = (), /, *, allow_val_change: bool = True, **values: Any) -> None:
        """Set several values: from a mapping, pairs, keyword arguments or an `argparse.Namespace`.

        A value may always change: `allow_val_change` is there for scripts that pass it, and does nothing.
        """
        given = json_values(other) | json_values(values)
        if given:
            self._write(given, ())

    def setdefaults(self, other: Any) -> dict[str, Any]:
        """Set several values, but for keys that are there; return all there are, as `as_dict` does."""
        given = {key: value for key, value in json_values(other).items() if key not in self._values}
        if given:
            self._write(given, ())
        return self.as_dict()

    def replace(self, other: Any) -> None:
        """Hold these values and no others."""
        given = json_values(other)
        self._write(given, [key for key in self._values if key not in given])

    def as_dict(self) -> dict[str, Any]:
        """Return a copy as a dict; changing it changes nothing here."""
        return copy.deepcopy(self._values)


def update_held(held: dict[str, Any], values: Mapping[str, Any], removed: Collection[str]) -> None:
    """Hold values that are stored, and no longer those of the keys removed."""
    held.update(values)
    for key in removed:
        held.pop(key, None)


def json_values(values: Any, what: str = "config or summary") -> dict[str, Any]:
    """Return a mapping, pairs or an `argparse.Namespace` as string keys to values that JSON can hold.

    Parameters
    ----------
    values
        The mapping.
    what
        What it is called in messages.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If it is none of these, a key is no string, or a value is nested too deep or has no text.
    """
    try:
        given = vars(values) if is_namespace(values) else dict(values)
    except (TypeError, ValueError):
        raise InvalidTypeError(f"{what} must be a dict, but got {shown(values)}") from None
    for key in given:
        if not isinstance(key, str):
            raise InvalidTypeError(f"a key of {what} must be a string, but got {shown(key)}")
    return {storable_text(key): _json_value(key, value, what) for key, value in given.items()}


def _json_value(key: str, value: Any, what: str) -> Any:
    try:
        # One less: the mapping itself is the outermost.
        return to_plain_value(value, MAX_JSON_DEPTH - 1)
    except RunlogError as error:
        raise type(error)(f"{key!r} of {what}: {error}") from None
