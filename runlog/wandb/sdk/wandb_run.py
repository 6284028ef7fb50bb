"""``wandb.sdk.wandb_run``."""

from __future__ import annotations

from runlog.wandb.wandb_run import Run

__all__ = ["Run"]
