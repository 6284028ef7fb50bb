"""``wandb.xgboost``: what older scripts import."""

from __future__ import annotations

from runlog.wandb.integration.xgboost import *  # noqa: F403 - the same names, in another place
