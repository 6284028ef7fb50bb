"""The formats there are: one table, from which the command line and its help follow."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runlog.exporters.entry import Exporter


@dataclass(frozen=True, slots=True)
class Format:
    """A format: what an export in it is, in words, and the module beside this one that has its `export`."""

    words: str
    module: str

    def exporter(self) -> Exporter:
        """Return the function that exports; only now is what it needs imported."""
        export: Exporter = import_module(f"runlog.exporters.{self.module}").export
        return export


FORMATS = {
    "coco": Format("a COCO data set", "coco"),
    "csv": Format("CSV tables", "tables"),
    "imagefolder": Format("a Hugging Face imagefolder", "imagefolder"),
}
