"""``wandb.sdk.lib.config_util``."""

from __future__ import annotations

from runlog.errors import InvalidValueError

ConfigError = InvalidValueError

__all__ = ["ConfigError"]
