"""What scripts say and are told on the terminal: lines, logins, alerts' levels."""

from __future__ import annotations

from enum import Enum
from typing import Any

from runlog.basics.notices import notify
from runlog.secrets.given import keep_secret
from runlog.secrets.texts import without_secrets_in


class AlertLevel(Enum):
    """How urgent an alert is."""

    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


def login(key: str | None = None, *arguments: Any, **options: Any) -> bool:
    """Return True: there is no account. A key is not kept, and stands in nothing that is recorded."""
    for secret in (key, options.get("api_key")):
        keep_secret(secret)
    return True


def require(requirement: Any = None, experiment: Any = None) -> None:
    """Do nothing: there is one way of doing things."""


def termlog(string: str = "", newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:
    """Print a line on stderr, without what shows as a key in it."""
    _say(string, newline, repeat, prefix)


def termwarn(string: str, newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:
    """Print a warning on stderr, without what shows as a key in it."""
    _say(f"WARNING {string}", newline, repeat, prefix)


def termerror(string: str, newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:
    """Print an error on stderr, without what shows as a key in it."""
    _say(f"ERROR {string}", newline, repeat, prefix)


_said: set[str] = set()


def _say(string: str, newline: bool, repeat: bool, prefix: bool) -> None:
    line = without_secrets_in(str(string))
    if not repeat and line in _said:
        return
    _said.add(line)
    notify(f"{'runlog: ' if prefix else ''}{line}{chr(10) if newline else ''}")
