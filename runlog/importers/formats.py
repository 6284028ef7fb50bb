"""The formats of logs there are: one table, from which the command line and its help follow."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from runlog.importers.entry import ImportedRun, Show


class Importer(Protocol):
    """What ``import_logdir`` of each format is."""

    def __call__(
        self,
        path: str | os.PathLike[str],
        dir: str | os.PathLike[str] | None = None,
        progress: Show | None = None,
    ) -> tuple[ImportedRun, ...]:
        """Import every log in a folder as a run."""
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """A format: what its logs are, in words, and the module beside this one that has its `import_logdir`."""

    words: str
    module: str

    def importer(self) -> Importer:
        """Return the function that imports; only now is what it needs imported."""
        found: Importer = import_module(f"runlog.importers.{self.module}").import_logdir
        return found


FORMATS = {
    "tensorboard": Format("TensorBoard's event files", "tensorboard"),
    "wandb": Format("offline folders of W&B", "wandb"),
    "trackio": Format("databases of trackio", "trackio"),
}
