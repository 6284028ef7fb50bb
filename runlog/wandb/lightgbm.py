"""``wandb.lightgbm``: what older scripts import."""

from __future__ import annotations

from runlog.wandb.integration.lightgbm import *  # noqa: F403 - the same names, in another place
