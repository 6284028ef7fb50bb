"""``wandb.sdk.lib.telemetry``: frameworks note here what they use, and nothing is sent or kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any


@contextmanager
def context(run: Any = None, obj: Any = None) -> Iterator[Any]:
    """Give something whose features can be set, to no end."""
    yield SimpleNamespace(feature=SimpleNamespace())
