"""The keys, tokens and passwords that a script has given in this process: no stored text holds one."""

from __future__ import annotations

HIDDEN = "***"
_SHORTEST = 6

_given: set[str] = set()


def keep_secret(secret: object) -> None:
    """Keep a key, token or password out of what is stored from here on, wherever it stands in a text."""
    if isinstance(secret, str) and len(secret) >= _SHORTEST:
        _given.add(secret)


def without_given_secrets(text: str) -> str:
    """Return a text with ``***`` in place of each secret that `keep_secret` was told of."""
    if not _given:
        return text
    for secret in sorted(_given, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text
