"""What frameworks import from ``wandb.sdk``."""

from __future__ import annotations

from runlog.wandb.sdk import lib, wandb_run, wandb_settings

__all__ = ["lib", "wandb_run", "wandb_settings"]
