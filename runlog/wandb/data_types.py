"""Everything that can be logged, under the names that scripts import from ``wandb.data_types``."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

import runlog
from runlog.images.boxes import BoundingBoxes2D
from runlog.images.classes import Classes
from runlog.images.masks import ImageMask
from runlog.wandb.data_table import Table
from runlog.wandb.kept_files import Audio, Bokeh, Graph, Html, Molecule, Object3D, Plotly
from runlog.wandb.picture import Image
from runlog.wandb.video import Video


class Histogram(runlog.Histogram):
    """How many of many numbers lie in each of some bins."""

    __slots__ = ()

    MAX_LENGTH = 512

    @property
    def histogram(self) -> list[float]:
        """How many numbers each bin has."""
        counts: NDArray[Any] = self.counts
        return counts.tolist()  # type: ignore[no-any-return]

    @property
    def bins(self) -> list[float]:
        """The edges of the bins, one more than there are bins."""
        return self.edges.tolist()  # type: ignore[no-any-return]


__all__ = [
    "Audio",
    "Bokeh",
    "BoundingBoxes2D",
    "Classes",
    "Graph",
    "Histogram",
    "Html",
    "Image",
    "ImageMask",
    "Molecule",
    "Object3D",
    "Plotly",
    "Table",
    "Video",
]
