"""What frameworks import from ``wandb.sdk.lib``."""

from __future__ import annotations

from runlog.wandb.sdk.lib import config_util, telemetry


class RunDisabled:
    """What frameworks ask of a run whether it is one; here a disabled run is a `Run` like any other."""


__all__ = ["RunDisabled", "config_util", "telemetry"]
