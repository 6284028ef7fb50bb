"""Keys, tokens and passwords are kept out of what a script hands over as a whole: config, summary, texts."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from runlog.basics.secrets import HIDDEN, is_secret_name, keep_secret, without_given_secrets

_VARIABLES = ("WANDB_API_KEY", "WANDB_IDENTITY_TOKEN_FILE")
# A tokenizer has `eos_token`, `pad_token_id`: of tokens, only what looks like one is a secret.
_TOKEN_NAME = re.compile(r"token", re.IGNORECASE)
_TOKEN = re.compile(r"[\w.~+/=-]{16,}")


def heed_variables() -> None:
    """Keep secret what variables of the environment hold as such."""
    for name in _VARIABLES:
        keep_secret(os.environ.get(name))


def without_secrets(value: Any, name: str = "") -> Any:
    """Return a value of a config or summary with ``***`` in place of each secret; it is not changed."""
    if isinstance(value, str):
        return HIDDEN if _is_secret(name, value) else without_given_secrets(value)
    if isinstance(value, Mapping):
        return {key: without_secrets(item, str(key)) for key, item in value.items()}
    if type(value) in (list, tuple):
        return [without_secrets(item, name) for item in value]
    return value


def _is_secret(name: str, value: str) -> bool:
    if not value or not is_secret_name(name, value):
        return False
    return bool(_TOKEN.fullmatch(value)) if _TOKEN_NAME.search(name) else True
