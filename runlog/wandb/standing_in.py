"""`as_wandb`: a later ``import wandb`` finds `runlog.wandb`, with its submodules and its metadata.

A folder on the path is what finds it, here as in a child that inherits the path: there lie a package of that
name, which puts `runlog.wandb` in its own place, and the metadata of a distribution. Its submodules are those
of `runlog.wandb`, each one module under two names.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from runlog.errors import InvalidValueError, MissingPackageError

FOLDER = Path(__file__).with_name("stand_in")
"""What has to be on the path."""
_NAME = "wandb"
_OURS = "runlog.wandb"


def as_wandb() -> Callable[[], None]:
    """Let a later ``import wandb`` in this process find `runlog.wandb`, also where wandb is installed.

    Call it before the framework is imported whose logger asks for wandb: many look once whether it is there.
    What ``runlog as-wandb -- COMMAND`` starts finds it in every process.

    Returns
    -------
    callable
        Called without arguments, it undoes this: what was imported meanwhile keeps what it has.

    Raises
    ------
    InvalidValueError
        If wandb is imported already.

    Examples
    --------
    >>> import runlog
    >>> runlog.as_wandb()
    >>> from lightning.pytorch.loggers import WandbLogger
    """
    there = sys.modules.get(_NAME)
    if there is not None and there is not sys.modules.get(_OURS):
        raise InvalidValueError(
            "as_wandb() must be called before wandb is imported, but it is already, from "
            f"{getattr(there, '__file__', None) or 'nowhere'}; call it first, above the other imports"
        )
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))
        importlib.invalidate_caches()
    importlib.import_module(_NAME)
    return _undo


def take_the_name() -> None:
    """Put `runlog.wandb` in the place of the package that is being imported, and its submodules below it."""
    sys.modules[_NAME] = importlib.import_module(_OURS)
    if _SUBMODULES not in sys.meta_path:
        sys.meta_path.insert(0, _SUBMODULES)


def _undo() -> None:
    sys.path[:] = [entry for entry in sys.path if entry != str(FOLDER)]
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not _SUBMODULES]
    for name in [name for name in sys.modules if name == _NAME or name.startswith(f"{_NAME}.")]:
        if sys.modules[name].__name__ == f"runlog.{name}":
            del sys.modules[name]
    importlib.invalidate_caches()


class _Submodules(MetaPathFinder, Loader):
    """Finds ``wandb.X`` as ``runlog.wandb.X``: one module under two names."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname.startswith(f"{_NAME}.") else None

    def create_module(self, spec: ModuleSpec) -> None:
        """Let an empty module be made, which is replaced."""

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        if find_spec(f"runlog.{name}") is None:
            raise MissingPackageError(
                f"{name} does not exist here: runlog stands in for wandb; docs/coming-from-wandb.md says "
                "what there is",
                name=name,
            )
        sys.modules[name] = importlib.import_module(f"runlog.{name}")


_SUBMODULES = _Submodules()
