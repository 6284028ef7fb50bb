"""Keys, tokens and passwords are kept out of what a script hands over as a whole, such as its arguments."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from runlog.secrets.given import HIDDEN, keep_secret
from runlog.secrets.texts import is_secret_name

_VARIABLES = ("WANDB_API_KEY", "WANDB_IDENTITY_TOKEN_FILE")
# A tokenizer has `eos_token`, `pad_token_id`: of tokens, only what looks like one is a secret.
_TOKEN_NAME = re.compile(r"token", re.IGNORECASE)
_TOKEN = re.compile(r"[\w.~+/=-]{16,}")


def heed_variables() -> None:
    """Keep secret what variables of the environment hold as such."""
    for name in _VARIABLES:
        keep_secret(os.environ.get(name))


def without_secrets(value: Any, name: str = "") -> Any:
    """Return a value with ``***`` in place of what goes by the name of a secret, and keep that secret."""
    if isinstance(value, str):
        if not _is_secret(name, value):
            return value
        keep_secret(value)
        return HIDDEN
    if isinstance(value, Mapping):
        return {key: without_secrets(item, str(key)) for key, item in value.items()}
    if type(value) in (list, tuple):
        return [without_secrets(item, name) for item in value]
    return value


def _is_secret(name: str, value: str) -> bool:
    if not value or not is_secret_name(name, value):
        return False
    return bool(_TOKEN.fullmatch(value)) if _TOKEN_NAME.search(name) else True
