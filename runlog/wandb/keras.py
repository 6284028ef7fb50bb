"""``wandb.keras``: what older scripts import."""

from __future__ import annotations

from runlog.wandb.integration.keras import *  # noqa: F403 - the same names, in another place
