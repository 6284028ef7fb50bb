"""`Html`, `Audio`, `Object3D` and others: what pages do not show, kept as files under their keys."""

from __future__ import annotations

import io
import json
import os
import sys
import wave
from pathlib import Path
from typing import Any, Self

import numpy as np

from runlog.basics.jsontext import storable_text, to_json
from runlog.errors import InvalidTypeError, InvalidValueError, MissingPackageError, shown
from runlog.images.image import Image
from runlog.images.pixels import to_numpy
from runlog.images.sources import is_picture_like
from runlog.values.file import File, is_plotly_figure

_LOUDEST = 2**15 - 1


class CaptionedFile(File):
    """A file to be logged under a key; its caption is logged beside it, as a text."""

    __slots__ = ("caption",)

    caption: str | None

    def __init__(self, data_or_path: Any, name: str | None = None, caption: str | None = None) -> None:
        super().__init__(data_or_path, name)
        object.__setattr__(self, "caption", None if caption is None else str(caption))


class Html(CaptionedFile):
    """A page of HTML: a path, an open file, or the markup itself."""

    __slots__ = ()

    def __init__(self, data: Any, inject: bool = True, data_is_not_path: bool = False) -> None:
        if isinstance(data, os.PathLike) or (
            isinstance(data, str) and not data_is_not_path and data.lower().endswith((".html", ".htm"))
        ):
            super().__init__(data)
        else:
            super().__init__(_content(data), "page.html")


class Audio(CaptionedFile):
    """A sound: a path, or numbers from -1 to 1 (or 16-bit integers), samples or samples × channels."""

    __slots__ = ("sample_rate",)

    sample_rate: int | None

    def __init__(self, data_or_path: Any, sample_rate: int | None = None, caption: str | None = None) -> None:
        if isinstance(data_or_path, (str, os.PathLike)):
            super().__init__(data_or_path, None, caption)
        elif sample_rate is None:
            raise InvalidValueError("sample_rate must be given with an array of samples, but is None")
        else:
            super().__init__(_wav(data_or_path, int(sample_rate)), "sound.wav", caption)
        object.__setattr__(self, "sample_rate", sample_rate)


class Object3D(CaptionedFile):
    """A 3-D object: a path, an open file, points N×3, N×4 or N×6, or a dict of points, boxes and vectors."""

    __slots__ = ()

    def __init__(
        self, data_or_path: Any, caption: str | None = None, file_type: str | None = None, **ignored: Any
    ) -> None:
        if isinstance(data_or_path, (str, os.PathLike)):
            super().__init__(data_or_path, None, caption)
        elif callable(getattr(data_or_path, "read", None)):
            kind = file_type or Path(str(getattr(data_or_path, "name", "object.obj"))).suffix.lstrip(".")
            super().__init__(_content(data_or_path), f"object.{kind or 'obj'}", caption)
        else:
            super().__init__(_points(data_or_path), "points.pts.json", caption)

    @classmethod
    def from_file(cls, data_or_path: Any, file_type: str | None = None) -> Self:
        """Return the object of a file."""
        return cls(data_or_path, file_type=file_type)

    @classmethod
    def from_numpy(cls, data: Any) -> Self:
        """Return the object of points N×3, N×4 or N×6."""
        return cls(data)

    @classmethod
    def from_point_cloud(
        cls, points: Any, boxes: Any = (), vectors: Any = None, point_cloud_type: str = "lidar/beta"
    ) -> Self:
        """Return the object of points with boxes and vectors."""
        return cls({"type": point_cloud_type, "points": points, "boxes": boxes, "vectors": vectors or []})


class Molecule(CaptionedFile):
    """A molecule: a path, or an open file with its `file_type`."""

    __slots__ = ()

    def __init__(
        self, data_or_path: Any, caption: str | None = None, file_type: str | None = None, **ignored: Any
    ) -> None:
        if isinstance(data_or_path, (str, os.PathLike)):
            super().__init__(data_or_path, None, caption)
        elif file_type is None:
            raise InvalidValueError("file_type must be given with an open file, such as 'pdb', but is None")
        else:
            super().__init__(_content(data_or_path), f"molecule.{file_type}", caption)

    @classmethod
    def from_smiles(cls, data: str, caption: str | None = None, **ignored: Any) -> Self:
        """Return the molecule of a SMILES string, which is kept as it is."""
        return cls(io.StringIO(str(data)), caption, "smi")

    @classmethod
    def from_rdkit(cls, data_or_path: Any, caption: str | None = None, **ignored: Any) -> Self:
        """Return the molecule of a file that rdkit reads, or of one of its molecules."""
        if isinstance(data_or_path, (str, os.PathLike)):
            return cls(data_or_path, caption)
        chem = sys.modules.get("rdkit.Chem")
        if chem is None:
            raise MissingPackageError(
                f"a molecule must be a path or one of rdkit, but got {shown(data_or_path)}"
            )
        return cls(io.BytesIO(chem.MolToMolBlock(data_or_path).encode()), caption, "mol")


class Plotly(CaptionedFile):
    """A figure of plotly, kept as JSON; one of matplotlib becomes a picture."""

    __slots__ = ()

    def __new__(cls, val: Any) -> Any:
        """Return the figure, or the picture of one."""
        return Image(val) if is_picture_like(val) else super().__new__(cls)

    def __init__(self, val: Any) -> None:
        if not (is_plotly_figure(val) or isinstance(val, (str, os.PathLike))):
            raise InvalidTypeError(f"a figure must be of plotly or matplotlib, but got {shown(val)}")
        super().__init__(val)

    @classmethod
    def make_plot_media(cls, val: Any) -> Any:
        """Return what is logged of a figure."""
        return cls(val)


class Bokeh(CaptionedFile):
    """A document of Bokeh, or a path of one, kept as JSON."""

    __slots__ = ()

    def __init__(self, data_or_path: Any) -> None:
        if isinstance(data_or_path, (str, os.PathLike)):
            super().__init__(data_or_path)
        elif callable(to_json_of := getattr(data_or_path, "to_json", None)):
            super().__init__(to_json(to_json_of()).encode(), "document.bokeh.json")
        else:
            raise InvalidTypeError(
                f"a Bokeh plot must be a document or a path, but got {shown(data_or_path)}"
            )


class Graph:
    """A graph of a model: nodes and edges, kept as JSON."""

    def __init__(self, format: str = "keras") -> None:
        self.format = format
        self.nodes: list[dict[str, Any]] = []
        self.edges: list[list[Any]] = []

    def add_node(self, node: Any = None, **details: Any) -> dict[str, Any]:
        """Add a node: a layer, or what is said of one."""
        added = {"name": str(getattr(node, "name", node)), **details}
        self.nodes.append(added)
        return added

    def add_edge(self, from_node: Any, to_node: Any) -> list[Any]:
        """Add an edge between two nodes."""
        edge = [getattr(from_node, "name", from_node), getattr(to_node, "name", to_node)]
        self.edges.append(edge)
        return edge

    @classmethod
    def from_keras(cls, model: Any) -> Self:
        """Return the graph of a Keras model, layer by layer."""
        graph = cls("keras")
        for layer in model.layers:
            graph.add_node(layer, class_name=type(layer).__name__)
        return graph

    def as_file(self) -> File:
        """Return the graph as it is kept."""
        return CaptionedFile(
            to_json({"format": self.format, "nodes": self.nodes, "edges": self.edges}).encode(), "graph.json"
        )


def box3d(
    *, center: Any, size: Any, orientation: Any, color: Any, label: str | None = None, score: Any = None
) -> dict[str, Any]:
    """Return a box of a point cloud, for `Object3D`."""
    box = {"center": center, "size": size, "orientation": orientation, "color": color}
    return box | ({} if label is None else {"label": label}) | ({} if score is None else {"score": score})


def _content(data: Any) -> bytes:
    """Return what stands in an open file, or a text, as bytes."""
    if callable(read := getattr(data, "read", None)):
        if callable(seek := getattr(data, "seek", None)):
            seek(0)
        data = read()
    if isinstance(data, str):
        return storable_text(data).encode()
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    raise InvalidTypeError(f"a file must be a path, an open file or its content, but got {shown(data)}")


def _wav(samples: Any, sample_rate: int) -> bytes:
    """Return samples as a WAV file of 16 bits."""
    values = to_numpy(samples, "samples")
    if values.ndim not in (1, 2) or values.dtype.kind not in "biuf" or not 1 <= sample_rate < 2**32:
        raise InvalidValueError(
            f"samples must be numbers of shape (samples,) or (samples, channels), at a rate from 1, but got "
            f"{values.dtype} of shape {values.shape} at {sample_rate}"
        )
    if values.dtype.kind == "f":
        values = np.nan_to_num(values).clip(-1, 1) * _LOUDEST
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(values.shape[1] if values.ndim == 2 else 1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(values.clip(-_LOUDEST - 1, _LOUDEST).astype("<i2").tobytes())
    return written.getvalue()


def _points(data: Any) -> bytes:
    if isinstance(data, dict):
        return to_json(data).encode()
    points = to_numpy(data, "points")
    if points.ndim != 2 or points.shape[1] not in (3, 4, 6):
        raise InvalidValueError(f"points must be N×3, N×4 or N×6, but have shape {points.shape}")
    return json.dumps(points.tolist()).encode()
