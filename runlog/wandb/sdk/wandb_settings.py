"""``wandb.sdk.wandb_settings``."""

from __future__ import annotations

from runlog.wandb.settings import Settings

__all__ = ["Settings"]
